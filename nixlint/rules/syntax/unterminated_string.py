"""A string that is never closed.

## What it does
Reports the opening `"` or `''` of a string that has no end.
Where such a string was probably meant to end, reading goes on, so that the bindings after it are
still checked.

## Why it matters
Nix refuses the file, and points at its end or at some later string rather than at the quote.

## Example
```nix
{
  hostName = "box;
  enable = true;
}
```

## Use instead
```nix
{
  hostName = "box";
  enable = true;
}
```

## Fix safety
None: only the author knows where the text ends.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.base import Rule


class UnterminatedString(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "unterminated-string"
        self.severity = ERROR
