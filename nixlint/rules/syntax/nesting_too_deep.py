"""Brackets or operators nested so deeply that Nix gives up.

## What it does
Reports the place where more than 10,000 constructs are open at once.

## Why it matters
Nix 2.8 stops with `memory exhausted` there, and no reader gets that far.
Generated data of such a shape belongs in JSON, read by `builtins.fromJSON`.

## Example
`repeat(text, n)` stands for `n` times `text`.
```nix
repeat("[ ", 12000) repeat("] ", 12000)
```

## Use instead
```nix
repeat("[ ", 12) repeat("] ", 12)
```

## Fix safety
None.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.base import Rule


class NestingTooDeep(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "nesting-too-deep"
        self.severity = ERROR
