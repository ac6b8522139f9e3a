"""A read-only option that is set again.

## What it does
Reports read-only options with more than one definition; a default counts as one.

## Why it matters
Nix stops with "The option … is read-only, but it's set multiple times", even if the values
are equal.

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
  options.site.name = lib.mkOption { type = lib.types.str; default = "a"; readOnly = true; };
}
```

```nix file: site.nix
{ site.name = "b"; }
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
  options.site.name = lib.mkOption { type = lib.types.str; default = "a"; };
}
```

```nix file: site.nix
{ site.name = "b"; }
```

## Fix safety
None: only you know which definition is meant.
"""

from __future__ import annotations

from typing import Final

from nixlint.diagnostics.model import ERROR
from nixlint.project.modules.option_findings import OptionFinding, option_findings
from nixlint.project.modules.verdicts import READ_ONLY
from nixlint.rules.option_reports import report_finding
from nixlint.rules.project_base import ProjectContext, ProjectRule

KINDS: Final = frozenset((READ_ONLY,))


class ReadOnlyOption(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "read-only-option"
        self.severity = ERROR

    def check_project(self, ctx: ProjectContext) -> None:
        for finding in option_findings(ctx.project).found:
            if finding.conflict.kind in KINDS:
                report_finding(
                    self, ctx, finding, read_only_message(finding), "set here, too", True
                )


def read_only_message(finding: OptionFinding) -> str:
    """What is wrong, in one sentence."""
    return f"option `{finding.conflict.path}` is read-only, but is set more than once"
