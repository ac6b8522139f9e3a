"""The LALR driver: from tokens to the tree, by the tables that `grammar/compile.py` made.

One loop, no recursion, a node only where the tree has one. Two shortcuts over a textbook
driver, both prepared in the tables: a token that is a whole expression is turned into its node
without going through the stack, and chains of rules that build nothing are followed in one step.

When no action fits, the driver stops and leaves its stacks as they are; `syntax/recover.py`
changes the tokens ahead (inserts what is missing, skips what is too much) and the driver goes on.
"""

from __future__ import annotations

from typing import Final, cast

from nixlint.syntax import nodes
from nixlint.syntax.errors import ParseError
from nixlint.syntax.ids import (
    A_ASSERT,
    A_ATTR_DYNAMIC,
    A_ATTR_IDENT,
    A_ATTR_MISSING,
    A_ATTR_STRING,
    A_ATTRPATH_FIRST,
    A_ATTRPATH_MORE,
    A_ATTRS,
    A_ATTRS_EMPTY,
    A_BINDING,
    A_CALL_FIRST,
    A_CALL_MORE,
    A_CALL_OR,
    A_FIRST,
    A_FLOAT,
    A_FORMAL,
    A_FORMAL_DEFAULT,
    A_FORMALS_ANY,
    A_FORMALS_CLOSED,
    A_FORMALS_EMPTY,
    A_FORMALS_OPEN,
    A_HPATH,
    A_HPATH_PARTS,
    A_IF,
    A_IND_STRING,
    A_IND_STRING_EMPTY,
    A_INHERIT,
    A_INHERIT_EMPTY,
    A_INHERIT_FROM,
    A_INHERIT_FROM_EMPTY,
    A_INT,
    A_INTERPOLATION,
    A_LAMBDA_AT_FORMALS,
    A_LAMBDA_FORMALS,
    A_LAMBDA_FORMALS_AT,
    A_LAMBDA_NAME,
    A_LEGACY_LET,
    A_LEGACY_LET_EMPTY,
    A_LET,
    A_LET_EMPTY,
    A_LIST,
    A_LIST_EMPTY,
    A_MISSING,
    A_MORE,
    A_NEGATE,
    A_NOT,
    A_PAREN,
    A_PART_FIRST,
    A_PART_MORE,
    A_PART_MORE_TEXT,
    A_PART_SECOND,
    A_PART_TEXT,
    A_PASS,
    A_PATH,
    A_PATH_PARTS,
    A_PIPE_FROM,
    A_PIPE_INTO,
    A_REC,
    A_REC_EMPTY,
    A_RESOLVE,
    A_ROW_FIRST,
    A_ROW_FIRST_HAS_ATTR,
    A_ROW_MORE,
    A_ROW_MORE_HAS_ATTR,
    A_SELECT,
    A_SELECT_OR,
    A_SPATH,
    A_START,
    A_STRING,
    A_STRING_EMPTY,
    A_URI,
    A_VAR,
    A_WITH,
    FIRST_TRIVIA,
    T_END,
)
from nixlint.syntax.nodes import (
    DYNAMIC_KEY,
    IDENT_KEY,
    PIPE_FROM,
    PIPE_INTO,
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
    ExprHPath,
    ExprIf,
    ExprIndString,
    ExprInt,
    ExprLambda,
    ExprLegacyLet,
    ExprLet,
    ExprList,
    ExprParen,
    ExprPath,
    ExprPos,
    ExprSelect,
    ExprSPath,
    ExprString,
    ExprUnaryOp,
    ExprUri,
    ExprVar,
    ExprWith,
    Formal,
    Formals,
    Inherit,
    Interpolation,
    LambdaArg,
    Name,
    Node,
)
from nixlint.syntax.operators import (
    as_row,
    binary_operator,
    first_of_row,
    first_of_row_has_attr,
    resolve,
)
from nixlint.syntax.tables import Tables
from nixlint.text.arrays import append, i64, vec

