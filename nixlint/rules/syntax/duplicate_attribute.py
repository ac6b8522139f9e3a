"""An attribute that is defined twice.

## What it does
Reports the second definition of a name in one set or one `let`.
Nix merges two set literals, and `a.b = 1; a.c = 2;`; only what it would not merge is reported.
Which sets it merges depends on the version of Nix: since 2.26 at any depth, before that only one
level deep.

## Why it matters
Nix refuses the file: one of the two values would be lost.

## Example
```nix
{
  services.openssh.enable = true;
  services.openssh.enable = false;
}
```

## Use instead
```nix
{
  services.openssh.enable = true;
}
```

## Fix safety
None: which of the definitions is the right one is not known.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.base import Rule


class DuplicateAttribute(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "duplicate-attribute"
        self.severity = ERROR
        self.aliases = ("duplicated_key", "sema-duplicated-attrname", "E006")
