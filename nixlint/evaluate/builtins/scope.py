"""All builtins by name, and the names that are in scope everywhere."""

from __future__ import annotations

from typing import Final

from nixlint.evaluate.builtins import attrsets, control, files, lists, numbers, strings
from nixlint.evaluate.builtins.table import Table
from nixlint.evaluate.values import (
    ATTRS,
    FALSE,
    NOTHING,
    TRUE,
    Machine,
    Value,
    VAttrs,
    VUnknown,
)
from nixlint.semantic.builtins import member_since

_GLOBAL = (
    "abort", "baseNameOf", "break", "derivation", "derivationStrict", "dirOf", "fetchGit",
    "fetchMercurial", "fetchTarball", "fetchTree", "fromTOML", "import", "isNull", "map",
    "placeholder", "removeAttrs", "scopedImport", "throw", "toString",
)  # fmt: skip

NEWEST: Final = (2, 30)
"""Builtins of this version of Nix exist, as they do in later ones."""

# These have to be enabled, whatever the version.
_OPTIONAL: Final = ("exec", "fetchClosure", "fetchTree", "getFlake", "importNative")


def builtin_values(m: Machine) -> dict[str, Value]:
    """The names in scope everywhere with their values; `builtins` is one of them."""
    table = Table()
    control.register(table)
    lists.register(table)
    attrsets.register(table)
    numbers.register(table)
    strings.register(table)
    files.register(table)
    table.constant("true", TRUE)
    table.constant("false", FALSE)
    table.constant("null", NOTHING)
    if m.pure:
        for impure in ("currentSystem", "currentTime"):
            del table.values[impure]
    scope: dict[str, Value] = {}
    for name, value in table.values.items():
        if name in _GLOBAL or name in ("true", "false", "null"):
            scope[name] = value
        else:
            scope["__" + name] = value
    builtins = VAttrs(table.values, _perhaps_missing(table))
    table.values["builtins"] = builtins
    scope["builtins"] = builtins
    return scope


def _perhaps_missing(table: Table) -> list[VUnknown]:
    """Takes out the builtins that Nix may lack: they are known where they exist."""
    some: dict[str, Value] = {}
    for name in list(table.values):
        since = member_since(name)
        if name in _OPTIONAL or (since is not None and since > NEWEST):
            some[name] = table.values.pop(name)
    cause = VUnknown("the settings of Nix decide which builtins there are", shape=ATTRS)
    cause.names = frozenset(some)
    cause.children = some
    return [cause]
