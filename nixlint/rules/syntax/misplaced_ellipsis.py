"""An ellipsis that is not the last thing in a pattern.

## What it does
Reports `...` before other arguments, and a comma after `...`.

## Why it matters
Nix refuses the file.

## Example
```nix
{ ..., lib }: { inherit lib; }
```

## Use instead
```nix
{ lib, ... }: { inherit lib; }
```

## Fix safety
Safe: the order of the arguments in a pattern has no meaning.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, SAFE
from nixlint.rules.base import Rule


class MisplacedEllipsis(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "misplaced-ellipsis"
        self.severity = ERROR
        self.aliases = ("sema-misplaced-ellipsis",)
        self.fix_applicability = SAFE
