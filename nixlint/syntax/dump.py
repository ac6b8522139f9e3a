"""Trees and tokens as text: for people, for programs, and for comparing two trees.

Lines and columns count from 1, in code points; line ends as in `text/source.py`.
Nothing here recurses.
"""

from __future__ import annotations

import json
from typing import Final

from nixlint.syntax.ids import T_END, T_SKIPPED
from nixlint.syntax.nodes import (
    DYNAMIC_KEY,
    KIND_NAMES,
    OPERATOR_NAMES,
    OPERATOR_TEXTS,
    STRING_KEY,
    AttrName,
    AttrPath,
    Binding,
    ErrorNode,
    ExprAssert,
    ExprAttrs,
    ExprBinOp,
    ExprCall,
    ExprFloat,
    ExprIf,
    ExprInt,
    ExprLambda,
    ExprLegacyLet,
    ExprLet,
    ExprList,
    ExprOpHasAttr,
    ExprParen,
    ExprPos,
    ExprSelect,
    ExprSPath,
    ExprUnaryOp,
    ExprUri,
    ExprVar,
    ExprWith,
    Formal,
    Formals,
    Inherit,
    Interpolated,
    Interpolation,
    LambdaArg,
    Name,
    Node,
    Root,
)
from nixlint.syntax.tree import Tree
from nixlint.text.source import Source

_encode = json.JSONEncoder(ensure_ascii=False).encode

DEEPEST: Final = 64
"""From this depth on lines are no longer indented further, and say their depth instead."""
LONGEST: Final = 60
"""Longer texts are cut."""

KEY_FORMS: Final = ("identifier", "string", "dynamic")


def dump_tree(tree: Tree) -> str:
    """One line per node, children indented below: kind, span, and what tells it from its like.

    Strings and paths without interpolation show their text; errors follow at the end.
    """
    source = Source("", tree.text)
    out: list[str] = []
    nodes: list[Node] = [tree.root]
    depths: list[int] = [0]
    while nodes:
        node = nodes.pop()
        depth = depths.pop()
        indent = "  " * depth if depth <= DEEPEST else "  " * DEEPEST + f"({depth}) "
        name = KIND_NAMES[node.kind]
        line = f"{indent}{name} {_range(source, node.start, node.end)}"
        detail = _detail(node, tree.text)
        out.append(f"{line} {detail}" if detail else line)
        children = node.children()
        at = len(children) - 1
        while at >= 0:
            nodes.append(children[at])
            depths.append(depth + 1)
            at -= 1
    for error in tree.errors:
        where = _range(source, error.start, error.end)
        out.append(f"error {where} {error.rule}: {error.message}")
    return "\n".join(out) + "\n"


def dump_tokens(tree: Tree) -> str:
    """One line per token, blanks and comments included: span, terminal, text."""
    source = Source("", tree.text)
    tokens = tree.tokens
    out: list[str] = []
    place = _place(source, 0)
    for index in range(len(tokens)):
        start = tokens.start(index)
        end = tokens.end(index)
        kind = tokens.kind(index)
        begin = place
        place = _place(source, end)
        line = f"{begin}-{place} {tokens.kind_name(index)}"
        if kind == T_END:
            out.append(line)
        elif start == end:
            out.append(line + " (empty)")
        else:
            shown = quoted(tree.text[start:end])
            out.append(f"{line} {shown} (skipped)" if kind == T_SKIPPED else f"{line} {shown}")
    return "\n".join(out) + "\n"


def dump_json(tree: Tree) -> str:
    """The tree as JSON: `{"version": 1, "root": NODE, "errors": […]}`.

    A node is an object with `kind`, `range` (`start` and `end` with `line` and `column`) and one
    key for each of its fields, named as in `syntax/nodes.py`. Leaves have their `text`.
    """
    source = Source("", tree.text)
    out: list[str] = ['{"version": 1, "root": ']
    stack: list[Node | str] = [tree.root]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            out.append(item)
            continue
        pieces: list[Node | str] = [
            f'{{"kind": "{KIND_NAMES[item.kind]}", "range": {_json_range(source, item)}'
        ]
        _json_fields(item, tree.text, pieces)
        pieces.append("}")
        pieces.reverse()
        stack.extend(pieces)
    out.append(', "errors": [')
    for number, error in enumerate(tree.errors):
        if number:
            out.append(", ")
        spot = Node(0, error.start, error.end)
        out.append(
            f'{{"rule": {_json(error.rule)}, "message": {_json(error.message)}, '
            f'"range": {_json_range(source, spot)}}}'
        )
    out.append("]}\n")
    return "".join(out)


def quoted(text: str) -> str:
    """Text in double quotes on one line, cut if it is long."""
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    return _json(text)


def _json(text: str) -> str:
    shown: str = _encode(text)
    if shown.isascii():
        return shown
    # What is no character at all must not get into a file of UTF-8.
    return "".join(
        [f"\\u{ord(char):04x}" if 0xD800 <= ord(char) <= 0xDFFF else char for char in shown]
    )


def _place(source: Source, offset: int) -> str:
    line, column = source.position(offset)
    return f"{line + 1}:{column + 1}"


def _range(source: Source, start: int, end: int) -> str:
    return f"{_place(source, start)}-{_place(source, end)}"


