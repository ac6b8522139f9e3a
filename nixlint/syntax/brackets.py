"""Unclosed strings and braces, where the parser itself would notice far too late.

A missing quote turns the rest of the file inside out; a missing `}` is noticed at the end of the
file. Both are found here by how people lay out text: a closing brace stands under the line that
opened it, and what follows a block is not indented deeper than its first line.
Nothing of this is asked of a file that parses.
"""

from __future__ import annotations

from typing import Final

from nixlint.syntax.ids import (
    FIRST_TRIVIA,
    T_DQUOTE,
    T_END,
    T_IND_CLOSE,
    T_IND_OPEN,
    T_INTERPOLATE,
    T_LBRACE,
    T_LBRACKET,
    T_LPAREN,
    T_RBRACE,
    T_RBRACKET,
    T_RPAREN,
)
from nixlint.text.arrays import append, i64, vec

MAX_SUSPECTS: Final = 8
MAX_UNCLOSED: Final = 20
"""With more brackets open than this at the end, layout is no guide."""


class Closer:
    """A proposal to close, at `offset`, the string or interpolation opened at `opener`."""

    def __init__(self, opener: int, opener_end: int, offset: int, terminal: int) -> None:
        self.opener = opener
        self.opener_end = opener_end
        self.offset = offset
        self.terminal = terminal


def string_suspects(text: str, items: vec[i64], unclosed: list[int]) -> list[Closer]:
    """Where a quote, or the `}` of an interpolation, is likely missing; the likeliest first."""
    out: list[Closer] = []
    opener: i64 = -1
    at: i64 = 0
    count: i64 = len(items)
    stack: list[int] = []
    while at < count and len(out) < MAX_SUSPECTS:
        kind = items[at] & 255
        start: i64 = items[at] >> 8
        if kind == T_IND_OPEN or (kind == T_DQUOTE and not in_string(stack, items)):
            stack.append(int(at))
        elif kind == T_DQUOTE or kind == T_IND_CLOSE:
            opener = stack.pop()
            suspect(text, items, opener, int(start), out)
        elif kind == T_INTERPOLATE or kind == T_LBRACE:
            stack.append(int(at))
            if kind == T_INTERPOLATE:
                interpolation_suspect(text, items, int(at), out)
        elif kind == T_RBRACE and stack and not in_string(stack, items):
            stack.pop()
        at += 1
    for index in [*unclosed[:2], *unclosed[-1:]]:
        suspect(text, items, index, len(text), out)
    return out


def in_string(stack: list[int], items: vec[i64]) -> bool:
    if not stack:
        return False
    kind = items[stack[-1]] & 255
    return kind == T_DQUOTE or kind == T_IND_OPEN


def suspect(text: str, items: vec[i64], opener: i64, close: int, out: list[Closer]) -> None:
    """Proposes ends for a string that spans lines, or never ends."""
    start: i64 = items[opener] >> 8
    end: i64 = items[opener + 1] >> 8
    if text.find("\n", start, close) < 0 and close < len(text):
        return
    terminal = T_DQUOTE if items[opener] & 255 == T_DQUOTE else T_IND_CLOSE
    line_end = text.find("\n", start)
    if line_end < 0:
        line_end = len(text)
    if terminal == T_DQUOTE or text[end:line_end].strip():
        place = before_punctuation(text, int(end), line_end)
        out.append(Closer(int(start), int(end), place, terminal))
        if terminal == T_DQUOTE:
            return
    indent = indent_at(text, int(start))
    at = line_end
    last = line_end
    while 0 <= at < len(text):
        line = at + 1
        at = text.find("\n", line)
        stop = at if at >= 0 else len(text)
        content = text[line:stop]
        if content.strip():
            if len(content) - len(content.lstrip(" ")) <= indent:
                place = last
                if content.lstrip()[0] in ";)]":
                    place = line + len(content) - len(content.lstrip())
                out.append(Closer(int(start), int(end), place, terminal))
                return
            last = stop
    out.append(Closer(int(start), int(end), before_punctuation(text, last, len(text)), terminal))


