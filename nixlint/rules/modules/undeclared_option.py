"""A definition of an option that does not exist.

## What it does
Reports definitions below a set of options that only the project declares, if nothing is declared at
that name.
What stands below the first names that NixOS, home-manager and other projects use (`services`,
`programs`, …) is judged if nixlint has a list of their options or their sources
(`docs/configuration.md`); where other modules may declare more, only slips of the pen are reported.
Says nothing about sets with a freeform type, and where declarations are not known.

## Why it matters
Nix stops with "The option … does not exist", also when the definition is under `mkIf false`.

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
{ lib, ... }: {
  options.site.port = lib.mkOption { type = lib.types.port; };
  config.networking.firewall.allowedTCPPorts = [ ];
}
```

```nix file: site.nix
{ site.prot = 80; }
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
{ lib, ... }: {
  options.site.port = lib.mkOption { type = lib.types.port; };
  config.networking.firewall.allowedTCPPorts = [ ];
}
```

```nix file: site.nix
{ site.port = 80; }
```

## Fix safety
None: only you know what was meant.
"""

from __future__ import annotations

from typing import Final

from nixlint.diagnostics.model import ERROR
from nixlint.project.modules.option_findings import OptionFinding, option_findings
from nixlint.project.modules.verdicts import NOT_A_SET, UNDECLARED
from nixlint.rules.option_reports import report_finding
from nixlint.rules.project_base import ProjectContext, ProjectRule
from nixlint.rules.unresolved import nearest_of

KINDS: Final = frozenset(
    (
        UNDECLARED,
        NOT_A_SET,
    )
)


class UndeclaredOption(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "undeclared-option"
        self.severity = ERROR

    def check_project(self, ctx: ProjectContext) -> None:
        for finding in option_findings(ctx.project).found:
            if finding.conflict.kind in KINDS:
                report_finding(self, ctx, finding, missing_message(finding), "defined here, too")


def missing_message(finding: OptionFinding) -> str:
    """What is wrong, in one sentence."""
    path = finding.conflict.path
    if finding.conflict.kind == NOT_A_SET:
        return f"`{path}` is a set of options, and no option"
    parent, _, name = path.rpartition(".")
    nearest = nearest_of(name, finding.conflict.siblings)
    hint = f"; did you mean `{parent}.{nearest}`?" if nearest else ""
    return f"option `{path}` does not exist{hint}"
