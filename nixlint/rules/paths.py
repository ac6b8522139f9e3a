"""Paths in the code that lead to files: where they stand, and what is around the file."""

from __future__ import annotations

import os
from typing import Final, cast

from nixlint.project.usage.surroundings import Surroundings, surroundings_of
from nixlint.rules.base import FileContext
from nixlint.semantic.model import DEF_BUILTIN
from nixlint.semantic.shapes import name_of
from nixlint.syntax.nodes import (
    BINDING,
    CONCAT,
    EXPR_PATH,
    Binding,
    ExprBinOp,
    ExprList,
    ExprPath,
    Node,
    unparen,
)
from nixlint.syntax.strings import static_name

COPIED = frozenset(("templates", "template", "tests", "test", "fixtures", "testdata"))
"""Directories of files that are often used in another place than where they are."""
_LOADED: Final = "loaded-paths"
MODULE_LISTS: Final = ("imports", "modules", "sharedModules", "extraModules")


def around(ctx: FileContext) -> Surroundings | None:
    """What lies around the file under check; None when it is not on disk."""
    return surroundings_of(ctx.real_path) if ctx.real_path is not None else None


def relative_path(node: Node, ctx: FileContext) -> str | None:
    """The text of a path literal that is relative and has nothing computed in it."""
    if not isinstance(node, ExprPath) or node.parts:
        return None
    text = ctx.text[node.start : node.end]
    return None if text.startswith("/") else text


def guarded_paths(ctx: FileContext) -> set[str]:
    """The paths that the file asks for with `pathExists`."""
    out: set[str] = set()
    for node in ctx.calls("pathExists"):
        text = relative_path(unparen(node.args[0]), ctx)
        if text is not None:
            out.add(text)
    return out


def loaded_paths(ctx: FileContext) -> list[tuple[Node, str]]:
    """The relative paths that Nix reads as code, with their texts: `import p`, `callPackage p`,
    and the elements of lists of modules."""
    known = ctx.memo.get(_LOADED)
    if known is not None:
        return cast("list[tuple[Node, str]]", known)
    out: list[tuple[Node, str]] = []
    ctx.memo[_LOADED] = out
    if not ctx.tree.nodes(EXPR_PATH):
        return out
    for call in ctx.calls("callPackage"):
        _add(unparen(call.args[0]), ctx, out)
    for call in ctx.calls("import"):
        argument = unparen(call.args[0])
        if argument.kind == EXPR_PATH and is_loader(unparen(call.fn), ctx):
            _add(argument, ctx, out)
    for node in ctx.tree.nodes(BINDING):
        assert isinstance(node, Binding)
        value = unparen(node.value)
        if not isinstance(value, (ExprList, ExprBinOp)):
            continue
        if static_name(node.path.last, ctx.text) in MODULE_LISTS:
            for each in elements(value):
                _add(each, ctx, out)
    return out


def _add(node: Node, ctx: FileContext, out: list[tuple[Node, str]]) -> None:
    text = relative_path(node, ctx)
    if text is not None:
        out.append((node, text))


def is_loader(fn: Node, ctx: FileContext) -> bool:
    """Whether a function is `import`, `builtins.import` or some `callPackage`."""
    name = name_of(fn, ctx.text)
    if name == "callPackage":
        return True
    if name != "import":
        return False
    text = ctx.text[fn.start : fn.end]
    if text == "builtins.import":
        return True
    if text != "import":
        return False
    reference = ctx.model.reference_at(fn.start)
    definition = reference.definition if reference is not None else None
    return definition is not None and definition.kind == DEF_BUILTIN


def is_data(place: Surroundings) -> bool:
    """Whether a file seems to be copied to another place before it is used, as templates are."""
    parts = place.shown(place.path).split(os.sep)
    return not COPIED.isdisjoint(parts[: len(parts) - 1])


def elements(node: Node) -> list[Node]:
    """The elements of a list that is written out, also in pieces: `[ a ] ++ [ b ]`."""
    out: list[Node] = []
    stack: list[Node] = [unparen(node)]
    while stack:
        at = unparen(stack.pop())
        if isinstance(at, ExprList):
            for item in at.items:
                out.append(unparen(item))
        elif isinstance(at, ExprBinOp) and at.op == CONCAT:
            stack.append(at.right)
            stack.append(at.left)
    return out
