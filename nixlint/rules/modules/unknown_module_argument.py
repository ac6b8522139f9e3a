"""A module argument that nothing provides.

## What it does
Reports arguments that a module asks for and uses, if no configuration it belongs to provides them:
neither `specialArgs` (`extraSpecialArgs` of home-manager) nor `_module.args` nor the module system.

Says nothing where arguments may come from somewhere unknown: from modules of other flakes, or from
imports that cannot be followed.

## Why it matters
Nix stops with "attribute 'foo' missing" as soon as the argument is needed.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { self, nixpkgs }: {
    nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ ./box.nix ]; };
  };
}
```

```nix file: box.nix
{ secrets, ... }: { networking.hostName = secrets.name; }
```

## Use instead
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { self, nixpkgs }: {
    nixosConfigurations.box = nixpkgs.lib.nixosSystem {
      specialArgs = { secrets.name = "box"; };
      modules = [ ./box.nix ];
    };
  };
}
```

```nix file: box.nix
{ secrets, ... }: { networking.hostName = secrets.name; }
```

## Fix safety
None: only you know where the argument should come from.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, Note
from nixlint.project.modules.module_arguments import asked_arguments
from nixlint.rules.project_base import ProjectContext, ProjectRule


class UnknownModuleArgument(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.runs_apart = True
        self.name = "unknown-module-argument"
        self.severity = ERROR

    def check_project(self, ctx: ProjectContext) -> None:
        if ctx.project.flake_is_broken:
            return
        for asked in asked_arguments(ctx.project):
            if asked.provided or not asked.missing or asked.formal.default is not None:
                continue
            model = ctx.project.model(asked.path)
            if model is None:
                continue
            start = asked.formal.name.start
            used = any(
                definition.references
                for definition in model.definitions
                if definition.node.start == start
            )
            if not used:
                continue
            names = asked.missing
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            ctx.report(
                self,
                asked.path,
                asked.formal.name.span,
                f"nothing provides the module argument `{asked.name}`",
                [Note(f"neither `specialArgs` nor `_module.args` have it in {names[0]}{more}")],
            )
