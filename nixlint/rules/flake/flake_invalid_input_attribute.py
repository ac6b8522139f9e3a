"""An input with an attribute that inputs do not have, or one of the wrong kind.

## What it does
Reports, in the `inputs` of a flake.nix:

- an input that is no set, as in `inputs.nixpkgs = "github:NixOS/nixpkgs";`;
- an attribute that is unknown, or known only together with `type`;
- a `url`, `follows`, `flake` or `inputs` of the wrong kind, and a `follows` that cannot be the name
  of an input;
- an input that has got into another one, because a brace is not closed, a name with a dot is not
  quoted, or the word `inputs` is missing or there twice;
- attributes of `self` other than `submodules` and `lfs`.

## Why it matters
Nix refuses the flake, and its message seldom points at the mistake: *flake input attribute 'nix' is
a set while a string, Boolean, or integer is expected*.

## Example
```nix file: flake.nix
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs";
    home-manager = {
      url = "github:nix-community/home-manager";
      helix.url = "github:helix-editor/helix";
    };
  };
  outputs = { self, ... }: { };
}
```

## Use instead
```nix file: flake.nix
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs";
    home-manager.url = "github:nix-community/home-manager";
    helix.url = "github:helix-editor/helix";
  };
  outputs = { self, ... }: { };
}
```

## Fix safety
Unsafe: it guesses what was meant.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.flakes import report_problems


class FlakeInvalidInputAttribute(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-invalid-input-attribute"
        self.severity = ERROR
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        report_problems(self, ctx)
