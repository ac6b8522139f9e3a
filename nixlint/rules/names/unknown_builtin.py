"""A member of `builtins` that does not exist.

## What it does
Reports `builtins.name` and `inherit (builtins) name;` if no version of Nix has such a builtin, or,
with `target-nix` set, if only later versions have it.
A file that asks for it first is trusted: nothing is reported where there is a default
(`builtins.name or …`), or if the file has `builtins ? name` somewhere.

## Why it matters
Evaluation fails as soon as it gets there.
Most often it is a function of nixpkgs: there is no `builtins.filterAttrs`, but `lib.filterAttrs`.

## Example
```nix
builtins.attrName { a = 1; }
```

## Use instead
```nix
builtins.attrNames { a = 1; }
```

## Fix safety
None: only you know what was meant.
"""

from __future__ import annotations

from typing import Final

from nixlint.diagnostics.model import ERROR, Note
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.unresolved import nearest_of, version_text
from nixlint.semantic.builtins import is_in_lib, member_names, member_since, relative_with
from nixlint.semantic.model import DEF_BUILTIN
from nixlint.syntax.nodes import (
    EXPR_OP_HAS_ATTR,
    EXPR_SELECT,
    EXPR_VAR,
    INHERIT,
    AttrName,
    ExprOpHasAttr,
    ExprSelect,
    Inherit,
    Node,
    unparen,
)
from nixlint.syntax.strings import static_name

BUILTINS: Final = "builtins"


class UnknownBuiltin(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "unknown-builtin"
        self.severity = ERROR
        self.whole_file = True
        self.aliases = ("sema-primop-unknown",)

    def check_file(self, ctx: FileContext) -> None:
        if BUILTINS not in ctx.text:
            return
        asked_for: set[str] = set()
        used: list[AttrName] = []
        for node in ctx.tree.nodes(EXPR_SELECT):
            assert isinstance(node, ExprSelect)
            if node.default is None and is_builtins(node.base, ctx):
                used.append(node.path.first)
        for node in ctx.tree.nodes(INHERIT):
            assert isinstance(node, Inherit)
            if node.source is not None and is_builtins(node.source, ctx):
                used.extend(node.names)
        for node in ctx.tree.nodes(EXPR_OP_HAS_ATTR):
            assert isinstance(node, ExprOpHasAttr)
            if is_builtins(node.base, ctx):
                name = static_name(node.path.first, ctx.text)
                if name is not None:
                    asked_for.add(name)
        for attr in used:
            name = static_name(attr, ctx.text)
            if name is not None and name not in asked_for:
                self.check_name(name, attr, ctx)

    def check_name(self, name: str, attr: AttrName, ctx: FileContext) -> None:
        since = member_since(name)
        if since is not None and since <= ctx.target_nix:
            return
        if since is not None:
            target = version_text(ctx.target_nix)
            message = f"`builtins.{name}` does not exist in Nix {target}"
            notes = [Note(f"it came with Nix {version_text(since)}")]
        else:
            message = f"`builtins.{name}` does not exist"
            notes = advice(name)
        ctx.report(self, attr.span, message, notes)


def is_builtins(node: Node, ctx: FileContext) -> bool:
    """Whether an expression is the global `builtins`."""
    node = unparen(node)
    if node.kind != EXPR_VAR or node.end - node.start != len(BUILTINS):
        return False
    if ctx.text[node.start : node.end] != BUILTINS:
        return False
    reference = ctx.model.reference_at(node.start)
    if reference is None or reference.definition is None:
        return False
    return reference.definition.kind == DEF_BUILTIN


def advice(name: str) -> list[Note]:
    """What may have been meant."""
    relative = relative_with(name)
    notes: list[Note] = []
    if relative is not None:
        notes.append(Note(f"only {relative} has it"))
    if is_in_lib(name):
        notes.append(Note(f"nixpkgs has it as `lib.{name}`"))
    if not notes:
        other = nearest_of(name, member_names())
        if other:
            notes.append(Note(f"did you mean `builtins.{other}`?"))
    return notes
