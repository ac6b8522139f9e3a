"""The same module twice in one list of imports.

## What it does
Reports paths that a list in `imports`, `modules`, `sharedModules` or `extraModules` holds twice,
also when one of them is written another way: `./x` and `./x/default.nix`, `./x.nix` and
`(import ./x.nix)`.

## Why it matters
Nix tells modules apart by their path, so a path that is repeated does nothing.
A module that is imported as a value has no path, and is evaluated twice: its lists are doubled, and
its options are "already declared".

## Example
```nix
{
  imports = [
    ./hardware.nix
    ./network.nix
    ./hardware.nix
  ];
}
```

## Use instead
```nix
{
  imports = [
    ./hardware.nix
    ./network.nix
  ];
}
```

## Fix safety
Safe for a path that is repeated: Nix loads the module once in any case.
None is offered when one of the two is imported as a value.
"""

from __future__ import annotations

from nixlint.diagnostics.model import SAFE, WARNING, Fix, Note
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.paths import MODULE_LISTS, elements, is_loader, relative_path
from nixlint.rules.removal import edits_of, remove_lines
from nixlint.syntax.nodes import (
    BINDING,
    Binding,
    ExprBinOp,
    ExprCall,
    ExprList,
    Node,
    unparen,
)
from nixlint.syntax.strings import static_name


class DuplicateImport(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "duplicate-import"
        self.severity = WARNING
        self.kinds = (BINDING,)

    def check(self, node: Node, ctx: FileContext) -> None:
        assert isinstance(node, Binding)
        value = unparen(node.value)
        if not isinstance(value, (ExprList, ExprBinOp)):
            return
        if static_name(node.path.last, ctx.text) not in MODULE_LISTS:
            return
        seen: dict[str, tuple[Node, bool]] = {}
        for item in elements(value):
            text, is_value = imported(item, ctx)
            if not text:
                continue
            first = seen.get(text)
            if first is None:
                seen[text] = (item, is_value)
                continue
            before, before_is_value = first
            notes = [Note("imported here, too", before.span)]
            fix: Fix | None = None
            message = f"`{ctx.text[item.start : item.end]}` is imported twice"
            if is_value or before_is_value:
                notes.append(Note("as a value it has no path, so Nix evaluates both"))
            else:
                removal = remove_lines(ctx.tree, item.start, item.end)
                fix = Fix("Remove the second import", edits_of(ctx.tree, [removal]), SAFE)
            ctx.report(self, item.span, message, notes, fix)


def imported(item: Node, ctx: FileContext) -> tuple[str, bool]:
    """The path that an element of a list of modules leads to, in one spelling, and whether it is
    imported as a value; "" for anything else."""
    item = unparen(item)
    is_value = False
    if isinstance(item, ExprCall) and len(item.args) == 1 and is_loader(unparen(item.fn), ctx):
        item = unparen(item.args[0])
        is_value = True
    text = relative_path(item, ctx)
    if text is None:
        return "", False
    parts: list[str] = []
    for part in text.split("/"):
        if part == "" or part == ".":
            continue
        if part == ".." and parts and parts[len(parts) - 1] != "..":
            parts.pop()
        else:
            parts.append(part)
    if parts and parts[len(parts) - 1] == "default.nix":
        parts.pop()
    return "./" + "/".join(parts), is_value
