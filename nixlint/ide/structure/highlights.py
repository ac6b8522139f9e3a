"""All places in a file that mean the same name as the one under the cursor."""

from __future__ import annotations

from nixlint.ide.document import Document
from nixlint.ide.knowledge.nodes_at import path_to
from nixlint.semantic.model import REF_IMPLICIT, REF_INHERIT, Definition, Reference, SemanticModel
from nixlint.syntax.nodes import AttrName, ExprVar, ExprWith, Name, Node

_MEMO = "definitions_at"


class Highlight:
    """A place, and whether the name is bound there or only read."""

    def __init__(self, start: int, end: int, write: bool) -> None:
        self.start = start
        self.end = end
        self.write = write


def highlights(document: Document, offset: int) -> list[Highlight]:
    """The places that mean the same as the name at an offset, in the order of the text.

    For a name that a `with` may supply, those with the same `with`s around them, and the `with`.
    """
    model = document.model
    for node in reversed(path_to(document, offset)):
        if not isinstance(node, (ExprVar, AttrName, Name)):
            continue
        definition = _definitions(document).get(node.start)
        if definition is None:
            reference = model.reference_at(node.start)
            if reference is None:
                return []
            if reference.definition is None:
                return _from_with(model, reference)
            definition = reference.definition
        return _of_definition(definition)
    return []


def _definitions(document: Document) -> dict[int, Definition]:
    """Offset of a name that binds → its definition."""
    table: dict[int, Definition] | None = document.memo.get(_MEMO)
    if table is None:
        table = {}
        root = document.tree.root
        for definition in document.model.definitions:
            for node in definition.nodes():
                if node is not root:
                    table[node.start] = definition
        document.memo[_MEMO] = table
    return table


def _of_definition(definition: Definition) -> list[Highlight]:
    out: dict[int, Highlight] = {}
    for reference in definition.references:
        if reference.kind != REF_IMPLICIT:
            _add(out, reference.node, False)
    if definition.owner is not definition.node:
        for node in definition.nodes():
            _add(out, node, True)
    return [out[start] for start in sorted(out)]


def _from_with(model: SemanticModel, reference: Reference) -> list[Highlight]:
    withs = reference.withs
    if not withs:
        return []
    out: dict[int, Highlight] = {}
    for other in model.references:
        if other.definition is None and other.name == reference.name:
            if other.kind <= REF_INHERIT and other.withs == withs:
                _add(out, other.node, False)
    for scope in withs:
        if isinstance(scope.node, ExprWith):
            start = int(scope.node.start)
            out[start] = Highlight(start, start + len("with"), False)
    return [out[start] for start in sorted(out)]


def _add(out: dict[int, Highlight], node: Node, write: bool) -> None:
    if node.start < node.end:
        out[node.start] = Highlight(int(node.start), int(node.end), write)
