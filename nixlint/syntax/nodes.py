"""The syntax tree.

One class per construct, named as in Nix's own C++ sources where Nix has a class for it.
A node knows its kind (an integer, for dispatch), its span in code points, and its children;
it knows neither its parent nor the text. Names and literals are read from the text by span
(`Tree.text_of`), string contents through `syntax/strings.py`.

Nodes hold no reference cycles. They are nevertheless not marked `acyclic` for mypyc: with
CPython's trashcan such objects corrupt memory when a tree nested deeper than 50 is freed.
"""

from __future__ import annotations

from typing import Final

from nixlint.text.arrays import i64
from nixlint.text.span import Span

ROOT: Final = 0
EXPR_INT: Final = 1
EXPR_FLOAT: Final = 2
EXPR_STRING: Final = 3
EXPR_IND_STRING: Final = 4
INTERPOLATION: Final = 5
EXPR_PATH: Final = 6
EXPR_HPATH: Final = 7
EXPR_SPATH: Final = 8
EXPR_URI: Final = 9
EXPR_VAR: Final = 10
EXPR_POS: Final = 11
EXPR_PAREN: Final = 12
EXPR_ATTRS: Final = 13
BINDING: Final = 14
INHERIT: Final = 15
ATTR_PATH: Final = 16
ATTR_NAME: Final = 17
EXPR_LIST: Final = 18
EXPR_SELECT: Final = 19
EXPR_OP_HAS_ATTR: Final = 20
EXPR_CALL: Final = 21
EXPR_LAMBDA: Final = 22
LAMBDA_ARG: Final = 23
FORMALS: Final = 24
FORMAL: Final = 25
EXPR_LET: Final = 26
EXPR_LEGACY_LET: Final = 27
EXPR_WITH: Final = 28
EXPR_IF: Final = 29
EXPR_ASSERT: Final = 30
EXPR_BIN_OP: Final = 31
EXPR_UNARY_OP: Final = 32
NAME: Final = 33
ERROR_NODE: Final = 34

KIND_NAMES: Final = (
    "Root", "ExprInt", "ExprFloat", "ExprString", "ExprIndString", "Interpolation", "ExprPath",
    "ExprHPath", "ExprSPath", "ExprUri", "ExprVar", "ExprPos", "ExprParen", "ExprAttrs", "Binding",
    "Inherit", "AttrPath", "AttrName", "ExprList", "ExprSelect", "ExprOpHasAttr", "ExprCall",
    "ExprLambda", "LambdaArg", "Formals", "Formal", "ExprLet", "ExprLegacyLet", "ExprWith",
    "ExprIf", "ExprAssert", "ExprBinOp", "ExprUnaryOp", "Name", "ErrorNode",
)  # fmt: skip
N_KINDS: Final = 35

IMPL: Final = 0
OR: Final = 1
AND: Final = 2
EQ: Final = 3
NEQ: Final = 4
LT: Final = 5
GT: Final = 6
LEQ: Final = 7
GEQ: Final = 8
UPDATE: Final = 9
CONCAT: Final = 10
PLUS: Final = 11
MINUS: Final = 12
MUL: Final = 13
DIV: Final = 14
PIPE_FROM: Final = 15
PIPE_INTO: Final = 16
NOT: Final = 17
NEGATE: Final = 18

OPERATOR_TEXTS: Final = (
    "->", "||", "&&", "==", "!=", "<", ">", "<=", ">=", "//", "++", "+", "-", "*", "/", "<|", "|>",
    "!", "-",
)  # fmt: skip
OPERATOR_NAMES: Final = (
    "IMPL", "OR", "AND", "EQ", "NEQ", "LT", "GT", "LEQ", "GEQ", "UPDATE", "CONCAT", "PLUS",
    "MINUS", "MUL", "DIV", "PIPE_FROM", "PIPE_INTO", "NOT", "NEGATE",
)  # fmt: skip

IDENT_KEY: Final = 0
STRING_KEY: Final = 1
DYNAMIC_KEY: Final = 2


