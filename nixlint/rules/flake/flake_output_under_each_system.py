"""An output that has no system in its name, built once for each system.

## What it does
Reports configurations, modules, overlays and templates in the function that is passed to
`eachDefaultSystem` or `eachSystem` of flake-utils, and outputs in there that name the system again
(`packages.${system}`).

## Why it matters
flake-utils puts the system behind the name of every output: `nixosConfigurations.mySystem` becomes
`nixosConfigurations.x86_64-linux.mySystem`, and there `nixos-rebuild` does not find it.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.flake-utils.url = "github:numtide/flake-utils";
  outputs =
    {
      self,
      nixpkgs,
      flake-utils,
    }:
    flake-utils.lib.eachDefaultSystem (system: {
      packages.default = nixpkgs.legacyPackages.${system}.hello;
      nixosConfigurations.mySystem = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [ ./configuration.nix ];
      };
    });
}
```

## Use instead
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.flake-utils.url = "github:numtide/flake-utils";
  outputs =
    {
      self,
      nixpkgs,
      flake-utils,
    }:
    flake-utils.lib.eachDefaultSystem (system: {
      packages.default = nixpkgs.legacyPackages.${system}.hello;
    })
    // {
      nixosConfigurations.mySystem = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [ ./configuration.nix ];
      };
    };
}
```

## Fix safety
None: the code may use the `system` of the function.
"""

from __future__ import annotations

from typing import Final

from nixlint.diagnostics.model import WARNING, Note
from nixlint.project.flake.outline import Entry
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.flakes import PER_SYSTEM, OutputSet, output_sets
from nixlint.rules.systems import is_system
from nixlint.semantic.shapes import called_name
from nixlint.syntax.nodes import ExprVar, Interpolation, Node, unparen
from nixlint.syntax.strings import quote_name
from nixlint.text.span import Span

GLOBAL: Final = (
    "nixosConfigurations", "nixosModules", "nixosModule", "darwinConfigurations", "darwinModules",
    "homeConfigurations", "homeModules", "homeModule", "homeManagerModules", "overlays", "overlay",
    "templates", "defaultTemplate", "flakeModules", "flakeModule", "nixOnDroidConfigurations",
    "deploy", "colmena", "diskoConfigurations",
)  # fmt: skip


class FlakeOutputUnderEachSystem(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-output-under-each-system"
        self.severity = WARNING
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        for found in output_sets(ctx):
            if found.each is None or found.call is None:
                continue
            called = called_name(found.call, ctx.text)
            fn: Node = found.call.fn
            here = Note(f"`{called}` calls this for each system", Span(fn.start, fn.end))
            for name in GLOBAL:
                entry = found.entry.children.get(name)
                if entry is not None:
                    self.misplaced(entry, called, here, ctx)
            for name in PER_SYSTEM:
                entry = found.entry.children.get(name)
                if entry is not None:
                    self.named_again(entry, found, called, here, ctx)

    def misplaced(self, entry: Entry, called: str, here: Note, ctx: FileContext) -> None:
        below = ""
        for child in entry.children:
            below = "." + quote_name(child)
            break
        name = entry.name
        message = (
            f"`{name}` must not be built for each system: this makes it "
            f"`{name}.x86_64-linux{below}`, where nothing looks for it"
        )
        outside = Note(f"put it behind: `{called} (…) // {{ {name} = …; }}`")
        ctx.report(self, entry.name_node.span, message, [here, outside])

    def named_again(
        self, entry: Entry, found: OutputSet, called: str, here: Note, ctx: FileContext
    ) -> None:
        argument = found.each.arg.name if found.each is not None else None
        system = "" if argument is None else ctx.text[argument.start : argument.end]
        message = f"`{called}` puts the system behind `{entry.name}` already: leave it out here"
        for attr in entry.dynamic:
            inner = attr.inner
            expr = unparen(inner.expr) if isinstance(inner, Interpolation) else None
            if isinstance(expr, ExprVar) and system:
                if ctx.text[expr.start : expr.end] == system:
                    ctx.report(self, attr.span, message, [here])
        for child in entry.children.values():
            if is_system(child.name):
                ctx.report(self, child.name_node.span, message, [here])
