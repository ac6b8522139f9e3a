"""What kind of file is it: a flake, a module, a package, an overlay, or just an expression?

A guess, made from the file's name and the shape of its outermost functions. Rules ask it to find
out who calls a function, and with what. When in doubt it says "module": about modules the rules
on unused arguments say least.
"""

from __future__ import annotations

from typing import Final

from nixlint.semantic.model import (
    FILE_FLAKE,
    FILE_MODULE,
    FILE_OVERLAY,
    FILE_PACKAGE,
    FILE_PLAIN,
)
from nixlint.semantic.shapes import (
    MODULE_ARGUMENTS,
    MODULE_KEYS,
    has_key,
    is_builder,
    is_module_body,
    is_overlay,
    strip,
)
from nixlint.syntax.nodes import (
    Binding,
    ExprAttrs,
    ExprCall,
    ExprLambda,
    Node,
    unparen,
)
from nixlint.syntax.strings import static_name
from nixlint.syntax.tree import Tree

KIND_NAMES: Final = ("plain", "flake", "module", "package", "overlay")


def kind_of_file(tree: Tree, path: str) -> int:
    """One of `FILE_PLAIN` … `FILE_OVERLAY`."""
    text = tree.text
    base = path.replace("\\", "/").rsplit("/", 1)[-1]
    if base == "flake.nix" or is_flake(tree.root.expr, text):
        return FILE_FLAKE
    functions: list[ExprLambda] = []
    body = strip(tree.root.expr)
    while isinstance(body, ExprLambda):
        functions.append(body)
        body = strip(body.body)
    if not functions:
        if isinstance(body, ExprAttrs) and has_key(body, text, MODULE_KEYS):
            return FILE_MODULE
        return FILE_PLAIN
    for function in functions:
        if is_overlay(function, text):
            return FILE_OVERLAY
    if isinstance(body, ExprAttrs) and has_key(body, text, MODULE_KEYS):
        return FILE_MODULE
    asks_module = False
    open_formals = False
    for function in functions:
        formals = function.arg.formals
        if formals is None:
            continue
        if formals.ellipsis:
            open_formals = True
        for formal in formals.items:
            if text[formal.name.start : formal.name.end] in MODULE_ARGUMENTS:
                asks_module = True
    if isinstance(body, ExprCall) and is_builder(body, text):
        return FILE_PACKAGE if functions[0].arg.formals is not None else FILE_PLAIN
    called_as_module = asks_module and isinstance(body, ExprCall)
    if open_formals and (called_as_module or is_module_body(body, text)):
        return FILE_MODULE
    return FILE_PLAIN


def is_flake(expr: Node, text: str) -> bool:
    """Whether the file's expression looks like a flake, whatever the file is called."""
    expr = unparen(expr)
    if not isinstance(expr, ExprAttrs):
        return False
    has_outputs = outputs_of(expr, text) is not None
    return has_outputs and has_key(expr, text, frozenset(("inputs", "description", "nixConfig")))


def outputs_of(expr: ExprAttrs, text: str) -> ExprLambda | None:
    """The function that `outputs` of a flake is bound to."""
    for bind in expr.binds:
        if isinstance(bind, Binding) and bind.path.rest is None:
            if static_name(bind.path.first, text) == "outputs":
                value = unparen(bind.value)
                return value if isinstance(value, ExprLambda) else None
    return None
