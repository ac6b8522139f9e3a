"""The pages about the rules are fresh, and the machinery that makes them works."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import generate


def test_pages_are_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["--check"]) == 0, capsys.readouterr().out


def test_lines_become_sentences() -> None:
    text = (
        "A sentence that\ngoes on.\nAnother.\n\n```nix file: x.nix\na\nb\n```\n- a point\n  more\n"
    )
    wanted = "A sentence that goes on.\nAnother.\n\n```nix\na\nb\n```\n- a point\n  more"
    assert generate.unwrap(text) == wanted


def test_table_in_the_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- rules -->\nold\n<!-- /rules -->\nafter\n", "utf-8")
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "PAGES", tmp_path / "docs" / "rules")
    monkeypatch.setattr(generate, "README", readme)
    monkeypatch.setattr(generate, "SCHEMA", tmp_path / "nixlint.schema.json")
    assert generate.main(["--check"]) == 1
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    text = readme.read_text("utf-8")
    assert text.startswith("before\n") and text.endswith("\nafter\n") and "old" not in text
    assert "| [expected-token](docs/rules/expected-token.md) | error | on | unsafe |" in text
    page = tmp_path / "docs" / "rules" / "gone.md"
    page.write_text("a rule that is no more", "utf-8")
    assert generate.main(["--check"]) == 1
    assert generate.main([]) == 0
    assert not page.exists()
