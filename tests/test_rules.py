"""Every rule: its fixtures, its documentation, and its place in the registry.

`pytest tests/test_rules.py --update` rewrites the expectations of the fixtures.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

import nixlint
from nixlint.analysis.check_file import check_text
from nixlint.analysis.config import NEWEST_NIX
from nixlint.analysis.explain import RuleDoc, rule_doc
from nixlint.diagnostics.model import SAFE, SEVERITIES, UNSAFE
from nixlint.rules.base import Rule
from nixlint.rules.registry import PROJECT, RULES, load_rule, rule_names, theme_of
from nixlint.text.source import decode
from tests.rule_harness import (
    FIXTURES,
    RULE_FIXTURES,
    SYNTAX_FIXTURES,
    Case,
    fixtures,
    lost,
    read_marks,
    rules_with,
)

RULES_FOLDER: Final = Path(nixlint.__file__).resolve().parent / "rules"
HEADINGS: Final = (
    "What it does",
    "Why it matters",
    "Example",
    "Use instead",
    "Fix safety",
)
FIX_WORDS: Final = ("safe", "unsafe", "sometimes", "none")
ALLOWED_FIXES: Final = {
    "safe": {SAFE},
    "unsafe": {UNSAFE},
    "sometimes": {SAFE, UNSAFE},
    "none": set[str](),
}
_BLOCK = re.compile(r"^```nix(?: file: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_REPEAT = re.compile(r'repeat\("([^"]*)", (\d+)\)')
_STAND_INS: Final = {"␀": "\0", "␍": "\r", "�": "\udcff", "[BOM]": "\ufeff"}
"""What examples show for characters that cannot be printed."""

FILE_RULES: Final = [
    name for name in rule_names() if name not in PROJECT and not load_rule(name).needs_disk
]
"""The rules that need nothing but the text of a file."""

CASES: Final = fixtures(RULE_FIXTURES, *SYNTAX_FIXTURES)


def case_id(path: Path) -> str:
    return path.relative_to(FIXTURES).with_suffix("").as_posix()


@pytest.mark.parametrize("path", CASES, ids=case_id)
def test_fixture(path: Path, pytestconfig: pytest.Config) -> None:
    case = Case(path)
    checked = case.check()
    failures = [f"{failure.rule}: {failure.error!r}" for failure in checked.failures]
    assert not failures
    if pytestconfig.getoption("--update"):
        case.update(checked.diagnostics)
        case = Case(path)
    differences = case.differences(checked.diagnostics) + lost(case, checked)
    assert not differences, "\n" + "\n".join(differences)
    for diagnostic in checked.diagnostics:
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(case.text)
        if diagnostic.fix is not None:
            allowed = ALLOWED_FIXES[rule_doc(diagnostic.rule).fix]
            assert diagnostic.fix.applicability in allowed, (
                f"{diagnostic.rule}: a fix that its section on fix safety does not announce"
            )


@pytest.mark.parametrize("path", CASES, ids=case_id)
def test_fixes_of_fixture(path: Path) -> None:
    case = Case(path)
    for suffix, wanted in case.derived_texts():
        beside = case.derived(suffix)
        if beside.exists():
            assert wanted is not None, f"fixing changes nothing: remove {beside.name}"
            assert decode(beside.read_bytes()) == wanted
        elif case.strict_fixes:
            assert wanted is None, f"{beside.name} is missing (use --update)"


def test_derived_files_belong_to_a_fixture() -> None:
    known = {path.name for path in CASES}
    for path in [
        path for folder in (RULE_FIXTURES, *SYNTAX_FIXTURES) for path in folder.rglob("*")
    ]:
        if path.name.endswith((".fixed.nix", ".unsafe.nix", ".expect")):
            owner = re.sub(r"\.(fixed\.nix|unsafe\.nix|expect)$", ".nix", path.name)
            assert owner in known, path


def test_marks() -> None:
    text, expected = read_marks("a b\n# ^ one, two\n  c\n  # <- three: some words\n#   | four\n")
    assert text == "a b\n  c\n"
    assert [repr(each) for each in expected] == [
        "1:3-1:4 one",
        "1:3-1:4 two",
        "2:3 three some words",
        "2:5-2:5 four",
    ]


# The registry.


def rule_files() -> list[str]:
    return sorted(
        f"{path.parent.name}.{path.stem}"
        for path in RULES_FOLDER.glob("*/*.py")
        if path.stem != "__init__"
    )


def test_every_rule_file_is_registered() -> None:
    assert rule_files() == sorted(module for _name, module, _class_name in RULES)


def test_rules_are_sorted_within_their_theme() -> None:
    themes: dict[str, list[str]] = {}
    order: list[str] = []
    for name in rule_names():
        theme = theme_of(name)
        if not order or order[-1] != theme:
            order.append(theme)
        themes.setdefault(theme, []).append(name)
    assert len(order) == len(set(order)), "the rules of a theme stand together"
    for names in themes.values():
        assert names == sorted(names)


@pytest.mark.parametrize("name", rule_names())
def test_rule(name: str) -> None:
    rule = load_rule(name)
    module, class_name = next(row[1:] for row in RULES if row[0] == name)
    assert rule.name == name
    assert module.split(".")[1] == name.replace("-", "_")
    assert class_name == type(rule).__name__ == "".join(map(str.capitalize, name.split("-")))
    assert rule.severity in SEVERITIES
    assert not set(rule.aliases) & set(rule_names()), "an alias is the name of another rule"


def test_every_rule_has_a_fixture_where_it_finds_something_and_one_where_it_does_not() -> None:
    # Those of rules about projects: `tests/test_project_rules.py`.
    reported: dict[str, set[bool]] = {name: set() for name in FILE_RULES}
    for path in fixtures(RULE_FIXTURES):
        case = Case(path)
        assert theme_of(case.rule) == path.relative_to(RULE_FIXTURES).parts[0]
        reported[case.rule].add(any(each.rule == case.rule for each in case.expected))
    assert [name for name, kinds in reported.items() if True not in kinds] == []
    assert [name for name, kinds in reported.items() if False not in kinds] == []


# Documentation.


def examples(doc: RuleDoc, heading: str) -> list[tuple[str, str]]:
    """The Nix code below a heading: the name of the file, and the text."""
    out: list[tuple[str, str]] = []
    for name, text in _BLOCK.findall(doc.sections[heading]):
        for shown, meant in _STAND_INS.items():
            text = text.replace(shown, meant)
        text = _REPEAT.sub(lambda found: found[1] * int(found[2]), text)
        out.append((name or "example.nix", text))
    return out


@pytest.mark.parametrize("name", rule_names())
def test_documentation(name: str) -> None:
    doc = rule_doc(name)
    rule: Rule = load_rule(name)
    assert doc.summary.endswith(".") and "\n" not in doc.text.partition("\n\n")[0]
    assert tuple(doc.sections) == HEADINGS
    assert all(doc.sections.values()), "an empty section"
    first = re.match(r"\w+", doc.sections["Fix safety"])
    assert first is not None and first[0].lower() in FIX_WORDS
    if rule.fix_applicability:
        assert rule.fix_applicability in ALLOWED_FIXES[doc.fix]
    for heading in ("Example", "Use instead"):
        assert name not in FILE_RULES or examples(doc, heading), f"no Nix code under {heading!r}"


@pytest.mark.parametrize("name", FILE_RULES)
def test_example_triggers_the_rule_and_no_other(name: str) -> None:
    for path, text in examples(rule_doc(name), "Example"):
        checked = check_text(path, text, rules_with(name), NEWEST_NIX)
        assert not checked.failures
        assert {diagnostic.rule for diagnostic in checked.diagnostics} == {name}


@pytest.mark.parametrize("name", FILE_RULES)
def test_use_instead_does_not(name: str) -> None:
    for path, text in examples(rule_doc(name), "Use instead"):
        checked = check_text(path, text, rules_with(name), NEWEST_NIX)
        assert not checked.failures and not checked.broken
        assert name not in {diagnostic.rule for diagnostic in checked.diagnostics}
