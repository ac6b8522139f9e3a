"""When to do what: not at every keystroke, but never much later either."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Debouncer:
    """Does something once nothing has happened for `quiet` seconds, and at the latest `longest`
    seconds after the first thing that happened."""

    def __init__(self, action: Callable[[], None], quiet: float, longest: float) -> None:
        self.action = action
        self.quiet = quiet
        self.longest = longest
        self._timer: asyncio.TimerHandle | None = None
        self._deadline = 0.0

    @property
    def waiting(self) -> bool:
        """Whether something has happened and the action is still to come."""
        return self._timer is not None

    def poke(self) -> None:
        """Something happened."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self._timer is None:
            self._deadline = now + self.longest
        else:
            self._timer.cancel()
        self._timer = loop.call_at(min(now + self.quiet, self._deadline), self._fire)

    def now(self) -> None:
        """Do it now."""
        self.cancel()
        self.action()

    def cancel(self) -> None:
        """Do not do it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fire(self) -> None:
        self._timer = None
        self.action()
