"""An input that brings another version of an input this flake has already.

## What it does
Reports inputs whose own inputs are locked apart from an input of this flake, although both are the
same repository: most often every input that brings a nixpkgs of its own.
There is one finding for each repository, with the `follows` lines to write.

Says nothing about inputs of inputs that are pinned to one revision, nor about deeper levels.

## Why it matters
Each version is fetched, unpacked and evaluated, and what is built with one does not fit what is
built with another.
There are good reasons not to follow, such as a binary cache for the version the input was built
with, so this is a hint.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  inputs.disko.url = "github:nix-community/disko";
  outputs = { self, nixpkgs, disko }: { inherit nixpkgs disko; };
}
```

```json file: flake.lock
{
  "nodes": {
    "disko": {
      "inputs": { "nixpkgs": "nixpkgs" },
      "locked": { "narHash": "sha256-aR8Bh0bDpo+a1Fcv8H4J8yTNLvBNvvqBKbFmrxlWEHM=",
        "owner": "nix-community", "repo": "disko", "type": "github",
        "rev": "7c9e793ebe66bcba8292989a68c0419b737a22a0" },
      "original": { "owner": "nix-community", "repo": "disko", "type": "github" }
    },
    "nixpkgs": {
      "locked": { "narHash": "sha256-aR8Bh0bDpo+a1Fcv8H4J8yTNLvBNvvqBKbFmrxlWEHM=",
        "owner": "NixOS", "repo": "nixpkgs", "type": "github",
        "rev": "52e3e80afff4b16ccb7c52e9f0f5220552f03d04" },
      "original": { "owner": "NixOS", "repo": "nixpkgs", "type": "github", "ref": "nixos-unstable" }
    },
    "nixpkgs_2": {
      "locked": { "narHash": "sha256-aR8Bh0bDpo+a1Fcv8H4J8yTNLvBNvvqBKbFmrxlWEHM=",
        "owner": "NixOS", "repo": "nixpkgs", "type": "github",
        "rev": "0d534853a55b5d02a4ababa1d71921ce8f0aee4c" },
      "original": { "owner": "NixOS", "repo": "nixpkgs", "type": "github", "ref": "nixos-26.05" }
    },
    "root": { "inputs": { "disko": "disko", "nixpkgs": "nixpkgs_2" } }
  },
  "root": "root",
  "version": 7
}
```

## Use instead
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  inputs.disko.url = "github:nix-community/disko";
  inputs.disko.inputs.nixpkgs.follows = "nixpkgs";
  outputs = { self, nixpkgs, disko }: { inherit nixpkgs disko; };
}
```

## Fix safety
Unsafe: writes the lines, and the inputs are then built with another version than their authors
tested.
The lock has to be updated afterwards, with `nix flake lock`.
"""

from __future__ import annotations

import re
from typing import Final

from nixlint.diagnostics.model import HINT, UNSAFE, Edit, Fix, Note
from nixlint.project.flake.file import FlakeInput
from nixlint.project.lock.flake_lock import FlakeLock, LockNode
from nixlint.rules.flake_edits import insert_follows
from nixlint.rules.flake_inputs import in_sync, repository_of
from nixlint.rules.project_base import ProjectContext, ProjectRule

_RELEASE: Final = re.compile(r"\d\d\.\d\d")


class Candidate:
    """An input of an input that could follow one of this flake's."""

    def __init__(self, owner: FlakeInput, name: str, node: LockNode) -> None:
        self.owner = owner
        self.name = name
        self.node = node


