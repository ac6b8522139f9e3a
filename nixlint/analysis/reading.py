"""Reading and writing files of Nix code.

Bytes that are not UTF-8 survive the round trip (see `text/source.py`), and so do the kind of
line ends and a missing final newline, because nothing here looks at lines.
"""

from __future__ import annotations

import os
import stat
from typing import Final

from nixlint.text import disk
from nixlint.text.source import decode, encode

MAX_BYTES: Final = 64 * 1024 * 1024
"""Larger files are not checked: nobody writes such Nix by hand, and memory is finite."""


class ReadError(Exception):
    """A file that cannot be checked, and why, in words for the user."""


class WriteError(Exception):
    """A file that cannot be written, and why, in words for the user."""


def read_file(path: str) -> str:
    """The text of a regular file; raises `ReadError`.

    The file may have been replaced since it was found, so this looks again, without ever
    blocking on a pipe.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise ReadError(_reason("cannot read it", error)) from None
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ReadError("is not a regular file")
        if status.st_size > MAX_BYTES:
            raise ReadError(too_large(status.st_size))
        try:
            data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise ReadError(_reason("cannot read it", error)) from None
    if len(data) > MAX_BYTES:
        raise ReadError(too_large(len(data)))
    record = disk.recording()
    if record is not None:
        record.add(disk.READ, path, disk.digest(data), disk.stamp_of(status))
    return decode(data)


def too_large(size: int) -> str:
    """What to say about `size` bytes; one over the limit means that nobody read on."""
    limit = MAX_BYTES // (1024 * 1024)
    if size <= MAX_BYTES + 1:
        return f"is too large to check (the limit is {limit} MiB)"
    return f"is too large to check ({size / (1024 * 1024):.0f} MiB, the limit is {limit} MiB)"


def write_file(path: str, before: str, after: str, root: str) -> None:
    """Replace a file's text by `after`, at once or not at all; raises `WriteError`.

    Refuses when the file no longer holds `before`, or when it lies outside the absolute, real
    directory `root` (which a symbolic link can bring about). The mode is kept.
    """
    real = os.path.realpath(path)
    prefix = root if root.endswith(os.sep) else root + os.sep
    if not real.startswith(prefix):
        raise WriteError(f"not fixed: it is a link to `{real}`, outside of `{root}`")
    try:
        current = read_file(real)
    except ReadError as error:
        raise WriteError(f"not fixed: {error}") from None
    if current != before:
        raise WriteError("not fixed: it changed while it was being checked; run nixlint again")
    directory, name = os.path.split(real)
    temporary = os.path.join(directory, f".{name[:200]}.nixlint-{os.getpid()}")
    try:
        status = os.stat(real)
        if not os.access(real, os.W_OK):
            raise WriteError("cannot write it: it is read-only")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor = os.open(temporary, flags, 0o600)
        try:
            with open(descriptor, "wb") as file:
                file.write(encode(after))
                file.flush()
                os.fsync(descriptor)
                _keep_owner(descriptor, status)
                os.fchmod(descriptor, stat.S_IMODE(status.st_mode))
            os.replace(temporary, real)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise WriteError(_reason("cannot write it", error)) from None


def _keep_owner(descriptor: int, status: os.stat_result) -> None:
    """Give the new file the old one's owner where we may; only root can in general."""
    if (status.st_uid, status.st_gid) == (os.geteuid(), os.getegid()):
        return
    try:
        os.fchown(descriptor, status.st_uid, status.st_gid)
    except OSError:
        return


def _reason(what: str, error: OSError) -> str:
    if isinstance(error, PermissionError):
        return f"{what}: permission denied"
    if isinstance(error, FileNotFoundError):
        return f"{what}: it no longer exists"
    return f"{what}: {error.strerror or error}"
