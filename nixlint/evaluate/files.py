"""The files that an evaluated program sees.

Nix copies sources into its store, under a hash that nobody knows without doing so. A source that
a program would see there gets a place of the same form whose hash is made of the letters `e`,
`o`, `u` and `t`, which Nix's own hashes never contain: such a path has the right length and the
right name, can be taken apart and put together, and is recognized as not exact wherever its text
would matter.
"""

from __future__ import annotations

import os
import re
from typing import Final

from nixlint.text import disk

STORE: Final = "/nix/store"
INEXACT: Final = "the store path of a source is known only to Nix"
"""Why a text with such a place is unknown."""
_LETTERS: Final = "eout"
_HASH_LENGTH: Final = 32
_INEXACT = re.compile(r"[eout]{32}")

REGULAR: Final = "regular"
DIRECTORY: Final = "directory"
SYMLINK: Final = "symlink"
SPECIAL: Final = "unknown"
ABSENT: Final = ""
_KINDS: Final = {
    "l": SYMLINK, disk.DIRECTORY: DIRECTORY, disk.FILE: REGULAR, disk.OTHER: SPECIAL,
}  # fmt: skip

MAX_FILE: Final = 100_000_000
"""Bytes of the largest file that is read."""


class FileError(Exception):
    """A file that cannot be read; the message says why, without the path."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def is_inexact(text: str) -> bool:
    """Whether a text holds a place in the store whose hash is not known."""
    return "eee" in text and _INEXACT.search(text) is not None


def placeholder(number: int) -> str:
    """The hash that stands for the number-th source."""
    digits: list[str] = []
    for _ in range(8):
        digits.append(_LETTERS[number % 4])
        number //= 4
    return "e" * (_HASH_LENGTH - 8) + "".join(reversed(digits))


class Mount:
    """A place in the store that stands for a place on this machine.

    `real` is empty for a source that is not on this machine at all.
    `filtered` says that files which exist here may be missing there.
    """

    def __init__(self, shown: str, real: str, filtered: bool) -> None:
        self.shown = shown
        self.real = real
        self.filtered = filtered


class SourceFiles:
    """Reads files for a program. Paths are absolute and as the program sees them.

    `overlay` replaces the text of files, by their real path. `tracked` limits what is seen below
    `tracked_root` (a real path) to some files, as flakes see only what git tracks; it holds the
    real paths of files and of the directories above them.
    """

    def __init__(self) -> None:
        self.overlay: dict[str, str] = {}
        self.tracked: frozenset[str] | None = None
        self.tracked_root = ""
        self.mounts: dict[str, Mount] = {}
        self._by_real: dict[str, Mount] = {}
        self.labels: dict[str, str] = {}
        """What to call a source in messages, by its place in the store: `inputs.nixpkgs`."""
        self.listed: set[str] = set()
        """The real paths of the directories that were listed."""
        self.reads: dict[str, int] = {}
        """How often files were read, by their places on this machine."""

    # Places.

    def mount(self, real: str, name: str, filtered: bool = False, shown: str = "") -> str:
        """The place in the store that stands for `real`; the same one every time.

        `shown` is that place when it is known. A source that is not on this machine has an empty
        `real`, and its own place each time unless `shown` says which.
        """
        if not real:
            if not shown:
                shown = f"{STORE}/{placeholder(len(self.mounts))}-{name}"
            self.mounts.setdefault(shown, Mount(shown, "", filtered))
            return shown
        key = f"{real}\0{name}\0{int(filtered)}"
        known = self._by_real.get(key)
        if known is not None and (not shown or known.shown == shown):
            return known.shown
        if not shown:
            shown = f"{STORE}/{placeholder(len(self.mounts))}-{name}"
        made = Mount(shown, real, filtered)
        self.mounts[shown] = made
        self._by_real[key] = made
        return shown

    def mount_of(self, path: str) -> Mount | None:
        """The mount that a path lies in."""
        if not self.mounts or not path.startswith(STORE + "/"):
            return None
        end = path.find("/", len(STORE) + 1)
        return self.mounts.get(path if end < 0 else path[:end])

    def real(self, path: str) -> str:
        """Where a path lies on this machine."""
        mount = self.mount_of(path)
        if mount is None or not mount.real:
            return path
        rest = path[len(mount.shown) :]
        return mount.real + rest if rest else mount.real

    def may_be_missing(self, path: str) -> bool:
        """Whether the path may not exist for the program although it does here."""
        mount = self.mount_of(path)
        return mount is not None and mount.filtered

    # Reading.

    def visible(self, real: str) -> bool:
        """Whether the program sees that real path."""
        tracked = self.tracked
        if tracked is None:
            return True
        root = self.tracked_root
        if real == root or not real.startswith(root + "/"):
            return True
        return real in tracked or self._behind_link(real, tracked)

    def _behind_link(self, real: str, tracked: frozenset[str]) -> bool:
        """Whether a path leads through a tracked link to something tracked."""
        above = os.path.dirname(real)
        while above not in tracked and len(above) > len(self.tracked_root):
            above = os.path.dirname(above)
        try:
            is_link = _KINDS.get(disk.kind(above)[:1]) == SYMLINK
        except (OSError, ValueError):
            return False
        return is_link and disk.real(real) in tracked

    def kind(self, path: str) -> str:
        """`regular`, `directory`, `symlink`, `unknown`, or empty if there is nothing."""
        real = self.real(path)
        if not self.visible(real):
            return ABSENT
        if real in self.overlay:
            return REGULAR
        try:
            return _KINDS.get(disk.kind(real)[:1], ABSENT)
        except (OSError, ValueError):
            return ABSENT

    def resolve(self, path: str) -> str:
        """The path with links at its end followed, as long as that leads somewhere known.

        Raises `FileError` for links that lead in a circle.
        """
        for _ in range(64):
            if self.kind(path) != SYMLINK:
                return path
            try:
                target = disk.link(self.real(path))
            except OSError as error:
                raise FileError(error.strerror or "cannot be read") from None
            if target.startswith("/"):
                path = os.path.normpath(target)
            else:
                path = os.path.normpath(os.path.join(os.path.dirname(path), target))
        raise FileError("symbolic links lead in a circle")

    def exists(self, path: str) -> bool:
        """Whether there is something; links must lead to something."""
        try:
            path = self.resolve(path)
        except FileError:
            return False
        if self.kind(path) != ABSENT:
            return True
        # A directory on the way may be a link.
        real = self.real(path)
        return self.visible(real) and disk.exists(real)

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raises `FileError`."""
        path = self.resolve(path)
        real = self.real(path)
        self.reads[real] = self.reads.get(real, 0) + 1
        text = self.overlay.get(real)
        if text is not None:
            return text.encode("utf-8", "surrogateescape")
        if not self.visible(real):
            raise FileError("is not tracked by git, so that flakes do not see it")
        try:
            if disk.is_directory(real):
                raise FileError("is a directory")
            data = disk.read(real, MAX_FILE)
            if data is None:
                raise FileError("is too large" if disk.is_file(real) else "is no regular file")
            return data
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else None
            raise FileError((reason or "cannot be read").lower()) from None

    def list(self, path: str) -> dict[str, str]:
        """The names in a directory with their kinds, sorted. Raises `FileError`."""
        path = self.resolve(path)
        real = self.real(path)
        found: dict[str, str] = {}
        try:
            names = disk.names(real)
            self.listed.add(real)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else None
            raise FileError((reason or "cannot be read").lower()) from None
        at_root = self.tracked is not None and real == self.tracked_root
        for name in names:
            if at_root and name == ".git":
                continue
            kind = self.kind(path.rstrip("/") + "/" + name)
            if kind != ABSENT:
                found[name] = kind
        return found
