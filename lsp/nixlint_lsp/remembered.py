"""What the disk has answered, kept for a moment: somebody who types asks the same again and again.

A check asks about every path that its text names, which may be thousands. Answers hold for
`FRESH` seconds. If they are many, and somebody types on, they may be older, as long as nobody has
found the time to ask again; that is done between two checks.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from nixlint.project.tree.git_index import index_stamp
from nixlint.text import disk

FRESH: Final = 2.0
"""Seconds for which answers count."""
OLDEST: Final = 10.0
"""Seconds for which they count while checks follow each other."""
MANY: Final = 500
"""So many answers take a while to be asked for again."""
_QUIET: Final = 0.15
"""Seconds for which nobody types before there is time to ask again."""
_AT_ONCE: Final = 100
"""Questions that are asked again before looking whether there is something else to do."""


class Remembered:
    """The answers of the disk."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Ask everything anew."""
        self._record = disk.Record()
        self._asked = self._used = time.monotonic()
        self._since = time.time_ns()

    def now(self) -> disk.Record:
        """The answers that a check may use, and adds to."""
        now = time.monotonic()
        age = now - self._asked
        is_quick = len(self._record.answers) < MANY
        if age > FRESH and (is_quick or now - self._used > FRESH or age > OLDEST):
            self.forget()
        self._used = now
        return self._record

    def ask_in(self) -> float | None:
        """After how many seconds without work it is time to ask again; None if it is not worth
        while, because nobody types any more."""
        now = time.monotonic()
        if len(self._record.answers) < MANY or now - self._used > OLDEST:
            return None
        return max(_QUIET, FRESH / 2 - (now - self._asked))

    def ask_again(self, interrupted: Callable[[], bool]) -> None:
        """Ask the disk again, and forget everything if an answer is another one. Nothing happens
        if there is something else to do before the end."""
        started, since = time.monotonic(), time.time_ns()
        again = disk.Again()
        record = self._record
        for number, ((question, path), answer) in enumerate(record.answers.items()):
            if number % _AT_ONCE == 0 and interrupted():
                return
            stamp = record.stamps.get((question, path), disk.NO_STAMP)
            if question == disk.GIT:
                holds = disk.is_settled(stamp, self._since) and index_stamp(path) == stamp
            else:
                holds = again.holds(question, path, answer, stamp, self._since)
            if not holds:
                self.forget()
                return
        self._asked, self._since = started, since
