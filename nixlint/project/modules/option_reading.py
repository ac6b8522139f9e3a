"""Options that a project declares and does nothing with.

Two questions, each answered with "no" only where it is certain: does any configuration set an
`enable` option to true, and does any file of the project name an option apart from declaring it?
Modules that the flake exports are left alone: others may use their options.
"""

from __future__ import annotations

import re
from typing import Final, cast

from nixlint.evaluate.evaluator import on_large_stack
from nixlint.evaluate.values import NixError, OutOfBudget, VBool
from nixlint.project.modules.exports import exported_modules
from nixlint.project.modules.model import (
    CERTAIN,
    DARWIN,
    HOME_MANAGER,
    NIXOS,
    Configuration,
    Place,
)
from nixlint.project.modules.module_set import ModuleSet
from nixlint.project.modules.option_findings import (
    ALIAS,
    WELL_KNOWN,
    OptionFindings,
    option_findings,
)
from nixlint.project.modules.spots import Spot
from nixlint.project.modules.verdicts import KNOWN
from nixlint.project.project import Project
from nixlint.project.references.flake_ref import FlakeRefError, identity, parse_flake_ref
from nixlint.semantic.model import DEF_INHERIT_FROM, DEF_LET, Reference, SemanticModel
from nixlint.syntax.nodes import (
    AttrName,
    Binding,
    ExprIndString,
    ExprOpHasAttr,
    ExprSelect,
    ExprString,
    ExprVar,
    Inherit,
    Interpolated,
    Node,
    unparen,
)
from nixlint.syntax.strings import static_name, string_parts
from nixlint.syntax.tree import Tree
from nixlint.text import disk
from nixlint.text.span import Span

_KEY: Final = "option-reading"
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_'-]*")
_SELECTED: Final = re.compile(r"\.([A-Za-z_][A-Za-z0-9_'-]*)(?![A-Za-z0-9_'-])(?=\s*[^\s=.])")
_DOTTED: Final = re.compile(r"[\w'-]+(?:\.[\w'-]+)*")
_PUBLIC_OWNERS: Final = frozenset(
    (
        "astro", "cachix", "catppuccin", "determinatesystems", "hercules-ci", "hyprwm",
        "jovian-experiments", "lix-project", "microvm-nix", "nix-community", "nix-darwin", "nixos",
        "numtide", "serokell", "simple-nixos-mailserver", "snowfallorg", "zhaofengli",
    )
)  # fmt: skip
"""Owners of inputs that know nothing of the options of others."""
MAX_BYTES: Final = 1_000_000
"""Larger files that hold no Nix code name no options."""
FEW: Final = 32
"""So many names are looked for one by one."""
_KINDS: Final = (NIXOS, DARWIN, HOME_MANAGER)


class DeclaredOption:
    """An option that modules of the project declare, over all configurations."""

    def __init__(self, name: str, path: list[str]) -> None:
        self.name = name
        self.path = path
        self.places: list[Place] = []
        self.configurations: list[str] = []
        self.never_true = True
        """Whether its value is known to be false in every configuration."""
        self.quiet = False
        """Whether somebody outside may use it, or it is not certain what is declared."""
        self.is_set = False


