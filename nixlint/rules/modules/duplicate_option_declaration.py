"""An option that is declared twice.

## What it does
Reports options with two declarations in one configuration that Nix cannot combine: both have a
default, a description, an example or `apply`, or their types do not merge.
An option declared below another option that is no submodule is reported, too.

## Why it matters
Nix stops with "The option … is already declared in …".

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
{ lib, ... }: { options.site.tls = lib.mkEnableOption "TLS"; }
```

```nix file: site.nix
{ lib, ... }: { options.site.tls = lib.mkEnableOption "TLS"; }
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
{ lib, ... }: { options.site.tls = lib.mkEnableOption "TLS"; }
```

```nix file: site.nix
{ site.tls = true; }
```

## Fix safety
None: only you know which declaration is meant.
"""

from __future__ import annotations

from typing import Final

from nixlint.diagnostics.model import ERROR
from nixlint.project.modules.option_findings import OptionFinding, option_findings
from nixlint.project.modules.verdicts import DECLARED_TWICE, NESTED_UNDER_OPTION
from nixlint.rules.option_reports import report_finding
from nixlint.rules.project_base import ProjectContext, ProjectRule

KINDS: Final = frozenset(
    (
        DECLARED_TWICE,
        NESTED_UNDER_OPTION,
    )
)


class DuplicateOptionDeclaration(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "duplicate-option-declaration"
        self.severity = ERROR

    def check_project(self, ctx: ProjectContext) -> None:
        for finding in option_findings(ctx.project).found:
            if finding.conflict.kind in KINDS:
                report_finding(
                    self,
                    ctx,
                    finding,
                    declaration_message(finding),
                    "the other declaration",
                    finding.conflict.kind == DECLARED_TWICE,
                )


def declaration_message(finding: OptionFinding) -> str:
    """What is wrong, in one sentence."""
    path = finding.conflict.path
    if finding.conflict.kind == NESTED_UNDER_OPTION:
        return f"options are declared below option `{path}`, which is no submodule"
    return f"option `{path}` is declared twice"
