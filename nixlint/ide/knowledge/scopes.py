"""Which names are in force at an offset, told from the tree alone.

`semantic/` resolves all names of a file at once. Here only the scopes around one place are looked
at, which an editor can wait for at every keystroke. What a scope brings along is kept with the
document. Sets that are written in several pieces are not put together.
"""

from __future__ import annotations

from typing import Final

from nixlint.ide.document import Document
from nixlint.ide.knowledge.nodes_at import path_to
from nixlint.semantic.model import (
    DEF_ARG,
    DEF_AT,
    DEF_FORMAL,
    DEF_INHERIT,
    DEF_INHERIT_FROM,
    DEF_LET,
    DEF_REC,
)
from nixlint.syntax.nodes import (
    Binding,
    ExprAttrs,
    ExprLambda,
    ExprLegacyLet,
    ExprLet,
    ExprWith,
    Inherit,
    Node,
)
from nixlint.syntax.strings import static_name

_MEMO: Final = "scopes"


class Binder:
    """A name that a scope brings along.

    `kind` is one of the `DEF_…` of `semantic/model.py`; `scope` is the node that makes the scope.
    `places` are the nodes that name it, with the binding, formal or argument of each.
    """

    def __init__(self, kind: int, name: str, scope: Node) -> None:
        self.kind = kind
        self.name = name
        self.scope = scope
        self.places: list[tuple[Node, Node]] = []

    @property
    def node(self) -> Node:
        """The first node that names it."""
        return self.places[0][0]

    @property
    def owner(self) -> Node:
        """The first binding, formal or argument."""
        return self.places[0][1]


class Found:
    """What a name means at a place: its binder, or the `with`s (innermost first) that may supply
    it. `path` is the way from the root down to the scope or to the innermost `with`."""

    def __init__(self, name: str, binder: Binder | None, withs: list[ExprWith]) -> None:
        self.name = name
        self.binder = binder
        self.withs = withs


def names_of(document: Document, node: Node) -> dict[str, Binder]:
    """The names that a `let`, a `rec` set or a function brings along; empty for other nodes."""
    table: dict[int, dict[str, Binder]] = document.memo.setdefault(_MEMO, {})
    found = table.get(node.start)
    if found is None:
        found = _names_of(node, document.text)
        table[node.start] = found
    return found


def makes_scope(node: Node) -> bool:
    """Whether a node brings names along that are written in it."""
    if isinstance(node, ExprAttrs):
        return node.recursive
    return isinstance(node, (ExprLet, ExprLambda, ExprLegacyLet))


def _names_of(node: Node, text: str) -> dict[str, Binder]:
    out: dict[str, Binder] = {}
    if isinstance(node, ExprLambda):
        arg = node.arg
        if arg.formals is not None:
            for formal in arg.formals.items:
                _add(out, DEF_FORMAL, text[formal.name.start : formal.name.end], node,
                     formal.name, formal)  # fmt: skip
        if arg.name is not None:
            kind = DEF_ARG if arg.formals is None else DEF_AT
            _add(out, kind, text[arg.name.start : arg.name.end], node, arg.name, arg)
        return out
    kind = DEF_LET
    if isinstance(node, ExprAttrs):
        kind = DEF_REC
    elif not isinstance(node, (ExprLet, ExprLegacyLet)):
        return out
    for bind in node.binds:
        if isinstance(bind, Binding):
            name = static_name(bind.path.first, text)
            if name is not None:
                _add(out, kind, name, node, bind.path.first, bind)
        elif isinstance(bind, Inherit):
            inherited = DEF_INHERIT if bind.source is None else DEF_INHERIT_FROM
            for attr in bind.names:
                name = static_name(attr, text)
                if name is not None:
                    _add(out, inherited, name, node, attr, bind)
    return out


def _add(
    out: dict[str, Binder], kind: int, name: str, scope: Node, node: Node, owner: Node
) -> None:
    if not name:
        return
    binder = out.get(name)
    if binder is None:
        binder = Binder(kind, name, scope)
        out[name] = binder
    binder.places.append((node, owner))


def scopes_around(path: list[Node], offset: int) -> list[Node]:
    """The nodes whose names are in force at an offset, innermost first; `path` are the nodes
    around it (see `nodes_at.path_to`)."""
    out: list[Node] = []
    for index in range(len(path) - 1, -1, -1):
        node = path[index]
        if isinstance(node, ExprWith):
            if offset > node.attrs.end:
                out.append(node)
        elif isinstance(node, Inherit) and node.source is None and index > 0:
            # `inherit x;` looks outside of the scope that it adds to.
            return scopes_around(path[: index - 1], offset)
        elif makes_scope(node):
            out.append(node)
    return out


def lookup(document: Document, offset: int, name: str) -> Found:
    """What a name used at an offset means."""
    return lookup_in(document, path_to(document, offset), offset, name)


def lookup_in(document: Document, path: list[Node], offset: int, name: str) -> Found:
    """As `lookup`, `path` being the nodes around the offset."""
    withs: list[ExprWith] = []
    for node in scopes_around(path, offset):
        if isinstance(node, ExprWith):
            withs.append(node)
            continue
        binder = names_of(document, node).get(name)
        if binder is not None:
            return Found(name, binder, [])
    return Found(name, None, withs)
