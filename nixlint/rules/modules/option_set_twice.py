"""The same definition of an option twice.

## What it does
Reports definitions of an option that stand beside an equal one of the same priority in every
configuration they are part of.

Only options that the project declares itself are judged, and only if all of its configurations can
be followed.
Definitions in modules that the flake exports are left alone.

## Why it matters
One of them is enough; two have to be changed together, or they conflict.

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
{
  imports = [ ./more.nix ];
  site.port = 8080;
}
```

```nix file: more.nix
{ site.port = 8080; }
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
{
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


class OptionSetTwice(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "option-set-twice"
        self.severity = HINT

    def check_project(self, ctx: ProjectContext) -> None:
        said: set[tuple[str, str, int]] = set()
        for use in option_usage(ctx.project):
            if not use.twins or (use.option, use.place.path, use.place.start) in said:
                continue
            span = span_of(ctx, use.place)
            if span is None:
                continue
            notes: list[Note] = []
            for twin, place in use.twins.items():
                said.add(twin)
                where = span_of(ctx, place)
                if where is not None:
                    path = place.path
                    notes.append(
                        Note("set here, too", where, path if path != use.place.path else None)
                    )
            ctx.report(
                self,
                use.place.path,
                span,
                f"`{use.option}` is set to the same value elsewhere, too",
                notes,
            )
