"""An argument with the name that the whole argument set has already.

## What it does
Reports `{ a }@a:` and `a@{ a }:`.

## Why it matters
Nix refuses the file: `a` cannot be both the set and a member of it.

## Example
```nix
args@{ args, ... }: args
```

## Use instead
```nix
attrs@{ args, ... }: args // attrs
```

## Fix safety
None: which of the two the uses mean is not known.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.base import Rule


class FormalDuplicatesAtBinding(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "formal-duplicates-at-binding"
        self.severity = ERROR
        self.aliases = ("duplicated_param", "sema-dup-formal-arg")