class OptionReading:
    """What is declared in the configurations of a project."""

    def __init__(self, findings: OptionFindings) -> None:
        self.findings = findings
        self.project: Project = findings.project
        self.root = findings.root + "/"
        self.options: dict[str, DeclaredOption] = {}
        self.complete = True
        """Whether all configurations of the project are known."""

    def collect(self) -> None:
        """Looks at all configurations. Call it on a large stack."""
        found = self.findings
        configurations = found.configurations
        if configurations.failed or configurations.partial or configurations.exhausted:
            self.complete = False
        for configuration, made in found.sets:
            found.ev.renew()
            if found.has_gaps(configuration) or not self._is_closed(configuration):
                self.complete = False
            if configuration.kind not in _KINDS:
                continue
            for spot in made.spots():
                try:
                    self._spot(configuration, spot)
                except (NixError, OutOfBudget):
                    self._doubt(spot)
        if self.complete:
            self._defined_elsewhere()

    def _is_closed(self, configuration: Configuration) -> bool:
        """Whether no module from elsewhere can set options of the project."""
        return all(
            external.name.startswith(("nixpkgs/", "<nixpkgs>")) or self._is_public(external.name)
            for external in configuration.externals
        )

    def _is_public(self, name: str) -> bool:
        """Whether a module comes from an input that is made for everybody."""
        first, _, rest = name.partition(".")
        flake = self.project.flake
        if first != "inputs" or flake is None:
            return False
        found = flake.inputs.get(rest.partition(".")[0].partition("/")[0])
        if found is None or found.url is None:
            return False
        try:
            known = identity(parse_flake_ref(found.url).attrs)
        except FlakeRefError:
            return False
        if known is None:
            return False
        return known in WELL_KNOWN or known.partition(":")[2].partition("/")[0] in _PUBLIC_OWNERS

    def _doubt(self, spot: Spot) -> None:
        known = self.options.get(spot.name)
        if known is None:
            known = DeclaredOption(spot.name, spot.full_path)
            self.options[spot.name] = known
        known.quiet = True

    def _spot(self, configuration: Configuration, spot: Spot) -> None:
        places = [one.place for one, _ in spot.options if one.place is not None]
        own = [place for place in places if disk.real(place.path).startswith(self.root)]
        if not own:
            return
        known = self.options.get(spot.name)
        if known is None:
            known = DeclaredOption(spot.name, spot.full_path)
            self.options[spot.name] = known
        known.configurations.append(configuration.name)
        for place in own:
            if not any(at.path == place.path and at.start == place.start for at in known.places):
                known.places.append(place)
        if len(own) != len(spot.declared) or spot.problem is not None or spot.hole:
            known.quiet = True
            return
        if any(one.module is None or one.module.certainty != CERTAIN for one, _ in spot.options):
            known.quiet = True
            return
        declaration = spot.declaration()
        if self._is_alias(spot):
            known.quiet = True
        if "apply" in declaration.attrs or spot.def_hole:
            known.never_true = False
            return
        verdict = spot.merged()
        value = self.findings.ev.forced(verdict.value) if verdict.value is not None else None
        if verdict.state != KNOWN or not isinstance(value, VBool) or value.value:
            known.never_true = False

    def _is_alias(self, spot: Spot) -> bool:
        """Whether the declaration is that of `mkRenamedOptionModule` and its kin."""
        merger = spot.owner.merger
        description = merger.text(spot.declaration(), "description")
        return ALIAS.fullmatch(description) is not None

    def _defined_elsewhere(self) -> None:
        """Looks for definitions in configurations that do not declare the option, such as those
        of specialisations, which are parts of others."""
        for option in self.options.values():
            if not option.never_true:
                continue
            for configuration, made in self.findings.sets:
                if configuration.name in option.configurations:
                    continue
                if defines(made, option.path):
                    option.never_true = False
                    break


def defines(made: ModuleSet, path: list[str]) -> bool:
    """Whether there may be definitions at a path that nobody declares."""
    at = made.root
    for name in path:
        try:
            below = at.children().get(name)
            if below is None:
                return name in at.undeclared() or bool(at.hole or at.def_hole)
        except (NixError, OutOfBudget):
            return True
        at = below
    return True


