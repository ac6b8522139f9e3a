"""Which files git tracks: a reader of `.git/index`.

A flake in a git repository consists of the files in the index, so that a file nobody has added
does not exist for Nix. The format is described in git's own `gitformat-index`; versions 2 to 4 are
read, with SHA-1 and SHA-256 names. An index that is split, or that cannot be read, is unknown, and
whoever asks must then stay silent.
"""

from __future__ import annotations

import os
from typing import Final

from nixlint.project.tree.gitignore import repository_of
from nixlint.text import disk

_FIXED: Final = 40
"""Bytes of an entry before the name of the object."""
_GITLINK: Final = 0o160000
_DIRECTORY: Final = 0o040000


class GitIndex:
    """The tracked files of the work tree at the absolute directory `root`.

    `files` are paths relative to it, with `/`; `opaque` are the directories whose content the
    index does not tell: submodules, and what a sparse checkout leaves out.
    """

    def __init__(self, root: str, files: set[str], opaque: set[str]) -> None:
        self.root = root
        self.files = files
        self.opaque = opaque
        self._directories: set[str] | None = None
        self._paths: frozenset[str] | None = None
        self._all_paths: frozenset[str] | None = None
        self._digest = ""

    @property
    def paths(self) -> frozenset[str]:
        """The absolute paths of the tracked files."""
        found = self._paths
        if found is None:
            found = frozenset([os.path.join(self.root, path) for path in self.files])
            self._paths = found
        return found

    @property
    def all_paths(self) -> frozenset[str]:
        """The absolute paths of the tracked files and of the directories that hold them."""
        found = self._all_paths
        if found is None:
            below = [os.path.join(self.root, path) for path in self.directories if path]
            found = self.paths | frozenset(below)
            self._all_paths = found
        return found

    @property
    def digest(self) -> str:
        """What stands for the names in it: the answer to `disk.GIT`."""
        if not self._digest:
            names = [*sorted(self.files), "", *sorted(self.opaque)]
            self._digest = disk.digest_of_names(names)
        return self._digest

    @property
    def directories(self) -> set[str]:
        """The directories that hold tracked files, relative to `root`; `""` is the root itself."""
        found = self._directories
        if found is None:
            found = {""}
            for path in self.files:
                at = path.rfind("/")
                while at > 0 and path[:at] not in found:
                    found.add(path[:at])
                    at = path.rfind("/", 0, at)
            self._directories = found
        return found

    def tracks(self, path: str) -> bool | None:
        """Whether the file or directory at an absolute path is tracked; None when unknown.

        A directory is tracked when a file in it is.
        """
        prefix = self.root if self.root.endswith(os.sep) else self.root + os.sep
        if path == self.root:
            return True
        if not path.startswith(prefix):
            return None
        relative = path[len(prefix) :].replace(os.sep, "/")
        if relative in self.files or relative in self.directories:
            return True
        at = len(relative)
        while at > 0:
            if relative[:at] in self.opaque:
                return None
            at = relative.rfind("/", 0, at)
        return False


def read_git_index(directory: str) -> GitIndex | None:
    """The index of the work tree that holds an absolute directory; None when unknown."""
    root = repository_of(directory)
    if root is None:
        return None
    record = disk.recording()
    stamp = index_stamp(root) if record is not None else disk.NO_STAMP
    found = _read_index(root)
    if record is not None:
        record.add(disk.GIT, root, "" if found is None else found.digest, stamp)
    return found


def index_stamp(root: str) -> disk.Stamp:
    """When the index of the work tree at `root` was written."""
    try:
        return disk.stamp_of(os.stat(os.path.join(git_directory(root), "index")))
    except OSError:
        return disk.NO_STAMP


def index_answer(root: str) -> str:
    """The answer to `disk.GIT` for the work tree at `root` now."""
    found = _read_index(root)
    return "" if found is None else found.digest


_known: dict[str, tuple[disk.Stamp, GitIndex | None]] = {}
"""The index of each work tree, and when it was written."""


def _read_index(root: str) -> GitIndex | None:
    stamp = index_stamp(root)
    known = _known.get(root)
    if known is not None and known[0] == stamp and stamp != disk.NO_STAMP:
        return known[1]
    found = _parsed(root)
    if index_stamp(root) == stamp:
        _known[root] = (stamp, found)
    return found


def _parsed(root: str) -> GitIndex | None:
    git = git_directory(root)
    try:
        with open(os.path.join(git, "index"), "rb") as file:
            data = file.read()
    except OSError:
        return None
    size = 32 if _uses_sha256(git) else 20
    try:
        return parse_index(root, data, size)
    except (IndexError, ValueError):
        return None


def git_directory(root: str) -> str:
    """The directory git keeps the work tree's own files in: `.git`, or where that points to."""
    path = os.path.join(root, ".git")
    if os.path.isdir(path):
        return path
    pointer = _read_text(path)
    if pointer.startswith("gitdir:"):
        return os.path.normpath(os.path.join(root, pointer.removeprefix("gitdir:").strip()))
    return path


def parse_index(root: str, data: bytes, name_size: int) -> GitIndex | None:
    """Read the bytes of an index; None for one we do not understand.

    Raises `ValueError` or `IndexError` when the bytes end too early.
    """
    if data[:4] != b"DIRC" or len(data) < 12 + name_size:
        return None
    version = int.from_bytes(data[4:8], "big")
    count = int.from_bytes(data[8:12], "big")
    if version not in (2, 3, 4):
        return None
    files: set[str] = set()
    opaque: set[str] = set()
    at = 12
    name = b""
    for _ in range(count):
        start = at
        mode = int.from_bytes(data[at + 24 : at + 28], "big")
        at += _FIXED + name_size
        extended = version >= 3 and data[at] & 0x40
        at += 4 if extended else 2
        if version == 4:
            drop, at = _offset(data, at)
            end = data.index(b"\0", at)
            name = name[: len(name) - drop] + data[at:end]
            at = end + 1
        else:
            end = data.index(b"\0", at)
            name = data[at:end]
            at = start + (end - start + 8) // 8 * 8
        path = name.decode("utf-8", "surrogateescape")
        kind = mode & 0o170000
        if kind == _GITLINK or kind == _DIRECTORY:
            opaque.add(path.rstrip("/"))
        else:
            files.add(path)
    end_of_extensions = len(data) - name_size
    while at + 8 <= end_of_extensions:
        if data[at : at + 4] == b"link":
            return None
        at += 8 + int.from_bytes(data[at + 4 : at + 8], "big")
    return GitIndex(root, files, opaque)


def _offset(data: bytes, at: int) -> tuple[int, int]:
    """A number in the encoding of pack files, and where it ends."""
    byte = data[at]
    at += 1
    value = byte & 0x7F
    while byte & 0x80:
        byte = data[at]
        at += 1
        value = ((value + 1) << 7) | (byte & 0x7F)
    return value, at


def _uses_sha256(git: str) -> bool:
    shared = _read_text(os.path.join(git, "commondir")).strip()
    common = os.path.normpath(os.path.join(git, shared)) if shared else git
    text = _read_text(os.path.join(common, "config")).lower()
    return "objectformat" in text and "sha256" in text


def _read_text(path: str) -> str:
    """The text of a small file, or nothing."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read(1 << 20)
    except OSError:
        return ""
