"""Declarations of options, as rules on single files find them: `mkOption`, `mkEnableOption`."""

from __future__ import annotations

from typing import Final, cast

from nixlint.rules.base import FileContext
from nixlint.semantic.model import DEF_INHERIT_FROM
from nixlint.semantic.shapes import name_of
from nixlint.syntax.nodes import (
    Binding,
    ExprAttrs,
    ExprCall,
    ExprLambda,
    ExprSelect,
    ExprVar,
    ExprWith,
    Inherit,
    Node,
    unparen,
)
from nixlint.syntax.strings import static_name

_MEMO: Final = "option-declarations"
_SOURCES: Final = ("lib", "lib.options", "options")
"""What `mkOption` and its kin are taken from, or what the path to that ends in."""


class OptionCall:
    """A call of `mkOption` with a set that is written out.

    `fields` are its attributes, by name; `complete` is False when there may be more of them.
    """

    def __init__(self, node: ExprCall, fields: dict[str, Node], complete: bool) -> None:
        self.node = node
        self.fields = fields
        self.complete = complete


def is_source(text: str, sources: tuple[str, ...]) -> bool:
    """Whether an expression, given by its text, is one of some parts of `lib`."""
    text = "".join(text.split()).strip("()")
    return any(text == source or text.endswith("." + source) for source in sources)


def taken_from(node: Node, ctx: FileContext, sources: tuple[str, ...]) -> str:
    """The name of a function that an expression takes from one of `sources`, "" if it does not."""
    node = unparen(node)
    text = ctx.text
    name = name_of(node, text)
    if isinstance(node, ExprSelect):
        if node.default is not None or not name:
            return ""
        whole = "".join(text[node.start : node.end].split())
        return name if is_source(whole[: -len(name) - 1], sources) else ""
    if not isinstance(node, ExprVar):
        return ""
    reference = ctx.model.reference_at(node.start)
    if reference is None:
        return ""
    definition = reference.definition
    if definition is None:
        around = reference.withs
        if not around:
            return ""
        inner = around[0].node
        if isinstance(inner, ExprWith) and is_source(ctx.text_of(inner.attrs), sources):
            return name
        return ""
    owner = definition.owner
    if definition.kind == DEF_INHERIT_FROM and isinstance(owner, Inherit):
        if owner.source is not None and is_source(ctx.text_of(owner.source), sources):
            return name
    return ""


def is_call_of(node: Node, wanted: str, ctx: FileContext) -> bool:
    """Whether an expression calls a function of `lib` with one argument."""
    if not isinstance(node, ExprCall) or len(node.args) != 1:
        return False
    # Most calls are told apart by the text alone.
    if not ctx.text.startswith(wanted, max(node.fn.end - len(wanted), 0)):
        return False
    return taken_from(node.fn, ctx, _SOURCES) == wanted


def option_calls(ctx: FileContext) -> list[OptionCall]:
    """The calls of `mkOption` that are the value of an attribute or the result of a function.

    Others may be completed by what is around them.
    """
    known = ctx.memo.get(_MEMO)
    if known is not None:
        return cast("list[OptionCall]", known)
    out: list[OptionCall] = []
    ctx.memo[_MEMO] = out
    if not ctx.calls("mkOption"):
        return out
    stack: list[Node] = [ctx.tree.root]
    while stack:
        node = stack.pop()
        value: Node | None = None
        if isinstance(node, Binding):
            value = node.value
        elif isinstance(node, ExprLambda):
            value = node.body
        if value is not None:
            value = unparen(value)
            if isinstance(value, ExprCall) and is_call_of(value, "mkOption", ctx):
                call = _option_call(value, ctx)
                if call is not None:
                    out.append(call)
        stack.extend(node.children())
    out.sort(key=lambda call: int(call.node.start))
    return out


def _option_call(node: ExprCall, ctx: FileContext) -> OptionCall | None:
    argument = unparen(node.args[0])
    if not isinstance(argument, ExprAttrs):
        return None
    fields: dict[str, Node] = {}
    complete = True
    for bind in argument.binds:
        if isinstance(bind, Inherit):
            for each in bind.names:
                name = static_name(each, ctx.text)
                if name is None:
                    complete = False
                else:
                    fields[name] = each
        elif isinstance(bind, Binding):
            name = static_name(bind.path.first, ctx.text)
            if name is None:
                complete = False
            else:
                fields[name] = bind.value if bind.path.rest is None else bind.path
    return OptionCall(node, fields, complete)
