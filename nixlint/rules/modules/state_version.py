"""An odd `stateVersion`.

## What it does
Looks at `system.stateVersion` (NixOS, nix-darwin) and `home.stateVersion` (home-manager) in all
configurations, and reports values that

- name no release (`"24.06"`, `"unstable"`), or one that is not even being prepared,
- are of the wrong kind (`24.05` without quotes is a number),
- are set in two places of one configuration,
- are missing, where all modules of the configuration are known.

## Why it matters
The state version says with which release a machine was set up; modules decide by it where their
data lies.
It must not change on updates, and Nix stops, or assumes something, where it is wrong or missing.

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
{ system.stateVersion = "24.06"; }
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
from nixlint.project.modules.state_versions import KINDS, MOVING
from nixlint.rules.project_base import ProjectContext, ProjectRule
from nixlint.rules.state_version_reports import report_faults


class StateVersion(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.runs_apart = True
        self.name = "state-version"
        self.severity = WARNING

    def check_project(self, ctx: ProjectContext) -> None:
        report_faults(self, ctx, [kind for kind in KINDS if kind != MOVING])
