"""A name in a `let` that is only known at run time.

## What it does
Reports `let ${e} = …; in` and `let "a${e}" = …; in`.
Further down in the path they are allowed: `let a.${e} = …; in`.

## Why it matters
Nix refuses the file: the names that a `let` binds must be known before anything is evaluated.

## Example
```nix
{ name }: let ${name} = 1; in name
```

## Use instead
```nix
{ name }: let set.${name} = 1; in set
```

## Fix safety
None: how the value was meant to be used is not known.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.base import Rule


class DynamicAttrInLet(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "dynamic-attr-in-let"
        self.severity = ERROR
        self.aliases = ("invalid_dynamic", "let-dynamic")
