"""Calls of `lib.mkIf` and its kin, as rules on single files find them."""

from __future__ import annotations

import re
from typing import Final

from nixlint.semantic.shapes import base_name, name_of
from nixlint.syntax.nodes import ExprCall, ExprParen, ExprSelect, ExprVar, Node

ARGUMENTS: Final = {
    "mkIf": 2, "mkAssert": 3, "mkMerge": 1, "mkOverride": 2, "mkForce": 1, "mkDefault": 1,
    "mkOptionDefault": 1, "mkImageMediaOverride": 1, "mkVMOverride": 1, "mkOrder": 2,
    "mkBefore": 1, "mkAfter": 1,
}  # fmt: skip
"""What the functions that make properties take."""
_WITH_LIB: Final = re.compile(r"\bwith\s+(?:[a-zA-Z_][\w'-]*\.)*lib\s*;")


def inside_parentheses(node: Node) -> Node:
    """The expression without the parentheses around it."""
    while isinstance(node, ExprParen):
        node = node.expr
    return node


def property_made(node: Node, text: str) -> str:
    """The name of the function of `lib` whose property an expression is (`mkIf`, …); or ""."""
    node = inside_parentheses(node)
    if not isinstance(node, ExprCall):
        return ""
    fn = inside_parentheses(node.fn)
    name = name_of(fn, text)
    if name not in ARGUMENTS or len(node.args) != ARGUMENTS[name]:
        return ""
    if isinstance(fn, ExprSelect):
        path = text[fn.start : fn.end]
        if base_name(fn, text) == "lib" or path.endswith(".lib." + name):
            return name
        return ""
    if isinstance(fn, ExprVar) and is_from_lib(name, text):
        return name
    return ""


def is_from_lib(name: str, text: str) -> bool:
    """Whether a plain name stands for the function of `lib` in a file."""
    inherited = re.search(
        r"\binherit\s*\(\s*(?:[a-zA-Z_][\w'-]*\.)*lib(?:\.modules)?\s*\)[^;]*\b" + name + r"\b",
        text,
    )
    if inherited is not None:
        return True
    bound = re.search(r"\b" + name + r"\s*=", text)
    return bound is None and _WITH_LIB.search(text) is not None
