"""Lists of options in the format of the NixOS manual (`options.json`), read and written.

The format is one JSON object: names of options, each with an object with `declarations`,
`default`, `description`, `example`, `loc`, `readOnly` and `type`. Tools of other module systems
(home-manager, nix-darwin, nixvim) write the same. Texts may be wrapped as
`{"_type": "literalExpression", "text": …}`, and declarations may be `{"name": …, "url": …}`.
Lists of older releases give defaults and examples as plain JSON values.
"""

from __future__ import annotations

import json
import sys
from typing import Any, Final

from nixlint.evaluate.evaluator import on_large_stack

NIXOS: Final = "nixos"
HOME_MANAGER: Final = "homeManager"
DARWIN: Final = "darwin"
NIXVIM: Final = "nixvim"
OTHER: Final = "other"
KINDS: Final = (NIXOS, HOME_MANAGER, DARWIN, NIXVIM, OTHER)
"""What a list of options is for."""

DEEP: Final = 20_000
"""Calls that an ordinary stack holds for sure."""

_MARKS: Final = (
    (HOME_MANAGER, ("home.stateVersion", "home.homeDirectory")),
    (DARWIN, ("system.primaryUser", "launchd.daemons")),
    (NIXOS, ("system.stateVersion", "systemd.services", "fileSystems")),
    (NIXVIM, ("extraConfigLua", "colorscheme")),
)
"""Options by which a list without a given kind is recognized, the surest first."""


class OptionIndexError(Exception):
    """A list of options that cannot be read: which file, and why."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path = path
        self.reason = reason


class IndexedOption:
    """One option.

    `name` is written as in the NixOS manual: `users.users.<name>.uid`, where `<name>` stands for
    any attribute and `*` for any element of a list. `loc` are its parts, not quoted.
    `type` is the description of the type, "" when it is not known.
    `default` and `example` are Nix code, or Markdown; None when there is none.
    `declarations` are the files it is declared in, relative to the source.
    """

    def __init__(self, name: str, loc: list[str]) -> None:
        self.name = name
        self.loc = loc
        self.type = ""
        self.default: str | None = None
        self.example: str | None = None
        self.description = ""
        self.read_only = False
        self.internal = False
        self.visible = True
        self.declarations: list[str] = []


class OptionIndex:
    """The options of one kind of configuration, by name."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.options: dict[str, IndexedOption] = {}

    def add(self, option: IndexedOption) -> None:
        """Adds an option; one of the same name is replaced."""
        self.options[option.name] = option


def read_index(text: str, path: str = "", kind: str = "") -> OptionIndex:
    """The options in a text in the format of the NixOS manual.

    `path` is what errors call the file. An empty `kind` means to find it out from the options.
    Raises `OptionIndexError` when the text is no JSON, or JSON of another shape.
    """
    if kind and kind not in KINDS:
        raise OptionIndexError(path, f"`{kind}` is no kind of options: {', '.join(KINDS)}")
    try:
        data = _loaded(text)
    except json.JSONDecodeError as error:
        reason = f"is not JSON: {error.msg} in line {error.lineno}, column {error.colno}"
        raise OptionIndexError(path, reason) from None
    except RecursionError:
        raise OptionIndexError(path, "is not a list of options: it is nested too deeply") from None
    if not isinstance(data, dict):
        reason = f"is not a list of options: it holds {_called(data)} instead of an object"
        raise OptionIndexError(path, reason)
    index = OptionIndex(kind or OTHER)
    for name, fields in data.items():
        if not isinstance(fields, dict):
            reason = f"the option `{name}` is {_called(fields)} instead of an object"
            raise OptionIndexError(path, reason)
        index.add(_read_option(name, fields, path))
    if not kind:
        index.kind = _guessed_kind(index)
    return index


def index_text(index: OptionIndex) -> str:
    """The options as JSON in the format of the NixOS manual, sorted by name.

    `internal` and `visible`, which the manual's lists lack, are written where they are unusual.
    """
    out: dict[str, dict[str, Any]] = {}
    for name in sorted(index.options):
        option = index.options[name]
        fields: dict[str, Any] = {"declarations": option.declarations}
        if option.default is not None:
            fields["default"] = _code(option.default)
        fields["description"] = option.description
        if option.example is not None:
            fields["example"] = _code(option.example)
        if option.internal:
            fields["internal"] = True
        fields["loc"] = option.loc
        fields["readOnly"] = option.read_only
        fields["type"] = option.type
        if not option.visible:
            fields["visible"] = False
        out[name] = fields
    return json.dumps(out, indent=1, ensure_ascii=False) + "\n"


