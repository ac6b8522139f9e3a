"""A path that ends in a slash.

## What it does
Reports paths such as `./modules/`.

## Why it matters
Nix refuses the file: `path has a trailing slash`.

## Example
```nix
{ imports = [ ./modules/ ]; }
```

## Use instead
```nix
{ imports = [ ./modules ]; }
```

## Fix safety
Safe: removes the slash, which no path needs.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, SAFE
from nixlint.rules.base import Rule


class PathTrailingSlash(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "path-trailing-slash"
        self.severity = ERROR
        self.fix_applicability = SAFE
