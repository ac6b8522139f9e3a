"""An option without a description.

## What it does
Reports calls of `lib.mkOption` without `description`, unless the option is `internal` or not
`visible`.

## Why it matters
The manual of NixOS and that of home-manager can only show options that say what they are for, and
so can editors.

## Example
```nix
{ lib, ... }:
{
  options.site.port = lib.mkOption { type = lib.types.port; };
}
```

## Use instead
```nix
{ lib, ... }:
{
  options.site.port = lib.mkOption {
    type = lib.types.port;
    description = "Where the site listens.";
  };
}
```

## Fix safety
None: only you know what the option is for.
"""

from __future__ import annotations

from nixlint.diagnostics.model import HINT
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.option_declarations import option_calls


class MissingOptionDescription(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "missing-option-description"
        self.severity = HINT
        self.enabled = False
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        for call in option_calls(ctx):
            fields = call.fields
            if not call.complete or "description" in fields:
                continue
            if "internal" in fields or "visible" in fields:
                continue
            ctx.report(self, call.node.fn.span, "this option has no `description`")
