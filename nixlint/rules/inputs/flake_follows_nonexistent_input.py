"""A `follows` that leads to an input that does not exist.

## What it does
Reports `follows = "name"` where the flake has no input `name`, and `follows = "a/b"` where the
input `a`, as it is locked, has no input `b`.

## Why it matters
Nix refuses to lock the flake: "follows a non-existent input".

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.disko.url = "github:nix-community/disko";
  inputs.disko.inputs.nixpkgs.follows = "nixpkgs-stable";
  outputs = { self, nixpkgs, disko }: { inherit nixpkgs disko; };
}
```

## Use instead
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.disko.url = "github:nix-community/disko";
  inputs.disko.inputs.nixpkgs.follows = "nixpkgs";
  outputs = { self, nixpkgs, disko }: { inherit nixpkgs disko; };
}
```

## Fix safety
None: only you know what was meant.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, Note
from nixlint.project.flake.file import FlakeFile, FlakeInput
from nixlint.rules.flake_inputs import follows_path, in_sync
from nixlint.rules.project_base import ProjectContext, ProjectRule
from nixlint.rules.unresolved import nearest_of


class FlakeFollowsNonexistentInput(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-follows-nonexistent-input"
        self.severity = ERROR

    def check_project(self, ctx: ProjectContext) -> None:
        flake = ctx.flake
        if flake is None or not flake.complete:
            return
        todo = list(flake.inputs.values())
        todo.reverse()
        while todo:
            each = todo.pop()
            inner = list(each.inputs.values())
            inner.reverse()
            todo.extend(inner)
            if each.follows and each.follows_span is not None and not each.computed:
                self.check_follows(each, follows_path(each.follows), flake, ctx)

    def check_follows(
        self, each: FlakeInput, path: list[str], flake: FlakeFile, ctx: ProjectContext
    ) -> None:
        span = each.follows_span
        if not path or span is None or path[0] == "self":
            return
        first = flake.inputs.get(path[0])
        if first is None:
            message = f"this flake has no input `{path[0]}` to follow"
            notes: list[Note] = []
            other = nearest_of(path[0], sorted(flake.inputs))
            if other:
                notes.append(Note(f"did you mean `{other}`?"))
            ctx.report(self, ctx.flake_path, span, message, notes)
            return
        lock = ctx.lock
        if len(path) == 1 or lock is None or not in_sync(first, ctx):
            return
        if path[1] in first.inputs:
            return
        node = ctx.locked(path[0])
        if node is None or path[1] in node.inputs:
            return
        message = f"the input `{path[0]}` has no input `{path[1]}` to follow"
        notes = [Note("as it is locked here", node.key_span, ctx.lock_path)]
        ctx.report(self, ctx.flake_path, span, message, notes)
