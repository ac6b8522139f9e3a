"""Whether a literal is of a type of `lib.types`, as far as the text alone tells.

The rules are those of the checks in nixpkgs' `lib/types.nix`. The answer is None wherever it
depends on something that is not written out.
"""

from __future__ import annotations

from typing import Final

from nixlint.rules.base import FileContext
from nixlint.rules.option_declarations import taken_from
from nixlint.semantic.model import is_builtin_here
from nixlint.syntax.nodes import (
    NEGATE,
    Binding,
    ExprAttrs,
    ExprCall,
    ExprFloat,
    ExprIndString,
    ExprInt,
    ExprLambda,
    ExprList,
    ExprPath,
    ExprString,
    ExprUnaryOp,
    ExprUri,
    ExprVar,
    ExprWith,
    Node,
    unparen,
)
from nixlint.syntax.strings import constant_text, static_name

_TYPES: Final = ("types",)
_INTS: Final = ("types.ints",)
_NUMBERS: Final = ("types.numbers",)
_STRINGS: Final = frozenset(
    (
        "str", "lines", "commas", "envVar", "separatedString", "strMatching", "singleLineStr",
        "nonEmptyStr",
    )
)  # fmt: skip
_SETS: Final = frozenset(("attrs", "attrsOf", "lazyAttrsOf"))
_RANGES: Final = {
    "port": (0, 65535),
    "u8": (0, 255),
    "u16": (0, 65535),
    "u32": (0, 4294967295),
    "s8": (-128, 127),
    "s16": (-32768, 32767),
    "s32": (-2147483648, 2147483647),
}
_SCALARS: Final = {
    "bool": ("bool",),
    "int": ("int",),
    "float": ("float",),
    "number": ("int", "float"),
}
MAX_DEPTH: Final = 20

NULL: Final = "null"
BOOL: Final = "bool"
INT: Final = "int"
FLOAT: Final = "float"
STRING: Final = "string"
PATH: Final = "path"
LIST: Final = "list"
SET: Final = "set"
FUNCTION: Final = "function"


def kind_of(node: Node, ctx: FileContext) -> str:
    """What kind of value a literal is; "" for everything that is no literal."""
    node = unparen(node)
    if isinstance(node, ExprUnaryOp) and node.op == NEGATE:
        kind = kind_of(node.operand, ctx)
        return kind if kind in (INT, FLOAT) else ""
    if isinstance(node, ExprVar):
        name = ctx.text[node.start : node.end]
        if name not in ("true", "false", "null"):
            return ""
        reference = ctx.model.reference_at(node.start)
        if reference is None or not is_builtin_here(name, reference.scope):
            return ""
        return NULL if name == "null" else BOOL
    if isinstance(node, ExprInt):
        return INT
    if isinstance(node, ExprFloat):
        return FLOAT
    if isinstance(node, (ExprString, ExprIndString, ExprUri)):
        return STRING
    if isinstance(node, ExprPath):
        return PATH
    if isinstance(node, ExprList):
        return LIST
    if isinstance(node, ExprAttrs):
        return SET
    if isinstance(node, ExprLambda):
        return FUNCTION
    return ""


def fits(type_node: Node, value: Node, ctx: FileContext, depth: int = 0) -> bool | None:
    """Whether a literal passes a type; None where that is not known."""
    kind = kind_of(value, ctx)
    if not kind or depth > MAX_DEPTH:
        return None
    node = unparen(type_node)
    while isinstance(node, ExprWith):
        node = unparen(node.body)
    args: list[Node] = []
    if isinstance(node, ExprCall):
        args = node.args
        node = unparen(node.fn)
    bounded = taken_from(node, ctx, _INTS)
    if bounded:
        return _fits_range(bounded, kind, args, value, ctx)
    if taken_from(node, ctx, _NUMBERS):
        return None if kind in (INT, FLOAT) else False
    name = taken_from(node, ctx, _TYPES)
    if name in _SCALARS and not args:
        return kind in _SCALARS[name]
    if name in _RANGES and not args:
        return _fits_range(name, kind, args, value, ctx)
    if name in _STRINGS:
        return None if kind == STRING and name != "str" else kind == STRING
    if name == "path":
        return _fits_path(kind, value, ctx)
    if name == "package":
        return False if kind in (NULL, BOOL, INT, FLOAT, LIST, FUNCTION) else None
    if name in ("listOf", "nonEmptyListOf") and len(args) == 1:
        return _fits_list(args[0], kind, value, ctx, depth)
    if name in _SETS:
        return _fits_set(args, kind, value, ctx, depth)
    if name in ("submodule", "submoduleWith", "deferredModule"):
        return None if kind in (SET, FUNCTION, PATH, STRING) else False
    if name == "nullOr" and len(args) == 1:
        return True if kind == NULL else fits(args[0], value, ctx, depth + 1)
    if name in ("either", "coercedTo") and len(args) in (2, 3):
        return _any_fits([args[0], args[-1]], value, ctx, depth)
    if name == "oneOf" and len(args) == 1:
        members = unparen(args[0])
        return (
            _any_fits(members.items, value, ctx, depth) if isinstance(members, ExprList) else None
        )
    if name == "enum" and len(args) == 1:
        return _fits_enum(args[0], value, ctx)
    if name == "uniq" and len(args) == 1:
        return fits(args[0], value, ctx, depth + 1)
    return None


