"""What the editor says about the language server.

The keys of `nixlint.toml` that say which rules run, and those of its table `[lsp]` (see
docs/configuration.md), in `kebab-case` or `camelCase`, at the top or inside of `nixlint`. What
cannot be understood is logged and ignored.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Final

from nixlint.analysis import selection
from nixlint.analysis.config import Overrides
from nixlint.analysis.config_lsp import LspTable, read_features, read_formatter
from nixlint.analysis.selection import Layer, SelectorError

KEYS: Final = ("features", "formatter", "configuration", "select", "extend-select", "ignore")
_ELSEWHERE: Final = ("command", "path", "trace", "server", "enable")
"""What extensions for editors keep for themselves."""
_CAMEL: Final = re.compile("[A-Z]")


def module_of(feature: str) -> str:
    """The module of `features/` that answers for a feature: `codeAction` is `code_action`."""
    return _CAMEL.sub(lambda found: "_" + found[0].lower(), feature)


class LspSettings:
    """The settings in force: those of the editor, and where it is silent those of the project."""

    def __init__(self) -> None:
        self.features: dict[str, bool] = {}
        """What the editor switches on or off."""
        self.own_formatter: list[str] | None = None
        """The command that the editor names."""
        self.project = LspTable()
        """What `nixlint.toml` says."""
        self.overrides = Overrides()
        """What the editor says in place of the configuration file."""

    @property
    def formatter(self) -> list[str] | None:
        """The command that formats standard input, if one is named: any that the editor says, or
        one that is known and that the project chooses."""
        return self.own_formatter if self.own_formatter is not None else self.project.formatter

    def same_as(self, other: LspSettings) -> bool:
        """Whether two settings say the same."""
        return self._all() == other._all()

    def _all(self) -> tuple[object, ...]:
        layer = self.overrides.layer
        return (
            self.features,
            self.own_formatter,
            self.project.features,
            self.project.formatter,
            self.overrides.config_path,
            layer.select,
            layer.extend_select,
            layer.ignore,
        )

    def enabled(self, name: str) -> bool:
        """Whether a feature is on."""
        return self.features.get(name, self.project.features.get(name, True))


def read_settings(raw: object, complain: Callable[[str], None]) -> LspSettings:
    """Read what the editor sent; `complain` is told what is wrong with it."""
    settings = LspSettings()
    if not isinstance(raw, Mapping):
        if raw is not None:
            complain("they must be a table")
        return settings
    inner = raw.get("nixlint")
    table: Mapping[object, object] = inner if isinstance(inner, Mapping) else raw

    def complain_at(_table: str, key: str, message: str) -> None:
        complain(f"`{key}` {message}")

    layer = Layer()
    for key, value in table.items():
        name = _kebab(str(key))
        if value is None or name in _ELSEWHERE:
            continue
        if name == "features":
            settings.features = read_features(value, complain_at)
        elif name == "formatter":
            settings.own_formatter = read_formatter(value, complain_at) if value else None
        elif name == "select":
            layer.select = _selectors(name, value, complain) or None
        elif name == "extend-select":
            layer.extend_select = _selectors(name, value, complain)
        elif name == "ignore":
            layer.ignore = _selectors(name, value, complain)
        elif name == "configuration":
            if isinstance(value, str):
                settings.overrides.config_path = os.path.expanduser(value) or None
            else:
                complain("`configuration` must be the path of a file")
        else:
            complain(f"unknown key `{key}`: known keys are {', '.join(KEYS)}")
    settings.overrides.layer = layer
    return settings


def _kebab(key: str) -> str:
    return _CAMEL.sub(lambda found: "-" + found[0].lower(), key)


def _selectors(name: str, value: object, complain: Callable[[str], None]) -> list[str]:
    if not isinstance(value, list):
        complain(f'`{name}` must be a list of rules, such as ["unused-with"]')
        return []
    good: list[str] = []
    for each in value:
        try:
            selection.expand(each if isinstance(each, str) else repr(each))
        except SelectorError as error:
            complain(f"`{name}`: {error}")
        else:
            good.append(each)
    return good
