"""The rules of the theme `names`, as far as their fixtures cannot show it.

What they find and how they mend it stands in `fixtures/rules/names/`.
"""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Final

import pytest

from nixlint.analysis.check_file import Checked, RuleSet, check_text
from nixlint.analysis.config import NEWEST_NIX
from nixlint.analysis.fix import fix_text
from nixlint.analysis.selection import theme_of
from nixlint.diagnostics.model import SAFE, UNSAFE, Diagnostic
from nixlint.rules.registry import rule_names
from nixlint.rules.unresolved import typing_distance

NAMES: Final = [name for name in rule_names() if theme_of(name) == "names"]
SYNTAX: Final = frozenset(name for name in rule_names() if theme_of(name) == "syntax")
ALL: Final = RuleSet(NAMES, frozenset(), {}, SYNTAX)


def check(text: str, target: tuple[int, int] = NEWEST_NIX) -> Checked:
    checked = check_text("example.nix", text, ALL, target)
    assert not checked.failures
    return checked


def fixed(text: str, unsafe: bool = False) -> str:
    result = fix_text("example.nix", text, ALL, NEWEST_NIX, unsafe)
    assert not result.problems
    return result.text


def only(text: str, target: tuple[int, int] = NEWEST_NIX) -> Diagnostic:
    found = check(text, target).diagnostics
    assert len(found) == 1, found
    return found[0]


def notes(diagnostic: Diagnostic) -> list[str]:
    return [note.message for note in diagnostic.notes]


# What the messages say.


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("{ version }: [ version vesrion ]", ["did you mean `version`?"]),
        ("{ stdenv }: [ stdenv stdEnv ]", ["did you mean `stdenv`?"]),
        ("{ foo_bar }: [ foo_bar foo-bar ]", ["did you mean `foo_bar`?"]),
        ("toStrin 1", ["did you mean `toString`, which Nix defines?"]),
        ("{ lib }: [ lib mkIf ]", ["nixpkgs has it as `lib.mkIf`"]),
        ("{ lib }: lib // { x = optionals; }", ["nixpkgs has it as `lib.optionals`"]),
        ("mkIf", []),
        ("{ ab }: [ ab a ]", []),
        ("{ completely }: [ completely different ]", []),
        ("{ inherit __curPos; }", ["`__curPos` is no variable: write `__curPos = __curPos;`"]),
    ],
)
def test_advice_on_undefined_variables(text: str, advice: list[str]) -> None:
    found = only(text)
    assert found.rule == "undefined-variable"
    assert notes(found) == advice


def test_the_advice_points_at_the_definition() -> None:
    found = only("{ version }: [ version vesrion ]")
    span = found.notes[0].span
    assert span is not None and (span.start, span.end) == (2, 9)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("builtins.attrName", ["did you mean `builtins.attrNames`?"]),
        (
            "builtins.filterAttrs",
            ["only Determinate Nix has it", "nixpkgs has it as `lib.filterAttrs`"],
        ),
        ("builtins.optional", ["nixpkgs has it as `lib.optional`"]),
        ("builtins.qwertyuiop", []),
    ],
)
def test_advice_on_unknown_builtins(text: str, advice: list[str]) -> None:
    found = only(text)
    assert found.rule == "unknown-builtin"
    assert notes(found) == advice


def test_what_came_later() -> None:
    assert only("break", (2, 8)).message == "`break` is not defined in Nix 2.8"
    assert notes(only("break", (2, 8))) == ["it came with Nix 2.9"]
    assert notes(only("builtins.warn", (2, 18))) == ["it came with Nix 2.23"]
    assert only("warn", (2, 18)).rule == "undefined-variable"
    assert only("warn", (2, 23)).rule == "builtin-needs-prefix"
    assert check("[ break builtins.warn ]").diagnostics == []


def test_notes_on_dead_uses() -> None:
    a, b = check("let a = b; b = a; in 1").diagnostics
    assert notes(a) == ["used only here, for `b`, which is never used itself"]
    assert a.notes[0].span is not None and a.notes[0].span.start == 15
    assert notes(b) == ["used only here, for `a`, which is never used itself"]
    assert only("let f = x: f x; in 1").message == "`f` is never used except by itself"


def test_unused_code_is_marked_for_editors() -> None:
    for text in ("let a = 1; in 2", "{ a }: 1", "a@{ ... }: 1", "a: with a; 1", "rec { a = 1; }"):
        assert {each.tag for each in check(text).diagnostics} == {"unnecessary"}
    assert only("undefinedName").tag == ""


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("abc", "abc", 0),
        ("abc", "abd", 1),
        ("abc", "acb", 1),
        ("abc", "ab", 1),
        ("abc", "xabc", 1),
        ("fooBar", "foobar", 1),
        ("foo_bar", "foo-bar", 1),
        ("kitten", "sitting", 3),
        ("abcdef", "uvwxyz", 4),
        ("a", "abcdefgh", 4),
    ],
)
def test_typing_distance(one: str, other: str, distance: int) -> None:
    assert typing_distance(one, other, 4) == distance
    assert typing_distance(other, one, 4) == distance


