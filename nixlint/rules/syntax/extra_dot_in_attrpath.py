"""A dot with no attribute name after it.

## What it does
Reports `a. = 1;` and `x.` without a name, and two dots in a row.

## Why it matters
Nix refuses the file.
It is also what half-typed code looks like, so the rest of the file is read as if the name were
there.

## Example
```nix
{ pkgs }:
{
  shell = pkgs.;
}
```

## Use instead
```nix
{ pkgs }:
{
  shell = pkgs.bash;
}
```

## Fix safety
Unsafe: removes the dot, although a name may have been meant to follow.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, UNSAFE
from nixlint.rules.base import Rule


class ExtraDotInAttrpath(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "extra-dot-in-attrpath"
        self.severity = ERROR
        self.aliases = ("parse-attrpath-extra-dot", "parse-select-extra-dot")
        self.fix_applicability = UNSAFE
