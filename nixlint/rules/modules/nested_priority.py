"""Properties in an order that the module system does not take.

## What it does
Reports definitions with `mkIf` or `mkMerge` inside of `mkForce`, `mkDefault` or `mkOrder`, one
priority inside of another, and a priority inside of `mkBefore`.

## Why it matters
At an option Nix takes off `mkMerge` and `mkIf`, then one priority, then one order.
What is left over counts as the value: "A definition for option … is not of type …".

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
}
```

```nix file: site.nix
{ lib, ... }: { site.port = lib.mkForce (lib.mkIf true 80); }
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
}
```

```nix file: site.nix
{ lib, ... }: { site.port = lib.mkIf (1 == 1) (lib.mkForce 80); }
```

## Fix safety
None: turn the two around.
"""

from __future__ import annotations

from typing import Final

from nixlint.diagnostics.model import ERROR
from nixlint.project.modules.option_findings import OptionFinding, option_findings
from nixlint.project.modules.verdicts import NOT_OF_TYPE
from nixlint.rules.option_reports import report_finding
from nixlint.rules.project_base import ProjectContext, ProjectRule

KINDS: Final = frozenset((NOT_OF_TYPE,))


class NestedPriority(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "nested-priority"
        self.severity = ERROR

    def check_project(self, ctx: ProjectContext) -> None:
        for finding in option_findings(ctx.project).found:
            if finding.conflict.kind in KINDS:
                if finding.left_over:
                    report_finding(
                        self, ctx, finding, order_message(finding), "this definition, too"
                    )


WORDS: Final = {
    "if": "`mkIf`", "merge": "`mkMerge`", "override": "a priority (`mkForce`, `mkDefault`, …)",
    "order": "an order (`mkBefore`, `mkAfter`, …)",
}  # fmt: skip


def order_message(finding: OptionFinding) -> str:
    """What is wrong, in one sentence."""
    word = WORDS.get(finding.left_over, "a property")
    return f"{word} stands too far inside in this definition of `{finding.conflict.path}`"
