"""What strings, paths and keys say (`nixlint/syntax/strings.py`)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixlint.syntax.nodes import (
    AttrName,
    Binding,
    ExprAttrs,
    ExprPath,
    ExprString,
    Interpolated,
    Interpolation,
    Node,
)
from nixlint.syntax.parser import parse
from nixlint.syntax.strings import (
    constant_text,
    content_end,
    content_start,
    is_identifier,
    path_parts,
    quote_name,
    quote_string,
    static_name,
    static_string,
    string_parts,
)


def expression(text: str) -> Node:
    tree = parse(text)
    assert tree.errors == []
    return tree.root.expr


def parts_of(text: str, modern: bool = True) -> list[str]:
    """The parts of a string: `=text`, or the text of an interpolation."""
    node = expression(text)
    assert isinstance(node, Interpolated)
    return [
        "=" + part.text if part.node is None else text[part.start : part.end]
        for part in string_parts(node, text, modern)
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('""', []),
        ('"a b"', ["=a b"]),
        (r'"\n\r\t\"\\\$\{\a\0"', ['=\n\r\t"\\${a0']),
        ('"a\rb\r\nc\n"', ["=a\nb\nc\n"]),
        ('"\\\r\n"', ["=\r\n"]),
        ('"$"', ["=$"]),
        ('"$$${x}$"', ["=$$", "${x}", "=$"]),
        ('"$${x}"', ["=$${x}"]),
        ('"${x}${y}"', ["${x}", "${y}"]),
        ('"a${"}"}b"', ["=a", '${"}"}', "=b"]),
        ('"\\\\"', ["=\\"]),
        ('"\udcff"', ["=\udcff"]),
    ],
)
def test_strings(text: str, parts: list[str]) -> None:
    assert parts_of(text) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("''''", []),
        ("''a''", ["=a"]),
        ("''  a''", ["=a"]),
        ("''  \n  a\n    b\n''", ["=a\n  b\n"]),
        ("''\n  a\n\n   \n  b''", ["=a\n\n \nb"]),
        ("''\n   \n  ''", ["=\n"]),
        ("''\r\n  a''", ["=\r\n  a"]),
        ("''a'''b''", ["=a", "=''", "=b"]),
        ("''a''$b''", ["=a", "=$", "=b"]),
        ("''a''\\nb''", ["=a", "=\n", "=b"]),
        ("''a''\\'b''", ["=a", "='", "=b"]),
        ("''$''", ["=$"]),
        ("''a'b$c''", ["=a'b$c"]),
        ("''a'$b''", ["=a", "='", "=$b"]),
        ("''a'${x}''", ["=a", "='", "${x}"]),
        ("''$${x}''", ["=$${x}"]),
        ("''\n    ${x}\n      a\n''", ["${x}", "=\n  a\n"]),
        ("''\n  a ${x}\n  ''", ["=a ", "${x}", "=\n"]),
        ("''\n    ''\\n  a\n  b''", ["=  ", "=\n", "=a\nb"]),
        ("''\n\ta\n  b''", ["=\ta\n  b"]),
        ("''''\\x''", ["=x"]),
    ],
)
def test_indented_strings(text: str, parts: list[str]) -> None:
    assert parts_of(text) == parts


def test_old_nix_keeps_empty_parts() -> None:
    assert parts_of("''  ${x}''", modern=False) == ["=", "${x}"]
    assert parts_of("''  ${x}''") == ["${x}"]
    node = ExprString(0, 5, None)
    assert [part.text for part in string_parts(node, '"a\0b"', modern=False)] == ["a"]
    assert [part.text for part in string_parts(node, '"a\0b"')] == ["a\0b"]


def test_parts_know_where_they_stand() -> None:
    text = "''\n  a''$b${c}''"
    node = expression(text)
    assert isinstance(node, Interpolated)
    spans = [text[part.start : part.end] for part in string_parts(node, text)]
    assert spans == ["  a", "''$", "b", "${c}"]


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ('"abc', "abc"),
        ('"abc\\"', 'abc\\"'),
        ('"abc\\\\"', "abc\\\\"),
        ('"', ""),
        ("''abc", "abc"),
        ("''abc'''", "abc'''"),
        ("''abc'", "abc'"),
        ("''", ""),
    ],
)
def test_strings_without_an_end(text: str, content: str) -> None:
    """The span of an unclosed string ends somewhere; only real quotes are cut off."""
    node = parse(text).root.expr
    assert isinstance(node, Interpolated)
    assert text[content_start(node, text) : content_end(node, text)] == content
    string_parts(node, text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("./a", ["./a"]),
        ("./a${x}b", ["./a", "${x}", "b"]),
        ("./${x}//b", ["./", "${x}", "/", "/b"]),
        ("./a//${x}", ["./a/", "/", "${x}"]),
        ("~/${x}", ["~/", "${x}"]),
    ],
)
def test_paths(text: str, parts: list[str]) -> None:
    node = expression(text)
    assert isinstance(node, Interpolated)
    found = path_parts(node, text)
    assert [text[part.start : part.end] for part in found] == parts
    for part in found:
        assert isinstance(part.node, Interpolation) or part.text == text[part.start : part.end]
    assert "".join(parts) == text
    assert isinstance(node, ExprPath) or text[0] == "~"


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("a", "a"),
        ("or", "or"),
        ("a-b'c", "a-b'c"),
        ('"a"', "a"),
        ('""', ""),
        ('"a b\\n"', "a b\n"),
        ('"${a}"', None),
        ('"${"a"}"', None),
        ('${"a"}', "a"),
        ('${(("a"))}', "a"),
        ("${''a''}", "a"),
        ("${''a''$b''}", None),
        ("${''${\"a\"}''}", "a"),
        ("${x:y}", "x:y"),
        ("${a}", None),
        ('${"a" + "b"}', None),
        ("${./a}", None),
    ],
)
def test_static_names(key: str, name: str | None) -> None:
    text = f"{{ {key} = 1; }}"
    node = expression(text)
    assert isinstance(node, ExprAttrs)
    binding = node.binds[0]
    assert isinstance(binding, Binding)
    assert static_name(binding.path.first, text) == name


def test_a_missing_name_has_no_name() -> None:
    assert static_name(AttrName(3, 3, 0, None), "{ a.  = 1; }") is None


@pytest.mark.parametrize(
    ("text", "constant", "static"),
    [
        ('"a"', "a", "a"),
        ("((''a''))", "a", "a"),
        ("''a''$b''", "a$b", None),
        ("http://a", "http://a", "http://a"),
        ('"${a}"', None, None),
        ("''${\"a\"}''", None, "a"),
        ('""', "", ""),
        ("''''", "", ""),
        ("./a", None, None),
        ("1", None, None),
    ],
)
def test_constants(text: str, constant: str | None, static: str | None) -> None:
    node = expression(text)
    assert constant_text(node, text) == constant
    assert static_string(node, text) == static


def test_identifiers() -> None:
    for name in ("a", "_", "a1", "a-b", "a'", "__curPos", "true"):
        assert is_identifier(name)
        assert quote_name(name) == name
    for name in ("", "1", "a b", "-a", "é", "if", "inherit", "or", "a.b", "a\n"):
        assert not is_identifier(name)
        assert quote_name(name) == quote_string(name)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=())))
def test_quoting_and_back(value: str) -> None:
    text = quote_string(value)
    node = expression(text)
    assert isinstance(node, ExprString)
    assert node.end == len(text)
    assert constant_text(node, text) == value


@given(st.text(st.sampled_from("${}\"'\\\n\r ab")))
def test_quoting_of_the_awkward(value: str) -> None:
    text = quote_string(value)
    assert constant_text(expression(text), text) == value


@given(st.text(st.sampled_from("${}'\\\n\t ab")))
def test_parts_of_anything(content: str) -> None:
    """The parts of a string tile its content, whatever it is."""
    for quote in ('"', "''"):
        text = quote + content + quote
        node = parse(text).root.expr
        if isinstance(node, Interpolated):
            at = content_start(node, text)
            for part in string_parts(node, text, modern=False):
                assert part.start == at
                at = part.end
            assert at == content_end(node, text)
