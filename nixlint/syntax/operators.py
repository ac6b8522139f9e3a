"""Precedence: from a flat row of operands and operators to nested nodes.

The table is Nix's own (`parser.y`), and the method is what yacc does with it: before an operator
is shifted, every complete operation on the stack that binds tighter is reduced.
A prefix operator may stand in any operand position and then reaches right over everything that
binds tighter than itself (`1 * !a + 2` is `1 * (!(a + 2))`), which layers of grammar rules
cannot express; this is why the grammar leaves rows flat.
"""

from __future__ import annotations

from typing import Final

from nixlint.syntax.errors import ParseError
from nixlint.syntax.nodes import (
    AND,
    CONCAT,
    DIV,
    EQ,
    GEQ,
    GT,
    IMPL,
    LEQ,
    LT,
    MINUS,
    MUL,
    NEQ,
    NOT,
    OPERATOR_TEXTS,
    OR,
    PLUS,
    UPDATE,
    AttrPath,
    ExprBinOp,
    ExprOpHasAttr,
    ExprUnaryOp,
    Node,
)
from nixlint.text.arrays import i64

# Indexed by operator: IMPL OR AND EQ NEQ LT GT LEQ GEQ UPDATE CONCAT PLUS MINUS MUL DIV,
# the two pipes (never in a row), NOT, NEGATE.
PRECEDENCE: Final = bytes([1, 2, 3, 4, 4, 5, 5, 5, 5, 6, 10, 8, 8, 9, 9, 0, 0, 7, 12])
HAS_ATTR_PRECEDENCE: Final = 11
LEFT: Final = 0
RIGHT: Final = 1
NONE: Final = 2
ASSOCIATIVITY: Final = bytes([1, 0, 0, 2, 2, 2, 2, 2, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0])

ROW: Final = 100
"""The kind of `Row`, which never gets into a tree."""


class Row(Node):
    """A row that is still being read: operands and the operators waiting between them."""

    def __init__(self, start: i64, end: i64) -> None:
        super().__init__(ROW, start, end)
        self.operands: list[Node] = []
        self.ops: list[int] = []
        self.op_starts: list[int] = []
        self.clashes: list[tuple[int, int, int, int]] = []
        """Operators that do not associate: (operator, start, the one before, its start)."""

    def operand(self, node: Node) -> None:
        """Adds an operand; prefix operators in front of it join the row."""
        while isinstance(node, ExprUnaryOp):
            self.ops.append(node.op)
            self.op_starts.append(node.start)
            node = node.operand
        self.operands.append(node)

    def push(self, op: int, op_start: int, node: Node) -> None:
        """Adds a binary operator and the operand to its right."""
        precedence = PRECEDENCE[op]
        while self.ops:
            other = self.ops[-1]
            if PRECEDENCE[other] < precedence:
                break
            if PRECEDENCE[other] == precedence:
                associativity = ASSOCIATIVITY[op]
                if associativity == RIGHT:
                    break
                if associativity == NONE:
                    self.clashes.append((op, op_start, other, self.op_starts[-1]))
            self.reduce()
        self.ops.append(op)
        self.op_starts.append(op_start)
        self.operand(node)

    def has_attr(self, path: AttrPath) -> None:
        """Applies `? path` to the last operand."""
        while self.ops and PRECEDENCE[self.ops[-1]] > HAS_ATTR_PRECEDENCE:
            self.reduce()
        base = self.operands[-1]
        self.operands[-1] = ExprOpHasAttr(base.start, path.end, base, path)

    def reduce(self) -> None:
        op = self.ops.pop()
        op_start = self.op_starts.pop()
        right = self.operands.pop()
        if op >= NOT:
            self.operands.append(ExprUnaryOp(op_start, right.end, op, right))
        else:
            left = self.operands.pop()
            self.operands.append(ExprBinOp(left.start, right.end, op, op_start, left, right))

    def finish(self) -> Node:
        while self.ops:
            self.reduce()
        return self.operands[-1]


def first_of_row(text: str, start: i64, end: i64, op_start: i64, left: Node, right: Node) -> Node:
    """`left op right`: a finished node unless a prefix operator makes it a `Row`."""
    op = binary_operator(text, op_start)
    if isinstance(left, ExprUnaryOp) or isinstance(right, ExprUnaryOp):
        row = Row(start, end)
        row.operand(left)
        row.push(op, op_start, right)
        return row
    return ExprBinOp(start, end, op, op_start, left, right)


def first_of_row_has_attr(start: i64, end: i64, base: Node, path: AttrPath) -> Node:
    """`base ? path`: a finished node unless a prefix operator makes it a `Row`."""
    if isinstance(base, ExprUnaryOp):
        row = Row(start, end)
        row.operand(base)
        row.has_attr(path)
        return row
    return ExprOpHasAttr(start, end, base, path)


def as_row(value: Node) -> Row:
    """The row so far, reopened if it was taken for finished."""
    if isinstance(value, Row):
        return value
    row = Row(value.start, value.end)
    if isinstance(value, ExprBinOp):
        row.operand(value.left)
        row.push(value.op, value.op_start, value.right)
    else:
        row.operands.append(value)
    return row


def resolve(value: Node, errors: list[ParseError]) -> Node:
    """The finished expression of a row; complains about chains such as `a < b < c`."""
    if not isinstance(value, Row):
        return value
    node = value.finish()
    for op, op_start, before, before_start in value.clashes[:1]:
        text = OPERATOR_TEXTS[op]
        error = ParseError(
            "non-associative-operator-chain",
            f"`{text}` does not chain: say with parentheses what is compared first",
            op_start,
            op_start + len(text),
        )
        end = before_start + len(OPERATOR_TEXTS[before])
        error.note("the operator before it", before_start, end)
        errors.append(error)
    return node


def binary_operator(text: str, start: i64) -> int:
    """The operator whose text starts at `start`."""
    c: i64 = ord(text[start])
    d: i64 = ord(text[start + 1]) if start + 1 < len(text) else 0
    if c == 43:
        return CONCAT if d == 43 else PLUS
    if c == 47:
        return UPDATE if d == 47 else DIV
    if c == 45:
        return IMPL if d == 62 else MINUS
    if c == 61:
        return EQ
    if c == 33:
        return NEQ
    if c == 38:
        return AND
    if c == 124:
        return OR
    if c == 60:
        return LEQ if d == 61 else LT
    if c == 62:
        return GEQ if d == 61 else GT
    return MUL
