"""A `rec` set whose members do not use each other.

## What it does
Reports `rec` before a set if no member refers to another one, or to itself.
Sets with `__overrides` or with computed names are left alone.

## Why it matters
In a `rec` set every name means the member of that name, if there is one: a binding added later can
quietly change what its neighbors refer to, up to infinite recursion.

## Example
```nix
rec {
  name = "hello";
  version = "1.0";
}
```

## Use instead
```nix
{
  name = "hello";
  version = "1.0";
}
```

## Fix safety
Safe: no name is looked up in the set.
No fix when a comment stands between `rec` and the brace.
"""

from __future__ import annotations

from nixlint.diagnostics.model import SAFE, WARNING, Edit, Fix
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.dead_code import is_cut_off
from nixlint.rules.removal import has_comment
from nixlint.semantic.model import SCOPE_REC, Scope
from nixlint.text.span import Span


class UnusedRec(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "unused-rec"
        self.severity = WARNING
        self.whole_file = True
        self.aliases = ("sema-extra-rec", "unused_rec", "UnneededRec")

    def check_file(self, ctx: FileContext) -> None:
        for scope in ctx.model.scopes:
            if scope.kind != SCOPE_REC or scope.dynamic or not scope.region.live:
                continue
            if is_used(scope) or is_cut_off(ctx.tree):
                continue
            start: int = scope.node.start
            brace = ctx.text.index("{", start)
            fix: Fix | None = None
            if not has_comment(ctx.tree, start, brace):
                fix = Fix("Remove `rec`", [Edit(Span(start, brace), "")], SAFE)
            message = "`rec` is not needed: no member of this set refers to another"
            ctx.report(self, Span(start, start + 3), message, None, fix, "unnecessary")


def is_used(scope: Scope) -> bool:
    return any(definition.references for definition in scope.names.values())
