"""Rules about projects within `nixlint check`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from nixlint.project.project import Project
from nixlint.report.formats import FORMATS
from tests.project_harness import write_index
from tests.running import Result, nixlint, write_tree

FLAKE = """{
  inputs.a.url = "github:me/a/v2";
  inputs.b.url = "github:me/b";
  outputs = { self, a, ... }: { x = import ./x.nix a; };
}
"""
LOCK = """{
  "nodes": {
    "a": {
      "locked": { "narHash": "sha256-aR8Bh0bDpo+a1Fcv8H4J8yTNLvBNvvqBKbFmrxlWEHM=",
        "owner": "me", "repo": "a", "type": "github",
        "rev": "52e3e80afff4b16ccb7c52e9f0f5220552f03d04" },
      "original": { "owner": "me", "repo": "a", "ref": "v1", "type": "github" }
    },
    "root": { "inputs": { "a": "a", "old": "a" } }
  },
  "root": "root",
  "version": 7
}
"""
FILES = {"flake.nix": FLAKE, "flake.lock": LOCK, "x.nix": "x: let y = 1; in x\n"}
IN_LOCK = "flake.lock:9:37: error[flake-lock-out-of-sync]: `old` is locked"
IN_FLAKE = [
    "flake.nix:2:18: error[flake-lock-out-of-sync]: `a` is another reference",
    "flake.nix:3:10: error[flake-lock-out-of-sync]: the input `b` is not in",
    "flake.nix:3:10: warning[unused-flake-input]: the input `b` is never used",
]


def project(tmp_path: Path, more: Mapping[str, str | bytes] = FILES) -> Path:
    write_tree(tmp_path, more)
    write_index(tmp_path, [name for name in more if not name.endswith("/")])
    return tmp_path


def check(*arguments: str, cwd: Path) -> Result:
    return nixlint("check", "-q", "--format", "concise", *arguments, cwd=cwd)


def findings(*arguments: str, cwd: Path) -> list[str]:
    """What is found; the messages are cut where the lists above end."""
    result = check(*arguments, cwd=cwd)
    assert result.code in (0, 1), result
    known = [IN_LOCK, *IN_FLAKE]
    return [
        next((each for each in known if line.startswith(each)), line)
        for line in result.out.splitlines()
    ]


def test_a_directory(tmp_path: Path) -> None:
    project(tmp_path)
    unused = "x.nix:1:8: warning[unused-let-binding]: `y` is never used"
    assert findings(cwd=tmp_path)[:-1] == [IN_LOCK, *IN_FLAKE]
    assert findings(cwd=tmp_path)[-1].startswith(unused.split("]")[0])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["flake.nix"], [IN_LOCK, *IN_FLAKE]),
        (["flake.lock"], [IN_LOCK]),
        (["flake.lock", "flake.nix"], [IN_LOCK, *IN_FLAKE]),
        (["flake.nix", "flake.lock"], [*IN_FLAKE, IN_LOCK]),
        (["--select", "inputs", "."], [IN_LOCK, *IN_FLAKE]),
        (["--select", "unused-flake-input", "."], IN_FLAKE[2:]),
        (["--select", "names", "flake.nix"], []),
        (["--ignore", "inputs", "flake.nix"], []),
        (["--ignore", "flake-lock-out-of-sync", "flake.nix"], IN_FLAKE[2:]),
    ],
)
def test_files_and_selection(tmp_path: Path, arguments: list[str], expected: list[str]) -> None:
    project(tmp_path)
    assert findings(*arguments, cwd=tmp_path) == expected


def test_paths_are_shown_as_they_were_given(tmp_path: Path) -> None:
    project(tmp_path / "sub")
    expected = [f"sub/{line}" for line in [IN_LOCK, *IN_FLAKE]]
    for path in ("sub/flake.nix", "./sub/flake.nix", "sub//flake.nix"):
        lines = check(path, cwd=tmp_path).out.splitlines()
        assert len(lines) == len(expected)
        assert all(line.startswith(each) for line, each in zip(lines, expected, strict=True))
    result = nixlint("check", "--format", "json", "sub/flake.nix", cwd=tmp_path)
    notes = [note for each in json.loads(result.out)["diagnostics"] for note in each["notes"]]
    assert {note["path"] for note in notes} == {None, "sub/flake.lock"}


@pytest.mark.parametrize("name", FORMATS)
def test_every_report_can_show_the_lock(tmp_path: Path, name: str) -> None:
    project(tmp_path)
    result = nixlint("check", "--format", name, "flake.lock", cwd=tmp_path)
    assert result.code == 1 and result.err == ""
    assert "flake.lock" in result.out and "`old` is locked" in result.out
    if name == "full":
        assert '9 |     "root": { "inputs": { "a": "a", "old": "a" } }' in result.out


def test_comments(tmp_path: Path) -> None:
    text = FLAKE.replace(
        "  inputs.b", "  # nixlint: ignore[unused-flake-input, flake-lock-out-of-sync]\n  inputs.b"
    )
    project(tmp_path, {**FILES, "flake.nix": text})
    assert findings("flake.nix", cwd=tmp_path) == [IN_LOCK, IN_FLAKE[0]]
    # A comment is only called unused by a run in which the rule looked.
    text = FLAKE.replace("  inputs.a", "  # nixlint: ignore[unused-flake-input] why\n  inputs.a")
    (tmp_path / "flake.nix").write_text(text)
    found = check("flake.nix", cwd=tmp_path).out
    assert "[unused-suppression]: nothing to ignore: `unused-flake-input`" in found
    assert "unused-suppression" not in check("--select", "names", "flake.nix", cwd=tmp_path).out
    result = nixlint(
        "check", "-", "--stdin-filename", "flake.nix", cwd=tmp_path, stdin=text.encode()
    )
    assert "unused-suppression" not in result.out


def test_configuration(tmp_path: Path) -> None:
    config = '[per-file-ignores]\n"flake.lock" = ["inputs"]\n[severity]\ninputs = "hint"\n'
    project(tmp_path, {**FILES, "nixlint.toml": config})
    found = findings("flake.nix", cwd=tmp_path)
    assert [line.split(":")[0] for line in found] == ["flake.nix"] * 3
    assert all(": hint[" in line for line in found)
    (tmp_path / "nixlint.toml").write_text('[per-file-ignores]\n"flake.nix" = ["inputs"]\n')
    assert findings("flake.nix", cwd=tmp_path) == [IN_LOCK]


def test_fix(tmp_path: Path) -> None:
    project(tmp_path)
    assert check("--fix", "flake.nix", cwd=tmp_path).code == 1
    assert (tmp_path / "flake.nix").read_text() == FLAKE
    result = nixlint("check", "--diff", "--unsafe-fixes", "flake.nix", cwd=tmp_path)
    assert '-  inputs.b.url = "github:me/b";' in result.out
    # What is left afterwards is shown, with its new places.
    expected = [IN_LOCK, IN_FLAKE[0]]
    assert findings("--fix", "--unsafe-fixes", "flake.nix", cwd=tmp_path) == expected
    text = FLAKE.replace('  inputs.b.url = "github:me/b";\n', "")
    assert (tmp_path / "flake.nix").read_text() == text
    assert (tmp_path / "flake.lock").read_text() == LOCK


def test_findings_move_along_with_fixes(tmp_path: Path) -> None:
    files = {
        "flake.nix": "{\n  outputs = _: { x = import ./x.nix; };\n}\n",
        "x.nix": "let a = 1;\n  b = 2;\nin [ b ./y.nix ]\n",
        "y.nix": "1\n",
    }
    write_tree(tmp_path, files)
    write_index(tmp_path, ["flake.nix", "x.nix"])
    found = findings("--fix", "--unsafe-fixes", "x.nix", cwd=tmp_path)
    assert len(found) == 1 and found[0].startswith("x.nix:3:8: error[path-not-tracked-by-git]")


def test_a_flake_inside_is_a_project_of_its_own(tmp_path: Path) -> None:
    inner = '{\n  inputs.c.url = "github:me/c";\n  outputs = { self, c }: { x = 1; };\n}\n'
    project(tmp_path, {**FILES, "inner/flake.nix": inner})
    found = findings("--select", "inputs", ".", cwd=tmp_path)
    assert found[:4] == [IN_LOCK, *IN_FLAKE]
    assert [line.split(": ")[:2] for line in found[4:]] == [
        ["inner/flake.nix:2:10", "warning[unused-flake-input]"]
    ]


def test_several_processes_find_the_same(tmp_path: Path) -> None:
    many = {f"m/{number}.nix": "./../new.nix\n" for number in range(40)}
    project(tmp_path, {**FILES, **many, "inner/flake.nix": FLAKE})
    (tmp_path / "new.nix").write_text("1\n")
    one = check("-j1", ".", cwd=tmp_path).out
    assert one.count("path-not-tracked-by-git") == 40
    assert check("-j2", ".", cwd=tmp_path).out == one


def test_broken_files(tmp_path: Path) -> None:
    project(tmp_path, {"flake.nix": FLAKE[:90], "flake.lock": LOCK[:200]})
    found = findings("flake.nix", cwd=tmp_path)
    assert found[0].startswith("flake.lock:") and "[flake-lock-broken]" in found[0]
    assert all("unused-flake-input" not in line for line in found)
    (tmp_path / "flake.lock").unlink()
    result = check("flake.lock", cwd=tmp_path)
    assert result.code == 2 and "flake.lock: no such file" in result.err


def test_a_rule_that_fails_costs_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_project: Project) -> None:
        raise ValueError("on purpose")

    project(tmp_path)
    monkeypatch.setattr(Project, "lock", property(fail))
    result = check("flake.nix", cwd=tmp_path)
    assert result.code == 2
    assert "the rule `flake-lock-out-of-sync` failed: ValueError: on purpose" in result.err
    assert "unused-flake-input" in result.out
