"""Rules about a project in a process of their own find what they find in this one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.project import write_project
from nixlint.analysis import apart
from nixlint.analysis.beside import can_fork
from nixlint.analysis.check_project import APART_FROM, CheckedProject
from nixlint.analysis.config import Overrides
from nixlint.analysis.outcome import pack_diagnostic
from nixlint.analysis.resolver import Resolver
from nixlint.project.project import Project
from nixlint.rules.modules.unused_module import UnusedModule
from nixlint.rules.project_base import ProjectContext
from nixlint.text import disk

pytestmark = pytest.mark.skipif(not can_fork(), reason="no rule runs apart here")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("apart")
    write_project(found, 2, APART_FROM)
    for number in range(3):
        (found / "modules" / f"lost{number}.nix").write_text(
            "{ lib, ... }: { options.my.lost = lib.mkEnableOption null; }\n"
        )
    return found


def _checked(root: Path, jobs: int) -> CheckedProject:
    return CheckedProject(str(root), "", Resolver(Overrides()).for_directory(str(root)), jobs=jobs)


def _found(checked: CheckedProject) -> list[tuple[str, list[tuple[object, ...]]]]:
    return [
        (path, [pack_diagnostic(each) for each in found])
        for path, found in checked.findings.items()
    ]


def test_the_same_is_found_in_the_same_order(root: Path) -> None:
    alone = _found(_checked(root, 1))
    assert sum(1 for path, _ in alone if "lost" in path) == 3
    assert _found(_checked(root, 2)) == alone


def test_it_really_runs_apart(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing comes back, the rules run in this process."""
    alone = _found(_checked(root, 1))
    died: list[int] = []

    def die(*_arguments: object) -> None:
        os._exit(1)

    def results(self: apart.Apart) -> dict[str, apart.Found]:
        found = waited(self)
        died.append(len(found))
        return found

    waited = apart.Apart.results
    monkeypatch.setattr(apart.Apart, "results", results)
    _checked(root, 2)
    assert died.pop() >= 4
    monkeypatch.setattr(apart, "_work", die)
    assert _found(_checked(root, 2)) == alone
    assert died == [0]


def test_what_was_asked_of_the_disk_is_known_here(root: Path) -> None:
    records = []
    for process in (False, True):
        project = Project(str(root))
        record = disk.Record()
        before = disk.record_into(record)
        try:
            project.files  # noqa: B018
            rule = UnusedModule()
            if process:
                assert "unused-module" in apart.Apart(project, [rule]).results()
            else:
                rule.check_project(ProjectContext(project))
        finally:
            disk.record_into(before)
        records.append(record)
    alone, beside = records
    assert alone.answers == beside.answers
    assert alone.stamps == beside.stamps
