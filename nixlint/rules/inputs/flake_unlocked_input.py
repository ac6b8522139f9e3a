"""A locked input that is not pinned to one version.

## What it does
Reports nodes of `flake.lock` whose `locked` part does not name one version: a repository without
`rev`, an archive, a file or an absolute path without `narHash`.
It also reports repositories on GitHub, GitLab and SourceHut without `narHash`.

## Why it matters
What Nix fetches for such a node can be another thing tomorrow.
Current versions of Nix refuse the lock, or warn ("lock file contains unlocked input").

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
    "nixpkgs": {
      "locked": { "owner": "NixOS", "repo": "nixpkgs", "type": "github" },
      "original": { "owner": "NixOS", "repo": "nixpkgs", "type": "github" }
    },
    "root": { "inputs": { "nixpkgs": "nixpkgs" } }
  },
  "root": "root",
  "version": 7
}
```

## Use instead
Run `nix flake update nixpkgs`:

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
None: it takes Nix and the network to lock an input.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.project_base import ProjectContext, ProjectRule

NEEDS_REV = ("github", "gitlab", "sourcehut", "git", "hg")
NEEDS_HASH = ("github", "gitlab", "sourcehut")


class FlakeUnlockedInput(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-unlocked-input"
        self.severity = ERROR

    def check_project(self, ctx: ProjectContext) -> None:
        lock = ctx.lock
        if lock is None:
            return
        reachable = lock.reachable()
        for node in lock.nodes.values():
            locked = node.locked
            if node.key == lock.root or node.key not in reachable or locked is None:
                continue
            kind = locked.get("type")
            shown = "/".join(lock.path_to(node.key) or [node.key])
            span = node.name_span_of("locked")
            if kind == "indirect":
                message = f"`{shown}` is not locked: it is still a name in the registry"
                ctx.report(self, ctx.lock_path, span, message)
            elif not node.is_locked:
                what = "`rev`" if kind in NEEDS_REV else "`narHash`"
                message = f"`{shown}` is not locked to one version: it has no {what}"
                ctx.report(self, ctx.lock_path, span, message)
            elif kind in NEEDS_HASH and not locked.get("narHash"):
                message = f"`{shown}` is locked without its content's hash (`narHash`)"
                ctx.report(self, ctx.lock_path, span, message)
