"""A binding that changes what an operator or `<…>` does.

## What it does
Reports bindings called `__sub`, `__mul`, `__div`, `__lessThan`, `__findFile` or `__nixPath`.
Nix turns `a - b` into a call of `__sub`, `a < b` into one of `__lessThan`, and `<nixpkgs>` into one
of `__findFile` with `__nixPath`, and takes whatever has that name there.
An argument or formal `__findFile` is not reported: there are libraries that hand one out to give
`<…>` a meaning of their own.

## Why it matters
Arithmetic, comparisons or search paths below quietly do something else.
Lix refuses such bindings unless a deprecated feature is switched on.

## Example
```nix
let
  __sub = a: b: a + b;
in
5 - 3
```

## Use instead
```nix
let
  add = a: b: a + b;
in
add 5 3
```

## Fix safety
None: what relies on the binding has to be found and written in another way.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING, Note
from nixlint.rules.base import FileContext, Rule
from nixlint.semantic.model import (
    DEF_BUILTIN,
    REF_IMPLICIT,
    SCOPE_LAMBDA,
    SCOPE_REC,
    Definition,
)
from nixlint.text.span import Span


class ShadowedInternalSymbol(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "shadowed-internal-symbol"
        self.severity = WARNING
        self.whole_file = True
        self.aliases = ("shadow-internal-symbols",)

    def check_file(self, ctx: FileContext) -> None:
        for definition in ctx.model.definitions:
            if definition.kind == DEF_BUILTIN or not definition.name.startswith("__"):
                continue
            what = effect_of(definition.name)
            if not what:
                continue
            uses = implicit_uses(definition)
            kind = definition.scope.kind
            if kind == SCOPE_LAMBDA and definition.name in ("__findFile", "__nixPath"):
                continue
            if kind == SCOPE_REC and not uses:
                continue
            message = f"`{definition.name}` changes what {what} in its scope"
            notes = [Note("here, for example", uses[0])] if uses else []
            ctx.report(self, definition.node.span, message, notes)


def effect_of(name: str) -> str:
    """What is different where `name` is bound; empty for other names."""
    if name == "__sub":
        return "`-` does"
    if name == "__mul":
        return "`*` does"
    if name == "__div":
        return "`/` does"
    if name == "__lessThan":
        return "`<`, `>`, `<=` and `>=` do"
    if name == "__findFile" or name == "__nixPath":
        return "`<…>` finds"
    return ""


def implicit_uses(definition: Definition) -> list[Span]:
    """Where the name is used without being written."""
    out: list[Span] = []
    for reference in definition.references:
        if reference.kind == REF_IMPLICIT:
            out.append(reference.node.span)
    return out
