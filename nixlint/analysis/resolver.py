"""Which configuration governs which file.

The closest one wins: the `.nixlint.toml` or `nixlint.toml` of the file's own directory, or of the
nearest directory above, up to the root of its repository (the directory that holds `.git`).
Files are not merged with those further up.
"""

from __future__ import annotations

import os
from typing import Final

from nixlint.analysis.config import Config, ConfigError, Overrides

FILE_NAMES: Final = (".nixlint.toml", "nixlint.toml")


class Resolver:
    """Finds the configuration of each directory, and remembers it."""

    def __init__(self, overrides: Overrides) -> None:
        self.overrides = overrides
        self._by_directory: dict[str, Config | ConfigError] = {}
        self._by_file: dict[str, Config | ConfigError] = {}
        self._fixed: Config | None = None
        if overrides.config_path is not None:
            self._fixed = _read(overrides.config_path, os.getcwd())
            self._fixed.apply(overrides)

    def for_directory(self, directory: str) -> Config:
        """The configuration in force in an absolute directory; raises `ConfigError`."""
        if self._fixed is not None:
            return self._fixed
        passed: list[str] = []
        at = directory
        while True:
            found = self._by_directory.get(at)
            if found is None:
                found = self._own(at)
            passed.append(at)
            if found is not None:
                break
            above = os.path.dirname(at)
            if above == at or os.path.lexists(os.path.join(at, ".git")):
                found = self._default(at)
                break
            at = above
        for each in passed:
            self._by_directory[each] = found
        if isinstance(found, ConfigError):
            raise found
        return found

    def _own(self, directory: str) -> Config | ConfigError | None:
        if self.overrides.isolated:
            return None
        for name in FILE_NAMES:
            path = os.path.join(directory, name)
            if os.path.lexists(path):
                found = self._by_file.get(path)
                if found is None:
                    found = self._load(path, directory)
                    self._by_file[path] = found
                return found
        return None

    def _load(self, path: str, directory: str) -> Config | ConfigError:
        try:
            config = _read(path, directory)
        except ConfigError as error:
            return error
        config.apply(self.overrides)
        return config

    def _default(self, directory: str) -> Config:
        config = Config(None, directory)
        config.apply(self.overrides)
        return config


def _read(path: str, root: str) -> Config:
    # Most projects have no such file, and then nothing that reads it is loaded.
    from nixlint.analysis.config_file import load

    return load(path, root)
