"""A comment meant to silence a finding that nixlint cannot read.

## What it does
Checks for comments that start with `nixlint:` and go on with something else than
`ignore[rule, …]` or `ignore-file[rule, …]`, and for an `ignore-file` after the first code.

## Why it matters
The comment silences nothing, and its author believes it does.
A comment must name the rules it is about, so that it cannot hide what nobody has seen yet.

## Example
```nix
{
  stateVersion = "22.11"; # nixlint: ignore this for now
}
```

## Use instead
```nix
{
  stateVersion = "22.11"; # Leave this for now.
}
```

## Fix safety
None: what was meant is for the author to say.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING
from nixlint.rules.base import Rule


class MalformedSuppression(Rule):
    """The findings come from `analysis/suppress.py`, which reads the comments."""

    def __init__(self) -> None:
        super().__init__()
        self.name = "malformed-suppression"
        self.severity = WARNING
