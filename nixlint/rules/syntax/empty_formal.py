"""A comma too many between the arguments of a function.

## What it does
Reports a comma in a pattern with no name before it, as in `{ lib,, pkgs }:`.
A single comma at the end is fine.

## Why it matters
Nix refuses the file.

## Example
```nix
{ lib,, pkgs }: { inherit lib pkgs; }
```

## Use instead
```nix
{ lib, pkgs }: { inherit lib pkgs; }
```

## Fix safety
Safe: removes the comma, which names no argument.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, SAFE
from nixlint.rules.base import Rule


class EmptyFormal(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "empty-formal"
        self.severity = ERROR
        self.aliases = ("sema-empty-formal",)
        self.fix_applicability = SAFE
