"""An option without a type.

## What it does
Reports calls of `lib.mkOption` without `type`, unless the option is `readOnly`, or only adds
something, such as `apply`, to an option that is declared elsewhere.

## Why it matters
An option without a type takes any value, and merges several definitions by guessing: lists are
joined, strings are put together without anything between them, Booleans are or-ed.
A mistake shows only where the value is used.

## Example
```nix
{ lib, ... }:
{
  options.site.port = lib.mkOption { default = 80; description = "Where the site listens."; };
}
```

## Use instead
```nix
{ lib, ... }:
{
  options.site.port = lib.mkOption {
    type = lib.types.port;
    default = 80;
    description = "Where the site listens.";
  };
}
```

## Fix safety
None: only you know which values make sense.
"""

from __future__ import annotations

from typing import Final

from nixlint.diagnostics.model import HINT
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.option_declarations import option_calls

EXCUSES: Final = ("type", "options", "readOnly")
"""Fields with which the type is no matter: a value that nobody else sets needs none, and `options`
is how submodules were once written."""
WHOLE: Final = ("default", "description", "example")


class MissingOptionType(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "missing-option-type"
        self.severity = HINT
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        for call in option_calls(ctx):
            fields = call.fields
            if not call.complete or any(name in fields for name in EXCUSES):
                continue
            if fields and not any(name in fields for name in WHOLE):
                # It adds something to an option that is declared elsewhere.
                continue
            ctx.report(self, call.node.fn.span, "this option has no `type`")
