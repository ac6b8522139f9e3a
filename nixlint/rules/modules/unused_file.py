"""A Nix file that nothing uses.

## What it does
Reports files that nothing reaches: no import, no `callPackage`, no path or text in a file that is
used, no directory that is read, no script or CI file, and no name that tools know.
Files that look like modules are the business of `unused-module`, with the same care.

## Why it matters
It is read, searched and kept up to date for nothing.

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

```nix file: ports.nix
{ http = 8080; }
```

## Use instead
```nix file: box.nix
{
  networking.hostName = "box";
  networking.firewall.allowedTCPPorts = [ (import ./ports.nix).http ];
}
```

## Fix safety
None: only you know whether it should be used or deleted.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING
from nixlint.rules.project_base import ProjectContext, ProjectRule
from nixlint.rules.unused_files import first_span, looks_like_module, mention_notes, unused_files


class UnusedFile(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.runs_apart = True
        self.name = "unused-file"
        self.severity = WARNING

    def check_project(self, ctx: ProjectContext) -> None:
        reach, unused = unused_files(ctx)
        for path in unused:
            tree = ctx.project.tree(path)
            if tree is None or looks_like_module(tree):
                continue
            notes = mention_notes(reach, path, ctx)
            message = "nothing uses this file"
            ctx.report(self, path, first_span(tree), message, notes, None, "unnecessary")
