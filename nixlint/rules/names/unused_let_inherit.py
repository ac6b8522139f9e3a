"""A name that a `let` inherits and never uses.

## What it does
Reports names in `let inherit …; in` and `let inherit (e) …; in` that the value of the file cannot
depend on.
Names that start with `_` are never reported.

## Why it matters
Lists of inherited names only grow: nobody dares to remove one.
Each that is left says that something here needs it.

## Example
```nix
{ lib }:
let
  inherit (lib) mkDefault mkMerge;
in
mkDefault 1
```

## Use instead
```nix
{ lib }:
let
  inherit (lib) mkDefault;
in
mkDefault 1
```

## Fix safety
Safe: the name goes, the `inherit` with its last name, and the `let` with its last binding.
Unsafe when a comment belongs to what is removed, for the comment goes as well.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.dead_code import dead_use, find_dead
from nixlint.semantic.model import DEF_LET


class UnusedLetInherit(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "unused-let-inherit"
        self.severity = WARNING
        self.whole_file = True
        self.aliases = ("sema-unused-def-let", "unused_binding")

    def check_file(self, ctx: FileContext) -> None:
        for dead in find_dead(ctx):
            definition = dead.definition
            if definition.kind == DEF_LET:
                continue
            message = f"`{definition.name}` is inherited but never used"
            notes = dead_use(definition)
            ctx.report(self, definition.node.span, message, notes, dead.fix, "unnecessary")
