"""What can be folded: sets, lists, functions' arguments, long strings, comments, `let`."""

from __future__ import annotations

from typing import Final

from nixlint.ide.document import Document
from nixlint.syntax.ids import T_BLOCK_COMMENT, T_COMMENT, T_WS
from nixlint.syntax.nodes import (
    EXPR_ATTRS,
    EXPR_IND_STRING,
    EXPR_LEGACY_LET,
    EXPR_LIST,
    EXPR_PAREN,
    EXPR_STRING,
    FORMALS,
    INHERIT,
    Binding,
    ExprLet,
    Node,
)

REGION: Final = "region"
COMMENT: Final = "comment"
MAX_CLOSING: Final = 200
_FOLDED: Final = frozenset(
    (EXPR_ATTRS, EXPR_LIST, EXPR_PAREN, EXPR_IND_STRING, EXPR_STRING, FORMALS, INHERIT,
     EXPR_LEGACY_LET)
)  # fmt: skip


class Fold:
    """Lines from 0 that can be shown as one: from the end of `first` to `last`, which is hidden
    unless the closing bracket stands there."""

    def __init__(self, first: int, last: int, kind: str) -> None:
        self.first = first
        self.last = last
        self.kind = kind


def folds(document: Document) -> list[Fold]:
    """The folds of a file, at most one beginning on each line, in the order of the text."""
    source = document.source
    text = document.text
    found: dict[int, Fold] = {}

    def add(start: int, end: int, kind: str, keep_last: bool) -> None:
        first = source.line_of(start)
        last = source.line_of(max(start, end - 1))
        if keep_last:
            last -= 1
        if last > first and (first not in found or found[first].last < last):
            found[first] = Fold(first, last, kind)

    stack: list[Node] = [document.tree.root.expr]
    while stack:
        node = stack.pop()
        if node.kind in _FOLDED:
            end = int(node.end)
            closing = text[end - 1 : end] in ("}", "]", ")", "'", '"') and _alone(text, end)
            add(int(node.start), end, REGION, closing)
        elif isinstance(node, ExprLet) and node.binds:
            add(int(node.start), int(node.binds[-1].end), REGION, False)
        elif isinstance(node, Binding):
            add(int(node.start), int(node.end), REGION, _alone(text, int(node.end)))
        stack.extend(node.children())
    tokens = document.tree.tokens
    run_start = -1
    run_end = -1
    for index in range(len(tokens)):
        kind = tokens.kind(index)
        if kind == T_COMMENT:
            start = tokens.start(index)
            if run_start < 0 and not _begins_line(text, start):
                continue
            if run_start < 0:
                run_start = start
            run_end = tokens.end(index)
            continue
        if kind == T_WS and text.count("\n", tokens.start(index), tokens.end(index)) <= 1:
            continue
        if run_start >= 0:
            add(run_start, run_end, COMMENT, False)
            run_start = -1
        if kind == T_BLOCK_COMMENT:
            add(tokens.start(index), tokens.end(index), COMMENT, False)
    return [found[line] for line in sorted(found)]


def _begins_line(text: str, start: int) -> bool:
    return not text[text.rfind("\n", 0, start) + 1 : start].strip()


def _alone(text: str, end: int) -> bool:
    """Whether only closing marks, and not too many, stand on the line up to an offset."""
    at = end
    while at > 0 and end - at < MAX_CLOSING:
        at -= 1
        if text[at] == "\n":
            return True
        if text[at] not in " \t\r}])'\";":
            return False
    return at == 0
