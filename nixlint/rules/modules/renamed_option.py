"""A definition of an option that was renamed.

## What it does
Reports definitions of options that a module of the configuration declares with
`mkRenamedOptionModule`.

## Why it matters
The old name goes some day; until then every evaluation prints a warning without a place.

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
  imports = [ (lib.mkRenamedOptionModule [ "site" "httpPort" ] [ "site" "port" ]) ];
  options.site.port = lib.mkOption { type = lib.types.port; };
}
```

```nix file: site.nix
{ site.httpPort = 80; }
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
  imports = [ (lib.mkRenamedOptionModule [ "site" "httpPort" ] [ "site" "port" ]) ];
  options.site.port = lib.mkOption { type = lib.types.port; };
}
```

```nix file: site.nix
{ site.port = 80; }
```

## Fix safety
None.
"""

from __future__ import annotations

from typing import Final

from nixlint.diagnostics.model import WARNING
from nixlint.project.modules.option_findings import OptionFinding, option_findings
from nixlint.project.modules.verdicts import RENAMED
from nixlint.rules.option_reports import report_finding
from nixlint.rules.project_base import ProjectContext, ProjectRule

KINDS: Final = frozenset((RENAMED,))


class RenamedOption(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "renamed-option"
        self.severity = WARNING

    def check_project(self, ctx: ProjectContext) -> None:
        for finding in option_findings(ctx.project).found:
            if finding.conflict.kind in KINDS:
                report_finding(self, ctx, finding, renamed_message(finding), "set here, too")


def renamed_message(finding: OptionFinding) -> str:
    """What is wrong, in one sentence."""
    return f"option `{finding.conflict.path}` was renamed to `{finding.conflict.message}`"
