"""An override of an input that the flake in question does not have.

## What it does
Reports `inputs.a.inputs.b.follows = "…"` (or `.url`) where `a`, as it is locked, has no input `b`.
Says nothing where the lock does not fit `flake.nix`: after `nix flake lock` `a` may have one.

## Why it matters
The override does nothing.
Nix warns each time it locks ("has an override for a non-existent input").
Usually `a` had that input once, or its name is spelled in another way.

## Example
```nix file: flake.nix
{
  inputs.crane.url = "github:ipetkov/crane";
  inputs.crane.inputs.nixpkgs.follows = "nixpkgs";
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { self, crane, nixpkgs }: { inherit crane nixpkgs; };
}
```

```json file: flake.lock
{
  "nodes": {
    "crane": {
      "locked": { "narHash": "sha256-aR8Bh0bDpo+a1Fcv8H4J8yTNLvBNvvqBKbFmrxlWEHM=",
        "owner": "ipetkov", "repo": "crane", "type": "github",
        "rev": "7c9e793ebe66bcba8292989a68c0419b737a22a0" },
      "original": { "owner": "ipetkov", "repo": "crane", "type": "github" }
    },
    "nixpkgs": {
      "locked": { "narHash": "sha256-aR8Bh0bDpo+a1Fcv8H4J8yTNLvBNvvqBKbFmrxlWEHM=",
        "owner": "NixOS", "repo": "nixpkgs", "type": "github",
        "rev": "52e3e80afff4b16ccb7c52e9f0f5220552f03d04" },
      "original": { "owner": "NixOS", "repo": "nixpkgs", "type": "github" }
    },
    "root": { "inputs": { "crane": "crane", "nixpkgs": "nixpkgs" } }
  },
  "root": "root",
  "version": 7
}
```

## Use instead
```nix file: flake.nix
{
  inputs.crane.url = "github:ipetkov/crane";
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { self, crane, nixpkgs }: { inherit crane nixpkgs; };
}
```

## Fix safety
Unsafe: removes the override, and a later version of the input may have that input again.
"""

from __future__ import annotations

from nixlint.diagnostics.model import UNSAFE, WARNING, Fix, Note
from nixlint.project.flake.file import FlakeInput
from nixlint.project.lock.flake_lock import FlakeLock, LockNode
from nixlint.rules.flake_inputs import in_sync
from nixlint.rules.project_base import ProjectContext, ProjectRule
from nixlint.rules.removal import Removal, edits_of, remove_lines
from nixlint.rules.unresolved import nearest_of


class FlakeDeadOverride(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-dead-override"
        self.severity = WARNING

    def check_project(self, ctx: ProjectContext) -> None:
        lock = ctx.lock
        if lock is None or ctx.flake is None:
            return
        for each in ctx.inputs():
            node = ctx.locked(each.name)
            if node is not None and each.inputs and in_sync(each, ctx):
                self.check_overrides(each, node, [each.name], lock, ctx)

    def check_overrides(
        self,
        each: FlakeInput,
        node: LockNode,
        path: list[str],
        lock: FlakeLock,
        ctx: ProjectContext,
    ) -> None:
        for override in each.inputs.values():
            inner = node.inputs.get(override.name)
            if inner is not None:
                key = inner.target
                child = lock.nodes.get(key) if isinstance(key, str) else None
                if child is not None:
                    self.check_overrides(override, child, [*path, override.name], lock, ctx)
            elif not override.computed:
                self.report_override(override, node, path, ctx)

    def report_override(
        self, override: FlakeInput, node: LockNode, path: list[str], ctx: ProjectContext
    ) -> None:
        flake = ctx.flake
        if flake is None:
            return
        shown = "/".join(path)
        message = f"the input `{shown}` has no input `{override.name}` to override"
        notes = [Note("as it is locked here", node.key_span, ctx.lock_path)]
        if not node.is_flake:
            notes = [Note("it is no flake (`flake = false`), so it has no inputs at all")]
        other = nearest_of(override.name, sorted(node.inputs))
        if other:
            notes.append(Note(f"did you mean `{other}`?"))
        removals: list[Removal] = []
        for binding in override.bindings:
            removals.append(remove_lines(flake.tree, binding.start, binding.end))
        fix = None
        if removals:
            title = f"Remove the override of `{shown}/{override.name}`"
            fix = Fix(title, edits_of(flake.tree, removals), UNSAFE)
        ctx.report(self, ctx.flake_path, override.name_span, message, notes, fix, "unnecessary")
