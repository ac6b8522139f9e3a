"""`mkIf true` and `mkIf false`.

## What it does
Reports calls of `lib.mkIf` whose condition is written out as `true` or `false`.

## Why it matters
The condition decides nothing: what is under `mkIf true` always holds, what is under `mkIf false`
never does, though its options must exist all the same.

## Example
```nix
{ lib, ... }:
{
  services.openssh = lib.mkIf true { enable = true; };
}
```

## Use instead
```nix
{ lib, ... }:
{
  services.openssh = { enable = true; };
}
```

## Fix safety
Safe: `mkIf true` gives way to its content.
For `mkIf false` there is no fix.
"""

from __future__ import annotations

from nixlint.diagnostics.model import HINT, SAFE, Edit, Fix
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.properties import inside_parentheses, property_made
from nixlint.syntax.nodes import ExprCall, ExprVar
from nixlint.text.span import Span


class MkifLiteral(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "mkif-literal"
        self.severity = HINT
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        for node in ctx.calls("mkIf"):
            if property_made(node, ctx.text) == "mkIf":
                self.check_call(node, ctx)

    def check_call(self, node: ExprCall, ctx: FileContext) -> None:
        """Looks at the condition of a `mkIf`."""
        condition = inside_parentheses(node.args[0])
        if not isinstance(condition, ExprVar):
            return
        word = ctx.text[condition.start : condition.end]
        if word == "false":
            message = "the condition is always false: nothing here takes effect"
            ctx.report(self, Span(node.start, node.args[0].end), message)
        elif word == "true":
            fix: Fix | None = None
            content = node.args[1]
            if (
                "#" not in ctx.text[node.start : content.start]
                and "/*" not in ctx.text[node.start : content.start]
            ):
                edit = Edit(Span(node.start, content.start), "")
                fix = Fix("remove `mkIf true`", [edit], SAFE)
            message = "the condition is always true: `mkIf` does nothing"
            ctx.report(self, Span(node.start, node.args[0].end), message, None, fix)
