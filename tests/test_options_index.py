"""Lists of options in the format of the NixOS manual."""

from __future__ import annotations

import json

import pytest

from nixlint.project.options.index import (
    IndexedOption,
    OptionIndex,
    OptionIndexError,
    index_text,
    read_index,
    split_name,
)

CURRENT = {
    "services.web.hosts.<name>.port": {
        "declarations": [{"name": "<nixpkgs/nixos/modules/web.nix>", "url": "https://example.org"}],
        "default": {"_type": "literalExpression", "text": "80"},
        "description": {"_type": "mdDoc", "text": "The port."},
        "example": {"_type": "literalMD", "text": "see *below*"},
        "loc": ["services", "web", "hosts", "<name>", "port"],
        "readOnly": False,
        "type": "16 bit unsigned integer; between 0 and 65535 (both inclusive)",
        "relatedPackages": None,
    }
}
OLD = {
    "a.b": {"declarations": ["a.nix"], "default": ["x", -1, {"k.l": None}], "type": "list"},
    "a.c": {"default": False, "example": 'say "${hi}"\n', "readOnly": True, "type": None},
    "a.d": {"default": None, "internal": True, "visible": False},
}


def test_current_format() -> None:
    index = read_index(json.dumps(CURRENT), "options.json")
    option = index.options["services.web.hosts.<name>.port"]
    assert option.loc == ["services", "web", "hosts", "<name>", "port"]
    assert option.declarations == ["nixpkgs/nixos/modules/web.nix"]
    assert (option.default, option.example) == ("80", "see *below*")
    assert option.description == "The port."
    assert option.type.startswith("16 bit")
    assert not option.read_only and not option.internal and option.visible
    assert index.kind == "other"


def test_old_format_has_plain_values() -> None:
    options = read_index(json.dumps(OLD), "options.json").options
    assert options["a.b"].default == '[ "x" (-1) { "k.l" = null; } ]'
    assert options["a.b"].loc == ["a", "b"]
    assert options["a.c"].default == "false"
    assert options["a.c"].example == '"say \\"\\${hi}\\"\\n"'
    assert options["a.c"].read_only
    assert options["a.d"].default == "null"
    assert options["a.d"].internal and not options["a.d"].visible
    assert options["a.d"].example is None


def test_written_and_read_again() -> None:
    index = OptionIndex("nixos")
    for name in ("b", 'a."x.y"'):
        option = IndexedOption(name, split_name(name))
        option.type = "string"
        option.default = '"ü"'
        option.internal = name == "b"
        index.add(option)
    text = index_text(index)
    again = read_index(text, "o.json", "nixos")
    assert list(again.options) == ['a."x.y"', "b"]
    assert again.options['a."x.y"'].loc == ["a", "x.y"]
    assert again.options["b"].internal
    assert "ü" in text
    assert index_text(again) == text


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("home.stateVersion", "homeManager"),
        ("system.stateVersion", "nixos"),
        ("launchd.daemons", "darwin"),
        ("colorscheme", "nixvim"),
        ("x", "other"),
    ],
)
def test_kind_is_found_out(name: str, kind: str) -> None:
    assert read_index(json.dumps({name: {}})).kind == kind
    assert read_index(json.dumps({name: {}}), "", "nixos").kind == "nixos"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not JSON: Expecting value in line 1, column 1"),
        ('{"a": {', "is not JSON: "),
        ("[]", "it holds a list instead of an object"),
        ('{"a": 3}', "the option `a` is a number instead of an object"),
        ('{"a": {"type": 3}}', "`type` of the option `a` is a number instead of a text"),
        ('{"a": {"description": {"text": []}}}', "`description` of the option `a`"),
        ('{"a": {"loc": "a"}}', "`loc` of the option `a` is a string instead of a list of strings"),
        ('{"a": {"loc": [1]}}', "`loc` of the option `a` is a number"),
        ('{"a": {"declarations": "x"}}', "`declarations` of the option `a` is a string"),
        ('{"a": {"declarations": [null]}}', "`declarations` of the option `a` is null"),
    ],
)
def test_mistakes_are_told(text: str, reason: str) -> None:
    with pytest.raises(OptionIndexError) as caught:
        read_index(text, "lists/options.json")
    assert str(caught.value).startswith("lists/options.json: ")
    assert reason in caught.value.reason


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(OptionIndexError, match=r"^o\.json: "):
        read_index("[" * 100_000 + "]" * 100_000, "o.json")


def test_unknown_kind() -> None:
    with pytest.raises(OptionIndexError, match="`mars` is no kind of options"):
        read_index("{}", "o.json", "mars")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a.b", ["a", "b"]),
        ('a."b.c".d', ["a", "b.c", "d"]),
        ('"a\\"b"', ['a"b']),
        ("users.users.<name>.uid", ["users", "users", "<name>", "uid"]),
    ],
)
def test_split_name(name: str, parts: list[str]) -> None:
    assert split_name(name) == parts
