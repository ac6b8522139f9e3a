"""Extracted options, kept on disk.

Extracting the options of nixpkgs takes seconds, so what was found is kept in
`$XDG_CACHE_HOME/nixlint/options` (`~/.cache` when that is not set), one file for each source: its
name is made of the version of nixlint and of the content of the source. A file that is damaged
counts as absent, and where nothing can be written nothing is kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from typing import Final

import nixlint
from nixlint.project.options.index import OptionIndex, OptionIndexError, index_text, read_index
from nixlint.text import disk

FORMAT: Final = 2
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


def cache_folder() -> str:
    """Where extracted options are kept; "" when there is no such place."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        home = os.path.expanduser("~")
        if not os.path.isabs(home):
            return ""
        base = os.path.join(home, ".cache")
    return os.path.join(base, "nixlint", "options")


def cached(kind: str, content: str) -> Extracted | None:
    """The options that were kept for a source of that content; None when there are none."""
    path = _path(kind, content)
    if not path:
        return None
    try:
        with open(path, encoding="utf-8") as file:
            header = file.readline()
            text = file.read()
    except (OSError, ValueError):
        return None
    try:
        said: object = json.loads(header)
        if not isinstance(said, dict) or said.get("sha256") != _digest(text):
            return None
        unread: object = said.get("unread")
        if not isinstance(unread, list):
            return None
        return Extracted(read_index(text, path, kind), [str(one) for one in unread])
    except (ValueError, RecursionError, OptionIndexError):
        return None


def keep(kind: str, content: str, found: Extracted) -> None:
    """Keeps the options of a source. Where that is impossible, nothing happens."""
    path = _path(kind, content)
    if not path:
        return
    text = index_text(found.index)
    header = json.dumps({"unread": found.unread, "sha256": _digest(text)}) + "\n"
    folder = os.path.dirname(path)
    made = ""
    try:
        os.makedirs(folder, exist_ok=True)
        handle, made = tempfile.mkstemp(prefix="new-", dir=folder)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(header + text)
        os.replace(made, path)
    except (OSError, ValueError):
        if made:
            try:
                os.unlink(made)
            except OSError:
                return


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


def _path(kind: str, content: str) -> str:
    folder = cache_folder()
    if not folder or not content:
        return ""
    name = _digest(f"{nixlint.__version__} {FORMAT} {kind} {content}")
    return os.path.join(folder, f"{kind}-{name[:40]}.json")
