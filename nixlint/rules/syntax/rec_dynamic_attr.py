"""A recursive set with an attribute whose name is only known at run time.

## What it does
Reports `${e} = …;` and `"a${e}" = …;` directly in `rec { … }` and in `let { … }`.

## Why it matters
Such an attribute is in the set, but its siblings cannot use it by its name: for it alone the set
is not recursive.

## Example
```nix
{ name }: rec {
  version = "1.0";
  ${name} = "${name}-${version}";
}
```

## Use instead
```nix
{ name }:
let
  version = "1.0";
in
{
  inherit version;
  ${name} = "${name}-${version}";
}
```

## Fix safety
None: the other attributes have to move into a `let`, if they use each other.
"""

from __future__ import annotations

from nixlint.diagnostics.model import HINT
from nixlint.rules.base import Rule


class RecDynamicAttr(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "rec-dynamic-attr"
        self.severity = HINT
        self.aliases = ("rec-set-dynamic-attrs",)
