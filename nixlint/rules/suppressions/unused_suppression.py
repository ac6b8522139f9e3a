"""A comment that silences a rule which finds nothing there.

## What it does
Checks for names in `# nixlint: ignore[…]` and `# nixlint: ignore-file[…]` whose rules found
nothing in the place the comment speaks about.
Only rules that ran count: with `--select`, comments about other rules are left alone.

## Why it matters
The code was mended and the comment stayed. It would hide the next mistake made there.

## Example
```nix
let
  answer = 42; # nixlint: ignore[unused-let-binding] for later
in
answer
```

## Use instead
```nix
let
  answer = 42;
in
answer
```

## Fix safety
Safe: the name is taken out of the comment, or the comment goes when it names nothing else.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING
from nixlint.rules.base import Rule


class UnusedSuppression(Rule):
    """The findings come from `analysis/suppress.py`, which reads the comments."""

    def __init__(self) -> None:
        super().__init__()
        self.name = "unused-suppression"
        self.severity = WARNING
