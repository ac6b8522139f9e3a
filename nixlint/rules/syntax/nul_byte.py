"""A NUL byte outside of strings and comments.

## What it does
Reports the first character U+0000 (shown as `␀` below) between the tokens of a file.

## Why it matters
Nix takes it for the end of the file and does not even look at what follows.
Most often the file is not text at all, or is encoded in UTF-16.

## Example
```nix
{ a = 1; } ␀ Nobody reads this.
```

## Use instead
```nix
{ a = 1; } # Nobody reads this.
```

## Fix safety
None: whether the byte or all that follows it should go is not known.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING
from nixlint.rules.base import Rule


class NulByte(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "nul-byte"
        self.severity = WARNING
