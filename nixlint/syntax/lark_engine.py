"""The grammar run by Lark itself: the authority that the fast driver is compared with.

Lark gets the tokens of `syntax/lexer.py` and builds its own plain tree from `nix.lark`; what
stands here turns that into the nodes of `syntax/nodes.py`. Nothing of the driver takes part:
operators are sorted out here a second time, by another method.

This module needs the package lark (the extra `nixlint[lark]`), raises ImportError without it,
and is never compiled.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final

from lark import Lark, Token
from lark import Tree as LarkTree
from lark.exceptions import UnexpectedToken
from lark.lexer import Lexer

import nixlint
from nixlint.syntax import nodes
from nixlint.syntax.errors import ParseError
from nixlint.syntax.ids import FIRST_TRIVIA, T_END, TERMINALS
from nixlint.syntax.lexer import Lexed, Tokens, tokenize
from nixlint.syntax.nodes import AttrName, AttrPath, Formal, Formals, LambdaArg, Name, Node
from nixlint.syntax.parser import parse
from nixlint.syntax.tables import load_tables
from nixlint.syntax.tree import Tree

Branch = LarkTree[Token]


class LarkParseError(ValueError):
    """What Lark did not accept. `start` and `end` of the token, `expected` terminals."""

    def __init__(self, start: int, end: int, found: str, expected: list[str]) -> None:
        super().__init__(f"{start}-{end}: unexpected {found}, expected {', '.join(expected)}")
        self.start = start
        self.end = end
        self.found = found
        self.expected = expected


class TokenFeed(Lexer):
    """Hands tokens that exist already to Lark."""

    def __init__(self, conf: Any) -> None:
        pass

    def lex(self, row: Row) -> Iterator[Token]:  # type: ignore[override]
        """The tokens of a text, blanks and comments left out."""
        text = row.text
        items = row.lexed.items
        for index in range(len(items) - 1):
            kind = items[index] & 255
            if kind < FIRST_TRIVIA:
                start = items[index] >> 8
                end = items[index + 1] >> 8
                yield Token(TERMINALS[kind], text[start:end], start_pos=start, end_pos=end)


class Row:
    """A text and its tokens, passed through Lark to `TokenFeed`."""

    def __init__(self, text: str, lexed: Lexed) -> None:
        self.text = text
        self.lexed = lexed


def grammar_path() -> str:
    """Where `nix.lark` is: in an installed package beside this module, else in the sources."""
    package = nixlint.__path__[0]
    installed = os.path.join(package, "syntax", "nix.lark")
    if os.path.exists(installed):
        return installed
    return os.path.join(os.path.dirname(package), "grammar", "nix.lark")


@lru_cache(maxsize=1)
def load_lark() -> Lark:
    """Lark with the Nix grammar, made at the first call."""
    with open(grammar_path(), encoding="utf-8") as file:
        return Lark(file.read(), parser="lalr", lexer=TokenFeed, keep_all_tokens=True)


def parse_with_lark(text: str) -> Tree:
    """Parses like `parser.parse`, but with Lark.

    Lark does not recover from errors: for text that it does not accept this returns the tree of
    nixlint's own parser with its errors. Should that parser find none, Lark's error is added.
    """
    try:
        return lark_tree(text)
    except LarkParseError as error:
        tree = parse(text)
        if not any(found.fatal for found in tree.errors):
            message = f"Lark does not accept this file: {error}"
            tree.errors.append(ParseError("syntax-error", message, error.start, error.end))
        return tree


def lark_tree(text: str) -> Tree:
    """The tree that Lark makes; raises `LarkParseError` where the grammar does not fit.

    `errors` holds what the lexer and the operators complain about, as from `parser.parse`.
    """
    lexed = tokenize(text, load_tables())
    branch = raw_tree(text, lexed)
    errors = list(lexed.errors)
    root = nodes.Root(0, len(text), Converter(text, errors).convert(branch.children[0]))
    return Tree(text, root, Tokens(lexed.items), errors)


def raw_tree(text: str, lexed: Lexed) -> Branch:
    """Lark's own tree: a `start` with one child."""
    try:
        return load_lark().parse(Row(text, lexed))
    except UnexpectedToken as error:
        token = error.token
        expected = sorted(error.expected)
        if token.type == TERMINALS[T_END]:
            raise LarkParseError(len(text), len(text), "end of file", expected) from None
        start = token.start_pos or 0
        end = token.end_pos or 0
        raise LarkParseError(start, end, f"{token.type} {token!s}", expected) from None


