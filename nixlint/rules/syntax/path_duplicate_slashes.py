"""A path with two slashes in a row.

## What it does
Reports paths such as `./a//b`.
Beside an interpolation, as in `./${a}//b`, it is only a hint.

## Why it matters
Nix ends the path at the first slash and then refuses the file.
Beside an interpolation it accepts a second slash, which has no meaning.

## Example
```nix
{ source = ./files//motd; }
```

## Use instead
```nix
{ source = ./files/motd; }
```

## Fix safety
Safe: removes one of the slashes, which file systems ignore too.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, HINT, SAFE
from nixlint.rules.base import FileContext, Rule
from nixlint.syntax.errors import ParseError


class PathDuplicateSlashes(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "path-duplicate-slashes"
        self.severity = ERROR
        self.fix_applicability = SAFE

    def explain_error(self, error: ParseError, ctx: FileContext) -> None:
        super().explain_error(error, ctx)
        if not error.fatal:
            ctx.diagnostics[-1].severity = HINT
