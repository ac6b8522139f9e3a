"""A set that is merged into a recursive one.

## What it does
Reports a second definition of a set whose first definition was `rec { … }`, as a path or as a
literal.

## Why it matters
Nix puts both into one recursive set: the names of the second one then mean its siblings in the
first one, although nothing in its place says so.

## Example
```nix
{
  unit = rec {
    name = "web";
    title = "The ${name} server";
  };
  unit.port = 80;
}
```

## Use instead
```nix
{
  unit = rec {
    name = "web";
    title = "The ${name} server";
    port = 80;
  };
}
```

## Fix safety
None: moving the attributes may change what their names mean.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING
from nixlint.rules.base import Rule


class MergeIntoRecAttrset(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "merge-into-rec-attrset"
        self.severity = WARNING
        self.aliases = ("merge_rec_attrset", "rec-set-merges")
