"""Rules about projects on fixtures: what is expected stands beside the input.

A fixture is a folder `fixtures/projects/RULE/CASE/`: a small project, perhaps with a
`nixlint.toml`. It is copied, given a `.git` (without the files named in a file `untracked.txt`),
and checked by `RULE` alone, on 2026-11-23. A file `gitignore.txt` becomes `.gitignore`.

`expected.txt` in it holds the findings: `path:line:column severity rule: message`, lines and
columns from 1, and below each its notes, indented. No file means silence.

`fixed/` holds the files that `--fix --unsafe-fixes` changes, `fixed-safe/` those that `--fix`
alone changes. They must exist if, and only if, these fixes change something.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Final

from tests.running import Result, nixlint

FIXTURES: Final = Path(__file__).resolve().parent.parent / "fixtures" / "projects"
EXPECTED: Final = "expected.txt"
UNTRACKED: Final = "untracked.txt"
IGNORED: Final = "gitignore.txt"
FIXED: Final = {"fixed": ("--fix", "--unsafe-fixes"), "fixed-safe": ("--fix",)}
TODAY: Final = "2026-11-23"


class ProjectCase:
    """One fixture, of the rule called `rule`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rule = path.parent.name

    @property
    def id(self) -> str:
        return self.path.relative_to(FIXTURES).as_posix()

    @property
    def expected(self) -> str:
        path = self.path / EXPECTED
        return path.read_text("utf-8") if path.exists() else ""

    def copy_to(self, folder: Path) -> Path:
        """The project, as a repository of its own."""
        root = folder / "project"
        ignored = shutil.ignore_patterns(EXPECTED, UNTRACKED, *FIXED)
        shutil.copytree(self.path, root, symlinks=True, ignore=ignored)
        for path in root.rglob(IGNORED):
            # Under its own name it would hide files of the fixture from our own repository.
            path.rename(path.with_name(".gitignore"))
        untracked: set[str] = set()
        if (self.path / UNTRACKED).exists():
            untracked = set((self.path / UNTRACKED).read_text("utf-8").split())
        files = [path for path in root.rglob("*") if path.is_file() or path.is_symlink()]
        names = sorted(path.relative_to(root).as_posix() for path in files)
        write_index(root, [name for name in names if name not in untracked])
        return root

    def run(self, root: Path, *arguments: str) -> Result:
        """Check the project with the rule alone."""
        options = ("check", "--select", self.rule, *arguments)
        result = nixlint(*options, cwd=root, environment={"NIXLINT_TODAY": TODAY})
        assert result.code in (0, 1), result
        return result

    def findings(self, root: Path) -> str:
        """What the rule finds, in the form of `expected.txt`."""
        found = json.loads(self.run(root, "--format", "json").out)
        return "".join(render(each) for each in found["diagnostics"])

    def fixed(self, root: Path, *arguments: str) -> dict[str, bytes]:
        """The files that fixing changes, with their new content. Fixing again changes nothing."""
        before = contents(root)
        result = self.run(root, *arguments)
        assert "bug of nixlint" not in result.err, result.err
        after = contents(root)
        self.run(root, *arguments)
        assert contents(root) == after, "fixing twice is not the same as fixing once"
        return {name: data for name, data in after.items() if before.get(name) != data}


def render(found: dict[str, Any]) -> str:
    """One finding, with its notes."""
    start = found["range"]["start"]
    place = f"{found['path']}:{start['line']}:{start['column']}"
    lines = [f"{place} {found['severity']} {found['rule']}: {found['message']}"]
    for note in found["notes"]:
        if note["range"] is not None:
            start = note["range"]["start"]
            where = f"{note['path']}:{start['line']}:{start['column']} "
        else:
            where = ""
        lines.append(f"  {where}note: {note['message']}")
    return "\n".join(lines) + "\n"


def contents(root: Path) -> dict[str, bytes]:
    """All files but git's own."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }


def cases() -> list[ProjectCase]:
    """All fixtures."""
    from nixlint.rules.registry import rule_names

    names = set(rule_names())
    return [
        ProjectCase(path)
        for path in sorted(FIXTURES.glob("*/*"))
        if path.is_dir() and path.parent.name in names
    ]


def write_index(root: Path, names: list[str]) -> None:
    """Make `root` a repository in which git tracks these files."""
    git = root / ".git"
    git.mkdir()
    (git / "index").write_bytes(index_bytes(names))


def index_bytes(names: list[str], mode: int = 0o100644) -> bytes:
    """An index of version 2 that holds these files, all of them empty."""
    out = b"DIRC" + (2).to_bytes(4, "big") + len(names).to_bytes(4, "big")
    for name in sorted(names, key=str.encode):
        data = name.encode()
        entry = bytes(24) + mode.to_bytes(4, "big") + bytes(12) + bytes(20)
        entry += min(len(data), 0xFFF).to_bytes(2, "big") + data
        out += entry + bytes(8 - len(entry) % 8)
    return out + bytes(20)
