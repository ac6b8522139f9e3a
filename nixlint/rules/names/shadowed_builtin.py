"""A name that hides one that Nix defines everywhere.

## What it does
Reports bindings, arguments and names in patterns called like something that is in scope everywhere:
`map`, `toString`, `import`, `true`, `builtins` and a dozen more.
Not `inherit (builtins) map;` or `inherit (lib) map;`, which bind the same function, and not members
of a `rec` set that no other member uses.

Off by default: the name may well be the right one in its place.

## Why it matters
Whoever reads `map` or `null` below expects the builtin.

## Example
```nix
map: map.width * map.height
```

## Use instead
```nix
area: area.width * area.height
```

## Fix safety
None: a better name has to be found.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING
from nixlint.rules.base import FileContext, Rule
from nixlint.semantic.builtins import is_global
from nixlint.semantic.model import DEF_BUILTIN, DEF_INHERIT, SCOPE_REC, Definition
from nixlint.semantic.shapes import base_name
from nixlint.syntax.nodes import Inherit


class ShadowedBuiltin(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "shadowed-builtin"
        self.severity = WARNING
        self.enabled = False
        self.whole_file = True
        self.aliases = ("sema-primop-overridden", "sema-constant-overridden")

    def check_file(self, ctx: FileContext) -> None:
        for definition in ctx.model.definitions:
            name = definition.name
            if name.startswith("__") or definition.kind == DEF_BUILTIN or not is_global(name):
                continue
            if is_harmless(definition, ctx):
                continue
            message = f"`{name}` hides what Nix itself calls `{name}`"
            ctx.report(self, definition.node.span, message)


def is_harmless(definition: Definition, ctx: FileContext) -> bool:
    """Whether the name still means the same, or cannot be taken for the builtin."""
    if definition.kind == DEF_INHERIT:
        return True
    if definition.scope.kind == SCOPE_REC and not definition.references:
        return True
    owner = definition.owner
    if isinstance(owner, Inherit) and owner.source is not None:
        return base_name(owner.source, ctx.text) in ("builtins", "lib")
    return False
