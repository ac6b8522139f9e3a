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
Unsafe: older versions of the module may not know the new name.
There is no fix where the new name does not fit into the sets around the definition, or is defined
beside it.
"""

from __future__ import annotations

from typing import Final

from nixlint.diagnostics.model import UNSAFE, WARNING, Fix
from nixlint.project.modules.model import Place
from nixlint.project.modules.option_findings import OptionFinding, option_findings
from nixlint.project.modules.verdicts import RENAMED
from nixlint.rules.option_edits import rename_edits
from nixlint.rules.option_reports import Mending, report_finding
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
                report_finding(
                    self,
                    ctx,
                    finding,
                    renamed_message(finding),
                    "set here, too",
                    False,
                    NewName(finding),
                )


class NewName(Mending):
    """Gives the definition the new name of its option."""

    def __init__(self, finding: OptionFinding) -> None:
        self.finding = finding

    def at(
        self, ctx: ProjectContext, place: Place, others: list[Place]
    ) -> tuple[Fix | None, list[Fix]]:
        """The new name, if it fits where the old one stands."""
        conflict = self.finding.conflict
        edits = rename_edits(ctx, place, conflict.path, conflict.message)
        if edits is None:
            return None, []
        return Fix(f"Rename to `{conflict.message}`", edits, UNSAFE), []


def renamed_message(finding: OptionFinding) -> str:
    """What is wrong, in one sentence."""
    return f"option `{finding.conflict.path}` was renamed to `{finding.conflict.message}`"
