"""A default for a module argument.

## What it does
Reports defaults of arguments in modules: `{ lib, level ? 1, ... }:`.
Files that are also imported and called by hand are left alone.

## Why it matters
The default never takes effect.
The module system passes every argument that a module names, and takes it from `specialArgs` or
`_module.args`; if neither has it, Nix stops when it is used.

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
{ level ? 1, ... }: { boot.consoleLogLevel = level; }
```

## Use instead
Define the default where modules can override it, or declare an option:

```nix file: box.nix
{ lib, level, ... }:
{
  _module.args.level = lib.mkDefault 1;
  boot.consoleLogLevel = level;
}
```

## Fix safety
None: what is meant decides where the default belongs.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING
from nixlint.project.modules.module_arguments import asked_arguments, is_called_by_hand
from nixlint.rules.project_base import ProjectContext, ProjectRule


class ModuleArgumentDefault(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.runs_apart = True
        self.name = "module-argument-default"
        self.severity = WARNING

    def check_project(self, ctx: ProjectContext) -> None:
        if ctx.project.flake_is_broken:
            return
        called: dict[str, bool] = {}
        for asked in asked_arguments(ctx.project):
            if asked.formal.default is None:
                continue
            if asked.path not in called:
                called[asked.path] = is_called_by_hand(ctx.project, asked.path)
            if called[asked.path]:
                continue
            ctx.report(
                self,
                asked.path,
                asked.formal.span,
                f"the default of the module argument `{asked.name}` never takes effect: "
                "modules get every argument they name from the module system, or fail",
            )
