"""A module that asks for an argument and does not use it.

## What it does
Reports unused names in the header of a module, such as `lib` in `{ config, lib, ... }:`, and of
functions that look like one: a pattern with `...` that asks for something the module systems
hand out, before a set.
Nothing is reported if the header has an `@` name that is used.

Off by default: many people begin every module with the same header, and that costs nothing.

## Why it matters
A header that lists just what the module uses tells at a glance whether it depends on the rest of
the configuration.

## Example
```nix
{ config, lib, pkgs, ... }:
{
  environment.systemPackages = [ pkgs.hello ];
}
```

## Use instead
```nix
{ pkgs, ... }:
{
  environment.systemPackages = [ pkgs.hello ];
}
```

## Fix safety
Unsafe: the module system does not mind, but other code may call the file with this argument.
"""

from __future__ import annotations

from nixlint.diagnostics.model import HINT
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.dead_code import dead_use
from nixlint.rules.functions import MODULE_SYSTEM, Callers, formal_fix, unused_formals


class UnusedModuleArgument(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "unused-module-argument"
        self.severity = HINT
        self.enabled = False
        self.whole_file = True
        self.aliases = ("sema-unused-def-lambda-noarg-formal", "unused_binding", "UnusedArg")

    def check_file(self, ctx: FileContext) -> None:
        unused = unused_formals(ctx)
        if not unused:
            return
        callers = Callers(ctx)
        for found in unused:
            if found.at is None and callers.of(found.function) == MODULE_SYSTEM:
                definition = found.definition
                message = f"this module does not use `{definition.name}`"
                fix = formal_fix(ctx, found)
                notes = dead_use(definition)
                ctx.report(self, definition.node.span, message, notes, fix, "unnecessary")
