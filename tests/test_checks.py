"""What Nix's parser finds wrong in text that fits the grammar (`nixlint/syntax/checks.py`)."""

from __future__ import annotations

import gc
import time

import pytest

from nixlint.syntax.checks import check_tree
from nixlint.syntax.errors import ParseError
from nixlint.syntax.parser import parse

NEWEST = (2, 36)
OLD = (2, 8)


def check(text: str, nix_version: tuple[int, int] = NEWEST) -> list[ParseError]:
    tree = parse(text)
    assert [error for error in tree.errors if error.fatal] == []
    return check_tree(tree, nix_version)


def marked(text: str, errors: list[ParseError]) -> list[tuple[str, str]]:
    """The rule of each error, and the text it stands at."""
    return [(error.rule, text[error.start : error.end]) for error in errors]


DUPLICATE = "duplicate-attribute"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{ a = 1; a = 2; a = 3; }", ["a", "a"]),
        ('{ a = 1; "a" = 2; }', ['"a"']),
        ('{ a = 1; ${"a"} = 2; }', ['${"a"}']),
        ("{ a.b = 1; a.b = 2; }", ["a.b"]),
        ("{ a.b = 1; a = 2; }", ["a"]),
        ("{ a = 1; a.b.c = 2; }", ["a"]),
        ("{ a.b = 1; a.b.c.d = 2; }", ["a.b"]),
        ("{ a = { b = 1; }; a.b = 2; }", ["a.b"]),
        ("{ a = { b = 1; }; a = { b = 2; c = 3; }; }", ["b"]),
        ("{ a = { b = 1; }; a = (({ b = 2; })); }", ["b"]),
        ("{ a = { }; a = let { body = 1; }; }", ["a"]),
        ("{ a = { } // { }; a.b = 2; }", ["a"]),
        ("b: { a = { inherit b; }; a.b = 1; }", ["a.b"]),
        ("a: { inherit a; a.b = 1; }", ["a"]),
        ("a: { a.b = 1; inherit a; }", ["a"]),
        ("a: { inherit a a; }", ["a"]),
        ('a: { inherit a; inherit (a) "a"; }', ['"a"']),
        ("let a = 1; a = 2; in a", ["a"]),
        ("let { a = 1; a = 2; body = 1; }", ["a"]),
        ("{ a = { x = 1; x = 2; }; a = { x = 3; }; }", ["x", "x"]),
        ("{ a = 1; b = 2; }", []),
        ("{ a.b = 1; a.c = 2; a = { d = 3; }; }", []),
        ("x: { ${x} = 1; ${x} = 2; a.${x}.b = 1; a.${x}.b = 2; }", []),
        ('{ "${"a"}" = 1; a = 2; }', []),
        ("{ a = ({ b = 1; }); a.c = 2; }", []),
        ("a: a: let a = 1; in { a = { a = 1; }; }", []),
    ],
)
def test_duplicate_attributes(text: str, found: list[str]) -> None:
    errors = check(text)
    assert marked(text, errors) == [(DUPLICATE, key) for key in found]
    for error in errors:
        assert error.fatal
        assert len(error.notes) == 1
        assert error.notes[0][1] < error.start


@pytest.mark.parametrize(
    ("text", "old", "middle", "newest"),
    [
        ("{ a = { b = { c = 1; }; }; a = { b = { d = 2; }; }; }", 1, 1, 0),
        ("{ a = { b.c = 1; }; a = { b.d = 2; }; }", 1, 1, 0),
        ("{ a.b.c = 1; a = { b = { d = 2; }; }; }", 1, 1, 0),
        ("{ a.b.c = 1; a.b.d = 2; }", 0, 0, 0),
        ("{ a.b = { c = 1; }; a.b = { d = 2; }; }", 0, 0, 0),
        ("{ a = { b = { c = 1; }; }; a = { b = { c = 2; }; }; }", 1, 1, 1),
    ],
)
def test_merging_depends_on_the_version(text: str, old: int, middle: int, newest: int) -> None:
    versions = ((OLD, old), ((2, 25), middle), ((2, 26), newest))
    for nix_version, count in versions:
        errors = check(text, nix_version)
        assert [error.rule for error in errors] == [DUPLICATE] * count
        if newest == 0:
            assert all("only since version 2.26" in error.message for error in errors)


