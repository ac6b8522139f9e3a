"""More than one expression in a file.

## What it does
Reports what follows the one expression that a file consists of.

## Why it matters
Nix refuses the file: a file is a single expression.
Several values go into one set or one list.

## Example
```nix
{ a = 1; }
let b = 2; in { inherit b; }
```

## Use instead
```nix
let b = 2; in { inherit b; a = 1; }
```

## Fix safety
None: how the expressions belong together is not known.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.base import Rule


class MultipleRootExpressions(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "multiple-root-expressions"
        self.severity = ERROR
