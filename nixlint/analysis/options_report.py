"""The options that a project declares, with all that is known of them, for `nixlint options`.

Options from lists (`project/options/sources.py`) are there when the project sets them, or when
somebody asks for them by a part of their name.
Lines and columns count from 1, columns in code points.
"""

from __future__ import annotations

import os
from typing import Any, Final

from nixlint.evaluate.evaluator import Evaluator, on_large_stack
from nixlint.evaluate.show import show_all
from nixlint.evaluate.values import NixError, OutOfBudget, Value, VAttrs, VBool, VString, VUnknown
from nixlint.project.modules.model import CERTAIN, Configuration, Place
from nixlint.project.modules.module_set import ModuleSet
from nixlint.project.modules.option_findings import option_findings
from nixlint.project.modules.spots import Spot
from nixlint.project.modules.verdicts import NO_VALUE, Def, Merged
from nixlint.project.options.index import IndexedOption
from nixlint.project.options.sources import LABELS, option_sources
from nixlint.project.project import Project

LEVELS: Final = 3
LONG: Final = 200


class OptionUse:
    """What an option is in one configuration: its definitions, strongest first, and the value."""

    def __init__(self, configuration: str) -> None:
        self.configuration = configuration
        self.definitions: list[dict[str, Any]] = []
        self.state = ""
        self.value = ""
        self.reason = ""


