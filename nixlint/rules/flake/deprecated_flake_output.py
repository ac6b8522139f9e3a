"""An output under a name that has been given up.

## What it does
Reports `defaultPackage`, `defaultApp`, `defaultTemplate`, `defaultBundler`, `devShell`, `overlay`
and `nixosModule` among the outputs of a flake.

## Why it matters
Since Nix 2.7 they are called `packages.<system>.default`, `overlays.default` and so on.
`nix flake check` warns about the old names, and new tools do not know them.

## Example
```nix file: flake.nix
{
  outputs = { self }: { overlay = final: prev: { }; };
}
```

## Use instead
```nix file: flake.nix
{
  outputs = { self }: { overlays.default = final: prev: { }; };
}
```

## Fix safety
Unsafe: other flakes may use the old name.
"""

from __future__ import annotations

import re
from typing import Final

from nixlint.diagnostics.model import UNSAFE, WARNING, Edit, Fix, Note
from nixlint.project.flake.outline import Entry
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.flakes import OutputSet, output_sets
from nixlint.syntax.nodes import Binding
from nixlint.syntax.strings import static_name
from nixlint.text.span import Span

NEW_NAMES: Final = {
    "defaultPackage": "packages",
    "defaultApp": "apps",
    "defaultBundler": "bundlers",
    "devShell": "devShells",
    "defaultTemplate": "templates",
    "overlay": "overlays",
    "nixosModule": "nixosModules",
}
WITHOUT_SYSTEM: Final = ("defaultTemplate", "overlay", "nixosModule")


class DeprecatedFlakeOutput(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "deprecated-flake-output"
        self.severity = WARNING
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        for found in output_sets(ctx):
            for old, new in NEW_NAMES.items():
                entry = found.entry.children.get(old)
                if entry is None:
                    continue
                flat = old in WITHOUT_SYSTEM or found.each is not None
                shown = f"{new}.default" if old in WITHOUT_SYSTEM else f"{new}.<system>.default"
                message = f"the output `{old}` is deprecated"
                notes = [Note(f"it is `{shown}` now")]
                fix = renaming(ctx, found, entry, new, flat)
                ctx.report(self, entry.name_node.span, message, notes, fix, "deprecated")


def renaming(ctx: FileContext, found: OutputSet, entry: Entry, new: str, flat: bool) -> Fix | None:
    """Writes the new name instead; None where more would have to change."""
    if len(re.findall(rf"(?<![\w'-]){entry.name}(?![\w'-])", ctx.text)) != len(entry.names):
        # Something else refers to it.
        return None
    target = found.entry.children.get(new)
    if target is not None and (not target.is_set or target.dynamic):
        return None
    edits: list[Edit] = []
    for index, owner in enumerate(entry.owners):
        name = entry.names[index]
        if not isinstance(owner, Binding):
            return None
        path = owner.path.names()
        at = 0
        while path[at] is not name:
            at += 1
        if at != len(path) - (1 if flat else 2):
            return None
        edits.append(Edit(name.span, new))
        below = target
        if not flat:
            system = static_name(path[at + 1], ctx.text)
            if system is None and target is not None:
                return None
            if target is not None and system is not None:
                below = target.children.get(system)
        if below is not None and (not below.is_set or "default" in below.children or below.dynamic):
            return None
        edits.append(Edit(Span(owner.path.end, owner.path.end), ".default"))
    return Fix(f"Rename to `{new}`", edits, UNSAFE)
