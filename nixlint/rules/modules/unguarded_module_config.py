"""A module with an `enable` option that does not decide about its configuration.

## What it does
Reports modules that declare an option called `enable` and whose `config` defines something without
looking at any `enable`: no `mkIf`, no `if`, no `optional`.

Only modules written in one piece, with `options` and `config` at their top, and with one such
option, are looked at; the first such definition is shown.

## Why it matters
Whoever imports the module expects that nothing happens before they enable it.

## Example
```nix
{ config, lib, ... }:
{
  options.site.backup.enable = lib.mkEnableOption "backups";
  config = {
    services.cron.enable = true;
  };
}
```

## Use instead
```nix
{ config, lib, ... }:
{
  options.site.backup.enable = lib.mkEnableOption "backups";
  config = lib.mkIf config.site.backup.enable {
    services.cron.enable = true;
  };
}
```

## Fix safety
None: perhaps some of it should always hold.
"""

from __future__ import annotations

from typing import Final

from nixlint.diagnostics.model import HINT
from nixlint.rules.base import FileContext, Rule
from nixlint.semantic.shapes import name_of, strip
from nixlint.syntax.nodes import (
    Binding,
    ExprAttrs,
    ExprCall,
    ExprIf,
    ExprLambda,
    ExprList,
    ExprSelect,
    ExprVar,
    Inherit,
    Node,
    unparen,
)
from nixlint.syntax.strings import static_name

_GUARDS: Final = frozenset(("mkIf", "mkAssert", "optionalAttrs", "optionals", "optional"))
_HARMLESS: Final = frozenset(
    ("assertions", "warnings", "meta", "lib", "nixpkgs", "_module", "imports", "home-manager")
)
"""What modules define for others to use."""


class UnguardedModuleConfig(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "unguarded-module-config"
        self.severity = HINT
        self.enabled = False
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        if "enable" not in ctx.text or "options" not in ctx.text:
            return
        node = strip(ctx.tree.root.expr)
        if isinstance(node, ExprLambda):
            node = strip(node.body)
        if not isinstance(node, ExprAttrs):
            return
        config: Binding | None = None
        declared = 0
        for bind in node.binds:
            if not isinstance(bind, Binding):
                continue
            first = static_name(bind.path.first, ctx.text)
            if first == "options":
                declared += enables_in(bind, ctx)
            elif first == "config" and bind.path.rest is None:
                config = bind
        # With several of them it is not clear which one is about the module as a whole.
        if config is None or declared != 1:
            return
        for part in parts_of(config.value, ctx):
            if isinstance(part, ExprAttrs) and self._set(part, ctx):
                return

    def _set(self, node: ExprAttrs, ctx: FileContext) -> bool:
        """Reports the first definition of a set that nothing guards."""
        for bind in node.binds:
            if not isinstance(bind, Binding) or is_guarded(bind.value, ctx):
                continue
            first = static_name(bind.path.first, ctx.text)
            if first is None or first in _HARMLESS:
                continue
            shown = ctx.text_of(bind.path)
            message = f"`{shown}` is defined although no `enable` was looked at"
            ctx.report(self, bind.path.span, message)
            return True
        return False


def enables_in(bind: Binding, ctx: FileContext) -> int:
    """How many options called `enable` a module declares below `options`, without submodules."""
    found = 0
    stack: list[Node] = [bind]
    while stack:
        node = stack.pop()
        if isinstance(node, Binding):
            names = node.path.names()
            if static_name(names[len(names) - 1], ctx.text) == "enable":
                found += 1
            stack.append(unparen(node.value))
        elif isinstance(node, ExprAttrs):
            stack.extend(node.binds)
    return found


def parts_of(value: Node, ctx: FileContext) -> list[Node]:
    """What `config` consists of: the elements of `mkMerge`, or the value itself."""
    value = strip(value)
    if isinstance(value, ExprCall) and len(value.args) == 1:
        if name_of(unparen(value.fn), ctx.text) == "mkMerge":
            items = unparen(value.args[0])
            return [strip(item) for item in items.items] if isinstance(items, ExprList) else []
    return [value]


def is_guarded(value: Node, ctx: FileContext) -> bool:
    """Whether something in a value depends on a condition, or on an `enable`."""
    stack: list[Node] = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, (ExprIf, Inherit)):
            return True
        if isinstance(node, (ExprVar, ExprSelect)):
            name = name_of(node, ctx.text)
            if name in _GUARDS or name == "enable":
                return True
        stack.extend(node.children())
    return False
