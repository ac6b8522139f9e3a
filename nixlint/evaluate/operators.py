"""The operators on known and partly known values: equality, order, numbers, `++`, `//`."""

from __future__ import annotations

from typing import Final

from nixlint.evaluate.builtins.text_bytes import narrow
from nixlint.evaluate.coerce import TextBuilder, normal_path, to_string
from nixlint.evaluate.values import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    LIST,
    PATH,
    STRING,
    TYPE_NAMES,
    Code,
    Machine,
    NixError,
    Origin,
    OutOfBudget,
    Value,
    VAttrs,
    VBool,
    VFloat,
    VInt,
    VList,
    VNull,
    VPath,
    VString,
    VUnknown,
    boolean,
    fail,
    type_error,
    unknown_at,
    wrong_type,
)

SMALLEST: Final = -(2**63)
LARGEST: Final = 2**63 - 1
NEAR: Final = 2**60

YES: Final = 1
NO: Final = 0
MAYBE: Final = 2


def integer(value: int, site: Code) -> Value:
    """A result of arithmetic; unknown where it does not fit 64 bits.

    Nix before 2.25 lets it wrap, later versions fail.
    """
    if value > -NEAR and value < NEAR:
        return VInt(value)
    if value >= SMALLEST and value <= LARGEST:
        return VInt(value)
    return unknown_at("the integer overflows, which depends on the version of Nix", site, INT)


# Equality.


class Verdict:
    """The result of a comparison: `YES`, `NO` or `MAYBE`, and what made it unknown."""

    def __init__(self, answer: int, cause: VUnknown | None) -> None:
        self.answer = answer
        self.cause = cause


_YES: Final = Verdict(YES, None)
_NO: Final = Verdict(NO, None)


def equal(m: Machine, left: Value, right: Value, site: Code) -> Value:
    """`left == right` of forced values."""
    verdict = compare_equal(m, left, right, site)
    if verdict.answer == MAYBE:
        cause = verdict.cause
        assert cause is not None
        return cause.derived(BOOL)
    return boolean(verdict.answer == YES)


def compare_equal(m: Machine, left: Value, right: Value, site: Code) -> Verdict:
    """Whether two values are equal, as `eqValues` in Nix: functions never are."""
    left = left.force(m)
    right = right.force(m)
    if isinstance(left, VUnknown):
        return Verdict(MAYBE, left)
    if isinstance(right, VUnknown):
        return Verdict(MAYBE, right)
    if isinstance(left, VString):
        if not isinstance(right, VString):
            return _NO
        if left.text == right.text:
            return _YES
        if "eee" in left.text and "eee" in right.text:
            return _placeholders(left, right, site)
        return _NO
    if isinstance(left, VInt):
        if isinstance(right, VInt):
            return _YES if left.value == right.value else _NO
        if isinstance(right, VFloat):
            return _YES if float(left.value) == right.value else _NO
        return _NO
    if isinstance(left, VFloat):
        if isinstance(right, VFloat):
            return _YES if left.value == right.value else _NO
        if isinstance(right, VInt):
            return _YES if left.value == float(right.value) else _NO
        return _NO
    if left.kind != right.kind:
        return _NO
    if isinstance(left, VBool) and isinstance(right, VBool):
        return _YES if left.value == right.value else _NO
    if isinstance(left, VNull):
        return _YES
    if isinstance(left, VPath) and isinstance(right, VPath):
        return _YES if left.path == right.path else _NO
    m.steps += 1
    if m.steps >= m.next_check:
        m.check()
    depth = m.depth
    if isinstance(left, VList) and isinstance(right, VList):
        m.depth = deeper(m)
        verdict = _equal_lists(m, left, right, site)
        m.depth = depth
        return verdict
    if isinstance(left, VAttrs) and isinstance(right, VAttrs):
        m.depth = deeper(m)
        verdict = _equal_sets(m, left, right, site)
        m.depth = depth
        return verdict
    return _NO


def deeper(m: Machine) -> int:
    """One level more, for work that goes down into a value."""
    if m.depth >= m.max_depth:
        raise OutOfBudget(f"a value is more than {m.max_depth} levels deep")
    return int(m.depth) + 1


