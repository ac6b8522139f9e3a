"""Which function is being called at an offset, and which of its parameters comes next."""

from __future__ import annotations

from nixlint.ide.document import Document
from nixlint.ide.hovering import markdown
from nixlint.ide.knowledge import library
from nixlint.ide.knowledge.known import BUILTIN, LIB, Function, Known, Named, Resolver
from nixlint.ide.knowledge.nodes_at import path_to
from nixlint.syntax.nodes import (
    Binding,
    ExprAttrs,
    ExprCall,
    ExprLambda,
    ExprLet,
    ExprList,
    ExprSelect,
    ExprVar,
    Formals,
    Interpolation,
    Node,
    unparen,
)

MAX_PARAMETER = 60


class Signature:
    """A function as it is called: `label` is the line to show, `parameters` are pieces of it.

    `active` is the index of the parameter at the cursor.
    """

    def __init__(self, name: str, words: list[str], result: str, text: str, active: int) -> None:
        self.parameters: list[tuple[int, int]] = []
        label = name
        for word in words:
            start = len(label) + 1
            label += f" {word}"
            self.parameters.append((start, len(label)))
        self.label = f"{label} → {result}" if result else label
        self.documentation = text
        self.active = active


def signature(document: Document, offset: int) -> Signature | None:
    """The signature of the function that is called around or right before an offset.

    None when nothing is known of the function, or all its arguments are there.
    """
    found = _called(document, offset)
    if found is None:
        return None
    fn, active = found
    name = document.text[fn.start : fn.end]
    known = Resolver().value(document, fn)
    out = _of_known(known, markdown.short(name, MAX_PARAMETER), active)
    return out if out is not None and active < len(out.parameters) else None


def _of_known(known: Known | None, name: str, active: int) -> Signature | None:
    if isinstance(known, Named):
        entry = None
        if known.kind == BUILTIN:
            entry = library.builtin_entry(known.path[0])
        elif known.kind == LIB:
            entry = library.lib_entry(known.path)
        if entry is None:
            return None
        return Signature(name, entry.parameters, entry.result, entry.text, active)
    if isinstance(known, Function) and known.document is not None and known.node is not None:
        words: list[str] = []
        node: Node = known.node
        text = known.document.text
        while isinstance(node, ExprLambda):
            arg = text[node.arg.start : node.arg.end]
            words.append(markdown.short(arg, MAX_PARAMETER))
            node = unparen(node.body)
        doc = markdown.doc_comment(known.document, _binding_start(known.document, known.node))
        return Signature(name, words, "", doc, active)
    return None


def _binding_start(document: Document, node: Node) -> int:
    """Where the binding of a function begins, or the function."""
    for each in reversed(path_to(document, node.start)):
        if isinstance(each, Binding):
            return each.start if unparen(each.value) is node else node.start
    return node.start


def _called(document: Document, offset: int) -> tuple[Node, int] | None:
    """The function that is called at an offset, and how many arguments come before."""
    text = document.text
    before = offset
    while before > 0 and text[before - 1] in " \t":
        before -= 1
    if before < offset and before > 0:
        found = _ending_at(path_to(document, before), before)
        if found is not None:
            return found
    for node in reversed(path_to(document, offset)):
        if isinstance(node, ExprCall):
            if offset <= node.fn.end:
                return None
            for index, arg in enumerate(node.args):
                if offset <= arg.end:
                    return node.fn, index
            return None
        if isinstance(node, (Binding, ExprLambda, ExprLet, ExprList, Interpolation, Formals)):
            return None
        if isinstance(node, ExprAttrs) and node.start < offset < node.end and node.binds:
            continue
    return None


def _ending_at(path: list[Node], end: int) -> tuple[Node, int] | None:
    """The function, or the call that wants more arguments, that ends at an offset."""
    found: tuple[Node, int] | None = None
    for node in reversed(path):
        if isinstance(node, ExprCall) and node.end == end:
            return node.fn, len(node.args)
        if isinstance(node, ExprList):
            return None
        if isinstance(node, (ExprSelect, ExprVar)) and node.end == end:
            found = (node, 0)
        elif isinstance(node, ExprCall) and found is not None and node.fn is not found[0]:
            for index, arg in enumerate(node.args):
                if arg.end == end:
                    return node.fn, index + 1
        elif isinstance(node, Binding):
            return found
    return found
