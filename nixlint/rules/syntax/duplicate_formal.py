"""An argument that a pattern names twice.

## What it does
Reports the second of two equal names in a pattern.

## Why it matters
Nix refuses the file.

## Example
```nix
{ lib, pkgs, lib }: { inherit lib pkgs; }
```

## Use instead
```nix
{ lib, pkgs }: { inherit lib pkgs; }
```

## Fix safety
None: they may have different defaults, or one of them may be a slip for another name.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.base import Rule


class DuplicateFormal(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "duplicate-formal"
        self.severity = ERROR
        self.aliases = ("duplicated_param", "sema-dup-formal")