class OptionReport:
    """One option of the project."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.type = ""
        self.default: str | None = None
        self.description = ""
        self.read_only = False
        self.declared: list[str] = []
        self.origins: list[str] = []
        """What declares it besides the project: nixpkgs, home-manager, nix-darwin."""
        self.uses: list[OptionUse] = []

    def as_json(self) -> dict[str, Any]:
        """The option as `--json` prints it."""
        return {
            "name": self.name,
            "type": self.type or None,
            "default": self.default,
            "description": self.description or None,
            "readOnly": self.read_only,
            "declarations": self.declared,
            "from": self.origins,
            "configurations": [
                {
                    "name": use.configuration,
                    "state": use.state,
                    "value": use.value or None,
                    "reason": use.reason or None,
                    "definitions": use.definitions,
                }
                for use in self.uses
            ],
        }


class OptionsReport:
    """All options of the project at `root`, by name; `pattern` is a part of the names wanted."""

    def __init__(self, project: Project, pattern: str = "") -> None:
        self.project = project
        self.pattern = pattern.lower()
        self.options: dict[str, OptionReport] = {}
        self.failed: list[tuple[str, str]] = []
        """Outputs that could not be followed: the name, and why."""
        found = option_findings(project)
        self.ev: Evaluator = found.ev
        self.failed = list(found.configurations.failed)
        self.configurations = len(found.sets)
        self._lines: dict[str, list[int]] = {}
        self.sources = option_sources(project)
        on_large_stack(lambda: self._collect(found.sets))
        if self.pattern:
            kinds = {*project.settings.options, *(one.kind for one, _ in found.sets)}
            for kind in sorted(kinds & set(LABELS)):
                self._search(kind)
        self.problems: list[tuple[str, str]] = list(self.sources.problems)
        """Lists of options that cannot be read: the file, and why."""

    def _collect(self, sets: list[tuple[Configuration, ModuleSet]]) -> None:
        for configuration, made in sets:
            self.ev.renew()
            for spot in made.spots():
                if self.pattern in spot.name.lower():
                    self._add(configuration, spot)

    def _search(self, kind: str) -> None:
        """Adds the options of a list whose names fit."""
        index = self.sources.list_for(kind)
        if index is None:
            return
        for name, listed in index.options.items():
            if self.pattern in name.lower() and listed.visible and not listed.internal:
                self._take_over(self._option(name), listed, LABELS[kind])

    def _option(self, name: str) -> OptionReport:
        option = self.options.get(name)
        if option is None:
            option = OptionReport(name)
            self.options[name] = option
        return option

    def _take_over(self, option: OptionReport, listed: IndexedOption, origin: str) -> None:
        """What a list says of an option."""
        if origin in option.origins:
            return
        option.origins.append(origin)
        option.declared.extend(one for one in listed.declarations if one not in option.declared)
        if not option.type:
            option.type = listed.type
            option.read_only = listed.read_only
            option.description = listed.description.strip()
            if listed.default is not None:
                line = " ".join(listed.default.split())
                option.default = line if len(line) <= LONG else line[: LONG - 1] + "…"

    def _add(self, configuration: Configuration, spot: Spot) -> None:
        option = self._option(spot.name)
        if any(one.listed for one, _ in spot.options):
            index = self.sources.list_for(configuration.kind)
            listed = index.options.get(spot.name) if index is not None else None
            if listed is not None:
                self._take_over(option, listed, LABELS[configuration.kind])
        for declared, _ in spot.options:
            place = self.place(declared.place)
            if place and place not in option.declared:
                option.declared.append(place)
        try:
            declaration = spot.declaration()
            self._describe(option, spot, declaration)
            merged = spot.merged()
        except (NixError, OutOfBudget):
            return
        option.uses.append(self._use(configuration, spot, merged))

    def _describe(self, option: OptionReport, spot: Spot, declaration: VAttrs) -> None:
        if option.type:
            return
        merger = spot.owner.merger
        option.type = merger.text(declaration.attrs["type"], "description")
        option.read_only = is_set(self.ev, declaration, "readOnly")
        default = declaration.attrs.get("default")
        if default is not None:
            option.default = self.shown(default)
        option.description = text_of(self.ev, declaration, "description").strip()

    def _use(self, configuration: Configuration, spot: Spot, merged: Merged) -> OptionUse:
        use = OptionUse(configuration.name)
        use.state = merged.state
        if merged.value is not None:
            use.value = self.shown(merged.value)
        elif merged.conflict is not None:
            use.reason = merged.conflict.message.partition("\n")[0]
            if merged.conflict.kind == NO_VALUE:
                use.state = "unset"
                use.reason = "nobody sets it"
        else:
            use.reason = merged.reason
        order = sorted(merged.all, key=lambda one: one.priority if one.priority is not None else 0)
        for one in order:
            if not one.is_default and one.file:
                use.definitions.append(self._definition(one, merged))
        return use

    def _definition(self, one: Def, merged: Merged) -> dict[str, Any]:
        return {
            "place": self.place(one.place) or self.relative(one.file),
            "priority": one.priority,
            "condition": "true" if one.certainty == CERTAIN else "unknown",
            "value": self.shown(one.value),
            "wins": one in merged.survivors,
        }

    def shown(self, value: Value) -> str:
        """A value on one line, cut off when it is long."""
        return one_line(self.ev, value)

    def place(self, place: Place | None) -> str:
        """`path:line:column` of a place; "" when there is none in the project."""
        if place is None:
            return ""
        shown = self.relative(place.path)
        if shown.startswith("/"):
            return ""
        starts = self._lines.get(place.path)
        if starts is None:
            text = self.project.text(place.path) or ""
            starts = [0]
            at = text.find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = text.find("\n", at + 1)
            self._lines[place.path] = starts
        line = 0
        for number, start in enumerate(starts):
            if start > place.start:
                break
            line = number
        return f"{shown}:{line + 1}:{place.start - starts[line] + 1}"

    def relative(self, path: str) -> str:
        """A path below the project, or the absolute one."""
        root = os.path.realpath(self.project.root) + "/"
        real = os.path.realpath(path)
        return real[len(root) :] if real.startswith(root) else path


def text_of(ev: Evaluator, value: VAttrs, name: str) -> str:
    """A field of a declaration that is a text, also a marked one (`lib.mdDoc`); or ""."""
    found = value.attrs.get(name)
    forced = ev.forced(found) if found is not None else None
    if isinstance(forced, VAttrs) and "text" in forced.attrs:
        forced = ev.forced(forced.attrs["text"])
    return forced.text if isinstance(forced, VString) else ""


def is_set(ev: Evaluator, value: VAttrs, name: str) -> bool:
    """Whether a field of a declaration is known to be true."""
    found = value.attrs.get(name)
    forced = ev.forced(found) if found is not None else None
    return isinstance(forced, VBool) and forced.value


def one_line(ev: Evaluator, value: Value, limit: int = LONG) -> str:
    """A value on one line, cut off when it is longer than `limit`."""
    try:
        forced = ev.forced(value)
        if isinstance(forced, VUnknown):
            return f"«{forced.reason}»"
        if isinstance(forced, VAttrs) and "_type" in forced.attrs:
            text = ev.forced(forced.attrs.get("text", forced))
            if isinstance(text, VString):
                return text.text
        line = " ".join(show_all(ev, forced, True, LEVELS).text.split())
    except (NixError, OutOfBudget):
        return "«unknown»"
    return line if len(line) <= limit else line[: limit - 1] + "…"
