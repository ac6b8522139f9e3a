"""From text to tokens.

The automata come from the terminals of `grammar/nix.lark`; what is written here is what they
cannot say: the stack of modes (a string inside an interpolation inside a string …), the
zero-width token that ends a path, and what to do with text that is not Nix.

Tokens tile the text: every code point belongs to exactly one token, blanks and comments
included, so that joining all tokens gives the file back. A token is one integer,
`start << 8 | terminal`; it ends where the next one starts, and a last `$END` closes the row.

Linear time. The longest match can make a lexer read far ahead in vain: in `a.a.a.a…` every `a`
might begin a URL or a path. A stretch in which one such attempt failed is remembered and read
with an automaton that knows neither (`MODE_PLAIN`).
"""

from __future__ import annotations

import codecs
from typing import Final

from nixlint.syntax.errors import ParseError
from nixlint.syntax.ids import (
    FIRST_TRIVIA,
    MODE_DEFAULT,
    MODE_IN_PATH,
    MODE_IND_STRING,
    MODE_PLAIN,
    MODE_POP,
    MODE_STRING,
    T_BINARY,
    T_BLOCK_COMMENT,
    T_COMMENT,
    T_END,
    T_HPATH,
    T_INVALID,
    T_PATH,
    T_PATH_END,
    T_PATH_STR,
    T_SKIPPED,
    TERMINALS,
)
from nixlint.syntax.tables import Tables
from nixlint.text.arrays import append, i64, vec
from nixlint.text.span import Span

NO_TOKEN: Final = 255
WIDE: Final = "nixlint.wide"
PLAIN_THRESHOLD: Final = 16


class Tokens:
    """The tokens of one text, blanks and comments included. Offsets are code points.

    After error recovery there are two more sorts: zero-width tokens that were missing, and
    `SKIPPED` ones, which the parser passed over.
    """

    def __init__(self, items: vec[i64]) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def kind(self, index: int) -> int:
        """The terminal: one of the `T_…` of `syntax/ids.py`."""
        return self.items[index] & 255

    def start(self, index: int) -> int:
        return self.items[index] >> 8

    def end(self, index: int) -> int:
        """Where the token ends; the last token, `$END`, is empty."""
        if index + 1 < len(self.items):
            return self.items[index + 1] >> 8
        return self.items[index] >> 8

    def is_trivia(self, index: int) -> bool:
        """Whether it is blank space, a comment, or text that was passed over."""
        return (self.items[index] & 255) >= FIRST_TRIVIA

    def index_at(self, offset: int) -> int:
        """The last token that starts at or before `offset`."""
        low = 0
        high = len(self.items)
        while low + 1 < high:
            middle = (low + high) // 2
            if (self.items[middle] >> 8) <= offset:
                low = middle
            else:
                high = middle
        return low

    def next_solid(self, index: int) -> int:
        """The first token at or after `index` that is not trivia (`$END` at the latest)."""
        while (self.items[index] & 255) >= FIRST_TRIVIA:
            index += 1
        return index

    def previous_solid(self, index: int) -> int:
        """The last token at or before `index` that is not trivia, or -1."""
        while index >= 0 and (self.items[index] & 255) >= FIRST_TRIVIA:
            index -= 1
        return index

    def comments(self) -> list[Span]:
        """All comments in order, their `#` or `/*` included, line ends excluded."""
        out: list[Span] = []
        items = self.items
        count: i64 = len(items)
        index: i64 = 0
        while index < count:
            item = items[index]
            kind = item & 255
            if kind == T_COMMENT or kind == T_BLOCK_COMMENT:
                out.append(Span(item >> 8, items[index + 1] >> 8))
            index += 1
        return out

    def kind_name(self, index: int) -> str:
        return TERMINALS[self.kind(index)]


class Lexed:
    """Tokens, lexical errors, and the openers of strings that never end (token indices)."""

    def __init__(
        self, items: vec[i64], errors: list[ParseError], unclosed: list[int], has_nul: bool
    ) -> None:
        self.items = items
        self.errors = errors
        self.unclosed = unclosed
        self.has_nul = has_nul
        """Whether there is a NUL anywhere in the text."""


