"""Actions: `fixtures/lsp/refactor` and `fixtures/lsp/actions`, and what holds for all of them.

A case names an action, a text with the place (`⟨…⟩`), and what becomes of it, or `not offered`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from nixlint.analysis.check_file import check_text
from nixlint.analysis.config import NEWEST_NIX, Config, Overrides, Settings
from nixlint.analysis.run import rule_set
from nixlint.diagnostics.model import SAFE, UNSAFE, Diagnostic, Edit, Fix
from nixlint.ide.changes import actions
from nixlint.ide.changes.actions import FIX_ALL, Action, actions_at, change_of, fix_all_edits
from nixlint.ide.changes.edits import apply_edits, edits_between
from nixlint.ide.document import Document
from nixlint.ide.facts import ProjectFacts, text_hash
from nixlint.ide.model import RefusedError
from nixlint.text.span import Span
from tests.rule_harness import FIXTURES

CASES = [
    path for name in ("refactor", "actions") for path in sorted((FIXTURES / "lsp" / name).iterdir())
]
NOT_OFFERED = "not offered"
PATH = "/project/file.nix"


def settings() -> Settings:
    config = Config(None, "/project")
    config.apply(Overrides(isolated=True))
    return config.settings_for(PATH)


def findings_of(document: Document) -> list[Diagnostic]:
    return check_text(PATH, document.text, rule_set(settings()), NEWEST_NIX).diagnostics


def sections(path: Path) -> tuple[str, str, str]:
    head, before = path.read_text("utf-8").split("\n--- before\n")
    before, after = before.split("\n--- after\n")
    return head.removeprefix("action: "), before, after.removesuffix("\n")


def marked(text: str) -> tuple[str, int, int]:
    """The text without the marks, and where they stood."""
    start = text.index("⟨")
    end = text.index("⟩") - 1
    return text.replace("⟨", "").replace("⟩", ""), start, end


def changed(document: Document, findings: list[Diagnostic], action: Action) -> str:
    change = change_of(document, findings, action.key, settings())
    assert set(change.edits) <= {PATH}
    return apply_edits(document.text, change.edits.get(PATH, []))


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_case(path: Path) -> None:
    title, before, after = sections(path)
    text, start, end = marked(before)
    document = Document(PATH, text)
    findings = findings_of(document)
    offered = actions_at(document, start, end, findings)
    titles = [action.title for action in offered]
    assert len(set(titles)) == len(titles)
    if after == NOT_OFFERED:
        assert title not in titles
        return
    assert title in titles
    action = offered[titles.index(title)]
    assert changed(document, findings, action) == after
    if "Ignore" in title:
        rule = title.split("`")[1]
        left = [one.rule for one in findings_of(Document(PATH, after))]
        assert rule not in left and "unused-suppression" not in left


def titles_at(text: str, only: list[str] | None = None) -> list[str]:
    text, start, end = marked(text)
    document = Document(PATH, text)
    return [one.title for one in actions_at(document, start, end, findings_of(document), only)]


def test_only_what_is_asked_for() -> None:
    text = "lib: { ⟨⟩a = with lib; 1; }"
    assert titles_at(text, ["refactor.rewrite"]) == ['Quote the name: `"a"`']
    assert titles_at(text, ["refactor"]) == ['Quote the name: `"a"`']
    assert titles_at(text, [FIX_ALL]) == ["Fix all that is safe to fix"]
    assert titles_at(text, ["source.fixAll"]) == ["Fix all that is safe to fix"]
    assert titles_at(text, ["source.fixAll.other"]) == []
    assert titles_at(text, ["source.organizeImports"]) == []
    assert titles_at(text, ["quickfix"]) == []
    assert titles_at(text, []) == []


def test_safe_fixes_are_preferred_and_others_say_what_they_are() -> None:
    document = Document(PATH, "{ a = 1; }")
    found = []
    for applicability in (SAFE, UNSAFE):
        fix = Fix(f"Do {applicability}", [Edit(Span(2, 3), "b")], applicability)
        found.append(Diagnostic("unused-with", "warning", "", Span(2, 3), None, fix))
    offered = {one.title: one for one in actions_at(document, 2, 2, found, ["quickfix"])}
    assert offered["Do safe"].preferred
    assert not offered["Do unsafe (may change meaning)"].preferred


def test_a_fix_that_does_harm_is_refused() -> None:
    document = Document(PATH, "a: { b = a; }")
    fix = Fix("Break it", [Edit(Span(9, 10), "c")], SAFE)
    found = [Diagnostic("unused-with", "warning", "", Span(9, 10), None, fix)]
    action = actions_at(document, 9, 9, found)[0]
    with pytest.raises(RefusedError, match="left out, because it would"):
        change_of(document, found, action.key, None)
    with pytest.raises(RefusedError, match="not there any more"):
        change_of(document, [], action.key, None)


@pytest.mark.parametrize(
    "key",
    [
        {},
        {"do": "refactor"},
        {"do": "refactor", "module": "../x", "number": 0, "start": 0, "end": 0},
        {"do": "refactor", "module": "quotes", "number": 99, "start": 0, "end": 0},
        {"do": "ignore"},
        {"do": "fix", "choice": 7},
        {"do": "fix-rule"},
    ],
)
def test_a_key_that_makes_no_sense_is_refused(key: dict[str, object]) -> None:
    with pytest.raises(RefusedError):
        change_of(Document(PATH, "{ }"), [], key, None)


def test_large_texts_are_proved_when_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "LARGE", 5)
    document = Document(PATH, "let y = 1; x = y; in (y: x) 2")
    at = document.text.index("x = ")
    offered = actions_at(document, at, at, [])
    quote = next(one for one in offered if one.title.startswith("Quote"))
    assert changed(document, [], quote) == 'let y = 1; "x" = y; in (y: x) 2'
    document = Document(PATH, "a: rec { a = a; }")
    offered = actions_at(document, 9, 9, [])
    inherit = next(one for one in offered if "inherit" in one.title)
    with pytest.raises(RefusedError, match="change what the program means"):
        change_of(document, [], inherit.key, None)


def test_fixing_everything_is_what_the_command_line_does(tmp_path: Path) -> None:
    from tests.running import nixlint

    text = (FIXTURES / "lsp" / "actions" / "fix-all.case").read_text("utf-8")
    text = text.split("--- before\n")[1].split("\n--- after")[0].replace("⟨⟩", "") + "\n"
    file = tmp_path / "file.nix"
    file.write_text(text)
    nixlint("check", "--fix", "file.nix", cwd=tmp_path)
    document = Document(PATH, text)
    edits = fix_all_edits(document, findings_of(document), settings())
    assert apply_edits(text, edits) == file.read_text() != text


def test_edits_between_texts_are_small() -> None:
    old = "a\nb\nc\nd\n"
    assert [(e.span.start, e.span.end, e.text) for e in edits_between(old, "a\nB\nc\nd\ne\n")] == [
        (2, 3, "B"),
        (8, 8, "e\n"),
    ]
    assert edits_between(old, old) == []
    for new in ("", "x", "a\r\nb\r\nc\nd", "d\nc\nb\na\n", "a\nb\nb\nc\nd\n\u2028\n"):
        assert apply_edits(old, edits_between(old, new)) == new
        assert apply_edits(new, edits_between(new, old)) == old


def test_a_choice_in_another_file(tmp_path: Path) -> None:
    there = tmp_path / "there.nix"
    there.write_text("{ x = 1; }\n")
    document = Document(PATH, "{ x = 2; }")
    found = Diagnostic("option-conflict", "error", "two values", Span(2, 3))
    found.choices = [
        Fix("Here", [Edit(Span(6, 7), "3")], UNSAFE),
        Fix("There", [Edit(Span(6, 7), "4")], UNSAFE, str(there)),
    ]
    facts = ProjectFacts("/project")
    facts.hashes[str(there)] = text_hash(there.read_text())
    offered = actions_at(document, 2, 2, [found], ["quickfix"], facts)
    titles = [one.title for one in offered]
    assert titles[:2] == ["Here (may change meaning)", "There (may change meaning)"]
    here, other = (change_of(document, [found], one.key, None, facts) for one in offered[:2])
    assert [edit.text for edit in here.edits[PATH]] == ["3"]
    assert [edit.text for edit in other.edits[str(there)]] == ["4"]
    # A text that is not the one the fix was made for is left alone.
    facts.hashes[str(there)] = 1
    offered_now = actions_at(document, 2, 2, [found], ["quickfix"], facts)
    assert "There (may change meaning)" not in [one.title for one in offered_now]
    with pytest.raises(RefusedError):
        change_of(document, [found], offered[1].key, None, facts)
