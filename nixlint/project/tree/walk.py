"""The files of a project, and the directories nobody looks into."""

from __future__ import annotations

import os
from typing import Final

from nixlint.project.tree import gitignore
from nixlint.project.tree.gitignore import IgnoreChain, is_repository
from nixlint.text import disk

FLAKE: Final = "flake.nix"
LOCK: Final = "flake.lock"
MODULE_FILES: Final = ("configuration.nix", "home.nix", "darwin-configuration.nix")
"""Files that are the one module of a configuration."""

NEVER_ENTERED: Final = frozenset(
    (".git", ".direnv", ".devenv", ".hg", ".jj", ".svn", "node_modules", "result")
)
"""Directories that hold no code of the user's, next to those named `result-…`."""

MAX_FILES: Final = 200_000
"""A project with more files is not looked at as a whole."""


def never_entered(name: str) -> bool:
    """Whether a directory of that name is never entered."""
    return name in NEVER_ENTERED or name.startswith("result-")


def walk(root: str, tracked: frozenset[str] | None = None) -> list[str] | None:
    """The absolute paths of all files below an absolute directory, minus what git ignores.

    What is in `tracked` (files and directories) is not ignored, whatever the patterns say.

    Sorted by directory. Links are listed and never followed into directories. What cannot be read
    is left out. None when there are more than `MAX_FILES`.
    """
    out: list[str] = []
    chain, _ignored = gitignore.chain_at(root)
    stack: list[tuple[str, IgnoreChain | None]] = [(root, chain)]
    while stack:
        directory, chain = stack.pop()
        if directory != root:
            chain = gitignore.descend(chain, directory)
        try:
            entries = disk.scan(directory)
        except OSError:
            continue
        start = directory if directory.endswith(os.sep) else directory + os.sep
        below: list[tuple[str, IgnoreChain | None]] = []
        for name, kind in entries:
            is_dir = kind == disk.DIRECTORY
            if is_dir and never_entered(name):
                continue
            path = start + name
            known = tracked is not None and path in tracked
            if not known and chain is not None and chain.ignores(path, is_dir):
                continue
            if is_dir:
                below.append((path, chain))
            elif disk.is_file(path):
                out.append(path)
        if len(out) > MAX_FILES:
            return None
        below.reverse()
        stack.extend(below)
    return out


def find_root(directory: str) -> str | None:
    """The nearest directory with a `flake.nix`, from an absolute one upwards.

    The search ends at the root of the repository; None when there is none.
    """
    at = directory
    while True:
        if disk.is_file(os.path.join(at, FLAKE)):
            return at
        above = os.path.dirname(at)
        if above == at or is_repository(at):
            return None
        at = above
