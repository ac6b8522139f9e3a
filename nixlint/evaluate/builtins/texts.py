"""What the builtins on strings and files share: their arguments."""

from __future__ import annotations

from nixlint.evaluate.coerce import to_string
from nixlint.evaluate.files import is_inexact
from nixlint.evaluate.values import (
    ANY,
    INT,
    LIST,
    STRING,
    TYPE_NAMES,
    Code,
    Function,
    Machine,
    Value,
    VAttrs,
    VInt,
    VList,
    VPrimop,
    VString,
    VUnknown,
    type_error,
    unknown_at,
    wrong_type,
)

INEXACT = "the store path of a source is known only to Nix"


def _checked(value: VUnknown, shape: int, wanted: str, site: Code) -> VUnknown:
    if value.shape != ANY and value.shape != shape:
        raise type_error(f"value is {TYPE_NAMES[value.shape]} while {wanted} was expected", site)
    return value


def force_text(m: Machine, value: Value, site: Code) -> Value:
    """A string that is not made from anything else: a `VString` or a `VUnknown`.

    Raises `NixError` for other types.
    """
    value = value.force(m)
    if isinstance(value, VString):
        return value
    if isinstance(value, VUnknown):
        return _checked(value, STRING, "a string", site)
    raise wrong_type(value, "a string", site)


def force_plain_text(m: Machine, value: Value, site: Code) -> Value:
    """As `force_text`, for strings that may not refer to store paths."""
    text = force_text(m, value, site)
    if isinstance(text, VString) and text.context is not None:
        raise type_error(f"the string '{text.text}' is not allowed to refer to a store path", site)
    return text


def force_int(m: Machine, value: Value, site: Code) -> Value:
    """A `VInt` or a `VUnknown`. Raises `NixError` for other types."""
    value = value.force(m)
    if isinstance(value, VInt):
        return value
    if isinstance(value, VUnknown):
        return _checked(value, INT, "an integer", site)
    raise wrong_type(value, "an integer", site)


def force_list(m: Machine, value: Value, site: Code) -> Value:
    """A `VList`, whose rest may be unknown, or a `VUnknown`."""
    value = value.force(m)
    if isinstance(value, VList):
        return value
    if isinstance(value, VUnknown):
        return _checked(value, LIST, "a list", site)
    raise wrong_type(value, "a list", site)


def force_set(m: Machine, value: Value, site: Code) -> Value:
    """A `VAttrs`, whose rest may be unknown, or a `VUnknown`."""
    value = value.force(m)
    if isinstance(value, (VAttrs, VUnknown)):
        return value
    raise wrong_type(value, "a set", site)


def through_last(
    value: Value, name: str, function: Function, args: list[Value], site: Code, shape: int
) -> Value:
    """What a builtin makes of an unknown last argument: itself applied to each alternative.

    `args` are all arguments of the call.
    """
    assert isinstance(value, VUnknown)
    if value.alternatives is None:
        return value.derived(shape)
    return value.through(VPrimop(name, len(args), function, args[:-1]), site, shape)


def inexact(site: Code, shape: int) -> VUnknown:
    """A result that depends on the hash of a source."""
    return unknown_at(INEXACT, site, shape)


def text_of(m: Machine, value: Value, site: Code) -> Value:
    """The value as a string as in `"${value}"`: a `VString` or a `VUnknown`."""
    return to_string(m, value, site, False, True)


def is_exact(text: str) -> bool:
    """Whether the text holds no place in the store that only Nix knows."""
    return not is_inexact(text)