def test_messages_name_the_whole_path() -> None:
    (error,) = check('{ a."b c".d = 1; a = { "b c".d = 2; }; }')
    assert error.message == '`a."b c".d` is already defined'
    (error,) = check("{ a.b = 1; a.b.c = 2; }")
    assert error.message == (
        "`a.b` is already defined, and not as a set in braces, so `a.b.c` cannot be added to it"
    )
    assert error.notes == [("first defined here", 2, 5)]


def test_when_nix_notices() -> None:
    text = "{ a = 1; a = 2; }"
    assert [error.detected for error in check(text)] == [text.index("2;") + 2]
    text = "({ a, a }: a)"
    assert [error.detected for error in check(text)] == [len(text) - 1]
    text = "x: { inherit ${x} ; }"
    assert [error.detected for error in check(text)] == [text.index("}") + 1]
    for broken in ("{ a = 1; a = 2 }", "({ a, a }: )", "({ a, a }: [ a"):
        tree = parse(broken)
        (found,) = check_tree(tree, NEWEST)
        assert found.detected > min(error.detected for error in tree.errors)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{ a, a }: a", [("duplicate-formal", "a")]),
        ("{ a, b, a, b ? 1, a }: a", [("duplicate-formal", name) for name in "aba"]),
        ("{ a, b }@b: a", [("formal-duplicates-at-binding", "b")]),
        ("b@{ a, b, ... }: a", [("formal-duplicates-at-binding", "b")]),
        ("a: { a }: { a }: a", []),
        ("a@{ b }: a: b", []),
        ("{ a, b }@c: a", []),
        ("x: let ${x} = 1; in 1", [("dynamic-attr-in-let", "${x}")]),
        ('let "${"a"}".b = 1; in 1', [("dynamic-attr-in-let", '"${"a"}"')]),
        ("x: let a.${x} = 1; in a", []),
        ('let ${"a"} = 1; in a', []),
        ("x: { inherit ${x}; }", [("dynamic-attr-in-inherit", "${x}")]),
        ('x: { inherit (x) a "${"a"}"; }', [("dynamic-attr-in-inherit", '"${"a"}"')]),
        ('x: { inherit (x) "a" ${"b"}; }', []),
        ("9223372036854775807", []),
        ("0009223372036854775807", []),
        ("9223372036854775808", [("invalid-number-literal", "9223372036854775808")]),
        ("-9223372036854775808", [("invalid-number-literal", "9223372036854775808")]),
        ("[ 1" + "0" * 5000 + " ]", [("invalid-number-literal", "1" + "0" * 5000)]),
        ("1.0e308", []),
        ("1.0e309", [("invalid-number-literal", "1.0e309")]),
        ("1.0e-999", [("invalid-number-literal", "1.0e-999")]),
        ("1.0e-310", [("invalid-number-literal", "1.0e-310")]),
        ("2.2250738585072014e-308", []),
        ("0.0e-999", []),
        ("0.0e999", []),
        (".0", []),
        ("0." + "0" * 5000 + "1", [("invalid-number-literal", "0." + "0" * 5000 + "1")]),
    ],
)
def test_other_mistakes(text: str, found: list[tuple[str, str]]) -> None:
    errors = check(text)
    assert marked(text, errors) == found
    assert all(error.fatal for error in errors)


