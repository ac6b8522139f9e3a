"""One version of a file, as an editor has it open.

A document never changes: an edit makes a new one. What is computed from the text (tree, names,
lines) is computed once, at the first question.
"""

from __future__ import annotations

from typing import Any

from nixlint.semantic.build import build_model
from nixlint.semantic.model import SemanticModel
from nixlint.syntax.parser import parse
from nixlint.syntax.tree import Tree
from nixlint.text.source import Source


class Document:
    """The text of the file at an absolute `path`; "" is the path of a file without a name.

    `version` is the editor's number for it.
    """

    def __init__(self, path: str, text: str, version: int = 0) -> None:
        self.path = path
        self.text = text
        self.version = version
        self._tree: Tree | None = None
        self._model: SemanticModel | None = None
        self._source: Source | None = None
        self.memo: dict[str, Any] = {}
        """What answers found out about this version, for the next question."""

    def use(self, tree: Tree) -> None:
        """Takes the tree of the text, which somebody has parsed already."""
        self._tree = tree

    @property
    def is_parsed(self) -> bool:
        """Whether the tree is there already."""
        return self._tree is not None

    @property
    def tree(self) -> Tree:
        """The syntax tree; there is always one, also of half a file."""
        if self._tree is None:
            self._tree = parse(self.text)
        return self._tree

    @property
    def model(self) -> SemanticModel:
        """Scopes, definitions and references."""
        if self._model is None:
            self._model = build_model(self.tree, self.path)
        return self._model

    @property
    def source(self) -> Source:
        """The lines."""
        if self._source is None:
            self._source = Source(self.path, self.text)
        return self._source