def _placeholders(left: VString, right: VString, site: Code) -> Verdict:
    """Texts that hold places in the store which nobody knows yet."""
    from nixlint.evaluate.files import is_inexact

    if is_inexact(left.text) and is_inexact(right.text):
        return Verdict(MAYBE, unknown_at("a store path is known only to Nix", site))
    return _NO


def _equal_lists(m: Machine, left: VList, right: VList, site: Code) -> Verdict:
    if left.rest is not None:
        return Verdict(MAYBE, left.rest[0])
    if right.rest is not None:
        return Verdict(MAYBE, right.rest[0])
    if len(left.items) != len(right.items):
        return _NO
    for index in range(len(left.items)):
        one = left.items[index]
        other = right.items[index]
        if one is other:
            one.force(m)
            continue
        verdict = compare_equal(m, one, other, site)
        if verdict.answer != YES:
            return verdict
    return _YES


def _equal_sets(m: Machine, left: VAttrs, right: VAttrs, site: Code) -> Verdict:
    if left.rest is not None:
        return Verdict(MAYBE, left.rest[0])
    if right.rest is not None:
        return Verdict(MAYBE, right.rest[0])
    if is_derivation(m, left) and is_derivation(m, right):
        one = left.attrs.get("outPath")
        other = right.attrs.get("outPath")
        if one is not None and other is not None:
            return compare_equal(m, one, other, site)
    if len(left.attrs) != len(right.attrs):
        return _NO
    names = sorted(left.attrs)
    for name in names:
        if name not in right.attrs:
            return _NO
    return _equal_attributes(m, left, right, names, site)


def _equal_attributes(
    m: Machine, left: VAttrs, right: VAttrs, names: list[str], site: Code
) -> Verdict:
    """Whether attributes of the same names are equal.

    Nix compares them in the order in which it first saw their names, which cannot be known here:
    where one attribute differs and another one fails, so may the comparison.
    """
    different = False
    maybe: Verdict | None = None
    failure: NixError | None = None
    depth = m.depth
    for name in names:
        one = left.attrs[name]
        other = right.attrs[name]
        try:
            if one is other:
                one.force(m)
                continue
            verdict = compare_equal(m, one, other, site)
        except NixError as error:
            m.depth = depth
            failure = error
            continue
        if verdict.answer == NO:
            different = True
        elif verdict.answer == MAYBE and maybe is None:
            maybe = verdict
    if failure is not None:
        if different or maybe is not None:
            reason = "whether one attribute fails or another one differs first is up to Nix"
            return Verdict(MAYBE, unknown_at(reason, site))
        raise failure
    if different:
        return _NO
    return maybe if maybe is not None else _YES


def is_derivation(m: Machine, value: VAttrs) -> bool:
    """Whether `type` is `"derivation"`."""
    kind = value.attrs.get("type")
    if kind is None:
        return False
    forced = kind.force(m)
    return isinstance(forced, VString) and forced.text == "derivation"


# Order.


def less(m: Machine, left: Value, right: Value, site: Code) -> Value:
    """`left < right` of forced values: numbers, strings, paths, and lists of them."""
    if isinstance(left, VUnknown):
        return left.derived(BOOL)
    if isinstance(right, VUnknown):
        return right.derived(BOOL)
    if isinstance(left, VInt):
        if isinstance(right, VInt):
            return boolean(left.value < right.value)
        if isinstance(right, VFloat):
            return boolean(float(left.value) < right.value)
    elif isinstance(left, VFloat):
        if isinstance(right, VFloat):
            return boolean(left.value < right.value)
        if isinstance(right, VInt):
            return boolean(left.value < float(right.value))
    elif isinstance(left, VString):
        if isinstance(right, VString):
            return boolean(in_byte_order(left.text, right.text))
    elif isinstance(left, VPath):
        if isinstance(right, VPath):
            return boolean(in_byte_order(left.path, right.path))
    elif isinstance(left, VList):
        if isinstance(right, VList):
            return _less_lists(m, left, right, site)
    if left.kind != right.kind:
        raise type_error(
            f"cannot compare {TYPE_NAMES[left.kind]} with {TYPE_NAMES[right.kind]}", site
        )
    raise type_error(
        f"cannot compare {TYPE_NAMES[left.kind]} with {TYPE_NAMES[right.kind]}; "
        "values of that type are incomparable",
        site,
    )


