"""What a configuration says, however it came about: a file, the command line, the defaults.

Patterns are those of `.gitignore`, relative to the directory of the configuration file.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from nixlint.analysis import selection
from nixlint.analysis.selection import Layer, Selection
from nixlint.project.tree.patterns import Patterns

if TYPE_CHECKING:
    from nixlint.analysis.config_lsp import LspTable
    from nixlint.project.settings import ProjectSettings

NEWEST_NIX: Final = (99, 0)
"""The target when none is configured: every version known, and those to come."""


class ConfigError(Exception):
    """A configuration that cannot be used: its path, and `(line from 1 or 0, message)` items."""

    def __init__(self, path: str, items: list[tuple[int, str]]) -> None:
        super().__init__(path)
        self.path = path
        self.items = items

    def messages(self) -> list[str]:
        """One line each: `path:line: message`."""
        return [
            f"{self.path}:{line}: {text}" if line > 0 else f"{self.path}: {text}"
            for line, text in self.items
        ]


class Overrides:
    """What the command line says about configuration; it wins over the files."""

    def __init__(
        self,
        layer: Layer | None = None,
        exclude: list[str] | None = None,
        respect_gitignore: bool | None = None,
        force_exclude: bool | None = None,
        config_path: str | None = None,
        isolated: bool = False,
    ) -> None:
        self.layer = layer if layer is not None else Layer()
        self.exclude = exclude or []
        self.respect_gitignore = respect_gitignore
        self.force_exclude = force_exclude
        self.config_path = config_path
        self.isolated = isolated


class Settings:
    """What checking one file needs to know."""

    def __init__(
        self, chosen: Selection, severities: dict[str, str], target_nix: tuple[int, int]
    ) -> None:
        self.selection = chosen
        self.severities = severities
        self.target_nix = target_nix


class Config:
    """One configuration file, merged with the defaults and the command line."""

    def __init__(self, path: str | None, root: str) -> None:
        self.path = path
        self.root = root
        self.layer = Layer()
        self.exclude: list[str] = []
        self.per_file_ignores: list[tuple[Patterns, frozenset[str]]] = []
        self.severities: dict[str, str] = {}
        self.target_nix: tuple[int, int] = NEWEST_NIX
        self.respect_gitignore = True
        self.force_exclude = False
        self.unsafe_fixes = False
        self.project: ProjectSettings | None = None
        """What the tables about flakes say; None when there are none."""
        self.lsp: LspTable | None = None
        """What the table about the language server says; None when there is none."""
        self._excluded: list[Patterns] = []
        self._selection: Selection | None = None
        self._settings: dict[frozenset[str], Settings] = {}

    def apply(self, overrides: Overrides) -> None:
        """Lay the command line over the file; raises `SelectorError`."""
        self._selection = selection.resolve([self.layer, overrides.layer])
        if overrides.respect_gitignore is not None:
            self.respect_gitignore = overrides.respect_gitignore
        if overrides.force_exclude is not None:
            self.force_exclude = overrides.force_exclude
        self._excluded = [Patterns(self.root, self.exclude)]
        if overrides.exclude:
            self._excluded.append(Patterns(os.getcwd(), overrides.exclude))

    def excludes(self, path: str, is_dir: bool) -> bool:
        """Whether the absolute `path` is excluded by a pattern that matches itself."""
        return any(patterns.match(path, is_dir) for patterns in self._excluded)

    def excludes_deep(self, path: str) -> bool:
        """Whether the file at the absolute `path`, or a directory above it, is excluded."""
        return any(patterns.match_deep(path) for patterns in self._excluded)

    @property
    def selection(self) -> Selection:
        """The rules that run where no pattern switches more of them off."""
        assert self._selection is not None
        return self._selection

    def settings_for(self, path: str) -> Settings:
        """The settings for the file at the absolute `path`."""
        ignored: set[str] = set()
        for patterns, names in self.per_file_ignores:
            if patterns.match_deep(path):
                ignored |= names
        key = frozenset(ignored)
        settings = self._settings.get(key)
        if settings is None:
            assert self._selection is not None
            chosen = self._selection.without(key) if key else self._selection
            settings = Settings(chosen, self.severities, self.target_nix)
            self._settings[key] = settings
        return settings
