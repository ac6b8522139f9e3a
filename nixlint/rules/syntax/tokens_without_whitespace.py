"""Two values side by side without a blank, which look like one.

## What it does
Reports function arguments, list elements and inherited names that touch each other, where neither
is in brackets: `0x10` is the number `0` and the variable `x10`, `1.5.5` is `1.5` and `.5`.
Brackets say clearly enough where something ends, so `f(x)` and `[(a)(b)]` are fine.

## Why it matters
It nearly always means something else to its author than to Nix.
Lix deprecates it.

## Example
```nix
[ "one""two" 1.5.5 ]
```

## Use instead
```nix
[ "one" "two" 1.5 .5 ]
```

## Fix safety
Safe: inserts the blank that Nix implies, so that everybody can see it.
"""

from __future__ import annotations

from nixlint.diagnostics.model import SAFE, WARNING, Edit, Fix
from nixlint.rules.base import FileContext, Rule
from nixlint.syntax.ids import T_PATH_END
from nixlint.syntax.nodes import EXPR_CALL, EXPR_LIST, INHERIT, ExprCall, ExprList, Inherit, Node
from nixlint.text.span import Span


class TokensWithoutWhitespace(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "tokens-without-whitespace"
        self.severity = WARNING
        self.kinds = (EXPR_CALL, EXPR_LIST, INHERIT)
        self.aliases = ("tokens-no-whitespace", "lex-float-leading-zero")

    def check(self, node: Node, ctx: FileContext) -> None:
        before: Node | None = None
        if isinstance(node, ExprCall):
            before = node.fn
            for argument in node.args:
                if before.end == argument.start:
                    self.check_pair(before, argument, ctx)
                before = argument
        elif isinstance(node, ExprList):
            for item in node.items:
                if before is not None and before.end == item.start:
                    self.check_pair(before, item, ctx)
                before = item
        elif isinstance(node, Inherit):
            for name in node.names:
                if before is not None and before.end == name.start:
                    self.check_pair(before, name, ctx)
                before = name

    def check_pair(self, left: Node, right: Node, ctx: FileContext) -> None:
        """Reports two nodes that touch, unless a bracket stands between them."""
        seam = left.end
        text = ctx.text
        if left.start == seam or right.end == seam:
            return
        if text[seam - 1] in ")]}" or text[seam] in "([{":
            return
        if any(error.fatal for error in ctx.tree.errors):
            # What stands side by side may be the work of error recovery.
            return
        tokens = ctx.tree.tokens
        last = tokens.index_at(seam)
        first = last - 1
        while first > 0 and (
            tokens.kind(first) == T_PATH_END or tokens.start(first) == tokens.end(first)
        ):
            first -= 1
        message = "Nix reads two values here: put a blank between them"
        fix = Fix("Insert a blank", [Edit(Span(seam, seam), " ")], SAFE)
        ctx.report(self, Span(tokens.start(first), tokens.end(last)), message, None, fix)
