"""What refactorings share: where they are asked for, what they propose, and the proof of it.

A refactoring is a function that looks at a `Site` and gives `Proposal`s. It need not be careful
about names: a proposal is offered only when the changed text parses, every name means what it
meant, no comment is lost, and, where the refactoring only writes the same thing differently, Nix's
own parser makes the same of both texts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nixlint.analysis.config import NEWEST_NIX
from nixlint.analysis.verify import Change, fatal_errors, harm
from nixlint.diagnostics.model import Edit
from nixlint.ide.document import Document
from nixlint.ide.knowledge.nodes_at import path_to
from nixlint.rules.base import FileContext
from nixlint.semantic.model import (
    DEF_BUILTIN,
    REF_IMPLICIT,
    Definition,
    Reference,
    SemanticModel,
)
from nixlint.syntax.ids import T_BLOCK_COMMENT, T_COMMENT, T_IND_STR, T_STR
from nixlint.syntax.merge import DEEP_MERGE
from nixlint.syntax.nodes import (
    ExprAttrs,
    ExprFloat,
    ExprHPath,
    ExprIndString,
    ExprInt,
    ExprLegacyLet,
    ExprList,
    ExprParen,
    ExprPath,
    ExprSelect,
    ExprSPath,
    ExprString,
    ExprUri,
    ExprVar,
    Node,
    unparen,
)
from nixlint.syntax.parser import parse
from nixlint.syntax.print_nix import print_nix
from nixlint.text.span import Span

REWRITE: Final = "refactor.rewrite"
EXTRACT: Final = "refactor.extract"
INLINE: Final = "refactor.inline"
QUICK_FIX: Final = "quickfix"

NAMES: Final = "names"
"""The proof of a refactoring that moves names around: each means what it meant."""
SAME: Final = "same"
"""The proof of one that writes the same thing differently: Nix's parser makes the same of it."""
OLD_NIX: Final = (2, 8)


class Site:
    """The place `start` to `end` in a document; `path` are the nodes around it, root first."""

    def __init__(self, document: Document, start: int, end: int) -> None:
        self.document = document
        self.text = document.text
        while start < end and self.text[start].isspace():
            start += 1
        while end > start and self.text[end - 1].isspace():
            end -= 1
        self.start = start
        self.end = end
        around = [node for node in path_to(document, start) if node.end >= end]
        self.path = [node for node in around if node.start <= start]

    @property
    def model(self) -> SemanticModel:
        return self.document.model

    @property
    def node(self) -> Node:
        """The innermost node."""
        return self.path[-1]

    def text_of(self, node: Node) -> str:
        return self.text[node.start : node.end]

    def indentation(self, offset: int) -> str:
        """The blanks at the start of the line that holds an offset."""
        start = self.text.rfind("\n", 0, offset) + 1
        end = start
        while end < len(self.text) and self.text[end] in " \t":
            end += 1
        return self.text[start:end]


class Proposal:
    """A refactoring that can be done: `name` is a word for it, `proof` how it is checked.

    A proof may be a function that gets the change and the model of the new text, and says whether
    the change is in order.
    """

    def __init__(
        self,
        name: str,
        title: str,
        kind: str,
        edits: list[Edit],
        proof: str | Callable[[Change, SemanticModel], bool] = NAMES,
    ) -> None:
        self.name = name
        self.title = title
        self.kind = kind
        self.edits = edits
        self.proof = proof


