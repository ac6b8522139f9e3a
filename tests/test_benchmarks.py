"""The benchmarks run, on very little; what they measure is not judged here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks import corpus, evaluate, linear, project
from benchmarks.__main__ import main
from nixlint.syntax.parser import parse
from nixlint.text.build_info import build_mode


def test_parse(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tree_sitter_nix")
    assert main(["parse", "--rounds", "1", "--size", "0.005", "--engines", "nixlint,sitter"]) == 0
    said = capsys.readouterr().out
    assert "3 files (made up)" in said
    speed = re.search(rf"^nixlint {build_mode()} +(\d+\.\d+) ", said, re.MULTILINE)
    assert speed is not None and float(speed[1]) > 0
    assert re.search(r"^tree-sitter-nix +\d", said, re.MULTILINE)
    assert build_mode() == "compiled" or "missing: nixlint compiled" in said


def test_parse_given_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "small.nix").write_text("1\n")
    (tmp_path / "large.nix").write_text("[ " + "1 " * 1000 + "]\n")
    arguments = ["parse", str(tmp_path), "--limit", "1", "--rounds", "1", "--engines", "nixlint"]
    assert main(arguments) == 0
    assert "1 files (given), 0.00 MB" in capsys.readouterr().out
    assert main(["parse", str(tmp_path / "absent.nix")]) == 2
    assert "not found" in capsys.readouterr().out


def test_startup(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["startup", "--rounds", "1"]) == 0
    assert f"nixlint check, {build_mode()}" in capsys.readouterr().out


def test_linear(capsys: pytest.CaptureFixture[str]) -> None:
    main(["linear", "--size", "2000", "--only", "[[[["])
    row = capsys.readouterr().out.splitlines()[1]
    assert row.startswith("[[[[") and "FAILED" not in row


@pytest.mark.nix
def test_evaluate(capsys: pytest.CaptureFixture[str]) -> None:
    """Both give the same answer to every program."""
    assert main(["evaluate", "--rounds", "1", "--size", "0.01"]) == 0
    said = capsys.readouterr().out
    assert f"nixlint {build_mode()}" in said and "geometric mean" in said
    assert len(re.findall(r" times$", said, re.MULTILINE)) == len(evaluate.PROGRAMS)


def test_made_up_files_are_valid_and_always_the_same(tmp_path: Path) -> None:
    texts = [[path.read_text() for path in corpus.make(tmp_path, 0.02)] for _ in range(2)]
    assert texts[0] == texts[1]
    for text in texts[0]:
        assert len(text) > 1000 and parse(text).errors == []


@pytest.mark.parametrize("name", [*linear.REPEATED, *linear.ONCE, *linear.NAMED])
def test_linear_inputs_have_the_size_asked_for(name: str) -> None:
    text = linear.text_of(name, 500)
    if name not in linear.NAMED:
        assert 480 <= len(text) <= 500
    assert len(linear.text_of(name, 1000)) > 1.8 * len(text)


def test_options(capsys: pytest.CaptureFixture[str]) -> None:
    tree = Path(__file__).resolve().parent.parent / "fixtures" / "options" / "home-manager" / "tree"
    assert main(["options", "--rounds", "1", str(tree)]) == 0
    out = capsys.readouterr().out
    assert " options " in out and " x click" in out


def test_projects(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    project.write_project(tmp_path / "work", 2, 3)
    assert main(["project", "--rounds", "1", "--no-growth", str(tmp_path / "work")]) == 0
    printed = capsys.readouterr().out
    assert "work" in printed and "x click" in printed


def test_flakes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    project.write_project(tmp_path / "work", 1, 1)
    assert main(["flakes", "--rounds", "1", str(tmp_path)]) == 0
    assert "slowest" in capsys.readouterr().out
