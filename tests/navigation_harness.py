"""Questions to a small project, with the answers beside them.

A fixture is a folder `fixtures/lsp/FEATURE/CASE/`: a project in which `$0` marks the place that is
asked about. `ask.txt` says more: lines `key: value`. Answers are in `expected.txt`; of changes, the
files as they are afterwards stand in `after/`, and a refusal in `refused.txt`.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from nixlint.ide.document import Document
from nixlint.ide.gathering.gather import gather
from nixlint.ide.model import Change, Place
from nixlint.ide.navigation.workspace import Workspace
from nixlint.text.source import Source

FIXTURES: Final = Path(__file__).resolve().parent.parent / "fixtures" / "lsp"
CURSOR: Final = "$0"
ASK: Final = "ask.txt"
EXPECTED: Final = "expected.txt"
REFUSED: Final = "refused.txt"
AFTER: Final = "after"


class Case:
    """One fixture."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def expected(self) -> str:
        return (self.path / EXPECTED).read_text("utf-8")

    @property
    def refused(self) -> str | None:
        path = self.path / REFUSED
        return path.read_text("utf-8").strip() if path.exists() else None

    def asked(self) -> dict[str, str]:
        """What `ask.txt` says."""
        path = self.path / ASK
        if not path.exists():
            return {}
        rows = [line.partition(":") for line in path.read_text("utf-8").splitlines() if line]
        return {key.strip(): value.strip() for key, _, value in rows}

    def after(self) -> dict[str, str]:
        """The files that change, as they are afterwards."""
        folder = self.path / AFTER
        return {
            path.relative_to(folder).as_posix(): path.read_text("utf-8")
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    def open(self, folder: Path) -> Opened:
        """A copy of the project, ready for questions."""
        root = folder.resolve() / "project"
        ignored = shutil.ignore_patterns(ASK, EXPECTED, REFUSED, AFTER)
        shutil.copytree(self.path, root, symlinks=True, ignore=ignored)
        asking = ""
        offset = 0
        for path in sorted(root.rglob("*.nix")):
            text = path.read_bytes().decode()
            at = text.find(CURSOR)
            if at >= 0:
                assert not asking, "two cursors"
                asking, offset = str(path), at
                path.write_bytes((text[:at] + text[at + len(CURSOR) :]).encode())
        facts = gather(str(root), {}) if "facts" in self.asked() else None
        return Opened(Workspace(str(root), facts=facts), asking, offset)


class Opened:
    """A project that is asked about `offset` in the file `path`."""

    def __init__(self, workspace: Workspace, path: str, offset: int) -> None:
        self.workspace = workspace
        self.path = path
        self.offset = offset

    @property
    def document(self) -> Document:
        found = self.workspace.document(self.path)
        assert found is not None
        return found

    def name(self, path: str) -> str:
        """A path as fixtures write it."""
        return Path(path).relative_to(self.workspace.root).as_posix()

    def shown(self, place: Place) -> str:
        """A place for people: `a.nix:1:5 text`, counted from 1."""
        document = self.workspace.document(place.path)
        assert document is not None, place
        line, column = Source("", document.text).position(place.start)
        text = " ".join(document.text[place.start : place.end].split())
        return f"{self.name(place.path)}:{line + 1}:{column + 1} {text}".rstrip()

    def changed(self, change: Change) -> dict[str, str]:
        """The files that a change changes, as they are afterwards."""
        out: dict[str, str] = {}
        for path, edits in change.edits.items():
            document = self.workspace.document(path)
            assert document is not None
            text = document.text
            for edit in sorted(edits, key=lambda e: (e.span.start, e.span.end), reverse=True):
                text = text[: edit.span.start] + edit.text + text[edit.span.end :]
            out[self.name(path)] = text
        return out


def cases(feature: str) -> list[Case]:
    """The fixtures of a feature."""
    return [Case(path) for path in sorted((FIXTURES / feature).iterdir()) if path.is_dir()]
