"""Comments that silence findings; the cases are in `fixtures/suppress/`."""

from __future__ import annotations

from pathlib import Path

import pytest

from nixlint.analysis import selection
from nixlint.analysis.check_file import check_text
from nixlint.analysis.config import NEWEST_NIX, Settings
from nixlint.analysis.fix import fix_text
from nixlint.analysis.run import rule_set
from nixlint.analysis.selection import Layer
from nixlint.text.source import Source
from tests.running import concise, write_tree

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "suppress"
CASES = sorted(p for p in FIXTURES.glob("*.nix") if not p.name.endswith(".fixed.nix"))
RULES = rule_set(Settings(selection.resolve([]), {}, NEWEST_NIX))


def findings(text: str) -> str:
    source = Source("x.nix", text)
    lines = []
    for found in check_text("x.nix", text, RULES, NEWEST_NIX).diagnostics:
        line, column = source.position(found.span.start)
        lines.append(f"{line + 1}:{column + 1}: {found.severity}[{found.rule}]: {found.message}\n")
    return "".join(lines)


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_fixture(path: Path, request: pytest.FixtureRequest) -> None:
    text = path.read_text()
    expect = path.with_suffix(".expect")
    fixed_path = path.with_suffix(".fixed.nix")
    fixed = fix_text("x.nix", text, RULES, NEWEST_NIX, False)
    assert fixed.problems == []
    if request.config.getoption("--update", default=False):
        expect.write_text(findings(text))
        fixed_path.unlink(missing_ok=True)
        if fixed.text != text:
            fixed_path.write_text(fixed.text)
    assert findings(text) == expect.read_text()
    assert fixed.text == (fixed_path.read_text() if fixed_path.exists() else text)


def test_every_fixture_has_its_expectation() -> None:
    assert {path.stem for path in CASES} == {path.stem for path in FIXTURES.glob("*.expect")}


def test_a_comment_about_a_rule_that_did_not_run_is_not_unused(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.nix": "{ a = 1; } # nixlint: ignore[unused-with]\n"})
    assert concise(cwd=tmp_path) == ["a.nix:1:12 unused-suppression"]
    assert concise("--select", "unused-rec,unused-suppression", cwd=tmp_path) == []
    assert concise("--ignore", "unused-with", cwd=tmp_path) == []
    assert concise("--ignore", "unused-suppression", cwd=tmp_path) == []


def test_many_comments_take_linear_time() -> None:
    """Ten thousand of each: a quadratic search would take minutes."""
    lines = [f"  x{i} = {i}; # nixlint: ignore[unused-let-binding]" for i in range(10_000)]
    text = "let\n" + "\n".join(lines) + "\nin 0\n"
    assert findings(text) == ""


def test_selection_of_the_rules_about_comments() -> None:
    chosen = selection.resolve([Layer(select=["suppressions"])])
    assert chosen.enabled == {"malformed-suppression", "unknown-suppression", "unused-suppression"}