def in_byte_order(left: str, right: str) -> bool:
    """Whether the bytes of one text come before those of the other.

    Code points sort as their bytes in UTF-8 do, but for bytes that are no UTF-8.
    """
    if left.isascii() or right.isascii():
        return left < right
    return narrow(left) < narrow(right)


def _less_lists(m: Machine, left: VList, right: VList, site: Code) -> Value:
    if left.rest is not None:
        return left.rest[0].derived(BOOL)
    if right.rest is not None:
        return right.rest[0].derived(BOOL)
    index = 0
    while True:
        if index >= len(right.items):
            return boolean(False)
        if index >= len(left.items):
            return boolean(True)
        one = left.items[index]
        other = right.items[index]
        verdict = compare_equal(m, one, other, site)
        if verdict.answer == MAYBE:
            assert verdict.cause is not None
            return verdict.cause.derived(BOOL)
        if verdict.answer == NO:
            return less(m, one.force(m), other.force(m), site)
        index += 1


# Numbers.


def number_operands(left: Value, right: Value, site: Code) -> VUnknown | None:
    """Checks that both are numbers; returns the unknown one, if there is."""
    if isinstance(left, VUnknown):
        return left
    if not isinstance(left, (VInt, VFloat)):
        raise wrong_type(left, "an integer", site)
    if isinstance(right, VUnknown):
        return right
    if not isinstance(right, (VInt, VFloat)):
        raise wrong_type(right, "an integer", site)
    return None


def as_float(value: Value) -> float:
    """The number as a float."""
    if isinstance(value, VInt):
        return float(value.value)
    assert isinstance(value, VFloat)
    return value.value


def subtract(left: Value, right: Value, site: Code) -> Value:
    """`left - right` of forced values."""
    cause = number_operands(left, right, site)
    if cause is not None:
        return cause.derived(ANY)
    if isinstance(left, VInt) and isinstance(right, VInt):
        return integer(left.value - right.value, site)
    return VFloat(as_float(left) - as_float(right))


def multiply(left: Value, right: Value, site: Code) -> Value:
    """`left * right` of forced values."""
    cause = number_operands(left, right, site)
    if cause is not None:
        return cause.derived(ANY)
    if isinstance(left, VInt) and isinstance(right, VInt):
        return integer(left.value * right.value, site)
    return VFloat(as_float(left) * as_float(right))


def divide(left: Value, right: Value, site: Code) -> Value:
    """`left / right` of forced values; integers are cut off towards zero."""
    cause = number_operands(left, right, site)
    if cause is not None:
        return cause.derived(ANY)
    if as_float(right) == 0.0:
        raise fail("division by zero", site)
    if isinstance(left, VInt) and isinstance(right, VInt):
        quotient = abs(left.value) // abs(right.value)
        if (left.value < 0) != (right.value < 0):
            quotient = -quotient
        return integer(quotient, site)
    return VFloat(as_float(left) / as_float(right))


def add(m: Machine, left: Value, right: Value, site: Code) -> Value:
    """`left + right` of forced values: numbers, strings, and paths with strings after them."""
    if isinstance(left, VInt):
        if isinstance(right, VInt):
            return integer(left.value + right.value, site)
        if isinstance(right, VFloat):
            return VFloat(float(left.value) + right.value)
        if isinstance(right, VUnknown):
            return right.derived(ANY)
        raise type_error(f"cannot add {TYPE_NAMES[right.kind]} to an integer", site)
    if isinstance(left, VFloat):
        if isinstance(right, (VInt, VFloat)):
            return VFloat(left.value + as_float(right))
        if isinstance(right, VUnknown):
            return right.derived(FLOAT)
        raise type_error(f"cannot add {TYPE_NAMES[right.kind]} to a float", site)
    if isinstance(left, VUnknown) and left.shape != STRING and left.shape != PATH:
        ends = isinstance(right, (VString, VPath))
        if left.alternatives is None and left.path == "" and left.prefix == "" and not ends:
            return left.derived(ANY)
        return _unknown_sum(m, left, right, site)
    if isinstance(left, VPath):
        return _append_to_path(m, left.path, right, site)
    if isinstance(left, VUnknown) and left.shape == PATH:
        return _unknown_sum(m, left, right, site)
    # Paths are copied to the store only into what begins with a string.
    copy = left.kind == STRING
    builder = TextBuilder()
    builder.add_value(to_string(m, left, site, False, copy))
    builder.add_value(to_string(m, right, site, False, copy))
    return builder.finish(m, STRING)