def tokenize(text: str, tables: Tables, closers: list[tuple[int, int]] | None = None) -> Lexed:
    """Splits `text` into tokens; never fails.

    `closers` is for error recovery: `(offset, terminal)` in order of offset; when a string is
    open at such an offset, it is closed there by a zero-width terminal.
    """
    trans = tables.trans
    accept = tables.accept
    give_back = tables.give_back
    starts = tables.starts
    effects = tables.effects
    data = one_byte_each(text)
    items: vec[i64] = vec[i64]()
    errors: list[ParseError] = []
    modes: vec[i64] = vec[i64]([0])
    openers: vec[i64] = vec[i64]([0])
    depth: i64 = 0
    mode: i64 = MODE_DEFAULT
    n: i64 = len(text)
    p: i64 = 0
    plain_until: i64 = 0
    no_more_comments = False
    closer_at: i64 = 0
    limit: i64 = n
    if closers is not None and len(closers) > 0:
        limit = closers[0][0]
    while True:
        if p >= limit and closers is not None and closer_at < len(closers):
            terminal: i64 = closers[closer_at][1]
            closer_at += 1
            limit = closers[closer_at][0] if closer_at < len(closers) else n
            if effects[mode << 6 | terminal] == MODE_POP and depth > 0:
                items = append(items, p << 8 | terminal)
                depth -= 1
                mode = modes[depth]
            continue
        if p >= n:
            break
        start: i64 = p
        if no_more_comments and mode == MODE_DEFAULT and text[p : p + 2] == "/*":
            p = end_of_line(text, p)
            items = append(items, start << 8 | T_SKIPPED)
            continue
        state: i64 = starts[mode]
        if start < plain_until and mode == MODE_DEFAULT:
            state = starts[MODE_PLAIN]
        found: i64 = NO_TOKEN
        found_end: i64 = p
        while p < limit:
            target: i64 = trans[state << 8 | data[p]]
            if target == state:
                # A run: blanks, a comment, a name, the text of a string.
                row: i64 = state << 8
                p += 1
                while p < limit:
                    target = trans[row | data[p]]
                    if target != state:
                        break
                    p += 1
                if accept[state] != NO_TOKEN:
                    found_end = p
                continue
            if target == 0:
                break
            state = target
            p += 1
            kind: i64 = accept[state]
            if kind != NO_TOKEN:
                found = kind
                found_end = p - give_back[state]
        if found == NO_TOKEN:
            if mode == MODE_IN_PATH:
                p = start
                check_path_end(text, items, p, errors)
                items = append(items, p << 8 | T_PATH_END)
                depth -= 1
                mode = modes[depth]
                continue
            if text[start] == "\0" and mode == MODE_DEFAULT:
                error = ParseError(
                    "nul-byte", "Nix reads nothing after this NUL byte", start, start + 1
                )
                error.fatal = False
                errors.append(error)
                items = append(items, start << 8 | T_SKIPPED)
                p = n
                continue
            found = T_INVALID
            found_end = start + 1
        elif found == T_BINARY and found_end == start + 1 and mode == MODE_DEFAULT:
            if text[start] == "/" and found_end < n and text[found_end] == "*":
                # Only a comment that is never closed is read as `/` `*`.
                no_more_comments = True
                close: i64 = end_of_line(text, start)
                errors.append(
                    ParseError(
                        "unterminated-comment",
                        "this comment is never closed: `*/` is missing",
                        start,
                        start + 2,
                    ).repair("Close it at the end of its line", close, close, " */")
                )
                p = close
                items = append(items, start << 8 | T_SKIPPED)
                continue
        if p - found_end > PLAIN_THRESHOLD and is_path_char(text, start):
            plain_until = p
        p = found_end
        items = append(items, start << 8 | found)
        effect: i64 = effects[mode << 6 | found]
        if effect != 0:
            if effect == MODE_POP:
                if depth > 0:
                    depth -= 1
                    mode = modes[depth]
            else:
                mode = effect - 1
                depth += 1
                if depth == len(modes):
                    modes = append(modes, mode)
                    openers = append(openers, i64(len(items) - 1))
                else:
                    modes[depth] = mode
                    openers[depth] = len(items) - 1
    while mode == MODE_IN_PATH:
        check_path_end(text, items, p, errors)
        items = append(items, p << 8 | T_PATH_END)
        depth -= 1
        mode = modes[depth]
    items = append(items, n << 8 | T_END)
    unclosed: list[int] = []
    k: i64 = 1
    while k <= depth:
        if modes[k] == MODE_STRING or modes[k] == MODE_IND_STRING:
            unclosed.append(openers[k])
        k += 1
    return Lexed(items, errors, unclosed, b"\0" in data)


def is_path_char(text: str, at: i64) -> bool:
    char = text[at]
    return char.isalnum() or char in "._+-"


def check_path_end(text: str, items: vec[i64], p: i64, errors: list[ParseError]) -> None:
    """A path may end in a slash only before an interpolation."""
    last = items[len(items) - 1]
    kind = last & 255
    if (kind == T_PATH or kind == T_HPATH or kind == T_PATH_STR) and text[p - 1] == "/":
        at_end = p >= len(text)
        error = ParseError(
            "path-trailing-slash",
            "a path must not end in a slash",
            p - 1,
            p,
            (last >> 8) if at_end else p,
        )
        errors.append(error.repair("Remove the slash", p - 1, p, ""))


def one_byte_each(text: str) -> bytes:
    """A byte per code point: itself in ASCII, some byte from 128 up for all others."""
    return text.encode("latin-1", WIDE)


def widen(error: UnicodeError) -> tuple[str, int]:
    """Encodes what Latin-1 cannot: a byte from 128 up for each code point."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "\x80" * (error.end - error.start), error.end


codecs.register_error(WIDE, widen)


def end_of_line(text: str, at: i64) -> i64:
    """Where the line of `at` ends, its line end excluded."""
    newline = text.find("\n", at)
    return newline if newline >= 0 else len(text)
