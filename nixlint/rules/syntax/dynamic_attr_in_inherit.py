"""An inherited name that is only known at run time.

## What it does
Reports `inherit ${e};` and `inherit (s) "a${e}";`.

## Why it matters
Nix refuses the file.

## Example
```nix
{ name, set }: { inherit (set) ${name}; }
```

## Use instead
```nix
{ name, set }: { ${name} = set.${name}; }
```

## Fix safety
Unsafe: removes the name.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, UNSAFE
from nixlint.rules.base import Rule


class DynamicAttrInInherit(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "dynamic-attr-in-inherit"
        self.severity = ERROR
        self.aliases = ("invalid_dynamic", "sema-dynamic-inherit")
        self.fix_applicability = UNSAFE
