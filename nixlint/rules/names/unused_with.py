"""A `with` that no name comes from.

## What it does
Reports `with e;` if every name after it is found elsewhere: in a `let`, in a pattern, or among the
names that Nix itself defines, all of which win over a `with`.
If two stand inside each other, a name that may come from either counts as a use of both.
A `with` before an empty list or set is left alone: that is room to be filled later.

## Why it matters
Under a `with` nobody can tell where a name comes from, and Nix no longer reports misspelled ones.
Here that price is paid for nothing.

## Example
```nix
{ lib, pkgs }:
with lib;
[ pkgs.hello ]
```

## Use instead
```nix
{ pkgs }:
[ pkgs.hello ]
```

## Fix safety
Safe: without names to supply, a `with` is not even evaluated.
Unsafe when a comment stands in it, for it goes as well.
"""

from __future__ import annotations

from nixlint.diagnostics.model import SAFE, UNSAFE, WARNING, Fix
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.dead_code import is_cut_off
from nixlint.rules.removal import remove_prefix
from nixlint.semantic.model import SCOPE_WITH
from nixlint.syntax.nodes import ExprAttrs, ExprList, ExprWith, Node, unparen
from nixlint.text.span import Span


class UnusedWith(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "unused-with"
        self.severity = WARNING
        self.whole_file = True
        self.aliases = ("sema-extra-with", "unused_with")

    def check_file(self, ctx: FileContext) -> None:
        for scope in ctx.model.scopes:
            if scope.kind != SCOPE_WITH or scope.supplies > 0 or not scope.region.live:
                continue
            node = scope.node
            if not isinstance(node, ExprWith) or is_room(node.body) or is_cut_off(ctx.tree):
                continue
            removal = remove_prefix(ctx.tree, node.start, node.body)
            applicability = UNSAFE if removal.has_comment else SAFE
            fix = Fix("Remove the `with`", removal.edits, applicability)
            span = Span(node.start, node.attrs.end)
            ctx.report(self, span, "no name comes from this `with`", None, fix, "unnecessary")


def is_room(node: Node) -> bool:
    """Whether the body is an empty list or set, to be filled later."""
    node = unparen(node)
    if isinstance(node, ExprList):
        return not node.items
    return isinstance(node, ExprAttrs) and not node.binds
