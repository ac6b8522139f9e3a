"""Types of options, read back from their descriptions.

Lists of options say of a type only how it describes itself: "null or string", "list of package",
"attribute set of (submodule)". The descriptions are those of nixpkgs' `lib/types.nix`, which puts
parts into parentheses where the meaning would be in doubt, and those of older releases, which did
not, and wrote "list of strings".
What cannot be read is of the kind `UNKNOWN`, also as a part of a type.
"""

from __future__ import annotations

import re
from typing import Final

LEAF: Final = "leaf"
"""`value` is an expression below `with lib.types`."""
NULL_OR: Final = "nullOr"
LIST_OF: Final = "listOf"
NON_EMPTY_LIST_OF: Final = "nonEmptyListOf"
ATTRS_OF: Final = "attrsOf"
LAZY_ATTRS_OF: Final = "lazyAttrsOf"
EITHER: Final = "either"
COERCED_TO: Final = "coercedTo"
"""The parts are the type that is converted, and the one it is converted to."""
ENUM: Final = "enum"
"""`value` is a list of values, as Nix code."""
SUBMODULE: Final = "submodule"
"""A part, if there is one, is the freeform type."""
FUNCTION_TO: Final = "functionTo"
UNKNOWN: Final = "unknown"

_MAX_DEPTH: Final = 40

_ATOM: Final = "(nullOr (oneOf [ bool int float str ]))"
_JSON: Final = """\
(let t = nullOr (oneOf [ bool int float str path (attrsOf t) (listOf t) ]) \
// { description = "@"; }; in t)"""
_TOML: Final = """\
(let t = oneOf [ bool int float str path (attrsOf t) (listOf t) ] \
// { description = "@"; }; in t)"""

_LEAVES: Final[dict[str, str]] = {
    "boolean (merged using or)": "boolByOr",
    "boolean": "bool",
    "signed integer": "int",
    "integer": "int",
    "floating point number": "float",
    "signed integer or floating point number": "number",
    "unsigned integer, meaning >=0": "ints.unsigned",
    "positive integer, meaning >0": "ints.positive",
    "nonnegative integer or floating point number, meaning >=0": "numbers.nonnegative",
    "positive integer or floating point number, meaning >0": "numbers.positive",
    "string": "str",
    "non-empty string": "nonEmptyStr",
    "(optionally newline-terminated) single-line string": "singleLineStr",
    "attribute set": "attrs",
    "absolute path": "path",
    "path in the Nix store": "path",
    "path": "path",
    "package": "package",
    "derivation": "package",
    "null": "(enum [ null ])",
    "raw value": "raw",
    "anything": "anything",
    "unspecified value": "unspecified",
    "unspecified": "unspecified",
    "module": "deferredModule",
    "INI atom (null, bool, int, float or string)": _ATOM,
    "atom (null, bool, int, float or string)": _ATOM,
    "INI atom (null, bool, int, float or string) or a list of them for duplicate keys": (
        f"(either {_ATOM} (listOf {_ATOM}))"
    ),
    "INI atom (null, bool, int, float or string) or a non-empty list of them": (
        f"(either {_ATOM} (nonEmptyListOf {_ATOM}))"
    ),
    "JSON value": _JSON.replace("@", "JSON value"),
    "YAML value": _JSON.replace("@", "YAML value"),
    "YAML 1.1 value": _JSON.replace("@", "YAML 1.1 value"),
    "YAML 1.2 value": _JSON.replace("@", "YAML 1.2 value"),
    "TOML value": _TOML.replace("@", "TOML value"),
}

_LEAF: Final = re.compile(
    "(?:"
    + "|".join(re.escape(text) for text in sorted(_LEAVES, key=lambda text: -len(text)))
    + r")(?=\Z|\)| or |, or | convertible to it)"
)
_END: Final = r"(?=\Z|\)| or |, or | convertible to it)"
_AT_END: Final = re.compile(_END)
_SUBMODULE: Final = re.compile("submodule" + _END)
_BETWEEN: Final = re.compile(
    r"(integer or floating point number|integer|\d+ bit (?:un)?signed integer;)"
    r" between (-?[\d.]+) and (-?[\d.]+) \((both inclusive)\)" + _END
)
_STRING: Final = r'"(?:[^"\\]|\\.)*"'
_QUOTED: Final = re.compile(_STRING)
_VALUE: Final = re.compile(rf"{_STRING}|-?\d+(?:\.\d+)?|true|false|<null>|null")
_SEPARATED: Final = re.compile(rf"strings concatenated with ({_STRING})" + _END)
_PATTERN: Final = re.compile(r"string matching the pattern (.+)\Z", re.DOTALL)
_SECTION: Final = re.compile(r"(section of an? [\w ]+ )\(attrs of ")
_SINGLE: Final = re.compile(rf"value ({_VALUE.pattern}) \(singular enum\)" + _END)
_PREFIXES: Final = (
    ("non-empty list of ", NON_EMPTY_LIST_OF),
    ("list of ", LIST_OF),
    ("lazy attribute set of ", LAZY_ATTRS_OF),
    ("attribute set of ", ATTRS_OF),
    ("function that evaluates to a(n) ", FUNCTION_TO),
    ("open submodule of ", SUBMODULE),
)


