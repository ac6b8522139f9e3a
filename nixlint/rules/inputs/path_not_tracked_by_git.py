"""A path to a file that git does not track, in a flake.

## What it does
Reports relative paths to files and directories that exist, but that git does not track, in
repositories with a `flake.nix`; also `flake.nix` itself, if it is not tracked.
Looks at git's index only, so a file counts from `git add` on.

Says nothing about paths that the file asks for with `pathExists`, and nothing in files that are not
tracked themselves.

## Why it matters
A flake in a git repository consists of the files git tracks.
For Nix the others do not exist: "path … does not exist", although it is there.

## Example
```nix file: flake.nix
{
  outputs = { self }: { lib = import ./library.nix; };
}
```

```nix file: library.nix untracked
{ }
```

## Use instead
Run `git add -N library.nix` (the content need not be staged):

```nix file: library.nix
{ }
```

## Fix safety
None: it is git that has to be told.
"""

from __future__ import annotations

import os

from nixlint.diagnostics.model import ERROR, Note
from nixlint.project.usage.surroundings import Surroundings
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.paths import around, guarded_paths, loaded_paths, relative_path
from nixlint.syntax.nodes import EXPR_PATH
from nixlint.text.span import Span


class PathNotTrackedByGit(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "path-not-tracked-by-git"
        self.severity = ERROR
        self.whole_file = True
        self.needs_disk = True

    def check_file(self, ctx: FileContext) -> None:
        if ctx.real_path is None or not (ctx.path.endswith("flake.nix") or "./" in ctx.text):
            return
        place = around(ctx)
        if place is None or place.flake_root is None or place.index is None:
            return
        flake = os.path.join(place.flake_root, "flake.nix")
        if place.tracked(flake) is not True:
            if place.path == flake and place.tracked(flake) is False:
                span = Span(ctx.tree.root.expr.start, ctx.tree.root.expr.start + 1)
                self.report(flake, span, "`flake.nix`", place, ctx)
            return
        if place.tracked(place.path) is not True:
            return
        self.check_paths(place, ctx)

    def check_paths(self, place: Surroundings, ctx: FileContext) -> None:
        guarded: set[str] | None = None
        loaded: set[int] | None = None
        for node in ctx.tree.nodes(EXPR_PATH):
            text = relative_path(node, ctx)
            if text is None or text in place.in_git:
                continue
            path = place.absolute(text)
            if place.exists(path) is not True or not place.in_repository(path):
                continue
            tracked = place.tracked(path)
            if tracked is True and place.is_directory(path):
                path = os.path.join(path, "default.nix")
                if loaded is None:
                    loaded = {each.start for each, _ in loaded_paths(ctx)}
                if node.start not in loaded or place.exists(path) is not True:
                    continue
                tracked = place.tracked(path)
                if tracked is True:
                    place.in_git.add(text)
                text = f"{text}/default.nix"
            elif tracked is True:
                place.in_git.add(text)
            if tracked is not False:
                continue
            if guarded is None:
                guarded = guarded_paths(ctx)
            if text not in guarded:
                self.report(path, node.span, f"`{text}`", place, ctx)

    def report(
        self, path: str, span: Span, shown: str, place: Surroundings, ctx: FileContext
    ) -> None:
        option = "-fN" if place.ignored(path) else "-N"
        message = f"{shown} is not tracked by git, so it does not exist for the flake"
        ctx.report(self, span, message, [Note(f"run `git add {option} {place.shown(path)}`")])
