"""A `flake.lock` that Nix cannot use.

## What it does
Reports what is wrong with the lock itself: text that is no JSON (also the marks of a merge
conflict), a version that no Nix knows, missing or misshapen parts, inputs that lead to a node that
is not there, a `follows` that leads nowhere or in a circle.

## Why it matters
Nix stops with an error, whatever is built.
The usual causes are a merge that went wrong and edits by hand.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { self, nixpkgs }: { lib = nixpkgs.lib; };
}
```

```json file: flake.lock
{
  "nodes": {
    "root": { "inputs": { "nixpkgs": "nixpkgs_2" } }
  },
  "root": "root",
  "version": 7
}
```

## Use instead
Take the `flake.lock` of one side of the merge, or remove it, and run `nix flake lock`:

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
None: what is missing is not known here.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.project_base import ProjectContext, ProjectRule


class FlakeLockBroken(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-lock-broken"
        self.severity = ERROR

    def check_project(self, ctx: ProjectContext) -> None:
        lock = ctx.project.lock
        if lock is None:
            return
        for problem in lock.problems:
            if problem.fatal:
                ctx.report(self, ctx.lock_path, problem.span, problem.message, problem.notes)
