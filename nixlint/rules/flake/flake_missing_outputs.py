"""A flake without an `outputs` function.

## What it does
Reports a flake.nix that has no `outputs`, or whose `outputs` is anything but a function that is
written out there: a set, a `let … in { self }: …`, an `import ./outputs.nix`.

## Why it matters
Nix wants to know the arguments of the function without evaluating anything.
It says *lacks attribute 'outputs'*, or *expected a function but got a thunk*.

## Example
```nix file: flake.nix
{
  outputs = let name = "hello"; in { self }: { packages.x86_64-linux.${name} = null; };
}
```

## Use instead
```nix file: flake.nix
{
  outputs = { self }: let name = "hello"; in { packages.x86_64-linux.${name} = null; };
}
```

## Fix safety
Unsafe: `outputs = import ./outputs.nix;` becomes `outputs = inputs: import ./outputs.nix inputs;`,
which is right if the file holds a function.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.flakes import report_problems


class FlakeMissingOutputs(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-missing-outputs"
        self.severity = ERROR
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        report_problems(self, ctx)
