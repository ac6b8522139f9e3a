"""Arguments of a function without a comma between them.

## What it does
Reports the place between two names of a pattern such as `{ lib pkgs }:` where the comma is missing.

## Why it matters
Nix refuses the file.

## Example
```nix
{ lib pkgs }: { inherit lib pkgs; }
```

## Use instead
```nix
{ lib, pkgs }: { inherit lib pkgs; }
```

## Fix safety
Safe: nothing but a comma can stand there.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, SAFE
from nixlint.rules.base import Rule


class FormalMissingComma(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "formal-missing-comma"
        self.severity = ERROR
        self.aliases = ("sema-formal-missing-comma",)
        self.fix_applicability = SAFE
