"""Mistakes with a name of their own.

What people write out of habit from other languages, or forget to put in parentheses, is
recognised here by the tokens around the place where the driver is stuck, and repaired the way it
was meant. Everything else is left to the search in `recover.py`.
"""

from __future__ import annotations

from typing import Final

from nixlint.syntax.driver import GROWING
from nixlint.syntax.errors import ParseError
from nixlint.syntax.ids import (
    FIRST_TRIVIA,
    T_ASSERT,
    T_ASSIGN,
    T_AT,
    T_BINARY,
    T_COLON,
    T_COMMA,
    T_DOT,
    T_ELLIPSIS,
    T_ELSE,
    T_END,
    T_ID,
    T_IF,
    T_IN,
    T_INTERPOLATE,
    T_INVALID,
    T_LBRACE,
    T_LBRACKET,
    T_LET,
    T_LPAREN,
    T_MINUS,
    T_MISSING,
    T_NOT,
    T_OR,
    T_PATH_END,
    T_PATH_STR,
    T_PIPE_FROM,
    T_PIPE_INTO,
    T_QUESTION,
    T_RBRACE,
    T_RPAREN,
    T_SEMICOLON,
    T_THEN,
    T_WITH,
)
from nixlint.syntax.mending import Mending, insert, is_closer, is_keyword, solid_before, solid_from
from nixlint.syntax.simulate import Simulation
from nixlint.text.arrays import i64

MAX_STEPS_BACK: Final = 4
CONTINUING: Final[frozenset[int]] = frozenset(
    [T_DOT, T_OR, T_BINARY, T_MINUS, T_QUESTION, T_PIPE_FROM, T_PIPE_INTO, T_PATH_END, T_COLON]
)
"""Tokens that go on with the expression before them."""
ODD_IN_FORMALS: Final[frozenset[int]] = frozenset([T_COMMA, T_ELLIPSIS, T_RBRACE])
ODD_IN_LIST: Final[frozenset[int]] = frozenset(
    [
        T_BINARY, T_MINUS, T_NOT, T_QUESTION, T_COLON, T_AT, T_COMMA, T_ELLIPSIS, T_RBRACE,
        T_IF, T_LET, T_WITH, T_ASSERT, T_PIPE_FROM, T_PIPE_INTO,
    ]
)  # fmt: skip
"""Tokens at which a list element without parentheses comes to light."""


