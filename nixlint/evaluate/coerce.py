"""How Nix makes strings and paths of values, and what becomes of it when parts are unknown."""

from __future__ import annotations

from typing import Final

from nixlint.evaluate.builtins.text_bytes import rejoined
from nixlint.evaluate.values import (
    ANY,
    PATH,
    STRING,
    TYPE_NAMES,
    Code,
    Machine,
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
    pick_from_rest,
    type_error,
)

EMPTY: Final = VString("")


def normal_path(path: str) -> str:
    """An absolute path without `.`, `..`, doubled or trailing slashes; links are not followed."""
    if "/." not in path and "//" not in path and not path.endswith("/"):
        return path
    out: list[str] = []
    for part in path.split("/"):
        if part == "" or part == ".":
            continue
        if part == "..":
            if out:
                out.pop()
        else:
            out.append(part)
    return "/" + "/".join(out)


def to_string(m: Machine, value: Value, site: Code, more: bool, copy: bool) -> Value:
    """The value as a string: a `VString`, or a `VUnknown`.

    `more` accepts what only `toString` does: numbers, null, Booleans, lists. With `copy` a path
    becomes the place of its copy in the store, as in `"${./file}"`; otherwise it stays as it is.
    Raises `NixError` for what is no string, as Nix does (`coerceToString`).
    """
    value = value.force(m)
    if isinstance(value, VString):
        return value
    if isinstance(value, VUnknown):
        return unknown_string(value)
    if isinstance(value, VPath):
        return m.copied_path(value.path, site) if copy else VString(value.path)
    if isinstance(value, VAttrs):
        return _set_to_string(m, value, site, more, copy)
    if more:
        if isinstance(value, VInt):
            return VString(str(value.value))
        if isinstance(value, VFloat):
            return VString(f"{value.value:f}")
        if isinstance(value, VBool):
            return VString("1") if value.value else EMPTY
        if isinstance(value, VNull):
            return EMPTY
        if isinstance(value, VList):
            return _list_to_string(m, value, site, copy)
    raise type_error(f"cannot coerce {TYPE_NAMES[value.kind]} to a string", site)


def _set_to_string(m: Machine, value: VAttrs, site: Code, more: bool, copy: bool) -> Value:
    method = value.attrs.get("__toString")
    if method is not None:
        made = method.force(m).call(m, value, site)
        return to_string(m, made, site, more, copy)
    place = value.attrs.get("outPath")
    rest = value.rest
    if rest is not None:
        hidden = value.get("outPath") if place is None else None
        if hidden is not None or _may_print_itself(m, value, rest):
            return unknown_string(rest[0])
    if place is None:
        raise type_error("cannot coerce a set to a string", site)
    return to_string(m, place, site, more, copy)


def _may_print_itself(m: Machine, value: VAttrs, rest: list[VUnknown]) -> bool:
    """Whether the unknown rest of a set may hold `__toString`, which no flake has as an output."""
    if pick_from_rest(rest, "__toString") is None:
        return False
    kind = value.attrs.get("_type")
    forced = kind.force(m) if kind is not None else None
    return not (isinstance(forced, VString) and forced.text == "flake")


def _list_to_string(m: Machine, value: VList, site: Code, copy: bool) -> Value:
    """The elements with blanks between; empty lists inside vanish without a blank, as in Nix."""
    if value.rest is not None:
        return value.rest[0].derived(STRING)
    texts: list[str] = []
    context: frozenset[str] | None = None
    last = len(value.items) - 1
    for index, item in enumerate(value.items):
        element = to_string(m, item, site, True, copy)
        if not isinstance(element, VString):
            return element
        texts.append(element.text)
        context = merged(context, element.context)
        if index < last:
            inner = item.force(m)
            if not (isinstance(inner, VList) and not inner.items):
                texts.append(" ")
    text = rejoined("".join(texts))
    m.allocate(len(text))
    return VString(text, context)


def merged(left: frozenset[str] | None, right: frozenset[str] | None) -> frozenset[str] | None:
    """Both contexts together."""
    if left is None:
        return right
    if right is None:
        return left
    return left | right


def unknown_string(value: VUnknown) -> VUnknown:
    """An unknown string made of an unknown value, which keeps what is known of its text."""
    if value.shape == STRING:
        return value
    path = f'"${{{value.path}}}"' if value.path else ""
    return VUnknown(
        value.reason,
        value.file,
        value.start,
        path,
        STRING,
        value.alternatives if value.shape == PATH or value.shape == ANY else None,
        value.prefix,
        value.suffix,
    )


class TextBuilder:
    """Puts strings one after the other, some of which may be unknown."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.context: frozenset[str] | None = None
        self.hole: VUnknown | None = None
        self.before = ""

    def add(self, text: str, context: frozenset[str] | None) -> None:
        self.pieces.append(text)
        if context is not None:
            self.context = merged(self.context, context)

    def add_value(self, value: Value) -> None:
        """Adds what `to_string` returned."""
        if isinstance(value, VString):
            self.add(value.text, value.context)
        elif isinstance(value, VUnknown):
            if self.hole is None:
                self.hole = value
                self.before = "".join(self.pieces) + value.prefix
            self.pieces = [value.suffix]

    def finish(self, m: Machine, shape: int) -> Value:
        """The string, or the unknown string with its beginning and end."""
        text = rejoined("".join(self.pieces))
        if len(text) > 4096:
            m.allocate(len(text))
        hole = self.hole
        if hole is None:
            return VString(text, self.context)
        return VUnknown(hole.reason, hole.file, hole.start, "", shape, None, self.before, text)


def to_path(m: Machine, value: Value, site: Code) -> Value:
    """The value as an absolute path: a `VPath` or a `VUnknown`; `coerceToPath` in Nix."""
    value = value.force(m)
    if isinstance(value, VPath):
        return value
    if isinstance(value, VUnknown) and value.shape == PATH:
        return value
    text = to_string(m, value, site, False, False)
    if isinstance(text, VString):
        if not text.text.startswith("/"):
            raise type_error(f"string '{text.text}' doesn't represent an absolute path", site)
        return VPath(normal_path(text.text))
    return text
