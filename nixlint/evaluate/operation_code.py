"""Operators and conditions, ready to be evaluated; see `code.py`."""

from __future__ import annotations

from typing import Final

from nixlint.evaluate.code import position_value
from nixlint.evaluate.operators import (
    add,
    concat,
    divide,
    equal,
    less,
    multiply,
    subtract,
    update,
)
from nixlint.evaluate.values import (
    ANY,
    ASSERTION,
    BOOL,
    FALSE,
    TRUE,
    TYPE_NAMES,
    Code,
    CodeFile,
    Env,
    Machine,
    NixError,
    Value,
    VBool,
    VInt,
    VUnknown,
    boolean,
    type_error,
    wrong_type,
)
from nixlint.text.arrays import i64


def condition(m: Machine, value: Value, site: Code) -> int:
    """1 for true, 0 for false, 2 when it is unknown."""
    if isinstance(value, VBool):
        return 1 if value.value else 0
    if isinstance(value, VUnknown):
        if value.shape != ANY and value.shape != BOOL:
            raise type_error(
                f"value is {TYPE_NAMES[value.shape]} while a Boolean was expected", site
            )
        return 2
    raise wrong_type(value, "a Boolean", site)


class If(Code):
    def __init__(
        self, file: CodeFile, start: i64, end: i64, cond: Code, then_: Code, else_: Code
    ) -> None:
        super().__init__(file, start, end)
        self.cond = cond
        self.then_ = then_
        self.else_ = else_

    def eval(self, m: Machine, env: Env) -> Value:
        cond = self.cond.eval(m, env)
        if cond is TRUE:
            return self.then_.eval(m, env)
        if cond is FALSE:
            return self.else_.eval(m, env)
        condition(m, cond, self.cond)
        assert isinstance(cond, VUnknown)
        return VUnknown(
            cond.reason,
            cond.file,
            cond.start,
            "",
            ANY,
            [self.then_.thunk(m, env), self.else_.thunk(m, env)],
        )


class Assert(Code):
    """`assert cond; body`."""

    def __init__(self, file: CodeFile, start: i64, end: i64, cond: Code, body: Code) -> None:
        super().__init__(file, start, end)
        self.cond = cond
        self.body = body

    def eval(self, m: Machine, env: Env) -> Value:
        cond = self.cond.eval(m, env)
        answer = condition(m, cond, self.cond)
        if answer == 1:
            return self.body.eval(m, env)
        if answer == 0:
            raise NixError(ASSERTION, "assertion failed", self.file, self.start)
        assert isinstance(cond, VUnknown)
        return VUnknown(cond.reason, cond.file, cond.start, "", ANY, [self.body.thunk(m, env)])


class Logic(Code):
    """`&&`, `||` and `->`: `left` equal to `decides` gives `result` without `right`."""

    def __init__(
        self,
        file: CodeFile,
        start: i64,
        end: i64,
        left: Code,
        right: Code,
        decides: bool,
        result: bool,
    ) -> None:
        super().__init__(file, start, end)
        self.left = left
        self.right = right
        self.decides = decides
        self.result = result

    def eval(self, m: Machine, env: Env) -> Value:
        left = self.left.eval(m, env)
        answer = condition(m, left, self.left)
        if answer == 2:
            assert isinstance(left, VUnknown)
            return VUnknown(left.reason, left.file, left.start, "", BOOL)
        if (answer == 1) == self.decides:
            return boolean(self.result)
        right = self.right.eval(m, env)
        condition(m, right, self.right)
        return right


class Not(Code):
    def __init__(self, file: CodeFile, start: i64, end: i64, operand: Code) -> None:
        super().__init__(file, start, end)
        self.operand = operand

    def eval(self, m: Machine, env: Env) -> Value:
        value = self.operand.eval(m, env)
        answer = condition(m, value, self.operand)
        if answer == 2:
            assert isinstance(value, VUnknown)
            return value.derived(BOOL)
        return boolean(answer == 0)


class Negate(Code):
    """`-operand`, which Nix reads as `0 - operand`."""

    def __init__(self, file: CodeFile, start: i64, end: i64, operand: Code) -> None:
        super().__init__(file, start, end)
        self.operand = operand

    def eval(self, m: Machine, env: Env) -> Value:
        return subtract(VInt(0), self.operand.eval(m, env), self)


class Equal(Code):
    """`==`, or `!=` if `negated`."""

    def __init__(
        self, file: CodeFile, start: i64, end: i64, left: Code, right: Code, negated: bool
    ) -> None:
        super().__init__(file, start, end)
        self.left = left
        self.right = right
        self.negated = negated

    def eval(self, m: Machine, env: Env) -> Value:
        left = self.left.eval(m, env)
        verdict = equal(m, left, self.right.eval(m, env), self)
        if self.negated and isinstance(verdict, VBool):
            return boolean(not verdict.value)
        return verdict


class Less(Code):
    """`<` and its kin: `swapped` for `>` and `<=`, `negated` for `<=` and `>=`."""

    def __init__(
        self,
        file: CodeFile,
        start: i64,
        end: i64,
        left: Code,
        right: Code,
        swapped: bool,
        negated: bool,
    ) -> None:
        super().__init__(file, start, end)
        self.left = left
        self.right = right
        self.swapped = swapped
        self.negated = negated

    def eval(self, m: Machine, env: Env) -> Value:
        if self.swapped:
            right = self.right.eval(m, env)
            verdict = less(m, right, self.left.eval(m, env), self)
        else:
            left = self.left.eval(m, env)
            verdict = less(m, left, self.right.eval(m, env), self)
        if self.negated and isinstance(verdict, VBool):
            return boolean(not verdict.value)
        return verdict


OP_ADD: Final = 0
OP_SUBTRACT: Final = 1
OP_MULTIPLY: Final = 2
OP_DIVIDE: Final = 3
OP_CONCAT: Final = 4
OP_UPDATE: Final = 5


class Operation(Code):
    """An operator that needs both its operands."""

    def __init__(
        self, file: CodeFile, start: i64, end: i64, op: i64, left: Code, right: Code
    ) -> None:
        super().__init__(file, start, end)
        self.op: i64 = op
        self.left = left
        self.right = right

    def eval(self, m: Machine, env: Env) -> Value:
        op = self.op
        left = self.left.eval(m, env)
        right = self.right.eval(m, env)
        if op == OP_ADD:
            return add(m, left, right, self)
        if op == OP_UPDATE:
            return update(left, right, self)
        if op == OP_CONCAT:
            return concat(m, left, right, self)
        if op == OP_SUBTRACT:
            return subtract(left, right, self)
        if op == OP_MULTIPLY:
            return multiply(left, right, self)
        return divide(left, right, self)


class Position(Code):
    """`__curPos`. Line and column count from 1; the column counts bytes."""

    def eval(self, m: Machine, env: Env) -> Value:
        return position_value(self.file, self.start)
