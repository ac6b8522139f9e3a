"""A document, and what walks up and down its tree: parents, names, the word at a place.

Offsets are code points.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from nixlint.ide.document import Document
from nixlint.ide.model import Place
from nixlint.semantic.model import SemanticModel
from nixlint.syntax.nodes import (
    AttrName,
    ExprPath,
    Node,
)
from nixlint.syntax.strings import static_name

Reader = Callable[[str], "View | None"]
"""Gives the view of the file at an absolute path; None when it cannot be read."""


class View:
    """A document with the parents of its nodes.

    Paths in it are taken relative to the folder of the document.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.path = document.path
        self.text = document.text
        self.folder = os.path.dirname(document.path)
        self._parents: dict[int, Node] | None = None

    @property
    def root(self) -> Node:
        """The expression that the file is."""
        return self.document.tree.root.expr

    @property
    def model(self) -> SemanticModel:
        """The names of the file."""
        return self.document.model

    def parent(self, node: Node) -> Node | None:
        """The node directly around another one; None for the root."""
        if self._parents is None:
            table: dict[int, Node] = {}
            stack: list[Node] = [self.document.tree.root]
            while stack:
                at = stack.pop()
                for child in at.children():
                    table[id(child)] = at
                    stack.append(child)
            self._parents = table
        return self._parents.get(id(node))

    def name(self, attr: AttrName) -> str | None:
        """The name that a component of a path stands for; None when it is computed."""
        return static_name(attr, self.text)

    def names(self, attrs: list[AttrName]) -> list[str] | None:
        """The names of several components; None when one is computed."""
        out: list[str] = []
        for attr in attrs:
            name = self.name(attr)
            if name is None:
                return None
            out.append(name)
        return out

    def slice(self, node: Node) -> str:
        """The text of a node."""
        return self.text[node.start : node.end]

    def place(self, node: Node) -> Place:
        """Where a node stands."""
        return Place(self.path, int(node.start), int(node.end))

    def target(self, node: ExprPath) -> str | None:
        """The absolute path that a literal without interpolation leads to; None for others."""
        if node.parts:
            return None
        text = self.text[node.start : node.end]
        if text.startswith("~"):
            return None
        return os.path.normpath(os.path.join(self.folder, text))

    def nodes(self) -> Iterator[Node]:
        """All nodes in the order of the text."""
        stack: list[Node] = [self.document.tree.root]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children()))


def nodes_around(view: View, offset: int) -> list[Node]:
    """The nodes around a word, from the root inwards.

    A word is meant when the offset stands in it or right behind it.
    """
    text = view.text
    behind = 0 < offset <= len(text) and (_is_word(text[offset - 1]) or text[offset - 1] in "\"'>}")
    if behind and not (offset < len(text) and (_is_word(text[offset]) or text[offset] == '"')):
        return _nodes_at(view, offset - 1)
    out = _nodes_at(view, offset)
    if behind and text[offset] in "./+-~" and out[-1].children():
        # It is no part of a path: `a.b`, with the offset behind `a`.
        return _nodes_at(view, offset - 1)
    return out


def _nodes_at(view: View, offset: int) -> list[Node]:
    out: list[Node] = [view.document.tree.root]
    while True:
        for child in out[-1].children():
            if child.start <= offset < child.end:
                out.append(child)
                break
        else:
            return out


def _is_word(char: str) -> bool:
    return char.isalnum() or char in "_'-/.~+"


def file_at(path: str) -> str | None:
    """The file that Nix reads for a path: the `default.nix` of a directory; None without one."""
    if os.path.isdir(path):
        inner = os.path.join(path, "default.nix")
        return inner if os.path.isfile(inner) else None
    return path if os.path.isfile(path) else None
