"""Asks the installed Nix what it makes of files."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

from nixlint.text.source import decode

_POSITION = re.compile(r"^\s*(?:«[^»]*» )?at (?:.*):(\d+):(\d+):?$", re.MULTILINE)
_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
STORE = ("--store", "dummy://")
"""Parsing needs no store, and this one needs no directory."""

CRASHED = "no message, exit code"


class Answer:
    """What Nix says about one file: the printed tree, or the message and where it points.

    Lines and columns count from 1, columns in bytes; 0 is unknown.
    """

    def __init__(self, printed: str | None, message: str = "", line: int = 0) -> None:
        self.printed = printed
        self.message = message
        self.line = line

    @property
    def kind(self) -> str:
        """`ok`, `undefined-variable`, `duplicate-attr`, `duplicate-formal`, `syntax` or `crash`."""
        if self.printed is not None:
            return "ok"
        if self.message.startswith(CRASHED):
            return "crash"
        if self.message.startswith("undefined variable"):
            return "undefined-variable"
        if self.message.startswith("attribute '") and "already defined" in self.message:
            return "duplicate-attr"
        if self.message.startswith("duplicate formal"):
            return "duplicate-formal"
        return "syntax"


def is_available() -> bool:
    return shutil.which("nix-instantiate") is not None


@lru_cache(maxsize=1)
def version() -> tuple[int, int]:
    """Of the installed Nix."""
    output = subprocess.run(
        ["nix-instantiate", "--version"], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"(\d+)\.(\d+)", output)
    assert found is not None, output
    return int(found[1]), int(found[2])


@lru_cache(maxsize=1)
def home() -> str:
    """The directory that Nix takes `~` for."""
    command = ["nix-instantiate", *STORE, "--parse", "-E", "~/x"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return output.removesuffix("\n").removesuffix("/x")


def base_dir(path: Path) -> str:
    """What Nix resolves the relative paths of a file against: a link counts as its target."""
    while path.is_symlink():
        path = Path(os.path.normpath(path.parent / path.readlink()))
    return os.path.abspath(path.parent)


def ask(paths: list[Path]) -> list[Answer]:
    """What Nix prints for each file.

    One process reads many files; when it stops at one, the next process goes on behind that.
    """
    answers: list[Answer] = []
    while len(answers) < len(paths):
        rest = [str(path.absolute()) for path in paths[len(answers) :]]
        result = subprocess.run(
            ["nix-instantiate", *STORE, "--parse", *rest],
            capture_output=True,
            check=False,
            env={**os.environ, "NO_COLOR": "1"},
        )
        lines = decode(result.stdout).split("\n")
        answers += [Answer(line) for line in lines[:-1]]
        if result.returncode != 0:
            answers.append(_failure(_ESCAPE.sub("", decode(result.stderr)), result.returncode))
        elif len(answers) != len(paths):
            raise RuntimeError(f"Nix printed {len(answers)} trees for {len(paths)} files")
    return answers


def _failure(stderr: str, code: int) -> Answer:
    found = re.search(r"^error: (.*)$", stderr, re.MULTILINE)
    positions = _POSITION.findall(stderr)
    line = int(positions[-1][0]) if positions else 0
    return Answer(None, found[1] if found else f"{CRASHED} {code}", line)