Made = Node | list[Any]
Parts = list[Any]
"""The children of a branch: tokens, and what was made of the branches among them."""

LEFT: Final = "left"
RIGHT: Final = "right"
NONE: Final = "none"

LEVELS: Final = (
    (RIGHT, ("->",)),
    (LEFT, ("||",)),
    (LEFT, ("&&",)),
    (NONE, ("==", "!=")),
    (NONE, ("<", ">", "<=", ">=")),
    (RIGHT, ("//",)),
    (NONE, ("!",)),
    (LEFT, ("+", "-")),
    (LEFT, ("*", "/")),
    (RIGHT, ("++",)),
    (LEFT, ("?",)),
    (NONE, ("unary -",)),
)
"""The operators from the loosest to the tightest."""

LEVEL_OF: Final = {text: level for level, (_, texts) in enumerate(LEVELS) for text in texts}


class Sign:
    """An operator of a row: binary, `?` with its path, or a prefix."""

    def __init__(self, token: Token, prefix: bool, path: AttrPath | None = None) -> None:
        self.text = "unary -" if prefix and str(token) == "-" else str(token)
        self.start = start_of(token)
        self.prefix = prefix
        self.path = path
        self.level = LEVEL_OF[self.text]
        self.association = LEVELS[self.level][0]


def start_of(token: Token) -> int:
    assert token.start_pos is not None
    return token.start_pos


def end_of(token: Token) -> int:
    assert token.end_pos is not None
    return token.end_pos


