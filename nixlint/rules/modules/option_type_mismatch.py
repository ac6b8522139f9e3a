"""A value that is not of the option's type.

## What it does
Reports definitions whose value the type of the option refuses: a string for a number, a member that
an `enum` does not have, a port above 65535.
Options that the project declares itself are judged, and those of nixpkgs, home-manager and
nix-darwin if nixlint has a list of them or their sources (`docs/configuration.md`).

## Why it matters
Nix stops with "A definition for option … is not of type …".

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
{ site.port = "80"; }
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
from nixlint.project.modules.verdicts import NOT_OF_TYPE
from nixlint.rules.option_reports import report_finding
from nixlint.rules.project_base import ProjectContext, ProjectRule

KINDS: Final = frozenset((NOT_OF_TYPE,))


class OptionTypeMismatch(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "option-type-mismatch"
        self.severity = ERROR

    def check_project(self, ctx: ProjectContext) -> None:
        for finding in option_findings(ctx.project).found:
            if finding.conflict.kind in KINDS and not finding.left_over:
                report_finding(
                    self, ctx, finding, mismatch_message(finding), "this definition, too"
                )


def article(description: str) -> str:
    """The description of a type as part of a sentence."""
    return (
        description
        if description.startswith(("one of ", "value ", "null "))
        else f"a value of type `{description}`"
    )


def mismatch_message(finding: OptionFinding) -> str:
    """What is wrong, in one sentence."""
    found = finding.conflict.message.rpartition(" is not of type `")[2].partition("'.")[0]
    return f"option `{finding.conflict.path}` takes {article(found)}, and not this value"
