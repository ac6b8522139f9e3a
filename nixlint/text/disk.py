"""The door to the disk for everything that the result of a check may depend on.

What is asked here (the bytes of a file, what a path is, which names a directory holds) can be
*recorded*, so that whoever keeps a result can later ask the same questions, and knows from equal
answers that the result still holds. Whoever looks at the disk in any other way makes kept results
wrong; a test counts such looks.

While a recording is on, an answer is given again without asking the disk.
Paths are absolute. Times are in nanoseconds since 1970.
"""

from __future__ import annotations

import os
import stat
import threading
from typing import Final

READ: Final = "read"
KIND: Final = "kind"
REAL: Final = "real"
LINK: Final = "link"
SCAN: Final = "scan"
SIZE: Final = "size"
GIT: Final = "git"
"""Questions. `GIT` is about the files that the index of a work tree names; the module that reads
it answers it."""

FILE: Final = "f"
DIRECTORY: Final = "d"
OTHER: Final = "o"
ABSENT: Final = ""
UNCLEAR: Final = "?"
"""Kinds: what a path leads to; `UNCLEAR` when the system does not say. A link has `l` before."""

Stamp = tuple[int, int, int, int]
"""When a file or directory was changed last (by its own account and by the system's), its size,
and its number in the file system: equal stamps mean equal content."""
NO_STAMP: Final[Stamp] = (0, 0, 0, 0)
_FAILED: Final = "!"


class Links:
    """Finds what paths lead to, as `os.path.realpath`, but looks at each directory once."""

    def __init__(self) -> None:
        self._reals: dict[str, str] = {"/": "/"}

    def real(self, path: str) -> str:
        """The path without links in it, as far as it exists."""
        known = self._reals.get(path)
        if known is None:
            above, name = os.path.split(path)
            if not path.startswith("/") or not name or name in (".", ".."):
                known = os.path.realpath(path)
            else:
                folder = self.real(above)
                at = f"/{name}" if folder == "/" else f"{folder}/{name}"
                known = os.path.realpath(at) if os.path.islink(at) else at
            self._reals[path] = known
        return known


