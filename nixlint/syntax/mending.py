"""The token row of a stuck driver, and what every repair needs to know about it."""

from __future__ import annotations

from nixlint.syntax.driver import Driver
from nixlint.syntax.errors import ParseError
from nixlint.syntax.ids import (
    FIRST_TRIVIA,
    T_DOT,
    T_END,
    T_ID,
    T_IF,
    T_OR,
    T_PATH_END,
    T_RBRACE,
    T_RBRACKET,
    T_RPAREN,
    T_SKIPPED,
)
from nixlint.text.arrays import append, i64, vec


class Mending:
    """The tokens of a driver under repair, and the mistakes found so far."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.errors: list[ParseError] = []
        self.repairs = 0
        self.balanced = False
        """Whether all brackets of the text have partners."""
        self.quiet_until = -1
        """Mistakes noticed up to this offset are consequences of the one before."""
        self.synthetic: list[int] = []
        """Offsets of opening brackets that are not in the text."""

    def count_solid(self, first: int, last: int) -> int:
        items = self.driver.items
        count = 0
        for index in range(first, last):
            if items[index] & 255 < FIRST_TRIVIA:
                count += 1
        return count

    def at_line_start(self, index: i64) -> bool:
        """Whether a line ends somewhere between the token before `index` and `index`."""
        items = self.driver.items
        before: i64 = solid_before(items, index)
        gap = self.driver.text[items[before + 1] >> 8 : items[index] >> 8]
        return "\n" in gap

    def after_dot(self, index: i64) -> bool:
        """Whether the token before `index` is a dot."""
        items = self.driver.items
        before: i64 = solid_before(items, index)
        return before >= 0 and items[before] & 255 == T_DOT

    def after_operand(self, index: int) -> bool:
        """Whether the token before `index` may end an expression: then none is missing here."""
        items = self.driver.items
        before: i64 = solid_before(items, index)
        if before < 0:
            return items[index] & 255 != T_END
        kind = items[before] & 255
        return kind == T_ID or is_closer(kind)

    def skip(self, index: i64) -> None:
        items = self.driver.items
        items[index] = (items[index] >> 8) << 8 | T_SKIPPED

    def report(self, error: ParseError) -> None:
        """Keeps the error unless it was noticed right behind the last one."""
        driver = self.driver
        items = driver.items
        at: i64 = driver.at
        before: i64 = solid_before(items, at)
        behind_change = (
            before >= 0
            and items[before] >> 8 == items[before + 1] >> 8
            and items[before] & 255 != T_PATH_END
        )
        before_change = (
            items[at] & 255 != T_END
            and items[at] & 255 != T_PATH_END
            and items[at] >> 8 == items[at + 1] >> 8
        )
        if (items[at] >> 8) > self.quiet_until and not behind_change and not before_change:
            for other in self.errors:
                if other.rule == error.rule and other.start == error.start:
                    break
            else:
                self.errors.append(error)
        if driver.items[at] & 255 != T_END:
            at += 1
            at = solid_from(driver.items, at)
        self.quiet_until = max(self.quiet_until, driver.items[at] >> 8)


def insert(items: vec[i64], index: i64, new: list[i64]) -> vec[i64]:
    """A copy of the tokens with `new` inserted before `index`."""
    out: vec[i64] = vec[i64]()
    at: i64 = 0
    count: i64 = len(items)
    while at < count:
        if at == index:
            for item in new:
                out = append(out, item)
        out = append(out, items[at])
        at += 1
    return out


def is_closer(kind: i64) -> bool:
    return kind == T_RBRACE or kind == T_RPAREN or kind == T_RBRACKET


def is_keyword(kind: i64) -> bool:
    return T_IF <= kind < T_OR


def solid_before(items: vec[i64], index: i64) -> i64:
    """The last token before `index` that is neither trivia nor skipped, or -1."""
    before: i64 = index - 1
    while before >= 0 and items[before] & 255 >= FIRST_TRIVIA:
        before -= 1
    return before


def solid_from(items: vec[i64], index: i64) -> i64:
    """The first token at or after `index` that is neither trivia nor skipped."""
    while items[index] & 255 >= FIRST_TRIVIA:
        index += 1
    return index
