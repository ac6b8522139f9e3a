"""Large texts, at every keystroke: only what matters for one place.

To complete a word in a file of half a megabyte, nobody can wait for all of it to be parsed again.
The tree of an earlier version says which attributes and elements lie beside the ones around the
place; those of sets and lists bring no names into scope, so they are replaced by blanks. What is
left has the same offsets and is parsed in no time.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from nixlint.ide.document import Document
from nixlint.syntax.nodes import ExprAttrs, ExprList, Node

LARGE: Final = 60_000
"""Texts of fewer characters are parsed as they are."""
MAX_KEPT: Final = 3
MAX_VERSIONS: Final = 2
MAX_CHANGE: Final = 20_000
"""A text that differs in more characters from all that is known is parsed as a whole."""

_parsed: OrderedDict[str, list[Document]] = OrderedDict()


class Change:
    """What is different between an earlier version and a text: `low` to `high` in the earlier one,
    which the place that matters is a part of. `delta` is how much longer the text is."""

    def __init__(self, known: Document, text: str, offset: int) -> None:
        old = known.text
        before = common_start(old, text)
        behind = common_end(old, text, min(len(old), len(text)) - before)
        self.known = known
        self.delta = len(text) - len(old)
        here = offset if offset <= before else max(before, offset - self.delta)
        self.low = min(before, here)
        self.high = max(len(old) - behind, here)


def nearby(document: Document, offset: int) -> Document:
    """A document to complete in at an offset: the same one, or, if that is large and not parsed
    yet, one with blanks in place of what is far away."""
    if len(document.text) < LARGE or not document.path:
        return document
    if not document.is_parsed:
        changes = [Change(each, document.text, offset) for each in _parsed.get(document.path, ())]
        if changes:
            change = min(changes, key=lambda each: each.high - each.low)
            if change.high - change.low < MAX_CHANGE:
                text = _reduced(change, document.text)
                return Document(document.path, text, document.version)
    remember(document)
    return document


def remember(document: Document) -> None:
    """Keeps a large document that is parsed, or has to be now, for later versions of it."""
    if len(document.text) < LARGE or not document.path:
        return
    _ = document.tree
    versions = _parsed.setdefault(document.path, [])
    if document in versions:
        return
    versions.append(document)
    del versions[:-MAX_VERSIONS]
    _parsed.move_to_end(document.path)
    while len(_parsed) > MAX_KEPT:
        _parsed.popitem(last=False)


def _reduced(change: Change, text: str) -> str:
    """The text with blanks in place of what is far from a change."""
    known, low, high, delta = change.known, change.low, change.high, change.delta
    old = known.text
    spans: list[tuple[int, int]] = []
    node: Node | None = known.tree.root
    while node is not None:
        children = node.children()
        first = 0
        last = len(children)
        if len(children) > 8:
            first, last = _touching(children, low, high)
        if isinstance(node, ExprList) or (isinstance(node, ExprAttrs) and not node.recursive):
            if first > 1:
                _blank(old, spans, children[0].start, children[first - 1].start)
            if last + 1 < len(children):
                _blank(old, spans, children[last + 1].start, children[-1].end)
        inner: Node | None = None
        for child in children[first:last]:
            if child.start < low and high < child.end:
                inner = child
        node = inner
    pieces: list[str] = []
    at = 0
    for start, end in sorted(spans):
        if start >= high:
            start, end = start + delta, end + delta
        pieces.append(text[at:start])
        pieces.append(" " * (end - start))
        at = end
    pieces.append(text[at:])
    return "".join(pieces)


def _touching(children: list[Node], low: int, high: int) -> tuple[int, int]:
    """The children from index to index that touch the text from `low` to `high`."""
    first = _first(children, low, True)
    last = _first(children, high, False)
    return first, max(first, last)


def _first(children: list[Node], offset: int, by_end: bool) -> int:
    """The first child that ends at or behind an offset, or that starts behind it."""
    low, high = 0, len(children)
    while low < high:
        middle = (low + high) // 2
        child = children[middle]
        if (child.end < offset) if by_end else (child.start <= offset):
            low = middle + 1
        else:
            high = middle
    return low


def _blank(text: str, spans: list[tuple[int, int]], start: int, end: int) -> None:
    """Blanks from `start` to the last line end before `end`: indentation means something to
    those who mend broken text."""
    newline = text.rfind("\n", start, end)
    if newline > start:
        spans.append((int(start), newline))


def common_start(one: str, other: str) -> int:
    """How many characters two texts begin with in common."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def common_end(one: str, other: str, limit: int) -> int:
    """How many characters, at most `limit`, two texts end with in common."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low
