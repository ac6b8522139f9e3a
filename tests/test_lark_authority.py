"""Lark is the authority: on the same grammar it builds the same tree as the driver."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from nixlint.syntax.dump import dump_json
from nixlint.syntax.parser import parse
from nixlint.text.source import decode
from tests.oracles import cases
from tests.oracles.corpus import directories_of, find_files

lark = pytest.importorskip("lark", reason="lark is not installed")

from nixlint.syntax.lark_engine import (  # noqa: E402
    BUILDERS,
    LarkParseError,
    grammar_path,
    lark_tree,
    load_lark,
    parse_with_lark,
)
from tests.oracles.lark import check, joined  # noqa: E402

ROOT = cases.ROOT
FIXTURES = find_files([ROOT / "fixtures"])
SAMPLE = 150

OPERATORS = ("->", "||", "&&", "==", "!=", "<", ">", "<=", ">=", "//", "++", "+", "-", "*", "/")
OPERANDS = ("a", "1", "f x", "a.b", "(a)", "[ ]", "a.b or c", '"s"')


def read(path: Path) -> str:
    return decode(path.read_bytes())


@pytest.mark.skipif(not FIXTURES, reason="the fixtures are not there")
def test_fixtures() -> None:
    complaints = {str(path): check(read(path)) for path in FIXTURES}
    assert {path: text for path, text in complaints.items() if text} == {}


@pytest.mark.skipif(cases.directory() is None, reason="no recorded cases (set NIXLINT_CASES)")
def test_recorded_cases() -> None:
    directory = cases.directory()
    assert directory is not None
    complaints = {path.name: check(read(path)) for path in sorted(directory.glob("*.nix"))}
    assert {path: text for path, text in complaints.items() if text} == {}


@pytest.mark.skipif(not directories_of([]), reason="no corpus (set NIXLINT_CORPUS)")
def test_a_sample_of_the_corpus() -> None:
    files = find_files(directories_of([]))
    sample = random.Random(0).sample(files, min(SAMPLE, len(files)))
    complaints = {str(path): check(read(path)) for path in sample}
    assert {path: text for path, text in complaints.items() if text} == {}


def random_row(chance: random.Random) -> str:
    """Operands, prefixes and operators at random; many of these rows do not associate."""
    words = []
    for _ in range(chance.randint(2, 7)):
        words += chance.choices(["!", "-", ""], k=chance.randint(0, 2))
        words.append(chance.choice(OPERANDS))
        while chance.random() < 0.2:
            words.append('? a."b"')
        words.append(chance.choice(OPERATORS))
    return " ".join(words[:-1])


def test_operators() -> None:
    """The two ways to sort out a row of operators agree, also on what does not associate."""
    chance = random.Random(0)
    clashes = 0
    for _ in range(2000):
        text = random_row(chance)
        assert check(text) == "", text
        clashes += bool(parse(text).errors)
    assert 200 < clashes < 1800


def test_every_rule_has_a_builder() -> None:
    """What Lark can produce, the converter can read, except what only recovery produces."""
    used = {str(rule.alias or rule.origin.name) for rule in load_lark().rules}
    inline = {rule.origin.name for rule in load_lark().rules if rule.options.expand1}
    assert used - inline - set(BUILDERS) == {"start", "missing", "attr_missing"}
    assert set(BUILDERS) <= used


def test_tokens_give_the_text_back() -> None:
    for text in ("", " ", "# a", "1 /* b */\r\n", "''\n ${a} ''", "{ a = ; \0 }", '"', "\ufeffa"):
        assert joined(parse(text)) == text


def test_broken_text() -> None:
    """Lark does not recover: the tree and the errors are those of the driver."""
    text = "{ a = 1 b = 2; }"
    with pytest.raises(LarkParseError) as caught:
        lark_tree(text)
    assert (caught.value.start, caught.value.end, caught.value.found) == (10, 11, "ASSIGN =")
    assert "SEMICOLON" in caught.value.expected
    with pytest.raises(LarkParseError, match="unexpected end of file"):
        lark_tree("{ a = 1;")
    tree = parse_with_lark(text)
    assert [error.rule for error in tree.errors] == ["expected-token"]
    assert dump_json(tree) == dump_json(parse(text))
    assert [error.rule for error in parse_with_lark("a < b < c").errors] == [
        "non-associative-operator-chain"
    ]


def test_where_the_grammar_is() -> None:
    assert Path(grammar_path()).name == "nix.lark"
    assert "start: expr" in Path(grammar_path()).read_text(encoding="utf-8")
