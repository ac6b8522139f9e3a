"""A comment that silences a rule which does not exist.

## What it does
Checks for names in `# nixlint: ignore[…]` and `# nixlint: ignore-file[…]` that are neither a rule,
nor a theme, nor another tool's name for a rule.

## Why it matters
The name is misspelled, or the rule is gone: the comment silences nothing.

## Example
```nix
{
  stateVersion = "22.11"; # nixlint: ignore[old-state-version]
}
```

## Use instead
```nix
{
  stateVersion = "22.11";
}
```

## Fix safety
Safe when the name resembles nothing and is removed: it had no effect.
Unsafe when it is replaced by the rule it resembles, for then the comment silences that rule.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING
from nixlint.rules.base import Rule


class UnknownSuppression(Rule):
    """The findings come from `analysis/suppress.py`, which reads the comments."""

    def __init__(self) -> None:
        super().__init__()
        self.name = "unknown-suppression"
        self.severity = WARNING
