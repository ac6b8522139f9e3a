"""A flake.nix that is no set.

## What it does
Reports a flake.nix whose expression is something else than a set that is written out, `{ … }`:
a function, a `let … in { … }`, a `with`, an `import`.

## Why it matters
Nix reads `description`, `inputs` and `nixConfig` before it evaluates anything, so the file must be
the set itself and not something that gives one.
Nix says: *file must be an attribute set*.

## Example
```nix file: flake.nix
let
  name = "hello";
in
{
  outputs = { self }: { packages.x86_64-linux.${name} = null; };
}
```

## Use instead
```nix file: flake.nix
{
  outputs =
    { self }:
    let
      name = "hello";
    in
    {
      packages.x86_64-linux.${name} = null;
    };
}
```

## Fix safety
None: only you know where the rest belongs.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.flakes import report_problems


class FlakeNotAttrset(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-not-attrset"
        self.severity = ERROR
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        report_problems(self, ctx)
