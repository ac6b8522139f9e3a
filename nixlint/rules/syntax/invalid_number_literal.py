"""A number that Nix cannot represent.

## What it does
Reports integers above 9223372036854775807 and floating point numbers that are too large or too
close to zero for 64 bits.

## Why it matters
Nix refuses the file.
There is no way to write the smallest integer either: `-9223372036854775808` is the negation of a
number that is too large.

## Example
```nix
{ max = 9223372036854775808; }
```

## Use instead
```nix
{ max = 9223372036854775807; }
```

## Fix safety
None: which number was meant is not known.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.base import Rule


class InvalidNumberLiteral(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "invalid-number-literal"
        self.severity = ERROR
        self.aliases = ("parse-int-too-big", "lex-float-no-exp")
