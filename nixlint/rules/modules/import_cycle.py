"""Modules that import each other in a circle.

## What it does
Reports modules of a configuration that import themselves, directly or through others.

## Why it matters
Nix follows the circle until its stack is full, and says neither "import" nor which files it is
about.
Sets and functions that import each other, as with `imports = [ (import ./a.nix) ]`, are a circle,
too; where each is made anew from other arguments, nothing is reported.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { self, nixpkgs }: {
    nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ ./box.nix ]; };
  };
}
```

```nix file: box.nix
{
  imports = [ ./desktop.nix ];
  networking.hostName = "box";
}
```

```nix file: desktop.nix
{
  imports = [ ./box.nix ];
  services.xserver.enable = true;
}
```

## Use instead
```nix file: desktop.nix
{
  services.xserver.enable = true;
}
```

## Fix safety
None: only you know which of the imports is one too many.
"""

from __future__ import annotations

import os

from nixlint.diagnostics.model import ERROR, Note
from nixlint.project.modules.model import CERTAIN, Import, Module
from nixlint.project.modules.places import exact_place
from nixlint.project.modules.shared import configurations_of
from nixlint.rules.project_base import ProjectContext, ProjectRule
from nixlint.text.span import Span


class ImportCycle(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.runs_apart = True
        self.name = "import-cycle"
        self.severity = ERROR

    def check_project(self, ctx: ProjectContext) -> None:
        if ctx.project.flake_is_broken:
            return
        seen: set[frozenset[str]] = set()
        for configuration in configurations_of(ctx.project).found:
            for cycle in cycles(configuration.modules):
                key = frozenset(map(_identity, cycle))
                if key not in seen:
                    seen.add(key)
                    self.report_cycle(cycle, ctx)

    def report_cycle(self, cycle: list[Import], ctx: ProjectContext) -> None:
        """Reports at the import that closes the circle."""
        last = cycle[-1]
        place = last.place
        root = ctx.project.root + os.sep
        if place is None or not place.path.startswith(root) or not last.module.path:
            return
        place = exact_place(ctx.project, place, last.module.path)
        notes: list[Note] = []
        for each in cycle[:-1]:
            if each.place is not None and each.module.path:
                shown = os.path.relpath(each.module.path, ctx.project.root).replace(os.sep, "/")
                at = exact_place(ctx.project, each.place, each.module.path)
                span = Span(at.start, at.end)
                text = f"`{shown}` is imported here"
                if not _has_path(each.module):
                    text = f"a module in `{shown}` comes in here"
                notes.append(Note(text, span, at.path))
        shown = os.path.relpath(last.module.path, ctx.project.root).replace(os.sep, "/")
        message = f"`{shown}` imports itself"
        if not _has_path(last.module):
            message = f"a module in `{shown}` imports itself"
        if len(cycle) > 1:
            message += f", through {len(cycle) - 1} other module"
            message += "s" if len(cycle) > 2 else ""
        ctx.report(self, place.path, Span(place.start, place.end), message, notes)


def _has_path(module: Module) -> bool:
    """Whether a module is imported by its path, not as a set or a function."""
    return module.key.startswith("/") and ":anon-" not in module.key


def _identity(one: Import) -> str:
    """The module that is imported; for one without a path, the place of the import."""
    place = one.place
    if _has_path(one.module) or place is None:
        return one.module.key
    return f"{place.start} {place.path}"


def cycles(modules: list[Module]) -> list[list[Import]]:
    """The circles in which modules surely import each other: for each, the imports in order; the
    last one leads to the module that the first one starts from."""
    out: list[list[Import]] = []
    done: set[int] = set()
    for start in modules:
        if id(start) in done:
            continue
        path: list[Import] = []
        on_path: dict[int, int] = {id(start): 0}
        stack: list[tuple[Module, int]] = [(start, 0)]
        while stack:
            module, at = stack[-1]
            if at == len(module.edges):
                stack.pop()
                done.add(id(module))
                on_path.pop(id(module), None)
                if path:
                    path.pop()
                continue
            stack[-1] = (module, at + 1)
            edge = module.edges[at]
            target = edge.module
            if edge.certainty != CERTAIN or target.certainty != CERTAIN:
                continue
            if id(target) in on_path:
                out.append([*path[on_path[id(target)] :], edge])
            elif id(target) not in done:
                path.append(edge)
                on_path[id(target)] = len(path)
                stack.append((target, 0))
    return out
