"""What is wrong with the options of a project's configurations.

Every configuration is looked at with the modules that belong to it for sure. What a module from
elsewhere may change is respected: mistakes are claimed only for options that the project declares
itself, for those of a list of options that is known for this kind of configuration
(`options/coverage.py`), and for `enable` options, of which it is known that they are Booleans.
The same mistake in several configurations is one finding.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final, cast

from nixlint.evaluate.evaluator import Evaluator, on_large_stack
from nixlint.evaluate.values import NOTHING, NixError, OutOfBudget, VAttrs, VBool, VList, VUnknown
from nixlint.project.modules.configurations import Configurations
from nixlint.project.modules.definitions import property_type
from nixlint.project.modules.model import CERTAIN, Configuration, Module, Place
from nixlint.project.modules.module_set import ModuleSet
from nixlint.project.modules.properties import shown_path
from nixlint.project.modules.shared import configurations_of
from nixlint.project.modules.spots import Spot
from nixlint.project.modules.verdicts import (
    BAD_DECLARATION,
    DECLARED_TWICE,
    KINDS_DIFFER,
    NESTED_UNDER_OPTION,
    NOT_A_SET,
    NOT_OF_TYPE,
    NOT_UNIQUE,
    NULL_MIX,
    READ_ONLY,
    REMOVED,
    RENAMED,
    TAGS_DIFFER,
    UNDECLARED,
    UNEQUAL,
    UNMERGEABLE,
    Conflict,
    Def,
    classify,
)
from nixlint.project.options.index import split_name
from nixlint.project.project import Project
from nixlint.project.references.flake_ref import FlakeRefError, identity, parse_flake_ref
from nixlint.text import disk

if TYPE_CHECKING:
    from nixlint.project.options.coverage import Coverage

_KEY: Final = "option-findings"
ALIAS: Final = re.compile(r"Alias of (?:\{option\}`|<option>)(.+?)(?:`|</option>)\.")
"""How `mkRenamedOptionModule` describes the option with the old name."""
FOREIGN: Final = re.compile(r"the modules? .* (?:is|are) not on this machine$")
"""Why modules are unknown that belong to other flakes, as models of these say it."""
MAX_SPOTS: Final = 20_000
MAX_DEPTH: Final = 12
SECONDS: Final = 10.0
"""What the options of one configuration may take."""

COMMON: Final = frozenset(
    (
        "accounts", "age", "appstream", "assertions", "boot", "catppuccin", "colmena", "console",
        "containers", "dconf", "deployment", "disko", "documentation", "dysnomia", "ec2",
        "editorconfig", "environment", "fileSystems", "flake", "fonts", "gtk", "hardware", "home",
        "home-manager", "homebrew", "i18n", "ids", "image", "impermanence", "jovian", "krb5",
        "launchd", "lib", "location", "manual", "meta", "microvm", "networking", "news", "nix",
        "nixpkgs", "oci", "openstack", "pam", "passthru", "perSystem", "power",
        "powerManagement", "preservation",
        "programs", "proxmox", "qt", "security", "services", "snapraid", "sops", "sound",
        "specialisation", "stylix", "swapDevices", "system", "systemd", "systems", "targets",
        "test", "time", "users", "virtualisation", "warnings", "wayland", "wsl", "xdg",
        "xresources", "xsession", "zramSwap",
    )
)  # fmt: skip
"""First names of options that modules from elsewhere declare, too."""

SIMILAR: Final = 0.75
"""How alike (from 0 to 1) a name must be to one that is declared, to be taken for a slip."""

WELL_KNOWN: Final = frozenset(
    f"github:{name}"
    for name in (
        "catppuccin/nix", "danth/stylix", "fufexan/nix-gaming", "lnl7/nix-darwin", "mic92/sops-nix",
        "nix-community/disko", "nix-community/home-manager", "nix-community/impermanence",
        "nix-community/lanzaboote", "nix-community/nix-index-database",
        "nix-community/nixos-generators", "nix-community/nixos-wsl", "nix-community/nixvim",
        "nix-community/preservation", "nix-community/stylix", "nix-darwin/nix-darwin",
        "nixos/nixos-hardware", "nixos/nixpkgs", "oddlama/agenix-rekey", "ryantm/agenix",
    )
)  # fmt: skip
"""Inputs whose modules declare options below `COMMON` names only."""

KINDS: Final = frozenset(
    (
        BAD_DECLARATION, DECLARED_TWICE, KINDS_DIFFER, NESTED_UNDER_OPTION, NOT_A_SET, NOT_OF_TYPE,
        NOT_UNIQUE, NULL_MIX, READ_ONLY, TAGS_DIFFER, UNDECLARED, UNEQUAL, UNMERGEABLE,
    )
)  # fmt: skip
"""What is a mistake of the text; a missing value, for one, matters only to who asks for it."""
PLAIN_KINDS: Final = frozenset((DECLARED_TWICE, NOT_UNIQUE, NULL_MIX, READ_ONLY, UNEQUAL))


class OptionFinding:
    """A mistake with an option: `conflict` says which, the rest where it shows."""

    def __init__(self, conflict: Conflict, configuration: str) -> None:
        self.conflict = conflict
        self.configurations = [configuration]
        self.type_text = ""
        """The description of the option's type, if it matters and is known."""
        self.left_over = ""
        """The kind of a property that was left as the value (`if`, `override`, …), or ""."""
        self.declared: Place | None = None
        """Where the option is declared."""
        self.listed_in = ""
        """The files in which a list of options says that it is declared."""

    def places(self) -> list[Place]:
        """Where the definitions involved were written, as far as that is known."""
        return [one.place for one in self.conflict.definitions if one.place is not None]


