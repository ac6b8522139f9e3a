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
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.keys import is_dynamic
from nixlint.syntax.nodes import (
    EXPR_ATTRS,
    EXPR_LEGACY_LET,
    Binding,
    ExprAttrs,
    ExprLegacyLet,
    Node,
)


class RecDynamicAttr(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "rec-dynamic-attr"
        self.severity = HINT
        self.kinds = (EXPR_ATTRS, EXPR_LEGACY_LET)
        self.aliases = ("rec-set-dynamic-attrs",)

    def check(self, node: Node, ctx: FileContext) -> None:
        if not isinstance(node, ExprLegacyLet) and not (
            isinstance(node, ExprAttrs) and node.recursive
        ):
            return
        for bind in node.children():
            if isinstance(bind, Binding) and is_dynamic(bind.path.first, ctx.text):
                message = "the other attributes of this recursive set cannot use this one"
                ctx.report(self, bind.path.first.span, message)