class FlakeMissingFollows(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-missing-follows"
        self.severity = HINT

    def check_project(self, ctx: ProjectContext) -> None:
        flake = ctx.flake
        lock = ctx.lock
        if flake is None or lock is None or not flake.complete:
            return
        synced = [each for each in ctx.inputs() if each.follows is None and in_sync(each, ctx)]
        targets = targets_of(synced, lock)
        found: dict[str, list[Candidate]] = {}
        for each in synced:
            node = ctx.locked(each.name)
            if node is None:
                continue
            for name, edge in node.inputs.items():
                if not isinstance(edge.target, str) or name in each.inputs:
                    continue
                child = lock.nodes.get(edge.target)
                if child is None or child.original is None or child.original.get("rev"):
                    continue
                repository = repository_of(child.locked)
                if repository is None:
                    continue
                target = best_target(targets.get(repository, []), name, child, ctx)
                if target is None or target.name == each.name:
                    continue
                if child.is_flake == target.is_flake and not leads_to(target, each):
                    found.setdefault(target.name, []).append(Candidate(each, name, child))
        for each in synced:
            if each.name in found:
                self.report_target(each, found[each.name], ctx)

    def report_target(
        self, target: FlakeInput, candidates: list[Candidate], ctx: ProjectContext
    ) -> None:
        flake = ctx.flake
        own = ctx.locked(target.name)
        if flake is None or own is None or own.locked is None:
            return
        notes: list[Note] = []
        wanted: dict[str, list[tuple[str, str]]] = {}
        owners: dict[str, FlakeInput] = {}
        for each in candidates:
            line = f'inputs.{each.owner.name}.inputs.{each.name}.follows = "{target.name}";'
            locked = each.node.locked
            if locked is not None and locked.get("rev") == own.locked.get("rev"):
                line += " (the same revision, so this changes nothing else)"
            notes.append(Note(line, each.node.key_span, ctx.lock_path))
            wanted.setdefault(each.owner.name, []).append((each.name, target.name))
            owners[each.owner.name] = each.owner
        edits: list[Edit] = []
        for name, pairs in wanted.items():
            edit = insert_follows(flake, owners[name], pairs)
            if edit is not None:
                edits.append(edit)
        fix = None
        if len(edits) == len(wanted):
            fix = Fix(f"Let them follow `{target.name}`", edits, UNSAFE)
        names = sorted(wanted)
        shown = ", ".join([f"`{name}`" for name in names[:4]])
        if len(names) > 4:
            shown += f" and {len(names) - 4} more"
        verb = "brings" if len(names) == 1 else "bring"
        message = f"{shown} {verb} another copy of the input `{target.name}`"
        ctx.report(self, ctx.flake_path, target.name_span, message, notes, fix)


def targets_of(inputs: list[FlakeInput], lock: FlakeLock) -> dict[str, list[FlakeInput]]:
    """The inputs of this flake that others may follow, by repository."""
    out: dict[str, list[FlakeInput]] = {}
    for each in inputs:
        key = lock.target(lock.root, each.name)
        node = lock.nodes.get(key) if key is not None else None
        repository = repository_of(node.locked) if node is not None else None
        if repository is not None:
            out.setdefault(repository, []).append(each)
    return out


def best_target(
    targets: list[FlakeInput], name: str, child: LockNode, ctx: ProjectContext
) -> FlakeInput | None:
    """Which of this flake's inputs of one repository an input of an input had better follow: the
    one of the same name, or of the same branch, or called like the repository, or the first. None
    for the branch of a release that this flake has not."""
    for target in targets:
        if target.name == name:
            return target
    wanted = child.original.get("ref") if child.original is not None else None
    for target in targets:
        node = ctx.locked(target.name)
        if node is not None and node.original is not None and node.original.get("ref") == wanted:
            return target
    if isinstance(wanted, str) and _RELEASE.search(wanted) is not None:
        # It wants a certain release, as `nixpkgs-stable` does beside `nixpkgs`.
        return None
    repository = repository_of(child.locked) or ""
    plain = repository.rsplit("/", 1)[-1].partition("?")[0]
    for target in targets:
        if target.name.lower() == plain:
            return target
    return targets[0] if targets else None


def leads_to(target: FlakeInput, other: FlakeInput) -> bool:
    """Whether an input depends on another one through a `follows` of ours: to follow it back
    would make a circle."""
    todo = list(target.inputs.values())
    while todo:
        each = todo.pop()
        todo.extend(each.inputs.values())
        if each.follows is not None and each.follows.split("/")[0] == other.name:
            return True
    return False