class Before:
    """What proofs need to know of a document, computed once for all of them."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.context = FileContext(document.path, document.tree, NEWEST_NIX)
        self.context._model = document.model
        self.refused = bool(fatal_errors(self.context))
        """Whether Nix refuses the text, so that there is no meaning to keep."""
        self._printed: dict[tuple[int, int], str] = {}

    def printed(self, version: tuple[int, int]) -> str:
        """What a version of Nix prints for it."""
        if version not in self._printed:
            self._printed[version] = print_nix(self.document.tree, nix_version=version)
        return self._printed[version]


def is_sound(document: Document, proposal: Proposal, before: Before | None = None) -> bool:
    """Whether a proposal keeps the meaning of a document that parses."""
    if before is None:
        before = Before(document)
    edits = [edit for edit in proposal.edits if edit.text or edit.span.end > edit.span.start]
    if not edits:
        return False
    try:
        change = Change(document.text, edits)
    except ValueError:
        return False
    if change.text == document.text:
        return False
    old = before.context
    new = FileContext(document.path, parse(change.text), NEWEST_NIX)
    if any(error.fatal for error in new.tree.errors):
        return False
    if callable(proposal.proof):
        if len(fatal_errors(new)) > len(fatal_errors(old)):
            # Sets that are merged, for one, are no longer.
            return False
        return _keeps_comments(old, new) and proposal.proof(change, new.model)
    if harm(old, new, change, []) is not None:
        return False
    if proposal.proof == SAME:
        # Old versions merge sets less deeply, and print so.
        return all(
            before.printed(version) == print_nix(new.tree, nix_version=version)
            for version in (OLD_NIX, DEEP_MERGE)
        )
    return True


def _keeps_comments(old: FileContext, new: FileContext) -> bool:
    had = [" ".join(old.text[one.start : one.end].split()) for one in old.tree.comments()]
    has = [" ".join(new.text[one.start : one.end].split()) for one in new.tree.comments()]
    return sorted(had) == sorted(has)


def keeps_names(
    old: SemanticModel, new: SemanticModel, change: Change, but: frozenset[int]
) -> bool:
    """Whether every name means what it meant; not asked of names that start at `but`, nor of those
    that an edit has touched."""
    for reference in old.references:
        if reference.kind == REF_IMPLICIT or reference.node.start in but:
            continue
        at = change.to_new(reference.node.start, reference.node.end)
        if at is None:
            continue
        now = new.reference_at(at)
        if now is None or now.name != reference.name:
            return False
        if not same_definition(reference.definition, now.definition, change):
            return False
    return True


def same_definition(old: Definition | None, new: Definition | None, change: Change) -> bool:
    """Whether two binders, one before and one after a change, are the same one."""
    if old is None or new is None:
        return old is new
    if old.kind == DEF_BUILTIN or new.kind == DEF_BUILTIN:
        return old.kind == new.kind and old.name == new.name
    return change.to_new(old.node.start, old.node.start + 1) == new.node.start


# What refactorings need.


def replaced(start: int, end: int, text: str) -> Edit:
    """An edit."""
    return Edit(Span(start, end), text)


def is_atom(node: Node) -> bool:
    """Whether an expression may stand anywhere without parentheses."""
    if isinstance(node, ExprSelect):
        return node.default is None
    return isinstance(
        node,
        (
            ExprAttrs,
            ExprFloat,
            ExprHPath,
            ExprIndString,
            ExprInt,
            ExprLegacyLet,
            ExprList,
            ExprParen,
            ExprPath,
            ExprSPath,
            ExprString,
            ExprVar,
        ),
    )


def is_plain_path(node: Node) -> bool:
    """Whether an expression is a name, or attributes chosen from one."""
    node = unparen(node)
    while isinstance(node, ExprSelect):
        if node.default is not None or any(name.inner is not None for name in node.path.names()):
            return False
        node = unparen(node.base)
    return isinstance(node, ExprVar)


def in_parentheses(node: Node, text: str) -> str:
    """The text of an expression, such that it may stand anywhere."""
    written = text[node.start : node.end]
    return written if is_atom(node) and not isinstance(node, ExprUri) else f"({written})"


def has_comment(document: Document, start: int, end: int) -> bool:
    """Whether a comment lies between two offsets."""
    tokens = document.tree.tokens
    index = tokens.index_at(start)
    while index < len(tokens) and tokens.start(index) < end:
        if tokens.kind(index) in (T_COMMENT, T_BLOCK_COMMENT) and tokens.end(index) > start:
            return True
        index += 1
    return False


def shifted(document: Document, start: int, end: int, columns: int) -> list[Edit]:
    """Edits that move the lines beginning between two offsets to the right, or to the left.

    Lines inside of strings and comments stay, but for those of a `''` string that can all move.
    """
    text = document.text
    tokens = document.tree.tokens
    out: list[Edit] = []
    moving: dict[int, bool] = {}
    at = text.find("\n", start, end)
    while at >= 0:
        line = at + 1
        at = text.find("\n", line, end)
        if line >= end:
            break
        stop = line
        while stop < len(text) and text[stop] == " ":
            stop += 1
        if stop < len(text) and text[stop] in "\r\n":
            continue
        index = tokens.index_at(line)
        if tokens.start(index) < line and tokens.kind(index) == T_STR:
            continue
        if tokens.kind(index) == T_IND_STR and not _may_move(document, line, columns, moving):
            continue
        if columns > 0:
            out.append(replaced(line, line, " " * columns))
        else:
            size = min(stop - line, -columns)
            if size:
                out.append(replaced(line, line + size, ""))
    return out


def _may_move(document: Document, line: int, columns: int, moving: dict[int, bool]) -> bool:
    """Whether all lines of the `''` string around a line can move; those of other strings not."""
    inner: Node | None = None
    for node in path_to(document, line):
        if isinstance(node, (ExprString, ExprIndString)):
            inner = node
    if not isinstance(inner, ExprIndString):
        return False
    known = moving.get(inner.start)
    if known is None:
        first, *lines = document.text[inner.start : inner.end].split("\n")
        full = [one for one in lines if one.strip()]
        # Text in the first line would count, too, and cannot move.
        known = (
            not inner.parts
            and not first[2:].strip()
            and all(
                one.startswith(" " * max(0, -columns)) and not one.startswith("\t") for one in full
            )
        )
        moving[inner.start] = known
    return known


def names_in(model: SemanticModel, node: Node) -> list[Reference]:
    """The names used inside of a node, the implicit ones, too."""
    return [
        one for one in model.references if node.start <= one.node.start and one.node.end <= node.end
    ]
