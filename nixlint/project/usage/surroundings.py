"""What lies around a file on disk: does a path exist, does git track it?

For rules that look at one file and the paths in it. Answers are True, False, or None for unknown.
"""

from __future__ import annotations

import os

from nixlint.project.tree import gitignore
from nixlint.project.tree.git_index import read_git_index
from nixlint.project.tree.gitignore import repository_of
from nixlint.project.tree.walk import find_root
from nixlint.text import disk


class Surroundings:
    """The place of the file at an absolute path; links to it are looked through, as Nix does.

    `flake_root` is the directory of the flake the file belongs to, or None.
    """

    def __init__(self, path: str) -> None:
        self.path = disk.real(path)
        self.directory = os.path.dirname(self.path)
        self.repository = repository_of(self.directory)
        self.flake_root = find_root(self.directory)
        self.index = read_git_index(self.directory)
        self.present: set[str] = set()
        """Relative paths of which it is known that nothing there is missing."""
        self.in_git: set[str] = set()
        """Relative paths of which it is known that git tracks what Nix reads there."""

    def absolute(self, path: str) -> str:
        """What a relative path in the file means."""
        return os.path.normpath(os.path.join(self.directory, path))

    def exists(self, path: str) -> bool | None:
        """Whether there is something at an absolute path; None when that cannot be told."""
        kind = disk.kind(path)
        if kind == disk.ABSENT:
            return False
        # A link that leads nowhere may lead somewhere on another machine.
        return True if kind not in ("l", "l?", disk.UNCLEAR) else None

    def is_directory(self, path: str) -> bool:
        """Whether there is a directory at an absolute path."""
        return disk.is_directory(path)

    def tracked(self, path: str) -> bool | None:
        """Whether git tracks the file or directory at an absolute path."""
        if self.index is None:
            return None
        found = self.index.tracks(path)
        if found is False:
            # Git knows what lies behind a link to a directory by its own path only.
            real = disk.real(path)
            if real != path:
                return self.index.tracks(real)
        return found

    def ignored(self, path: str) -> bool:
        """Whether git ignores an absolute path."""
        chain, ignored = gitignore.chain_at(os.path.dirname(path))
        return ignored or (chain is not None and chain.ignores(path, disk.is_directory(path)))

    def in_repository(self, path: str) -> bool:
        """Whether an absolute path lies in the repository of the file, and not in git's own."""
        if self.repository is None:
            return False
        relative = os.path.relpath(path, self.repository)
        parts = relative.split(os.sep)
        return parts[0] not in ("..", ".git")

    def shown(self, path: str) -> str:
        """An absolute path as seen from the root of the repository."""
        return os.path.relpath(path, self.repository or self.directory)


_last: list[tuple[Surroundings, disk.Record | None]] = []


def surroundings_of(path: str) -> Surroundings:
    """The place of a file; that of the last one asked for is remembered."""
    record = disk.recording()
    if _last and _last[0][0].path == path and _last[0][1] is record:
        return _last[0][0]
    found = Surroundings(path)
    _last[:] = [(found, record)]
    return found
