"""A `let inherit x;` that binds `x` to what it is anyway.

## What it does
Reports names in `let inherit x; in` if `x` already has a binding outside.
Without one, `x` comes from a `with`, and then the `inherit` has an effect: the names of a `let` win
over those of a `with`.

## Why it matters
The `inherit` looks as if it did something.

## Example
```nix
{ lib }:
let
  inherit lib;
  version = "1.0";
in
lib.versions.major version
```

## Use instead
```nix
{ lib }:
let
  version = "1.0";
in
lib.versions.major version
```

## Fix safety
Safe: every use of the name finds the same binding one scope further out.
Unsafe when a comment belongs to what is removed, for the comment goes as well.
"""

from __future__ import annotations

from nixlint.diagnostics.model import SAFE, UNSAFE, WARNING, Fix, Note
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.removal import edits_of, remove_inherited, remove_let
from nixlint.semantic.model import DEF_BUILTIN, DEF_INHERIT, Definition, Scope
from nixlint.syntax.nodes import AttrName, ExprLet, Inherit
from nixlint.syntax.strings import static_name


class UselessLetInherit(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "useless-let-inherit"
        self.severity = WARNING
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        for scope in ctx.model.scopes:
            node = scope.node
            if not isinstance(node, ExprLet) or not scope.region.live:
                continue
            for bind in node.binds:
                if isinstance(bind, Inherit) and bind.source is None:
                    self.check_inherit(bind, node, scope, ctx)

    def check_inherit(self, inherit: Inherit, let: ExprLet, scope: Scope, ctx: FileContext) -> None:
        useless: list[AttrName] = []
        found: list[tuple[Definition, Definition]] = []
        for attr in inherit.names:
            definition = definition_at(scope, attr, ctx.text)
            reference = ctx.model.reference_at(attr.start)
            if definition is None or not definition.live or reference is None:
                continue
            outer = reference.definition
            if outer is not None:
                useless.append(attr)
                found.append((definition, outer))
        if not found:
            return
        fix = removal(ctx, inherit, let, useless)
        for definition, outer in found:
            notes: list[Note] = []
            if outer.kind != DEF_BUILTIN:
                notes.append(Note("it is bound here", outer.node.span))
            message = f"`{definition.name}` means the same without this `inherit`"
            ctx.report(self, definition.node.span, message, notes, fix, "unnecessary")


def definition_at(scope: Scope, attr: AttrName, text: str) -> Definition | None:
    """The definition that an inherited name makes, unless it makes none of its own."""
    name = static_name(attr, text)
    definition = scope.names.get(name) if name is not None else None
    if definition is None or definition.node is not attr or definition.others is not None:
        return None
    return definition if definition.kind == DEF_INHERIT else None


def removal(ctx: FileContext, inherit: Inherit, let: ExprLet, names: list[AttrName]) -> Fix:
    """Removes the names, and the `let` if they are all it binds."""
    all_of_let = len(let.binds) == 1 and len(names) == len(inherit.names)
    out = remove_let(ctx.tree, let)
    if not all_of_let or out.has_comment:
        out = remove_inherited(ctx.tree, inherit, names)
    applicability = UNSAFE if out.has_comment else SAFE
    title = "Remove the `inherit`"
    if len(names) < len(inherit.names):
        title = "Remove " + ", ".join([f"`{ctx.text_of(attr)}`" for attr in names])
    return Fix(title, edits_of(ctx.tree, [out]), applicability)
