"""A module that no configuration imports.

## What it does
Reports files that look like modules and that nothing reaches: no configuration of the flake, no
exported module, no import, no other file that names them in any way.

The closure of every configuration is computed: through `imports`, helper functions, directories
that are read, and the libraries for that. A file counts as used, too, when a used file, a script or
a CI file names it or the directory around it, when it belongs to a template, a test or another
flake, and when its name says that a tool uses it.
Says nothing when the configurations are not known, and nothing about files an unknown import may
lead to.
`nixlint graph --why FILE` tells what leads to a file.

## Why it matters
What the module says does not happen: a service is not started, a disk is not encrypted.
Nix cannot notice, as it never sees the file.

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
{ networking.hostName = "box"; }
```

```nix file: swap.nix
{ config, ... }: { zramSwap.enable = true; }
```

## Use instead
```nix file: box.nix
{
  imports = [ ./swap.nix ];
  networking.hostName = "box";
}
```

## Fix safety
None: only you know whether it should be imported or deleted.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING
from nixlint.rules.project_base import ProjectContext, ProjectRule
from nixlint.rules.unused_files import first_span, looks_like_module, mention_notes, unused_files


class UnusedModule(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.runs_apart = True
        self.name = "unused-module"
        self.severity = WARNING

    def check_project(self, ctx: ProjectContext) -> None:
        reach, unused = unused_files(ctx)
        for path in unused:
            tree = ctx.project.tree(path)
            if tree is None or not looks_like_module(tree):
                continue
            notes = mention_notes(reach, path, ctx)
            message = "no configuration imports this module"
            ctx.report(self, path, first_span(tree), message, notes, None, "unnecessary")
