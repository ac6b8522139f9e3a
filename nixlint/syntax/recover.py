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

from nixlint.syntax.driver import Driver
from nixlint.syntax.explain import Repair, explain
from nixlint.syntax.ids import (
    FIRST_TRIVIA,
    T_ASSIGN,
    T_BINARY,
    T_COLON,
    T_COMMA,
    T_DQUOTE,
    T_ELSE,
    T_END,
    T_IN,
    T_IND_CLOSE,
    T_IND_STR,
    T_LBRACE,
    T_LBRACKET,
    T_LPAREN,
    T_MISSING,
    T_PATH_END,
    T_RBRACE,
    T_RBRACKET,
    T_RPAREN,
    T_SEMICOLON,
    T_STR,
    T_THEN,
)
from nixlint.syntax.mending import insert, is_closer, solid_before, solid_from
from nixlint.syntax.mistakes import MAX_STEPS_BACK, Mistakes
from nixlint.syntax.simulate import LOOKAHEAD, Simulation
from nixlint.text.arrays import i64

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
SKIP_COST: Final = 22
SKIP_CLOSER_COST: Final = 16
SKIP_PARTNER_COST: Final = 50
SKIP_LINE_START_COST: Final = 24
MISSING_KEY_COST: Final = 20
STEP_BACK_COST: Final = 3
MIDLINE_COST: Final = 10
MIDLINE_REACH: Final = 6
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


class Recovery(Mistakes):
    """Repairs the token row of a stuck driver, one mistake at a time."""

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
            at = solid_from(driver.items, at)
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
            before: i64 = solid_before(items, best.index)
            place: i64 = items[before + 1] >> 8
            driver.items = insert(
                items, before + 1, [place << 8 | token for token in best.inserted]
            )
            resume = min(resume, int(before + 1))
        driver.at = resume

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


def looks_like(kind: i64, token: int) -> bool:
    """Whether people write `kind` where Nix wants `token`."""
    if token == T_SEMICOLON:
        return kind == T_COMMA or kind == T_COLON
    if token == T_COMMA:
        return kind == T_SEMICOLON
    return token == T_ASSIGN and (kind == T_COLON or kind == T_BINARY)
