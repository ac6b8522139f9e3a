"""The `stateVersion` of configurations: with which release their data was made."""

from __future__ import annotations

import re
from typing import Final, cast

from nixlint.evaluate.evaluator import Evaluator, on_large_stack
from nixlint.evaluate.values import (
    NixError,
    OutOfBudget,
    Value,
    VAttrs,
    VFloat,
    VInt,
    VList,
    VString,
    VUnknown,
)
from nixlint.project.modules.definitions import (
    Definition,
    at_path,
    defined_in,
    discharged,
    place_of,
)
from nixlint.project.modules.model import (
    CERTAIN,
    DARWIN,
    HOME_MANAGER,
    NIXOS,
    Configuration,
    Module,
    Place,
)
from nixlint.project.modules.shared import configurations_of
from nixlint.project.modules.spots import attribute_place
from nixlint.project.project import Project
from nixlint.text import disk

_KEY: Final = "state-versions"
NO_RELEASE: Final = "no release"
WRONG_KIND: Final = "wrong kind"
TOO_NEW: Final = "too new"
MOVING: Final = "moving"
TWICE: Final = "twice"
MISSING: Final = "missing"
KINDS: Final = (NO_RELEASE, WRONG_KIND, TOO_NEW, MOVING, TWICE, MISSING)

PATHS: Final = {
    NIXOS: ("system", "stateVersion"),
    DARWIN: ("system", "stateVersion"),
    HOME_MANAGER: ("home", "stateVersion"),
}
_RELEASE: Final = re.compile(r"(\d\d)\.(\d\d)")
_EARLY: Final = frozenset(
    (
        "13.10", "14.04", "14.12", "15.09", "16.03", "16.09", "17.03", "17.09", "18.03", "18.09",
        "19.03", "19.09", "20.03", "20.09", "21.03",
    )
)  # fmt: skip
"""Releases before the rule of today; unstable was called 21.03 until that became 21.05."""
_MOVING: Final = re.compile(
    r"\bconfig\s*\.\s*system\s*\.\s*nixos\s*\.\s*(?:release|version)\b"
    r"|\btrivial\s*\.\s*(?:release|version)\b|\blib\s*\.\s*version\b"
)
_EPHEMERAL: Final = ("installer", "iso", "netboot", "sd-card", "image", "vm", "test")
"""Words in the names of configurations, or of modules, of systems that keep nothing."""


class StateVersionFault:
    """Something odd about the state version of a configuration."""

    def __init__(self, kind: str, option: str, place: Place, shown: str) -> None:
        self.kind = kind
        self.option = option
        self.place = place
        self.shown = shown
        """The value as text, if that matters."""
        self.other: Place | None = None
        self.configurations: list[str] = []


