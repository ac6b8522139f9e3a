"""Parsing: text in, tree out, whatever the text.

A correct file goes through `tokenize` and `Driver.run` and nothing else. The rest of this module
is for the others: it closes strings and braces (`brackets.py`), and lets `recover.py` repair
the tokens wherever the driver gets stuck. Since the driver only ever sees tokens that fit, the
tree of a broken file is made by the same code as that of a correct one.
"""

from __future__ import annotations

import gc
from typing import Final

from nixlint.syntax.brackets import (
    CLOSER_OF,
    BracketPlan,
    Closer,
    all_match,
    plan_brackets,
    string_suspects,
)
from nixlint.syntax.driver import DONE, STUCK, TOO_DEEP, Driver
from nixlint.syntax.errors import ParseError
from nixlint.syntax.explain import INSERT_TEXTS
from nixlint.syntax.ids import (
    FIRST_TRIVIA,
    T_ASSIGN,
    T_DOT,
    T_DQUOTE,
    T_END,
    T_ID,
    T_IND_CLOSE,
    T_INHERIT,
    T_INTERPOLATE,
    T_LBRACE,
    T_RBRACE,
    T_SEMICOLON,
    T_SKIPPED,
)
from nixlint.syntax.lexer import Lexed, Tokens, tokenize
from nixlint.syntax.mending import insert, is_closer, solid_before, solid_from
from nixlint.syntax.nodes import ErrorNode, Root
from nixlint.syntax.recover import Recovery
from nixlint.syntax.simulate import Simulation
from nixlint.syntax.tables import Tables, load_tables
from nixlint.syntax.tree import Tree
from nixlint.text.arrays import i64, vec

MAX_OPEN_STRINGS: Final = 4
STARTS_BINDING: Final = (T_ID, T_INHERIT, T_DQUOTE, T_INTERPOLATE)


