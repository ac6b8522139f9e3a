"""Comparisons in a row, such as `a == b == c`.

## What it does
Reports the second of two operators that must not follow each other without parentheses: `==` and
`!=`, and `<`, `<=`, `>` and `>=`.

## Why it matters
Nix refuses the file: it does not say what `a < b < c` would mean.

## Example
```nix
{ a, b, c }: a < b < c
```

## Use instead
```nix
{ a, b, c }: a < b && b < c
```

## Fix safety
None: which of the two meanings was intended is not known.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.base import Rule


class NonAssociativeOperatorChain(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "non-associative-operator-chain"
        self.severity = ERROR
        self.aliases = ("parse-operator-noassoc",)
