"""Which rules run: from selectors such as `unused-with`, `names` or `ALL` to sets of rules.

Selectors come in layers: the defaults, the configuration file, the command line.
Within a layer the more specific selector wins, whichever list it stands in: a rule over a theme,
a theme over `DEFAULT`, and that over `ALL`; between two of the same kind, ignoring wins.
A later layer builds on the earlier one, and starts afresh when it says `select`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from nixlint.analysis.suggest import nearest
from nixlint.rules import registry

if TYPE_CHECKING:
    from nixlint.rules.base import Rule

ALL: Final = "ALL"
DEFAULT: Final = "DEFAULT"

_EVERYTHING: Final = 0
_DEFAULTS: Final = 1
_THEME: Final = 2
_RULE: Final = 3
_LEVELS: Final = (_EVERYTHING, _DEFAULTS, _THEME, _RULE)


class SelectorError(Exception):
    """A selector that names no rule and no theme; `hint` says what to write instead."""

    def __init__(self, selector: str) -> None:
        self.selector = selector
        match = nearest(selector, all_selectors())
        if match is not None:
            self.hint = f"did you mean `{match}`?"
        else:
            self.hint = "`nixlint rules` lists all rules"
        super().__init__(f"unknown rule `{selector}`: {self.hint}")


class Layer:
    """The selectors one source gives. `select` is None when it does not say where to start."""

    def __init__(
        self,
        select: list[str] | None = None,
        extend_select: list[str] | None = None,
        ignore: list[str] | None = None,
    ) -> None:
        self.select = select
        self.extend_select = extend_select or []
        self.ignore = ignore or []


class Selection:
    """The rules that run, and those that were switched off by name, theme or `ALL`."""

    def __init__(self, enabled: frozenset[str], ignored: frozenset[str]) -> None:
        self.enabled = enabled
        self.ignored = ignored

    def without(self, names: Iterable[str]) -> Selection:
        """The same selection with further rules ignored."""
        drop = frozenset(names)
        return Selection(self.enabled - drop, self.ignored | drop)


FORMER_NAMES: Final[dict[str, str]] = {}
"""Rules that were renamed: their old names still work everywhere."""

_themes: dict[str, str] = {}
_peers: dict[str, tuple[str, ...]] = {}


def theme_of(name: str) -> str:
    """The theme of a rule: the folder below `nixlint/rules/` its file lies in."""
    return _theme_by_rule()[name]


def themes() -> list[str]:
    """All themes, in the order of the registry."""
    return list(dict.fromkeys(_theme_by_rule().values()))


def is_rule(name: str) -> bool:
    """Whether `name` is the current name of a rule."""
    return name in _theme_by_rule()


def rule_of(name: str) -> Rule:
    """The rule of that name, its module loaded on first use; raises KeyError."""
    return registry.load_rule(name)


def default_rules() -> frozenset[str]:
    """The rules that run when nothing is configured."""
    return frozenset(registry.rule_names()) - registry.OFF


def all_selectors() -> list[str]:
    """Everything that may stand in `select`."""
    return [*registry.rule_names(), *themes(), *_rules_by_peer(), *FORMER_NAMES, ALL, DEFAULT]


def current_names(name: str) -> tuple[str, ...]:
    """The rules meant by a rule's name, its former name or a peer's name for it.

    Empty when there is no such rule.
    """
    if is_rule(name):
        return (name,)
    renamed = FORMER_NAMES.get(name)
    if renamed is not None:
        return (renamed,)
    return _rules_by_peer().get(name, ())


def _theme_by_rule() -> dict[str, str]:
    if not _themes:
        for name, module, _class_name in registry.RULES:
            _themes[name] = module.split(".")[0]
    return _themes


def _rules_by_peer() -> dict[str, tuple[str, ...]]:
    """The rules by the names other tools have for them; loads every rule."""
    if not _peers:
        for name in registry.rule_names():
            for alias in rule_of(name).aliases:
                _peers[alias] = (*_peers.get(alias, ()), name)
    return _peers


def expand(selector: str) -> tuple[int, frozenset[str]]:
    """How specific a selector is, and the rules it stands for; raises `SelectorError`."""
    if selector == ALL:
        return _EVERYTHING, frozenset(registry.rule_names())
    if selector == DEFAULT:
        return _DEFAULTS, default_rules()
    if selector in themes():
        names = [name for name in registry.rule_names() if theme_of(name) == selector]
        return _THEME, frozenset(names)
    current = current_names(selector)
    if not current:
        raise SelectorError(selector)
    return _RULE, frozenset(current)


def expand_all(selectors: Iterable[str]) -> frozenset[str]:
    """The rules any of the selectors stands for; raises `SelectorError`."""
    out: set[str] = set()
    for selector in selectors:
        out |= expand(selector)[1]
    return frozenset(out)


def resolve(layers: Iterable[Layer]) -> Selection:
    """The outcome of all layers, first to last; raises `SelectorError`."""
    enabled = set(default_rules())
    ignored: set[str] = set()
    for layer in layers:
        if layer.select is not None:
            enabled.clear()
            ignored.clear()
        wanted = [expand(selector) for selector in (layer.select or []) + layer.extend_select]
        unwanted = [expand(selector) for selector in layer.ignore]
        for level in _LEVELS:
            for found, names in wanted:
                if found == level:
                    enabled |= names
                    ignored -= names
            for found, names in unwanted:
                if found == level:
                    enabled -= names
                    ignored |= names
    return Selection(frozenset(enabled), frozenset(ignored))
