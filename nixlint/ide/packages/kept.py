"""The packages of sources, kept in memory and on disk, and read anew when their files change."""

from __future__ import annotations

import json
import os
from array import array
from typing import Any, Final

import nixlint
from nixlint.ide.packages.names import Packages, PackageSet
from nixlint.ide.packages.reading import read_packages
from nixlint.project.disk_cache import key_of, shared_cache

FORMAT: Final = 1
"""To be raised when what is read changes without a new version."""
MAX_KEPT: Final = 4
_STORE: Final = "/nix/store/"

Stamps = list[tuple[str, int, int]]
"""Files and directories with their time of change in nanoseconds and their size."""


class PackageReader:
    """Reads sources, each once until it changes."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Packages, Stamps]] = {}

    def packages(self, root: str) -> tuple[Packages, str]:
        """The packages of the source at an absolute directory, and a digest of the state of its
        files."""
        known = self._kept.pop(root, None)
        if known is None or not _is_fresh(known[1]):
            known = _cached(root)
        if known is None:
            found, looked_at = read_packages(root)
            known = found, _stamps(root, looked_at)
            _keep(root, known)
        self._kept[root] = known
        while len(self._kept) > MAX_KEPT:
            del self._kept[next(iter(self._kept))]
        return known[0], key_of(root, json.dumps(known[1]))


def _stamps(root: str, paths: list[str]) -> Stamps:
    """The state of files; nothing in the store ever changes."""
    if root.startswith(_STORE):
        return []
    return [(path, *_state(path)) for path in paths]


def _state(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return 0, -1
    return found.st_mtime_ns, found.st_size


def _is_fresh(stamps: Stamps) -> bool:
    return all(_state(path) == (time, size) for path, time, size in stamps)


def _key(root: str) -> str:
    return key_of("packages", str(FORMAT), nixlint.__version__, root)


def _cached(root: str) -> tuple[Packages, Stamps] | None:
    data = shared_cache().get(_key(root))
    if data is None:
        return None
    try:
        said: Any = json.loads(data)
        stamps = [(str(path), int(time), int(size)) for path, time, size in said["stamps"]]
        if not _is_fresh(stamps):
            return None
        out = Packages(root)
        out.files = said["files"]
        out.same = said["same"]
        for name, (names, files, starts, ends, aliases) in said["sets"].items():
            each = PackageSet()
            each.names = names
            each.files, each.starts = array("i", files), array("i", starts)
            each.ends, each.aliases = array("i", ends), frozenset(aliases)
            out.sets[name] = each
    except (ValueError, KeyError, TypeError, OverflowError):
        return None
    return out, stamps


def _keep(root: str, found: tuple[Packages, Stamps]) -> None:
    packages, stamps = found
    sets = {
        name: [
            each.names,
            each.files.tolist(),
            each.starts.tolist(),
            each.ends.tolist(),
            sorted(each.aliases),
        ]
        for name, each in packages.sets.items()
    }
    said = {"stamps": stamps, "files": packages.files, "same": packages.same, "sets": sets}
    shared_cache().put(_key(root), json.dumps(said, separators=(",", ":")).encode())
