"""A named argument that is used neither by name nor through the `@` name.

## What it does
Reports names in a pattern such as `{ a, b, ... }@args:` that nothing uses, where `args` itself is
only used for some of its attributes, as in `args.a`.
If `args` is passed on as a whole, all names count as used.
The header of a flake's `outputs` is left alone, and so are names that start with `_`.

Off by default: with an `@` name the pattern often serves to document what is expected.

## Why it matters
The name says that the function needs the argument, and without `...` or a default forces callers
to pass it.

## Example
```nix
{ name, version, ... }@args:
"hello ${args.name}"
```

## Use instead
```nix
{ name, ... }@args:
"hello ${args.name}"
```

## Fix safety
Unsafe: callers that pass the argument fail if the pattern has no `...`.
"""

from __future__ import annotations

from nixlint.diagnostics.model import HINT, Note
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.functions import FLAKE_OUTPUTS, Callers, formal_fix, unused_formals


class UnusedFormalWithAtBinding(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "unused-formal-with-at-binding"
        self.severity = HINT
        self.enabled = False
        self.whole_file = True
        self.aliases = ("sema-unused-def-lambda-witharg-formal",)

    def check_file(self, ctx: FileContext) -> None:
        unused = unused_formals(ctx)
        if not unused:
            return
        callers = Callers(ctx)
        for found in unused:
            at = found.at
            if at is None or callers.of(found.function) == FLAKE_OUTPUTS:
                continue
            definition = found.definition
            message = f"argument `{definition.name}` is never used, not through `{at.name}` either"
            notes = [Note(f"only some attributes of `{at.name}` are used", at.node.span)]
            fix = formal_fix(ctx, found)
            ctx.report(self, definition.node.span, message, notes, fix, "unnecessary")
