"""What git ignores: nested `.gitignore` files and `.git/info/exclude`.

An ignore file speaks about everything below its own directory, and the deepest one that has an
opinion on a path decides. Files outside a repository are read too, so that a tree without `.git`
(an unpacked archive, a build sandbox) is treated as it was in its repository.
"""

from __future__ import annotations

import os
from typing import Final

from nixlint.project.tree.patterns import Patterns
from nixlint.text import disk
from nixlint.text.source import decode

_MAX_BYTES: Final = 16 * 1024 * 1024
"""Nobody writes a larger ignore file."""


class IgnoreChain:
    """The ignore files in force in one directory, the deepest first."""

    def __init__(self, own: Patterns | None, above: IgnoreChain | None) -> None:
        self.own = own
        self.above = above

    def ignores(self, path: str, is_dir: bool) -> bool:
        """Whether the absolute path itself is ignored (not: lies in an ignored directory)."""
        at: IgnoreChain | None = self
        while at is not None:
            if at.own is not None:
                verdict = at.own.verdict(path, is_dir)
                if verdict is not None:
                    return verdict
            at = at.above
        return False


def chain_at(directory: str) -> tuple[IgnoreChain | None, bool]:
    """The chain in force in an absolute directory, and whether that directory is ignored.

    The chain starts at the root of the repository. It is empty for an ignored directory: whoever
    asks for one by name means it, so what git says further up does not count inside.
    """
    parts: list[str] = []
    at = directory
    while not is_repository(at):
        above = os.path.dirname(at)
        if above == at:
            return descend(None, directory), False
        parts.append(at)
        at = above
    chain = descend(None, at)
    for part in reversed(parts):
        if chain is not None and chain.ignores(part, True):
            return None, True
        chain = descend(chain, part)
    return chain, False


def descend(chain: IgnoreChain | None, directory: str) -> IgnoreChain | None:
    """The chain in force in `directory`, when `chain` is that of the directory above it."""
    if is_repository(directory):
        exclude = _read(os.path.join(_git_directory(directory), "info", "exclude"), directory)
        chain = IgnoreChain(exclude, None) if exclude is not None else None
    own = _read(os.path.join(directory, ".gitignore"), directory)
    return chain if own is None else IgnoreChain(own, chain)


def is_repository(directory: str) -> bool:
    """Whether `directory` is the root of a work tree: it holds a `.git`."""
    return disk.lexists(os.path.join(directory, ".git"))


def repository_of(directory: str) -> str | None:
    """The root of the repository that holds the absolute directory, or None."""
    at = directory
    while not is_repository(at):
        above = os.path.dirname(at)
        if above == at:
            return None
        at = above
    return at


def _git_directory(root: str) -> str:
    """Where git keeps the files all work trees share; some roots only hold a pointer to it."""
    path = os.path.join(root, ".git")
    pointer = _first_line(path)
    if pointer.startswith("gitdir:"):
        path = os.path.join(root, pointer.removeprefix("gitdir:").strip())
    shared = _first_line(os.path.join(path, "commondir"))
    return os.path.normpath(os.path.join(path, shared)) if shared else path


def _first_line(path: str) -> str:
    """The first line of a small text file, or nothing when there is none."""
    try:
        data = disk.read(path, _MAX_BYTES)
    except OSError:
        return ""
    return decode(data or b"")[:4096].partition("\n")[0].strip()


def _read(path: str, root: str) -> Patterns | None:
    """The patterns of an ignore file; git skips what it cannot read, and so do we."""
    try:
        data = disk.read(path, _MAX_BYTES)
    except OSError:
        return None
    if data is None:
        return None
    patterns = Patterns(root, decode(data).splitlines(), lenient=True)
    return patterns if patterns.lines else None
