"""A name that is bound nowhere.

## What it does
Reports variables that no `let`, `rec`, function or `inherit` around them binds, and that Nix does
not define itself.
Under a `with` nothing is reported, for the name may come from there.
A name that Nix defines only from some version on is reported if `target-nix` is older.

## Why it matters
Nix refuses the whole file, also if it would never get to that place.

## Example
```nix
let
  version = "1.0";
in
"hello-${vesrion}"
```

## Use instead
```nix
let
  version = "1.0";
in
"hello-${version}"
```

## Fix safety
None: only you know what the name should be.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, Note
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.unresolved import (
    Suggester,
    library_of,
    needs_prefix,
    unresolved,
    version_text,
)
from nixlint.semantic.builtins import global_since
from nixlint.semantic.model import REF_INHERIT, Reference


class UndefinedVariable(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "undefined-variable"
        self.severity = ERROR
        self.whole_file = True
        self.aliases = ("sema-undefined-variable", "undefined_name")

    def check_file(self, ctx: FileContext) -> None:
        suggester = Suggester()
        for reference in unresolved(ctx):
            name = reference.name
            if needs_prefix(reference, ctx.target_nix):
                continue
            if name == "or" and reference.kind != REF_INHERIT:
                # The rule `or-as-binary-operator` explains it.
                continue
            since = global_since(name)
            if since is not None:
                target = version_text(ctx.target_nix)
                message = f"`{name}` is not defined in Nix {target}"
                notes = [Note(f"it came with Nix {version_text(since)}")]
                ctx.report(self, reference.node.span, message, notes)
                continue
            message = f"`{name}` is not defined"
            ctx.report(self, reference.node.span, message, advice(reference, suggester))


def advice(reference: Reference, suggester: Suggester) -> list[Note]:
    """What may have been meant."""
    name = reference.name
    if name == "__curPos" and reference.kind == REF_INHERIT:
        return [Note("`__curPos` is no variable: write `__curPos = __curPos;`")]
    if library_of(reference) is not None:
        return [Note(f"nixpkgs has it as `lib.{name}`")]
    found = suggester.nearest(name, reference.scope)
    if found is None:
        return []
    other, definition = found
    if definition is None:
        return [Note(f"did you mean `{other}`, which Nix defines?")]
    return [Note(f"did you mean `{other}`?", definition.node.span)]