def _json_range(source: Source, node: Node) -> str:
    line, column = source.position(node.start)
    end_line, end_column = source.position(node.end)
    return (
        f'{{"start": {{"line": {line + 1}, "column": {column + 1}}}, '
        f'"end": {{"line": {end_line + 1}, "column": {end_column + 1}}}}}'
    )


def _is_leaf(node: Node) -> bool:
    return isinstance(node, (ExprInt, ExprFloat, ExprSPath, ExprUri, ExprVar, ExprPos, Name)) or (
        isinstance(node, Interpolated) and not node.parts
    )


def _detail(node: Node, text: str) -> str:
    """What a line of `dump_tree` says beyond kind and span."""
    if _is_leaf(node):
        return quoted(text[node.start : node.end])
    if isinstance(node, AttrName):
        if node.inner is None:
            return quoted(text[node.start : node.end])
        return KEY_FORMS[node.form]
    if isinstance(node, ExprAttrs):
        return "rec" if node.recursive else ""
    if isinstance(node, ExprBinOp):
        return OPERATOR_NAMES[node.op] + " " + OPERATOR_TEXTS[node.op]
    if isinstance(node, ExprUnaryOp):
        return OPERATOR_NAMES[node.op] + " " + OPERATOR_TEXTS[node.op]
    if isinstance(node, ExprSelect):
        return "or" if node.default is not None else ""
    if isinstance(node, Formals):
        return "..." if node.ellipsis else ""
    if isinstance(node, Inherit):
        return "from" if node.source is not None else ""
    return ""


def _one(name: str, node: Node | None, out: list[Node | str]) -> None:
    out.append(f', "{name}": ')
    if node is None:
        out.append("null")
    else:
        out.append(node)


def _many(name: str, nodes: list[Node], out: list[Node | str]) -> None:
    out.append(f', "{name}": [')
    first = True
    for node in nodes:
        if not first:
            out.append(", ")
        first = False
        out.append(node)
    out.append("]")


def _value(name: str, value: str, out: list[Node | str]) -> None:
    out.append(f', "{name}": {value}')


def _json_fields(node: Node, text: str, out: list[Node | str]) -> None:
    """The fields of a node in the order of its constructor."""
    if _is_leaf(node):
        _value("text", _json(text[node.start : node.end]), out)
    elif isinstance(node, Interpolated):
        _many("parts", node.parts or [], out)
    elif isinstance(node, (Root, Interpolation, ExprParen)):
        _one("expr", node.expr, out)
    elif isinstance(node, AttrName):
        _value("form", _json(KEY_FORMS[node.form]), out)
        if node.form == DYNAMIC_KEY or node.form == STRING_KEY:
            _one("inner", node.inner, out)
        else:
            _value("text", _json(text[node.start : node.end]), out)
    elif isinstance(node, AttrPath):
        names: list[Node] = []
        names.extend(node.names())
        _many("names", names, out)
    elif isinstance(node, Binding):
        _one("path", node.path, out)
        _one("value", node.value, out)
    elif isinstance(node, Inherit):
        _one("source", node.source, out)
        inherited: list[Node] = []
        inherited.extend(node.names)
        _many("names", inherited, out)
    elif isinstance(node, ExprAttrs):
        _value("recursive", "true" if node.recursive else "false", out)
        _many("binds", node.binds, out)
    elif isinstance(node, ExprLegacyLet):
        _many("binds", node.binds, out)
    elif isinstance(node, ExprList):
        _many("items", node.items, out)
    elif isinstance(node, ExprSelect):
        _one("base", node.base, out)
        _one("path", node.path, out)
        _one("default", node.default, out)
    elif isinstance(node, ExprOpHasAttr):
        _one("base", node.base, out)
        _one("path", node.path, out)
    elif isinstance(node, ExprCall):
        _one("fn", node.fn, out)
        _many("args", node.args, out)
    elif isinstance(node, ExprLambda):
        _one("arg", node.arg, out)
        _one("body", node.body, out)
    elif isinstance(node, LambdaArg):
        _one("name", node.name, out)
        _one("formals", node.formals, out)
    elif isinstance(node, Formals):
        _many("items", node.children(), out)
        _value("ellipsis", "true" if node.ellipsis else "false", out)
    elif isinstance(node, Formal):
        _one("name", node.name, out)
        _one("default", node.default, out)
    elif isinstance(node, ExprLet):
        _many("binds", node.binds, out)
        _one("body", node.body, out)
    else:
        _json_more(node, out)


def _json_more(node: Node, out: list[Node | str]) -> None:
    if isinstance(node, ExprWith):
        _one("attrs", node.attrs, out)
        _one("body", node.body, out)
    elif isinstance(node, ExprIf):
        _one("cond", node.cond, out)
        _one("then", node.then_, out)
        _one("else", node.else_, out)
    elif isinstance(node, ExprAssert):
        _one("cond", node.cond, out)
        _one("body", node.body, out)
    elif isinstance(node, ExprBinOp):
        _value("op", _json(OPERATOR_NAMES[node.op]), out)
        _one("left", node.left, out)
        _one("right", node.right, out)
    elif isinstance(node, ExprUnaryOp):
        _value("op", _json(OPERATOR_NAMES[node.op]), out)
        _one("operand", node.operand, out)
    elif isinstance(node, ErrorNode):
        _many("items", node.items or [], out)
