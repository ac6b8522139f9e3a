"""Imports that depend on `config`.

## What it does
Reports imports of a module that need the result of evaluating the modules: `config`, `options`,
`pkgs`, or another argument that a module sets with `_module.args`.
Arguments from `specialArgs` are fine, and so is the `config` of an outer configuration in the
imports of a home-manager user or a container.

## Why it matters
Which modules there are has to be known before any of them is evaluated.
Nix stops with "infinite recursion encountered", often at a place that has nothing to do with it.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { self, nixpkgs }: {
    nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ ./box.nix ]; };
  };
}
```

```nix file: box.nix
{ config, lib, ... }:
{
  imports = lib.optional config.services.xserver.enable ./desktop.nix;
}
```

```nix file: desktop.nix
{ programs.firefox.enable = true; }
```

## Use instead
Import the module always, and let it decide with `mkIf`:

```nix file: box.nix
{
  imports = [ ./desktop.nix ];
}
```

```nix file: desktop.nix
{ config, lib, ... }:
{
  config = lib.mkIf config.services.xserver.enable { programs.firefox.enable = true; };
}
```

## Fix safety
None: what is imported conditionally has to be rewritten by hand.
"""

from __future__ import annotations

import os
from typing import Final

from nixlint.diagnostics.model import ERROR, Note
from nixlint.project.modules.model import CERTAIN, DARWIN, HOME_MANAGER, NIXOS
from nixlint.project.modules.shared import configurations_of
from nixlint.rules.project_base import ProjectContext, ProjectRule
from nixlint.text.span import Span

_KNOWN: Final = (NIXOS, DARWIN, HOME_MANAGER)
"""The kinds of configurations whose modules get known arguments."""


class ImportsDependOnConfig(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "imports-depend-on-config"
        self.severity = ERROR

    def check_project(self, ctx: ProjectContext) -> None:
        if ctx.project.flake_is_broken:
            return
        root = ctx.project.root + os.sep
        seen: set[tuple[str, int]] = set()
        for configuration in configurations_of(ctx.project).found:
            for reason, importer, place in configuration.recursions:
                if place is None or not place.path.startswith(root):
                    continue
                if importer is not None and importer.certainty != CERTAIN:
                    continue
                parts = reason.split("`")
                name = parts[1] if len(parts) > 2 else "config"
                if configuration.kind not in _KNOWN and name not in ("config", "options"):
                    # Other systems may hand more to their modules.
                    continue
                key = (place.path, place.start)
                if key in seen:
                    continue
                seen.add(key)
                ctx.report(
                    self,
                    place.path,
                    Span(place.start, place.end),
                    f"these imports depend on `{name}`, which depends on them",
                    [Note(f"Nix stops with an infinite recursion in {configuration.name}")],
                )
