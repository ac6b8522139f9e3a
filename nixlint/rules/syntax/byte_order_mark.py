"""A byte order mark at the start of a file.

## What it does
Reports the character U+FEFF (shown as `[BOM]` below) that some editors put first to mark a file as
UTF-8.

## Why it matters
Nix refuses the file with `unexpected invalid token` and shows a line that looks faultless.

## Example
```nix
[BOM]{ a = 1; }
```

## Use instead
```nix
{ a = 1; }
```

## Fix safety
Safe: the mark has no meaning.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, SAFE
from nixlint.rules.base import Rule


class ByteOrderMark(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "byte-order-mark"
        self.severity = ERROR
        self.fix_applicability = SAFE
