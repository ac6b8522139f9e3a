"""How a set that has a name is taken apart: `args.x`, `args ? x`, `inherit (args) x`.

For an `args@{ x, ... }:` this tells which formals are used through `args`, and whether `args` goes
anywhere as a whole, in which case all of them may be.
"""

from __future__ import annotations

from nixlint.semantic.model import Definition, SemanticModel
from nixlint.syntax.nodes import (
    EXPR_OP_HAS_ATTR,
    EXPR_SELECT,
    EXPR_VAR,
    INHERIT,
    AttrPath,
    ExprOpHasAttr,
    ExprSelect,
    Inherit,
    Node,
    unparen,
)
from nixlint.syntax.strings import static_name


class Projections:
    """For every variable of a file of which only some attributes are used: which ones.

    `by_start` goes from the start of the variable to the names; what is not in there is used as a
    whole.
    """

    def __init__(self, model: SemanticModel) -> None:
        self.by_start: dict[int, list[str]] = {}
        self.text = model.tree.text
        stack: list[Node] = [model.tree.root]
        while stack:
            node = stack.pop()
            kind = node.kind
            if kind == EXPR_SELECT:
                assert isinstance(node, ExprSelect)
                self.add(node.base, node.path)
            elif kind == EXPR_OP_HAS_ATTR:
                assert isinstance(node, ExprOpHasAttr)
                self.add(node.base, node.path)
            elif kind == INHERIT:
                assert isinstance(node, Inherit)
                self.add_inherit(node)
            stack.extend(node.children())

    def add(self, base: Node, path: AttrPath) -> None:
        base = unparen(base)
        if base.kind == EXPR_VAR:
            name = static_name(path.first, self.text)
            if name is not None:
                self.by_start[base.start] = [name]

    def add_inherit(self, node: Inherit) -> None:
        if node.source is None:
            return
        source = unparen(node.source)
        if source.kind != EXPR_VAR:
            return
        names: list[str] = []
        for attr in node.names:
            name = static_name(attr, self.text)
            if name is None:
                return
            names.append(name)
        self.by_start[source.start] = names

    def used_names(self, definition: Definition) -> set[str] | None:
        """The attributes of a variable that live code uses, or None if it is used as a whole."""
        out: set[str] = set()
        for reference in definition.references:
            if not reference.live:
                continue
            names = self.by_start.get(reference.node.start)
            if names is None:
                return None
            out.update(names)
        return out
