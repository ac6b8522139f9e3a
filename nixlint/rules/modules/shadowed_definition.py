"""A definition that always loses.

## What it does
Reports definitions of an option that another one outranks in every configuration they are part of.

Only options that the project declares itself are judged, and only if all of its configurations can
be followed.
Definitions in modules that the flake exports are left alone.

## Why it matters
They have no effect, which is easily overlooked when they are changed.

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
{ lib, ... }: {
  imports = [ ./more.nix ];
  site.port = lib.mkForce 8080;
}
```

```nix file: more.nix
{ site.port = 81; }
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
{ lib, ... }: {
  imports = [ ./more.nix ];
  site.port = 8080;
}
```

```nix file: more.nix
{ }
```

## Fix safety
None.
"""

from __future__ import annotations

from nixlint.diagnostics.model import HINT, Note
from nixlint.project.modules.option_usage import option_usage
from nixlint.rules.option_reports import span_of
from nixlint.rules.project_base import ProjectContext, ProjectRule


class ShadowedDefinition(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "shadowed-definition"
        self.severity = HINT
        self.enabled = False

    def check_project(self, ctx: ProjectContext) -> None:
        for use in option_usage(ctx.project):
            if not use.loses or use.priority >= 1000:
                continue
            span = span_of(ctx, use.place)
            if span is None:
                continue
            notes: list[Note] = []
            if use.winner is not None:
                where = span_of(ctx, use.winner)
                if where is not None:
                    path = use.winner.path
                    notes.append(
                        Note("outranked here", where, path if path != use.place.path else None)
                    )
            ctx.report(
                self,
                use.place.path,
                span,
                f"this definition of `{use.option}` never takes effect",
                notes,
            )
