"""Reading the comments that speak to nixlint.

    # nixlint: ignore[unused-with, unused-rec] reason     this line, or the next line of code
    # nixlint: ignore-file[unused-formal] reason          before the code: the whole file
    # deadnix: skip                                       honored for those who come from deadnix

Comments come from the tokens, so the same words inside a string mean nothing.
"""

from __future__ import annotations

import re
from typing import Final

from nixlint.syntax.tree import Tree
from nixlint.text.source import Source
from nixlint.text.span import Span

LINE: Final = 0
FILE: Final = 1
DEADNIX: Final = 2

_OURS: Final = re.compile(r"\s*nixlint\s*:\s*")
_DEADNIX: Final = re.compile(r"deadnix\s*:\s*skip\b")
_WORD: Final = re.compile(r"[A-Za-z][\w-]*")
_NAME: Final = re.compile(r"[^\s,\[\]]+")

ADVICE: Final = "write `nixlint: ignore[rule]` or `nixlint: ignore-file[rule]`"


class Directive:
    """One comment that silences rules.

    `names` are the words in the brackets with their spans, `brackets` the span of the text
    between them. `lines` are the lines, from 0, it speaks about (none for a whole file).
    """

    def __init__(self, kind: int, comment: Span) -> None:
        self.kind = kind
        self.comment = comment
        self.names: list[tuple[str, Span]] = []
        self.brackets = Span(comment.end, comment.end)
        self.lines: tuple[int, ...] = ()


class Malformed:
    """A comment that starts as ours do, and then makes no sense."""

    def __init__(self, span: Span, message: str) -> None:
        self.span = span
        self.message = message


def may_have_directives(text: str) -> bool:
    """A quick look that lets nearly all files pass without more work."""
    return "nixlint" in text or "deadnix" in text


def read_directives(tree: Tree, source: Source) -> tuple[list[Directive], list[Malformed]]:
    """All directives of a file in order, and the comments that tried to be one."""
    directives: list[Directive] = []
    malformed: list[Malformed] = []
    first_code = tree.tokens.start(tree.tokens.next_solid(0))
    for comment in tree.comments():
        start, end = _inside(tree.text, comment)
        match = _OURS.match(tree.text, start, end)
        if match is not None:
            found = _read(tree.text, comment, match.end(), end)
            if isinstance(found, Malformed):
                malformed.append(found)
                continue
            if found.kind == FILE and comment.start > first_code:
                message = "`nixlint: ignore-file` must stand before the code of the file"
                malformed.append(Malformed(comment, message))
                continue
        elif _DEADNIX.search(tree.text, start, end) is not None:
            found = Directive(DEADNIX, comment)
        else:
            continue
        if found.kind != FILE:
            found.lines = _lines(tree, source, found)
        directives.append(found)
    return directives, malformed


def _inside(text: str, comment: Span) -> tuple[int, int]:
    """The range of a comment without `#`, or without `/*` and `*/`."""
    start, end = comment.start, comment.end
    if text.startswith("#", start):
        while start < end and text[start] == "#":
            start += 1
        return start, end
    start = min(start + 2, end)
    while start < end and text[start] == "*":
        start += 1
    return start, max(start, end - 2) if text.endswith("*/", start, end) else end


def _read(text: str, comment: Span, at: int, end: int) -> Directive | Malformed:
    """Read what follows `nixlint:`."""
    word = _WORD.match(text, at, end)
    if word is None or word[0] not in ("ignore", "ignore-file"):
        what = f"unknown directive `{word[0]}`" if word is not None else "no directive"
        return Malformed(comment, f"{what} after `nixlint:`: {ADVICE}")
    open_at = word.end()
    while open_at < end and text[open_at] in " \t":
        open_at += 1
    if not text.startswith("[", open_at, end):
        message = f"`nixlint: {word[0]}` must name the rules in brackets: `{word[0]}[rule]`"
        return Malformed(comment, message)
    close_at = text.find("]", open_at, end)
    if close_at < 0:
        return Malformed(comment, f"the bracket after `nixlint: {word[0]}` is never closed")
    directive = Directive(LINE if word[0] == "ignore" else FILE, comment)
    directive.brackets = Span(open_at + 1, close_at)
    for name in _NAME.finditer(text, open_at + 1, close_at):
        directive.names.append((name[0], Span(name.start(), name.end())))
    if not directive.names:
        message = f"`nixlint: {word[0]}[]` names no rule, and so ignores nothing"
        return Malformed(comment, message)
    return directive


def _lines(tree: Tree, source: Source, directive: Directive) -> tuple[int, ...]:
    """The lines a comment speaks about: its own when code stands there, else that of the next."""
    tokens = tree.tokens
    index = tokens.index_at(directive.comment.start)
    before = tokens.previous_solid(index)
    after = tokens.next_solid(index)
    first = source.line_of(directive.comment.start)
    last = source.line_of(directive.comment.end)
    next_line = source.line_of(tokens.start(after))
    trailing = before >= 0 and source.line_of(max(tokens.end(before) - 1, 0)) == first
    if not trailing:
        return (next_line,)
    if directive.kind == DEADNIX and next_line <= last + 1:
        # To deadnix a comment belongs to the binding after it, even at the end of a line.
        return (first, next_line)
    return (first,)
