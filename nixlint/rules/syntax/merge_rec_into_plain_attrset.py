"""A recursive set that is merged into one that is not, and so loses its `rec`.

## What it does
Reports `rec { … }` as the second definition of a set whose first definition was not recursive.

## Why it matters
Nix silently ignores the `rec`: the names in the second set are looked up outside of it.

## Example
```nix
{
  unit.port = 80;
  unit = rec {
    name = "web";
    title = "a server";
  };
}
```

## Use instead
```nix
{
  unit = rec {
    port = 80;
    name = "web";
    title = "The ${name} server";
  };
}
```

## Fix safety
None: whether the set should be recursive is not known.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING
from nixlint.rules.base import Rule


class MergeRecIntoPlainAttrset(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "merge-rec-into-plain-attrset"
        self.severity = WARNING
        self.aliases = ("merge_plain_rec_attrset", "merge-diff-rec", "rec-set-merges")
