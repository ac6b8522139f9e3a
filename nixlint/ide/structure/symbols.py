"""The named parts of a file, as a tree: bindings, functions, inputs, declared options.

A path `a.b.c = 1` is one symbol of that name. Nothing here recurses.
"""

from __future__ import annotations

from typing import Final

from nixlint.ide import model as kinds
from nixlint.ide.document import Document
from nixlint.ide.hovering.hover import head_of
from nixlint.ide.hovering.markdown import short
from nixlint.ide.knowledge.nearby import remember
from nixlint.ide.model import Symbol
from nixlint.semantic.shapes import called_name
from nixlint.syntax.nodes import (
    EXPR_FLOAT,
    EXPR_HPATH,
    EXPR_IND_STRING,
    EXPR_INT,
    EXPR_LIST,
    EXPR_PATH,
    EXPR_SPATH,
    EXPR_STRING,
    EXPR_URI,
    EXPR_VAR,
    Binding,
    ExprAttrs,
    ExprCall,
    ExprLambda,
    Inherit,
    Node,
    unparen,
)
from nixlint.syntax.strings import static_name

_KINDS: Final = {
    EXPR_INT: kinds.NUMBER,
    EXPR_FLOAT: kinds.NUMBER,
    EXPR_STRING: kinds.STRING,
    EXPR_IND_STRING: kinds.STRING,
    EXPR_URI: kinds.STRING,
    EXPR_PATH: kinds.PATH,
    EXPR_HPATH: kinds.PATH,
    EXPR_SPATH: kinds.PATH,
    EXPR_LIST: kinds.LIST,
}
_WORDS: Final = {"true": kinds.BOOLEAN, "false": kinds.BOOLEAN, "null": kinds.NULL}
DECLARE: Final = frozenset(("mkOption", "mkEnableOption", "mkPackageOption"))
_DETAIL: Final = 80


def symbols(document: Document) -> list[Symbol]:
    """The symbols of a file, the outermost ones, in the order of the text."""
    remember(document)
    top: list[Symbol] = []
    in_flake = document.path.endswith("/flake.nix")
    stack: list[tuple[Node, list[Symbol], str]] = [(document.tree.root.expr, top, "")]
    while stack:
        node, into, inside = stack.pop()
        if isinstance(node, Binding):
            symbol = _of_binding(document, node, inside)
            if symbol is None:
                stack.append((node.value, into, inside))
                continue
            into.append(symbol)
            if symbol.kind == kinds.OPTION:
                continue
            below = inside
            if in_flake:
                below = f"{inside}.{symbol.name}" if inside else symbol.name
            stack.append((node.value, symbol.children, below))
        elif isinstance(node, Inherit):
            for attr in node.names:
                name = static_name(attr, document.text)
                if name is not None:
                    own = (int(attr.start), int(attr.end))
                    into.append(Symbol(name, kinds.VARIABLE, "inherited", own, own))
            if node.source is not None:
                stack.append((node.source, into, inside))
        elif isinstance(node, ExprLambda):
            if in_flake and inside == "outputs" and node.arg.formals is not None:
                for formal in node.arg.formals.items:
                    text = document.text[formal.name.start : formal.name.end]
                    if text:
                        whole = (int(formal.start), int(formal.end))
                        own = (int(formal.name.start), int(formal.name.end))
                        into.append(Symbol(text, kinds.FORMAL, "input", whole, own))
            stack.append((node.body, into, inside))
        else:
            children = node.children()
            for index in range(len(children) - 1, -1, -1):
                child = children[index]
                if child.kind != EXPR_VAR:
                    stack.append((child, into, inside))
    return top


def _of_binding(document: Document, node: Binding, inside: str) -> Symbol | None:
    text = document.text
    path = node.path
    name = text[path.start : path.end]
    if not name.strip():
        return None
    value = unparen(node.value)
    kind = _KINDS.get(value.kind, "")
    detail = ""
    if kind in (kinds.STRING, kinds.NUMBER, kinds.PATH):
        detail = short(text[value.start : min(value.end, value.start + 400)], _DETAIL)
    if isinstance(value, ExprLambda):
        kind = kinds.FUNCTION
        detail = short(head_of(document, value), _DETAIL)
    elif isinstance(value, ExprAttrs):
        kind = kinds.SET
    elif isinstance(value, ExprCall) and called_name(value, text) in DECLARE:
        kind = kinds.OPTION
        detail = short(text[value.start : min(value.end, value.start + 400)], _DETAIL)
    elif value.kind == EXPR_VAR:
        kind = _WORDS.get(text[value.start : value.end], kinds.VARIABLE)
    if not kind:
        kind = kinds.VARIABLE
    if document.path.endswith("/flake.nix"):
        if inside == "inputs" or (not inside and name.startswith("inputs.")):
            kind = kinds.INPUT
    whole = (int(node.start), int(node.end))
    return Symbol(_one_line(name), kind, detail, whole, (int(path.start), int(path.end)))


def _one_line(name: str) -> str:
    return name if "\n" not in name else "".join(name.split())


def flat(found: list[Symbol]) -> list[Symbol]:
    """All symbols of a tree in the order of the text."""
    out: list[Symbol] = []
    stack = list(reversed(found))
    while stack:
        symbol = stack.pop()
        out.append(symbol)
        stack.extend(reversed(symbol.children))
    return out