class NameUse:
    """Where files of a project use some names, for whatever.

    `names` are those of which every place is wanted, `sets` those of which it is asked whether
    they are used as a whole.
    """

    def __init__(self, names: set[str], sets: set[str]) -> None:
        self.names = names
        self.sets = sets
        self.places: dict[str, set[tuple[str, int]]] = {}
        """Where a name is written, words in strings included: the file and the offset."""
        self.keys: dict[str, set[tuple[str, int]]] = {}
        """Those of them that are names of attributes that a set defines."""
        self.whole: set[str] = set()
        """Names of sets that are used as a whole, so that anything in them may be meant."""
        # A name such as "a.b" is no word. The parts `<name>` and `*` are no names at all.
        self._odd = any(
            _WORD.fullmatch(name) is None and name[:1] not in ("<", "*") for name in names | sets
        )

    def concerns(self, text: str) -> bool:
        """Whether a file may tell something new about one of the names."""
        if self._odd:
            return True
        wanted = self.names | (self.sets - self.whole)
        return bool(wanted) and _holds_any(text, wanted)

    def add(self, path: str, tree: Tree, model: SemanticModel) -> None:
        """Takes in what a file names."""
        text = tree.text
        lets = {each.node.start for each in model.definitions if each.kind == DEF_LET}
        looked_into: set[int] = set()
        """Where expressions begin of which something is selected, or that only get a name."""
        renamed: set[int] = set()
        stack: list[Node] = [tree.root]
        while stack:
            node = stack.pop()
            if isinstance(node, ExprVar):
                self._word(text[node.start : node.end], path, node.start)
                if node.start not in looked_into:
                    self._used_whole(node, text, model)
            elif isinstance(node, AttrName):
                name = static_name(node, text)
                if name is not None:
                    self._word(name, path, node.start)
            elif isinstance(node, (ExprString, ExprIndString)):
                self._string(node, path, text)
            elif isinstance(node, (ExprSelect, ExprOpHasAttr)):
                if node.start not in renamed:
                    self._selected(node, text)
                base = unparen(node.base)
                if isinstance(base, ExprVar):
                    looked_into.add(base.start)
            elif isinstance(node, Inherit):
                if node.source is not None:
                    source = unparen(node.source)
                    looked_into.add(source.start)
                    renamed.add(source.start)
                for each in node.names:
                    self._as_a_whole(static_name(each, text) or "")
            elif isinstance(node, Binding):
                for each in node.path.names():
                    name = static_name(each, text)
                    if name in self.names and node.path.first.start not in lets:
                        self.keys.setdefault(name, set()).add((path, each.start))
                # A name for a set is no use of the set: its own uses are looked at.
                if node.path.rest is None and node.path.first.start in lets:
                    value = unparen(node.value)
                    looked_into.add(value.start)
                    renamed.add(value.start)
            stack.extend(node.children())

    def _word(self, name: str, path: str, start: int) -> None:
        if name in self.names:
            self.places.setdefault(name, set()).add((path, start))

    def _as_a_whole(self, name: str) -> None:
        if name in self.sets:
            self.whole.add(name)

    def _selected(self, node: ExprSelect | ExprOpHasAttr, text: str) -> None:
        """The last name of a selection is used as a whole; so is what a computed name follows."""
        last = ""
        base = unparen(node.base)
        if isinstance(base, ExprVar):
            last = text[base.start : base.end]
        for each in node.path.names():
            name = static_name(each, text)
            if name is None:
                break
            last = name
        self._as_a_whole(last)

    def _used_whole(self, node: ExprVar, text: str, model: SemanticModel) -> None:
        self._as_a_whole(text[node.start : node.end])
        reference = model.reference_at(node.start)
        if reference is not None:
            self._as_a_whole(original_name(reference, text))

    def _string(self, node: Interpolated, path: str, text: str) -> None:
        raw = text[node.start : node.end]
        quotes = 2 if isinstance(node, ExprIndString) else 1
        inside = raw[quotes:-quotes]
        if "\\" in inside or (quotes == 2 and "''" in inside):
            # Behind an escape a word may begin elsewhere.
            for part in string_parts(node, text):
                for word in _WORD.finditer(part.text):
                    self._word(word.group(), path, part.start + word.start())
                self._option_path(part.text)
            return
        if self.names:
            for word in _WORD.finditer(raw):
                self._word(word.group(), path, node.start + word.start())
        at = quotes
        for hole in node.children():
            self._option_path(raw[at : hole.start - node.start])
            at = hole.end - node.start
        self._option_path(raw[at : len(raw) - quotes])

    def _option_path(self, text: str) -> None:
        """Takes in a text that may be the path of an option."""
        if self.sets and _DOTTED.fullmatch(text.strip()):
            for name in text.strip().split("."):
                self._as_a_whole(name)


def original_name(reference: Reference, text: str) -> str:
    """The last name of the selection that a variable stands for: `c` for `x` after
    `x = a.b.c`; "" for all others."""
    definition = reference.definition
    if definition is None:
        return ""
    if definition.kind == DEF_INHERIT_FROM:
        return definition.name
    owner = definition.owner
    if not isinstance(owner, Binding):
        return ""
    value = unparen(owner.value)
    if not isinstance(value, ExprSelect):
        return ""
    names = value.path.names()
    for each in reversed(names):
        name = static_name(each, text)
        if name is not None:
            return name
    return ""


def _reading_of(project: Project) -> OptionReading:
    known = project.caches.get(_KEY)
    if known is not None:
        return cast(OptionReading, known)
    reading = OptionReading(option_findings(project))
    on_large_stack(reading.collect)
    exported = exported_modules(project)
    for option in reading.options.values():
        if any(disk.real(place.path) in exported for place in option.places):
            option.quiet = True
    project.caches[_KEY] = reading
    return reading


