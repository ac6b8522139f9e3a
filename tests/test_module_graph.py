"""The configurations of a flake and the modules they consist of, and `nixlint graph`.

A fixture is a folder `fixtures/projects/closures/CASE/`. Its `expected.txt` names every
configuration, and below it every file in the order in which Nix meets the modules:
`?` is possible, `-` is disabled; what is external or unknown follows.
`pytest tests/test_module_graph.py --update` rewrites it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

import pytest

from nixlint.project.modules.shared import configurations_of
from nixlint.project.project import Project
from tests.project_harness import EXPECTED, FIXTURES, ProjectCase
from tests.running import nixlint

CASES: Final = sorted(path for path in (FIXTURES / "closures").iterdir() if path.is_dir())
MARKS: Final = {"certain": "", "possible": "? ", "disabled": "- "}


def render(root: str) -> str:
    """What is found in a project."""
    found = configurations_of(Project(root))
    lines: list[str] = []
    for configuration in found.found:
        kind = configuration.kind or "other"
        lines.append(f"{configuration.name} ({kind})")
        for module in configuration.modules:
            path = os.path.relpath(module.path, root) if module.path else "(nowhere)"
            failure = f": {module.failure}" if module.failure else ""
            lines.append(f"  {MARKS[module.certainty]}{path}{failure}")
        lines.extend(f"  external {name}" for name in sorted({
            one.name.split("-source/")[-1] for one in configuration.externals
        }))  # fmt: skip
        lines.extend(f"  unknown: {reason}" for reason, _, _ in configuration.unknowns)
    lines.extend(f"failed {name}: {reason}" for name, reason in found.failed)
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_closure(path: Path, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    case = ProjectCase(path)
    found = render(os.path.realpath(case.copy_to(tmp_path)))
    if pytestconfig.getoption("--update"):
        (path / EXPECTED).write_text(found, "utf-8")
    assert found == case.expected


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return ProjectCase(FIXTURES / "unused-module" / "ways-to-use").copy_to(tmp_path)


def test_tree(project: Path) -> None:
    result = nixlint("graph", "--configuration", "box", cwd=project)
    assert result.code == 0
    assert result.out.splitlines() == [
        "nixosConfigurations.box (nixos)",
        "└── hosts/box/default.nix",
        "    └── hosts/box/disk.nix",
    ]


def test_json(project: Path) -> None:
    result = nixlint("graph", "--format", "json", cwd=project)
    document = json.loads(result.out)
    assert document["version"] == 1 and document["failed"] == []
    box, tower = document["configurations"]
    assert box["name"] == "nixosConfigurations.box" and box["class"] == "nixos"
    disk = box["modules"][1]
    assert disk["file"] == "hosts/box/disk.nix" and disk["importer"] == 0
    assert disk["place"] == "hosts/box/default.nix:3:31"
    assert box["modules"][0]["imports"] == [1]
    assert len(tower["modules"]) == 8


@pytest.mark.parametrize(
    ("form", "edge"),
    [
        ("dot", '  "hosts/box/default.nix" -> "hosts/box/disk.nix";'),
        ("mermaid", '  n1 --> n2["hosts/box/disk.nix"]'),
    ],
)
def test_drawings(project: Path, form: str, edge: str) -> None:
    result = nixlint("graph", "--format", form, cwd=project)
    assert result.code == 0
    assert edge in result.out.splitlines()


def test_why(project: Path) -> None:
    result = nixlint("graph", "--why", "hosts/box/disk.nix", cwd=project)
    assert result.code == 0
    assert result.out.splitlines() == [
        "nixosConfigurations.box",
        "  hosts/box/default.nix  at flake.nix:13:50",
        "    hosts/box/disk.nix  at hosts/box/default.nix:3:31",
    ]


def test_why_it_is_used_although_no_module(project: Path) -> None:
    result = nixlint("graph", "--why", "modules/exported.nix", cwd=project)
    assert result.code == 0
    assert "modules/exported.nix is named in flake.nix:" in result.out


def test_why_nothing_reaches_it(project: Path) -> None:
    (project / "dead.nix").write_text("{ }\n", "utf-8")
    result = nixlint("graph", "--why", "dead.nix", cwd=project)
    assert result.code == 1
    assert result.out == (
        "it is not known whether anything uses `dead.nix`: git does not track it\n"
    )
    result = nixlint("graph", "--why", "dead.nix", "--format", "json", cwd=project)
    assert json.loads(result.out)["state"] == "unknown"


def test_why_unused(tmp_path: Path) -> None:
    project = ProjectCase(FIXTURES / "unused-module" / "forgotten").copy_to(tmp_path)
    result = nixlint("graph", "--why", "old/part.nix", cwd=project)
    assert result.code == 1
    assert result.out.splitlines() == [
        "nothing uses `old/part.nix`",
        "  old/default.nix names it, which is unused, too",
    ]


def test_mistakes(project: Path, tmp_path: Path) -> None:
    result = nixlint("graph", "--configuration", "bix", cwd=project)
    assert result.code == 2 and "no configuration `bix`" in result.err
    result = nixlint("graph", "--why", "nothing.nix", cwd=project)
    assert result.code == 2 and "no such file" in result.err
    (tmp_path / "empty").mkdir()
    result = nixlint("graph", cwd=tmp_path / "empty")
    assert result.code == 2 and "no `flake.nix`" in result.err