MAX_STACK: Final = 10_000
"""How many unfinished symbols the parser holds, as in Nix 2.8 (bison's YYMAXDEPTH)."""

NO_BINDS: Final[list[Node]] = []
NO_FORMALS: Final[list[Formal]] = []
NO_NAMES: Final[list[AttrName]] = []

GROWING: Final = Node(-1, 0, 0)

DONE: Final = 1
STUCK: Final = 2
TOO_DEEP: Final = 3


class Driver:
    """The state of one parse: stacks that `recover.py` may look at while the driver is stuck.

    `states[k]`, `values[k]` and `begins[k]` (the index of the first token) describe the symbol at
    height `k`; height 0 is the start state. `at` is the index of the next token, `errors` collects
    what the operator rows complain about. Lists that are still growing stand in `lists`; a symbol
    that owns one has the value `GROWING`.
    """

    def __init__(self, text: str, items: vec[i64], tables: Tables) -> None:
        self.text = text
        self.items = items
        self.tables = tables
        self.states: vec[i64] = vec[i64]([tables.start])
        self.begins: vec[i64] = vec[i64]([0])
        self.values: vec[Node | None] = vec[Node | None]([None])
        self.lists: list[list[Node]] = []
        self.top = 0
        self.at = 0
        self.max_stack: int = MAX_STACK
        self.errors: list[ParseError] = []
        self.result: Node | None = None

    def drop(self, count: int) -> int:
        """Takes `count` symbols off the stack; returns the index of the first dropped token."""
        first = self.at
        for _ in range(count):
            if self.values[self.top] is GROWING:
                self.lists.pop()
            first = self.begins[self.top]
            self.top -= 1
        return first

    def save(
        self,
        states: vec[i64],
        begins: vec[i64],
        values: vec[Node | None],
        top: i64,
        at: i64,
    ) -> None:
        self.states = states
        self.begins = begins
        self.values = values
        self.top = top
        self.at = at

    def run(self) -> int:
        """Parses until the end (DONE), a token that fits nowhere (STUCK), or TOO_DEEP."""
        text = self.text
        items = self.items
        tables = self.tables
        shift = tables.shift
        reduce = tables.reduce
        lengths = tables.lengths
        heads = tables.heads
        actions = tables.actions
        atoms = tables.atoms
        chain_rows = tables.chain_rows
        chain = tables.chain
        states = self.states
        begins = self.begins
        values = self.values
        lists = self.lists
        top: i64 = self.top
        state: i64 = states[top]
        at: i64 = self.at
        while items[at] & 255 >= FIRST_TRIVIA:
            at += 1
        token: i64 = items[at] & 255
        end: i64 = 0
        if at > 0:
            before: i64 = at - 1
            while before > 0 and items[before] & 255 >= FIRST_TRIVIA:
                before -= 1
            end = items[before + 1] >> 8
        while True:
            target: i64 = shift[state << 6 | token]
            start: i64
            begin: i64
            rule: i64
            action: i64
            value: Node | None
            if target != 0:
                state = target - 1
                begin = at
                start = items[at] >> 8
                at += 1
                end = items[at] >> 8
                rule = atoms[state]
                while items[at] & 255 >= FIRST_TRIVIA:
                    at += 1
                token = items[at] & 255
                if rule == 0:
                    top += 1
                    if top == len(states):
                        if top >= self.max_stack:
                            self.save(states, begins, values, top - 1, at)
                            return TOO_DEEP
                        states = append(states, state)
                        begins = append(begins, begin)
                        values = append(values, None)
                    else:
                        states[top] = state
                        begins[top] = begin
                        values[top] = None
                    continue
                action = actions[rule - 1]
                if action == A_VAR:
                    value = variable(text, start, end)
                elif action == A_ATTR_IDENT:
                    value = AttrName(start, end, IDENT_KEY, None)
                elif action == A_PART_TEXT:
                    value = None
                else:
                    value = literal(action, start, end)
                rule -= 1
            else:
                rule = i64(reduce[state << 6 | token]) - 1
                if rule < 0:
                    self.save(states, begins, values, top, at)
                    if token == T_END and state == tables.accepting:
                        self.result = values[top]
                        return DONE
                    return STUCK
                action = actions[rule]
                length: i64 = lengths[rule]
                top -= length
                begin = begins[top + 1]
                start = items[begin] >> 8
                base: i64 = top + 1
                value = None
                if action == A_VAR:
                    value = variable(text, start, end)
                elif action == A_ATTR_IDENT:
                    value = AttrName(start, end, IDENT_KEY, None)
                elif action == A_BINDING:
                    value = Binding(
                        start, end, cast(AttrPath, values[base]), cast(Node, values[base + 2])
                    )
                elif action == A_ATTRPATH_FIRST:
                    value = AttrPath(start, end, cast(AttrName, values[base]), None)
                elif action == A_ATTRPATH_MORE:
                    path = cast(AttrPath, values[base])
                    rest = path.rest
                    if rest is None:
                        path.rest = [cast(AttrName, values[base + 2])]
                    else:
                        rest.append(cast(AttrName, values[base + 2]))
                    path.end = end
                    value = path
                elif action == A_FIRST:
                    lists.append([cast(Node, values[base])])
                    value = GROWING
                elif action == A_MORE:
                    lists[-1].append(cast(Node, values[top + length]))
                    value = GROWING
                elif action == A_SELECT:
                    value = ExprSelect(
                        start,
                        end,
                        cast(Node, values[base]),
                        cast(AttrPath, values[base + 2]),
                        None,
                    )
                elif action == A_CALL_FIRST:
                    value = ExprCall(
                        start, end, cast(Node, values[base]), [cast(Node, values[base + 1])]
                    )
                elif action == A_CALL_MORE:
                    call = cast(ExprCall, values[base])
                    call.args.append(cast(Node, values[base + 1]))
                    call.end = end
                    value = call
                elif action == A_STRING:
                    value = ExprString(
                        start, end, lists.pop() if values[base + 1] is GROWING else None
                    )
                elif action == A_IND_STRING:
                    value = ExprIndString(
                        start, end, lists.pop() if values[base + 1] is GROWING else None
                    )
                elif action == A_PART_MORE_TEXT:
                    value = values[base]
                elif action == A_INTERPOLATION:
                    value = Interpolation(start, end, cast(Node, values[base + 1]))
                elif action == A_PART_FIRST:
                    lists.append([cast(Node, values[base])])
                    value = GROWING
                elif action == A_PART_SECOND:
                    lists.append([cast(Node, values[base + 1])])
                    value = GROWING
                elif action == A_PART_MORE:
                    if values[base] is GROWING:
                        lists[-1].append(cast(Node, values[base + 1]))
                    else:
                        lists.append([cast(Node, values[base + 1])])
                    value = GROWING
                elif action == A_ATTRS:
                    value = ExprAttrs(start, end, False, lists.pop())
                elif action == A_LIST:
                    value = ExprList(start, end, lists.pop())
                elif action == A_PAREN:
                    value = ExprParen(start, end, cast(Node, values[base + 1]))
                elif action == A_ROW_FIRST:
                    value = first_of_row(
                        text,
                        start,
                        end,
                        items[begins[base + 1]] >> 8,
                        cast(Node, values[base]),
                        cast(Node, values[base + 2]),
                    )
                elif action == A_RESOLVE:
                    value = resolve(cast(Node, values[base]), self.errors)
                elif action == A_ROW_MORE:
                    row = as_row(cast(Node, values[base]))
                    op_start: i64 = items[begins[base + 1]] >> 8
                    row.push(
                        binary_operator(text, op_start), op_start, cast(Node, values[base + 2])
                    )
                    value = row
                elif action == A_ATTR_STRING:
                    value = AttrName(start, end, STRING_KEY, values[base])
                elif action == A_ATTR_DYNAMIC:
                    value = AttrName(start, end, DYNAMIC_KEY, values[base])
                elif action == A_LAMBDA_NAME:
                    stop: i64 = items[begin + 1] >> 8
                    value = ExprLambda(
                        start,
                        end,
                        LambdaArg(start, stop, Name(start, stop), None),
                        cast(Node, values[base + 2]),
                    )
                elif action == A_FORMAL:
                    value = Formal(start, end, Name(start, end), None)
                elif action == A_INHERIT:
                    value = Inherit(start, end, None, cast(list[AttrName], lists.pop()))
                elif action == A_INHERIT_FROM:
                    value = Inherit(
                        start,
                        end,
                        cast(Node, values[base + 2]),
                        cast(list[AttrName], lists.pop()),
                    )
                elif action == A_ATTRS_EMPTY:
                    value = ExprAttrs(start, end, False, NO_BINDS)
                elif action == A_LIST_EMPTY:
                    value = ExprList(start, end, NO_BINDS)
                elif action == A_PATH:
                    value = ExprPath(start, end, None)
                elif action == A_STRING_EMPTY:
                    value = ExprString(start, end, None)
                elif action == A_NOT:
                    value = ExprUnaryOp(start, end, nodes.NOT, cast(Node, values[base + 1]))
                elif action == A_SELECT_OR:
                    value = ExprSelect(
                        start,
                        end,
                        cast(Node, values[base]),
                        cast(AttrPath, values[base + 2]),
                        cast(Node, values[base + 4]),
                    )
                elif action == A_WITH:
                    value = ExprWith(
                        start, end, cast(Node, values[base + 1]), cast(Node, values[base + 3])
                    )
                elif action == A_IF:
                    value = ExprIf(
                        start,
                        end,
                        cast(Node, values[base + 1]),
                        cast(Node, values[base + 3]),
                        cast(Node, values[base + 5]),
                    )
                elif action == A_LAMBDA_FORMALS:
                    formals = cast(Formals, values[base])
                    value = ExprLambda(
                        start,
                        end,
                        LambdaArg(start, formals.end, None, formals),
                        cast(Node, values[base + 2]),
                    )
                elif action == A_LET:
                    value = ExprLet(start, end, lists.pop(), cast(Node, values[base + 3]))
                else:
                    value = self.reduce_rare(action, base, values, begins, start, end)
            under: i64 = states[top]
            cell: i64 = (under << 5 | heads[rule]) << 1
            row_number: i64 = i64(chain_rows[cell]) | i64(chain_rows[cell + 1]) << 8
            state = chain[row_number << 6 | token]
            top += 1
            if top == len(states):
                states = append(states, state)
                begins = append(begins, begin)
                values = append(values, value)
            else:
                states[top] = state
                begins[top] = begin
                values[top] = value

    def reduce_rare(
        self,
        action: i64,
        base: i64,
        values: vec[Node | None],
        begins: vec[i64],
        start: i64,
        end: i64,
    ) -> Node | None:
        """The actions that are not worth a place in the loop."""
        items = self.items
        lists = self.lists
        if action == A_ROW_FIRST_HAS_ATTR:
            return first_of_row_has_attr(
                start, end, cast(Node, values[base]), cast(AttrPath, values[base + 2])
            )
        if action == A_ROW_MORE_HAS_ATTR:
            row = as_row(cast(Node, values[base]))
            row.has_attr(cast(AttrPath, values[base + 2]))
            return row
        if action == A_NEGATE:
            return ExprUnaryOp(start, end, nodes.NEGATE, cast(Node, values[base + 1]))
        if action == A_CALL_OR:
            or_start: i64 = items[begins[base + 1]] >> 8
            return ExprCall(start, end, cast(Node, values[base]), [ExprVar(or_start, end)])
        if action == A_REC:
            return ExprAttrs(start, end, True, lists.pop())
        if action == A_REC_EMPTY:
            return ExprAttrs(start, end, True, NO_BINDS)
        if action == A_LEGACY_LET:
            return ExprLegacyLet(start, end, lists.pop())
        if action == A_LEGACY_LET_EMPTY:
            return ExprLegacyLet(start, end, NO_BINDS)
        if action == A_LET_EMPTY:
            return ExprLet(start, end, NO_BINDS, cast(Node, values[base + 2]))
        if action == A_ASSERT:
            return ExprAssert(
                start, end, cast(Node, values[base + 1]), cast(Node, values[base + 3])
            )
        if action == A_IND_STRING_EMPTY:
            return ExprIndString(start, end, None)
        if action == A_PATH_PARTS:
            return ExprPath(start, end, lists.pop())
        if action == A_HPATH:
            return ExprHPath(start, end, None)
        if action == A_HPATH_PARTS:
            return ExprHPath(start, end, lists.pop())
        if action == A_INHERIT_EMPTY:
            return Inherit(start, end, None, NO_NAMES)
        if action == A_INHERIT_FROM_EMPTY:
            return Inherit(start, end, cast(Node, values[base + 2]), NO_NAMES)
        if action == A_FORMAL_DEFAULT:
            stop: i64 = items[begins[base] + 1] >> 8
            return Formal(start, end, Name(start, stop), cast(Node, values[base + 2]))
        if action == A_FORMALS_EMPTY:
            return Formals(start, end, NO_FORMALS, False)
        if action == A_FORMALS_ANY:
            return Formals(start, end, NO_FORMALS, True)
        if action == A_FORMALS_CLOSED:
            return Formals(start, end, cast(list[Formal], lists.pop()), False)
        if action == A_FORMALS_OPEN:
            return Formals(start, end, cast(list[Formal], lists.pop()), True)
        if action == A_LAMBDA_FORMALS_AT:
            formals = cast(Formals, values[base])
            name = self.name_at(begins[base + 2])
            arg = LambdaArg(start, name.end, name, formals)
            return ExprLambda(start, end, arg, cast(Node, values[base + 4]))
        if action == A_LAMBDA_AT_FORMALS:
            formals = cast(Formals, values[base + 2])
            name = self.name_at(begins[base])
            arg = LambdaArg(start, formals.end, name, formals)
            return ExprLambda(start, end, arg, cast(Node, values[base + 4]))
        if action == A_PIPE_FROM or action == A_PIPE_INTO:
            return ExprBinOp(
                start,
                end,
                PIPE_FROM if action == A_PIPE_FROM else PIPE_INTO,
                items[begins[base + 1]] >> 8,
                cast(Node, values[base]),
                cast(Node, values[base + 2]),
            )
        if action == A_START or action == A_PASS:
            # Chains skip rules that build nothing, except when recovery changed the lookahead.
            return values[base]
        return literal(action, start, end)

    def name_at(self, index: i64) -> Name:
        return Name(self.items[index] >> 8, self.items[index + 1] >> 8)


def variable(text: str, start: i64, end: i64) -> Node:
    """A variable, or the constant `__curPos`."""
    if end - start == 8 and text[start:end] == "__curPos":
        return ExprPos(start, end)
    return ExprVar(start, end)


def literal(action: i64, start: i64, end: i64) -> Node | None:
    """The rules of one token that are rarer than a variable."""
    if action == A_INT:
        return ExprInt(start, end)
    if action == A_SPATH:
        return ExprSPath(start, end)
    if action == A_URI:
        return ExprUri(start, end)
    if action == A_FLOAT:
        return ExprFloat(start, end)
    if action == A_MISSING:
        return ErrorNode(start, end, None)
    if action == A_ATTR_MISSING:
        return AttrName(start, end, IDENT_KEY, None)
    if action == A_PART_TEXT:
        return None
    raise AssertionError(f"action {action} has no code")