def interpolation_suspect(text: str, items: vec[i64], at: int, out: list[Closer]) -> None:
    """`"${a"`: proposes a `}` before the quote on the same line."""
    start: i64 = items[at] >> 8
    line_end = text.find("\n", start)
    if line_end < 0:
        line_end = len(text)
    name_end: i64 = start + 2
    while name_end < line_end and (text[name_end].isalnum() or text[name_end] in "_'-."):
        name_end += 1
    if name_end > start + 2 and text[name_end : name_end + 1] in ("/", "\n", ":", ""):
        out.append(Closer(int(start), int(start) + 2, int(name_end), T_RBRACE))
    quote = text.find('"', start, line_end)
    brace = text.find("}", start, line_end)
    if quote >= 0 and (brace < 0 or brace > quote):
        out.append(Closer(int(start), int(start) + 2, quote, T_RBRACE))
    elif brace < 0:
        end = before_punctuation(text, int(start) + 2, line_end)
        out.append(Closer(int(start), int(start) + 2, end, T_RBRACE))


def before_punctuation(text: str, start: int, end: int) -> int:
    """The end of what a line says, without its closing `;`, `)`, `]`, `}` and blanks."""
    while end > start and text[end - 1] in " \t\r\n":
        end -= 1
    stop = end
    while stop > start and text[stop - 1] in ";)]} \t":
        stop -= 1
    return stop if stop > start else start


def indent_at(text: str, offset: int) -> int:
    """How many blanks begin the line of `offset`."""
    line = text.rfind("\n", 0, offset) + 1
    end = line
    while end < len(text) and text[end] in " \t":
        end += 1
    return end - line


CLOSER_OF: Final[dict[int, int]] = {
    T_LBRACE: T_RBRACE,
    T_INTERPOLATE: T_RBRACE,
    T_LPAREN: T_RPAREN,
    T_LBRACKET: T_RBRACKET,
}


class Open:
    """A bracket not yet closed: its token, and the closer it wants."""

    def __init__(self, index: int, closer: int) -> None:
        self.index = index
        self.closer = closer
        self._indent = -1

    def indent(self, text: str, items: vec[i64]) -> int:
        """How far its line is indented. Asked of few brackets, and therefore found out late."""
        if self._indent < 0:
            start: i64 = items[self.index] >> 8
            if starts_line(text, items, self.index):
                self._indent = int(start) - line_start(text, start)
            else:
                self._indent = indent_of_line(text, start)
        return self._indent


class BracketPlan:
    """Braces to insert, `(before which token, opener)`, and stray closers, by token index."""

    def __init__(self) -> None:
        self.missing: list[tuple[int, int]] = []
        self.stray: list[int] = []

    def size(self) -> int:
        return len(self.missing) + len(self.stray)


def plan_brackets(text: str, items: vec[i64]) -> BracketPlan:
    """What to do about brackets that do not match; empty if all do."""
    if all_match(items):
        return BracketPlan()
    plain = match(text, items, False)
    layout = match(text, items, True)
    return layout if layout.size() <= plain.size() else plain


def all_match(items: vec[i64]) -> bool:
    """Whether every bracket has its partner."""
    wanted: vec[i64] = vec[i64]()
    depth: i64 = 0
    at: i64 = 0
    while True:
        kind = items[at] & 255
        closer: i64 = 0
        if kind == T_LBRACE or kind == T_INTERPOLATE:
            closer = T_RBRACE
        elif kind == T_LPAREN:
            closer = T_RPAREN
        elif kind == T_LBRACKET:
            closer = T_RBRACKET
        elif kind == T_RBRACE or kind == T_RPAREN or kind == T_RBRACKET:
            if depth == 0 or wanted[depth - 1] != kind:
                return False
            depth -= 1
        elif kind == T_END:
            return depth == 0
        if closer != 0:
            if depth == len(wanted):
                wanted = append(wanted, closer)
            else:
                wanted[depth] = closer
            depth += 1
        at += 1


