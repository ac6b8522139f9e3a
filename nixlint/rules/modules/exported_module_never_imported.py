"""A module that the flake exports, and that none of its own configurations imports.

## What it does
Reports module files that only `nixosModules`, `homeModules` and their kin name, if the flake has
configurations, and none of them imports the file.

## Why it matters
Modules of one's own configurations are often exported as well, and then forgotten in the list of
imports.
Modules meant for others are exported and never imported here, so the rule is off by default.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { self, nixpkgs }: {
    nixosModules.swap = ./swap.nix;
    nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ ./box.nix ]; };
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
    nixosModules.swap = ./swap.nix;
    nixosConfigurations.box = nixpkgs.lib.nixosSystem {
      modules = [ ./box.nix self.nixosModules.swap ];
    };
  };
}
```

## Fix safety
None: only you know for whom the module is.
"""

from __future__ import annotations

import os

from nixlint.diagnostics.model import HINT
from nixlint.project.modules.exports import exported_modules
from nixlint.project.modules.reach import reach_of
from nixlint.project.modules.shared import configurations_of
from nixlint.rules.project_base import ProjectContext, ProjectRule
from nixlint.rules.unused_files import first_span


class ExportedModuleNeverImported(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.runs_apart = True
        self.name = "exported-module-never-imported"
        self.severity = HINT
        self.enabled = False

    def check_project(self, ctx: ProjectContext) -> None:
        if ctx.flake is None or reach_of(ctx.project).silent:
            return
        imported: set[str] = set()
        for configuration in configurations_of(ctx.project).found:
            if configuration.possible_folders:
                return
            imported |= configuration.files()
        root = ctx.project.root + os.sep
        for path, name in exported_modules(ctx.project).items():
            tree = ctx.project.tree(path)
            if path in imported or not path.startswith(root) or tree is None:
                continue
            message = f"no configuration of this flake imports the module, exported as `{name}`"
            ctx.report(self, path, first_span(tree), message)
