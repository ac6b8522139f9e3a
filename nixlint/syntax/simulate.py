"""Trying out tokens on a copy of the parser's stack, without building anything."""

from __future__ import annotations

from typing import Final

from nixlint.syntax.driver import Driver
from nixlint.syntax.ids import FIRST_TRIVIA, T_END
from nixlint.text.arrays import i64

LOOKAHEAD: Final = 24
"""How many tokens must fit after a repair before it counts as perfect."""


class Simulation:
    """The driver's stack up to `height`, and the states pushed since on top of it.

    The driver's own stack is shared and never written to, which makes copies cheap.
    """

    def __init__(self, driver: Driver, height: int, pushed: list[int]) -> None:
        self.driver = driver
        self.height = height
        self.pushed = pushed

    def copy(self) -> Simulation:
        return Simulation(self.driver, self.height, self.pushed.copy())

    def top(self) -> int:
        if self.pushed:
            return self.pushed[-1]
        return self.driver.states[self.height]

    def pop(self, count: int) -> None:
        while count > 0 and self.pushed:
            self.pushed.pop()
            count -= 1
        self.height -= count

    def feed(self, token: int) -> bool:
        """Reduces and shifts `token`; False, and a spoiled simulation, if it does not fit."""
        tables = self.driver.tables
        while True:
            state: i64 = self.top()
            target: i64 = tables.shift[state << 6 | token]
            if target:
                self.pushed.append(target - 1)
                return True
            rule: i64 = tables.reduce[state << 6 | token]
            if not rule:
                return token == T_END and state == tables.accepting
            self.pop(tables.lengths[rule - 1])
            under: i64 = self.top()
            self.pushed.append(tables.goto[under << 5 | tables.heads[rule - 1]] - 1)

    def accepts(self, token: int) -> bool:
        """Whether `token` fits next; the simulation stays as it was, and is not copied."""
        tables = self.driver.tables
        kept: i64 = len(self.pushed)
        height: i64 = self.height
        extra: list[int] = []
        while True:
            state: i64
            if extra:
                state = extra[-1]
            elif kept > 0:
                state = self.pushed[kept - 1]
            else:
                state = self.driver.states[height]
            if tables.shift[state << 6 | token]:
                return True
            rule: i64 = tables.reduce[state << 6 | token]
            if not rule:
                return token == T_END and state == tables.accepting
            count: i64 = tables.lengths[rule - 1]
            while count > 0 and extra:
                extra.pop()
                count -= 1
            while count > 0 and kept > 0:
                kept -= 1
                count -= 1
            height -= count
            under: i64
            if extra:
                under = extra[-1]
            elif kept > 0:
                under = self.pushed[kept - 1]
            else:
                under = self.driver.states[height]
            extra.append(i64(tables.goto[under << 5 | tables.heads[rule - 1]]) - 1)

    def distance(self, index: int, limit: int) -> int:
        """How many solid tokens from `index` on fit (at most `limit`; all of it at the end)."""
        items = self.driver.items
        count = 0
        at: i64 = index
        while count < limit:
            kind = items[at] & 255
            if kind >= FIRST_TRIVIA:
                at += 1
                continue
            if not self.feed(kind):
                return count
            if kind == T_END:
                return limit
            count += 1
            at += 1
        return count
