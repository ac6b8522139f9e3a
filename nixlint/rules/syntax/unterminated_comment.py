"""A `/*` comment that is never closed.

## What it does
Reports a `/*` without a `*/` after it.
Only the rest of its line is taken for the comment; what follows is still checked.

## Why it matters
Nix refuses the file.

## Example
```nix
{
  enable = true; /* for now
}
```

## Use instead
```nix
{
  enable = true; /* for now */
}
```

## Fix safety
Unsafe: where the comment was meant to end is a guess.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, UNSAFE
from nixlint.rules.base import Rule


class UnterminatedComment(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "unterminated-comment"
        self.severity = ERROR
        self.aliases = ("lex-unterminated-bcomment",)
        self.fix_applicability = UNSAFE
