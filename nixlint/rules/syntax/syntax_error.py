"""Text that cannot be read as Nix, in a way that has no rule of its own.

## What it does
Reports a file that holds no expression, and a file with so many mistakes that the rest of it was
passed over.
Every other mistake has a rule that says what is wrong with it, such as `expected-token`.

## Why it matters
Nix refuses the file.

## Example
```nix
# A file must hold an expression; this one holds only a comment.
```

## Use instead
```nix
# An empty set is an expression.
{ }
```

## Fix safety
None: what should stand here is not known.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.base import Rule


class SyntaxError(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "syntax-error"
        self.severity = ERROR
        self.aliases = ("syntax_error",)
