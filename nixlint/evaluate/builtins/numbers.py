"""Builtins: arithmetic, order, bits."""

from __future__ import annotations

from math import ceil, floor, isinf, isnan
from typing import Final

from nixlint.evaluate.builtins.arguments import forced_int
from nixlint.evaluate.builtins.table import Table
from nixlint.evaluate.operators import (
    as_float,
    divide,
    integer,
    less,
    multiply,
    number_operands,
    subtract,
)
from nixlint.evaluate.values import (
    ANY,
    INT,
    Code,
    Machine,
    Value,
    VFloat,
    VInt,
    VUnknown,
    unknown_at,
    wrong_type,
)

EXACT: Final = 2**53
"""Integers up to here survive the way through a float."""


def prim_add(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.add a b`: numbers only."""
    left = args[0].force(m)
    right = args[1].force(m)
    cause = number_operands(left, right, site)
    if cause is not None:
        return cause.derived(ANY)
    if isinstance(left, VInt) and isinstance(right, VInt):
        return integer(left.value + right.value, site)
    return VFloat(as_float(left) + as_float(right))


def prim_sub(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.sub a b`."""
    left = args[0].force(m)
    return subtract(left, args[1].force(m), site)


def prim_mul(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.mul a b`."""
    left = args[0].force(m)
    return multiply(left, args[1].force(m), site)


def prim_div(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.div a b`."""
    left = args[0].force(m)
    return divide(left, args[1].force(m), site)


def prim_less_than(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.lessThan a b`."""
    left = args[0].force(m)
    return less(m, left, args[1].force(m), site)


def prim_bit_and(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.bitAnd a b`."""
    left = forced_int(m, args[0], site)
    right = forced_int(m, args[1], site)
    if isinstance(left, VInt) and isinstance(right, VInt):
        return VInt(left.value & right.value)
    return _unknown_of(left, right)


def prim_bit_or(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.bitOr a b`."""
    left = forced_int(m, args[0], site)
    right = forced_int(m, args[1], site)
    if isinstance(left, VInt) and isinstance(right, VInt):
        return VInt(left.value | right.value)
    return _unknown_of(left, right)


def prim_bit_xor(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.bitXor a b`."""
    left = forced_int(m, args[0], site)
    right = forced_int(m, args[1], site)
    if isinstance(left, VInt) and isinstance(right, VInt):
        return VInt(left.value ^ right.value)
    return _unknown_of(left, right)


def _unknown_of(left: Value, right: Value) -> Value:
    """The unknown integer that becomes of two operands one of which is unknown."""
    if isinstance(left, VUnknown):
        return left.derived(INT)
    assert isinstance(right, VUnknown)
    return right.derived(INT)


def _rounded(m: Machine, value: Value, up: bool, site: Code) -> Value:
    """A number as an integer; unknown where versions of Nix differ on what is too large."""
    value = value.force(m)
    if isinstance(value, VUnknown):
        return value.derived(INT)
    if isinstance(value, VInt):
        if value.value >= -EXACT and value.value <= EXACT:
            return value
        return unknown_at("rounding an integer this large depends on the version of Nix", site, INT)
    if not isinstance(value, VFloat):
        raise wrong_type(value, "a float", site)
    number = value.value
    if isinf(number) or isnan(number) or abs(number) >= 2.0**63:
        return unknown_at("rounding a number this large depends on the version of Nix", site, INT)
    return VInt(ceil(number) if up else floor(number))


def prim_ceil(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.ceil x`."""
    return _rounded(m, args[0], True, site)


def prim_floor(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.floor x`."""
    return _rounded(m, args[0], False, site)


def register(table: Table) -> None:
    """Adds the builtins of this room."""
    table.add("add", 2, prim_add)
    table.add("sub", 2, prim_sub)
    table.add("mul", 2, prim_mul)
    table.add("div", 2, prim_div)
    table.add("lessThan", 2, prim_less_than)
    table.add("bitAnd", 2, prim_bit_and)
    table.add("bitOr", 2, prim_bit_or)
    table.add("bitXor", 2, prim_bit_xor)
    table.add("ceil", 1, prim_ceil)
    table.add("floor", 1, prim_floor)
