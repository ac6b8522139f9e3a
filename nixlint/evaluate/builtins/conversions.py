"""Builtins between values and JSON, TOML and XML."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Final

from nixlint.evaluate.builtins.arguments import (
    forced_name,
    forced_text,
    spread_last,
)
from nixlint.evaluate.builtins.table import Table
from nixlint.evaluate.code import FormalsLambda, SimpleLambda
from nixlint.evaluate.coerce import merged, to_string
from nixlint.evaluate.operators import LARGEST, SMALLEST, deeper, is_derivation
from nixlint.evaluate.values import (
    ANY,
    INT,
    NOTHING,
    STRING,
    TYPE_NAMES,
    Code,
    Machine,
    Value,
    VAttrs,
    VBool,
    VFloat,
    VInt,
    VLambda,
    VList,
    VNull,
    VPath,
    VString,
    VUnknown,
    boolean,
    fail,
    type_error,
    unknown_at,
)

# toJSON.

_JSON_SPECIAL: Final = re.compile(r'["\\\x00-\x1f]')
_JSON_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_VERSIONED: Final = re.compile(r"[\x08\f\ud800-\udfff]")
"""What versions of Nix write differently: two control characters, and bytes that are no UTF-8."""


def _escape(found: re.Match[str]) -> str:
    char = found.group()
    known = _JSON_ESCAPES.get(char)
    return known if known is not None else f"\\u{ord(char):04x}"


def json_string(text: str) -> str:
    """The text as a JSON string."""
    if _JSON_SPECIAL.search(text) is None:
        return f'"{text}"'
    return '"' + _JSON_SPECIAL.sub(_escape, text) + '"'


class _UnknownError(Exception):
    """Something unknown was met; what is written is unknown, too."""

    def __init__(self, cause: VUnknown) -> None:
        super().__init__()
        self.cause = cause


class _Writer:
    """Collects text and the context of its strings."""

    def __init__(self, m: Machine, site: Code) -> None:
        self.m = m
        self.site = site
        self.out: list[str] = []
        self.context: frozenset[str] | None = None

    def known(self, value: Value) -> VString:
        """A string that is known. Raises `_UnknownError` for others."""
        if isinstance(value, VString):
            if value.context is not None:
                self.context = merged(self.context, value.context)
            return value
        assert isinstance(value, VUnknown)
        raise _UnknownError(value)

    def count(self) -> None:
        m = self.m
        m.steps += 1
        if m.steps >= m.next_check:
            m.check()

    def json(self, value: Value) -> None:
        """Writes a value as JSON."""
        m = self.m
        value = value.force(m)
        out = self.out
        self.count()
        if isinstance(value, VString):
            self.json_text(value)
        elif isinstance(value, VInt):
            out.append(str(value.value))
        elif isinstance(value, VBool):
            out.append("true" if value.value else "false")
        elif isinstance(value, VNull):
            out.append("null")
        elif isinstance(value, VFloat):
            short = f"{value.value:g}"
            if short != repr(value.value) and m.newest:
                short = repr(value.value)
            elif short != repr(value.value):
                reason = "how a float is written in JSON depends on the version of Nix"
                raise _UnknownError(unknown_at(reason, self.site, STRING))
            out.append(short)
        elif isinstance(value, VPath):
            self.json_text(self.known(m.copied_path(value.path, self.site)))
        elif isinstance(value, VUnknown):
            raise _UnknownError(value)
        elif isinstance(value, VList):
            before = m.depth
            m.depth = deeper(m)
            out.append("[")
            for index, item in enumerate(value.items):
                if index:
                    out.append(",")
                self.json(item)
            if value.rest is not None:
                raise _UnknownError(value.rest[0])
            out.append("]")
            m.depth = before
        elif isinstance(value, VAttrs):
            before = m.depth
            m.depth = deeper(m)
            self.json_set(value)
            m.depth = before
        else:
            raise type_error(f"cannot convert {TYPE_NAMES[value.kind]} to JSON", self.site)

    def json_text(self, value: VString) -> None:
        text = value.text
        if value.context is not None:
            self.context = merged(self.context, value.context)
        if _VERSIONED.search(text) is not None:
            reason = "how such characters are written in JSON depends on the version of Nix"
            raise _UnknownError(unknown_at(reason, self.site, STRING))
        self.out.append(json_string(text))

    def json_set(self, value: VAttrs) -> None:
        out = self.out
        method = value.attrs.get("__toString")
        if method is not None:
            made = method.force(self.m).call(self.m, value, self.site)
            text = to_string(self.m, made, self.site, False, False)
            self.json_text(self.known(text))
            return
        place = value.attrs.get("outPath")
        if value.rest is not None:
            if value.get("__toString") is None and value.get("outPath") is None:
                # What is known may fail, whatever else there is.
                for name in sorted(value.attrs):
                    self.json(value.attrs[name])
            raise _UnknownError(value.rest[0])
        if place is not None:
            self.json(place)
            return
        out.append("{")
        first = True
        for name in sorted(value.attrs):
            if first:
                first = False
            else:
                out.append(",")
            self.json_text(VString(name))
            out.append(":")
            self.json(value.attrs[name])
        out.append("}")

    # XML.

    def xml(self, value: Value, indent: str) -> None:
        """Writes a value as XML."""
        m = self.m
        value = value.force(m)
        out = self.out
        self.count()
        if isinstance(value, VString):
            self.known(value)
            out.append(f'{indent}<string value="{xml_text(value.text)}" />\n')
        elif isinstance(value, VInt):
            out.append(f'{indent}<int value="{value.value}" />\n')
        elif isinstance(value, VBool):
            out.append(f'{indent}<bool value="{"true" if value.value else "false"}" />\n')
        elif isinstance(value, VNull):
            out.append(f"{indent}<null />\n")
        elif isinstance(value, VFloat):
            out.append(f'{indent}<float value="{value.value:g}" />\n')
        elif isinstance(value, VPath):
            out.append(f'{indent}<path value="{xml_text(value.path)}" />\n')
        elif isinstance(value, VUnknown):
            raise _UnknownError(value)
        elif isinstance(value, VList):
            before = m.depth
            m.depth = deeper(m)
            out.append(f"{indent}<list>\n")
            for item in value.items:
                self.xml(item, indent + "  ")
            if value.rest is not None:
                raise _UnknownError(value.rest[0])
            out.append(f"{indent}</list>\n")
            m.depth = before
        elif isinstance(value, VAttrs):
            before = m.depth
            m.depth = deeper(m)
            self.xml_set(value, indent)
            m.depth = before
        elif isinstance(value, VLambda):
            self.xml_function(value, indent)
        else:
            out.append(f"{indent}<unevaluated />\n")

    def xml_function(self, value: VLambda, indent: str) -> None:
        """Writes what a function takes."""
        out = self.out
        code = value.code
        out.append(f"{indent}<function>\n")
        if isinstance(code, FormalsLambda):
            more = ' ellipsis="1"' if code.ellipsis else ""
            name = f' name="{xml_text(code.at_name)}"' if code.at_name is not None else ""
            out.append(f"{indent}  <attrspat{more}{name}>\n")
            for formal in sorted(code.names):
                out.append(f'{indent}    <attr name="{xml_text(formal)}" />\n')
            out.append(f"{indent}  </attrspat>\n")
        elif isinstance(code, SimpleLambda):
            out.append(f'{indent}  <varpat name="{xml_text(code.name)}" />\n')
        out.append(f"{indent}</function>\n")

    def xml_set(self, value: VAttrs, indent: str) -> None:
        if value.rest is not None:
            raise _UnknownError(value.rest[0])
        if is_derivation(self.m, value):
            raise _UnknownError(
                unknown_at("derivations in XML are not modelled", self.site, STRING)
            )
        out = self.out
        out.append(f"{indent}<attrs>\n")
        for name in sorted(value.attrs):
            out.append(f'{indent}  <attr name="{xml_text(name)}">\n')
            self.xml(value.attrs[name], indent + "    ")
            out.append(f"{indent}  </attr>\n")
        out.append(f"{indent}</attrs>\n")

    def text(self) -> VString:
        """All that was written."""
        made = "".join(self.out)
        self.m.allocate(len(made))
        return VString(made, self.context)


def xml_text(text: str) -> str:
    """The text as the value of an XML attribute."""
    return (
        text.replace("&", "&amp;")
        .replace('"', "&quot;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\n", "&#xA;")
    )


def prim_to_json(m: Machine, args: list[Value], site: Code) -> Value:
    """`toJSON value`."""
    value = args[0].force(m)
    if isinstance(value, VUnknown):
        return spread_last(value, prim_to_json, args, site, STRING)
    writer = _Writer(m, site)
    before = m.depth
    try:
        writer.json(value)
    except _UnknownError as stop:
        m.depth = before
        return stop.cause.derived(STRING)
    return writer.text()


def prim_to_xml(m: Machine, args: list[Value], site: Code) -> Value:
    """`toXML value`."""
    value = args[0].force(m)
    if isinstance(value, VUnknown):
        return spread_last(value, prim_to_xml, args, site, STRING)
    writer = _Writer(m, site)
    writer.out.append("<?xml version='1.0' encoding='utf-8'?>\n<expr>\n")
    before = m.depth
    try:
        writer.xml(value, "  ")
    except _UnknownError as stop:
        m.depth = before
        return stop.cause.derived(STRING)
    writer.out.append("</expr>\n")
    return writer.text()


# fromJSON.

_MAX_NESTING: Final = 2000


class _Number:
    """A number in JSON that versions of Nix read differently."""


_VERSIONED_NUMBER: Final = _Number()


class _RefusedError(Exception):
    """JSON that Nix refuses."""


def _json_float(text: str) -> object:
    value = float(text)
    if value == float("inf") or value == float("-inf"):
        raise _RefusedError
    return value


def _json_int(text: str) -> object:
    if len(text) > 25:
        return _json_float(text)
    value = int(text)
    if value < SMALLEST or value >= 2**64:
        return float(value)
    if value > LARGEST:
        return _VERSIONED_NUMBER
    return value


def _json_constant(text: str) -> object:
    raise _RefusedError


_DECODER: Final = json.JSONDecoder(
    parse_float=_json_float, parse_int=_json_int, parse_constant=_json_constant
)


def _too_nested(text: str) -> bool:
    if text.count("[") + text.count("{") <= _MAX_NESTING:
        return False
    depth = 0
    for char in text:
        if char == "[" or char == "{":
            depth += 1
            if depth > _MAX_NESTING:
                return True
        elif (char == "]" or char == "}") and depth > 0:
            depth -= 1
    return False


_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)


def _half_escaped(text: str) -> bool:
    """Whether an escape names half of a surrogate pair alone, which Python would accept."""
    if "\\u" not in text:
        return False
    pending = -1
    for found in _ESCAPE.finditer(text):
        digits = found.group(1)
        code = int(digits, 16) if digits is not None else 0
        if pending >= 0:
            if pending != found.start() or not 0xDC00 <= code <= 0xDFFF:
                return True
            pending = -1
        elif 0xDC00 <= code <= 0xDFFF:
            return True
        elif 0xD800 <= code <= 0xDBFF:
            pending = found.end()
    return pending >= 0


def _has_surrogate(text: str) -> bool:
    if text.isascii():
        return False
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _from_python(data: object, site: Code, json_rules: bool) -> Value:
    """Python data as a value. Raises `_RefusedError`."""
    if isinstance(data, str):
        if json_rules and _has_surrogate(data):
            raise _RefusedError
        if "\0" in data:
            return unknown_at("what becomes of NUL depends on the version of Nix", site, STRING)
        return VString(data)
    if isinstance(data, bool):
        return boolean(data)
    if isinstance(data, int):
        if data < SMALLEST or data > LARGEST:
            return unknown_at("the integer does not fit", site, INT)
        return VInt(data)
    if isinstance(data, float):
        return VFloat(data)
    if data is None:
        return NOTHING
    if isinstance(data, list):
        items: list[Value] = []
        for one in data:
            items.append(_from_python(one, site, json_rules))
        return VList(items)
    if isinstance(data, dict):
        attrs: dict[str, Value] = {}
        rest: list[VUnknown] | None = None
        for name, one in data.items():
            if "\0" in name:
                reason = "what becomes of NUL depends on the version of Nix"
                rest = [unknown_at(reason, site, ANY)]
                continue
            if json_rules and _has_surrogate(name):
                raise _RefusedError
            attrs[name] = _from_python(one, site, json_rules)
        return VAttrs(attrs, rest)
    if isinstance(data, _Number):
        return unknown_at("such a large integer depends on the version of Nix", site, INT)
    return unknown_at("dates and times in TOML depend on the version of Nix", site, ANY)


def from_json(text: str, site: Code) -> Value:
    """The value of a JSON text. Raises `NixError` when Nix refuses it."""
    if _too_nested(text):
        return unknown_at("the JSON is nested too deeply", site)
    if text.startswith("\ufeff"):
        text = text[1:]
    try:
        if _has_surrogate(text) or _half_escaped(text):
            raise _RefusedError
        return _from_python(_DECODER.decode(text), site, True)
    except RecursionError:
        return unknown_at("the JSON is nested too deeply", site)
    except (ValueError, _RefusedError):
        raise fail("the JSON text is not valid", site) from None


def prim_from_json(m: Machine, args: list[Value], site: Code) -> Value:
    """`fromJSON string`."""
    text = forced_name(m, args[0], site)
    if isinstance(text, VUnknown):
        return spread_last(text, prim_from_json, args, site, ANY)
    assert isinstance(text, VString)
    m.allocate(len(text.text))
    return from_json(text.text, site)


def prim_from_toml(m: Machine, args: list[Value], site: Code) -> Value:
    """`fromTOML string`. What is no valid TOML 1.0 is unknown: Nix is more liberal at places."""
    text = forced_text(m, args[0], site)
    if isinstance(text, VUnknown):
        return spread_last(text, prim_from_toml, args, site, ANY)
    assert isinstance(text, VString)
    m.allocate(len(text.text))
    if _too_nested(text.text):
        return unknown_at("the TOML is nested too deeply", site)
    try:
        return _from_python(tomllib.loads(text.text), site, False)
    except RecursionError:
        return unknown_at("the TOML is nested too deeply", site)
    except ValueError as error:
        return unknown_at(f"the TOML text is not valid: {error}", site)


def register(table: Table) -> None:
    """Adds the builtins of this room."""
    table.add("toJSON", 1, prim_to_json)
    table.add("fromJSON", 1, prim_from_json)
    table.add("fromTOML", 1, prim_from_toml)
    table.add("toXML", 1, prim_to_xml)
