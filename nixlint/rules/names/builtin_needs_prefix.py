"""A function of `builtins`, written without `builtins.`.

## What it does
Reports names such as `attrNames` that are not defined, but are members of `builtins`.
Only a few builtins, such as `map` and `toString`, are in scope everywhere.
Under a `with` nothing is reported, for the name may come from there.

## Why it matters
Nix refuses the whole file, also if it would never get to that place.

## Example
```nix
attrNames { a = 1; }
```

## Use instead
```nix
builtins.attrNames { a = 1; }
```

## Fix safety
Safe: the file could not be evaluated before.
No fix in an `inherit`, where a name cannot have a prefix.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, SAFE, Edit, Fix, Note
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.unresolved import needs_prefix, unresolved
from nixlint.semantic.model import REF_VAR, Reference
from nixlint.syntax.ids import T_OR


class BuiltinNeedsPrefix(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "builtin-needs-prefix"
        self.severity = ERROR
        self.whole_file = True
        self.aliases = ("sema-primop-needs-prefix",)

    def check_file(self, ctx: FileContext) -> None:
        for reference in unresolved(ctx):
            if not needs_prefix(reference, ctx.target_nix):
                continue
            name = reference.name
            message = f"`{name}` is not defined: write `builtins.{name}`"
            notes: list[Note] = []
            if reference.kind != REF_VAR:
                message = f"`{name}` is not defined: it is a member of `builtins`"
                notes.append(Note(f"write `inherit (builtins) {name};`"))
            ctx.report(self, reference.node.span, message, notes, prefixing(ctx, reference))


def prefixing(ctx: FileContext, reference: Reference) -> Fix | None:
    """Writes the prefix; None where it would mean something else."""
    if reference.kind != REF_VAR:
        return None
    tokens = ctx.tree.tokens
    behind = tokens.next_solid(tokens.index_at(reference.node.end))
    if tokens.kind(behind) == T_OR:
        # `attrNames or x` calls `attrNames`, `builtins.attrNames or x` has a default.
        return None
    prefixed = f"builtins.{reference.name}"
    return Fix(f"Write `{prefixed}`", [Edit(reference.node.span, prefixed)], SAFE)
