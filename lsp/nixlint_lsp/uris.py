"""URIs of the client and absolute paths.

Inside of nixlint the folder of a file is a real path, without symbolic links, as in the command
line; towards the client it is the path that the client used.
"""

from __future__ import annotations

import os
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes, urlsplit


class Uris:
    """Converts URIs to paths and back."""

    def __init__(self) -> None:
        self._written: dict[str, str] = {}
        """Real directory → how the client writes it, where that differs."""
        self.path = lru_cache(maxsize=4096)(self._path)

    def forget(self) -> None:
        """Look at the disk anew: symbolic links may have changed."""
        self.path.cache_clear()

    def _path(self, uri: str) -> str | None:
        """The absolute path of a `file:` URI; None for any other, and for nonsense."""
        try:
            parts = urlsplit(uri)
            written = os.fsdecode(unquote_to_bytes(parts.path))
        except ValueError:
            return None
        if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
            return None
        if not written.startswith("/") or "\0" in written:
            return None
        written = os.path.normpath(written)
        directory, name = os.path.split(written)
        try:
            real = os.path.realpath(directory)
        except OSError:
            return written
        if real != directory:
            self._written.setdefault(real, directory)
        return os.path.join(real, name)

    def folder(self, uri: str) -> str | None:
        """The real, absolute path of a folder; None when the URI is none of a file."""
        path = self.path(uri.rstrip("/"))
        if path is None:
            return None
        real = os.path.realpath(path)
        if real != path:
            self._written.setdefault(real, path)
        return real

    def uri(self, path: str) -> str:
        """The URI of an absolute path, under the name by which the client knows its folder."""
        at = path
        while self._written:
            written = self._written.get(at)
            if written is not None:
                path = written + path[len(at) :]
                break
            above = os.path.dirname(at)
            if above == at:
                break
            at = above
        try:
            encoded = os.fsencode(path)
        except UnicodeEncodeError:
            encoded = path.encode("utf-8", "replace")
        return "file://" + quote(encoded)
