"""`//` with a property made by `mkIf`, `mkMerge` or `mkForce`.

## What it does
Reports updates of which one side is a call of `lib.mkIf`, `lib.mkMerge`, `lib.mkForce` or their
kin.

## Why it matters
A property is a set with the fields `_type`, `condition`, `content` and the like.
`//` mixes them with the definitions of the other side, which the module system never sees: they are
lost without a word.

## Example
```nix
{ config, lib, ... }:
{
  config = {
    services.openssh.enable = true;
  } // lib.mkIf config.services.xserver.enable {
    programs.dconf.enable = true;
  };
}
```

## Use instead
```nix
{ config, lib, ... }:
{
  config = lib.mkMerge [
    {
      services.openssh.enable = true;
    }
    (lib.mkIf config.services.xserver.enable {
      programs.dconf.enable = true;
    })
  ];
}
```

## Fix safety
Unsafe: definitions that were lost become effective.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, UNSAFE, Edit, Fix
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.properties import inside_parentheses, property_made
from nixlint.syntax.nodes import EXPR_BIN_OP, UPDATE, ExprBinOp, ExprCall, ExprParen, Node
from nixlint.text.span import Span


class UpdateOnMkif(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "update-on-mkif"
        self.severity = ERROR
        self.kinds = (EXPR_BIN_OP,)

    def check(self, node: Node, ctx: FileContext) -> None:
        if not isinstance(node, ExprBinOp) or node.op != UPDATE:
            return
        side = node.right
        name = property_made(side, ctx.text)
        if not name:
            side = node.left
            name = property_made(side, ctx.text)
        if not name:
            return
        message = f"`//` loses definitions, as `{name}` makes no plain set; use `mkMerge`"
        ctx.report(
            self,
            Span(node.op_start, node.op_start + 2),
            message,
            None,
            self.fix(node, side, name, ctx),
        )

    def fix(self, node: ExprBinOp, side: Node, name: str, ctx: FileContext) -> Fix | None:
        """Both sides as elements of `mkMerge`; None if a comment stands at the operator."""
        text = ctx.text
        between = text[node.left.end : node.right.start]
        if between.strip() != "//":
            return None
        call = inside_parentheses(side)
        if not isinstance(call, ExprCall):
            return None
        function = text[call.fn.start : call.fn.end]
        if not function.endswith(name):
            return None
        merge = function[: len(function) - len(name)] + "mkMerge"
        if merge == "mkMerge" and name != "mkMerge":
            return None
        left_open = "" if isinstance(node.left, ExprParen) else "("
        left_close = "" if isinstance(node.left, ExprParen) else ")"
        right_open = "" if isinstance(node.right, ExprParen) else "("
        right_close = "" if isinstance(node.right, ExprParen) else ")"
        edits = [
            Edit(Span(node.start, node.start), f"{merge} [ {left_open}"),
            Edit(Span(node.left.end, node.right.start), f"{left_close} {right_open}"),
            Edit(Span(node.end, node.end), f"{right_close} ]"),
        ]
        return Fix("use `mkMerge`", edits, UNSAFE)
