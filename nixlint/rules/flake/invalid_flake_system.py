"""A name where a system is expected, and there is no such system.

## What it does
Reports in a flake.nix:

- attributes of `packages`, `devShells`, `apps`, `checks`, `formatter`, `legacyPackages` and
  `bundlers` that are no systems, as in `packages.default` or `packages.x86-64_linux`;
- misspelled systems in `system = "…"` and in lists of systems.

Systems that nixpkgs does not know are only reported if they resemble one that it knows.

## Why it matters
Nix looks for `packages.x86_64-linux.default`, or whatever its own system is, and does not find
anything.

## Example
```nix file: flake.nix
{
  outputs = { self }: { packages.x86-64_linux.default = null; };
}
```

## Use instead
```nix file: flake.nix
{
  outputs = { self }: { packages.x86_64-linux.default = null; };
}
```

## Fix safety
Unsafe: it guesses which system was meant.
"""

from __future__ import annotations

from typing import Final

from nixlint.diagnostics.model import UNSAFE, WARNING, Edit, Fix, Note
from nixlint.project.flake.outline import Entry
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.flakes import PER_SYSTEM, flake_of, output_sets
from nixlint.rules.systems import is_system, meant_system
from nixlint.syntax.nodes import (
    AttrName,
    Binding,
    ExprList,
    ExprString,
    Node,
    unparen,
)
from nixlint.syntax.strings import quote_name, static_name, static_string
from nixlint.text.span import Span

SYSTEM_KEYS: Final = frozenset(("system", "localSystem", "crossSystem", "hostPlatform"))
FLAT: Final = frozenset(("formatter", "devShell", "defaultPackage", "defaultApp", "defaultBundler"))
"""Outputs that have nothing below the system."""


class InvalidFlakeSystem(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "invalid-flake-system"
        self.severity = WARNING
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        file = flake_of(ctx)
        if file is None or file.outputs_lambda is None:
            return
        for found in output_sets(ctx):
            if found.each is not None:
                continue
            for name in PER_SYSTEM:
                entry = found.entry.children.get(name)
                if entry is not None:
                    for child in entry.children.values():
                        self.check_name(child, name, ctx)
        stack: list[Node] = [file.outputs_lambda.body]
        while stack:
            node = stack.pop()
            stack.extend(node.children())
            if isinstance(node, Binding):
                names = node.path.names()
                last = static_name(names[len(names) - 1], ctx.text)
                if last in SYSTEM_KEYS:
                    self.check_value(node.value, ctx)
                elif last == "systems" and isinstance(unparen(node.value), ExprList):
                    self.check_list(unparen(node.value), ctx, True)
            elif isinstance(node, ExprList):
                self.check_list(node, ctx, False)

    def check_name(self, entry: Entry, output: str, ctx: FileContext) -> None:
        """An attribute of an output that wants a system there."""
        name = entry.name
        if is_system(name):
            return
        attr = entry.name_node
        meant = meant_system(name)
        if meant:
            self.misspelled(name, meant, attr, attr.span, ctx)
        elif "-" not in name:
            shown = quote_name(name)
            whole = f"{output}.x86_64-linux"
            if output not in FLAT:
                whole += f".{shown}"
            message = f"`{output}` is divided by system, and `{shown}` is none"
            ctx.report(self, attr.span, message, [Note(f"it would be `{whole}`, for example")])

    def misspelled(self, name: str, meant: str, node: Node, span: Span, ctx: FileContext) -> None:
        notes = [Note(f"did you mean `{meant}`?")]
        new = meant if isinstance(node, AttrName) else f'"{meant}"'
        fix = Fix(f"Change to `{meant}`", [Edit(span, new)], UNSAFE)
        ctx.report(self, span, f"there is no system `{name}`", notes, fix)

    def check_value(self, node: Node, ctx: FileContext) -> None:
        """A string that should name a system."""
        node = unparen(node)
        if not isinstance(node, ExprString):
            return
        name = static_string(node, ctx.text)
        if name is None or is_system(name):
            return
        meant = meant_system(name)
        if meant:
            self.misspelled(name, meant, node, node.span, ctx)

    def check_list(self, node: Node, ctx: FileContext, certain: bool) -> None:
        """A list that may be one of systems: it is if it is called so, or holds a known one."""
        if not isinstance(node, ExprList):
            return
        for item in node.items:
            name = static_string(item, ctx.text)
            certain = certain or (name is not None and is_system(name))
        if certain:
            for item in node.items:
                self.check_value(item, ctx)
