"""Edits of definitions of options: giving them a priority, giving them another name."""

from __future__ import annotations

import re
from typing import Final

from nixlint.diagnostics.model import Edit
from nixlint.project.modules.model import Place
from nixlint.rules.project_base import ProjectContext
from nixlint.rules.properties import property_made
from nixlint.semantic.model import Scope, SemanticModel, resolve
from nixlint.semantic.shapes import strip
from nixlint.syntax.nodes import (
    Binding,
    ExprAttrs,
    ExprCall,
    ExprIf,
    ExprIndString,
    ExprInt,
    ExprLambda,
    ExprList,
    ExprParen,
    ExprPath,
    ExprSelect,
    ExprString,
    ExprVar,
    Inherit,
    Node,
    unparen,
)
from nixlint.syntax.strings import KEYWORDS, static_name
from nixlint.syntax.tree import Tree
from nixlint.text.span import Span

_NAME: Final = re.compile(r"[a-zA-Z_][\w'-]*")


class Written:
    """A definition as it is written: the bindings around it, outermost first, the last one being
    its own, and the sets they stand in."""

    def __init__(self, tree: Tree, bindings: list[Binding], sets: list[ExprAttrs]) -> None:
        self.tree = tree
        self.bindings = bindings
        self.sets = sets

    @property
    def binding(self) -> Binding:
        return self.bindings[-1]


def written_at(ctx: ProjectContext, place: Place) -> Written | None:
    """The definition at a place: where its name begins, or its value."""
    tree = ctx.project.tree(place.path)
    if tree is None or any(error.fatal for error in tree.errors):
        return None
    bindings: list[Binding] = []
    sets: list[ExprAttrs] = []
    node: Node | None = tree.root
    around: ExprAttrs | None = None
    while node is not None:
        if isinstance(node, ExprAttrs):
            around = node
        elif isinstance(node, Binding):
            if around is None:
                # A name of a `let` says nothing about options.
                bindings.clear()
                sets.clear()
            else:
                bindings.append(node)
                sets.append(around)
            around = None
        elif not isinstance(node, (ExprParen, ExprCall, ExprList)):
            around = None
        below: Node | None = None
        for child in node.children():
            if child.start <= place.start < child.end:
                below = child
        if isinstance(node, Binding) and below is node.path:
            break
        node = below
    return Written(tree, bindings, sets) if bindings else None


def value_at(written: Written, place: Place) -> Node | None:
    """The expression that is the value of a definition, inside of the conditions around it; None
    if it has a priority already, or may have one."""
    binding = written.binding
    text = written.tree.text
    node: Node = binding.value
    if place.start >= binding.path.end:
        found: Node | None = node
        while found is not None and found.start != place.start:
            below: Node | None = None
            for child in found.children():
                if child.start <= place.start < child.end:
                    below = child
            found = below
        if found is None:
            return None
        node = found
    while True:
        inner = unparen(node)
        if not isinstance(inner, ExprCall):
            break
        name = property_made(inner, text)
        if name == "mkIf":
            node = inner.args[1]
        elif name:
            return None
        else:
            break
    if isinstance(strip(node), (ExprIf, ExprLambda)) or "mk" in text[node.start : node.end]:
        # There may be properties inside.
        return None
    return node


def priority_edits(
    ctx: ProjectContext, place: Place, function: str, is_module: bool
) -> list[Edit] | None:
    """Edits that put `lib.FUNCTION` around the definition at a place; None if that is not easy.

    `is_module` says that the file is certainly loaded as a module, and may become a function.
    """
    written = written_at(ctx, place)
    model = ctx.project.model(place.path)
    if written is None or model is None:
        return None
    value = value_at(written, place)
    if value is None:
        return None
    edits: list[Edit] = []
    called = _callable(written.tree, model, value, function)
    if not called:
        header = _header_edit(written.tree, model) if is_module else None
        if header is None:
            return None
        edits.append(header)
        called = "lib." + function
    atomic = (ExprVar, ExprInt, ExprString, ExprIndString, ExprPath, ExprList, ExprParen)
    simple = isinstance(value, atomic) or (isinstance(value, ExprAttrs) and not value.recursive)
    simple = simple or (isinstance(value, ExprSelect) and value.default is None)
    opening, closing = ("", "") if simple else ("(", ")")
    edits.append(Edit(Span(value.start, value.start), f"{called} {opening}"))
    if closing:
        edits.append(Edit(Span(value.end, value.end), closing))
    return edits


