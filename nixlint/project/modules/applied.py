"""What the configurations of one project share: arguments nobody knows, and modules called once.

Most hosts import the same files. A module that gets the same arguments gives the same value, so
it is called once, and so is everything below it computed once. For that, the arguments that only
the evaluation of a configuration gives (`config`, `pkgs`, …) are the same objects in all
configurations of one *level*: the outer ones, or those inside of others.
"""

from __future__ import annotations

from typing import Final

from nixlint.evaluate.code import FormalsLambda
from nixlint.evaluate.evaluator import Evaluator
from nixlint.evaluate.values import (
    ATTRS,
    Code,
    Value,
    VAttrs,
    VInt,
    VLambda,
    VPath,
    VString,
    VUnknown,
)

OUTER: Final = ""
"""The level of configurations that belong to no other one. Other levels are words for users."""


class Shared:
    """What the configurations found by one evaluation share."""

    def __init__(self) -> None:
        self._symbols: dict[tuple[str, str, int], tuple[VUnknown, Value | None]] = {}
        self._module_args: dict[tuple[str, str], VUnknown] = {}
        self._special: dict[tuple[int, str], tuple[VUnknown, VUnknown]] = {}
        self._applied: dict[tuple[object, ...], tuple[Value, list[Value]]] = {}
        """Values of modules. The function and its arguments, whose identities are part of a key,
        are kept alive beside them."""

    def symbol(self, name: str, level: str, before: Value | None) -> VUnknown:
        """`config` and its kin in configurations of a level; `before` is what is known of it."""
        key = (name, level, id(before) if before is not None else 0)
        known = self._symbols.get(key)
        if known is None:
            whose = f" of {level}" if level else ""
            reason = f"`{name}`{whose} is known only after all modules are merged"
            made = VUnknown(reason, path=name, shape=ATTRS)
            if isinstance(before, VUnknown):
                made.children = before.children
            known = (made, before)
            self._symbols[key] = known
        return known[0]

    def module_argument(self, name: str, level: str) -> VUnknown:
        """An argument from `_module.args`."""
        known = self._module_args.get((name, level))
        if known is None:
            whose = f" of {level}" if level else ""
            reason = (
                f"the module argument `{name}`{whose} is known only after all modules are merged"
            )
            known = VUnknown(reason, path=name)
            self._module_args[(name, level)] = known
        return known

    def special_argument(self, name: str, rest: VUnknown) -> VUnknown:
        """An argument that may be among special arguments nobody knows."""
        key = (id(rest), name)
        known = self._special.get(key)
        if known is None:
            known = (VUnknown(rest.reason, rest.file, rest.start, name), rest)
            self._special[key] = known
        return known[0]

    def called(self, ev: Evaluator, function: VLambda, given: VAttrs, site: Code) -> Value:
        """The value of a module: the function applied to its arguments, perhaps long ago.

        Arguments that it names are computed, as most modules do soon.
        """
        code = function.code
        if not isinstance(code, FormalsLambda) or not code.ellipsis:
            return ev.called(function, given, site)
        whole = code.at_name is not None
        names = list(given.attrs) if whole else code.names
        parts: list[object] = [id(function)]
        kept: list[Value] = [function]
        for name in names:
            value = ev.forced(given.attrs[name])
            kept.append(value)
            if whole:
                parts.append(name)
            parts.append(_identity(value))
        if whole and given.rest is not None:
            for one in given.rest:
                kept.append(one)
                parts.append(id(one))
        key = tuple(parts)
        known = self._applied.get(key)
        if known is not None:
            return known[0]
        made = ev.called(function, given, site)
        if isinstance(made, VUnknown) and made.alternatives is None and made.error is None:
            # Perhaps it only took too long this time.
            return made
        self._applied[key] = (made, kept)
        return made

    def forget(self, places: set[str]) -> None:
        """Forgets the modules that were written in files at some places."""
        self._applied = {
            key: (made, kept)
            for key, (made, kept) in self._applied.items()
            if not (isinstance(kept[0], VLambda) and kept[0].code.file.real in places)
        }


def _identity(value: Value) -> object:
    """What tells a computed value from others; small ones are equal when they look so."""
    if isinstance(value, VString) and value.context is None:
        return "s" + value.text
    if isinstance(value, VPath):
        return "p" + value.path
    if isinstance(value, VInt):
        return "i" + str(value.value)
    return id(value)
