"""Extracted options, kept in the cache of nixlint.

Extracting the options of nixpkgs takes seconds, so what was found is kept, one entry for each
source: its key is made of the version of nixlint and of the content of the source.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import Final

import nixlint
from nixlint.project.disk_cache import key_of, shared_cache
from nixlint.project.options.index import OptionIndex, OptionIndexError, index_text, read_index
from nixlint.text import disk

FORMAT: Final = 3
"""To be raised when what is extracted changes without a new version."""
PARTS: Final = (
    "modules",
    "nixos",
    "lib",
    "flake.nix",
    "release.json",
    "eval-config.nix",
    "plugins",
)
"""What of a source says which options there are; if it has none of them, everything does."""
MAX_FILES: Final = 100_000
MAX_BYTES: Final = 64 * 1024 * 1024
"""Larger files do not count."""


class Extracted:
    """The options of a source, and the names below which it may have more, "" for all."""

    def __init__(self, index: OptionIndex, unread: list[str]) -> None:
        self.index = index
        self.unread = unread


def cached(kind: str, content: str) -> Extracted | None:
    """The options that were kept for a source of that content; None when there are none."""
    data = shared_cache().get(_key(kind, content)) if content else None
    if data is None:
        return None
    header, _, text = data.partition(b"\n")
    try:
        unread: object = json.loads(header)
        if not isinstance(unread, list):
            return None
        return Extracted(read_index(text.decode(), "", kind), [str(one) for one in unread])
    except (ValueError, RecursionError, OptionIndexError):
        return None


def keep(kind: str, content: str, found: Extracted) -> None:
    """Keeps the options of a source. Where that is impossible, nothing happens."""
    if content:
        text = json.dumps(found.unread) + "\n" + index_text(found.index)
        shared_cache().put(_key(kind, content), text.encode("utf-8", "replace"))


def content_of(source: str) -> str:
    """A digest of what counts in a directory; "" when it cannot be read.

    A path in the store says it already: nothing there ever changes.
    """
    if source.startswith("/nix/store/"):
        return _digest(source)
    parts = [os.path.join(source, name) for name in PARTS]
    present = [path for path in parts if disk.exists(path)]
    digest = hashlib.sha256()
    count = 0
    for part in present if len(present) > 1 else [source]:
        for path in _files(part):
            count += 1
            if count > MAX_FILES:
                return ""
            try:
                data = disk.read(path, MAX_BYTES)
            except OSError:
                return ""
            if data is None:
                continue
            name = os.path.relpath(path, source)
            digest.update(f"{len(name)} {len(data)} {name}".encode("utf-8", "surrogateescape"))
            digest.update(data)
    return digest.hexdigest() if count else ""


def _files(part: str) -> list[str]:
    if disk.is_file(part):
        return [part]
    out: list[str] = []
    stack = [part]
    while stack:
        folder = stack.pop()
        try:
            entries = disk.scan(folder)
        except OSError:
            continue
        for name, kind in entries:
            path = os.path.join(folder, name)
            if kind == disk.DIRECTORY:
                if not name.startswith("."):
                    stack.append(path)
            elif name.endswith((".nix", ".json", ".toml")) and disk.is_file(path):
                out.append(path)
    out.sort()
    return out


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _key(kind: str, content: str) -> str:
    return key_of("options", nixlint.__version__, str(FORMAT), kind, content)
