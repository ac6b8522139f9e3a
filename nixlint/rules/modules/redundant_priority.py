"""`mkForce` without anything to outrank.

## What it does
Reports definitions with `mkForce`, or another priority stronger than a plain definition, of options
that have no other definition in any configuration; a default counts for none.

Only options that the project declares itself are judged, and only if all of its configurations can
be followed.
Definitions in modules that the flake exports are left alone.

## Why it matters
It looks as if there were something to overrule, and makes the next definition fail to take effect.

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
  options.site.port = lib.mkOption { type = lib.types.port; default = 80; };
}
```

```nix file: site.nix
{ lib, ... }: { site.port = lib.mkForce 8080; }
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
  options.site.port = lib.mkOption { type = lib.types.port; default = 80; };
}
```

```nix file: site.nix
{ site.port = 8080; }
```

## Fix safety
None.
"""

from __future__ import annotations

from nixlint.diagnostics.model import HINT, Note
from nixlint.project.modules.option_usage import option_usage
from nixlint.rules.option_reports import span_of
from nixlint.rules.project_base import ProjectContext, ProjectRule


class RedundantPriority(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "redundant-priority"
        self.severity = HINT

    def check_project(self, ctx: ProjectContext) -> None:
        for use in option_usage(ctx.project):
            if not use.alone or use.priority >= 100:
                continue
            span = span_of(ctx, use.place)
            if span is None:
                continue
            notes: list[Note] = []
            ctx.report(
                self,
                use.place.path,
                span,
                f"nothing else sets `{use.option}`: the priority changes nothing",
                notes,
            )
