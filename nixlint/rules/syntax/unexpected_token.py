"""Something stands where it has no meaning, and was passed over.

## What it does
Reports closing brackets without an opening one, doubled semicolons, commas in lists, characters Nix
does not know, and other text that fits nowhere.
The rest of the file is read as if it were not there.

## Why it matters
Nix refuses the file.

## Example
```nix
{
  ports = [ 80, 443 ];
}
```

## Use instead
```nix
{
  ports = [ 80 443 ];
}
```

## Fix safety
Unsafe: removes the text, though it may be there because something else is missing.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, UNSAFE
from nixlint.rules.base import Rule


class UnexpectedToken(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "unexpected-token"
        self.severity = ERROR
        self.aliases = ("parse-unexpected",)
        self.fix_applicability = UNSAFE
