"""The configurations of a flake, and those inside of them.

A configuration is found by what builds it, not by how: `nixosSystem` and its kin return a set
that remembers its arguments (`_type = "nixlint-configuration"`; see `evaluate/lib` and
`models/`), wherever in the outputs it turns up, and however it was called.
"""

from __future__ import annotations

from time import process_time
from typing import Final

from nixlint.evaluate.evaluator import Evaluator
from nixlint.evaluate.values import (
    Value,
    VAttrs,
    VList,
    VPath,
    VString,
    VUnknown,
)
from nixlint.project.flake.eval import FlakeEvaluation
from nixlint.project.modules import entry_points
from nixlint.project.modules.applied import OUTER, Shared
from nixlint.project.modules.closure import Arguments, Collector
from nixlint.project.modules.definitions import (
    Definition,
    at_path,
    children,
    defined_in,
    discharged,
)
from nixlint.project.modules.model import (
    CERTAIN,
    DARWIN,
    HOME_MANAGER,
    NIXOS,
    NIXOS_TEST,
    OTHER,
    Configuration,
)
from nixlint.project.modules.settled import Settled
from nixlint.project.modules.spots import Memory

TEST: Final = "nixlint-test"
MARKS: Final = ("nixlint-configuration", "nixlint-eval-modules", TEST)
NOT_NODES: Final = frozenset(("defaults", "meta", "network"))
"""Names in a hive of colmena that are no nodes."""
LEVELS: Final = 4
"""How deep in the outputs configurations are looked for."""
MAX_ATTRIBUTES: Final = 400
MAX_STEPS: Final = 2000
"""How many possible values of one output are looked at."""
SECONDS: Final = 4.0
"""What looking for them may take."""
OUTPUTS: Final[tuple[tuple[str, str], ...]] = (
    ("nixosConfigurations", NIXOS),
    ("darwinConfigurations", DARWIN),
    ("homeConfigurations", HOME_MANAGER),
    ("homeManagerConfigurations", HOME_MANAGER),
    ("nixOnDroidConfigurations", OTHER),
    ("systemConfigs", OTHER),
)
"""Outputs whose attributes are configurations."""

INNER: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (
    ("hm", ("home-manager", "users", "*"), HOME_MANAGER),
    ("specialisation", ("specialisation", "*", "configuration"), NIXOS),
    ("container", ("containers", "*", "config"), NIXOS),
    ("microvm", ("microvm", "vms", "*", "config"), NIXOS),
)
"""Options whose values are configurations of their own: label, path, class."""

LEVEL_WORDS: Final = {HOME_MANAGER: "the home-manager user"}
"""What to call a configuration inside of another one, by its class."""

TEST_NODES: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (
    ("node", ("nodes", "*"), NIXOS),
    ("container", ("containers", "*"), NIXOS),
)
"""The machines of a test."""


