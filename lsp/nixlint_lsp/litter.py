"""What texts and projects leave behind once they were looked at.

Names of a text go in circles and hold its tree, and values of an evaluation hold each other, so
that only the collector frees them. It takes long enough to be felt, and the longer the more there
is. So what will stay is settled, which hides it from the collector, and the rest is swept up when
nobody waits, and at other times only if there is much to free.
"""

from __future__ import annotations

import gc
import sys
from typing import Final

SOME: Final = 20_000
MUCH: Final = 400_000
TOO_MUCH: Final = 1_600_000
"""Blocks of memory that came since the last time: for less than some nothing is done, with much
nobody waits for a quiet moment, and with too much not even until something is finished. A million
are about 80 MB."""
OLD: Final = 300_000
"""Blocks that have come and stayed since what is there was settled: with more it is settled again.
"""


class Litter:
    """Counts what may be left behind in this process, and sweeps it up."""

    def __init__(self) -> None:
        self._before = sys.getallocatedblocks()
        self._settled = self._before
        self.is_stale = False
        """Whether what was settled is not what stays any more: something new stands for it."""

    @property
    def some(self) -> bool:
        """Whether it is worth while to sweep."""
        return sys.getallocatedblocks() - self._before > SOME

    @property
    def much(self) -> bool:
        """Whether there is so much that somebody may have to wait for it."""
        return sys.getallocatedblocks() - self._before > MUCH

    @property
    def too_much(self) -> bool:
        """Whether there is so much that everybody has to wait for it."""
        return sys.getallocatedblocks() - self._before > TOO_MUCH

    def tidy(self) -> None:
        """Sweep, and settle what stays if there is more of it."""
        if not self.is_stale:
            self.sweep()
        if self.is_stale or self._before - self._settled > OLD:
            self.settle()

    def sweep(self) -> None:
        """Free what nobody uses any more, of what came after the last time it was settled."""
        gc.collect()
        self._before = sys.getallocatedblocks()

    def settle(self) -> None:
        """Free whatever nobody uses any more, and leave the rest alone: `sweep` does not look at
        it again. From here on nothing is freed but by these two."""
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        gc.set_threshold(0)
        self.is_stale = False
        self._before = self._settled = sys.getallocatedblocks()