class Converter:
    """Turns Lark's tree into nodes, children first, without recursion."""

    def __init__(self, text: str, errors: list[ParseError]) -> None:
        self.text = text
        self.errors = errors

    def convert(self, top: Branch | Token) -> Node:
        """The node for a branch that is an expression."""
        assert isinstance(top, LarkTree)
        order: list[Branch] = []
        stack: list[Branch] = [top]
        while stack:
            branch = stack.pop()
            order.append(branch)
            stack.extend(child for child in branch.children if isinstance(child, LarkTree))
        made: dict[int, Made] = {}
        spans: dict[int, tuple[int, int]] = {}
        for branch in reversed(order):
            children = branch.children
            start = self.edge(children[0], spans)[0]
            end = self.edge(children[-1], spans)[1]
            spans[id(branch)] = (start, end)
            parts = [
                child if isinstance(child, Token) else made.pop(id(child)) for child in children
            ]
            rule = str(branch.data)
            made[id(branch)] = BUILDERS[rule](self, start, end, parts)
        result = made[id(top)]
        assert isinstance(result, Node)
        return result

    @staticmethod
    def edge(child: Branch | Token, spans: dict[int, tuple[int, int]]) -> tuple[int, int]:
        if isinstance(child, Token):
            return start_of(child), end_of(child)
        return spans[id(child)]

    # Functions and keywords.

    def lambda_name(self, start: int, end: int, parts: Parts) -> Node:
        name = self.binder(parts[0])
        arg = LambdaArg(name.start, name.end, name, None)
        return nodes.ExprLambda(start, end, arg, parts[2])

    def lambda_formals(self, start: int, end: int, parts: Parts) -> Node:
        formals = parts[0]
        arg = LambdaArg(formals.start, formals.end, None, formals)
        return nodes.ExprLambda(start, end, arg, parts[2])

    def lambda_both(self, start: int, end: int, parts: Parts) -> Node:
        first, second = parts[0], parts[2]
        if isinstance(first, Token):
            name, formals = self.binder(first), second
            arg = LambdaArg(name.start, formals.end, name, formals)
        else:
            name, formals = self.binder(second), first
            arg = LambdaArg(formals.start, name.end, name, formals)
        return nodes.ExprLambda(start, end, arg, parts[4])

    def assert_(self, start: int, end: int, parts: Parts) -> Node:
        return nodes.ExprAssert(start, end, parts[1], parts[3])

    def with_(self, start: int, end: int, parts: Parts) -> Node:
        return nodes.ExprWith(start, end, parts[1], parts[3])

    def let(self, start: int, end: int, parts: Parts) -> Node:
        binds = parts[1] if len(parts) == 4 else []
        return nodes.ExprLet(start, end, binds, parts[-1])

    def if_(self, start: int, end: int, parts: Parts) -> Node:
        return nodes.ExprIf(start, end, parts[1], parts[3], parts[5])

    # Operators.

    def pipe_from(self, start: int, end: int, parts: Parts) -> Node:
        op_start = start_of(parts[1])
        return nodes.ExprBinOp(start, end, nodes.PIPE_FROM, op_start, parts[0], parts[2])

    def pipe_into(self, start: int, end: int, parts: Parts) -> Node:
        op_start = start_of(parts[1])
        return nodes.ExprBinOp(start, end, nodes.PIPE_INTO, op_start, parts[0], parts[2])

    def row(self, start: int, end: int, parts: Parts) -> list[Any]:
        """Operands and signs in the order of the text."""
        row: list[Any] = parts[0] if isinstance(parts[0], list) else self.prefixed(parts[0])
        if isinstance(parts[2], AttrPath):
            row.append(Sign(parts[1], False, parts[2]))
        else:
            row.append(Sign(parts[1], False))
            row.extend(self.prefixed(parts[2]))
        return row

    @staticmethod
    def prefixed(node: Node) -> list[Any]:
        """An operand with its prefixes taken off again: in a row they may reach further."""
        out: list[Any] = []
        while isinstance(node, nodes.ExprUnaryOp):
            text = nodes.OPERATOR_TEXTS[node.op]
            out.append(Sign(Token("PREFIX", text, node.start, end_pos=node.start + 1), True))
            node = node.operand
        out.append(node)
        return out

    def resolve(self, start: int, end: int, parts: Parts) -> Node:
        """A row as nested operations, by Dijkstra's two stacks."""
        operands: list[Node] = []
        signs: list[Sign] = []
        for item in parts[0]:
            if isinstance(item, Node):
                operands.append(item)
                continue
            sign: Sign = item
            if not sign.prefix:
                self.close(sign, operands, signs)
            if sign.path is not None:
                base = operands.pop()
                operands.append(nodes.ExprOpHasAttr(base.start, sign.path.end, base, sign.path))
            else:
                signs.append(sign)
        while signs:
            self.apply(signs.pop(), operands)
        (node,) = operands
        return node

    def close(self, sign: Sign, operands: list[Node], signs: list[Sign]) -> None:
        """Applies what is complete to the left of `sign`."""
        while signs and signs[-1].level >= sign.level:
            before = signs[-1]
            if before.level == sign.level:
                if sign.association == RIGHT:
                    return
                if sign.association == NONE:
                    self.errors.append(
                        ParseError(
                            "non-associative-operator-chain",
                            f"`{sign.text}` does not chain",
                            sign.start,
                            sign.start + len(sign.text),
                        )
                    )
            self.apply(signs.pop(), operands)

    @staticmethod
    def apply(sign: Sign, operands: list[Node]) -> None:
        right = operands.pop()
        if sign.prefix:
            op = nodes.NOT if sign.text == "!" else nodes.NEGATE
            operands.append(nodes.ExprUnaryOp(sign.start, right.end, op, right))
            return
        left = operands.pop()
        op = nodes.OPERATOR_TEXTS.index(sign.text)
        operands.append(nodes.ExprBinOp(left.start, right.end, op, sign.start, left, right))

    def not_(self, start: int, end: int, parts: Parts) -> Node:
        return nodes.ExprUnaryOp(start, end, nodes.NOT, parts[1])

    def negate(self, start: int, end: int, parts: Parts) -> Node:
        return nodes.ExprUnaryOp(start, end, nodes.NEGATE, parts[1])

    # Calls and selections.

    def call_first(self, start: int, end: int, parts: Parts) -> Node:
        return nodes.ExprCall(start, end, parts[0], [parts[1]])

    def call_more(self, start: int, end: int, parts: Parts) -> Node:
        call = parts[0]
        call.args.append(parts[1])
        call.end = end
        assert isinstance(call, Node)
        return call

    def call_or(self, start: int, end: int, parts: Parts) -> Node:
        return nodes.ExprCall(start, end, parts[0], [nodes.ExprVar(start_of(parts[1]), end)])

    def select(self, start: int, end: int, parts: Parts) -> Node:
        default = parts[4] if len(parts) > 3 else None
        return nodes.ExprSelect(start, end, parts[0], parts[2], default)

    # Leaves and brackets.

    def var(self, start: int, end: int, parts: Parts) -> Node:
        constant = str(parts[0]) == "__curPos"
        return nodes.ExprPos(start, end) if constant else nodes.ExprVar(start, end)

    def int_(self, start: int, end: int, parts: Parts) -> Node:
        return nodes.ExprInt(start, end)

    def float_(self, start: int, end: int, parts: Parts) -> Node:
        return nodes.ExprFloat(start, end)

    def spath(self, start: int, end: int, parts: Parts) -> Node:
        return nodes.ExprSPath(start, end)

    def uri(self, start: int, end: int, parts: Parts) -> Node:
        return nodes.ExprUri(start, end)

    def paren(self, start: int, end: int, parts: Parts) -> Node:
        return nodes.ExprParen(start, end, parts[1])

    def list_(self, start: int, end: int, parts: Parts) -> Node:
        return nodes.ExprList(start, end, parts[1] if len(parts) == 3 else [])

    def attrs(self, start: int, end: int, parts: Parts) -> Node:
        return nodes.ExprAttrs(start, end, False, parts[1] if len(parts) == 3 else [])

    def rec(self, start: int, end: int, parts: Parts) -> Node:
        return nodes.ExprAttrs(start, end, True, parts[2] if len(parts) == 4 else [])

    def legacy_let(self, start: int, end: int, parts: Parts) -> Node:
        return nodes.ExprLegacyLet(start, end, parts[2] if len(parts) == 4 else [])

    def first(self, start: int, end: int, parts: Parts) -> Parts:
        return [parts[0]]

    def more(self, start: int, end: int, parts: Parts) -> Parts:
        grown: Parts = parts[0]
        grown.append(parts[-1])
        return grown

    # Strings and paths.

    def text_parts(self, start: int, end: int, parts: Parts) -> Parts:
        """The interpolations among the parts of a string or path."""
        out: Parts = []
        for part in parts:
            if isinstance(part, Node):
                out.append(part)
            elif not isinstance(part, Token):
                out = part
        return out

    def string(self, start: int, end: int, parts: Parts) -> Node:
        return nodes.ExprString(start, end, self.inner(parts))

    def ind_string(self, start: int, end: int, parts: Parts) -> Node:
        return nodes.ExprIndString(start, end, self.inner(parts))

    def path(self, start: int, end: int, parts: Parts) -> Node:
        return nodes.ExprPath(start, end, self.inner(parts))

    def hpath(self, start: int, end: int, parts: Parts) -> Node:
        return nodes.ExprHPath(start, end, self.inner(parts))

    @staticmethod
    def inner(parts: Parts) -> Parts | None:
        return parts[1] if len(parts) == 3 and parts[1] else None

    def interpolation(self, start: int, end: int, parts: Parts) -> Node:
        return nodes.Interpolation(start, end, parts[1])

    # Attributes.

    def binding(self, start: int, end: int, parts: Parts) -> Node:
        return nodes.Binding(start, end, parts[0], parts[2])

    def inherit(self, start: int, end: int, parts: Parts) -> Node:
        names = parts[1] if len(parts) == 3 else []
        return nodes.Inherit(start, end, None, names)

    def inherit_from(self, start: int, end: int, parts: Parts) -> Node:
        names = parts[4] if len(parts) == 6 else []
        return nodes.Inherit(start, end, parts[2], names)

    def attrpath_first(self, start: int, end: int, parts: Parts) -> Node:
        return AttrPath(start, end, parts[0], None)

    def attrpath_more(self, start: int, end: int, parts: Parts) -> Node:
        path: AttrPath = parts[0]
        if path.rest is None:
            path.rest = []
        path.rest.append(parts[2])
        path.end = end
        return path

    def attr_ident(self, start: int, end: int, parts: Parts) -> Node:
        return AttrName(start, end, nodes.IDENT_KEY, None)

    def attr_string(self, start: int, end: int, parts: Parts) -> Node:
        return AttrName(start, end, nodes.STRING_KEY, parts[0])

    def attr_dynamic(self, start: int, end: int, parts: Parts) -> Node:
        return AttrName(start, end, nodes.DYNAMIC_KEY, parts[0])

    # Formals.

    def formals_closed(self, start: int, end: int, parts: Parts) -> Node:
        return Formals(start, end, parts[1] if isinstance(parts[1], list) else [], False)

    def formals_open(self, start: int, end: int, parts: Parts) -> Node:
        return Formals(start, end, parts[1] if isinstance(parts[1], list) else [], True)

    def formal(self, start: int, end: int, parts: Parts) -> Node:
        default = parts[2] if len(parts) == 3 else None
        return Formal(start, end, self.binder(parts[0]), default)

    @staticmethod
    def binder(token: Token) -> Name:
        return Name(start_of(token), end_of(token))


