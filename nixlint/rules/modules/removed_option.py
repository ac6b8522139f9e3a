"""A definition of an option that was removed.

## What it does
Reports definitions of options that a module of the configuration declares with
`mkRemovedOptionModule`.

## Why it matters
The definition has no effect, and NixOS refuses the configuration with the text that is given
there.

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
  imports = [ (lib.mkRemovedOptionModule [ "site" "ssl" ] "TLS is always on.") ];
  options.site.port = lib.mkOption { type = lib.types.port; };
}
```

```nix file: site.nix
{ site.ssl = true; }
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
  imports = [ (lib.mkRemovedOptionModule [ "site" "ssl" ] "TLS is always on.") ];
  options.site.port = lib.mkOption { type = lib.types.port; };
}
```

```nix file: site.nix
{ site.port = 80; }
```

## Fix safety
None: only you know what comes in its place.
"""

from __future__ import annotations

from typing import Final

from nixlint.diagnostics.model import ERROR
from nixlint.project.modules.option_findings import OptionFinding, option_findings
from nixlint.project.modules.verdicts import REMOVED
from nixlint.rules.option_reports import report_finding
from nixlint.rules.project_base import ProjectContext, ProjectRule

KINDS: Final = frozenset((REMOVED,))


class RemovedOption(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "removed-option"
        self.severity = ERROR

    def check_project(self, ctx: ProjectContext) -> None:
        for finding in option_findings(ctx.project).found:
            if finding.conflict.kind in KINDS:
                report_finding(self, ctx, finding, removed_message(finding), "set here, too")


def removed_message(finding: OptionFinding) -> str:
    """What is wrong, in one sentence."""
    advice = " ".join(finding.conflict.message.split())
    return f"option `{finding.conflict.path}` was removed" + (f": {advice}" if advice else "")
