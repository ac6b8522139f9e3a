"""The options of a project as facts: declarations, definitions, values, module arguments."""

from __future__ import annotations

import contextlib
import os
import zlib
from typing import Final

from nixlint.analysis.options_report import one_line
from nixlint.evaluate.evaluator import Evaluator
from nixlint.evaluate.values import (
    NixError,
    OutOfBudget,
    Value,
    VAttrs,
    VList,
    VString,
    VUnknown,
)
from nixlint.ide.facts import DefinitionFact, OptionFact, OptionList, ProjectFacts
from nixlint.ide.knowledge.nodes_at import path_in
from nixlint.ide.model import Place
from nixlint.project.flake.eval import LIB, MODEL_FOLDER
from nixlint.project.modules import model
from nixlint.project.modules.definitions import at_path, children, defined_in, discharged
from nixlint.project.modules.model import CERTAIN, Configuration
from nixlint.project.modules.module_set import ModuleSet
from nixlint.project.modules.option_findings import option_findings
from nixlint.project.modules.properties import shown_path
from nixlint.project.modules.spots import Spot, attribute_place
from nixlint.project.modules.verdicts import Def, Merged
from nixlint.project.options.index import IndexedOption, OptionIndex, split_name
from nixlint.project.options.walk import Walk
from nixlint.project.project import Project
from nixlint.syntax.nodes import AttrName, Binding, Inherit

EVALUATED: Final = "nixlint-eval-modules"
"""The mark of what `evalModules` gives."""
VALUE_LENGTH: Final = 120
SHORT: Final = 60
"""Longer expressions are not shown for their values."""
MAX_DEPTH: Final = 8
SECONDS: Final = 5.0
"""What the options of one configuration may take."""
MAX_UNDECLARED: Final = 20_000
"""So many definitions of what is declared elsewhere are gathered."""


