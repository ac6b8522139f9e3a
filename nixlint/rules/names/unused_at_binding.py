"""An `@` name that is never used.

## What it does
Reports `args` in `args@{ … }:` or `{ … }@args:` if nothing uses it.
Names that start with `_` are never reported.

## Why it matters
An `@` name tells readers that the arguments are used as a whole, so that none of them can go
without a look at what happens to `args`.

## Example
```nix
{ lib, ... }@args: lib.version
```

## Use instead
```nix
{ lib, ... }: lib.version
```

## Fix safety
Safe: the name is visible nowhere else.
Unsafe when a comment stands beside the `@`, for it goes as well.
"""

from __future__ import annotations

from nixlint.diagnostics.model import SAFE, UNSAFE, WARNING, Edit, Fix
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.dead_code import dead_use, is_cut_off
from nixlint.rules.removal import has_comment
from nixlint.semantic.model import DEF_AT, Definition, says_unused
from nixlint.syntax.nodes import LambdaArg
from nixlint.text.span import Span


class UnusedAtBinding(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "unused-at-binding"
        self.severity = WARNING
        self.whole_file = True
        self.aliases = ("sema-unused-def-lambda-witharg-arg", "unused_binding", "UnusedArg")

    def check_file(self, ctx: FileContext) -> None:
        for definition in ctx.model.definitions:
            if definition.kind != DEF_AT or definition.live or says_unused(definition.name):
                continue
            if definition.scope.region.live and not is_cut_off(ctx.tree):
                message = f"`{definition.name}` is never used"
                notes = dead_use(definition)
                fix = removal(ctx, definition)
                ctx.report(self, definition.node.span, message, notes, fix, "unnecessary")


def removal(ctx: FileContext, definition: Definition) -> Fix | None:
    """Removes the name and the `@`; None while dead code still uses the name."""
    arg = definition.owner
    if definition.references or not isinstance(arg, LambdaArg) or arg.formals is None:
        return None
    start: int = definition.node.start
    end: int = definition.node.end
    if start < arg.formals.start:
        end = arg.formals.start
    else:
        start = arg.formals.end
    edit = Edit(Span(start, end), "")
    applicability = UNSAFE if has_comment(ctx.tree, start, end) else SAFE
    return Fix(f"Remove `{definition.name}`", [edit], applicability)