class Configurations:
    """All configurations of a flake, found when asked for."""

    def __init__(self, evaluation: FlakeEvaluation) -> None:
        self.evaluation = evaluation
        self.ev: Evaluator = evaluation.evaluator
        self.found: list[Configuration] = []
        self.failed: list[tuple[str, str]] = []
        """Outputs that should be configurations but cannot be followed: the name, and why."""
        self.partial: list[tuple[str, str]] = []
        """Outputs that may hold more configurations than were found: the name, and why."""
        self.exhausted = False
        """Whether the outputs took too long to look at all of them."""
        self.aliases: dict[str, str] = {}
        """More names for configurations that are found under another one."""
        self._located: dict[str, tuple[str, str]] = {}
        self._shared = Shared()
        self._no_prefix = VList([])
        self.memory = Memory()
        """Verdicts on options, shared by those who merge the modules."""
        self._taken: dict[int, str] = {}
        self._kept: list[VAttrs] = []
        """Keeps marked sets alive, whose identity counts."""

    def again(self, changed: set[str]) -> Configurations:
        """The same, to be found anew after the texts of some modules changed (places on this
        machine), and nothing else did."""
        out = Configurations(self.evaluation)
        self._shared.forget(changed)
        out._shared = self._shared
        out._located = self._located
        out._no_prefix = self._no_prefix
        out.memory = self.memory
        return out

    def find(self) -> list[Configuration]:
        """Evaluates the outputs. Call it on a large stack."""
        ev = self.ev
        if self.evaluation.project.flake is None:
            return self._without_flake()
        self._configured()
        flake = ev.forced(self.evaluation.value)
        outputs = ev.attribute(flake, "outputs") if isinstance(flake, VAttrs) else flake
        if not isinstance(outputs, VAttrs):
            reason = outputs.reason if isinstance(outputs, VUnknown) else "they are no set"
            self.failed.append(("outputs", reason))
            return self.found
        for output, kind in OUTPUTS:
            value = outputs.attrs.get(output)
            if value is not None:
                self._output(output, kind, value)
        hive = outputs.attrs.get("colmena")
        if hive is not None:
            self._hive(hive)
        self._elsewhere(outputs)
        return self.found

    def _without_flake(self) -> list[Configuration]:
        """The configurations of a project that has no `flake.nix`."""
        root = self.evaluation.project.root
        entry_points.prepare(self.evaluation)
        for name, path in entry_points.expression_entries(root):
            self.ev.renew()
            value = entry_points.evaluated(self.evaluation, path)
            if self._found_at((name,), value) or not isinstance(value, VAttrs):
                continue
            if name in ("hive", "colmena"):
                self._hive(value)
            elif not self._is_closed((name,), value):
                for child, one in list(value.attrs.items())[:MAX_ATTRIBUTES]:
                    self._found_at((name, child), self.ev.forced(one))
        if self._configured():
            return self.found
        for name, kind, path in entry_points.module_entries(root):
            self._module(name, kind, path)
        return self.found

    def _configured(self) -> bool:
        """Takes the entry points that the configuration file names; whether there are any."""
        project = self.evaluation.project
        named = project.settings.entry_points
        for name, kind, path in entry_points.configured_entries(project.root, named):
            self.ev.renew()
            if not self._found_at((name,), entry_points.evaluated(self.evaluation, path)):
                self._module(name, kind, path)
        return bool(named)

    def _module(self, name: str, kind: str, path: str) -> None:
        """Takes a configuration that a file is the one module of."""
        # Others may use it with more arguments.
        special = VAttrs({}, [VUnknown("it is not known how the module is called")])
        modules = VList([VPath(path)])
        self._collect(name, kind, VAttrs({"modules": modules, "specialArgs": special}))

    def _hive(self, value: Value) -> None:
        """The nodes of colmena's older output, a plain set."""
        ev = self.ev
        hive = ev.forced(value)
        if not isinstance(hive, VAttrs):
            return
        defaults = hive.attrs.get("defaults", VAttrs({}))
        meta = ev.attribute(hive, "meta") if "meta" in hive.attrs else VAttrs({})
        everywhere = meta.attrs.get("specialArgs") if isinstance(meta, VAttrs) else None
        here = meta.attrs.get("nodeSpecialArgs") if isinstance(meta, VAttrs) else None
        by_node = ev.forced(here) if here is not None else VAttrs({})
        for name, node in hive.attrs.items():
            if name in NOT_NODES:
                continue
            nodes = VUnknown("the nodes of a hive are known only to Nix", path="nodes")
            known: dict[str, Value] = {"name": VString(name), "nodes": nodes}
            rest = None
            own = by_node.attrs.get(name) if isinstance(by_node, VAttrs) else by_node
            for given in (everywhere, own):
                special = ev.forced(given) if given is not None else None
                if isinstance(special, VAttrs):
                    known.update(special.attrs)
                    rest = special.rest or rest
                elif isinstance(special, VUnknown) and special.error is None:
                    rest = [special]
            args = VAttrs({"modules": VList([defaults, node]), "specialArgs": VAttrs(known, rest)})
            self._collect(f"colmena.{name}", NIXOS, args)

    def _elsewhere(self, outputs: VAttrs) -> None:
        """Configurations in other outputs: images among the packages, tests, hives.

        What is evaluated for this counts as evaluated for the project, too.
        """
        ev = self.ev
        seconds = ev.seconds
        ev.seconds = SECONDS
        ev.renew()
        done = {output for output, _ in OUTPUTS}
        level: list[tuple[tuple[str, ...], Value]] = [((), outputs)]
        for depth in range(LEVELS + 1):
            below: list[tuple[tuple[str, ...], Value]] = []
            for path, value in level:
                forced = ev.forced(value)
                if path and self._found_at(path, forced):
                    continue
                if not isinstance(forced, VAttrs) or len(forced.attrs) > MAX_ATTRIBUTES:
                    continue
                if depth == LEVELS or self._is_closed(path, forced):
                    continue
                for name, one in forced.attrs.items():
                    if path or name not in done:
                        below.append(((*path, name), one))
            level = below
        ev.timed_out = ev.timed_out or process_time() > ev.deadline
        self.exhausted = ev.steps >= ev.max_steps or process_time() > ev.deadline
        ev.seconds = seconds
        ev.renew()

    def _is_closed(self, path: tuple[str, ...], value: VAttrs) -> bool:
        """Whether a set is a value of its own, such as a package, and not a part of the outputs."""
        kind = value.attrs.get("type") or value.attrs.get("_type")
        return bool(path) and kind is not None and isinstance(self.ev.forced(kind), VString)

    def _found_at(self, path: tuple[str, ...], value: Value) -> bool:
        """Takes the configurations that a value is, or may be."""
        found = self._marked(value)
        for marked in found:
            if id(marked) in self._taken:
                continue
            kind = OTHER
            name = ".".join(path)
            for output, usual in OUTPUTS:
                if output in path[1:-1]:
                    # `legacyPackages.SYSTEM.homeConfigurations.NAME` is found by that name.
                    kind = usual
                    name = f"{output}.{path[-1]}"
            self._take(name, kind, marked)
        return bool(found)

    def _output(self, output: str, kind: str, value: Value) -> None:
        forced = self.ev.forced(value)
        if isinstance(forced, VUnknown):
            sets = self._sets(forced)
            if not sets:
                self.failed.append((output, forced.reason))
                return
            self.partial.append((output, forced.reason))
            for one_set in sets:
                for name, one in one_set.attrs.items():
                    self._configuration(f"{output}.{name}", kind, one)
            return
        if not isinstance(forced, VAttrs):
            return
        for name, one in forced.attrs.items():
            self._configuration(f"{output}.{name}", kind, one)
        for rest in forced.rest or []:
            self.partial.append((output, rest.reason))

    def _configuration(self, name: str, kind: str, value: Value) -> None:
        self.ev.renew()
        forced = self.ev.forced(value)
        found = self._marked(forced)
        if not found:
            if isinstance(forced, VUnknown):
                self.failed.append((name, forced.reason))
            else:
                self.partial.append((name, "it is built by other means"))
            return
        for marked in found:
            if id(marked) in self._taken:
                # Another name for one that was found before.
                self.aliases[name] = self._taken[id(marked)]
            else:
                self._take(name, kind, marked)

    def _take(self, name: str, kind: str, marked: VAttrs) -> None:
        mark = self.ev.attribute(marked, "class")
        own = mark.text if isinstance(mark, VString) else kind
        args = self.ev.attribute(marked, "args")
        self._taken[id(marked)] = name
        self._kept.append(marked)
        own_type = self.ev.attribute(marked, "_type")
        if isinstance(own_type, VString) and own_type.text == TEST:
            own = NIXOS_TEST
        if isinstance(args, VAttrs):
            self._collect(name, own, self._with_lib(marked, args))
        else:
            self.failed.append((name, "its arguments are unknown"))

    def _with_lib(self, marked: VAttrs, args: VAttrs) -> VAttrs:
        """The arguments with the `lib` whose `nixosSystem` was called: it may be an extended one,
        and the modules get it, unless another one is given."""
        lib = self.ev.attribute(marked, "lib") if "lib" in marked.attrs else None
        if not isinstance(lib, VAttrs) or "lib" in args.attrs:
            return args
        return VAttrs({**args.attrs, "lib": lib}, args.rest, args.origin)

    def _sets(self, value: VUnknown) -> list[VAttrs]:
        """The sets that an unknown value may be."""
        out: list[VAttrs] = []
        stack: list[Value] = list(reversed(value.alternatives or []))
        steps = 0
        while stack and steps < MAX_STEPS:
            steps += 1
            one = self.ev.forced(stack.pop())
            if isinstance(one, VAttrs):
                out.append(one)
            elif isinstance(one, VUnknown) and one.alternatives is not None:
                stack.extend(reversed(one.alternatives))
        return out

    def _marked(self, value: Value) -> list[VAttrs]:
        """The marked sets that a value is, or may be."""
        out: list[VAttrs] = []
        stack = [value]
        steps = 0
        while stack and steps < MAX_STEPS:
            steps += 1
            one = self.ev.forced(stack.pop())
            if isinstance(one, VAttrs):
                kind = one.attrs.get("_type")
                text = self.ev.forced(kind) if kind is not None else None
                if isinstance(text, VString) and text.text in MARKS:
                    out.append(one)
            elif isinstance(one, VUnknown) and one.alternatives is not None:
                stack.extend(one.alternatives)
        return out

    # One configuration.

    def _collect(self, name: str, kind: str, args: VAttrs) -> None:
        configuration = Configuration(name, kind)
        special = self._set(args, "extraSpecialArgs" if kind == HOME_MANAGER else "specialArgs")
        if kind == HOME_MANAGER and not special.attrs:
            special = self._set(args, "specialArgs")
        configuration.special_args = special
        arguments = Arguments(special, self._known(args, kind), self._shared)
        arguments.known["specialArgs"] = special
        arguments.known["_class"] = VString(kind)
        arguments.known["_prefix"] = self._no_prefix
        self._symbols(arguments, ("config", "options"))
        if "pkgs" not in args.attrs and "pkgs" not in special.attrs and special.rest is None:
            self._symbols(arguments, ("pkgs",))
        collector = Collector(self.ev, configuration, arguments, self._located)
        for attribute in ("modules", "extraModules", "imports"):
            modules = args.get(attribute)
            if modules is not None:
                collector.collect(modules)
        single = args.attrs.get("configuration")
        if single is not None:
            collector.collect(VList([single]))
        self.found.append(configuration)
        self._inner(configuration, arguments)

    def _symbols(self, arguments: Arguments, symbols: tuple[str, ...]) -> None:
        """Arguments that are known only after the modules of the configuration are merged."""
        for symbol in symbols:
            made = self._shared.symbol(symbol, arguments.level, arguments.known.get(symbol))
            arguments.known[symbol] = made
            arguments.reasons.add(made.reason)

    def _set(self, args: VAttrs, name: str) -> VAttrs:
        value = args.get(name)
        forced = self.ev.forced(value) if value is not None else None
        if isinstance(forced, VAttrs):
            return forced
        if isinstance(forced, VUnknown):
            return VAttrs({}, [forced])
        return VAttrs({})

    def _known(self, args: VAttrs, kind: str) -> dict[str, Value]:
        """The arguments that every module gets."""
        known: dict[str, Value] = {"lib": self.evaluation.lib}
        own_lib = args.attrs.get("lib")
        if own_lib is not None:
            known["lib"] = own_lib
        pkgs = args.attrs.get("pkgs")
        if pkgs is not None:
            known["pkgs"] = pkgs
        else:
            system = args.attrs.get("system")
            text = self.ev.forced(system) if system is not None else None
            known["pkgs"] = self.evaluation.packages(
                text.text if isinstance(text, VString) else None
            )
        known["modulesPath"] = self.evaluation.modules_path(kind)
        return known

    # Configurations inside.

    def _inner(self, outer: Configuration, arguments: Arguments) -> None:
        if outer.kind not in (NIXOS, DARWIN, NIXOS_TEST):
            return
        everything = defined_in(outer.modules)
        settled = Settled(self.ev, arguments, outer.modules, everything)
        for label, path, kind in TEST_NODES if outer.kind == NIXOS_TEST else INNER:
            above = list(path[: path.index("*")])
            parent = settled.settled(at_path(self.ev, everything, above), above)
            for name, definitions in children(self.ev, parent).items():
                below = at_path(self.ev, definitions, list(path[path.index("*") + 1 :]))
                below = settled.settled(below, [name if one == "*" else one for one in path])
                if below:
                    self._inner_one(outer, arguments, f"{outer.name}.{label}:{name}", kind, below)

    def _inner_one(
        self,
        outer: Configuration,
        arguments: Arguments,
        name: str,
        kind: str,
        definitions: list[Definition],
    ) -> None:
        ev = self.ev
        inner = Configuration(name, kind, outer)
        special: dict[str, Value] = {}
        rest = None
        everything = defined_in(outer.modules)
        modules: list[Value] = []
        if kind == HOME_MANAGER:
            for one in at_path(ev, everything, ["home-manager", "extraSpecialArgs"]):
                for done in discharged(ev, one):
                    if isinstance(done.value, VAttrs):
                        special.update(done.value.attrs)
                        rest = done.value.rest or rest
                    elif isinstance(done.value, VUnknown):
                        rest = [done.value]
            for one in at_path(ev, everything, ["home-manager", "sharedModules"]):
                for done in discharged(ev, one):
                    if isinstance(done.value, VList) and done.certainty == CERTAIN:
                        modules.extend(done.value.items)
                    elif isinstance(done.value, VList):
                        modules.extend(_possible(item) for item in done.value.items)
                    elif isinstance(done.value, VUnknown):
                        inner.unknowns.append((done.value.reason, one.module, one.place))
        elif outer.kind == NIXOS_TEST:
            for one in at_path(ev, everything, ["defaults"]):
                modules.extend(_as_modules(discharged(ev, one)))
            for one in at_path(ev, everything, ["node", "specialArgs"]):
                for done in discharged(ev, one):
                    if isinstance(done.value, VAttrs):
                        special.update(done.value.attrs)
                        rest = done.value.rest or rest
        else:
            special.update(arguments.special.attrs)
            rest = arguments.special.rest
        known = dict(arguments.known)
        known["osConfig"] = self._shared.symbol("osConfig", OUTER, None)
        known["nixosConfig"] = known["osConfig"]
        known["modulesPath"] = self.evaluation.modules_path(kind)
        level = LEVEL_WORDS.get(kind, "the configuration inside")
        inner_arguments = Arguments(VAttrs(special, rest), known, self._shared, level)
        known["specialArgs"] = inner_arguments.special
        known["_class"] = VString(kind)
        known["osClass"] = VString(outer.kind)
        self._symbols(inner_arguments, ("config", "options", "pkgs"))
        inner.special_args = inner_arguments.special
        for one in definitions:
            modules.extend(_as_modules(discharged(ev, one)))
        Collector(ev, inner, inner_arguments, self._located).collect(VList(modules))
        outer.inner.append(inner)
        self.found.append(inner)


def _as_modules(definitions: list[Definition]) -> list[Value]:
    """What is defined, as modules of an inner configuration."""
    return [
        done.value if done.certainty == CERTAIN else _possible(done.value) for done in definitions
    ]


def _possible(value: Value) -> Value:
    """A module that is there only under a condition that nobody knows."""
    if isinstance(value, VUnknown):
        return value
    return VUnknown("it is defined under a condition that is not known", alternatives=[value])