class OptionGatherer:
    """Fills in the options, the definitions and the module arguments of some facts."""

    def __init__(self, project: Project, facts: ProjectFacts) -> None:
        self.project = project
        self.facts = facts
        self.root = os.path.realpath(project.root)
        found = option_findings(project)
        self.sets = found.sets
        self.ev: Evaluator = found.ev
        self.index = OptionIndex("")
        self.walk = Walk(self.ev, {}, self.index, [self.root])
        self.lib: Value = found.configurations.evaluation.lib
        self._places: dict[tuple[str, int], Place | None] = {}
        self._known: dict[tuple[str, str, int], DefinitionFact] = {}
        self._containers: set[str] = set()
        """The options with others inside of their types."""
        self._kinds: set[tuple[str, str]] = set()
        """The options that were met, by name and kind of configuration."""
        self._undeclared = 0

    def run(self) -> None:
        """Looks at all configurations."""
        seconds = self.ev.seconds
        self.ev.seconds = SECONDS
        for configuration, made in self.sets:
            self.ev.renew()
            for spot in made.spots():
                if self._is_own(spot):
                    self._option(configuration, made, spot)
                elif spot.parent is not None:
                    with contextlib.suppress(NixError, OutOfBudget):
                        self._definitions(configuration, spot.parent, spot.path[-1], spot.defs, 0)
            with contextlib.suppress(NixError, OutOfBudget):
                self._undeclared_in(configuration, made)
            self._arguments(configuration)
        self.ev.seconds = seconds
        self._hand_over()

    def _hand_over(self) -> None:
        """Gives the definitions inside of values of submodules to the options they are of."""
        inner: dict[int, list[OptionFact]] = {}
        for option in self.facts.options.values():
            if "<name>" in option.loc:
                inner.setdefault(len(option.loc), []).append(option)
        for name in list(self.facts.definitions):
            loc = split_name(name)
            for option in inner.get(len(loc), []):
                if _fits(option.loc, loc):
                    option.definitions.extend(self.facts.definitions.pop(name))
                    break

    def _is_own(self, spot: Spot) -> bool:
        """Whether something in the project declares an option."""
        for one in spot.declared:
            if one.module is not None and one.module.path.startswith(self.root + "/"):
                return True
        return False

    # Options that the project declares.

    def _option(self, configuration: Configuration, made: ModuleSet, spot: Spot) -> None:
        name = spot.name
        option = self.facts.options.get(name)
        if option is None:
            option = self._declare(configuration, made, spot, 0)
        elif (name, configuration.kind) not in self._kinds:
            # It is another option of the same name, and may have others inside.
            option.kind = ""
            with contextlib.suppress(NixError, OutOfBudget):
                self._inside(configuration, made, spot, 0)
        self._kinds.add((name, configuration.kind))
        self._places_of(option, spot)
        try:
            merged = spot.merged()
        except (NixError, OutOfBudget):
            return
        if merged.value is not None:
            option.values[configuration.name] = one_line(self.ev, merged.value, VALUE_LENGTH)
        if name in self._containers and spot.parent is not None:
            with contextlib.suppress(NixError, OutOfBudget):
                self._definitions(configuration, spot.parent, spot.path[-1], spot.defs, 0)
        for one in sorted(merged.all, key=_strength):
            if one.file and not one.is_default:
                self._define(configuration, name, one, merged, option.definitions)

    def _declare(
        self, configuration: Configuration, made: ModuleSet, spot: Spot, depth: int
    ) -> OptionFact:
        """Takes an option, and those inside of its type."""
        option = OptionFact(spot.name, spot.full_path)
        option.kind = configuration.kind
        self.facts.options[option.name] = option
        if not spot.is_option:
            return option
        self.walk.option(made, spot)
        described = self.index.options.get(option.name)
        if described is not None:
            _describe(option, described)
        if depth < MAX_DEPTH and (described is None or described.visible):
            try:
                self._inside(configuration, made, spot, depth)
            except (NixError, OutOfBudget):
                # What is inside is not known.
                return option
        return option

    def _places_of(self, option: OptionFact, spot: Spot) -> None:
        for declared, _ in spot.options:
            place = self.place(declared.place)
            if place is not None and place not in option.declarations:
                option.declarations.append(place)

    def _inside(
        self, configuration: Configuration, made: ModuleSet, spot: Spot, depth: int
    ) -> None:
        """The options inside of the type of an option: those of submodules."""
        merger = made.merger
        type_value = spot.declaration().attrs.get("type")
        find = merger.field(type_value, "getSubOptions") if type_value is not None else None
        if find is None or isinstance(find, VUnknown):
            return
        found = merger.call(find, VList([VString(part) for part in spot.full_path]))
        if not isinstance(found, VAttrs) or merger.text(found, "_type") != EVALUATED:
            return
        args = merger.field(found, "args")
        modules = merger.field(args, "modules") if isinstance(args, VAttrs) else None
        if not isinstance(args, VAttrs) or not isinstance(modules, VList):
            return
        special = merger.field(args, "specialArgs")
        prefix = merger.field(args, "prefix")
        parts = [merger.force(one) for one in prefix.items] if isinstance(prefix, VList) else []
        name: dict[str, Value] = {"name": VString("\u2039name\u203a")}
        first = VAttrs({"config": VAttrs({"_module": VAttrs({"args": VAttrs(name)})})})
        inner = ModuleSet(
            self.ev,
            self.lib,
            VList([first, *modules.items], modules.rest),
            special if isinstance(special, VAttrs) else None,
            [one.text for one in parts if isinstance(one, VString)],
            1,
        )
        self._containers.add(spot.name)
        for each in inner.spots():
            option = self.facts.options.get(each.name)
            if option is None:
                option = self._declare(configuration, inner, each, depth + 1)
            elif option.kind != configuration.kind and depth < MAX_DEPTH:
                option.kind = ""
                with contextlib.suppress(NixError, OutOfBudget):
                    self._inside(configuration, inner, each, depth + 1)
            self._places_of(option, each)

    def _define(
        self,
        configuration: Configuration,
        name: str,
        one: Def,
        merged: Merged | None,
        out: list[DefinitionFact],
    ) -> None:
        place = self.place(one.place)
        where = place.path if place is not None else one.file
        key = (name, where, place.start if place is not None else -1)
        fact = self._known.get(key)
        if fact is None:
            fact = DefinitionFact(place, name)
            fact.priority = one.priority
            fact.value = self._shown(one, place)
            self._known[key] = fact
            out.append(fact)
        if configuration.name not in fact.configurations:
            fact.configurations.append(configuration.name)
        if merged is not None and one in merged.survivors:
            fact.wins = True

    def _shown(self, one: Def, place: Place | None) -> str:
        """The value of a definition on one line; how it is written where some of it is unknown."""
        shown = one_line(self.ev, one.value, VALUE_LENGTH)
        if not shown.startswith("«") and "«unknown" not in shown:
            return shown
        tree = self.project.tree(place.path) if place is not None else None
        if place is None or tree is None:
            return ""
        for node in reversed(path_in(tree, place.start)):
            if isinstance(node, Binding) and node.path.start == place.start:
                written = tree.text_of(node.value)
                return written if len(written) <= SHORT and "\n" not in written else ""
        return ""

    # What others declare.

    def _undeclared_in(self, configuration: Configuration, made: ModuleSet) -> None:
        stack = [spot for spot in made.root.busy_children() if spot.path[0] != "_module"]
        for name, defs in made.root.undeclared().items():
            self._definitions(configuration, made.root, name, defs, 0)
        while stack:
            spot = stack.pop()
            if spot.is_option or spot.problem is not None:
                continue
            for name, defs in spot.undeclared().items():
                self._definitions(configuration, spot, name, defs, 0)
            stack.extend(spot.busy_children())

    def _definitions(
        self, configuration: Configuration, above: Spot, name: str, defs: list[Def], depth: int
    ) -> None:
        """Definitions of an option, or of a set of options, that the project does not declare.

        A set is taken apart, whatever its type is.
        """
        self._undeclared += 1
        if depth > MAX_DEPTH or self._undeclared > MAX_UNDECLARED:
            return
        spot = Spot(above.owner, [*above.path, name], [], above, [])
        merger = above.owner.merger
        below = spot.pushed()
        if below and not spot.not_sets and self._written_here(below):
            for child, found in below.items():
                self._definitions(configuration, spot, child, found, depth + 1)
            return
        path = shown_path(spot.full_path)
        out = self.facts.definitions.setdefault(path, [])
        try:
            flat = merger.discharged(defs)
            merger.unwrapped(flat)
        except (NixError, OutOfBudget):
            flat = defs
        sure = [one for one in flat if one.certainty == CERTAIN and one.priority is not None]
        best = min([one.priority or 0 for one in sure], default=None)
        merged: Merged | None = None
        if best is not None and len(sure) == len(flat):
            merged = Merged("unknown")
            merged.survivors = [one for one in flat if one.priority == best]
        for one in sorted(flat, key=_strength):
            if one.file:
                self._define(configuration, path, one, merged, out)
        if not out:
            del self.facts.definitions[path]

    def _written_here(self, below: dict[str, list[Def]]) -> bool:
        """Whether definitions of what is in a set are written in the project, each at a place of
        its own; it may as well be a value from elsewhere (`extraSpecialArgs = { inherit lib; }`).
        """
        for found in below.values():
            for one in found:
                place = self.place(one.place)
                if place is None or not place.path.startswith((self.root + "/", self.project.root)):
                    return False
        return True

    # Arguments.

    def _arguments(self, configuration: Configuration) -> None:
        special = configuration.special_args
        forced = self.ev.forced(special) if special is not None else None
        if isinstance(forced, VAttrs):
            for name in forced.attrs:
                self._argument(name, f"`specialArgs` of {configuration.name}")
                found = attribute_place(forced, name)
                place = self.place(found)
                if place is not None:
                    self.facts.argument_places.setdefault(name, place)
        own = at_path(self.ev, defined_in(configuration.modules), ["_module", "args"])
        for name in children(self.ev, own):
            self._argument(name, f"`_module.args` of {configuration.name}")
        for definition in own:
            for one in discharged(self.ev, definition):
                if isinstance(one.value, VAttrs):
                    for name in one.value.attrs:
                        place = self.place(attribute_place(one.value, name))
                        if place is not None:
                            self.facts.argument_places.setdefault(name, place)

    def _argument(self, name: str, what: str) -> None:
        self.facts.arguments.setdefault(name, what)

    # Places.

    def place(self, place: model.Place | None) -> Place | None:
        """The attribute path that is written at a place, or the place as it is outside of the
        project; None when it is no file on this machine, or one of our models."""
        if place is None:
            return None
        key = (place.path, place.start)
        if key not in self._places:
            self._places[key] = self._exact(place)
        return self._places[key]

    def _exact(self, place: model.Place) -> Place | None:
        path = os.path.realpath(place.path)
        if path != place.path and place.path.startswith(self.project.root + "/"):
            path = place.path
        inside = path.startswith((self.root + "/", self.project.root + "/"))
        if not inside and path.startswith((MODEL_FOLDER, os.path.dirname(LIB))):
            # What a model gives, its library gives somewhere else.
            return None
        if not inside:
            return Place(path, place.start, place.end) if os.path.isfile(path) else None
        tree = self.project.tree(path)
        if tree is None or place.start >= len(tree.text):
            return None
        name: AttrName | None = None
        for node in reversed(path_in(tree, place.start)):
            if isinstance(node, AttrName):
                name = node
            elif isinstance(node, Inherit) and name is not None:
                return Place(path, name.start, name.end)
            elif isinstance(node, Binding):
                return Place(path, node.path.start, node.path.end)
        return Place(path, place.start, place.end)


def _describe(option: OptionFact, described: IndexedOption) -> None:
    option.type = described.type
    option.default = described.default
    option.example = described.example
    option.description = described.description.strip()
    option.read_only = described.read_only


def _fits(loc: list[str], path: list[str]) -> bool:
    """Whether a path is one of those that the name of an option stands for."""
    return all(one in (name, "<name>") for one, name in zip(loc, path, strict=True))


def _strength(one: Def) -> int:
    return one.priority if one.priority is not None else 0


def option_list(kind: str, index: OptionIndex) -> OptionList:
    """The options of a list as facts; those that only modules themselves use are left out."""
    out: dict[str, OptionFact] = {}
    digest = zlib.crc32(kind.encode())
    for name, described in index.options.items():
        if described.internal or not described.visible:
            continue
        option = OptionFact(name, described.loc)
        option.kind = kind
        _describe(option, described)
        option.declared_in = described.declarations
        out[name] = option
        for text in (name, option.type, option.default or "", option.description):
            digest = zlib.crc32(text.encode("utf-8", "surrogatepass"), digest)
    return OptionList(kind, digest << 32 | len(out), out)
