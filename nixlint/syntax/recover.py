"""Error recovery: which tokens would have to be there for the rest to make sense?

When the driver is stuck, the cheapest change of the tokens around that place is looked for, by
trying candidates on a copy of the stack: insert up to four tokens, skip some, replace one,
or step back over a few symbols first, because the mistake lies often before the token that
brings it to light (`a = 1 b = 2` is noticed at the second `=`, but wrong after the `1`).
A candidate is worth what it costs less what can be read after it.

Each change is one `ParseError`, placed at the mistake and told in a user's words; what is
noticed right behind a change is repaired in silence. Unclosed strings and braces, where the
parser notices too late, are handled before, in `syntax/brackets.py`.
"""

from __future__ import annotations

from typing import Final

from nixlint.syntax.driver import GROWING, Driver
from nixlint.syntax.errors import ParseError
from nixlint.syntax.explain import Repair, explain
from nixlint.syntax.ids import (
    FIRST_TRIVIA,
    T_ASSERT,
    T_ASSIGN,
    T_AT,
    T_BINARY,
    T_COLON,
    T_COMMA,
    T_DOT,
    T_DQUOTE,
    T_ELLIPSIS,
    T_ELSE,
    T_END,
    T_ID,
    T_IF,
    T_IN,
    T_IND_CLOSE,
    T_IND_STR,
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
    T_RBRACKET,
    T_RPAREN,
    T_SEMICOLON,
    T_SKIPPED,
    T_STR,
    T_THEN,
    T_WITH,
)
from nixlint.syntax.simulate import LOOKAHEAD, Simulation
from nixlint.text.arrays import append, i64, vec

INSERTABLE: Final[list[int]] = [
    T_SEMICOLON, T_MISSING, T_RBRACE, T_RPAREN, T_RBRACKET, T_IN, T_THEN, T_ELSE, T_ASSIGN,
    T_COLON, T_COMMA,
]  # fmt: skip
INSERT_COSTS: Final[dict[int, int]] = {
    T_SEMICOLON: 10, T_MISSING: 14, T_RBRACE: 20, T_RPAREN: 18, T_RBRACKET: 18, T_IN: 18,
    T_THEN: 18, T_ELSE: 18, T_ASSIGN: 20, T_COLON: 24, T_COMMA: 16,
}  # fmt: skip
CLOSING_ORDER: Final[list[int]] = [
    T_DQUOTE, T_IND_CLOSE, T_PATH_END, T_RPAREN, T_RBRACKET, T_SEMICOLON, T_RBRACE, T_IN, T_THEN,
    T_ELSE, T_COLON, T_ASSIGN, T_MISSING,
]  # fmt: skip
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
SKIP_COST: Final = 22
SKIP_CLOSER_COST: Final = 16
SKIP_PARTNER_COST: Final = 50
SKIP_LINE_START_COST: Final = 24
MISSING_KEY_COST: Final = 20
STEP_BACK_COST: Final = 3
MIDLINE_COST: Final = 10
MIDLINE_REACH: Final = 6
MAX_STEPS_BACK: Final = 4
MAX_TOKENS_BACK: Final = 60
MAX_INSERTED: Final = 4
MAX_COST: Final = 66
MAX_REPAIRS: Final = 100
MIN_REPAIRS: Final = 10
WORK: Final = 10_000_000
"""How many tokens all repairs together may copy; large files get fewer repairs."""
DEEP: Final = 100
"""From this height of the stack on, the end of the file is not searched for small repairs."""
PERFECT: Final = 20 + 4 * LOOKAHEAD
"""What a repair is worth after which everything in sight fits."""


