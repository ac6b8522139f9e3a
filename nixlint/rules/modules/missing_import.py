"""A module that a configuration imports does not exist.

## What it does
Reports imports whose path is put together, if there is no file at it:
`imports = map relativeToRoot [ "modules/x.nix" ]`, `"${self}/x.nix"`, `./. + "/x.nix"`.
The configurations of the flake are evaluated as far as possible, so that the path is the one Nix
would use.
A path that is written out is the business of `missing-path`.

## Why it matters
The configuration cannot be evaluated: "path … does not exist".

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { self, nixpkgs }: {
    nixosConfigurations.box = nixpkgs.lib.nixosSystem {
      modules = map (name: ./modules + "/${name}.nix") [ "swap" "shh" ];
    };
  };
}
```

```nix file: modules/swap.nix
{ zramSwap.enable = true; }
```

```nix file: modules/ssh.nix
{ services.openssh.enable = true; }
```

## Use instead
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { self, nixpkgs }: {
    nixosConfigurations.box = nixpkgs.lib.nixosSystem {
      modules = map (name: ./modules + "/${name}.nix") [ "swap" "ssh" ];
    };
  };
}
```

## Fix safety
None: only you know what was meant.
"""

from __future__ import annotations

import os

from nixlint.diagnostics.model import ERROR, Note
from nixlint.project.modules.model import CERTAIN, Module
from nixlint.project.modules.places import exact_place
from nixlint.project.modules.shared import configurations_of
from nixlint.rules.project_base import ProjectContext, ProjectRule
from nixlint.text import disk
from nixlint.text.span import Span


class MissingImport(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "missing-import"
        self.severity = ERROR

    def check_project(self, ctx: ProjectContext) -> None:
        if ctx.project.flake_is_broken:
            return
        root = ctx.project.root + os.sep
        seen: set[tuple[str, int, str]] = set()
        for configuration in configurations_of(ctx.project).found:
            for module in configuration.missing:
                place = module.place
                if place is None or module.certainty != CERTAIN or not certain_chain(module):
                    continue
                if not place.path.startswith(root) or not module.path.startswith(root):
                    continue
                place = exact_place(ctx.project, place, module.path)
                text = ctx.project.text(place.path) or ""
                if disk.lexists(module.path) or is_plain_path(text[place.start : place.end]):
                    continue
                key = (place.path, place.start, module.path)
                if key not in seen:
                    seen.add(key)
                    shown = module.path[len(root) :].replace(os.sep, "/")
                    ctx.report(
                        self,
                        place.path,
                        Span(place.start, min(place.end, len(text))),
                        f"there is no file `{shown}`",
                        [Note(f"{configuration.name} imports it")],
                    )


def certain_chain(module: Module) -> bool:
    """Whether the module is surely imported by modules that are surely there."""
    return all(each.certainty == CERTAIN for each in module.chain())


def is_plain_path(text: str) -> bool:
    """Whether an expression is a path that is written out."""
    return text.startswith((".", "/")) and not any(char in text for char in '"${ +')
