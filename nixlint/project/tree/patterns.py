"""Sets of `.gitignore` patterns, anchored at a directory.

The library that reads them is only loaded once a path is matched against a non-empty set.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


class PatternsError(Exception):
    """A pattern that `.gitignore` does not allow."""


class Patterns:
    """Patterns, relative to the absolute directory `root`; the last one that matches decides."""

    def __init__(self, root: str, lines: list[str], lenient: bool = False) -> None:
        self.root = root
        self.lines = [line for line in lines if _says_something(line)]
        self.lenient = lenient
        self._prefix = root if root.endswith(os.sep) else root + os.sep
        self._spec: GitIgnoreSpec | None = None

    def compile(self) -> None:
        """Read the patterns; raises `PatternsError`, or skips the bad ones if lenient."""
        if self._spec is not None or not self.lines:
            return
        import re

        from pathspec import GitIgnoreSpec

        try:
            self._spec = GitIgnoreSpec.from_lines(self.lines)
        except (ValueError, re.error) as error:
            if not self.lenient:
                raise PatternsError(str(error)) from None
            good = []
            for line in self.lines:
                try:
                    GitIgnoreSpec.from_lines([line])
                except (ValueError, re.error):
                    continue
                good.append(line)
            self._spec = GitIgnoreSpec.from_lines(good)

    def verdict(self, path: str, is_dir: bool) -> bool | None:
        """True if the absolute path matches, False if a `!` pattern excepts it, else None."""
        if not self.lines or not path.startswith(self._prefix):
            return None
        self.compile()
        assert self._spec is not None
        relative = path[len(self._prefix) :]
        return self._spec.check_file(relative + "/" if is_dir else relative).include

    def match(self, path: str, is_dir: bool) -> bool:
        """Whether the absolute path itself matches."""
        return self.verdict(path, is_dir) is True

    def match_deep(self, path: str) -> bool:
        """Whether the file at the absolute path, or a directory above it, matches."""
        if not self.lines or not path.startswith(self._prefix):
            return False
        relative = path[len(self._prefix) :]
        at = relative.find(os.sep)
        while at >= 0:
            if self.match(self._prefix + relative[:at], True):
                return True
            at = relative.find(os.sep, at + 1)
        return self.match(path, False)


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")
