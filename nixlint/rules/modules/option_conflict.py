"""Definitions of an option that Nix refuses to merge.

## What it does
Reports options that get several values of the same priority in one configuration, if the type of
the option does not merge them: a number, a string or a Boolean with two different values, a value
that must be the only one, `null` beside something else.
The rules are those of the module system: `mkForce` and `mkDefault`, conditions, the order of
`mkIf` and `mkMerge`, the merging of every type of `lib.types`, submodules included.

Only options that the project declares itself are judged, and `enable` options.
Definitions under a condition that is not known, and configurations with imports that cannot be
followed, count for nothing.

## Why it matters
Nix stops with "The option … has conflicting definition values", often without a usable place.

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
{ networking.firewall.enable = true; }
```

```nix file: site.nix
{ networking.firewall.enable = false; }
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
{ networking.firewall.enable = true; }
```

```nix file: site.nix
{ lib, ... }: { networking.firewall.enable = lib.mkDefault false; }
```

## Fix safety
None: only you know which value is meant.
`lib.mkForce` around one of them makes it win, `lib.mkDefault` makes it give way.
"""

from __future__ import annotations

from typing import Final

from nixlint.diagnostics.model import ERROR
from nixlint.project.modules.option_findings import OptionFinding, option_findings
from nixlint.project.modules.verdicts import (
    KINDS_DIFFER,
    NOT_UNIQUE,
    NULL_MIX,
    TAGS_DIFFER,
    UNEQUAL,
    UNMERGEABLE,
)
from nixlint.rules.option_reports import report_finding
from nixlint.rules.project_base import ProjectContext, ProjectRule

KINDS: Final = frozenset(
    (
        UNEQUAL,
        NOT_UNIQUE,
        NULL_MIX,
        UNMERGEABLE,
        KINDS_DIFFER,
        TAGS_DIFFER,
    )
)


class OptionConflict(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "option-conflict"
        self.severity = ERROR

    def check_project(self, ctx: ProjectContext) -> None:
        for finding in option_findings(ctx.project).found:
            if finding.conflict.kind in KINDS:
                report_finding(
                    self, ctx, finding, conflict_message(finding), "the other definition", True
                )


def conflict_message(finding: OptionFinding) -> str:
    """What is wrong, in one sentence."""
    name = finding.conflict.path
    kind = finding.conflict.kind
    if kind == NOT_UNIQUE:
        return f"option `{name}` is defined more than once, but can have one definition only"
    if kind == NULL_MIX:
        return f"option `{name}` is defined both as null and as something else"
    if kind == UNEQUAL:
        return f"option `{name}` has conflicting definitions"
    return f"the definitions of option `{name}` cannot be merged"