class _Finder:
    def __init__(self, project: Project) -> None:
        self.project = project
        self.ev: Evaluator = configurations_of(project).ev
        self.root = disk.real(project.root) + "/"
        self.found: dict[tuple[str, str, int], StateVersionFault] = {}

    def collect(self) -> None:
        for configuration in configurations_of(self.project).found:
            path = PATHS.get(configuration.kind)
            if path is None:
                continue
            self.ev.renew()
            try:
                self._configuration(configuration, list(path))
            except (NixError, OutOfBudget):
                continue

    def _configuration(self, configuration: Configuration, path: list[str]) -> None:
        option = ".".join(path)
        definitions = self._defined(configuration, path)
        if not definitions:
            self._missing(configuration, option)
            return
        plain: list[Definition] = []
        for one in definitions:
            place = one.place
            for flat in discharged(self.ev, one):
                if place is None or not self._is_own(place):
                    continue
                kind, shown = self._fault(configuration.kind, flat.value, place)
                if kind and not (kind == MOVING and is_ephemeral(configuration)):
                    self._add(kind, option, place, shown, configuration)
                if flat.certainty == CERTAIN and flat.priority == 100 and not kind:
                    plain.append(Definition(one.module, flat.value, CERTAIN, 100, place))
        first = plain[0].place if plain else None
        for again in plain[1:]:
            second = again.place
            if first is None or second is None or self._same(first, second):
                continue
            fault = self._add(TWICE, option, second, "", configuration)
            fault.other = first

    def _defined(self, configuration: Configuration, path: list[str]) -> list[Definition]:
        """The definitions of an option, with the place where its name is written."""
        ev = self.ev
        out: list[Definition] = []
        for parent in at_path(ev, defined_in(configuration.modules), path[:-1]):
            for one in discharged(ev, parent):
                value = one.value.attrs.get(path[-1]) if isinstance(one.value, VAttrs) else None
                if value is None or not isinstance(one.value, VAttrs):
                    continue
                place = attribute_place(one.value, path[-1]) or place_of(value)
                out.append(Definition(one.module, value, one.certainty, one.priority, place))
        return out

    def _same(self, one: Place, other: Place) -> bool:
        return one.path == other.path and one.start == other.start

    def _is_own(self, place: Place) -> bool:
        return disk.real(place.path).startswith(self.root)

    def _fault(self, kind: str, value: Value, place: Place) -> tuple[str, str]:
        """What is wrong with a value, and the value as text; "" if nothing is, or it is unknown."""
        text = self.project.text(place.path)
        written = text[place.start : text.find(";", place.start)] if text is not None else ""
        if _MOVING.search(written) is not None:
            return MOVING, ""
        if isinstance(value, VUnknown):
            return "", ""
        if kind == DARWIN:
            return ("", "") if isinstance(value, VInt) else (WRONG_KIND, "a whole number")
        if isinstance(value, (VInt, VFloat, VList)):
            return WRONG_KIND, "a string"
        if not isinstance(value, VString):
            return "", ""
        number = value.text
        found = _RELEASE.fullmatch(number)
        if found is None or not is_release(number):
            return NO_RELEASE, number
        if self._is_too_new(int(found.group(1)), int(found.group(2))):
            return TOO_NEW, number
        return "", ""

    def _is_too_new(self, year: int, month: int) -> bool:
        """Whether a release is later than the one that unstable is going to be."""
        today = self.project.settings.today
        if today is None:
            return False
        from datetime import date

        now = date.fromordinal(719163 + today)
        # A release branches off in the month it is named after, and the next one begins.
        latest = (now.year % 100, 11) if now.month < 5 else (now.year % 100 + 1, 5)
        if now.month >= 11:
            latest = (now.year % 100 + 1, 11)
        return (year, month) > latest

    def _missing(self, configuration: Configuration, option: str) -> None:
        if configuration.externals or configuration.unknowns or configuration.kind == DARWIN:
            return
        if configuration.outer is not None or not configuration.name.startswith(
            ("nixosConfigurations.", "homeConfigurations.")
        ):
            return
        if is_ephemeral(configuration):
            return
        modules = configuration.modules
        if any(one.value is None or one.certainty != CERTAIN for one in modules):
            return
        if any(value.rest is not None for value in (one.value for one in modules) if value):
            return
        first: Module | None = next(
            (one for one in modules if one.path and self._is_own(Place(one.path, 0))), None
        )
        if first is not None and not self._mentioned():
            self._add(MISSING, option, Place(first.path, 0), "", configuration)

    def _mentioned(self) -> bool:
        """Whether any file sets a state version in a way that was not understood."""
        texts = [self.project.text(path) for path in self.project.files]
        return any(text is not None and "stateVersion" in text for text in texts)

    def _add(
        self, kind: str, option: str, place: Place, shown: str, configuration: Configuration
    ) -> StateVersionFault:
        key = (kind, place.path, place.start)
        fault = self.found.get(key)
        if fault is None:
            fault = StateVersionFault(kind, option, place, shown)
            self.found[key] = fault
        fault.configurations.append(configuration.name)
        return fault


def is_release(text: str) -> bool:
    """Whether NixOS had, or is going to have, a release of that name."""
    found = _RELEASE.fullmatch(text)
    if found is None:
        return False
    if int(found.group(1)) < 21 or text in _EARLY:
        return text in _EARLY
    return found.group(2) in ("05", "11")


def is_ephemeral(configuration: Configuration) -> bool:
    """Whether a configuration seems to be one of a system that keeps nothing, such as an image."""
    names = [configuration.name, *(one.name for one in configuration.externals)]
    words = [word for name in names for word in re.split(r"[^a-z-]+|-(?=vm)", name.lower())]
    return any(word in _EPHEMERAL or word.startswith(("installer", "iso")) for word in words)


def state_version_faults(project: Project) -> list[StateVersionFault]:
    """What is odd about the state versions of the configurations of a project; computed at the
    first call."""
    known = project.caches.get(_KEY)
    if known is not None:
        return cast("list[StateVersionFault]", known)
    finder = _Finder(project)
    on_large_stack(finder.collect)
    out = list(finder.found.values())
    project.caches[_KEY] = out
    return out
