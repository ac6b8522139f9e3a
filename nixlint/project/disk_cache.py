"""Bytes kept on disk from one run to the next, by key.

Whatever goes wrong with a cache (a full disk, a read-only one, an entry that was cut off) makes
things slower, and nothing else: reading gives None then, and writing does nothing.
Entries are written beside their place and moved there, so that nobody sees half of one. Those that
were not used for a month are removed.
"""

from __future__ import annotations

import os
import time
from typing import Final

VARIABLE: Final = "NIXLINT_CACHE_DIR"
"""The environment variable that says where the cache is."""
NAME: Final = "nixlint"
TAG: Final = "CACHEDIR.TAG"
TAG_TEXT: Final = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# This directory holds what nixlint can compute again. It may be deleted at any time.\n"
)
"""What backup tools look for: https://bford.info/cachedir/."""
FOLDER: Final = "v1"
"""What belongs to nixlint in the directory of the cache."""
OFF: Final = "NIXLINT_NO_CACHE"
"""The environment variable that says that nothing is kept."""
_MAGIC: Final = b"nixlint\x01"
_DIGEST: Final = 16
_DAY: Final = 86400.0
_KEPT: Final = 30 * _DAY


class DiskCache:
    """The entries below an absolute directory, which need not exist; None is an empty cache."""

    def __init__(self, directory: str | None) -> None:
        self.directory = directory
        self._writable = directory is not None

    def get(self, key: str) -> bytes | None:
        """What was put under a key (of hexadecimal digits); None when there is nothing usable."""
        if self.directory is None:
            return None
        path = self._path(key)
        try:
            with open(path, "rb") as file:
                age = time.time() - os.fstat(file.fileno()).st_mtime
                data = file.read()
        except OSError:
            return None
        start = len(_MAGIC) + _DIGEST
        content = data[start:]
        if not data.startswith(_MAGIC) or data[len(_MAGIC) : start] != _digest(content):
            return None
        if age > _DAY and self._writable:
            try:
                os.utime(path)
            except OSError:
                self._writable = False
        return content

    def put(self, key: str, content: bytes) -> None:
        """Keeps bytes under a key, in the place of what was there."""
        if not self._writable or self.directory is None:
            return
        path = self._path(key)
        temporary = f"{path}.{os.getpid()}.{time.monotonic_ns()}"
        try:
            self._prepare(os.path.dirname(path))
            try:
                with open(temporary, "xb") as file:
                    file.write(_MAGIC)
                    file.write(_digest(content))
                    file.write(content)
                os.replace(temporary, path)
            except BaseException:
                if os.path.lexists(temporary):
                    os.unlink(temporary)
                raise
        except OSError:
            self._writable = False

    def clear(self) -> int:
        """Removes all entries; returns how many there were. Raises `OSError`."""
        if self.directory is None:
            return 0
        count = 0
        for path in self._entries():
            os.unlink(path)
            count += 1
        return count

    def _path(self, key: str) -> str:
        assert self.directory is not None
        return os.path.join(self.directory, FOLDER, key[:2], key[2:])

    def _entries(self) -> list[str]:
        assert self.directory is not None
        out: list[str] = []
        for folder, _folders, names in os.walk(os.path.join(self.directory, FOLDER)):
            out.extend(os.path.join(folder, name) for name in names)
        return out

    def _prepare(self, folder: str) -> None:
        """Makes the directories; the first entry of a day sweeps out old ones."""
        assert self.directory is not None
        tag = os.path.join(self.directory, TAG)
        if not os.path.isdir(folder):
            above = os.path.dirname(self.directory)
            if not os.path.isdir(os.path.dirname(above)):
                raise FileNotFoundError(above)
            os.makedirs(folder, exist_ok=True)
        now = time.time()
        try:
            swept = os.stat(tag).st_mtime
        except FileNotFoundError:
            with open(tag, "w", encoding="ascii") as file:
                file.write(TAG_TEXT)
            return
        if now - swept > _DAY:
            os.utime(tag)
            for path in self._entries():
                if now - os.stat(path).st_mtime > _KEPT:
                    os.unlink(path)


def default_directory() -> str | None:
    """Where the cache is when nobody says: what `NIXLINT_CACHE_DIR` names, `nixlint` in
    `XDG_CACHE_HOME`, or `~/.cache/nixlint`. None when there is no home directory.

    The result is absolute.
    """
    named = os.environ.get(VARIABLE, "")
    if named:
        return os.path.abspath(named)
    base = os.environ.get("XDG_CACHE_HOME", "")
    if base.startswith("/"):
        return os.path.join(base, NAME)
    home = os.path.expanduser("~")
    if not home.startswith("/") or not os.path.isdir(home):
        return None
    return os.path.join(home, ".cache", NAME)


_CHOSEN: Final[list[str | None]] = []


def choose(directory: str | None) -> None:
    """Says where the cache of this process is: an absolute directory, or None to keep nothing."""
    _CHOSEN[:] = [directory]


def forget_choice() -> None:
    """Takes back what `choose` said."""
    _CHOSEN.clear()


def shared_cache() -> DiskCache:
    """The cache of this process: the one that was chosen, or the one of the environment."""
    if _CHOSEN:
        return DiskCache(_CHOSEN[0])
    off = os.environ.get(OFF, "").lower() not in ("", "0", "false", "f", "no", "n", "off")
    return DiskCache(None if off else default_directory())


def key_of(*parts: str) -> str:
    """A key made of texts; different texts give different keys."""
    from hashlib import blake2b

    state = blake2b(digest_size=_DIGEST)
    for part in parts:
        data = part.encode("utf-8", "surrogateescape")
        state.update(len(data).to_bytes(8, "big"))
        state.update(data)
    return state.hexdigest()


def code_key() -> str:
    """Stands for the code that runs: its version, its place, and the state of its files."""
    import sys

    import nixlint
    from nixlint.text.build_info import build_mode

    stack = list(nixlint.__path__)
    # In a store that sets all times to the same, the place tells builds apart.
    found: list[str] = [nixlint.__version__, build_mode(), sys.version, *stack]
    while stack:
        folder = stack.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name != "__pycache__":
                        stack.append(entry.path)
                    continue
                status = entry.stat()
                found.append(f"{entry.name} {status.st_mtime_ns} {status.st_size}")
    found.sort()
    return key_of(*found)


def _digest(content: bytes) -> bytes:
    from hashlib import blake2b

    return blake2b(content, digest_size=_DIGEST).digest()
