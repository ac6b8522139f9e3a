"""Definitions of an option that Nix refuses to merge.

## What it does
Reports options that get several values of the same priority in one configuration, if the type of
the option does not merge them: a number, a string or a Boolean with two different values, a value
that must be the only one, `null` beside something else.
The rules are those of the module system: `mkForce` and `mkDefault`, conditions, the order of
`mkIf` and `mkMerge`, the merging of every type of `lib.types`, submodules included.

Options that the project declares itself are judged, `enable` options, and those of nixpkgs,
home-manager and nix-darwin if nixlint has a list of them or their sources
(`docs/configuration.md`).
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
Unsafe: `lib.mkForce` is put around the last definition, which makes it win.
Only you know which value is meant: `lib.mkDefault` around it, or either of them around another
definition, are offered for choice.
"""

from __future__ import annotations

import os
from typing import Final

from nixlint.diagnostics.model import ERROR, UNSAFE, Fix
from nixlint.project.modules.model import Place
from nixlint.project.modules.option_findings import OptionFinding, option_findings
from nixlint.project.modules.shared import configurations_of
from nixlint.project.modules.verdicts import (
    KINDS_DIFFER,
    NOT_UNIQUE,
    NULL_MIX,
    TAGS_DIFFER,
    UNEQUAL,
    UNMERGEABLE,
)
from nixlint.rules.option_edits import priority_edits
from nixlint.rules.option_reports import Mending, report_finding
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
                    self,
                    ctx,
                    finding,
                    conflict_message(finding),
                    "the other definition",
                    True,
                    Priorities(finding),
                )


class Priorities(Mending):
    """Lets one definition win, or give way."""

    def __init__(self, finding: OptionFinding) -> None:
        self.finding = finding

    def at(
        self, ctx: ProjectContext, place: Place, others: list[Place]
    ) -> tuple[Fix | None, list[Fix]]:
        """`mkForce` where the finding is shown; `mkDefault` there and both elsewhere to choose."""
        own = self._fixes(ctx, place, None)
        choices = own[1:]
        for other in others:
            choices += self._fixes(ctx, other, other.path if other.path != place.path else None)
        return (own[0] if own else None), choices

    def _fixes(self, ctx: ProjectContext, place: Place, path: str | None) -> list[Fix]:
        out: list[Fix] = []
        which = "this definition"
        if path is not None:
            shown = os.path.relpath(path, ctx.project.root).replace(os.sep, "/")
            which = f"the definition in {shown}"
        is_module = self._is_module(ctx, place.path)
        for function, what in (("mkForce", "win"), ("mkDefault", "give way")):
            edits = priority_edits(ctx, place, function, is_module)
            if edits is not None:
                out.append(Fix(f"Let {which} {what}: `lib.{function}`", edits, UNSAFE, path))
        return out

    def _is_module(self, ctx: ProjectContext, path: str) -> bool:
        """Whether a file is a module of one of the configurations that have the conflict."""
        for configuration in configurations_of(ctx.project).found:
            if configuration.name in self.finding.configurations:
                for module in configuration.modules:
                    key = module.key
                    if module.path == path and key.startswith("/") and ":" not in key:
                        return True
        return False


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