def _unknown_sum(m: Machine, left: VUnknown, right: Value, site: Code) -> Value:
    """Something unknown and something after it; what follows a string or path stays known."""
    suffix = ""
    if isinstance(right, VString):
        suffix = right.text
    elif isinstance(right, VPath) and left.shape != INT and left.shape != FLOAT:
        # `self + /modules/x.nix`: a path literal serves as the end of another path.
        suffix = right.path
    elif isinstance(right, VUnknown):
        return VUnknown(
            left.reason, left.file, left.start, "", left.shape, None, left.prefix, right.suffix
        )
    path = f"{left.path}{suffix}" if left.path and suffix else ""
    return VUnknown(
        left.reason, left.file, left.start, path, left.shape, None, left.prefix,
        left.suffix + suffix,
    )  # fmt: skip


def _append_to_path(m: Machine, path: str, right: Value, site: Code) -> Value:
    text = to_string(m, right, site, False, False)
    if isinstance(text, VString):
        if text.context is not None:
            raise type_error(
                "a string that refers to a store path cannot be appended to a path", site
            )
        return VPath(normal_path(path + text.text))
    assert isinstance(text, VUnknown)
    return VUnknown(
        text.reason, text.file, text.start, "", PATH, None, path + text.prefix, text.suffix
    )


# Lists and sets.


def concat(m: Machine, left: Value, right: Value, site: Code) -> Value:
    """`left ++ right` of forced values."""
    rest: list[VUnknown] = []
    items: list[Value] = []
    for value in (left, right):
        if isinstance(value, VList):
            items.extend(value.items)
            if value.rest is not None:
                rest.extend(value.rest)
        elif isinstance(value, VUnknown):
            if value.shape != ANY and value.shape != LIST:
                raise type_error(
                    f"value is {TYPE_NAMES[value.shape]} while a list was expected", site
                )
            rest.append(value)
        else:
            raise wrong_type(value, "a list", site)
    if len(items) > 4096:
        m.allocate(len(items))
    return VList(items, rest if rest else None)


def update(left: Value, right: Value, site: Code) -> Value:
    """`left // right` of forced values."""
    if isinstance(left, VAttrs) and isinstance(right, VAttrs):
        return update_sets(left, right)
    if isinstance(left, VUnknown):
        left_set = VAttrs({}, [left], None)
    elif isinstance(left, VAttrs):
        left_set = left
    else:
        raise wrong_type(left, "a set", site)
    if isinstance(right, VUnknown):
        right_set = VAttrs({}, [right], None)
    elif isinstance(right, VAttrs):
        right_set = right
    else:
        raise wrong_type(right, "a set", site)
    return update_sets(left_set, right_set)


def update_sets(left: VAttrs, right: VAttrs) -> VAttrs:
    """`left // right`. What the unknown rest of the right set may replace becomes unknown."""
    if right.rest is None:
        if not left.attrs and left.rest is None:
            return right
        if not right.attrs:
            return left
        attrs = left.attrs.copy()
        attrs.update(right.attrs)
        return VAttrs(attrs, left.rest, merged_origin(left.origin, right.origin))
    attrs = {}
    for name, value in left.attrs.items():
        if name not in right.attrs:
            attrs[name] = _perhaps_replaced(value, right.rest, name)
    attrs.update(right.attrs)
    rest = right.rest if left.rest is None else left.rest + right.rest
    return VAttrs(attrs, rest, merged_origin(left.origin, right.origin))


def _perhaps_replaced(value: Value, rest: list[VUnknown], name: str) -> Value:
    alternatives: list[Value] = [value]
    first = rest[0]
    for one in rest:
        if one.names is None or name in one.names:
            if len(alternatives) == 1:
                first = one
            alternatives.append(one.pick(name))
    if len(alternatives) == 1:
        return value
    return VUnknown(
        f"it may be replaced by something unknown: {first.reason}"
        if not first.reason.startswith("it may be replaced")
        else first.reason,
        first.file,
        first.start,
        "",
        ANY,
        alternatives,
    )


def merged_origin(left: Origin | None, right: Origin | None) -> Origin | None:
    """Where the attributes of an updated set were written."""
    if left is None:
        return right
    if right is None:
        return left
    return Origin(None, None, left, right)
