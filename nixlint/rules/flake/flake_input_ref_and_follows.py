"""An input with a place of its own that follows another input as well.

## What it does
Reports an input of a flake.nix, or an override, that has both a `url` (or a `type`) and a
`follows`.

## Why it matters
The two contradict each other.
Since version 2.30 Nix refuses the flake: *has both a flake reference and a follows attribute*.
Before, it ignored the place in silence.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.disko.url = "github:nix-community/disko";
  inputs.disko.follows = "nixpkgs";
  outputs = { self, ... }: { };
}
```

## Use instead
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.disko.url = "github:nix-community/disko";
  inputs.disko.inputs.nixpkgs.follows = "nixpkgs";
  outputs = { self, ... }: { };
}
```

## Fix safety
None: only you know which of the two is right, or whether `inputs.NAME.follows` was meant.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.flakes import report_problems


class FlakeInputRefAndFollows(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-input-ref-and-follows"
        self.severity = ERROR
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        report_problems(self, ctx)
