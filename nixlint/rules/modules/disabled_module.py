"""A module of the project that is never switched on.

## What it does
Reports modules of the project that are imported, but only under a condition that is always false
(`lib.optional false ./x.nix`), or that `disabledModules` removes from every configuration that
imports them.

## Why it matters
It is as good as not imported, which is easily forgotten.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { self, nixpkgs }: {
    nixosConfigurations.box = nixpkgs.lib.nixosSystem {
      modules = [ ./box.nix ] ++ nixpkgs.lib.optional false ./swap.nix;
    };
  };
}
```

```nix file: box.nix
{ networking.hostName = "box"; }
```

```nix file: swap.nix
{ zramSwap.enable = true; }
```

## Use instead
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { self, nixpkgs }: {
    nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ ./box.nix ./swap.nix ]; };
  };
}
```

## Fix safety
None: only you know what was meant.
"""

from __future__ import annotations

from nixlint.diagnostics.model import HINT, Note
from nixlint.project.modules.reach import DISABLED_FILE, reach_of
from nixlint.rules.project_base import ProjectContext, ProjectRule
from nixlint.rules.unused_files import first_span
from nixlint.text.span import Span


class DisabledModule(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.runs_apart = True
        self.name = "disabled-module"
        self.severity = HINT

    def check_project(self, ctx: ProjectContext) -> None:
        reach = reach_of(ctx.project)
        for path in reach.files:
            tree = ctx.project.tree(path)
            if tree is None or reach.state_of(path) != DISABLED_FILE:
                continue
            use = reach.disabled[path]
            notes: list[Note] = []
            if use.source:
                notes.append(Note("imported here", Span(use.start, use.end), use.source))
            message = f"this module is never in effect: it {use.how}"
            ctx.report(self, path, first_span(tree), message, notes, None, "unnecessary")
