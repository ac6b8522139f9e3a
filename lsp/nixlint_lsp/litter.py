"""What texts and projects leave behind once they were looked at.

Names of a text go in circles and hold its tree, and values of an evaluation hold each other, so
that only the collector frees them. It takes long enough to be felt. So it runs when nobody waits,
and at other times only if there is much to free.
"""

from __future__ import annotations

import gc
import sys
from typing import Final

SOME: Final = 20_000
MUCH: Final = 600_000
"""Blocks of memory that came since the last time: for less than some nothing is done, with much
nobody waits for a quiet moment. A million are about 80 MB."""


class Litter:
    """Counts what may be left behind in this process, and sweeps it up."""

    def __init__(self) -> None:
        self._before = sys.getallocatedblocks()

    @property
    def some(self) -> bool:
        """Whether it is worth while to sweep."""
        return sys.getallocatedblocks() - self._before > SOME

    @property
    def much(self) -> bool:
        """Whether there is so much that somebody may have to wait for it."""
        return sys.getallocatedblocks() - self._before > MUCH

    def sweep(self) -> None:
        """Free what nobody uses any more."""
        gc.collect()
        self._before = sys.getallocatedblocks()

    def settle(self) -> None:
        """What there is by now will stay: never look at it again. From here on nothing is freed
        but by `sweep`."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(0)
        self._before = sys.getallocatedblocks()
