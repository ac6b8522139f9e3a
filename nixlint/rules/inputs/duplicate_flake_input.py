"""One repository, locked several times below the inputs.

## What it does
Reports repositories that `flake.lock` holds in more than one version, none of which is an input of
this flake itself: five inputs that bring five versions of flake-utils, say.
There is one finding for each repository.
What is an input of this flake is the business of `flake-missing-follows`.

## Why it matters
Each version is fetched and kept.
An input of your own that the others follow makes them one; whether that is worth a line for each of
them is a question of taste, so this rule is off by default.

## Example
```nix file: flake.nix
{
  inputs.a.url = "github:me/a";
  inputs.b.url = "github:me/b";
  outputs = { self, a, b }: { inherit a b; };
}
```

```json file: flake.lock
{
  "nodes": {
    "a": {
      "inputs": { "systems": "systems" },
      "locked": { "narHash": "sha256-aR8Bh0bDpo+a1Fcv8H4J8yTNLvBNvvqBKbFmrxlWEHM=",
        "owner": "me", "repo": "a", "type": "github",
        "rev": "7c9e793ebe66bcba8292989a68c0419b737a22a0" },
      "original": { "owner": "me", "repo": "a", "type": "github" }
    },
    "b": {
      "inputs": { "systems": "systems_2" },
      "locked": { "narHash": "sha256-aR8Bh0bDpo+a1Fcv8H4J8yTNLvBNvvqBKbFmrxlWEHM=",
        "owner": "me", "repo": "b", "type": "github",
        "rev": "7c9e793ebe66bcba8292989a68c0419b737a22a0" },
      "original": { "owner": "me", "repo": "b", "type": "github" }
    },
    "root": { "inputs": { "a": "a", "b": "b" } },
    "systems": {
      "locked": { "narHash": "sha256-aR8Bh0bDpo+a1Fcv8H4J8yTNLvBNvvqBKbFmrxlWEHM=",
        "owner": "nix-systems", "repo": "default", "type": "github",
        "rev": "52e3e80afff4b16ccb7c52e9f0f5220552f03d04" },
      "original": { "owner": "nix-systems", "repo": "default", "type": "github" }
    },
    "systems_2": {
      "locked": { "narHash": "sha256-aR8Bh0bDpo+a1Fcv8H4J8yTNLvBNvvqBKbFmrxlWEHM=",
        "owner": "nix-systems", "repo": "default", "type": "github",
        "rev": "0d534853a55b5d02a4ababa1d71921ce8f0aee4c" },
      "original": { "owner": "nix-systems", "repo": "default", "type": "github" }
    }
  },
  "root": "root",
  "version": 7
}
```

## Use instead
```nix file: flake.nix
{
  inputs.systems.url = "github:nix-systems/default";
  inputs.a.url = "github:me/a";
  inputs.a.inputs.systems.follows = "systems";
  inputs.b.url = "github:me/b";
  inputs.b.inputs.systems.follows = "systems";
  outputs = { self, systems, a, b }: { inherit systems a b; };
}
```

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
None: which version to take is for you to say.
"""

from __future__ import annotations

from nixlint.diagnostics.model import HINT, Note
from nixlint.project.lock.flake_lock import LockNode
from nixlint.rules.flake_inputs import repository_of
from nixlint.rules.project_base import ProjectContext, ProjectRule

MAX_NOTES = 12


class DuplicateFlakeInput(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "duplicate-flake-input"
        self.severity = HINT
        self.enabled = False

    def check_project(self, ctx: ProjectContext) -> None:
        lock = ctx.lock
        if lock is None or lock.root_node is None:
            return
        own: set[str] = set()
        for name in lock.root_node.inputs:
            node = ctx.locked(name)
            repository = repository_of(node.locked) if node is not None else None
            if repository is not None:
                own.add(repository)
        reachable = lock.reachable()
        by_repository: dict[str, list[LockNode]] = {}
        for node in lock.nodes.values():
            repository = repository_of(node.locked)
            if node.key in reachable and repository is not None and repository not in own:
                by_repository.setdefault(repository, []).append(node)
        for repository, nodes in by_repository.items():
            versions: set[str] = set()
            for node in nodes:
                locked = node.locked
                if locked is not None:
                    versions.add(str(locked.get("rev") or locked.get("narHash")))
            if len(versions) < 2:
                continue
            notes: list[Note] = []
            for node in nodes[:MAX_NOTES]:
                path = "/".join(lock.path_to(node.key) or [node.key])
                notes.append(Note(f"as `{path}`", node.key_span))
            message = f"{repository} is locked in {len(versions)} versions"
            ctx.report(self, ctx.lock_path, nodes[0].key_span, message, notes)