class Recovery:
    """Repairs the token row of a stuck driver, one mistake at a time."""

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

    def repair(self) -> None:
        """Makes one change; afterwards the driver can go on (at least past its token)."""
        self.repairs += 1
        driver = self.driver
        if self.repairs > max(MIN_REPAIRS, min(MAX_REPAIRS, WORK // len(driver.items))):
            self.give_up(driver.at)
            return
        at_end = driver.items[driver.at] & 255 == T_END
        if at_end and (driver.top > DEEP or self.in_string()):
            self.close_all()
            return
        if self.special():
            return
        best = self.search()
        if best is None:
            if at_end:
                self.close_all()
                return
            best = Repair(0, driver.at, [], 1, 0)
        self.apply(best)

    def in_string(self) -> bool:
        here = Simulation(self.driver, self.driver.top, [])
        return here.accepts(T_STR) or here.accepts(T_IND_STR)

    # --- looking for a change ------------------------------------------------------------------

    def search(self) -> Repair | None:
        driver = self.driver
        items = driver.items
        best: Repair | None = None
        for back in range(MAX_STEPS_BACK + 1):
            height = driver.top - back
            if height < 0:
                break
            place: i64 = driver.at if back == 0 else driver.begins[height + 1]
            behind = self.count_solid(place, driver.at)
            if behind > MAX_TOKENS_BACK:
                break
            here = Simulation(driver, height, [])
            first = True
            while place <= driver.at:
                kind = items[place] & 255
                if kind < FIRST_TRIVIA:
                    new_line = self.at_line_start(place)
                    if first or new_line or behind <= MIDLINE_REACH:
                        cost = STEP_BACK_COST * back
                        if place < driver.at and not new_line:
                            cost += MIDLINE_COST
                        best = self.insertions(best, here, back, int(place), behind, cost)
                    first = False
                    behind -= 1
                    if not here.feed(kind):
                        break
                place += 1
        return self.deletions(best)

    def insertions(
        self,
        best: Repair | None,
        base: Simulation,
        back: int,
        index: int,
        behind: int,
        cost: int,
    ) -> Repair | None:
        """Tries all rows of up to `MAX_INSERTED` tokens before the token at `index`.

        `behind` tokens lie between there and the place where the driver is stuck.
        """
        pending: list[tuple[Simulation, list[int], int]] = [(base, [], cost)]
        while pending:
            here, row, spent = pending.pop(0)
            for token in INSERTABLE:
                total = spent + INSERT_COSTS[token]
                if total > MAX_COST or (best is not None and total - PERFECT >= best.score):
                    continue
                if token == T_MISSING and row and row[-1] == T_MISSING:
                    continue
                if token == T_MISSING and not row and self.after_operand(index):
                    continue
                there = here.copy()
                if not there.feed(token):
                    continue
                if token == T_MISSING and there.accepts(T_ASSIGN):
                    if row or not self.after_dot(index):
                        total += MISSING_KEY_COST
                longer = [*row, token]
                reached = there.copy().distance(index, behind + LOOKAHEAD) - behind
                if reached > 0:
                    best = better(best, back, index, longer, 0, total, reached)
                if len(longer) < MAX_INSERTED:
                    pending.append((there, longer, total))
        return best

    def deletions(self, best: Repair | None) -> Repair | None:
        """Tries to skip the next token or tokens, or to replace the next one."""
        driver = self.driver
        cost = 0
        at: i64 = driver.at
        for count in range(1, 5):
            while driver.items[at] & 255 >= FIRST_TRIVIA:
                at += 1
            kind = driver.items[at] & 255
            if kind == T_END:
                break
            if is_closer(kind):
                cost += SKIP_PARTNER_COST if self.balanced else SKIP_CLOSER_COST
            else:
                cost += SKIP_COST
            if kind == T_LBRACE or kind == T_LPAREN or kind == T_LBRACKET or kind == T_ASSIGN:
                cost += 20
            if self.at_line_start(at) and not is_closer(kind):
                cost += SKIP_LINE_START_COST
            at += 1
            base = Simulation(driver, driver.top, [])
            reached = base.copy().distance(at, LOOKAHEAD)
            if reached > 0:
                best = better(best, 0, driver.at, [], count, cost, reached)
            if (
                count == 1
                and not is_closer(kind)
                and driver.items[at - 1] >> 8 < driver.items[at] >> 8
            ):
                for token in INSERTABLE:
                    total = (9 if looks_like(kind, token) else 2 * SKIP_COST) + INSERT_COSTS[token]
                    if token == T_MISSING:
                        continue
                    there = base.copy()
                    if there.feed(token):
                        reached = there.distance(at, LOOKAHEAD)
                        if reached > 0:
                            best = better(best, 0, driver.at, [token], 1, total, reached)
        return best

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
        before: i64 = index - 1
        while before > 0 and items[before] & 255 >= FIRST_TRIVIA:
            before -= 1
        gap = self.driver.text[items[before + 1] >> 8 : items[index] >> 8]
        return "\n" in gap

    def after_dot(self, index: i64) -> bool:
        """Whether the token before `index` is a dot."""
        items = self.driver.items
        before: i64 = index - 1
        while before >= 0 and items[before] & 255 >= FIRST_TRIVIA:
            before -= 1
        return before >= 0 and items[before] & 255 == T_DOT

    def after_operand(self, index: int) -> bool:
        """Whether the token before `index` may end an expression: then none is missing here."""
        items = self.driver.items
        before: i64 = index - 1
        while before >= 0 and items[before] & 255 >= FIRST_TRIVIA:
            before -= 1
        if before < 0:
            return items[index] & 255 != T_END
        kind = items[before] & 255
        return kind == T_ID or is_closer(kind)

    # --- particular mistakes -------------------------------------------------------------------

    def special(self) -> bool:
        """Mistakes with a name of their own; True if one was recognised and repaired."""
        driver = self.driver
        items = driver.items
        at: i64 = driver.at
        kind = items[at] & 255
        start: i64 = items[at] >> 8
        end: i64 = items[at + 1] >> 8 if kind != T_END else start
        before: i64 = at - 1
        while before >= 0 and items[before] & 255 >= FIRST_TRIVIA:
            before -= 1
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
            after: i64 = at + 1
            while items[after] & 255 >= FIRST_TRIVIA:
                after += 1
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
        after: i64 = at + 1
        while items[after] & 255 >= FIRST_TRIVIA:
            after += 1
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
                    after: i64 = at + 1
                    while items[after] & 255 >= FIRST_TRIVIA:
                        after += 1
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
        while driver.items[at] & 255 >= FIRST_TRIVIA:
            at += 1
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
        while items[at] & 255 >= FIRST_TRIVIA:
            at += 1
        self.quiet_until = items[at] >> 8
        return True

    def misplaced_ellipsis(self, ellipsis: i64, comma: i64) -> None:
        """`{ ..., a }`, `{ a, ..., ... }`, `{ a, ..., }`."""
        driver = self.driver
        items = driver.items
        after: i64 = comma + 1
        while items[after] & 255 >= FIRST_TRIVIA:
            after += 1
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
            last: i64 = close - 1
            while items[last] & 255 >= FIRST_TRIVIA:
                last -= 1
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

    # --- making the change ---------------------------------------------------------------------

    def apply(self, best: Repair) -> None:
        driver = self.driver
        items = driver.items
        if not best.inserted and not best.skipped:
            driver.at = driver.drop(best.back)
            return
        error = explain(driver, best, self.synthetic)
        if error is not None:
            self.report(error)
        resume = driver.drop(best.back)
        at: i64 = best.index
        left = best.skipped
        while left > 0:
            if items[at] & 255 < FIRST_TRIVIA:
                left -= 1
                self.skip(at)
            at += 1
        if best.inserted:
            before: i64 = best.index - 1
            while before >= 0 and items[before] & 255 >= FIRST_TRIVIA:
                before -= 1
            place: i64 = items[before + 1] >> 8
            driver.items = insert(
                items, before + 1, [place << 8 | token for token in best.inserted]
            )
            resume = min(resume, int(before + 1))
        driver.at = resume

    def skip(self, index: i64) -> None:
        items = self.driver.items
        items[index] = (items[index] >> 8) << 8 | T_SKIPPED

    def report(self, error: ParseError) -> None:
        """Keeps the error unless it was noticed right behind the last one."""
        driver = self.driver
        items = driver.items
        at: i64 = driver.at
        before: i64 = at - 1
        while before >= 0 and items[before] & 255 >= FIRST_TRIVIA:
            before -= 1
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
            while driver.items[at] & 255 >= FIRST_TRIVIA:
                at += 1
        self.quiet_until = max(self.quiet_until, driver.items[at] >> 8)

    # --- the end -------------------------------------------------------------------------------

    def give_up(self, at: i64) -> None:
        """Passes over the rest of the file and closes what is open."""
        driver = self.driver
        index: i64 = at
        while driver.items[index] & 255 != T_END:
            if driver.items[index] & 255 < FIRST_TRIVIA:
                self.skip(index)
            index += 1
        driver.at = int(index)
        self.quiet_until = len(driver.text) + 1
        self.close_all()

    def close_all(self) -> None:
        """Inserts, before the end of the file, everything that is still to come."""
        driver = self.driver
        while True:
            row = closing_row(driver)
            if row is not None:
                break
            if driver.top == 0:
                row = [T_MISSING]
                break
            first: i64 = driver.drop(1)
            while first < driver.at:
                if driver.items[first] & 255 < FIRST_TRIVIA:
                    self.skip(first)
                first += 1
        self.apply(Repair(0, driver.at, row, 0, 0))


def closing_row(driver: Driver) -> list[int] | None:
    """Tokens that, put before the end, complete the file; None if there are none."""
    here = Simulation(driver, driver.top, [])
    row: list[int] = []
    while not here.accepts(T_END):
        found = False
        for token in CLOSING_ORDER:
            if here.accepts(token) and (token != T_DQUOTE or here.accepts(T_STR)):
                here.feed(token)
                row.append(token)
                found = True
                break
        if not found or len(row) > 4 * (driver.top + 8):
            return None
    return row


def better(
    best: Repair | None,
    back: int,
    index: int,
    inserted: list[int],
    skipped: int,
    cost: int,
    reached: int,
) -> Repair:
    """The better one of `best` and the candidate described by the rest."""
    score = cost - (PERFECT if reached >= LOOKAHEAD else 4 * reached)
    candidate = Repair(back, index, inserted, skipped, score)
    if best is None or score < best.score:
        return candidate
    return best


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


def looks_like(kind: i64, token: int) -> bool:
    """Whether people write `kind` where Nix wants `token`."""
    if token == T_SEMICOLON:
        return kind == T_COMMA or kind == T_COLON
    if token == T_COMMA:
        return kind == T_SEMICOLON
    return token == T_ASSIGN and (kind == T_COLON or kind == T_BINARY)


def is_closer(kind: i64) -> bool:
    return kind == T_RBRACE or kind == T_RPAREN or kind == T_RBRACKET


def is_keyword(kind: i64) -> bool:
    return T_IF <= kind < T_OR
