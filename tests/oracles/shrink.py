"""Makes an expression smaller while something holds of it."""

from __future__ import annotations

from collections.abc import Callable

from nixlint.syntax import nodes
from nixlint.syntax.nodes import Node
from nixlint.syntax.parser import parse

Holds = Callable[[list[str]], list[bool]]
"""Tells of each text whether it is still interesting."""

_LITERALS = ("1", '""', "[ ]", "{ }", "null", "true", "(x: x)", "1.5", '"a"')
_NOT_EXPRESSIONS = (nodes.BINDING, nodes.INHERIT, nodes.ATTR_PATH, nodes.ATTR_NAME, nodes.NAME,
                    nodes.FORMALS, nodes.FORMAL, nodes.LAMBDA_ARG, nodes.INTERPOLATION,
                    nodes.ROOT)  # fmt: skip
_REMOVABLE = (nodes.BINDING, nodes.INHERIT, nodes.FORMAL)
MOST = 600
ROUNDS = 60


def candidates(text: str) -> list[str]:
    """Smaller expressions made from this one, the smallest first."""
    tree = parse(text)
    found: dict[str, None] = {}
    stack: list[tuple[Node, Node | None]] = [(tree.root, None)]
    while stack:
        node, parent = stack.pop()
        stack += [(child, node) for child in node.children()]
        if node.kind in _REMOVABLE or (parent is not None and parent.kind == nodes.EXPR_LIST):
            found[text[: node.start] + text[node.end :]] = None
        if node.kind in _NOT_EXPRESSIONS:
            continue
        for replacement in [*parts(text, node), *_LITERALS]:
            if len(replacement) < node.end - node.start:
                found[text[: node.start] + replacement + text[node.end :]] = None
    ordered = [one for one in sorted(found, key=len) if len(one) < len(text)]
    return ordered[: MOST // 2] + ordered[len(ordered) - MOST // 2 :] if len(ordered) > MOST else (
        ordered
    )  # fmt: skip


def parts(text: str, node: Node) -> list[str]:
    """The expressions in an expression, at most three levels down, as they can stand alone."""
    out: list[str] = []
    level = node.children()
    for _ in range(3):
        below: list[Node] = []
        for child in level:
            below += child.children()
            if child.kind not in _NOT_EXPRESSIONS:
                piece = text[child.start : child.end]
                out += [piece, f"({piece})"]
        level = below
    return out


def shrink(text: str, holds: Holds) -> str:
    """The smallest text that was found."""
    for _ in range(ROUNDS):
        options = candidates(text)
        for option, good in zip(options, holds(options), strict=True):
            if good:
                text = option
                break
        else:
            return text
    return text