def _any_fits(types: list[Node], value: Node, ctx: FileContext, depth: int) -> bool | None:
    out: bool | None = False
    for one in types:
        answer = fits(one, value, ctx, depth + 1)
        if answer:
            return True
        if answer is None:
            out = None
    return out


def _fits_range(
    name: str, kind: str, args: list[Node], value: Node, ctx: FileContext
) -> bool | None:
    if kind != INT:
        return False
    number = _integer(value, ctx)
    if number is None:
        return None
    if name in _RANGES and not args:
        low, high = _RANGES[name]
        return low <= number <= high
    if name == "unsigned" and not args:
        return number >= 0
    if name == "positive" and not args:
        return number > 0
    if name == "between" and len(args) == 2:
        lowest = _integer(args[0], ctx)
        highest = _integer(args[1], ctx)
        if lowest is not None and highest is not None:
            return lowest <= number <= highest
    return None


def _integer(node: Node, ctx: FileContext) -> int | None:
    node = unparen(node)
    if isinstance(node, ExprUnaryOp) and node.op == NEGATE:
        inner = _integer(node.operand, ctx)
        return -inner if inner is not None else None
    if isinstance(node, ExprInt):
        return int(ctx.text[node.start : node.end])
    return None


def _fits_path(kind: str, value: Node, ctx: FileContext) -> bool | None:
    if kind == PATH:
        return True
    if kind == STRING:
        text = constant_text(value, ctx.text)
        return text.startswith("/") if text is not None else None
    return None if kind == SET else False


def _fits_list(inner: Node, kind: str, value: Node, ctx: FileContext, depth: int) -> bool | None:
    if kind != LIST:
        return False
    value = unparen(value)
    out: bool | None = True
    for item in value.items if isinstance(value, ExprList) else []:
        answer = fits(inner, item, ctx, depth + 1)
        if answer is False:
            return False
        if answer is None:
            out = None
    return out


def _fits_set(
    args: list[Node], kind: str, value: Node, ctx: FileContext, depth: int
) -> bool | None:
    if kind != SET:
        return False
    value = unparen(value)
    if len(args) != 1 or not isinstance(value, ExprAttrs):
        return None if args else True
    if any(isinstance(bind, Binding) and static_name(bind.path.first, ctx.text) == "_type"
           for bind in value.binds):  # fmt: skip
        return None
    out: bool | None = True
    for bind in value.binds:
        if not isinstance(bind, Binding) or bind.path.rest is not None:
            out = None
            continue
        answer = fits(args[0], bind.value, ctx, depth + 1)
        if answer is False:
            return False
        if answer is None:
            out = None
    return out


def _fits_enum(members: Node, value: Node, ctx: FileContext) -> bool | None:
    members = unparen(members)
    if not isinstance(members, ExprList):
        return None
    wanted = _plain(value, ctx)
    if wanted is None:
        return None if kind_of(value, ctx) in (LIST, SET, STRING, FLOAT, PATH) else False
    unsure = False
    for item in members.items:
        found = _plain(item, ctx)
        if found is None:
            unsure = True
        elif found == wanted:
            return True
    return None if unsure else False


def _plain(node: Node, ctx: FileContext) -> str | None:
    """A literal without parts as a text that no other literal has; None for all others."""
    kind = kind_of(node, ctx)
    if kind == STRING:
        text = constant_text(node, ctx.text)
        return None if text is None else f"{STRING}:{text}"
    if kind == INT:
        return f"{INT}:{_integer(node, ctx)}"
    if kind in (NULL, BOOL):
        inner = unparen(node)
        return f"{kind}:{ctx.text[inner.start : inner.end]}"
    return None
