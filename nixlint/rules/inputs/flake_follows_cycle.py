"""Inputs that follow each other in a circle.

## What it does
Reports `follows` that lead back to where they began, by way of other inputs and of overrides.

## Why it matters
Such inputs stand for nothing.
Nix stops with "follow cycle detected"; some versions never stop.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.follows = "nixpkgs-stable";
  inputs.nixpkgs-stable.follows = "nixpkgs";
  outputs = { self, nixpkgs, nixpkgs-stable }: { inherit nixpkgs nixpkgs-stable; };
}
```

## Use instead
```nix file: flake.nix
{
  inputs.nixpkgs.follows = "nixpkgs-stable";
  inputs.nixpkgs-stable.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { self, nixpkgs, nixpkgs-stable }: { inherit nixpkgs nixpkgs-stable; };
}
```

## Fix safety
None: one of them needs a url, and only you know which.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, Note
from nixlint.project.flake.file import FlakeInput
from nixlint.rules.flake_inputs import follows_path
from nixlint.rules.project_base import ProjectContext, ProjectRule

MAX_STEPS = 200_000
"""A bound for flakes that were made to hurt."""


class FlakeFollowsCycle(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-follows-cycle"
        self.severity = ERROR

    def check_project(self, ctx: ProjectContext) -> None:
        flake = ctx.flake
        if flake is None:
            return
        table: dict[tuple[str, ...], FlakeInput] = {}
        todo: list[tuple[tuple[str, ...], FlakeInput]] = [
            ((each.name,), each) for each in flake.inputs.values()
        ]
        while todo:
            path, each = todo.pop()
            if each.follows is not None and each.follows_span is not None and not each.computed:
                table[path] = each
            for inner in each.inputs.values():
                todo.append(((*path, inner.name), inner))
        reported: set[tuple[str, ...]] = set()
        walk = Walk(table)
        starts = [(each.span.start, path) for path, each in table.items()]
        for _offset, start in sorted(starts):
            circle = walk.circle_from(start)
            if circle and not reported.intersection(circle):
                reported.update(circle)
                self.report_circle(circle, table, ctx)

    def report_circle(
        self,
        circle: list[tuple[str, ...]],
        table: dict[tuple[str, ...], FlakeInput],
        ctx: ProjectContext,
    ) -> None:
        first = table[circle[0]]
        shown = [f"`{'/'.join(path)}`" for path in circle]
        span = first.follows_span
        if span is None:
            return
        if len(shown) == 1:
            ctx.report(self, ctx.flake_path, span, f"{shown[0]} follows itself")
            return
        message = f"inputs follow each other in a circle: {', '.join(shown)}"
        notes: list[Note] = []
        for path in circle[1:]:
            place = table[path].follows_span
            if place is not None:
                notes.append(Note("which goes on here", place))
        ctx.report(self, ctx.flake_path, span, message, notes)


class Walk:
    """Walks along follows paths, `table` being all that follow something, by their own paths."""

    def __init__(self, table: dict[tuple[str, ...], FlakeInput]) -> None:
        self.table = table
        self.ends: set[tuple[str, ...]] = set()
        """Paths that are known to lead out of every circle."""
        self.budget = MAX_STEPS

    def circle_from(self, start: tuple[str, ...]) -> list[tuple[str, ...]]:
        """The circle that the follows path of an input runs into; empty if it runs into none."""
        steps: dict[tuple[str, ...], int] = {}
        passed: list[tuple[str, ...]] = []
        path = start
        while self.budget > 0 and path not in self.ends:
            self.budget -= 1
            passed.append(path)
            prefix = path
            while prefix and prefix not in self.table:
                prefix = prefix[:-1]
            if not prefix:
                break
            if prefix in steps:
                order = list(steps)
                return order[steps[prefix] :]
            steps[prefix] = len(steps)
            path = (*follows_path(self.table[prefix].follows or ""), *path[len(prefix) :])
        self.ends.update(passed)
        return []
