"""What sessions in real editors start from: a project under git, a command, an environment."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Final

from tests.project_harness import TODAY, write_index

PROJECT: Final = Path(__file__).resolve().parent.parent / "fixtures/lsp/editors"


def copied_project(folder: Path) -> Path:
    """A copy of the project in a directory, with all its files tracked by git."""
    copy = folder / "project"
    shutil.copytree(PROJECT, copy)
    names = [path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()]
    write_index(copy, sorted(names))
    return copy


def command_under_test(folder: Path) -> Path:
    """A program called `nixlint` in a directory that is made: the one under test."""
    folder.mkdir()
    command = folder / "nixlint"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m nixlint "$@"\n', "utf-8")
    command.chmod(0o755)
    return command


def environment(home: Path) -> dict[str, str]:
    """The environment of an editor whose user lives in a directory."""
    return os.environ | {
        "HOME": str(home),
        "NIXLINT_TODAY": TODAY,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "XDG_CACHE_HOME": str(home / "cache"),
    }
