"""A `let` binding that is never used.

## What it does
Reports bindings of a `let` that the value of the file cannot depend on.
It follows uses to the end: `let a = b; b = a; in 1` has two dead bindings, although each of them is
used by the other.
Names that start with `_` are never reported, and neither is what they use.

## Why it matters
Dead code misleads: readers ask what it is for, and others keep it working.
Often it is a sign of a mistake, such as a list that should have been part of the result.

## Example
```nix
let
  unused = 1;
  used = 2;
in
used
```

## Use instead
```nix
let
  used = 2;
in
used
```

## Fix safety
Safe: what is never evaluated has no effect.
Dead bindings that use each other are removed together, and a `let` without bindings altogether.
Unsafe when a comment belongs to the binding or stands in it, for the comment goes as well.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.dead_code import dead_use, find_dead, is_dead_end
from nixlint.semantic.model import DEF_LET


class UnusedLetBinding(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "unused-let-binding"
        self.severity = WARNING
        self.whole_file = True
        self.aliases = ("sema-unused-def-let", "unused_binding", "UnusedLetBind", "W003")

    def check_file(self, ctx: FileContext) -> None:
        for dead in find_dead(ctx):
            definition = dead.definition
            if definition.kind != DEF_LET:
                continue
            message = f"`{definition.name}` is never used"
            if is_dead_end(definition):
                message += " except by itself"
            notes = dead_use(definition)
            ctx.report(self, definition.node.span, message, notes, dead.fix, "unnecessary")