class Record:
    """Questions and their answers. An answer to `READ` and `SCAN` is a digest of the content."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], str] = {}
        self.stamps: dict[tuple[str, str], Stamp] = {}
        self.scans: dict[str, list[tuple[str, str]]] = {}
        """What directories hold, for those who ask again."""
        self.seen: dict[str, str] = {}
        """What is at paths whose directory was scanned, so that no answer of their own counts."""
        self.links = Links()

    def add(self, question: str, path: str, answer: str, stamp: Stamp = NO_STAMP) -> None:
        """Notes an answer. The first one counts: everything after it agrees with it."""
        key = (question, path)
        if key not in self.answers:
            self.answers[key] = answer
            if stamp != NO_STAMP:
                self.stamps[key] = stamp


_state: Final = threading.local()
"""The recording that is on in each thread."""


def recording() -> Record | None:
    """The recording that is on in this thread, if any."""
    found: Record | None = getattr(_state, "record", None)
    return found


def record_into(record: Record | None) -> Record | None:
    """Records into `record` from now on, or no more; returns what was recorded into before.

    This is about one thread; one that it starts must be told (as `on_large_stack` does).
    """
    before = recording()
    _state.record = record
    return before


def digest(data: bytes) -> str:
    """What stands for the content of a file."""
    # Most runs keep nothing, and need no digests.
    from hashlib import blake2b

    return blake2b(data, digest_size=16).hexdigest()


def digest_of_names(names: list[str]) -> str:
    """What stands for the sorted names in a directory, or in a list of files."""
    return digest("\0".join(names).encode("utf-8", "surrogateescape"))


def stamp_of(status: os.stat_result) -> Stamp:
    """The stamp of a file, from its status."""
    return (
        int(status.st_mtime_ns),
        int(status.st_ctime_ns),
        int(status.st_size),
        int(status.st_ino),
    )


# Questions.


def read(path: str, limit: int) -> bytes | None:
    """The bytes of a regular file; None when it is larger than `limit`, or no regular file.

    Never waits for a pipe. Raises `OSError`.
    """
    record = recording()
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        if record is not None:
            record.add(READ, path, _FAILED)
        raise
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
            if record is not None:
                record.add(READ, path, _FAILED)
                record.add(KIND, path, _kind(path))
                record.add(SIZE, path, _size(path))
            return None
        data = _read_all(descriptor, status.st_size)
    finally:
        os.close(descriptor)
    if record is not None:
        record.add(READ, path, digest(data), stamp_of(status))
    return data


def _read_all(descriptor: int, size: int) -> bytes:
    """Everything in an open file of about `size` bytes."""
    # One byte more shows the end of the file without another question.
    data = os.read(descriptor, size + 1)
    if len(data) == size:
        return data
    pieces = [data]
    while data:
        data = os.read(descriptor, 1 << 20)
        pieces.append(data)
    return b"".join(pieces)


def kind(path: str) -> str:
    """What there is at a path: `f`, `d`, `o`, "" or `?`, behind an `l` if it is a link."""
    record = recording()
    if record is None:
        return _kind(path)
    key = (KIND, path)
    known = record.answers.get(key)
    if known is None:
        known = record.seen.get(path)
    if known is None:
        known = _kind(path)
        record.answers[key] = known
    return known


def exists(path: str) -> bool:
    """Whether there is something at a path; a link must lead to something."""
    return kind(path) not in (ABSENT, "l", UNCLEAR, "l?")


def lexists(path: str) -> bool:
    """Whether there is something at a path, be it a link that leads nowhere."""
    return kind(path) not in (ABSENT, UNCLEAR)


def is_file(path: str) -> bool:
    """Whether a path leads to a regular file."""
    return kind(path).endswith(FILE)


def is_directory(path: str) -> bool:
    """Whether a path leads to a directory."""
    return kind(path).endswith(DIRECTORY)


def is_link(path: str) -> bool:
    """Whether there is a symbolic link at a path."""
    return kind(path).startswith("l")


def real(path: str) -> str:
    """The path without links in it, as far as it exists."""
    record = recording()
    if record is None:
        return os.path.realpath(path)
    key = (REAL, path)
    known = record.answers.get(key)
    if known is None:
        known = record.links.real(path)
        record.answers[key] = known
    return known


def link(path: str) -> str:
    """What a symbolic link holds. Raises `OSError`."""
    record = recording()
    try:
        target = os.readlink(path)
    except OSError:
        if record is not None:
            record.add(LINK, path, _FAILED)
        raise
    if record is not None:
        record.add(LINK, path, "=" + target)
    return target


def scan(path: str) -> list[tuple[str, str]]:
    """What a directory holds, sorted by name: each name, and `f`, `d`, `o`, or `l` for any link.

    Raises `OSError`.
    """
    record = recording()
    if record is None:
        return _scan(path)
    known = record.scans.get(path)
    if known is not None:
        return known
    try:
        stamp = stamp_of(os.stat(path))
        found = _scan(path)
    except OSError:
        record.add(SCAN, path, _FAILED)
        raise
    record.scans[path] = found
    record.add(SCAN, path, _digest_of_scan(found), stamp)
    start = path if path.endswith("/") else path + "/"
    for name, letter in found:
        if letter != "l":
            record.seen[start + name] = letter
    return found


def names(path: str) -> list[str]:
    """The names in a directory, sorted. Raises `OSError`."""
    return [name for name, _letter in scan(path)]


def size(path: str) -> int:
    """How many bytes a file has. Raises `OSError`."""
    record = recording()
    if record is not None:
        record.add(SIZE, path, _size(path))
    return os.path.getsize(path)


# Asking again.


class Again:
    """Asks recorded questions again, each once."""

    def __init__(self) -> None:
        self._kinds: dict[str, str] = {}
        self._stamps: dict[str, Stamp] = {}
        self._links = Links()
        self._digests: dict[tuple[str, str], str] = {}

    def holds(self, question: str, path: str, answer: str, stamp: Stamp, since: int) -> bool:
        """Whether the disk still gives an answer that was recorded from the time `since` on.

        Stamps of files that were changed shortly before do not count.
        """
        if question == KIND:
            return self._kind(path) == answer
        if question == REAL:
            return self._links.real(path) == answer
        if question in (READ, SCAN):
            if stamp != NO_STAMP and self.stamp(path) == stamp and is_settled(stamp, since):
                return True
            return self._content(question, path) == answer
        if question == LINK:
            try:
                return "=" + os.readlink(path) == answer
            except OSError:
                return answer == _FAILED
        if question == SIZE:
            return _size(path) == answer
        return False

    def stamp(self, path: str) -> Stamp:
        """The stamp of a file or directory now; `NO_STAMP` when there is none."""
        known = self._stamps.get(path)
        if known is None:
            try:
                known = stamp_of(os.stat(path))
            except (OSError, ValueError):
                known = NO_STAMP
            self._stamps[path] = known
        return known

    def _kind(self, path: str) -> str:
        known = self._kinds.get(path)
        if known is None:
            known = _kind(path)
            self._kinds[path] = known
        return known

    def _content(self, question: str, path: str) -> str:
        key = (question, path)
        known = self._digests.get(key)
        if known is None:
            try:
                if question == SCAN:
                    known = _digest_of_scan(_scan(path))
                elif not _kind(path).endswith(FILE):
                    known = _FAILED
                else:
                    with open(path, "rb") as file:
                        known = digest(file.read())
            except (OSError, ValueError):
                known = _FAILED
            self._digests[key] = known
        return known


SETTLED: Final = 2_000_000_000
"""A file whose last change lies so far back cannot have been changed again with the same time."""


def is_settled(stamp: Stamp, since: int) -> bool:
    """Whether a stamp taken at the time `since` changes when the content does."""
    return max(stamp[0], stamp[1]) + SETTLED < since


def _kind(path: str) -> str:
    try:
        mode = os.lstat(path).st_mode
        if not stat.S_ISLNK(mode):
            return _letter(mode)
    except (FileNotFoundError, NotADirectoryError):
        return ABSENT
    except (OSError, ValueError):
        return UNCLEAR
    try:
        return "l" + _letter(os.stat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return "l"
    except (OSError, ValueError):
        return "l?"


def _letter(mode: int) -> str:
    if stat.S_ISREG(mode):
        return FILE
    return DIRECTORY if stat.S_ISDIR(mode) else OTHER


def _scan(path: str) -> list[tuple[str, str]]:
    out: list[tuple[str, str]] = []
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.is_symlink():
                letter = "l"
            elif entry.is_file(follow_symlinks=False):
                letter = FILE
            elif entry.is_dir(follow_symlinks=False):
                letter = DIRECTORY
            else:
                letter = OTHER
            out.append((entry.name, letter))
    out.sort()
    return out


def _digest_of_scan(found: list[tuple[str, str]]) -> str:
    return digest_of_names([letter + name for name, letter in found])


def _size(path: str) -> str:
    try:
        return str(os.path.getsize(path))
    except (OSError, ValueError):
        return _FAILED