BUILDERS: Final[dict[str, Callable[[Converter, int, int, Parts], Made]]] = {
    "lambda_name": Converter.lambda_name,
    "lambda_formals": Converter.lambda_formals,
    "lambda_formals_at": Converter.lambda_both,
    "lambda_at_formals": Converter.lambda_both,
    "assert_": Converter.assert_,
    "with_": Converter.with_,
    "let_empty": Converter.let,
    "let_": Converter.let,
    "if_": Converter.if_,
    "pipe_from": Converter.pipe_from,
    "pipe_into": Converter.pipe_into,
    "resolve": Converter.resolve,
    "row_first": Converter.row,
    "row_first_has_attr": Converter.row,
    "row_more": Converter.row,
    "row_more_has_attr": Converter.row,
    "not_": Converter.not_,
    "negate": Converter.negate,
    "call_first": Converter.call_first,
    "call_more": Converter.call_more,
    "call_or": Converter.call_or,
    "select": Converter.select,
    "select_or": Converter.select,
    "var": Converter.var,
    "int": Converter.int_,
    "float": Converter.float_,
    "spath": Converter.spath,
    "uri": Converter.uri,
    "paren": Converter.paren,
    "list_empty": Converter.list_,
    "list": Converter.list_,
    "attrs_empty": Converter.attrs,
    "attrs": Converter.attrs,
    "rec_empty": Converter.rec,
    "rec": Converter.rec,
    "legacy_let_empty": Converter.legacy_let,
    "legacy_let": Converter.legacy_let,
    "first": Converter.first,
    "more": Converter.more,
    "part_text": Converter.text_parts,
    "part_first": Converter.text_parts,
    "part_second": Converter.text_parts,
    "part_more_text": Converter.text_parts,
    "part_more": Converter.text_parts,
    "string_empty": Converter.string,
    "string": Converter.string,
    "ind_string_empty": Converter.ind_string,
    "ind_string": Converter.ind_string,
    "path": Converter.path,
    "path_parts": Converter.path,
    "hpath": Converter.hpath,
    "hpath_parts": Converter.hpath,
    "interpolation": Converter.interpolation,
    "binding": Converter.binding,
    "inherit_empty": Converter.inherit,
    "inherit_": Converter.inherit,
    "inherit_from_empty": Converter.inherit_from,
    "inherit_from": Converter.inherit_from,
    "attrpath_first": Converter.attrpath_first,
    "attrpath_more": Converter.attrpath_more,
    "attr_ident": Converter.attr_ident,
    "attr_string": Converter.attr_string,
    "attr_dynamic": Converter.attr_dynamic,
    "formals_empty": Converter.formals_closed,
    "formals_any": Converter.formals_open,
    "formals_closed": Converter.formals_closed,
    "formals_open": Converter.formals_open,
    "formal": Converter.formal,
    "formal_default": Converter.formal,
}