class Node:
    """The base of all nodes, and itself never instantiated by the parser."""

    def __init__(self, kind: i64, start: i64, end: i64) -> None:
        self.kind = kind
        self.start = start
        self.end = end

    def children(self) -> list[Node]:
        """The direct children in the order of the text."""
        return []

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


class Root(Node):
    """A file. `expr` is an `ErrorNode` when the file holds no expression at all."""

    def __init__(self, start: i64, end: i64, expr: Node) -> None:
        super().__init__(ROOT, start, end)
        self.expr = expr

    def children(self) -> list[Node]:
        return [self.expr]


class ExprInt(Node):
    def __init__(self, start: i64, end: i64) -> None:
        super().__init__(EXPR_INT, start, end)


class ExprFloat(Node):
    def __init__(self, start: i64, end: i64) -> None:
        super().__init__(EXPR_FLOAT, start, end)


class ExprSPath(Node):
    """`<nixpkgs>`; the span includes the angle brackets."""

    def __init__(self, start: i64, end: i64) -> None:
        super().__init__(EXPR_SPATH, start, end)


class ExprUri(Node):
    """An unquoted URL, which Nix reads as a string."""

    def __init__(self, start: i64, end: i64) -> None:
        super().__init__(EXPR_URI, start, end)


class ExprVar(Node):
    """A variable. Also the `or` of `f or`, which Nix reads as a variable of that name."""

    def __init__(self, start: i64, end: i64) -> None:
        super().__init__(EXPR_VAR, start, end)


class ExprPos(Node):
    """`__curPos` as an expression."""

    def __init__(self, start: i64, end: i64) -> None:
        super().__init__(EXPR_POS, start, end)


class Name(Node):
    """The identifier of a lambda argument, of an `@`, or of a formal: a binder, not a use."""

    def __init__(self, start: i64, end: i64) -> None:
        super().__init__(NAME, start, end)


class Interpolation(Node):
    """`${expr}` in a string, a path or an attribute path; the span includes `${` and `}`."""

    def __init__(self, start: i64, end: i64, expr: Node) -> None:
        super().__init__(INTERPOLATION, start, end)
        self.expr = expr

    def children(self) -> list[Node]:
        return [self.expr]


class Interpolated(Node):
    """What strings and paths share: `parts` holds their interpolations, or is None without any.

    The text between the interpolations is not in the tree; see `syntax/strings.py`.
    """

    def __init__(self, kind: i64, start: i64, end: i64, parts: list[Node] | None) -> None:
        super().__init__(kind, start, end)
        self.parts = parts

    def children(self) -> list[Node]:
        return self.parts if self.parts is not None else []


class ExprString(Interpolated):
    """`"…"`, the quotes included in the span."""

    def __init__(self, start: i64, end: i64, parts: list[Node] | None) -> None:
        super().__init__(EXPR_STRING, start, end, parts)


class ExprIndString(Interpolated):
    """`''…''`, the quotes included in the span."""

    def __init__(self, start: i64, end: i64, parts: list[Node] | None) -> None:
        super().__init__(EXPR_IND_STRING, start, end, parts)


class ExprPath(Interpolated):
    """`./a`, `/a`, `a/b`."""

    def __init__(self, start: i64, end: i64, parts: list[Node] | None) -> None:
        super().__init__(EXPR_PATH, start, end, parts)


class ExprHPath(Interpolated):
    """`~/a`."""

    def __init__(self, start: i64, end: i64, parts: list[Node] | None) -> None:
        super().__init__(EXPR_HPATH, start, end, parts)


class ExprParen(Node):
    """`( expr )`."""

    def __init__(self, start: i64, end: i64, expr: Node) -> None:
        super().__init__(EXPR_PAREN, start, end)
        self.expr = expr

    def children(self) -> list[Node]:
        return [self.expr]


class AttrName(Node):
    """One component of an attribute path.

    `form` is `IDENT_KEY` (`a`, also `or`), `STRING_KEY` (`inner` is an `ExprString`) or
    `DYNAMIC_KEY` (`inner` is an `Interpolation`).
    A string without interpolation, and `${"a"}`, are static names; see `strings.static_name`.
    """

    def __init__(self, start: i64, end: i64, form: i64, inner: Node | None) -> None:
        super().__init__(ATTR_NAME, start, end)
        self.form = form
        self.inner = inner

    def children(self) -> list[Node]:
        return [self.inner] if self.inner is not None else []


