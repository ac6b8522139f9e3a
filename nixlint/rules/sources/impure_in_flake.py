"""Something in a flake that depends on the machine it is evaluated on.

## What it does
Reports in a flake.nix what Nix refuses, or makes empty, when it evaluates flakes:

- search paths such as `<nixpkgs>`, and paths in the home directory (`~/x`);
- `builtins.currentSystem`, `builtins.currentTime` and `builtins.getEnv`;
- `fetchTarball` and `builtins.fetchurl` without `sha256`, `fetchGit` without `rev`,
  `builtins.fetchTree` and `builtins.getFlake` without a commit or hash.

Nothing is reported about a builtin that the file asks for first, as in
`builtins.currentSystem or "x86_64-linux"`.

## Why it matters
Flakes are evaluated in pure mode: *cannot look up '<nixpkgs>' in pure evaluation mode*, *attribute
'currentSystem' missing*.
It works only with `--impure`, which whoever uses the flake has to know.

## Example
```nix file: flake.nix
{
  outputs = { self }: {
    packages.x86_64-linux.default = (import <nixpkgs> { }).hello;
  };
}
```

## Use instead
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = { self, nixpkgs }: {
    packages.x86_64-linux.default = nixpkgs.legacyPackages.x86_64-linux.hello;
  };
}
```

## Fix safety
None: an input has to be declared, or a system chosen.
"""

from __future__ import annotations

from typing import Final

from nixlint.diagnostics.model import WARNING, Note
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.fetchers import builtin_name, fetch_of, is_global
from nixlint.rules.flakes import flake_of
from nixlint.syntax.nodes import (
    ExprCall,
    ExprHPath,
    ExprOpHasAttr,
    ExprSelect,
    ExprSPath,
    ExprVar,
    Inherit,
    Node,
    unparen,
)
from nixlint.syntax.strings import static_name
from nixlint.text.span import Span

IMPURE: Final = {
    "currentSystem": "`builtins.currentSystem` does not exist in a flake without `--impure`",
    "currentTime": "`builtins.currentTime` does not exist in a flake without `--impure`",
    "getEnv": "`getEnv` gives an empty string in a flake without `--impure`",
}
ADVICE: Final = {
    "currentSystem": "make the outputs for each system: `packages.x86_64-linux`, …",
    "currentTime": "`self.lastModified` is the time of the last commit",
    "getEnv": "pass the value on in a file, or as an option",
}


class ImpureInFlake(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "impure-in-flake"
        self.severity = WARNING
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        file = flake_of(ctx)
        if file is None or file.outputs_lambda is None:
            return
        asked_for: set[str] = set()
        found: list[tuple[str, Span]] = []
        stack: list[Node] = [file.outputs_lambda.body]
        while stack:
            node = stack.pop()
            children = node.children()
            children = list(children)
            children.reverse()
            stack.extend(children)
            if isinstance(node, ExprSPath):
                self.search_path(node, ctx)
            elif isinstance(node, ExprHPath):
                message = "Nix refuses a path in the home directory in a flake without `--impure`"
                notes = [Note("a flake sees only its own files and its inputs")]
                ctx.report(self, node.span, message, notes)
            elif isinstance(node, ExprCall):
                self.call(node, ctx)
            elif isinstance(node, (ExprSelect, ExprVar)):
                name = builtin_name(node, ctx)
                if name in IMPURE:
                    found.append((name, node.span))
                elif isinstance(node, ExprSelect):
                    ask(node.base, node.path.first, node.default is not None, ctx, asked_for)
            elif isinstance(node, ExprOpHasAttr):
                ask(node.base, node.path.first, True, ctx, asked_for)
            elif isinstance(node, Inherit) and node.source is not None:
                source = unparen(node.source)
                if is_builtins(source, ctx):
                    for attr in node.names:
                        name = static_name(attr, ctx.text) or ""
                        if name in IMPURE:
                            found.append((name, attr.span))
        for name, span in found:
            if name not in asked_for:
                ctx.report(self, span, IMPURE[name], [Note(ADVICE[name])])

    def search_path(self, node: Node, ctx: FileContext) -> None:
        shown = ctx.text[node.start : node.end]
        if shown.startswith("<nix/"):
            return
        message = f"Nix does not look up `{shown}` in a flake without `--impure`"
        advice = "declare it in `inputs` and use that"
        if shown.startswith("<nixpkgs"):
            advice = "declare nixpkgs in `inputs`, and use `nixpkgs.legacyPackages.${system}`"
        ctx.report(self, node.span, message, [Note(advice)])

    def call(self, node: ExprCall, ctx: FileContext) -> None:
        fetch = fetch_of(node, ctx)
        if fetch is None or not fetch.unpinned:
            return
        if fetch.name == "getFlake":
            missing = "a commit"
        else:
            missing = f"`{fetch.missing}`"
        message = f"Nix refuses `{fetch.name}` without {missing} in a flake without `--impure`"
        notes = [Note("as one of the `inputs` it is pinned by flake.lock")]
        ctx.report(self, fetch.function.span, message, notes)


def ask(base: Node, attr: Node, asks: bool, ctx: FileContext, asked_for: set[str]) -> None:
    """Remembers what the file looks for before it uses it."""
    base = unparen(base)
    if asks and is_builtins(base, ctx):
        asked_for.add(ctx.text[attr.start : attr.end])


def is_builtins(node: Node, ctx: FileContext) -> bool:
    if not isinstance(node, ExprVar) or ctx.text[node.start : node.end] != "builtins":
        return False
    return is_global(node, ctx)
