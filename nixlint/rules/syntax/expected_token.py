"""Something is missing: a `;`, a closing bracket, a keyword, a value.

## What it does
Reports the place where something has to stand that is not there: right after the text before it.
A bracket that is never closed is reported where it opens.
The rest of the file is read as if nothing were missing.

## Why it matters
Nix refuses the file, and often complains much further down: in `a = 1 b = 2;` about the second `=`.

## Example
```nix
{
  hostName = "box"
  domain = "example.org";
}
```

## Use instead
```nix
{
  hostName = "box";
  domain = "example.org";
}
```

## Fix safety
Unsafe: inserts the missing token where it most likely belongs, which is a guess.
There is no fix for a missing value.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, UNSAFE
from nixlint.rules.base import Rule


class ExpectedToken(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "expected-token"
        self.severity = ERROR
        self.aliases = ("parse-expected",)
        self.fix_applicability = UNSAFE
