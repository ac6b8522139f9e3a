"""Growing selections: from the word under the cursor to the whole file."""

from __future__ import annotations

from nixlint.ide.document import Document
from nixlint.ide.knowledge.nodes_at import path_to
from nixlint.syntax.ids import T_IND_STR, T_STR
from nixlint.syntax.nodes import EXPR_IND_STRING, EXPR_STRING, ExprAttrs, ExprList


def selections(document: Document, offset: int) -> list[tuple[int, int]]:
    """The pieces of text around an offset, the smallest first, each inside of the next one."""
    out: list[tuple[int, int]] = []
    path = path_to(document, offset)
    tokens = document.tree.tokens
    index = tokens.index_at(offset)
    if tokens.kind(index) in (T_STR, T_IND_STR):
        word = _word(document.text, offset, tokens.start(index), tokens.end(index))
        _add(out, *word)
        _add(out, tokens.start(index), tokens.end(index))
    for node in reversed(path):
        if node.kind == EXPR_STRING and node.end - node.start >= 2:
            _add(out, node.start + 1, node.end - 1)
        elif node.kind == EXPR_IND_STRING and node.end - node.start >= 4:
            _add(out, node.start + 2, node.end - 2)
        elif isinstance(node, ExprAttrs) and node.binds:
            _add(out, node.binds[0].start, node.binds[-1].end)
        elif isinstance(node, ExprList) and node.items:
            _add(out, node.items[0].start, node.items[-1].end)
        _add(out, node.start, node.end)
    _add(out, 0, len(document.text))
    return [(start, end) for start, end in out if start <= offset <= end]


def _add(out: list[tuple[int, int]], start: int, end: int) -> None:
    """Adds a piece that holds all those before it and is larger."""
    if start == end:
        return
    if out:
        last_start, last_end = out[-1]
        if start > last_start or end < last_end or (start, end) == (last_start, last_end):
            return
    out.append((int(start), int(end)))


def _word(text: str, offset: int, low: int, high: int) -> tuple[int, int]:
    start = offset
    while start > low and (text[start - 1].isalnum() or text[start - 1] in "_-"):
        start -= 1
    end = offset
    while end < high and (text[end].isalnum() or text[end] in "_-"):
        end += 1
    return start, end
