"""The magic attribute `__overrides` of a recursive set.

## What it does
Reports an attribute called `__overrides` in `rec { … }` and in `let { … }`.

## Why it matters
Its members silently replace the attributes of the set around it, even for the other members.
Hardly anybody knows this; functions with default arguments, `//`, or `lib.fix` say the same openly.

## Example
```nix
rec {
  name = "hello";
  greeting = "hi, ${name}";
  __overrides = { name = "world"; };
}
```

## Use instead
```nix
rec {
  name = "world";
  greeting = "hi, ${name}";
}
```

## Fix safety
None: the set has to be built in another way.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING
from nixlint.rules.base import Rule


class RecOverrides(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "rec-overrides"
        self.severity = WARNING
        self.aliases = ("rec-set-overrides",)