def _callable(tree: Tree, model: SemanticModel, node: Node, function: str) -> str:
    """How a function of `lib` can be called at a node; "" if it cannot."""
    scope = scope_at(model, node)
    own = resolve(function, scope)
    if own is not None and isinstance(own.owner, Inherit) and own.owner.source is not None:
        source = tree.text[own.owner.source.start : own.owner.source.end]
        if source.strip("() ").endswith(("lib", "lib.modules")):
            return function
    return f"lib.{function}" if resolve("lib", scope) is not None else ""


def scope_at(model: SemanticModel, node: Node) -> Scope:
    """The innermost scope around a node."""
    best = model.file_scope
    for scope in model.scopes:
        at = scope.node
        if at.start <= node.start and node.end <= at.end and at.start >= best.node.start:
            best = scope
    return best


def _header_edit(tree: Tree, model: SemanticModel) -> Edit | None:
    """An edit that lets a module take `lib`."""
    root = unparen(tree.root.expr)
    if isinstance(root, ExprAttrs):
        return Edit(Span(root.start, root.start), "{ lib, ... }:\n")
    if not isinstance(root, ExprLambda) or root.arg.formals is None:
        return None
    formals = root.arg.formals
    if not formals.ellipsis:
        return None
    if any(each.name == "lib" for each in model.definitions):
        return None
    start = formals.start + 1
    after = " lib," if formals.items or formals.ellipsis else " lib"
    return Edit(Span(start, start), after)


def rename_edits(ctx: ProjectContext, place: Place, old: str, new: str) -> list[Edit] | None:
    """Edits that give the definition of option `old` the name `new`; None if the new name does
    not fit where it stands, or is taken there."""
    if '"' in old or '"' in new:
        return None
    written = written_at(ctx, place)
    if written is None:
        return None
    text = written.tree.text
    before = old.split(".")
    after = new.split(".")
    if not all(_NAME.fullmatch(name) and name not in KEYWORDS for name in after):
        return None
    chain: list[str] = []
    for binding in written.bindings:
        for each in binding.path.names():
            chain.append(static_name(each, text) or "\0")
    own = written.binding.path.names()
    if chain[-len(before) :] != before:
        return None
    # The part of the path that other bindings hold must stay.
    kept = len(before) - len(own)
    first = 0
    if kept < 0:
        # `config.site.port`, say: what stands in front stays.
        first = -kept
        kept = 0
    if before[:kept] != after[:kept] or len(after) <= kept:
        return None
    around = written.sets[-1]
    if around.recursive or _is_taken(around, written.binding, after[kept:], first, text):
        return None
    start = own[first].start
    return [Edit(Span(start, written.binding.path.end), ".".join(after[kept:]))]


def _is_taken(around: ExprAttrs, own: Binding, wanted: list[str], first: int, text: str) -> bool:
    """Whether another binding of a set defines an attribute, a part of it, or what it is in."""
    front = [static_name(each, text) for each in own.path.names()[:first]]
    target = [*front, *wanted]
    for bind in around.binds:
        if bind is own:
            continue
        if isinstance(bind, Inherit):
            if any(static_name(each, text) == target[0] for each in bind.names):
                return True
            continue
        if not isinstance(bind, Binding):
            return True
        names = [static_name(each, text) for each in bind.path.names()]
        shared = min(len(names), len(target))
        if None in names or names[:shared] == target[:shared]:
            return True
    return False
