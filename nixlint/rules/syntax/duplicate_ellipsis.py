"""A second ellipsis in a pattern.

## What it does
Reports every `...` of a pattern but the first.

## Why it matters
Nix refuses the file.

## Example
```nix
{ lib, ..., ... }: { inherit lib; }
```

## Use instead
```nix
{ lib, ... }: { inherit lib; }
```

## Fix safety
Safe: one `...` says it all.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, SAFE
from nixlint.rules.base import Rule


class DuplicateEllipsis(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "duplicate-ellipsis"
        self.severity = ERROR
        self.aliases = ("sema-formal-extra-ellipsis",)
        self.fix_applicability = SAFE
