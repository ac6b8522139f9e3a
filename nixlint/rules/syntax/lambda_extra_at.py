"""An `@` with only one side.

## What it does
Reports `args@:` and `{ a }@:`, where the other half of the pattern is missing.

## Why it matters
Nix refuses the file.

## Example
```nix
args@: args.name
```

## Use instead
```nix
args: args.name
```

## Fix safety
Unsafe: removes the `@`, although a pattern or a name may have been meant to follow.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, UNSAFE
from nixlint.rules.base import Rule


class LambdaExtraAt(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "lambda-extra-at"
        self.severity = ERROR
        self.aliases = ("parse-lambda-arg-extra-at",)
        self.fix_applicability = UNSAFE