class AttrPath(Node):
    """`a.b."c".${d}`: `first` and, when there are more, `rest`."""

    def __init__(self, start: i64, end: i64, first: AttrName, rest: list[AttrName] | None) -> None:
        super().__init__(ATTR_PATH, start, end)
        self.first = first
        self.rest = rest

    @property
    def last(self) -> AttrName:
        """The last component."""
        return self.first if self.rest is None else self.rest[len(self.rest) - 1]

    def names(self) -> list[AttrName]:
        """All components in order."""
        if self.rest is None:
            return [self.first]
        return [self.first, *self.rest]

    def children(self) -> list[Node]:
        out: list[Node] = [self.first]
        if self.rest is not None:
            out.extend(self.rest)
        return out


class Binding(Node):
    """`path = value;`, the semicolon included in the span."""

    def __init__(self, start: i64, end: i64, path: AttrPath, value: Node) -> None:
        super().__init__(BINDING, start, end)
        self.path = path
        self.value = value

    def children(self) -> list[Node]:
        return [self.path, self.value]


class Inherit(Node):
    """`inherit names;` or `inherit (source) names;`, the semicolon included in the span.

    `source` is the expression inside the parentheses, which themselves have no node.
    """

    def __init__(self, start: i64, end: i64, source: Node | None, names: list[AttrName]) -> None:
        super().__init__(INHERIT, start, end)
        self.source = source
        self.names = names

    def children(self) -> list[Node]:
        out: list[Node] = []
        if self.source is not None:
            out.append(self.source)
        out.extend(self.names)
        return out


class ExprAttrs(Node):
    """`{ … }` or `rec { … }`; `binds` holds `Binding` and `Inherit` nodes."""

    def __init__(self, start: i64, end: i64, recursive: bool, binds: list[Node]) -> None:
        super().__init__(EXPR_ATTRS, start, end)
        self.recursive = recursive
        self.binds = binds

    def children(self) -> list[Node]:
        return self.binds


class ExprList(Node):
    """`[ … ]`."""

    def __init__(self, start: i64, end: i64, items: list[Node]) -> None:
        super().__init__(EXPR_LIST, start, end)
        self.items = items

    def children(self) -> list[Node]:
        return self.items


class ExprSelect(Node):
    """`base.path` or `base.path or default`."""

    def __init__(
        self, start: i64, end: i64, base: Node, path: AttrPath, default: Node | None
    ) -> None:
        super().__init__(EXPR_SELECT, start, end)
        self.base = base
        self.path = path
        self.default = default

    def children(self) -> list[Node]:
        if self.default is None:
            return [self.base, self.path]
        return [self.base, self.path, self.default]


class ExprOpHasAttr(Node):
    """`base ? path`."""

    def __init__(self, start: i64, end: i64, base: Node, path: AttrPath) -> None:
        super().__init__(EXPR_OP_HAS_ATTR, start, end)
        self.base = base
        self.path = path

    def children(self) -> list[Node]:
        return [self.base, self.path]


class ExprCall(Node):
    """`fn arg arg …`, all arguments of one row of applications in one node."""

    def __init__(self, start: i64, end: i64, fn: Node, args: list[Node]) -> None:
        super().__init__(EXPR_CALL, start, end)
        self.fn = fn
        self.args = args

    def children(self) -> list[Node]:
        return [self.fn, *self.args]


class Formal(Node):
    """`name` or `name ? default`."""

    def __init__(self, start: i64, end: i64, name: Name, default: Node | None) -> None:
        super().__init__(FORMAL, start, end)
        self.name = name
        self.default = default

    def children(self) -> list[Node]:
        return [self.name] if self.default is None else [self.name, self.default]


class Formals(Node):
    """`{ a, b ? 1, ... }`; `ellipsis` says whether it accepts further arguments."""

    def __init__(self, start: i64, end: i64, items: list[Formal], ellipsis: bool) -> None:
        super().__init__(FORMALS, start, end)
        self.items = items
        self.ellipsis = ellipsis

    def children(self) -> list[Node]:
        out: list[Node] = []
        out.extend(self.items)
        return out


