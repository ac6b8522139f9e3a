"""A computed value where Nix reads a flake before it evaluates anything.

## What it does
Reports everything in `description`, `inputs` and `nixConfig` that is not written out, and a
`description` that is no string.
Written out are strings without `${…}`, paths without `${…}`, numbers, `true`, `false`, lists, and
sets whose names are written out, too.
Calls such as `import ./url.nix`, `"a" + "b"`, `let … in …`, `if`, `with`, and attributes of
something else are computed.
A variable is not reported: within a `rec { … }` it depends on the order.

## Why it matters
Nix refuses the flake with a message that does not help: *expected a string but got a thunk*.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/" + "nixos-unstable";
  outputs = { self, nixpkgs }: { };
}
```

## Use instead
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = { self, nixpkgs }: { };
}
```

## Fix safety
None: only you know the value.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.flakes import report_problems


class FlakeNonLiteralMetadata(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-non-literal-metadata"
        self.severity = ERROR
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        report_problems(self, ctx)
