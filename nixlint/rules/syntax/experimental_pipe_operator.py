"""The pipe operators, which Nix only knows when asked to.

## What it does
Reports every `|>` and `<|`.
Off by default; it is meant for code that has to work without experimental features.
When the target is a Nix before 2.24, which cannot read these operators at all, they are reported
even so.

## Why it matters
Nix refuses the file unless the experimental feature `pipe-operators` is enabled.

## Example
```nix
{ lib, names }: names |> map lib.toUpper |> lib.concatStrings
```

## Use instead
```nix
{ lib, names }: lib.concatStrings (map lib.toUpper names)
```

## Fix safety
None: turning the chain inside out changes how it reads, not only how it is spelled.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.base import Rule


class ExperimentalPipeOperator(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "experimental-pipe-operator"
        self.severity = ERROR
        self.enabled = False