def split_name(name: str) -> list[str]:
    """The parts of a dotted name; `"…"` may quote a part, in which a backslash escapes."""
    parts: list[str] = []
    part = ""
    quoted = False
    at = 0
    while at < len(name):
        char = name[at]
        if quoted and char == "\\" and at + 1 < len(name):
            part += name[at + 1]
            at += 2
            continue
        if char == '"':
            quoted = not quoted
        elif char == "." and not quoted:
            parts.append(part)
            part = ""
        else:
            part += char
        at += 1
    parts.append(part)
    return parts


def _loaded(text: str) -> object:
    """The value of a JSON text. Raises what `json` raises."""
    if sys.getrecursionlimit() < DEEP:
        return json.loads(text)
    # Evaluation has raised the limit: only its stack is large enough now.
    return on_large_stack(lambda: json.loads(text))


def _guessed_kind(index: OptionIndex) -> str:
    for kind, names in _MARKS:
        for name in names:
            if name in index.options:
                return kind
    return OTHER


def _code(text: str) -> dict[str, str]:
    return {"_type": "literalExpression", "text": text}


def _called(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a Boolean"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "a list" if isinstance(value, list) else "an object"


def _read_option(name: str, fields: dict[str, Any], path: str) -> IndexedOption:
    loc: object = fields.get("loc")
    if loc is None:
        parts = split_name(name)
    else:
        parts = []
        if not isinstance(loc, list):
            raise _wrong(path, name, "loc", loc, "a list of strings")
        for part in loc:
            if not isinstance(part, str):
                raise _wrong(path, name, "loc", part, "a list of strings")
            parts.append(part)
    option = IndexedOption(name, parts)
    option.type = _text(fields.get("type"), path, name, "type") or ""
    option.description = _text(fields.get("description"), path, name, "description") or ""
    option.default = _value(fields, "default")
    option.example = _value(fields, "example")
    option.read_only = fields.get("readOnly") is True
    option.internal = fields.get("internal") is True
    option.visible = fields.get("visible", True) is not False
    declarations: object = fields.get("declarations")
    if declarations is not None:
        if not isinstance(declarations, list):
            raise _wrong(path, name, "declarations", declarations, "a list")
        for one in declarations:
            option.declarations.append(_declaration(one, path, name))
    return option


def _wrong(path: str, name: str, field: str, value: object, wanted: str) -> OptionIndexError:
    reason = f"`{field}` of the option `{name}` is {_called(value)} instead of {wanted}"
    return OptionIndexError(path, reason)


def _text(value: object, path: str, name: str, field: str) -> str | None:
    """A text, perhaps wrapped."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict):
        inner: object = value.get("text")
        if isinstance(inner, str):
            return inner
    raise _wrong(path, name, field, value, "a text")


def _declaration(value: object, path: str, name: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        for field in ("name", "path", "url"):
            inner: object = value.get(field)
            if isinstance(inner, str):
                return inner.removeprefix("<").removesuffix(">")
    raise _wrong(path, name, "declarations", value, "paths, or objects with a `name`")


def _value(fields: dict[str, Any], field: str) -> str | None:
    """A default or example as Nix code."""
    if field not in fields:
        return None
    value: object = fields[field]
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        text: object = value["text"]
        return text if isinstance(text, str) else None
    return _nix(value)


def _nix(value: object) -> str:
    """A JSON value as Nix code on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, list):
        if not value:
            return "[ ]"
        return "[ " + " ".join([_element(one) for one in value]) + " ]"
    if isinstance(value, dict):
        if not value:
            return "{ }"
        parts = [f"{_quoted(str(key))} = {_nix(one)};" for key, one in value.items()]
        return "{ " + " ".join(parts) + " }"
    return "null"


def _element(value: object) -> str:
    text = _nix(value)
    return f"({text})" if text.startswith("-") else text


def _quoted(text: str) -> str:
    out = text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "\\${")
    return '"' + out.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r") + '"'
