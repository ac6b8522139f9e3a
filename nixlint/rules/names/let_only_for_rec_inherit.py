"""A `let` binding that is only there to be inherited into a recursive set.

## What it does
Reports a binding of a `let` whose only use is `inherit name;` in one `rec { … }` set.

Off by default: the `let` may be there to keep private things apart.

## Why it matters
The members of a `rec` set see each other, so the binding can stand in the set itself, and readers
need not look in two places.

## Example
```nix
let
  version = "1.0";
in
rec {
  inherit version;
  name = "hello-${version}";
}
```

## Use instead
```nix
rec {
  version = "1.0";
  name = "hello-${version}";
}
```

## Fix safety
Unsafe: the binding moves, and comments around it may go or be left behind.
No fix where one of the names it uses would mean something else in the set.
"""

from __future__ import annotations

from nixlint.diagnostics.model import HINT, UNSAFE, Edit, Fix, Note
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.removal import (
    Removal,
    edits_of,
    line_start,
    remove_inherited,
    remove_let,
    remove_lines,
)
from nixlint.semantic.model import (
    DEF_BUILTIN,
    DEF_INHERIT,
    DEF_LET,
    SCOPE_LET,
    SCOPE_REC,
    Definition,
    Reference,
    Scope,
    is_builtin_here,
    resolve,
    withs_around,
)
from nixlint.syntax.nodes import AttrName, Binding, ExprLet, Inherit
from nixlint.text.span import Span


class LetOnlyForRecInherit(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "let-only-for-rec-inherit"
        self.severity = HINT
        self.enabled = False
        self.whole_file = True
        self.aliases = ("LetInInheritRecset",)

    def check_file(self, ctx: FileContext) -> None:
        members: dict[int, Definition] = {}
        for definition in ctx.model.definitions:
            if definition.kind == DEF_INHERIT and definition.scope.kind == SCOPE_REC:
                members[definition.node.start] = definition
        if not members:
            return
        for definition in ctx.model.definitions:
            if definition.kind != DEF_LET or definition.scope.kind != SCOPE_LET:
                continue
            if len(definition.references) != 1 or definition.others is not None:
                continue
            member = members.get(definition.references[0].node.start)
            binding = definition.owner
            if member is None or not isinstance(binding, Binding):
                continue
            if binding.path.rest is not None:
                continue
            message = f"`{definition.name}` is only used to be inherited into one `rec` set"
            notes = [Note("inherited here", member.node.span)]
            fix = moving(ctx, definition, binding, member)
            ctx.report(self, definition.node.span, message, notes, fix)


def moving(
    ctx: FileContext, definition: Definition, binding: Binding, member: Definition
) -> Fix | None:
    """Moves the binding into the set; None where that would change what its names mean."""
    let = definition.scope.node
    inherit = member.owner
    attr = member.node
    if not isinstance(let, ExprLet) or not isinstance(inherit, Inherit):
        return None
    if not isinstance(attr, AttrName) or member.others is not None:
        return None
    for reference in ctx.model.references:
        if binding.start <= reference.node.start < binding.end:
            if not means_the_same(reference, member.scope, binding):
                return None
    text = ctx.text_of(binding)
    removals: list[Removal] = []
    if len(let.binds) == 1:
        removals.append(remove_let(ctx.tree, let))
    else:
        removals.append(remove_lines(ctx.tree, binding.start, binding.end))
    start: int = inherit.start
    if len(inherit.names) == 1:
        edits = edits_of(ctx.tree, removals)
        edits.append(Edit(inherit.span, text))
    else:
        removals.append(remove_inherited(ctx.tree, inherit, [attr]))
        edits = edits_of(ctx.tree, removals)
        indent = ctx.text[line_start(ctx.text, start) : start]
        between = "\n" + indent if not indent.strip() else " "
        edits.append(Edit(Span(start, start), text + between))
    return Fix(f"Move `{definition.name}` into the set", edits, UNSAFE)


def means_the_same(reference: Reference, scope: Scope, binding: Binding) -> bool:
    """Whether a name of the binding would find in `scope` what it finds now."""
    definition = reference.definition
    if definition is None:
        if resolve(reference.name, scope) is not None:
            return False
        around: list[int] = []
        for other in withs_around(reference.scope):
            if not binding.start <= other.node.start < binding.end:
                around.append(other.node.start)
        return around == [other.node.start for other in withs_around(scope)]
    if definition.kind == DEF_BUILTIN:
        return is_builtin_here(reference.name, scope)
    inside = binding.start <= definition.node.start < binding.end
    own_scope = definition.scope.node
    if inside and own_scope.start >= binding.start:
        return True
    return resolve(reference.name, scope) is definition
