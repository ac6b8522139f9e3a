"""Values as `nix-instantiate --eval --strict` prints them.

What is unknown is printed as `«unknown: reason»`, what Nix refuses as `«error: message»`.
"""

from __future__ import annotations

import re
from typing import Final

from nixlint.evaluate.files import INEXACT, is_inexact
from nixlint.evaluate.values import (
    Machine,
    NixError,
    OutOfBudget,
    Thunk,
    Value,
    VAttrs,
    VBool,
    VFloat,
    VInt,
    VLambda,
    VList,
    VNull,
    VPath,
    VPrimop,
    VString,
    VUnknown,
)
from nixlint.syntax.strings import KEYWORDS

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_'-]*\Z")
_ESCAPED: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SPECIAL = re.compile(r'["\\\n\r\t]|\$(?=\{)')
MAX_DEPTH: Final = 2000
"""How deep a printed value may be nested."""


class Hole:
    """Something unknown inside a printed value; `path` is how to get there (`a.b.[0]`)."""

    def __init__(self, path: str, value: VUnknown) -> None:
        self.path = path
        self.value = value


class Shown:
    """A printed value: the text, and what was unknown, in the order of the text."""

    def __init__(self, text: str, holes: list[Hole]) -> None:
        self.text = text
        self.holes = holes


def show(m: Machine, value: Value, strict: bool = True) -> str:
    """The value as text; see `show_all`."""
    return show_all(m, value, strict).text


def show_all(m: Machine, value: Value, strict: bool = True, levels: int = MAX_DEPTH) -> Shown:
    """The value as text. Lazily (`strict=False`), thunks are printed as `<CODE>`.

    What is nested deeper than `levels` sets and lists is printed as `…`, and not computed.
    """
    printer = _Printer(m, strict, levels)
    printer.value(value, 0)
    return Shown("".join(printer.out), printer.holes)


class _Printer:
    def __init__(self, m: Machine, strict: bool, levels: int) -> None:
        self.m = m
        self.strict = strict
        self.levels = levels
        self.out: list[str] = []
        self.path: list[str] = []
        self.holes: list[Hole] = []
        self.seen: set[int] = set()
        self.keep: list[Value] = []

    def value(self, value: Value, depth: int) -> None:
        """Prints a value, computing it first if that is wanted."""
        out = self.out
        if depth > self.levels:
            out.append("…")
            return
        if isinstance(value, Thunk):
            if not self.strict and depth > 0 and value.result is None:
                out.append("<CODE>")
                return
        before = self.m.depth
        try:
            value = value.force(self.m)
        except NixError as error:
            self.m.depth = before
            self._unknown(error.message, error)
            return
        except OutOfBudget as limit:
            self.m.depth = before
            self._unknown(limit.message, None)
            return
        if isinstance(value, VString):
            self._string(value.text)
        elif isinstance(value, VInt):
            out.append(str(value.value))
        elif isinstance(value, VBool):
            out.append("true" if value.value else "false")
        elif isinstance(value, VNull):
            out.append("null")
        elif isinstance(value, VFloat):
            out.append(float_text(value.value))
        elif isinstance(value, VPath):
            if is_inexact(value.path):
                self._unknown(INEXACT, None)
            else:
                out.append(value.path)
        elif isinstance(value, VLambda):
            out.append("<LAMBDA>")
        elif isinstance(value, VPrimop):
            if value.name == "derivation":
                # Nix has it from a file of its own, written in Nix.
                out.append("<LAMBDA>")
            else:
                out.append("<PRIMOP-APP>" if value.args else "<PRIMOP>")
        elif isinstance(value, VList):
            self._list(value, depth)
        elif isinstance(value, VAttrs):
            self._set(value, depth)
        elif isinstance(value, VUnknown):
            self._known_unknown(value)

    def _known_unknown(self, value: VUnknown) -> None:
        if value.error is not None:
            self.holes.append(Hole(".".join(self.path), value))
            self.out.append(f"«error: {value.error.message}»")
            return
        self.holes.append(Hole(".".join(self.path), value))
        self.out.append(f"«unknown: {value.reason}»")

    def _unknown(self, reason: str, error: NixError | None) -> None:
        if error is None:
            self._known_unknown(VUnknown(reason))
            return
        made = VUnknown(reason, error.file, error.start)
        made.error = error
        self._known_unknown(made)

    def _string(self, text: str) -> None:
        if is_inexact(text):
            self._unknown(INEXACT, None)
        else:
            self.out.append(quoted(text))

    def _again(self, value: Value, empty: bool) -> bool:
        """Whether the value was printed before: Nix shows it as `«repeated»` then."""
        if empty:
            return False
        if id(value) in self.seen:
            self.out.append("«repeated»")
            return True
        self.seen.add(id(value))
        self.keep.append(value)
        return False

    def _list(self, value: VList, depth: int) -> None:
        out = self.out
        if depth > MAX_DEPTH:
            self._unknown("the value is nested too deeply to be printed", None)
            return
        if self._again(value, not value.items):
            return
        if depth >= self.levels:
            out.append("[ … ]" if value.items or value.rest is not None else "[ ]")
            return
        out.append("[ ")
        for index, item in enumerate(value.items):
            self.path.append(f"[{index}]")
            self.value(item, depth + 1)
            self.path.pop()
            out.append(" ")
        self._rest(value.rest)
        out.append("]")

    def _set(self, value: VAttrs, depth: int) -> None:
        out = self.out
        if depth > MAX_DEPTH:
            self._unknown("the value is nested too deeply to be printed", None)
            return
        if self._derivation(value):
            return
        if self._again(value, not value.attrs):
            return
        if depth >= self.levels:
            out.append("{ … }" if value.attrs or value.rest is not None else "{ }")
            return
        out.append("{ ")
        for name in sorted(value.attrs):
            written = name_text(name)
            out.append(written)
            out.append(" = ")
            self.path.append(written)
            self.value(value.attrs[name], depth + 1)
            self.path.pop()
            out.append("; ")
        self._rest(value.rest)
        out.append("}")

    def _derivation(self, value: VAttrs) -> bool:
        kind = value.attrs.get("type")
        if kind is None or not self.strict:
            return False
        before = self.m.depth
        try:
            forced = kind.force(self.m)
        except (NixError, OutOfBudget):
            self.m.depth = before
            return False
        if not isinstance(forced, VString) or forced.text != "derivation":
            return False
        place = value.attrs.get("drvPath")
        if place is None:
            self.out.append("«derivation »")
            return True
        self.out.append("«derivation ")
        self.value(place, 1)
        self.out.append("»")
        return True

    def _rest(self, rest: list[VUnknown] | None) -> None:
        if rest is not None:
            for one in rest:
                self._known_unknown(one)
                self.out.append(" ")


def float_text(value: float) -> str:
    """A float as Nix prints it: six significant digits."""
    return f"{value:g}"


def quoted(text: str) -> str:
    """The text as a Nix string literal."""
    return '"' + _SPECIAL.sub(lambda found: _ESCAPED.get(found[0], "\\$"), text) + '"'


def name_text(name: str) -> str:
    """The name of an attribute as it is written."""
    if _NAME.match(name) and name not in KEYWORDS:
        return name
    return quoted(name)