def never_enabled(project: Project) -> list[DeclaredOption]:
    """The `enable` options that no configuration sets to true; none unless all are known."""
    reading = _reading_of(project)
    if not reading.complete:
        return []
    return [
        option
        for option in reading.options.values()
        if option.never_true and not option.quiet and option.path[-1] == "enable"
    ]


def never_named(project: Project) -> list[DeclaredOption]:
    """The options that no file of the project names apart from declaring or setting them.

    `is_set` of the results says whether something sets them.
    """
    options = [option for option in _reading_of(project).options.values() if not option.quiet]
    plainly_read = _selected_words(project) if options else set()
    options = [option for option in options if option.path[-1] not in plainly_read]
    if not options:
        return []
    options = _never_read(project, options)
    use = _use_of(project, set(), {name for option in options for name in option.path[:-1]})
    if use is None:
        return []
    out = [option for option in options if use.whole.isdisjoint(option.path[:-1])]
    if out:
        # Scripts may ask for options with `nix eval`.
        unnamed = _not_named_outside(project, {option.path[-1] for option in out})
        out = [option for option in out if option.path[-1] in unnamed]
    return out


def _never_read(project: Project, options: list[DeclaredOption]) -> list[DeclaredOption]:
    """Those of the options whose last name stands nowhere but where options are declared or set."""
    use = _use_of(project, {option.path[-1] for option in options}, set())
    if use is None:
        return []
    declared: dict[str, set[tuple[str, int]]] = {}
    starts = {last: _by_file(places) for last, places in use.places.items()}
    for option in options:
        last = option.path[-1]
        for place in option.places:
            span = _binding_at(project, place)
            if span is not None:
                found = declared.setdefault(last, set())
                for start in starts.get(last, {}).get(place.path, ()):
                    if span.start <= start < span.end:
                        found.add((place.path, start))
    is_set: dict[str, bool] = {}
    for last, mine in declared.items():
        others = use.places.get(last, set()) - mine
        if mine and not others - use.keys.get(last, set()):
            is_set[last] = bool(others)
    out: list[DeclaredOption] = []
    for option in options:
        last = option.path[-1]
        if last in is_set:
            option.is_set = is_set[last]
            out.append(option)
    return out


def _by_file(places: set[tuple[str, int]]) -> dict[str, list[int]]:
    out: dict[str, list[int]] = {}
    for path, start in places:
        out.setdefault(path, []).append(start)
    return out


def _use_of(project: Project, names: set[str], sets: set[str]) -> NameUse | None:
    """How the Nix files of a project use names; see `NameUse`. None if a file that holds one of
    them is broken: half a file may mean anything."""
    use = NameUse(names, sets)
    for path in project.files:
        text = project.text(path)
        if text is None:
            return None
        if use.concerns(text):
            tree, model = project.tree(path), project.model(path)
            if tree is None or model is None or any(error.fatal for error in tree.errors):
                return None
            use.add(path, tree, model)
    return use


def _selected_words(project: Project) -> set[str]:
    """Words behind a dot that no path goes on behind, in the text of Nix files: a quick way to
    see of most names that something reads them."""
    out: set[str] = set()
    for path in project.files:
        out.update(_SELECTED.findall(project.text(path) or ""))
    return out


def _not_named_outside(project: Project, names: set[str]) -> set[str]:
    """Those of the names that no file of a project has as a word that holds no Nix code."""
    left = set(names)
    for path in project.all_files or []:
        if path.endswith(".nix") or not left or not _is_small(path):
            continue
        text = project.text(path)
        if text is not None and "\0" not in text and _holds_any(text, left):
            left.difference_update(_WORD.findall(text))
    return left


def _holds_any(text: str, names: set[str]) -> bool:
    """Whether a text may hold one of some words."""
    # To look for a few of them is much quicker than to take the text apart.
    if len(names) <= FEW:
        return any(name in text for name in names)
    return not names.isdisjoint(_WORD.findall(text))


def _is_small(path: str) -> bool:
    try:
        return disk.size(path) <= MAX_BYTES
    except OSError:
        return False


def _binding_at(project: Project, place: Place) -> Span | None:
    """The binding whose name stands at a place."""
    tree = project.tree(place.path)
    if tree is None:
        return None
    found: Span | None = None
    stack: list[Node] = [tree.root]
    while stack:
        node = stack.pop()
        if isinstance(node, Binding) and node.path.start <= place.start < node.path.end:
            found = node.span
        stack.extend(child for child in node.children() if child.start <= place.start < child.end)
    return found
