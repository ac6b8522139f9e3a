"""A path to a file that does not exist.

## What it does
Reports relative paths that Nix would load as code, if there is nothing at them: those of `import`
and `callPackage`, and those in `imports` and other lists of modules.
A directory counts as missing if there is no `default.nix` in it.

Says nothing about paths that the file asks for with `pathExists`, that git ignores, that git has
but the checkout does not, that lead out of the repository, and that a symbolic link stands at; nor
about files below `templates`, `tests` or `fixtures`, which are often copied to another place first.

## Why it matters
Evaluation fails as soon as it gets there: "path … does not exist".

## Example
```nix file: flake.nix
{
  outputs = { self }: { lib = import ./libary.nix; };
}
```

```nix file: library.nix
{ }
```

## Use instead
```nix file: flake.nix
{
  outputs = { self }: { lib = import ./library.nix; };
}
```

## Fix safety
None: only you know what was meant.
"""

from __future__ import annotations

import os

from nixlint.diagnostics.model import ERROR, Note
from nixlint.project.usage.surroundings import Surroundings
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.paths import around, guarded_paths, is_data, loaded_paths
from nixlint.rules.unresolved import nearest_of
from nixlint.text import disk


class MissingPath(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "missing-path"
        self.severity = ERROR
        self.whole_file = True
        self.needs_disk = True

    def check_file(self, ctx: FileContext) -> None:
        if ctx.real_path is None:
            return
        found = loaded_paths(ctx)
        if not found:
            return
        place = around(ctx)
        if place is None or is_data(place):
            return
        present = place.present
        guarded: set[str] | None = None
        for node, text in found:
            if text in present:
                continue
            path = place.absolute(text)
            what = missing_part(path, place)
            if what is None or (place.index is not None and place.tracked(what) is not False):
                present.add(text)
                continue
            if place.repository is not None and not place.in_repository(what):
                continue
            if guarded is None:
                guarded = guarded_paths(ctx)
            if text in guarded or place.ignored(what):
                continue
            if what == path:
                message = f"there is no file `{text}`"
                ctx.report(self, node.span, message, self.advice(path, text))
            else:
                ctx.report(self, node.span, f"there is no `default.nix` in `{text}`")

    def advice(self, path: str, text: str) -> list[Note]:
        """What may have been meant."""
        directory, name = os.path.split(path)
        try:
            names = disk.names(directory)
        except OSError:
            return []
        if name + ".nix" in names:
            return [Note(f"did you mean `{text}.nix`?")]
        other = nearest_of(name, names)
        if not other:
            return []
        return [Note(f"did you mean `{text[: len(text) - len(name)]}{other}`?")]


def missing_part(path: str, place: Surroundings) -> str | None:
    """The absolute path that Nix would read and that is not there; None when it is there, or when
    that cannot be told."""
    default = os.path.join(path, "default.nix")
    if not path.endswith(".nix") and place.exists(default) is True:
        # In most cases one question to the disk is enough.
        return None
    exists = place.exists(path)
    if exists is False:
        return path
    if exists is True and place.is_directory(path) and place.exists(default) is False:
        return default
    return None
