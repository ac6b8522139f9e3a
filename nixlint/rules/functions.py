"""What rules on the arguments of functions ask: who calls this function, and may a name go?"""

from __future__ import annotations

from typing import Final

from nixlint.diagnostics.model import UNSAFE, Fix
from nixlint.rules.base import FileContext
from nixlint.rules.dead_code import is_cut_off
from nixlint.rules.removal import edits_of, remove_formal
from nixlint.rules.unresolved import meant_by_typos
from nixlint.semantic.file_kind import outputs_of
from nixlint.semantic.model import (
    DEF_AT,
    DEF_FORMAL,
    DEF_LET,
    FILE_FLAKE,
    FILE_MODULE,
    SCOPE_LAMBDA,
    Definition,
    Scope,
    says_unused,
)
from nixlint.semantic.projections import Projections
from nixlint.semantic.shapes import is_module_header, strip
from nixlint.syntax.nodes import Binding, ExprAttrs, ExprLambda, Formal, Node, unparen

# Who calls a function.
ANYBODY: Final = 0
FLAKE_OUTPUTS: Final = 1  # Nix, with `self` and all inputs
MODULE_SYSTEM: Final = 2  # with more than what is asked for
SOMETHING_ELSE: Final = 3  # what is in another file, with exactly what it likes


class Callers:
    """Tells for the functions of a file who calls them."""

    def __init__(self, ctx: FileContext) -> None:
        self.ctx = ctx
        self.outputs: set[int] = set()
        self.modules: set[int] = set()
        self.own: set[int] = set()
        """Functions whose interface is the file's own: its outermost ones, and those of `let`s."""
        self.add_own(ctx.tree.root.expr)
        for definition in ctx.model.definitions:
            if definition.kind == DEF_LET and isinstance(definition.owner, Binding):
                self.add_own(definition.owner.value)
        kind = ctx.model.file_kind
        body = strip(ctx.tree.root.expr)
        if kind == FILE_FLAKE:
            expr = unparen(ctx.tree.root.expr)
            function = outputs_of(expr, ctx.text) if isinstance(expr, ExprAttrs) else None
            if function is not None:
                self.outputs.add(function.start)
        elif kind == FILE_MODULE:
            while isinstance(body, ExprLambda):
                formals = body.arg.formals
                if formals is not None and formals.ellipsis:
                    self.modules.add(body.start)
                body = strip(body.body)

    def add_own(self, node: Node) -> None:
        node = strip(node)
        while isinstance(node, ExprLambda):
            self.own.add(node.start)
            node = strip(node.body)

    def of(self, node: ExprLambda) -> int:
        """`ANYBODY`, `FLAKE_OUTPUTS`, `MODULE_SYSTEM` or `SOMETHING_ELSE`."""
        if node.start in self.outputs:
            return FLAKE_OUTPUTS
        if node.start in self.modules or is_module_header(node, self.ctx.text):
            return MODULE_SYSTEM
        formals = node.arg.formals
        if formals is not None and not formals.ellipsis and node.start not in self.own:
            return SOMETHING_ELSE
        return ANYBODY


class UnusedFormal:
    """A formal that nothing needs, and how its function may come to use it all the same."""

    def __init__(self, definition: Definition, function: ExprLambda) -> None:
        self.definition = definition
        self.function = function
        self.at: Definition | None = None
        """The `@` name of the function, if something uses that."""


def unused_formals(ctx: FileContext) -> list[UnusedFormal]:
    """The formals that live functions do not use, neither by name nor through an `@` name.

    Not those whose name starts with `_`, and not `self` in a flake.
    """
    out: list[UnusedFormal] = []
    is_flake = ctx.model.file_kind == FILE_FLAKE
    projections: Projections | None = None
    for scope in ctx.model.scopes:
        if scope.kind != SCOPE_LAMBDA or not scope.region.live:
            continue
        node = scope.node
        if not isinstance(node, ExprLambda) or node.arg.formals is None:
            continue
        unused = unused_names(scope)
        if not unused:
            continue
        at = live_at_binding(scope)
        used: set[str] | None = set()
        if at is not None:
            if projections is None:
                projections = Projections(ctx.model)
            used = projections.used_names(at)
        if used is None:
            continue
        for definition in unused:
            if definition.name not in used and not (is_flake and definition.name == "self"):
                found = UnusedFormal(definition, node)
                found.at = at
                out.append(found)
    if not out or is_cut_off(ctx.tree):
        return []
    meant = meant_by_typos(ctx)
    return [found for found in out if found.definition.node.start not in meant]


def unused_names(scope: Scope) -> list[Definition]:
    out: list[Definition] = []
    for definition in scope.names.values():
        if definition.kind == DEF_FORMAL and not definition.live:
            if not says_unused(definition.name):
                out.append(definition)
    return out


def live_at_binding(scope: Scope) -> Definition | None:
    for definition in scope.names.values():
        if definition.kind == DEF_AT and definition.live:
            return definition
    return None


def formal_fix(ctx: FileContext, found: UnusedFormal) -> Fix | None:
    """Removes the formal; None while dead code still names it."""
    definition = found.definition
    formal = definition.owner
    if definition.references or definition.others is not None or not isinstance(formal, Formal):
        return None
    edits = edits_of(ctx.tree, [remove_formal(ctx.tree, formal)])
    return Fix(f"Remove `{definition.name}`", edits, UNSAFE)
