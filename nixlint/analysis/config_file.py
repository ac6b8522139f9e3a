"""Reading `nixlint.toml`, and telling the user what is wrong in it.

Everything wrong is reported at once, each with its line and with what to write instead.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable
from typing import Any, Final

from nixlint.analysis import selection
from nixlint.analysis.config import Config, ConfigError
from nixlint.analysis.config_flake import FlakeTables
from nixlint.analysis.config_lsp import read_lsp_table
from nixlint.analysis.selection import SelectorError
from nixlint.analysis.suggest import nearest
from nixlint.diagnostics.model import SEVERITIES
from nixlint.project.tree.patterns import Patterns, PatternsError

_VERSION: Final = re.compile(r"([2-9])\.([0-9]{1,3})(?:\.[0-9]+)?\Z")


def load(path: str, root: str) -> Config:
    """Read a configuration file whose patterns are relative to `root`; raises `ConfigError`."""
    shown = _shown(path)
    if os.path.exists(path) and not os.path.isfile(path):
        raise ConfigError(shown, [(0, "is not a regular file")])
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise ConfigError(shown, [(0, f"cannot read it: {error.strerror or error}")]) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(shown, [(line, "not valid UTF-8: save it as UTF-8")]) from None
    try:
        table = tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(shown, [_toml_error(str(error), text)]) from None
    except RecursionError:
        raise ConfigError(shown, [(0, "not valid TOML: nested too deeply")]) from None
    reader = _Reader(Config(path, root), text)
    reader.read(table)
    if reader.items:
        raise ConfigError(shown, reader.items)
    return reader.config


def keys() -> list[str]:
    """The keys that the file may have at its top."""
    return list(_Reader(Config("", ""), "").readers)


def _shown(path: str) -> str:
    try:
        relative = os.path.relpath(path)
    except (OSError, ValueError):
        return path
    return path if relative.startswith("..") else relative


def _toml_error(message: str, text: str) -> tuple[int, str]:
    match = re.search(r"\s*\(at line (\d+), column (\d+)\)\Z", message)
    if match is None:
        line = text.count("\n") + 1 if message.endswith("(at end of document)") else 0
        message = message.removesuffix(" (at end of document)")
        return line, f"not valid TOML: {message[:1].lower()}{message[1:]}"
    reason = message[: match.start()]
    return int(match[1]), f"not valid TOML: {reason[:1].lower()}{reason[1:]} (column {match[2]})"


class _Reader:
    """Checks a table key by key, and collects everything that is wrong in it."""

    def __init__(self, config: Config, text: str) -> None:
        self.config = config
        self.text = text
        self.items: list[tuple[int, str]] = []
        self.readers: dict[str, Callable[[str, Any], None]] = {
            "select": self._select,
            "extend-select": self._extend_select,
            "ignore": self._ignore,
            "exclude": self._exclude,
            "extend-exclude": self._extend_exclude,
            "force-exclude": self._flag,
            "respect-gitignore": self._flag,
            "unsafe-fixes": self._flag,
            "per-file-ignores": self._per_file_ignores,
            "severity": self._severity,
            "target-nix": self._target_nix,
            "sources": self._flake_tables,
            "options": self._flake_tables,
            "project": self._flake_tables,
            "flake": self._flake_tables,
            "lsp": self._lsp_table,
        }
        self._tables: FlakeTables | None = None

    def read(self, table: dict[str, Any]) -> None:
        # `extend-exclude` adds to `exclude`, wherever the two stand in the file.
        for key in sorted(table, key=lambda key: key == "extend-exclude"):
            reader = self.readers.get(key)
            if reader is None:
                self._unknown_key(key)
            else:
                reader(key, table[key])

    def _error(self, line: int, message: str) -> None:
        self.items.append((line, message))

    def _unknown_key(self, key: str) -> None:
        match = nearest(key, self.readers)
        hint = f"did you mean `{match}`?" if match else f"known keys: {', '.join(self.readers)}"
        self._error(_line_of_key(self.text, "", key), f"unknown key `{key}`: {hint}")

    def _wrong_type(self, table: str, key: str, expected: str, value: Any) -> None:
        line = _line_of_key(self.text, table, key)
        self._error(line, f"`{key}` must be {expected}, not {_toml_type(value)}")

    def _strings(self, table: str, key: str, value: Any, example: str) -> list[str]:
        if isinstance(value, list):
            wrong = [item for item in value if not isinstance(item, str)]
            if not wrong:
                return value
            value = wrong[0]
            what = f"a list of strings, such as {example}, without"
            line = _line_of_key(self.text, table, key)
            self._error(line, f"`{key}` must be {what} {_toml_type(value)} in it")
            return []
        self._wrong_type(table, key, f"a list of strings, such as {example}", value)
        return []

    def _selectors(self, table: str, key: str, value: Any) -> list[str]:
        good: list[str] = []
        for selector in self._strings(table, key, value, '["unused-with"]'):
            try:
                selection.expand(selector)
            except SelectorError as error:
                self._error(_line_of_string(self.text, table, key, selector), str(error))
            else:
                good.append(selector)
        return good

    def _select(self, key: str, value: Any) -> None:
        self.config.layer.select = self._selectors("", key, value)

    def _extend_select(self, key: str, value: Any) -> None:
        self.config.layer.extend_select = self._selectors("", key, value)

    def _ignore(self, key: str, value: Any) -> None:
        self.config.layer.ignore = self._selectors("", key, value)

    def _patterns(self, key: str, value: Any) -> list[str]:
        good: list[str] = []
        for pattern in self._strings("", key, value, '["vendor/"]'):
            try:
                Patterns(self.config.root, [pattern]).compile()
            except PatternsError as error:
                line = _line_of_string(self.text, "", key, pattern)
                self._error(line, f"`{pattern}` in `{key}` is not a valid pattern: {error}")
            else:
                good.append(pattern)
        return good

    def _exclude(self, key: str, value: Any) -> None:
        self.config.exclude = self._patterns(key, value)

    def _extend_exclude(self, key: str, value: Any) -> None:
        self.config.exclude = self.config.exclude + self._patterns(key, value)

    def _flag(self, key: str, value: Any) -> None:
        if not isinstance(value, bool):
            self._wrong_type("", key, "true or false", value)
            return
        setattr(self.config, key.replace("-", "_"), value)

    def _per_file_ignores(self, key: str, value: Any) -> None:
        if not isinstance(value, dict):
            self._wrong_type("", key, 'a table, such as { "pkgs/**" = ["unused-with"] }', value)
            return
        for pattern, selectors in value.items():
            patterns = Patterns(self.config.root, [pattern])
            try:
                patterns.compile()
            except PatternsError as error:
                line = _line_of_key(self.text, key, pattern)
                self._error(line, f"`{pattern}` in `{key}` is not a valid pattern: {error}")
                continue
            names = selection.expand_all(self._selectors(key, pattern, selectors))
            self.config.per_file_ignores.append((patterns, names))

    def _severity(self, key: str, value: Any) -> None:
        if not isinstance(value, dict):
            self._wrong_type("", key, 'a table, such as { unused-with = "error" }', value)
            return
        found: list[tuple[int, frozenset[str], str]] = []
        for selector, level in value.items():
            line = _line_of_key(self.text, key, selector)
            try:
                specific, names = selection.expand(selector)
            except SelectorError as error:
                self._error(line, str(error))
                continue
            if level in SEVERITIES:
                found.append((specific, names, level))
            elif level in ("off", "none", "allow", False):
                self._error(line, f'to switch `{selector}` off, write ignore = ["{selector}"]')
            else:
                known = ", ".join(f'"{name}"' for name in SEVERITIES)
                shown = f'"{level}"' if isinstance(level, str) else _toml_type(level)
                self._error(
                    line, f"the severity of `{selector}` must be one of {known}, not {shown}"
                )
        found.sort(key=lambda item: item[0])
        for _specific, names, level in found:
            for name in names:
                self.config.severities[name] = level

    def _flake_tables(self, key: str, value: Any) -> None:
        if self._tables is None:
            self._tables = FlakeTables(self.config.root, self._complain)
            self.config.project = self._tables.settings
        if key == "sources":
            self._tables.read_sources(value)
        elif key == "options":
            self._tables.read_options(value)
        elif key == "project":
            self._tables.read_project(value)
        else:
            self._tables.read_flake(value)

    def _lsp_table(self, _key: str, value: Any) -> None:
        self.config.lsp = read_lsp_table(value, self._complain)

    def _complain(self, table: str, key: str, message: str) -> None:
        self._error(_line_of_key(self.text, table, key), f"`{key}` {message}")

    def _target_nix(self, key: str, value: Any) -> None:
        match = _VERSION.match(value) if isinstance(value, str) else None
        if match is None:
            shown = f'"{value}"' if isinstance(value, str) else _toml_type(value)
            expected = 'a version of Nix in quotes, such as "2.18"'
            line = _line_of_key(self.text, "", key)
            self._error(line, f"`{key}` must be {expected}, not {shown}")
            return
        self.config.target_nix = (int(match[1]), int(match[2]))


def _toml_type(value: Any) -> str:
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a table"
    return "a date"


def _line_of_key(text: str, table: str, key: str) -> int:
    """The line, from 1, where `key` of `table` is written; 0 when it cannot be told.

    Looks at lines, not at syntax: good enough to point, never used to decide.
    """
    written = re.escape(key)
    pattern = re.compile(rf"""(?:^|[{{,])\s*(?:{written}|"{written}"|'{written}')\s*[=.]""")
    header = re.compile(rf"""\s*\[\s*["']?{written}["'.\]\s]""")
    current = ""
    fallback = 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("["):
            if not table and header.match(line):
                return number
            current = line.strip().strip("[]").strip(" \"'")
            continue
        inside = current == table or (current == "" and re.match(rf"\s*{table}\b", line))
        if pattern.search(line):
            if inside:
                return number
            fallback = fallback or number
    return fallback


def _line_of_string(text: str, table: str, key: str, value: str) -> int:
    """The line, from 1, of the string `value` at or after the line of its key; 0 if unknown."""
    first = _line_of_key(text, table, key)
    for number, line in enumerate(text.splitlines(), 1):
        if number >= first and (f'"{value}"' in line or f"'{value}'" in line):
            return number
    return first
