"""What to say about a repair: which rule it is a case of, where it is, and what was expected."""

from __future__ import annotations

from typing import Final

from nixlint.syntax.driver import Driver
from nixlint.syntax.errors import ParseError
from nixlint.syntax.ids import (
    FIRST_TRIVIA,
    T_ASSERT,
    T_ASSIGN,
    T_BINARY,
    T_COLON,
    T_COMMA,
    T_DOT,
    T_DQUOTE,
    T_ELSE,
    T_END,
    T_ID,
    T_IF,
    T_IN,
    T_INHERIT,
    T_INTERPOLATE,
    T_LBRACE,
    T_LBRACKET,
    T_LET,
    T_LPAREN,
    T_MINUS,
    T_MISSING,
    T_NOT,
    T_OR,
    T_PIPE_FROM,
    T_PIPE_INTO,
    T_QUESTION,
    T_RBRACE,
    T_RBRACKET,
    T_RPAREN,
    T_SEMICOLON,
    T_THEN,
    T_WITH,
    TERMINALS,
)
from nixlint.syntax.mending import solid_before
from nixlint.text.arrays import i64


class Repair:
    """Step back over `back` symbols to the token at `index`, skip or insert tokens there."""

    def __init__(
        self, back: int, index: int, inserted: list[int], skipped: int, score: int
    ) -> None:
        self.back = back
        self.index = index
        self.inserted = inserted
        self.skipped = skipped
        self.score = score


OPENERS: Final[dict[int, tuple[int, ...]]] = {
    T_RBRACE: (T_LBRACE, T_INTERPOLATE),
    T_RPAREN: (T_LPAREN,),
    T_RBRACKET: (T_LBRACKET,),
}

INSERT_TEXTS: Final[dict[int, str]] = {
    T_SEMICOLON: ";",
    T_RBRACE: "}",
    T_RPAREN: ")",
    T_RBRACKET: "]",
    T_IN: " in",
    T_THEN: " then",
    T_ELSE: " else",
    T_ASSIGN: " =",
    T_COLON: ":",
    T_COMMA: ",",
}

AFTER: Final[dict[int, str]] = {
    T_ASSIGN: "expected a value after `=`",
    T_COLON: "expected the function's body after `:`",
    T_IN: "expected an expression after `in`",
    T_IF: "expected a condition after `if`",
    T_THEN: "expected an expression after `then`",
    T_ELSE: "expected an expression after `else`",
    T_WITH: "expected an attribute set after `with`",
    T_ASSERT: "expected a condition after `assert`",
    T_LPAREN: "expected an expression after `(`",
    T_INTERPOLATE: "expected an expression after `${`",
    T_QUESTION: "expected an attribute name or a default value after `?`",
    T_OR: "expected a default value after `or`",
    T_SEMICOLON: "expected an expression after `;`",
}


def explain(driver: Driver, repair: Repair, synthetic: list[int]) -> ParseError | None:
    """The error that a repair stands for; None if its cause was already reported."""
    items = driver.items
    text = driver.text
    index: i64 = repair.index
    before: i64 = solid_before(items, index)
    place: i64 = items[before + 1] >> 8 if before >= 0 else 0
    previous = items[before] & 255 if before >= 0 else -1
    at: i64 = driver.at
    stuck: i64 = items[at] >> 8
    kind = items[at] & 255
    kind_end: i64 = items[at + 1] >> 8 if kind != T_END else stuck
    if not repair.inserted:
        return unexpected(driver, at, repair.skipped, previous)
    first = repair.inserted[0]
    if repair.skipped:
        wanted = INSERT_TEXTS[first].strip()
        found = text[stuck:kind_end]
        rule = "formal-missing-comma" if first == T_COMMA else "expected-token"
        error = ParseError(rule, f"expected `{wanted}`, found `{found}`", stuck, kind_end)
        return error.repair(f"Replace it by `{wanted}`", stuck, kind_end, wanted)
    if first == T_MISSING and previous == T_DOT:
        dot: i64 = items[before] >> 8
        error = ParseError(
            "extra-dot-in-attrpath",
            "expected an attribute name after `.`",
            dot,
            dot + 1,
            stuck,
        )
        return error.repair("Remove the dot", dot, dot + 1, "")
    for token in repair.inserted:
        if token in OPENERS:
            opener = find_opener(driver, index, token)
            if opener >= 0:
                return unclosed(driver, opener, token, place, stuck, repair, synthetic)
            break
    if first == T_COMMA:
        error = ParseError(
            "formal-missing-comma", "expected `,` between arguments", place, place, stuck
        )
        return error.repair("Insert `,`", place, place, ",")
    if first == T_MISSING:
        if before < 0:
            return ParseError("syntax-error", "expected an expression: this file is empty", 0, 0)
        return ParseError("expected-token", missing_operand(driver, before), place, place, stuck)
    wanted = INSERT_TEXTS.get(first, "")
    if not wanted:
        return ParseError("expected-token", f"expected {TERMINALS[first]}", place, place, stuck)
    error = ParseError(
        "expected-token", expectation(driver, first, before, repair.back), place, place, stuck
    )
    if len(repair.inserted) == 1:
        error.repair(f"Insert `{wanted.strip()}`", place, place, wanted)
    return error