class Mistakes(Mending):
    """Recognises and repairs particular mistakes."""

    def special(self) -> bool:
        """Mistakes with a name of their own; True if one was recognised and repaired."""
        driver = self.driver
        items = driver.items
        at: i64 = driver.at
        kind = items[at] & 255
        start: i64 = items[at] >> 8
        end: i64 = items[at + 1] >> 8 if kind != T_END else start
        before: i64 = solid_before(items, at)
        previous = items[before] & 255 if before >= 0 else T_END
        if kind == T_INVALID:
            self.skip_invalid(at)
            return True
        if kind == T_DOT and self.bare_dots(at, start):
            return True
        if kind == T_COMMA and (previous == T_COMMA or previous == T_LBRACE):
            error = ParseError("empty-formal", "no argument before this comma", start, end)
            self.report(error.repair("Remove the comma", start, end, ""))
            self.skip(at)
            return True
        if kind == T_COMMA and previous == T_ELLIPSIS:
            self.misplaced_ellipsis(before, at)
            return True
        if previous == T_DOT and (kind == T_DOT or kind == T_ASSIGN):
            dot: i64 = at if kind == T_DOT else before
            dot_start: i64 = items[dot] >> 8
            error = ParseError(
                "extra-dot-in-attrpath",
                "expected an attribute name after `.`",
                dot_start,
                dot_start + 1,
                start,
            )
            self.report(error.repair("Remove the dot", dot_start, dot_start + 1, ""))
            if dot == before:
                driver.drop(1)
            self.skip(dot)
            return True
        if kind == T_COLON and previous == T_AT:
            at_start: i64 = items[before] >> 8
            error = ParseError(
                "lambda-extra-at", "expected `{ … }` after `@`", at_start, at_start + 1, start
            )
            self.report(error.repair("Remove the `@`", at_start, at_start + 1, ""))
            driver.drop(1)
            self.skip(before)
            return True
        if kind == T_PATH_END and previous == T_PATH_STR:
            part: i64 = items[before] >> 8
            error = ParseError(
                "path-duplicate-slashes", "a path must not contain `//`", part - 1, part + 1, part
            )
            self.report(error.repair("Remove one slash", part - 1, part, ""))
            driver.drop(1)
            self.skip(before)
            return True
        if self.bare_list_element(previous):
            return True
        if previous == T_LET and driver.top > 1:
            if Simulation(driver, driver.top - 1, []).accepts(T_END):
                driver.drop(1)
                driver.at = int(before)
                self.second_expression(before)
                return True
        if kind != T_END and not is_closer(kind):
            if Simulation(driver, driver.top, []).accepts(T_END):
                self.second_expression(at)
                return True
        if is_keyword(kind):
            there = Simulation(driver, driver.top, [])
            after: i64 = solid_from(items, at + 1)
            following = items[after] & 255
            named = following == T_ASSIGN or following == T_DOT
            if named and there.feed(T_ID) and there.accepts(T_ASSIGN):
                word = driver.text[start:end]
                error = ParseError(
                    "unexpected-token", f"`{word}` is a keyword and cannot be a name", start, end
                )
                self.report(error.repair(f'Quote it: `"{word}"`', start, end, f'"{word}"'))
                items[at] = start << 8 | T_ID
                return True
        return False

    def in_list(self, height: int) -> bool:
        """Whether the symbol at `height` is a `[`, or the elements after one."""
        driver = self.driver
        if height > 0 and driver.values[height] is GROWING:
            height -= 1
        if height <= 0 or driver.values[height] is not None:
            return False
        return driver.items[driver.begins[height]] & 255 == T_LBRACKET

    def second_expression(self, at: i64) -> None:
        """Text after the end of the file's one expression: all of it is passed over."""
        driver = self.driver
        items = driver.items
        start: i64 = items[at] >> 8
        end: i64 = items[at + 1] >> 8
        shown = driver.text[start:end]
        after: i64 = solid_from(items, at + 1)
        if items[after] & 255 == T_END or items[at] & 255 in (T_IN, T_THEN, T_ELSE):
            error = ParseError("unexpected-token", f"unexpected `{shown}`", start, end)
            error.repair("Remove it", start, end, "")
        else:
            error = ParseError(
                "multiple-root-expressions",
                "a file is one expression, and it ended before this",
                start,
                end,
            )
        self.report(error)
        while items[at] & 255 != T_END:
            if items[at] & 255 < FIRST_TRIVIA:
                self.skip(at)
            at += 1

    def bare_list_element(self, previous: int) -> bool:
        """`[ a + b ]`, `[ x: x ]`, `[ if … ]`: an element that needs parentheses."""
        driver = self.driver
        kind = driver.items[driver.at] & 255
        if kind not in ODD_IN_LIST and previous != T_LET:
            return False
        negative = kind == T_MINUS and self.is_negation(driver.at)
        for back in range(MAX_STEPS_BACK + 1):
            height = driver.top - back
            if height <= 0:
                return False
            if not self.in_list(height) and not negative:
                continue
            first: i64 = driver.at if back == 0 else driver.begins[height + 1]
            if kind in ODD_IN_FORMALS and driver.items[first] & 255 != T_LBRACE:
                return False
            here = Simulation(driver, height, [])
            if not here.feed(T_LPAREN):
                return False
            last = self.element_end(here, first, driver.at)
            if last < 0:
                return False
            items = driver.items
            start: i64 = items[first] >> 8
            end: i64 = items[last + 1] >> 8
            error = ParseError(
                "unparenthesized-list-element",
                "this list element needs parentheses",
                start,
                end,
                items[driver.at] >> 8,
            )
            error.repair("Put it in parentheses", start, start, "(")
            self.report(error.repair("Put it in parentheses", end, end, ")"))
            driver.drop(back)
            changed = insert(items, last + 1, [end << 8 | T_RPAREN])
            driver.items = insert(changed, first, [start << 8 | T_LPAREN])
            driver.at = int(first)
            return True
        return False

    def is_negation(self, at: i64) -> bool:
        """Whether the `-` after a list element is written as a sign: ` -1`."""
        driver = self.driver
        if driver.items[at + 1] & 255 >= FIRST_TRIVIA or driver.items[at - 1] & 255 < FIRST_TRIVIA:
            return False
        return self.in_list(driver.top) or self.in_list(driver.top - 1)

    def element_end(self, here: Simulation, first: i64, past: i64) -> i64:
        """The last token of the expression that begins at `first` and goes on past `past`."""
        items = self.driver.items
        at: i64 = first
        while True:
            kind = items[at] & 255
            if kind < FIRST_TRIVIA:
                if kind == T_END or not here.feed(kind):
                    return -1
                if at >= past and here.accepts(T_RPAREN):
                    after: i64 = solid_from(items, at + 1)
                    if items[after] & 255 not in CONTINUING:
                        return at
            at += 1

    def skip_invalid(self, at: i64) -> None:
        """Characters that Nix does not know, taken together when they stand together."""
        driver = self.driver
        items = driver.items
        start: i64 = items[at] >> 8
        last: i64 = at
        while items[last + 1] & 255 == T_INVALID:
            last += 1
        end: i64 = items[last + 1] >> 8
        text = driver.text[start:end]
        if text == "'" and self.single_quoted(at, start):
            return
        if text[0] == "\ufeff" and start == 0:
            error = ParseError(
                "byte-order-mark", "the file starts with a byte order mark", 0, 1
            ).repair("Remove it", 0, 1, "")
            last = at
        else:
            shown = text if text.isprintable() else " ".join([f"U+{ord(c):04X}" for c in text[:4]])
            error = ParseError("unexpected-token", f"`{shown}` has no meaning in Nix", start, end)
        self.report(error)
        while at <= last:
            self.skip(at)
            at += 1

    def single_quoted(self, at: i64, start: i64) -> bool:
        """`'text'`: a string as other languages write it."""
        driver = self.driver
        close = driver.text.find("'", start + 1)
        line_end = driver.text.find("\n", start)
        if close < 0 or 0 <= line_end < close:
            return False
        error = ParseError(
            "unexpected-token",
            "strings stand between `\"` or `''`, not between `'`",
            start,
            close + 1,
        )
        content = driver.text[start + 1 : close]
        if not any(char in content for char in '"$\\'):
            error.repair('Quote it with `"`', start, close + 1, f'"{content}"')
        self.report(error)
        while (driver.items[at] >> 8) <= close and driver.items[at] & 255 != T_END:
            if driver.items[at] & 255 < FIRST_TRIVIA:
                self.skip(at)
            at += 1
        at = solid_from(driver.items, at)
        self.quiet_until = driver.items[at] >> 8
        return True

    def bare_dots(self, at: i64, start: i64) -> bool:
        """`./` and `../`, which look like paths and are none."""
        driver = self.driver
        items = driver.items
        last: i64 = start
        while driver.text[last : last + 1] == ".":
            last += 1
        if driver.text[last : last + 1] != "/" or last > start + 2:
            return False
        if not Simulation(driver, driver.top, []).accepts(T_MISSING):
            return False
        shown = driver.text[start : last + 1]
        error = ParseError(
            "path-trailing-slash", f"a path must not end in a slash: `{shown}.`", last, last + 1
        )
        self.report(error.repair(f"Write `{shown}.`", last + 1, last + 1, "."))
        while (items[at] >> 8) <= last:
            self.skip(at)
            at += 1
        at = solid_from(items, at)
        self.quiet_until = items[at] >> 8
        return True

    def misplaced_ellipsis(self, ellipsis: i64, comma: i64) -> None:
        """`{ ..., a }`, `{ a, ..., ... }`, `{ a, ..., }`."""
        driver = self.driver
        items = driver.items
        after: i64 = solid_from(items, comma + 1)
        start: i64 = items[ellipsis] >> 8
        comma_end: i64 = items[comma + 1] >> 8
        following = items[after] & 255
        if following == T_ELLIPSIS:
            second: i64 = items[after] >> 8
            error = ParseError(
                "duplicate-ellipsis", "`...` is already there", second, second + 3, comma_end - 1
            )
            error.note("first here", start, start + 3)
            self.report(error.repair("Remove it", items[comma] >> 8, second + 3, ""))
            self.skip(comma)
            self.skip(after)
            return
        error = ParseError(
            "misplaced-ellipsis",
            "`...` must come last, with no comma after it",
            start,
            start + 3,
            comma_end - 1,
        )
        if following == T_RBRACE:
            error = ParseError(
                "empty-formal", "no comma may follow `...`", comma_end - 1, comma_end
            )
            self.report(error.repair("Remove the comma", comma_end - 1, comma_end, ""))
            self.skip(comma)
            return
        close = self.end_of_formals(after)
        if close >= 0:
            last: i64 = solid_before(items, close)
            place: i64 = items[last + 1] >> 8
            gap: i64 = items[after] >> 8
            if driver.text[comma_end:gap].strip():
                # A comment stands there, and stays.
                gap = comma_end
                while driver.text[gap].isspace():
                    gap += 1
            glue = "..." if items[last] & 255 == T_COMMA else ", ..."
            error.repair("Move `...` to the end", start, gap, "")
            error.repair("Move `...` to the end", place, place, glue if glue == ", ..." else " ...")
        self.report(error)
        driver.drop(1)
        self.skip(ellipsis)
        self.skip(comma)

    def end_of_formals(self, index: i64) -> i64:
        """The `}` that closes the formals in which `index` lies, or -1."""
        items = self.driver.items
        depth = 0
        while True:
            kind = items[index] & 255
            if kind == T_END or kind == T_SEMICOLON or kind == T_ASSIGN:
                return -1
            if kind == T_LBRACE or kind == T_INTERPOLATE:
                depth += 1
            elif kind == T_RBRACE:
                if depth == 0:
                    return index
                depth -= 1
            index += 1
