"""A `let { … }` without a `body`.

## What it does
Reports the old form `let { … }` when none of its attributes is called `body`.
It stays silent when a name is only known at run time.

## Why it matters
The value of `let { … }` is the attribute `body`, so evaluating it always fails.

## Example
```nix
let { greeting = "hello"; }
```

## Use instead
```nix
let { greeting = "hello"; body = greeting; }
```

## Fix safety
None: what the value should be is not known.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.base import Rule


class LegacyLetMissingBody(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "legacy-let-missing-body"
        self.severity = ERROR
        self.aliases = ("deprecated-let-missing-body",)
