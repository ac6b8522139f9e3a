"""What builtins do with their arguments: check them, and pass on what is unknown in them."""

from __future__ import annotations

from typing import Final

from nixlint.evaluate.values import (
    ANY,
    ATTRS,
    INT,
    LAMBDA,
    LIST,
    PRIMOP,
    STRING,
    TYPE_NAMES,
    Code,
    Function,
    Machine,
    NixError,
    Thunk,
    Value,
    VAttrs,
    VInt,
    VLambda,
    VList,
    VPrimop,
    VString,
    VUnknown,
    endless,
    fail,
    type_error,
    wrong_type,
)


class PrimopThunk(Thunk):
    """A builtin that waits with all its arguments."""

    def __init__(self, function: Function, args: list[Value], site: Code) -> None:
        super().__init__()
        self.function: Function = function
        self.args = args
        self.site = site

    def compute(self, m: Machine) -> Value:
        return self.function(m, self.args, self.site)

    def done(self) -> None:
        self.args = []

    def recursion(self) -> NixError:
        return endless(self.site)


def spread(
    unknown: VUnknown, function: Function, args: list[Value], index: int, site: Code, shape: int
) -> VUnknown:
    """What a builtin makes of an unknown argument: the builtin applied to each alternative.

    `args[index]` is the unknown one; `shape` is the type of what the builtin returns.
    """
    if unknown.alternatives is None:
        return unknown.derived(shape)
    alternatives: list[Value] = []
    for one in unknown.alternatives:
        other = args.copy()
        other[index] = one
        alternatives.append(PrimopThunk(function, other, site))
    return VUnknown(unknown.reason, unknown.file, unknown.start, "", shape, alternatives)


def spread_last(
    value: Value, function: Function, args: list[Value], site: Code, shape: int
) -> VUnknown:
    """`spread` for the last argument, of which `value` is what became unknown."""
    assert isinstance(value, VUnknown)
    return spread(value, function, args, len(args) - 1, site, shape)


def spread_rest(
    rest: list[VUnknown] | None,
    function: Function,
    args: list[Value],
    index: int,
    site: Code,
    shape: int,
) -> list[VUnknown] | None:
    """`spread` for everything else that may be in a list or set."""
    if rest is None:
        return None
    out: list[VUnknown] = []
    for one in rest:
        out.append(spread(one, function, args, index, site, shape))
    return out


NO_ITEMS: Final = VList([])


def perhaps(cause: VUnknown, item: Value) -> VUnknown:
    """A list that either holds that one element or is empty: something for `VList.rest`."""
    return VUnknown(cause.reason, cause.file, cause.start, "", LIST, [VList([item]), NO_ITEMS])


def perhaps_attrs(cause: VUnknown, values: dict[str, Value]) -> VUnknown:
    """A set that may have some of these attributes and no others: for `VAttrs.rest`."""
    made = VUnknown(cause.reason, cause.file, cause.start, "", ATTRS)
    made.names = frozenset(values)
    made.children = values
    return made


def forced_list(m: Machine, value: Value, site: Code) -> Value:
    """The argument as a `VList` or `VUnknown`. Raises `NixError` for anything else."""
    value = value.force(m)
    if isinstance(value, VList):
        return value
    if isinstance(value, VUnknown):
        if value.shape == ANY or value.shape == LIST:
            return value
        raise type_error(f"value is {TYPE_NAMES[value.shape]} while a list was expected", site)
    raise wrong_type(value, "a list", site)


def forced_attrs(m: Machine, value: Value, site: Code) -> Value:
    """The argument as a `VAttrs` or `VUnknown`. Raises `NixError` for anything else."""
    value = value.force(m)
    if isinstance(value, VAttrs):
        return value
    if isinstance(value, VUnknown):
        if value.shape == ANY or value.shape == ATTRS:
            return value
        raise type_error(f"value is {TYPE_NAMES[value.shape]} while a set was expected", site)
    raise wrong_type(value, "a set", site)


def forced_function(m: Machine, value: Value, site: Code) -> Value:
    """The argument as something that can be called. Raises `NixError` for anything else."""
    value = value.force(m)
    if isinstance(value, (VLambda, VPrimop)):
        return value
    if isinstance(value, VAttrs):
        if value.rest is not None or "__functor" in value.attrs:
            return value
    elif isinstance(value, VUnknown):
        shape = value.shape
        if shape == ANY or shape == LAMBDA or shape == PRIMOP or shape == ATTRS:
            return value
        raise type_error(f"value is {TYPE_NAMES[shape]} while a function was expected", site)
    raise wrong_type(value, "a function", site)


def is_no_function(value: Value) -> bool:
    """Whether an argument, not computed for that, is known to be nothing that can be called."""
    if isinstance(value, Thunk):
        done = value.result
        if done is None:
            return False
        value = done
    if isinstance(value, (VLambda, VPrimop, VUnknown)):
        return False
    if isinstance(value, VAttrs):
        return value.rest is None and "__functor" not in value.attrs
    return True


def forced_text(m: Machine, value: Value, site: Code) -> Value:
    """The argument as a `VString` or `VUnknown`. Raises `NixError` for anything else."""
    value = value.force(m)
    if isinstance(value, VString):
        return value
    if isinstance(value, VUnknown):
        if value.shape == ANY or value.shape == STRING:
            return value
        raise type_error(f"value is {TYPE_NAMES[value.shape]} while a string was expected", site)
    raise wrong_type(value, "a string", site)


def forced_name(m: Machine, value: Value, site: Code) -> Value:
    """As `forced_text`, for texts that may not refer to the store, such as attribute names."""
    made = forced_text(m, value, site)
    if isinstance(made, VString) and made.context is not None:
        raise fail(f"the string '{made.text}' is not allowed to refer to a store path", site)
    return made


def forced_int(m: Machine, value: Value, site: Code) -> Value:
    """The argument as a `VInt` or `VUnknown`. Raises `NixError` for anything else."""
    value = value.force(m)
    if isinstance(value, VInt):
        return value
    if isinstance(value, VUnknown):
        if value.shape == ANY or value.shape == INT:
            return value
        raise type_error(f"value is {TYPE_NAMES[value.shape]} while an integer was expected", site)
    raise wrong_type(value, "an integer", site)
