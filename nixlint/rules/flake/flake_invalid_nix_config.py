"""A setting in `nixConfig` of a kind that no setting has.

## What it does
Reports settings in the `nixConfig` of a flake.nix that are not a string, a number, a Boolean, a
path, or a list of strings.

## Why it matters
Nix refuses the flake: *flake configuration setting is a set*.

## Example
```nix file: flake.nix
{
  nixConfig.extra-substituters = [ ./cache ];
  outputs = { self }: { };
}
```

## Use instead
```nix file: flake.nix
{
  nixConfig.extra-substituters = [ "https://nix-community.cachix.org" ];
  outputs = { self }: { };
}
```

## Fix safety
None: only you know the value.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.flakes import report_problems


class FlakeInvalidNixConfig(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-invalid-nix-config"
        self.severity = ERROR
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        report_problems(self, ctx)
