"""A module that mixes the two forms of modules.

## What it does
Reports modules of a configuration with `config` or `options` and other attributes beside them.

## Why it matters
Nix stops with "Module … has an unsupported attribute …": with `config` or `options`, all
definitions belong into `config`.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { self, nixpkgs }: {
    nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ ./box.nix ./site.nix ]; };
  };
}
```

```nix file: box.nix
{ config.networking.hostName = "box"; services.openssh.enable = true; }
```

```nix file: site.nix
{ }
```

## Use instead
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { self, nixpkgs }: {
    nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ ./box.nix ./site.nix ]; };
  };
}
```

```nix file: box.nix
{ config = { networking.hostName = "box"; services.openssh.enable = true; }; }
```

```nix file: site.nix
{ }
```

## Fix safety
None.
"""

from __future__ import annotations

from typing import Final

from nixlint.diagnostics.model import ERROR
from nixlint.project.modules.option_findings import OptionFinding, option_findings
from nixlint.project.modules.verdicts import BAD_FORM
from nixlint.rules.option_reports import report_finding
from nixlint.rules.project_base import ProjectContext, ProjectRule

KINDS: Final = frozenset((BAD_FORM,))


class MixedModuleForm(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "mixed-module-form"
        self.severity = ERROR

    def check_project(self, ctx: ProjectContext) -> None:
        for finding in option_findings(ctx.project).found:
            if finding.conflict.kind in KINDS:
                report_finding(self, ctx, finding, form_message(finding), "")


def form_message(finding: OptionFinding) -> str:
    """What is wrong, in one sentence."""
    name = finding.conflict.message.rpartition("attribute `")[2].partition("'")[0]
    return f"`{name}` must be inside of `config`, as the module has `config` or `options`"