def match(text: str, items: vec[i64], by_layout: bool) -> BracketPlan:
    """The plan when every bracket is closed by the next one that fits, or when a bracket at the
    start of a line closes the line with the same indentation."""
    plan = BracketPlan()
    stack: list[Open] = []
    at: i64 = 0
    while True:
        kind = items[at] & 255
        if kind == T_END:
            break
        if kind == T_LBRACE or kind == T_INTERPOLATE:
            stack.append(Open(int(at), T_RBRACE))
        elif kind == T_LPAREN:
            stack.append(Open(int(at), T_RPAREN))
        elif kind == T_LBRACKET:
            stack.append(Open(int(at), T_RBRACKET))
        elif kind == T_RBRACE or kind == T_RPAREN or kind == T_RBRACKET:
            close(plan, stack, text, items, int(at), by_layout)
        at += 1
    if len(stack) > MAX_UNCLOSED:
        plan.missing.append((-1, stack[0].index))
        return plan
    for entry in stack:
        plan.missing.append(lost(text, items, entry, int(at)))
    return plan


def lost(text: str, items: vec[i64], entry: Open, end: int) -> tuple[int, int]:
    """The plan for an unclosed bracket; only braces are inserted by layout."""
    if entry.closer != T_RBRACE:
        return -1, entry.index
    return insertion_point(text, items, entry, end), entry.index


def close(
    plan: BracketPlan, stack: list[Open], text: str, items: vec[i64], at: int, by_layout: bool
) -> None:
    """Finds the partner of the closing bracket at `at`."""
    kind: int = items[at] & 255
    if not stack:
        plan.stray.append(at)
        return
    top = stack[-1]
    if top.closer == kind:
        if by_layout and starts_line(text, items, at):
            indent = indent_of_line(text, items[at] >> 8)
            if indent < top.indent(text, items):
                for depth in range(len(stack) - 2, -1, -1):
                    entry = stack[depth]
                    if entry.closer == kind and entry.indent(text, items) == indent:
                        while len(stack) - 1 > depth:
                            gone = stack.pop()
                            place = insertion_point(text, items, gone, at)
                            plan.missing.append((place, gone.index))
                        break
        stack.pop()
        return
    for depth in range(len(stack) - 2, -1, -1):
        if stack[depth].closer == kind:
            while len(stack) - 1 > depth:
                plan.missing.append(lost(text, items, stack.pop(), at))
            stack.pop()
            return
    plan.stray.append(at)


def starts_line(text: str, items: vec[i64], index: i64) -> bool:
    """Whether nothing but blanks and comments stands before a token on its line."""
    at: i64 = index - 1
    while at >= 0:
        if items[at] & 255 < FIRST_TRIVIA:
            return False
        if text.find("\n", items[at] >> 8, items[at + 1] >> 8) >= 0:
            return True
        at -= 1
    return True


def line_start(text: str, offset: i64) -> int:
    """Where the line of `offset` begins."""
    return text.rfind("\n", 0, offset) + 1


def indent_of_line(text: str, offset: i64) -> int:
    """How many blanks begin the line of `offset`; those before the first line do not count."""
    line = line_start(text, offset)
    return indent_at(text, line) if line > 0 else 0


def insertion_point(text: str, items: vec[i64], entry: Open, end: int) -> int:
    """Before which token the missing bracket of `entry` belongs, going by indentation."""
    at: i64 = entry.index + 1
    while at < end:
        if items[at] & 255 >= FIRST_TRIVIA:
            start: i64 = items[at] >> 8
            stop: i64 = items[at + 1] >> 8
            newline = text.rfind("\n", start, stop)
            solid = items[at + 1] & 255 < FIRST_TRIVIA
            if newline >= 0 and solid and stop - newline - 1 <= entry.indent(text, items):
                return int(at + 1)
        at += 1
    return end