class OptionType:
    """A type: its kind, the description it was read from, its parts."""

    def __init__(self, kind: str, text: str, parts: list[OptionType], value: str = "") -> None:
        self.kind = kind
        self.text = text
        self.parts = parts
        self.value = value

    def has_submodule(self) -> bool:
        """Whether what is in it depends on more than the description."""
        if self.kind in (SUBMODULE, UNKNOWN):
            return True
        return any(part.has_submodule() for part in self.parts)

    def is_known(self) -> bool:
        """Whether all of it could be read."""
        return self.kind != UNKNOWN and all(part.is_known() for part in self.parts)

    def __repr__(self) -> str:
        inner = " ".join([self.value, *map(repr, self.parts)]).strip()
        return f"({self.kind} {inner})" if inner else self.kind


def parse_type(text: str) -> OptionType:
    """The type that a description is of."""
    return _Reader(text.strip()).read(0)


def unknown_type(text: str) -> OptionType:
    """A type of which nothing is known."""
    return OptionType(UNKNOWN, text, [])


class _Reader:
    """Reads one description, or one part of it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def read(self, depth: int) -> OptionType:
        if depth > _MAX_DEPTH:
            return unknown_type(self.text)
        made = self._alternatives(depth)
        if made is None or self.at < len(self.text):
            return unknown_type(self.text)
        return made

    def _starts(self, word: str) -> bool:
        return self.text.startswith(word, self.at)

    def _alternatives(self, depth: int) -> OptionType | None:
        """Types joined by "or"; None when there is something that is no type."""
        begin = self.at
        if depth > _MAX_DEPTH:
            return None
        if self._starts("null or "):
            self.at += len("null or ")
            inner = self._alternatives(depth + 1)
            if inner is None:
                return None
            return OptionType(NULL_OR, self.text[begin : self.at], [inner])
        units: list[OptionType] = []
        while True:
            unit = self._unit(depth)
            if unit is None:
                return None
            units.append(unit)
            if self._starts(" convertible to it"):
                self.at += len(" convertible to it")
                if len(units) < 2:
                    return None
                target = self._joined(units[:-1], begin)
                text = self.text[begin : self.at]
                units = [OptionType(COERCED_TO, text, [units[-1], target])]
            if self._starts(", or "):
                self.at += len(", or ")
            elif self._starts(" or "):
                self.at += len(" or ")
            else:
                return self._joined(units, begin)

    def _joined(self, units: list[OptionType], begin: int) -> OptionType:
        made = units[-1]
        for unit in reversed(units[:-1]):
            made = OptionType(EITHER, self.text[begin : self.at], [unit, made])
        return made

    def _unit(self, depth: int) -> OptionType | None:
        """A type without "or" at its top. Where it is none that is known, it reaches up to the
        next "or"."""
        begin = self.at
        if depth > _MAX_DEPTH:
            return None
        number = self._number(begin)
        if number is not None:
            return number
        section = _SECTION.match(self.text, begin)
        if section is not None:
            # "section of an INI file (attrs of …)": a set with a name of its own.
            close = closing(self.text, section.end(1))
            if close > 0:
                self.at = close + 1
                inside = _Reader(self.text[section.end() : close]).read(depth + 1)
                return OptionType(ATTRS_OF, self.text[begin : self.at], [inside])
        found = _LEAF.match(self.text, begin)
        if found is not None:
            self.at = found.end()
            return OptionType(LEAF, found.group(), [], _LEAVES[found.group()])
        found = _SEPARATED.match(self.text, begin)
        if found is not None:
            self.at = found.end()
            code = found.group(1).replace("${", "\\${")
            return OptionType(LEAF, found.group(), [], f"(separatedString {code})")
        if self._starts("one of ") or self._starts("value "):
            return self._enum(begin)
        if self._starts("string matching the pattern "):
            return self._matching(begin)
        if self._starts("impossible (empty enum)"):
            self.at += len("impossible (empty enum)")
            return OptionType(ENUM, self.text[begin : self.at], [], "[ ]")
        for prefix, kind in _PREFIXES:
            if self._starts(prefix):
                self.at += len(prefix)
                return self._holding(kind, begin, depth)
        if self._starts("non-empty ("):
            return self._non_empty(begin, depth)
        if _SUBMODULE.match(self.text, begin):
            self.at += len("submodule")
            return OptionType(SUBMODULE, "submodule", [])
        if self._starts("("):
            close = closing(self.text, begin)
            if close > begin and _AT_END.match(self.text, close + 1):
                self.at = close + 1
                return _Reader(self.text[begin + 1 : close]).read(depth + 1)
        return self._unread(begin)

    def _unread(self, begin: int) -> OptionType | None:
        """What is no known type, up to the next "or" outside of parentheses."""
        at = begin
        while at < len(self.text):
            if self.text[at] == "(":
                close = closing(self.text, at)
                if close < 0:
                    return None
                at = close
            elif self.text.startswith((" or ", ", or ", " convertible to it"), at):
                break
            at += 1
        if at == begin:
            return None
        self.at = at
        return unknown_type(self.text[begin:at])

    def _holding(self, kind: str, begin: int, depth: int) -> OptionType | None:
        """A type of things of another type."""
        inner = self._unit(depth + 1)
        if inner is None:
            return None
        if inner.kind == UNKNOWN and inner.text.endswith("s"):
            # Releases before 2017 wrote "list of strings".
            singular = _Reader(inner.text[:-1]).read(depth + 1)
            if singular.kind != UNKNOWN:
                inner = singular
        return OptionType(kind, self.text[begin : self.at], [inner])

    def _non_empty(self, begin: int, depth: int) -> OptionType | None:
        self.at += len("non-empty ")
        inner = self._unit(depth + 1)
        if inner is None or inner.kind != LIST_OF:
            self.at = begin
            return self._unread(begin)
        return OptionType(NON_EMPTY_LIST_OF, self.text[begin : self.at], inner.parts)

    def _number(self, begin: int) -> OptionType | None:
        found = _BETWEEN.match(self.text, begin)
        if found is None:
            return None
        self.at = found.end()
        low = _number_code(found.group(2))
        high = _number_code(found.group(3))
        name = "numbers" if "floating" in found.group(1) else "ints"
        bits, _, sign = found.group(1).partition(" bit ")
        if bits in ("8", "16", "32"):
            own = "u" if sign.startswith("un") else "s"
            return OptionType(LEAF, found.group(), [], f"ints.{own}{bits}")
        if name == "ints" and ("." in low or "." in high):
            return unknown_type(found.group())
        return OptionType(LEAF, found.group(), [], f"({name}.between {low} {high})")

    def _enum(self, begin: int) -> OptionType | None:
        single = _SINGLE.match(self.text, begin)
        if single is not None:
            self.at = single.end()
            return OptionType(ENUM, single.group(), [], f"[ {_value_code(single.group(1))} ]")
        if not self._starts("one of "):
            return self._unread(begin)
        at = begin + len("one of ")
        values: list[str] = []
        while True:
            found = _VALUE.match(self.text, at)
            if found is None:
                return self._unread(begin)
            values.append(_value_code(found.group()))
            at = found.end()
            if not self.text.startswith(", ", at) or self.text.startswith(", or ", at):
                break
            at += 2
        if _AT_END.match(self.text, at) is None:
            return self._unread(begin)
        self.at = at
        return OptionType(ENUM, self.text[begin:at], [], f"[ {' '.join(values)} ]")

    def _matching(self, begin: int) -> OptionType | None:
        """A pattern ends where the text does; whether an "or" belongs to it cannot be told."""
        found = _PATTERN.match(self.text, begin)
        if found is None or " or " in found.group(1) or "convertible" in found.group(1):
            return self._unread(begin)
        self.at = len(self.text)
        return OptionType(LEAF, found.group(), [], f"(strMatching {quoted(found.group(1))})")


def closing(text: str, at: int) -> int:
    """Where the parenthesis at an offset is closed; -1 when it is not. Strings are passed over."""
    depth = 0
    while at < len(text):
        char = text[at]
        if char == '"':
            found = _QUOTED.match(text, at)
            if found is not None:
                at = found.end()
                continue
        if char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    return -1


def quoted(text: str) -> str:
    """A text as a string in Nix code."""
    out = text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "\\${")
    return '"' + out.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'


def _number_code(text: str) -> str:
    return f"({text})" if text.startswith("-") else text


def _value_code(text: str) -> str:
    if text in ("<null>", "null"):
        return "null"
    if text.startswith('"'):
        return text.replace("${", "\\${")
    return _number_code(text)