class LambdaArg(Node):
    """What stands before the colon: `name`, `formals`, or both with an `@` between.

    At least one of the two is set. Which came first is told by their spans.
    """

    def __init__(self, start: i64, end: i64, name: Name | None, formals: Formals | None) -> None:
        super().__init__(LAMBDA_ARG, start, end)
        self.name = name
        self.formals = formals

    def children(self) -> list[Node]:
        if self.formals is None:
            return [self.name] if self.name is not None else []
        if self.name is None:
            return [self.formals]
        if self.name.start < self.formals.start:
            return [self.name, self.formals]
        return [self.formals, self.name]


class ExprLambda(Node):
    """`arg: body`."""

    def __init__(self, start: i64, end: i64, arg: LambdaArg, body: Node) -> None:
        super().__init__(EXPR_LAMBDA, start, end)
        self.arg = arg
        self.body = body

    def children(self) -> list[Node]:
        return [self.arg, self.body]


class ExprLet(Node):
    """`let binds in body`."""

    def __init__(self, start: i64, end: i64, binds: list[Node], body: Node) -> None:
        super().__init__(EXPR_LET, start, end)
        self.binds = binds
        self.body = body

    def children(self) -> list[Node]:
        return [*self.binds, self.body]


class ExprLegacyLet(Node):
    """`let { binds }`, which means `(rec { binds }).body`."""

    def __init__(self, start: i64, end: i64, binds: list[Node]) -> None:
        super().__init__(EXPR_LEGACY_LET, start, end)
        self.binds = binds

    def children(self) -> list[Node]:
        return self.binds


class ExprWith(Node):
    """`with attrs; body`."""

    def __init__(self, start: i64, end: i64, attrs: Node, body: Node) -> None:
        super().__init__(EXPR_WITH, start, end)
        self.attrs = attrs
        self.body = body

    def children(self) -> list[Node]:
        return [self.attrs, self.body]


class ExprIf(Node):
    """`if cond then then_ else else_`."""

    def __init__(self, start: i64, end: i64, cond: Node, then_: Node, else_: Node) -> None:
        super().__init__(EXPR_IF, start, end)
        self.cond = cond
        self.then_ = then_
        self.else_ = else_

    def children(self) -> list[Node]:
        return [self.cond, self.then_, self.else_]


class ExprAssert(Node):
    """`assert cond; body`."""

    def __init__(self, start: i64, end: i64, cond: Node, body: Node) -> None:
        super().__init__(EXPR_ASSERT, start, end)
        self.cond = cond
        self.body = body

    def children(self) -> list[Node]:
        return [self.cond, self.body]


class ExprBinOp(Node):
    """`left op right`; `op` is one of IMPL … PIPE_INTO, `op_start` the offset of its text."""

    def __init__(
        self, start: i64, end: i64, op: i64, op_start: i64, left: Node, right: Node
    ) -> None:
        super().__init__(EXPR_BIN_OP, start, end)
        self.op = op
        self.op_start = op_start
        self.left = left
        self.right = right

    def children(self) -> list[Node]:
        return [self.left, self.right]


class ExprUnaryOp(Node):
    """`!operand` (NOT) or `-operand` (NEGATE)."""

    def __init__(self, start: i64, end: i64, op: i64, operand: Node) -> None:
        super().__init__(EXPR_UNARY_OP, start, end)
        self.op = op
        self.operand = operand

    def children(self) -> list[Node]:
        return [self.operand]


class ErrorNode(Node):
    """A place where an expression is missing or broken; `items` is what was understood of it."""

    def __init__(self, start: i64, end: i64, items: list[Node] | None) -> None:
        super().__init__(ERROR_NODE, start, end)
        self.items = items

    def children(self) -> list[Node]:
        return self.items if self.items is not None else []


def unparen(node: Node) -> Node:
    """The node inside any number of parentheses."""
    while isinstance(node, ExprParen):
        node = node.expr
    return node
