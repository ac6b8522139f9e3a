"""A source of npins or niv without a version or a hash.

## What it does
Reports entries of `npins/sources.json` and `nix/sources.json` that do not say which content they
stand for: without a hash, or with one that only stands in for the right one.

## Why it matters
What is fetched can be another thing tomorrow, and Nix fetches it again each hour.

## Example
```nix file: nix/sources.nix
builtins.fromJSON (builtins.readFile ./sources.json)
```

```json file: nix/sources.json
{
  "nixpkgs": {
    "branch": "nixos-unstable",
    "owner": "NixOS",
    "repo": "nixpkgs",
    "type": "tarball",
    "url": "https://github.com/NixOS/nixpkgs/archive/nixos-unstable.tar.gz"
  }
}
```

## Use instead
```json file: nix/sources.json
{
  "nixpkgs": {
    "branch": "nixos-unstable",
    "owner": "NixOS",
    "repo": "nixpkgs",
    "rev": "52e3e80afff4b16ccb7c52e9f0f5220552f03d04",
    "sha256": "0ssi1wpaf7plaswqqjwigppsg5fyh99vdlb9kzl7c9lng89ndq1i",
    "type": "tarball",
    "url": "https://github.com/NixOS/nixpkgs/archive/52e3e80afff4b16ccb7c52e9f0f5220552f03d04.tar.gz"
  }
}
```

## Fix safety
None: it takes the network to know the hash; run `npins update` or `niv update`.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING, Note
from nixlint.rules.project_base import ProjectContext, ProjectRule


class UnpinnedSource(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "unpinned-source"
        self.severity = WARNING

    def check_project(self, ctx: ProjectContext) -> None:
        for file in ctx.project.pin_files:
            for pin in file.pins.values():
                notes = [Note(f"run `{file.tool} update {pin.name}`")]
                if pin.pinned is False:
                    message = f"the source `{pin.name}` is not pinned: it has no hash"
                    if pin.hash_attr:
                        message = f"the source `{pin.name}` is not pinned to one version"
                    ctx.report(self, file.path, pin.name_span, message, notes)
                elif pin.placeholder:
                    message = f"the hash of the source `{pin.name}` only stands in for one"
                    ctx.report(self, file.path, pin.span_of(pin.hash_attr), message, notes)