def parse(text: str) -> Tree:
    """Parses a Nix file. Never raises; mistakes are in `errors` of the tree.

    Nodes are made by the hundred thousand and none of them is garbage before the end, so the
    cyclic collector rests meanwhile.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        return parse_text(text)
    finally:
        if collecting:
            gc.enable()


def parse_text(text: str) -> Tree:
    tables = load_tables()
    lexed = tokenize(text, tables)
    driver = Driver(text, lexed.items, tables)
    outcome = driver.run()
    if outcome == DONE and not lexed.unclosed:
        return make_tree(text, driver, lexed, driver.errors)
    noticed = driver.items[driver.at] >> 8
    for error in lexed.errors:
        if error.rule == "nul-byte":
            noticed = min(noticed, error.start)
    return mend(text, tables, lexed, noticed, driver if outcome == STUCK else None)


def make_tree(text: str, driver: Driver, lexed: Lexed, other: list[ParseError]) -> Tree:
    expr = driver.result
    if expr is None:
        expr = ErrorNode(0, len(text), None)
    errors = lexed.errors + other
    if len(errors) > 1:
        errors = in_order(errors)
    tree = Tree(text, Root(0, len(text), expr), Tokens(driver.items), errors)
    tree.may_have_nul = lexed.has_nul
    return tree


def start_of(error: ParseError) -> int:
    return error.start


def in_order(errors: list[ParseError]) -> list[ParseError]:
    """The errors by their place, without what says the same of the same place twice."""
    errors.sort(key=start_of)
    out: list[ParseError] = []
    for error in errors:
        for other in reversed(out):
            if other.start < error.start:
                out.append(error)
                break
            if other.rule == error.rule:
                break
        else:
            out.append(error)
    return out


def mend(text: str, tables: Tables, lexed: Lexed, noticed: int, stuck: Driver | None) -> Tree:
    """Parses a text that is known to be broken; `noticed` is the offset where Nix stops, `stuck`
    a driver that has read these tokens that far."""
    errors: list[ParseError] = []
    if lexed.unclosed:
        stuck = None
        lexed = close_strings(text, tables, lexed, errors)
    items = lexed.items
    commented_out = False
    for error in lexed.errors:
        commented_out = commented_out or error.rule == "unterminated-comment"
    if not commented_out:
        if drop_conflicts(text, items, errors):
            stuck = None
        wrapped = wrap_bindings(text, items, errors)
        if wrapped is not None:
            stuck = None
            items = wrapped
    # What was read already need not be read again, unless a change lies before.
    driver = stuck if stuck is not None else Driver(text, items, tables)
    if not commented_out and not lexed.unclosed and not ends_in_repair(items):
        driver = mend_braces(text, tables, driver, errors)
    recovery = Recovery(driver)
    if lexed.unclosed:
        recovery.quiet_until = len(text)
    recovery.balanced = all_match(driver.items)
    while True:
        outcome = driver.run()
        if outcome == DONE:
            break
        if outcome == TOO_DEEP:
            start = driver.items[driver.at] >> 8
            recovery.errors.append(
                ParseError("nesting-too-deep", "nested too deeply to be read", start, start + 1)
            )
            recovery.give_up(driver.at)
            driver.max_stack += 64
        else:
            recovery.repair()
    found = recovery.errors
    if commented_out:
        found = []
    mended = errors + found
    for error in mended:
        error.detected = max(error.detected, noticed)
    if mended and all(error.detected > noticed for error in mended):
        mended[0].detected = noticed
    return make_tree(text, driver, lexed, mended + driver.errors)


# --- strings -----------------------------------------------------------------------------------


def close_strings(text: str, tables: Tables, lexed: Lexed, errors: list[ParseError]) -> Lexed:
    """Closes strings until none is left open at the end of the file, if that can be done."""
    closers: list[tuple[int, int]] = []
    for _ in range(MAX_OPEN_STRINGS):
        if len(lexed.unclosed) > MAX_OPEN_STRINGS:
            break
        best: Lexed | None = None
        chosen: Closer | None = None
        best_score = -1
        for candidate in string_suspects(text, lexed.items, lexed.unclosed):
            tried = sorted([*closers, (candidate.offset, candidate.terminal)])
            again = tokenize(text, tables, tried)
            score = how_far(text, tables, again)
            if score > best_score:
                best_score = score
                best = again
                chosen = candidate
        if best is None or chosen is None or len(best.unclosed) >= len(lexed.unclosed):
            break
        report_open(chosen, errors)
        closers = sorted([*closers, (chosen.offset, chosen.terminal)])
        lexed = best
        if not lexed.unclosed:
            return lexed
    if not errors:
        start = lexed.items[lexed.unclosed[-1]] >> 8
        end = lexed.items[lexed.unclosed[-1] + 1] >> 8
        errors.append(unterminated(start, min(end, start + 2)))
    return lexed


def how_far(text: str, tables: Tables, lexed: Lexed) -> int:
    """How well a reading of the text parses: the offset of the first mistake, or twice its length.

    A reading that leaves a string open counts half.
    """
    score = Trial(text, tables, lexed.items).score
    return score // 2 if lexed.unclosed else score


class Trial:
    """A row of tokens, read to see how far that goes: `score` is as in `how_far`.

    `driver` has read the same row, until it got stuck or not at all.
    """

    def __init__(self, text: str, tables: Tables, items: vec[i64]) -> None:
        driver = Driver(text, items, tables)
        self.driver = driver
        self.score = 2 * len(text) + 2
        while True:
            outcome = driver.run()
            if outcome == DONE:
                break
            if not end_binding(driver):
                self.score = driver.items[driver.at] >> 8
                break
            self.driver = Driver(text, items, tables)
        if outcome == TOO_DEEP:
            self.driver = Driver(text, items, tables)


def end_binding(driver: Driver) -> bool:
    """Inserts the `;` that is missing right behind something inserted, if that is all it takes."""
    items = driver.items
    at: i64 = driver.at
    before: i64 = solid_before(items, at)
    if before < 0 or items[before] >> 8 != items[before + 1] >> 8:
        return False
    here = Simulation(driver, driver.top, [])
    if not here.feed(T_SEMICOLON) or not here.feed(items[at] & 255):
        return False
    place: i64 = items[before] >> 8
    driver.items = insert(items, before + 1, [place << 8 | T_SEMICOLON])
    driver.at = int(before + 1)
    return True


def unterminated(start: int, end: int) -> ParseError:
    return ParseError("unterminated-string", "this string is never closed", start, end, end)


def report_open(closer: Closer, errors: list[ParseError]) -> None:
    if closer.terminal == T_RBRACE:
        error = ParseError(
            "expected-token", "this `${` is never closed", closer.opener, closer.opener_end
        )
        error.note("expected `}` here", closer.offset, closer.offset)
        errors.append(error.repair("Insert `}`", closer.offset, closer.offset, "}"))
        return
    error = unterminated(closer.opener, min(closer.opener_end, closer.opener + 2))
    quote = '"' if closer.terminal == T_DQUOTE else "''"
    error.note(f"expected `{quote}` here", closer.offset, closer.offset)
    errors.append(error)


# --- braces ------------------------------------------------------------------------------------


def mend_braces(text: str, tables: Tables, driver: Driver, errors: list[ParseError]) -> Driver:
    """Inserts braces where the layout says they are missing, and skips those that are too many.

    `driver` may have got stuck already. Returns one for what the tokens have become.
    """
    for _ in range(3):
        items = driver.items
        plan = plan_brackets(text, items)
        if plan.size() == 0:
            return driver
        outcome = driver.run()
        if outcome == DONE:
            return driver
        better = insert_braces(text, tables, items, plan, items[driver.at] >> 8, errors)
        if better is None:
            better = skip_closer(text, tables, driver, plan, errors)
        if better is None:
            return driver if outcome == STUCK else Driver(text, items, tables)
        driver = better
    return driver


def insert_braces(
    text: str,
    tables: Tables,
    items: vec[i64],
    plan: BracketPlan,
    reached: int,
    errors: list[ParseError],
) -> Driver | None:
    """A driver for the tokens with the planned braces, if they let the parser get further."""
    changed = items
    found: list[ParseError] = []
    for before, opener in sorted(plan.missing, reverse=True):
        if before < 0:
            continue
        closer = CLOSER_OF[items[opener] & 255]
        last: i64 = solid_before(items, before)
        place: i64 = items[last + 1] >> 8
        row: list[i64] = [place << 8 | closer]
        after: i64 = solid_from(items, last + 1)
        if closer == T_RBRACE and items[after] & 255 in STARTS_BINDING:
            row.append(place << 8 | T_SEMICOLON)
        changed = insert(changed, last + 1, row)
        start: i64 = items[opener] >> 8
        end: i64 = items[opener + 1] >> 8
        error = ParseError(
            "expected-token", f"this `{text[start:end]}` is never closed", start, end, place
        )
        found.append(error.note(f"expected `{INSERT_TEXTS[closer]}` here", place, place))
    if not found:
        return None
    trial = Trial(text, tables, changed)
    if trial.score < reached:
        return None
    errors.extend(found)
    return trial.driver


def skip_closer(
    text: str,
    tables: Tables,
    driver: Driver,
    plan: BracketPlan,
    errors: list[ParseError],
) -> Driver | None:
    """A driver for the tokens without the brace that ended the file's expression too early, if
    that helps."""
    items = driver.items
    if not plan.stray or not Simulation(driver, driver.top, []).accepts(T_END):
        return None
    at: i64 = driver.at
    before: i64 = solid_before(items, at)
    kind = items[before] & 255
    if items[at] & 255 == T_END or not is_closer(kind) or is_closer(items[at] & 255):
        return None
    changed = items[:]
    changed[before] = (changed[before] >> 8) << 8 | T_SKIPPED
    if items[at] & 255 == T_SEMICOLON:
        changed[at] = (changed[at] >> 8) << 8 | T_SKIPPED
    start: i64 = items[before] >> 8
    trial = Trial(text, tables, changed)
    if trial.score <= (items[at] >> 8) + 1:
        return None
    error = ParseError(
        "unexpected-token",
        f"this `{text[start : start + 1]}` closes nothing",
        start,
        start + 1,
        items[at] >> 8,
    )
    errors.append(error.repair("Remove it", start, start + 1, ""))
    return trial.driver


def ends_in_repair(items: vec[i64]) -> bool:
    """Whether the last thing in the file is a quote that was inserted there."""
    last: i64 = len(items) - 2
    while last >= 0 and items[last] & 255 >= FIRST_TRIVIA:
        last -= 1
    if last < 0 or items[last] >> 8 != items[last + 1] >> 8:
        return False
    kind = items[last] & 255
    return kind == T_DQUOTE or kind == T_IND_CLOSE


# --- whole lines -------------------------------------------------------------------------------


def wrap_bindings(text: str, items: vec[i64], errors: list[ParseError]) -> vec[i64] | None:
    """A file that begins with `name = …` is read as if it stood in braces; None for others."""
    at: i64 = 0
    while items[at] & 255 >= FIRST_TRIVIA:
        at += 1
    first: i64 = at
    named = False
    while True:
        kind = items[at] & 255
        if kind == T_ID and not named:
            named = True
        elif kind == T_DOT and named:
            named = False
        elif kind == T_ASSIGN and named:
            break
        elif kind < FIRST_TRIVIA:
            return None
        at += 1
    start: i64 = items[at] >> 8
    error = ParseError(
        "unexpected-token",
        "unexpected `=`: a file is one expression, put its bindings between `{` and `}`",
        start,
        start + 1,
    )
    errors.append(error)
    last: i64 = len(items) - 1
    before: i64 = last - 1
    while items[before] & 255 >= FIRST_TRIVIA:
        before -= 1
    place: i64 = items[before + 1] >> 8
    begin: i64 = items[first] >> 8
    closed = insert(items, before + 1, [place << 8 | T_RBRACE])
    return insert(closed, first, [begin << 8 | T_LBRACE])


def drop_conflicts(text: str, items: vec[i64], errors: list[ParseError]) -> bool:
    """Passes over the markers of a merge conflict, and over the second of its two versions;
    returns whether there are any."""
    other = False
    changed = False
    first = -1
    at: i64 = 0
    count: i64 = len(items) - 1
    skip_to = -1
    while at < count:
        start: i64 = items[at] >> 8
        if items[at] & 255 < FIRST_TRIVIA:
            if start == 0 or text[start - 1] == "\n":
                marker = text[start : start + 7]
                if marker in ("<" * 7, "=" * 7, ">" * 7):
                    line_end = text.find("\n", start)
                    skip_to = line_end if line_end >= 0 else len(text)
                    if marker[0] == "<" and first < 0:
                        first = int(start)
                        errors.append(
                            ParseError(
                                "unexpected-token",
                                "a merge conflict is left in this file",
                                start,
                                skip_to,
                            )
                        )
                    other = marker[0] == "=" and first >= 0
            if start < skip_to or other:
                items[at] = start << 8 | T_SKIPPED
                changed = True
        at += 1
    return changed