# Odd texts.


@pytest.mark.parametrize(
    "text",
    [
        "let a = 1; in 2\0 a",
        "{ a }: 1\0 a",
        "a@{ ... }: 1\0 a",
        "a: 1\0 a",
        "a: with a; 1\0 b",
        "rec { a = 1; }\0.a",
    ],
)
def test_nothing_is_unused_before_a_nul_byte(text: str) -> None:
    assert check(text).diagnostics == []
    assert check(text.partition("\0")[0]).diagnostics != []


def test_a_nul_byte_in_a_comment_or_string_changes_nothing() -> None:
    assert only("# \0\nlet a = 1; in 2").rule == "unused-let-binding"


def test_line_ends_survive() -> None:
    text = "let\r\n  a = 1;\r\n\r\n  b = 2;\r\n\r\n  c = 3;\r\nin\r\nb\r\n"
    assert fixed(text) == "let\r\n  b = 2;\r\nin\r\nb\r\n"
    text = "{ lib }:\r\nlet\r\n  inherit (lib)\r\n    a\r\n    b\r\n    ;\r\nin\r\na\r\n"
    assert fixed(text) == text.replace("    b\r\n", "")


def test_tabs_and_wide_characters() -> None:
    text = 'let\n\ta = "äö🦀";\n\tb = "${a}🦀"; c = 1;\nin { inherit b; }\n'
    assert fixed(text) == text.replace(" c = 1;", "")


def test_a_syntax_error_silences_the_rules() -> None:
    checked = check("let a = 1; b = in c")
    assert checked.broken
    assert not {each.rule for each in checked.diagnostics} & set(NAMES)


# Fixes of many findings.


def test_dead_bindings_that_hang_together_share_a_fix() -> None:
    text = "let\n  a = b;\n  b = 1;\n  c = 2;\n  d = 3;\nin\nc\n"
    found = check(text).diagnostics
    assert [each.fix.title for each in found if each.fix] == [
        "Remove `a` and `b`",
        "Remove `a` and `b`",
        "Remove `d`",
    ]
    assert fixed(text) == "let\n  c = 2;\nin\nc\n"


def test_one_comment_makes_the_fix_of_a_whole_group_unsafe() -> None:
    text = "let\n  a = b; # why\n  b = 1;\n  c = 2;\nin\nc\n"
    assert {each.fix.applicability for each in check(text).diagnostics if each.fix} == {UNSAFE}
    assert fixed(text) == text
    assert fixed(text, unsafe=True) == "let\n  c = 2;\nin\nc\n"


def test_of_a_large_group_only_the_first_finding_has_the_fix() -> None:
    names = [f"n{index}" for index in range(50)]
    chain = " ".join(f"{name} = {after};" for name, after in pairwise(names))
    found = check(f"let {chain} n49 = 1; z = 2; in z").diagnostics
    assert len(found) == 50
    assert [each.fix is not None for each in found] == [True] + [False] * 49
    assert found[0].fix is not None and found[0].fix.applicability == SAFE


def test_an_argument_has_no_fix_while_dead_code_names_it() -> None:
    text = "{ stdenv, lib }: let a = lib; in stdenv"
    assert [(each.rule, each.fix is None) for each in check(text).diagnostics] == [
        ("unused-formal", True),
        ("unused-let-binding", False),
    ]
    assert fixed(text, unsafe=True) == "{ stdenv }: stdenv"


# Size.


def big_texts(size: int) -> dict[str, str]:
    names = [f"n{index}" for index in range(size)]
    pairs = list(zip(names, [*names[1:], "1"], strict=True))
    lines = "\n".join(f"  {name} = {other};" for name, other in pairs)
    return {
        "dead chain": f"let\n{lines}\n  z = 1;\nin z",
        "dead let": f"let\n{lines}\nin 1",
        "dead rows": "let " + " ".join(f"{name} = 1;" for name in names) + " z = 1; in z",
        "dead inherit": f"x: let inherit (x) {' '.join(names)}; z = 1; in z",
        "formals": f"{{ {', '.join(names)} }}: 1",
        "undefined": f"[ {' '.join(names)} ]",
        "misspelled": f"let {' '.join(f'{each}x = 1;' for each in names)} in [ {' '.join(names)} ]",
        "recs": f"[ {'rec { x = 1; } ' * size}]",
        "at names": f"[ {'({ a, b, ... }@c: c.a) ' * size}]",
        "builtins": f"[ {' '.join(f'builtins.{name}' for name in names[: size // 10])} ]",
    }


@pytest.mark.parametrize("name", big_texts(1))
def test_big_files(name: str) -> None:
    text = big_texts(4000)[name]
    start = time.perf_counter()
    assert len(check(text).diagnostics) >= 400
    assert time.perf_counter() - start < 10
