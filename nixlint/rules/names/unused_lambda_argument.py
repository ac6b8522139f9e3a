"""An argument that its function does not use.

## What it does
Reports `x` in `x: e` if `e` does not use it.
Names that start with `_` are never reported, nor are the arguments of overlays
(`final: prev: …`) and of a flake's `outputs`.

Off by default: the argument itself cannot go, since the caller passes it, and what it is called is
a matter of taste.

## Why it matters
A name such as `_` or `_name` says openly that the argument does not matter.

## Example
```nix
builtins.mapAttrs (name: value: value + 1) { a = 1; }
```

## Use instead
```nix
builtins.mapAttrs (_name: value: value + 1) { a = 1; }
```

## Fix safety
Safe: the argument is renamed to `_name`, or to `_` where something in the function uses a `_name`.
No fix where both are in use.
"""

from __future__ import annotations

from nixlint.diagnostics.model import HINT, SAFE, Edit, Fix
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.dead_code import dead_use, is_cut_off
from nixlint.rules.functions import FLAKE_OUTPUTS, Callers
from nixlint.semantic.model import DEF_ARG, Definition, Reference, says_unused
from nixlint.semantic.shapes import is_overlay
from nixlint.syntax.nodes import ExprLambda


class UnusedLambdaArgument(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "unused-lambda-argument"
        self.severity = HINT
        self.enabled = False
        self.whole_file = True
        self.aliases = ("UnusedArg",)

    def check_file(self, ctx: FileContext) -> None:
        found: list[Definition] = []
        for definition in ctx.model.definitions:
            if definition.kind == DEF_ARG and not definition.live:
                if definition.scope.region.live and not says_unused(definition.name):
                    found.append(definition)
        if not found or is_cut_off(ctx.tree):
            return
        callers = Callers(ctx)
        overlays = overlay_arguments(ctx)
        spare = underscore_uses(ctx)
        for definition in found:
            node = definition.scope.node
            if node.start in overlays or not isinstance(node, ExprLambda):
                continue
            if callers.of(node) == FLAKE_OUTPUTS:
                continue
            message = f"argument `{definition.name}` is never used"
            notes = dead_use(definition)
            fix = renaming(definition, spare)
            ctx.report(self, definition.node.span, message, notes, fix, "unnecessary")


def overlay_arguments(ctx: FileContext) -> set[int]:
    """The starts of the functions that are part of an overlay."""
    out: set[int] = set()
    for scope in ctx.model.scopes:
        node = scope.node
        if isinstance(node, ExprLambda) and is_overlay(node, ctx.text):
            out.add(node.start)
            out.add(node.body.start)
    return out


def underscore_uses(ctx: FileContext) -> dict[str, list[Reference]]:
    """The uses of names that start with `_`, in the order of the text."""
    out: dict[str, list[Reference]] = {}
    for reference in ctx.model.references:
        if reference.name.startswith("_"):
            out.setdefault(reference.name, []).append(reference)
    return out


def renaming(definition: Definition, spare: dict[str, list[Reference]]) -> Fix | None:
    """Renames the argument to something that nothing inside the function refers to."""
    if definition.references:
        return None
    node = definition.scope.node
    for name in ("_" + definition.name, "_"):
        if not is_used_inside(spare.get(name), node.start, node.end):
            return Fix(f"Rename to `{name}`", [Edit(definition.node.span, name)], SAFE)
    return None


def is_used_inside(references: list[Reference] | None, start: int, end: int) -> bool:
    """Whether one of the references (in order) lies between two offsets."""
    if references is None:
        return False
    low = 0
    high = len(references)
    while low < high:
        middle = (low + high) // 2
        if references[middle].node.start < start:
            low = middle + 1
        else:
            high = middle
    return low < len(references) and references[low].node.start < end
