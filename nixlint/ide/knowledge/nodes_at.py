"""What stands at an offset: the nodes around it, the scope there, the words and bindings.

Every question goes down the tree once and bisects among the children of each node, so that a
large file costs no more than a small one. Offsets are code points.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

from nixlint.ide.document import Document
from nixlint.semantic.model import Scope
from nixlint.syntax.ids import FIRST_TRIVIA
from nixlint.syntax.nodes import (
    ERROR_NODE,
    EXPR_ASSERT,
    EXPR_IF,
    EXPR_LAMBDA,
    EXPR_LET,
    EXPR_LIST,
    EXPR_PAREN,
    EXPR_WITH,
    AttrName,
    AttrPath,
    Binding,
    ExprAttrs,
    ExprWith,
    Node,
)
from nixlint.syntax.tree import Tree

_CONTINUES: Final = (EXPR_LAMBDA, EXPR_LET, EXPR_WITH, EXPR_ASSERT, EXPR_IF)
"""What has no end of its own: more of its last expression may follow."""
_CLOSERS: Final = {"[": "]", "(": ")"}


def path_to(document: Document, offset: int) -> list[Node]:
    """The nodes around an offset, the root first.

    A node counts as around the offset when it touches it. Where two of them do, the one that
    starts there is taken, unless it is empty. What was never closed reaches over the blanks
    behind it.
    """
    return path_in(document.tree, offset)


def path_in(tree: Tree, offset: int) -> list[Node]:
    """As `path_to`, for a tree."""
    node: Node = tree.root
    out = [node]
    blank = blank_before(tree, offset)
    while True:
        child = _child_at(tree, node, offset, blank)
        if child is None:
            return out
        out.append(child)
        node = child


def _start(node: Node) -> int:
    return node.start


def _child_at(tree: Tree, node: Node, offset: int, blank: int) -> Node | None:
    children = node.children()
    index = bisect_right(children, offset, key=_start) - 1
    if index < 0:
        return None
    child = children[index]
    if child.end == child.start == offset and index > 0 and children[index - 1].end == offset:
        # Something is missing right behind a name: the name is what one means.
        child = children[index - 1]
    if offset <= child.end:
        if child.start == offset and index > 0:
            before = children[index - 1]
            if before.end == offset and before.end > before.start and child.end == child.start:
                return before
        return child
    if index > 0 and child.start == child.end:
        # A missing expression, without width, behind something that reaches further.
        before = children[index - 1]
        if offset <= before.end:
            return before
    while index > 0 and child.start == child.end == children[index - 1].end:
        # What is missing here was missing first in what stands before.
        if not is_unclosed(tree.text, children[index - 1]):
            break
        index -= 1
        child = children[index]
    if child.end < blank:
        return None
    if child.kind in _CONTINUES or is_unclosed(tree.text, child):
        return child
    return None


def is_unclosed(text: str, node: Node) -> bool:
    """Whether the end of a node is missing: a bracket, a quote, or its last expression."""
    while True:
        if node.kind == ERROR_NODE:
            return node.start == node.end
        if node.start == node.end:
            return True
        opener = text[node.start]
        if isinstance(node, ExprAttrs):
            return text[node.end - 1] != "}"
        if isinstance(node, Binding):
            return text[node.end - 1] != ";" or node.value.end == node.end
        if opener in "[(" and node.children() and not isinstance(node, (AttrPath, AttrName)):
            if node.kind in _BRACKETED and text[node.end - 1] != _CLOSERS[opener]:
                return True
        children = node.children()
        if not children:
            return False
        last = children[-1]
        if last.end != node.end:
            return False
        node = last


_BRACKETED: Final = (EXPR_PAREN, EXPR_LIST)


def blank_before(tree: Tree, offset: int) -> int:
    """From where on nothing but blanks and comments stands before an offset."""
    tokens = tree.tokens
    index = tokens.index_at(offset)
    while index >= 0:
        end = tokens.end(index)
        if tokens.start(index) < min(offset, end):
            if tokens.kind(index) < FIRST_TRIVIA:
                return min(end, offset)
        index -= 1
    return 0


def scope_at(document: Document, path: list[Node], offset: int) -> Scope:
    """The innermost scope in force at an offset, `path` being the nodes around it."""
    model = document.model
    for index in range(len(path) - 1, -1, -1):
        node = path[index]
        scope = model.scope_for(node)
        if scope is None:
            continue
        if isinstance(node, ExprWith) and offset <= node.attrs.end:
            continue
        return scope
    return model.file_scope


def innermost(path: list[Node], kind: type) -> Node | None:
    """The last node of a class in a path."""
    for node in reversed(path):
        if isinstance(node, kind):
            return node
    return None
