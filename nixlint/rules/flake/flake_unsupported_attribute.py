"""An attribute that flakes do not have.

## What it does
Reports attributes of a flake.nix other than `description`, `inputs`, `outputs` and `nixConfig`.

## Why it matters
Nix refuses the flake: *has an unsupported attribute*.
Mostly it is a misspelled name, an input that should be in `inputs`, or an output that should be in
the set that `outputs` returns.

## Example
```nix file: flake.nix
{
  input.systems.url = "github:nix-systems/default";
  outputs = { self, ... }: { };
}
```

## Use instead
```nix file: flake.nix
{
  inputs.systems.url = "github:nix-systems/default";
  outputs = { self, ... }: { };
}
```

## Fix safety
Unsafe: it guesses which name was meant.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.flakes import report_problems


class FlakeUnsupportedAttribute(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-unsupported-attribute"
        self.severity = ERROR
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        report_problems(self, ctx)