def test_denormals_that_are_exact() -> None:
    """Nix's only complaint about them is that something was rounded."""
    exact = f"{2.0**-1074:.1074f}"
    assert check(exact) == []
    assert [error.rule for error in check(exact + "1")] == ["invalid-number-literal"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("let { a = 1; }", [("legacy-let-missing-body", "let")]),
        ("let { }", [("legacy-let-missing-body", "let")]),
        ("let { body.a = 1; }", []),
        ("body: let { inherit body; }", []),
        ("{ a = rec { b = 1; }; a.c = 2; }", [("merge-into-rec-attrset", "a.c")]),
        ("{ a = rec { b = 1; }; a = { c = 2; }; }", [("merge-into-rec-attrset", "a")]),
        ("{ a = rec { b = 1; }; a = rec { c = 2; }; }", [("merge-into-rec-attrset", "a")]),
        ("{ a = { b = 1; }; a = rec { c = 2; }; }", [("merge-rec-into-plain-attrset", "a")]),
        ("{ a.b = 1; a = rec { c = 2; }; }", [("merge-rec-into-plain-attrset", "a")]),
        ("{ a = rec { b = 1; }; c.a.d = 2; }", []),
        ("x: rec { ${x} = 1; }", [("rec-dynamic-attr", "${x}")]),
        ("x: let { ${x} = 1; body = 2; }", [("rec-dynamic-attr", "${x}")]),
        ('x: rec { ${"a"} = 1; b.${x} = 2; c = { ${x} = 1; }; }', []),
        ("rec { __overrides = { }; }", [("rec-overrides", "__overrides")]),
        ("x: rec { inherit (x) __overrides; }", [("rec-overrides", "__overrides")]),
        ("{ __overrides = { }; }", []),
        ("f: 1 |> f", [("experimental-pipe-operator", "|>")]),
        ("f: f <| f <| 1", [("experimental-pipe-operator", "<|")] * 2),
        ("x: ./a//b${x}", [("path-duplicate-slashes", "//")]),
        ("x: ./${x}///b", [("path-duplicate-slashes", "///")]),
        ("x: [ ./a/${x} https://a/b//c (x // x) ]", []),
    ],
)
def test_hints(text: str, found: list[tuple[str, str]]) -> None:
    errors = check(text)
    assert marked(text, errors) == found
    assert not any(error.fatal for error in errors)


def test_removing_slashes() -> None:
    text = "x: ./a//b${x}///c"
    for error in reversed(check(text)):
        for start, end, replacement in error.edits:
            text = text[:start] + replacement + text[end:]
    assert text == "x: ./a/b${x}/c"


def test_versions() -> None:
    assert [error.fatal for error in check("f: 1 |> f", (2, 23))] == [True]
    assert [error.fatal for error in check("f: 1 |> f", (2, 24))] == [False]
    for text in ('"a\0b"', "''a\0b''", '"${"a\0"}"'):
        assert [error.fatal for error in check(text, OLD)] == [False]
        (error,) = check(text)
        assert (error.rule, error.fatal) == ("nul-byte-in-string", True)
        assert text[error.start : error.end] == "\0"


def test_recovered_text_is_left_alone() -> None:
    """What recovery made up is no second mistake."""
    for text in ("{ a = 1; . = 2; }", "let ${} = 1; in 1", "{ , }: 1", "{ inherit ${}; }"):
        tree = parse(text)
        assert tree.errors
        assert check_tree(tree, NEWEST) == []


@pytest.mark.timing
@pytest.mark.parametrize(
    "template",
    [
        ("{", "k%d = 1;", "}"),
        ("{", "a.b.k%d = 1;", "}"),
        ("{", "a = { b.k%d = { c = 1; }; };", "}"),
        ("{", "a.b = 1;", "}"),
        ("let ", "k%d = 1;", "in 1"),
        ("{", "k%d,", "}: 1"),
        ("{", "k,", "}: 1"),
        ("{ inherit ", "k%d ", "; }"),
    ],
    ids=str,
)
def test_many_keys_take_linear_time(template: tuple[str, str, str]) -> None:
    before, item, after = template
    seconds = []
    gc.disable()
    try:
        for count in (4_000, 32_000):
            items = [item % k if "%" in item else item for k in range(count)]
            tree = parse(before + "".join(items) + after)
            started = time.process_time()
            check_tree(tree, NEWEST)
            check_tree(tree, OLD)
            seconds.append(time.process_time() - started)
    finally:
        gc.enable()
    assert seconds[1] < 8
    assert seconds[1] < 24 * seconds[0] + 0.05
