"""A `let { … }` without a `body`.

## What it does
Reports the old form `let { … }` when none of its attributes is called `body`.
It stays silent when a name is only known at run time.

## Why it matters
The value of `let { … }` is the attribute `body`, so evaluating it always fails.

## Example
```nix
let { greeting = "hello"; }
```

## Use instead
```nix
let { greeting = "hello"; body = greeting; }
```

## Fix safety
None: what the value should be is not known.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.keys import has_dynamic_key, key_of
from nixlint.syntax.nodes import EXPR_LEGACY_LET, ExprLegacyLet, Node
from nixlint.text.span import Span


class LegacyLetMissingBody(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "legacy-let-missing-body"
        self.severity = ERROR
        self.kinds = (EXPR_LEGACY_LET,)
        self.aliases = ("deprecated-let-missing-body",)

    def check(self, node: Node, ctx: FileContext) -> None:
        if not isinstance(node, ExprLegacyLet):
            return
        if has_dynamic_key(node.binds, ctx.text):
            return
        if key_of(node.binds, ctx.text, "body") is None:
            span = Span(node.start, node.start + len("let"))
            ctx.report(self, span, "this `let { … }` has no `body`, which would be its value")
