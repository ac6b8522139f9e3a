"""A name that starts with `_`, as if it were unused, and is used.

## What it does
Reports bindings of `let`, arguments and names in patterns that start with `_` and are used.
Not `_` alone, not names that start with `__`, and not the members of sets.

Off by default: what a name looks like is a matter of taste.

## Why it matters
By a convention that this and other tools follow, `_name` says that something is not used.
A reader believes it, and removes it.

## Example
```nix
let
  _version = "1.0";
in
"hello-${_version}"
```

## Use instead
```nix
let
  version = "1.0";
in
"hello-${version}"
```

## Fix safety
None: a better name has to be found.
"""

from __future__ import annotations

from nixlint.diagnostics.model import HINT, Note
from nixlint.rules.base import FileContext, Rule
from nixlint.semantic.model import DEF_BUILTIN, SCOPE_REC, says_unused


class UsedUnderscoreBinding(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "used-underscore-binding"
        self.severity = HINT
        self.enabled = False
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        for definition in ctx.model.definitions:
            name = definition.name
            if not says_unused(name) or name == "_" or name.startswith("__"):
                continue
            if definition.kind == DEF_BUILTIN or definition.scope.kind == SCOPE_REC:
                continue
            if definition.references:
                use = definition.references[0]
                notes = [Note("used here", use.node.span)]
                message = f"`{name}` is used, although its name says it is not"
                ctx.report(self, definition.node.span, message, notes)
