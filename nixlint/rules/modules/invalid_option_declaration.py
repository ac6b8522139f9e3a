"""A declaration that is no option.

## What it does
Reports what stands in `options` without being an option or a set of options: a type without
`mkOption`, a value, a `mkIf`.

## Why it matters
Nix stops as soon as it looks at the option: "expected an option declaration".

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
{ lib, ... }: { options.site.port = lib.types.port; }
```

```nix file: site.nix
{ site.port = 80; }
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
{ lib, ... }: { options.site.port = lib.mkOption { type = lib.types.port; }; }
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
from nixlint.project.modules.verdicts import BAD_DECLARATION
from nixlint.rules.option_reports import report_finding
from nixlint.rules.project_base import ProjectContext, ProjectRule

KINDS: Final = frozenset((BAD_DECLARATION,))


class InvalidOptionDeclaration(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "invalid-option-declaration"
        self.severity = ERROR

    def check_project(self, ctx: ProjectContext) -> None:
        for finding in option_findings(ctx.project).found:
            if finding.conflict.kind in KINDS:
                report_finding(
                    self, ctx, finding, declaration_message(finding), "declared here, too"
                )


def declaration_message(finding: OptionFinding) -> str:
    """What is wrong, in one sentence."""
    return f"the declaration of option `{finding.conflict.path}` is no option; use `mkOption`"
