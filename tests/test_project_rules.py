"""Every rule about projects, on its fixtures; see `tests/project_harness.py`.

`pytest tests/test_project_rules.py --update` rewrites what is expected.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

import pytest

from nixlint.analysis.explain import rule_doc
from nixlint.rules.registry import PROJECT, RULES, load_rule, rule_names
from tests.project_harness import EXPECTED, FIXED, FIXTURES, ProjectCase, cases, write_index
from tests.running import nixlint

CASES: Final = cases()
CONCERNED: Final = sorted(PROJECT | {name for name in rule_names() if load_rule(name).needs_disk})
"""The rules that look at more than the text of a file."""
_BLOCK = re.compile(
    r"^```(?:nix|json|toml) file: (\S+)( untracked)?\n(.*?)^```$", re.MULTILINE | re.DOTALL
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_fixture(case: ProjectCase, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    found = case.findings(case.copy_to(tmp_path))
    if pytestconfig.getoption("--update"):
        path = case.path / EXPECTED
        if found:
            path.write_text(found, "utf-8")
        else:
            path.unlink(missing_ok=True)
    assert found == case.expected


@pytest.mark.parametrize("folder", FIXED)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_fixes(case: ProjectCase, folder: str, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    changed = case.fixed(case.copy_to(tmp_path), *FIXED[folder])
    beside = case.path / folder
    if pytestconfig.getoption("--update"):
        shutil.rmtree(beside, ignore_errors=True)
        for name, data in changed.items():
            (beside / name).parent.mkdir(parents=True, exist_ok=True)
            (beside / name).write_bytes(data)
    wanted = {
        path.relative_to(beside).as_posix(): path.read_bytes()
        for path in beside.rglob("*")
        if path.is_file()
    }
    assert changed == wanted


def test_every_fixture_is_named_after_a_rule() -> None:
    folders = {path.name for path in FIXTURES.iterdir() if path.is_dir()}
    assert folders - set(rule_names()) <= {"first-look", "closures"}


def test_every_project_rule_has_a_fixture_where_it_speaks_and_one_where_it_does_not() -> None:
    speaks: dict[str, set[bool]] = {name: set() for name in CONCERNED}
    for case in CASES:
        speaks.setdefault(case.rule, set()).add(f" {case.rule}: " in case.expected)
    assert [name for name, kinds in speaks.items() if kinds != {True, False}] == []


def test_the_registry_knows_the_project_rules() -> None:
    assert {name for name, _, _ in RULES if load_rule(name).whole_project} == PROJECT


@pytest.mark.parametrize("heading", ["Example", "Use instead"])
@pytest.mark.parametrize("name", CONCERNED)
def test_documentation(name: str, heading: str, tmp_path: Path) -> None:
    """The example is found, what to use instead is not. Both may consist of several files; what
    the second does not show is as in the first."""
    doc = rule_doc(name)
    files: dict[str, tuple[bool, str]] = {}
    for section in dict.fromkeys(("Example", heading)):
        blocks = _BLOCK.findall(doc.sections[section])
        assert blocks, f"no file under {section!r}"
        files |= {path: (not untracked, text) for path, untracked, text in blocks}
    for path, (_tracked, text) in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    write_index(tmp_path, [path for path, (tracked, _text) in files.items() if tracked])
    environment = {"NIXLINT_TODAY": "2026-11-23"}
    result = nixlint("check", "--select", name, cwd=tmp_path, environment=environment)
    assert result.code == (1 if heading == "Example" else 0), result