def unexpected(driver: Driver, at: i64, skipped: int, previous: int) -> ParseError:
    """Text that has to go."""
    items = driver.items
    start: i64 = items[at] >> 8
    last: i64 = at
    left = skipped
    while left > 1:
        last += 1
        if items[last] & 255 < FIRST_TRIVIA:
            left -= 1
    end: i64 = items[last + 1] >> 8
    kind = items[at] & 255
    shown = driver.text[start:end]
    if len(shown) > 30 or "\n" in shown or T_IF <= kind < T_OR:
        shown = driver.text[start : items[at + 1] >> 8]
    message = f"unexpected `{shown}`"
    if kind in (T_RBRACE, T_RPAREN, T_RBRACKET):
        message = f"this `{shown}` closes nothing"
    elif kind == T_DQUOTE:
        message = "unexpected string"
    error = ParseError("unexpected-token", message, start, start + len(shown))
    return error.repair("Remove it", start, end, "")


def find_opener(driver: Driver, index: i64, closer: int) -> int:
    """The token of the innermost bracket of that sort still open before `index`, or -1."""
    wanted = OPENERS[closer]
    for height in range(driver.top, 0, -1):
        begin = driver.begins[height]
        if begin >= index:
            continue
        if driver.values[height] is None and (driver.items[begin] & 255) in wanted:
            return begin
    return -1


def unclosed(
    driver: Driver,
    opener: int,
    closer: int,
    place: i64,
    stuck: i64,
    repair: Repair,
    synthetic: list[int],
) -> ParseError | None:
    """A bracket that is never closed: told at the bracket, with a note where the end is missing."""
    items = driver.items
    start: i64 = items[opener] >> 8
    end: i64 = items[opener + 1] >> 8
    if int(start) in synthetic:
        return None
    shown = driver.text[start:end]
    wanted = INSERT_TEXTS[closer]
    error = ParseError("expected-token", f"this `{shown}` is never closed", start, end, stuck)
    error.note(f"expected `{wanted}` here", place, place)
    texts = [INSERT_TEXTS.get(token, "") for token in repair.inserted]
    if all(texts):
        inserted = "".join(texts)
        error.repair(f"Insert `{inserted}`", place, place, inserted)
    return error


def missing_operand(driver: Driver, before: i64) -> str:
    """What is missing after the token at `before`."""
    items = driver.items
    kind = items[before] & 255
    if kind in AFTER:
        if kind == T_SEMICOLON:
            return AFTER[kind]
        return AFTER[kind]
    shown = driver.text[items[before] >> 8 : items[before + 1] >> 8]
    if kind in (T_BINARY, T_MINUS, T_NOT, T_PIPE_FROM, T_PIPE_INTO):
        return f"expected an expression after `{shown}`"
    return f"expected an expression after `{shown}`"


def expectation(driver: Driver, token: int, before: i64, back: int) -> str:
    """What a missing `;`, `=`, `:`, `in`, `then` or `else` would have ended or begun."""
    if token == T_SEMICOLON:
        owner = enclosing(driver, driver.top - back, (T_ASSIGN, T_INHERIT, T_WITH, T_ASSERT))
        if owner == T_INHERIT:
            return "expected `;` after `inherit`"
        if owner == T_WITH:
            return "expected `;` after the set of `with`"
        if owner == T_ASSERT:
            return "expected `;` after the condition of `assert`"
        return "expected `;` after this value"
    if token == T_IN:
        return "expected `in` after the bindings of `let`"
    if token == T_THEN:
        return "expected `then` after the condition of `if`"
    if token == T_ELSE:
        return "expected `else`: every `if` has one"
    if token == T_ASSIGN:
        kind = driver.items[before] & 255
        return "expected `=` after this name" if kind == T_ID else "expected `=`"
    if token == T_COLON:
        return "expected `:` after the function's arguments"
    return f"expected `{INSERT_TEXTS[token].strip()}`"


def enclosing(driver: Driver, height: int, kinds: tuple[int, ...]) -> int:
    """The innermost of the given keywords on the stack up to `height`, or -1."""
    while height > 0:
        kind = driver.items[driver.begins[height]] & 255
        if driver.values[height] is None:
            if kind in kinds:
                return kind
            if kind in (T_LBRACE, T_LET, T_LPAREN, T_LBRACKET):
                return -1
        height -= 1
    return -1
