"""A flake with inputs, and no `flake.lock`.

## What it does
Reports a `flake.nix` that has inputs but no `flake.lock` beside it, if it lies at the root of a git
repository.
Flakes further down are often templates or parts of another flake, and are left alone.

## Why it matters
Without a lock everybody gets other versions of the inputs, and Nix wants to write one, which fails
where the flake cannot be written to.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { self, nixpkgs }: { lib = nixpkgs.lib; };
}
```

## Use instead
Run `nix flake lock`, and add the file to the repository:

```json file: flake.lock
{
  "nodes": {
    "nixpkgs": {
      "locked": { "narHash": "sha256-aR8Bh0bDpo+a1Fcv8H4J8yTNLvBNvvqBKbFmrxlWEHM=",
        "owner": "NixOS", "repo": "nixpkgs", "type": "github",
        "rev": "52e3e80afff4b16ccb7c52e9f0f5220552f03d04" },
      "original": { "owner": "NixOS", "repo": "nixpkgs", "type": "github" }
    },
    "root": { "inputs": { "nixpkgs": "nixpkgs" } }
  },
  "root": "root",
  "version": 7
}
```

## Fix safety
None: it takes Nix and the network to write a lock.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING, Note
from nixlint.rules.flake_inputs import reference_of
from nixlint.rules.project_base import ProjectContext, ProjectRule


class FlakeMissingLock(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-missing-lock"
        self.severity = WARNING

    def check_project(self, ctx: ProjectContext) -> None:
        project = ctx.project
        flake = ctx.flake
        if flake is None or not project.lock_missing or not project.is_repository:
            return
        for each in ctx.inputs():
            reference = reference_of(each)
            if reference is not None and not reference.is_relative:
                message = "the inputs are not locked: there is no `flake.lock`"
                notes = [Note("run `nix flake lock`, and `git add flake.lock`")]
                ctx.report(self, ctx.flake_path, each.name_span, message, notes)
                return
