"""`or` between two values, where `||` was meant.

## What it does
Reports `or` after anything but an attribute path, when no variable of that name exists.
It also stays silent inside `with`, which may supply one: `lib` has a function called `or`.
This rule takes the place of `undefined-variable` for such an `or`.

## Why it matters
`or` is no operator in Nix.
In `set.name or default` it gives the default of a missing attribute; elsewhere it is an ordinary
variable: `a or b` calls `a` with the variable `or`, and the result with `b`.
So Nix says `undefined variable 'or'`.

## Example
```nix
{ a, b }: if a or b then 1 else 2
```

## Use instead
```nix
{ a, b }: if a || b then 1 else 2
```

## Fix safety
Unsafe: writes `||`, which binds less tightly than a function call.
There is no fix in a list, where `||` would need parentheses.
"""

from __future__ import annotations

from typing import Final

from nixlint.diagnostics.model import ERROR, UNSAFE, Edit, Fix
from nixlint.rules.base import FileContext, Rule
from nixlint.syntax.ids import (
    T_ID,
    T_IND_OPEN,
    T_INTERPOLATE,
    T_LBRACE,
    T_LBRACKET,
    T_LPAREN,
    T_RBRACE,
    T_RBRACKET,
    T_REC,
    T_RPAREN,
)
from nixlint.syntax.lexer import Tokens
from nixlint.syntax.nodes import EXPR_CALL, EXPR_VAR, ExprCall, Node
from nixlint.text.span import Span

FARTHEST: Final = 2000
"""How many tokens back the bracket around the `or` is looked for."""


class OrAsBinaryOperator(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "or-as-binary-operator"
        self.severity = ERROR
        self.kinds = (EXPR_CALL,)
        self.aliases = ("parse-kw-or-isnot-binary-op",)

    def check(self, node: Node, ctx: FileContext) -> None:
        if not isinstance(node, ExprCall) or len(node.args) != 1:
            return
        word = node.args[0]
        if word.kind != EXPR_VAR or word.end - word.start != 2 or ctx.text_of(word) != "or":
            return
        if is_bound(word, ctx):
            return
        if any(error.fatal for error in ctx.tree.errors):
            # What stands before the `or` may be the work of error recovery.
            return
        fix = None
        tokens = ctx.tree.tokens
        index = tokens.index_at(word.start)
        if starts_operand(tokens, index + 1) and not in_list(tokens, index - 1):
            fix = Fix("Use `||`", [Edit(Span(word.start, word.end), "||")], UNSAFE)
        message = "`or` is not an operator here: it only gives a default after an attribute path"
        ctx.report(self, word.span, message, None, fix)


def is_bound(word: Node, ctx: FileContext) -> bool:
    """Whether a definition or a `with` may supply the variable."""
    for reference in ctx.model.references:
        if reference.node is word:
            return reference.definition is not None or len(reference.withs) > 0
    return False


def starts_operand(tokens: Tokens, index: int) -> bool:
    """Whether the next token at or after `index` begins a value."""
    kind = tokens.kind(tokens.next_solid(index))
    return (
        T_ID <= kind <= T_IND_OPEN or kind in (T_LBRACE, T_LPAREN, T_LBRACKET, T_REC)
    ) and kind != T_INTERPOLATE


def in_list(tokens: Tokens, index: int) -> bool:
    """Whether the closest bracket that is still open at the token `index` is a `[`."""
    depth = 0
    last = max(index - FARTHEST, 0)
    while index >= last:
        kind = tokens.kind(index)
        if kind in (T_RBRACE, T_RPAREN, T_RBRACKET):
            depth += 1
        elif kind in (T_LBRACE, T_LPAREN, T_LBRACKET, T_INTERPOLATE):
            if depth == 0:
                return kind == T_LBRACKET
            depth -= 1
        index -= 1
    return True
