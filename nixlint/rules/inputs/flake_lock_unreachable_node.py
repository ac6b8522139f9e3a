"""A node of `flake.lock` that nothing leads to.

## What it does
Reports nodes that no input leads to, and other oddities of a lock that Nix reads all the same,
such as a key that stands twice.

## Why it matters
Nix writes no such nodes.
They are left over from an edit by hand or a merge, and are a hint that more went wrong there.

## Example
```nix file: flake.nix
{
  outputs = { self }: { x = 1; };
}
```

```json file: flake.lock
{
  "nodes": {
    "nixpkgs": {
      "locked": { "narHash": "sha256-aR8Bh0bDpo+a1Fcv8H4J8yTNLvBNvvqBKbFmrxlWEHM=",
        "owner": "NixOS", "repo": "nixpkgs", "type": "github",
        "rev": "52e3e80afff4b16ccb7c52e9f0f5220552f03d04" },
      "original": { "owner": "NixOS", "repo": "nixpkgs", "type": "github" }
    },
    "root": {}
  },
  "root": "root",
  "version": 7
}
```

## Use instead
```json file: flake.lock
{
  "nodes": {
    "root": {}
  },
  "root": "root",
  "version": 7
}
```

## Fix safety
None: `nix flake lock` writes the lock anew.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING
from nixlint.rules.project_base import ProjectContext, ProjectRule


class FlakeLockUnreachableNode(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-lock-unreachable-node"
        self.severity = WARNING

    def check_project(self, ctx: ProjectContext) -> None:
        lock = ctx.lock
        if lock is None:
            return
        for problem in lock.problems:
            if not problem.fatal:
                ctx.report(self, ctx.lock_path, problem.span, problem.message, problem.notes)
