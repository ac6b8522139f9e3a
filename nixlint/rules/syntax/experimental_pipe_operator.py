"""The pipe operators, which Nix only knows when asked to.

## What it does
Reports every `|>` and `<|`.
Off by default; it is meant for code that has to work without experimental features.

## Why it matters
Nix refuses the file unless the experimental feature `pipe-operators` is enabled, and versions
before 2.24 do not know these operators at all.

## Example
```nix
{ lib, names }: names |> map lib.toUpper |> lib.concatStrings
```

## Use instead
```nix
{ lib, names }: lib.concatStrings (map lib.toUpper names)
```

## Fix safety
None: turning the chain inside out changes how it reads, not only how it is spelled.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.base import FileContext, Rule
from nixlint.syntax.nodes import (
    EXPR_BIN_OP,
    OPERATOR_TEXTS,
    PIPE_FROM,
    PIPE_INTO,
    ExprBinOp,
    Node,
)
from nixlint.text.span import Span


class ExperimentalPipeOperator(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "experimental-pipe-operator"
        self.severity = ERROR
        self.enabled = False
        self.kinds = (EXPR_BIN_OP,)

    def check(self, node: Node, ctx: FileContext) -> None:
        if not isinstance(node, ExprBinOp):
            return
        if node.op != PIPE_FROM and node.op != PIPE_INTO:
            return
        text = OPERATOR_TEXTS[node.op]
        message = f"`{text}` needs the experimental feature `pipe-operators`"
        ctx.report(self, Span(node.op_start, node.op_start + len(text)), message)
