"""A function, an operator, or an `if`, `let`, `with` or `assert` in a list without parentheses.

## What it does
Reports list elements that need parentheses and have none.

## Why it matters
Blanks separate the elements of a list, so Nix does not look for operators there and refuses the
file.
Even a call needs parentheses: `[ f x ]` is accepted, but has two elements.

## Example
```nix
{ n }: [ n + 1 ]
```

## Use instead
```nix
{ n }: [ (n + 1) ]
```

## Fix safety
Unsafe: puts parentheses around the element, whose extent is a guess.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, UNSAFE
from nixlint.rules.base import Rule


class UnparenthesizedListElement(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "unparenthesized-list-element"
        self.severity = ERROR
        self.fix_applicability = UNSAFE
