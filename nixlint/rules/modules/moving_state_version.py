"""A `stateVersion` that follows nixpkgs.

## What it does
Reports definitions of `system.stateVersion` and `home.stateVersion` with the release of nixpkgs as
their value: `lib.trivial.release`, `lib.version`, `config.system.nixos.release`.
Installers and other images may do that, and so may every machine that keeps nothing.

## Why it matters
The state version says with which release a machine was set up.
If it changes on updates, modules look for their data where it does not lie.

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
{ lib, ... }: { system.stateVersion = lib.trivial.release; }
```

## Use instead
```nix file: box.nix
{ system.stateVersion = "24.05"; }
```

## Fix safety
None: only you know with which release the machine was set up.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING
from nixlint.project.modules.state_versions import MOVING
from nixlint.rules.project_base import ProjectContext, ProjectRule
from nixlint.rules.state_version_reports import report_faults


class MovingStateVersion(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.runs_apart = True
        self.name = "moving-state-version"
        self.severity = WARNING
        self.enabled = False

    def check_project(self, ctx: ProjectContext) -> None:
        report_faults(self, ctx, [MOVING])