class OptionFindings:
    """Everything found in the configurations of one project."""

    def __init__(self, project: Project, configurations: Configurations) -> None:
        self.project = project
        self.configurations = configurations
        self.ev: Evaluator = configurations.ev
        self.found: list[OptionFinding] = []
        self.sets: list[tuple[Configuration, ModuleSet]] = []
        self.root = disk.real(project.root)
        self.coverage: Coverage | None = None
        """What a list of options says about the configuration that is looked at."""
        self._known: dict[tuple[object, ...], OptionFinding] = {}

    def collect(self) -> None:
        """Looks at all configurations. Call it on a large stack."""
        ev = self.ev
        seconds = ev.seconds
        ev.seconds = SECONDS
        for configuration in self.configurations.found:
            ev.renew()
            try:
                self._configuration(configuration)
            except (NixError, OutOfBudget):
                # What is not known is not reported.
                continue
        self.configurations.memory.forget()
        ev.seconds = seconds
        ev.renew()

    def _configuration(self, configuration: Configuration) -> None:
        lib = self.configurations.evaluation.lib
        self.coverage = self._coverage(configuration)
        listed = self.coverage.listed() if self.coverage is not None else None
        made = ModuleSet(
            self.ev,
            lib,
            VList([]),
            collected=configuration,
            listed=listed,
            memory=self.configurations.memory,
        )
        self.sets.append((configuration, made))
        if made.fatal is not None and all_certain([one.module for one in made.fatal.definitions]):
            self._add(configuration, made.fatal)
        if self.has_gaps(configuration):
            return
        for spot in self._spots(made):
            try:
                self._option(configuration, spot)
            except (NixError, OutOfBudget):
                # What is not known is not reported.
                continue
        self._old_names(configuration, made)
        self._missing(configuration, made)
        self._enables(configuration, made.root, 0)

    def _coverage(self, configuration: Configuration) -> Coverage | None:
        """What a list of options says about a configuration; None when there is no list."""
        from nixlint.project.options.coverage import KINDS as LISTED_KINDS
        from nixlint.project.options.coverage import Coverage
        from nixlint.project.options.sources import option_sources

        if configuration.kind not in LISTED_KINDS:
            return None
        evaluation = self.configurations.evaluation
        known = option_sources(self.project).known(configuration.kind, self.ev, evaluation.lib)
        if known is None:
            return None
        return Coverage(self.project, self.root, configuration, known)

    def has_gaps(self, configuration: Configuration) -> bool:
        """Whether modules of the project itself may be missing."""
        outside = {(one.importer, one.name) for one in configuration.externals}
        own = [reason for reason, _, _ in configuration.unknowns if not FOREIGN.match(reason)]
        return len(own) > len(outside)

    def _spots(self, made: ModuleSet) -> list[Spot]:
        return made.spots()[:MAX_SPOTS]

    # Options that the project declares.

    def _option(self, configuration: Configuration, spot: Spot) -> None:
        if spot.problem is not None and spot.problem.kind == BAD_DECLARATION:
            self._add(configuration, spot.problem, spot)
            return
        if not all_certain([one.module for one in spot.declared]):
            return
        if not self._concerns_project(spot):
            return
        if spot.problem is not None:
            if spot.problem.kind in KINDS:
                self._add(configuration, spot.problem, spot)
            return
        try:
            hole = spot.def_hole or spot.hole
        except NixError:
            # A value stands where a set belongs; merging tells which.
            hole = ""
        if hole:
            return
        listed = self.coverage is not None and any(one.listed for one in spot.declared)
        foreign = spot.path[0] in COMMON and not listed
        for conflict in spot.merged().conflicts():
            # Somebody else may declare the same option, with more members or fields.
            if foreign and (conflict.kind not in PLAIN_KINDS or conflict.path != spot.name):
                continue
            if listed and self._is_doubtful(conflict, spot):
                continue
            if conflict.kind in KINDS:
                self._add(configuration, conflict, spot)

    def _is_doubtful(self, conflict: Conflict, spot: Spot) -> bool:
        """Whether modules that are not known may make a conflict with a listed option good."""
        coverage = self.coverage
        assert coverage is not None
        if conflict.kind == UNDECLARED:
            names = split_name(conflict.path)
            return not coverage.is_missing(names[:-1], names[-1], conflict.siblings)
        if conflict.kind == NOT_OF_TYPE and not coverage.sure:
            # Other modules may add members to an enumeration.
            option = coverage.option(spot.path)
            return option is None or "one of " in option.type
        return False

    def _all_well_known(self, configuration: Configuration) -> bool:
        """Whether it is known of all modules from elsewhere which options they declare."""
        for external in configuration.externals:
            if external.name.startswith("nixpkgs/"):
                continue
            first, _, rest = external.name.partition(".")
            name = rest.partition(".")[0].partition("/")[0]
            if first != "inputs" or not self._is_well_known(name):
                return False
        return True

    def _is_well_known(self, name: str) -> bool:
        """Whether an input of the flake is one of `WELL_KNOWN`."""
        flake = self.project.flake
        found = flake.inputs.get(name) if flake is not None else None
        if found is None or found.url is None:
            return False
        try:
            return identity(parse_flake_ref(found.url).attrs) in WELL_KNOWN
        except FlakeRefError:
            return False

    def _concerns_project(self, spot: Spot) -> bool:
        """Whether a module of the project declares the option, or may define it."""
        if any(self._is_own(one.module) for one in spot.declared) or spot.problem is not None:
            return True
        try:
            return any(self._is_own(one.module) for one in spot.defs)
        except NixError:
            return True

    def _is_own(self, module: Module | None) -> bool:
        return module is not None and module.path.startswith(self.root + "/")

    # Options that were renamed or removed.

    def _old_names(self, configuration: Configuration, made: ModuleSet) -> None:
        stack = made.root.busy_children()
        steps = 0
        while stack and steps < MAX_SPOTS:
            steps += 1
            spot = stack.pop()
            if not spot.is_option:
                stack.extend(spot.busy_children())
            if len(spot.options) != 1:
                continue
            value = spot.options[0][1]
            if "apply" not in value.attrs and not spot.is_listed:
                continue
            conflict = self._old_name(spot, value)
            if conflict is None:
                continue
            try:
                defs = spot.owner.merger.discharged(spot.defs)
            except (NixError, OutOfBudget):
                continue
            for one in defs:
                if one.certainty == CERTAIN:
                    each = Conflict(conflict.kind, conflict.path, conflict.message, [one])
                    self._add(configuration, each)

    def _old_name(self, spot: Spot, value: VAttrs) -> Conflict | None:
        """What is to say to those who still set an option that was renamed or removed."""
        merger = spot.owner.merger
        if spot.is_listed and self.coverage is not None:
            option = self.coverage.option(spot.path)
            if option is None:
                return None
            new, is_old = self.coverage.known.old_name(option)
            return Conflict(RENAMED if new else REMOVED, spot.name, new, []) if is_old else None
        visible = self.ev.forced(value.attrs["visible"]) if "visible" in value.attrs else None
        if not isinstance(visible, VBool) or visible.value:
            return None
        try:
            description = merger.text(value, "description")
        except (NixError, OutOfBudget):
            return None
        found = ALIAS.fullmatch(description)
        if found is not None:
            return Conflict(RENAMED, spot.name, found.group(1), [])
        called = self.ev.called(value.attrs["apply"], NOTHING, merger.site)
        if isinstance(called, VUnknown) and called.error is not None:
            message = called.error.message
            if classify(message)[0] == REMOVED:
                return Conflict(REMOVED, spot.name, message.partition("removed.")[2].strip(), [])
        return None

    # Definitions of options that nobody declares.

    def _missing(self, configuration: Configuration, made: ModuleSet) -> None:
        """Undeclared options below what only the project declares, or what is listed."""
        if self.coverage is not None:
            if _is_unchecked(made):
                return
            self._missing_here(configuration, made.root)
        for child in made.root.busy_children():
            name = child.path[0]
            listed = any(one.listed for one in child.declared)
            if (name in COMMON and not listed) or name == "_module" or child.is_option:
                continue
            self._missing_below(configuration, child, 0)

    def _missing_below(self, configuration: Configuration, spot: Spot, depth: int) -> None:
        spot.resolve()
        if spot.hole or spot.problem is not None or depth > MAX_DEPTH:
            return
        self._missing_here(configuration, spot)
        for child in spot.busy_children():
            child.resolve()
            if not child.is_option:
                self._missing_below(configuration, child, depth + 1)

    def _missing_here(self, configuration: Configuration, spot: Spot) -> None:
        """Undeclared options directly below a spot."""
        children = spot.children()
        listed = self.coverage is not None and any(one.listed for one in spot.declared)
        try:
            missing = spot.undeclared()
        except NixError:
            # There is a value where a set belongs, which is told elsewhere.
            return
        for name, defs in missing.items():
            sure = [one for one in defs if one.certainty == CERTAIN]
            if not sure or not children or name == "_module":
                continue
            siblings = sorted(child for child in children if child != "_module")
            if listed:
                assert self.coverage is not None
                if not self.coverage.is_missing(spot.path, name, siblings):
                    continue
            elif not close_to(name, siblings) and not self._all_well_known(configuration):
                # A module from elsewhere may declare it.
                continue
            path = shown_path([*spot.path, name])
            conflict = Conflict(UNDECLARED, path, f"The option `{path}' does not exist.", sure)
            conflict.siblings = siblings
            self._add(configuration, conflict)

    # `enable` options that the project does not declare.

    def _enables(self, configuration: Configuration, spot: Spot, depth: int) -> None:
        if depth > MAX_DEPTH or spot.hole:
            return
        for child in spot.busy_children():
            if not child.is_option and child.problem is None and child.path[0] != "_module":
                self._enables(configuration, child, depth + 1)
        try:
            missing = spot.undeclared()
        except NixError:
            return
        for name, defs in missing.items():
            below = Spot(spot.owner, [*spot.path, name], [], spot, [])
            if name == "enable":
                self._enable(configuration, below, defs)
            elif len(defs) > 1:
                self._enables(configuration, below, depth + 1)

    def _enable(self, configuration: Configuration, spot: Spot, defs: list[Def]) -> None:
        if spot.def_hole:
            return
        merger = spot.owner.merger
        try:
            flat = merger.discharged(defs)
            merger.unwrapped(flat)
        except (NixError, OutOfBudget):
            return
        if not flat or any(one.priority is None for one in flat):
            return
        best = min(one.priority or 0 for one in flat)
        strongest = [one for one in flat if one.priority == best]
        if any(one.certainty != CERTAIN for one in strongest):
            return
        values = [merger.force(one.value) for one in strongest]
        if not all(isinstance(value, VBool) for value in values):
            return
        first = values[0]
        for one, value in zip(strongest, values, strict=True):
            if isinstance(value, VBool) and isinstance(first, VBool):
                if value.value != first.value:
                    message = f"The option `{spot.name}' has conflicting definition values:"
                    conflict = Conflict(UNEQUAL, spot.name, message, [strongest[0], one])
                    self._add(configuration, conflict)
                    return

    # Findings.

    def _add(
        self, configuration: Configuration, conflict: Conflict, spot: Spot | None = None
    ) -> OptionFinding:
        places = tuple(
            (one.place.path, one.place.start)
            for one in conflict.definitions
            if one.place is not None
        )
        key = (conflict.kind, conflict.path, places)
        known = self._known.get(key)
        if known is not None:
            if configuration.name not in known.configurations:
                known.configurations.append(configuration.name)
            return known
        made = OptionFinding(conflict, configuration.name)
        self._known[key] = made
        for one in conflict.definitions:
            if conflict.kind == NOT_OF_TYPE and isinstance(one.value, VAttrs):
                made.left_over = property_type(self.ev, one.value) or made.left_over
        self.found.append(made)
        if spot is not None and spot.options:
            made.declared = spot.options[0][0].place
            if conflict.kind == DECLARED_TWICE:
                conflict.definitions = [
                    Def(one.value, one.file, CERTAIN, one.place, one.module)
                    for one, _ in spot.options
                ]
            made.type_text = self._type_text(spot)
        if spot is not None and self.coverage is not None:
            option = self.coverage.option(spot.path)
            if option is not None and any(one.listed for one in spot.declared):
                made.listed_in = ", ".join(option.declarations[:2])
        return made

    def _type_text(self, spot: Spot) -> str:
        if spot.is_listed and self.coverage is not None:
            option = self.coverage.option(spot.path)
            return option.type if option is not None else ""
        try:
            return spot.owner.merger.text(spot.declaration().attrs["type"], "description")
        except (NixError, OutOfBudget, KeyError):
            return ""


def _is_unchecked(made: ModuleSet) -> bool:
    """Whether definitions of undeclared options are, or may be, allowed."""
    try:
        checked = made.spot(["_module", "check"])
        flag = made.merger.force(checked.merged().get()) if checked is not None else None
        return not isinstance(flag, VBool) or not flag.value or made.freeform() is not None
    except (NixError, OutOfBudget):
        return True


def all_certain(modules: list[Module | None]) -> bool:
    """Whether modules surely belong to their configuration."""
    return all(module is None or module.certainty == CERTAIN for module in modules)


def close_to(name: str, names: list[str]) -> bool:
    """Whether a name looks like a slip of one of others: one or two letters differ."""
    return any(
        other != name and SequenceMatcher(None, name, other).ratio() >= SIMILAR for other in names
    )


def option_findings(project: Project) -> OptionFindings:
    """What is wrong with the options of the project; computed at the first call."""
    known = project.caches.get(_KEY)
    if known is not None:
        return cast(OptionFindings, known)
    found = OptionFindings(project, configurations_of(project))
    on_large_stack(found.collect)
    project.caches[_KEY] = found
    return found
