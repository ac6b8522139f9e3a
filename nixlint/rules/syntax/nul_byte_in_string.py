"""A NUL byte in a string.

## What it does
Reports strings that contain the character U+0000 (shown as `␀` below).

## Why it matters
Older versions of Nix cut the string off there without a word; Nix 2.26 and later refuse the file.

## Example
```nix
{ separator = "a␀b"; }
```

## Use instead
```nix
{ separator = "a:b"; }
```

## Fix safety
None: what the byte stands for is not known.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.base import Rule


class NulByteInString(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "nul-byte-in-string"
        self.severity = ERROR
        self.aliases = ("nul-bytes",)
