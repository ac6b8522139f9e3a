"""A path with two slashes in a row.

## What it does
Reports paths such as `./a//b`.

## Why it matters
Nix ends the path at the first slash and then refuses the file.

## Example
```nix
{ source = ./files//motd; }
```

## Use instead
```nix
{ source = ./files/motd; }
```

## Fix safety
Safe: removes one of the slashes, which file systems ignore too.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, SAFE
from nixlint.rules.base import Rule


class PathDuplicateSlashes(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "path-duplicate-slashes"
        self.severity = ERROR
        self.fix_applicability = SAFE
