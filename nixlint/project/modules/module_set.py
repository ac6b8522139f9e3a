"""Modules evaluated together, as `lib.evalModules` does it: options, definitions, values.

A `ModuleSet` follows `mergeModules'` of nixpkgs' `lib/modules.nix`: declarations and definitions
meet level by level, properties above an option are pushed down to it, what has no declaration
goes to the freeform type or is refused. Nothing is computed before it is asked for, and values may
refer to each other through `config`, as far as the modules are known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nixlint.evaluate.evaluator import Evaluator
from nixlint.evaluate.values import (
    ATTRS,
    NO_SLOTS,
    NOTHING,
    UNEXPECTED_ARGUMENT,
    Env,
    NixError,
    OutOfBudget,
    Value,
    VAttrs,
    VBool,
    VInt,
    VList,
    VNull,
    VString,
    VUnknown,
    boolean,
)
from nixlint.project.modules.closure import FORM_KEYS, MODULE_TYPES, Arguments, Collector
from nixlint.project.modules.definitions import place_of, property_type
from nixlint.project.modules.merge import Merger
from nixlint.project.modules.model import CERTAIN, DISABLED, POSSIBLE, Configuration, Module
from nixlint.project.modules.properties import shown_path
from nixlint.project.modules.spots import Declared, Listed, Memory, Owner, Spot, attribute_place
from nixlint.project.modules.verdicts import (
    BAD_FORM,
    FAILS,
    KNOWN,
    NO_VALUE,
    UNDECLARED,
    Computed,
    Conflict,
    Def,
    Merged,
    OptionError,
    Part,
    PartValue,
    failed,
    known,
    of_error,
    unknown,
)

INTERNAL: Final = "lib/modules.nix"
MAX_DEPTH: Final = 60
_MODULE: Final = "_module"
_INTERNAL_TEXT: Final = """\
lib:
let
  inherit (lib) types;
  # Old releases of `lib` have fewer types.
  raw = types.raw or types.unspecified;
  argsOf = types.lazyAttrsOf or types.attrsOf;
  optionType = types.optionType or types.unspecified;
in
{
  _file = "lib/modules.nix";
  key = "lib/modules.nix";
  options._module = {
    args = lib.mkOption { type = argsOf raw; };
    check = lib.mkOption { type = types.bool; default = true; };
    freeformType = lib.mkOption { type = types.nullOr optionType; default = null; };
    specialArgs = lib.mkOption { readOnly = true; };
  };
}
"""


class LiveArguments(Arguments):
    """Arguments of modules whose `_module.args` are looked up in the finished configuration."""

    def __init__(self, special: VAttrs, known_args: dict[str, Value], owner: ModuleSet) -> None:
        super().__init__(special, known_args)
        self.owner = owner

    def argument(self, name: str) -> Value:
        """The argument `config._module.args.NAME`."""
        found = self.module_args.get(name)
        if found is None:
            found = Computed(lambda: self.owner.module_argument(name))
            self.module_args[name] = found
        return found


class Submodules:
    """Evaluates the values of submodules for a `Merger`; `depth` is that of what they lie in."""

    def __init__(self, ev: Evaluator, lib: Value, depth: int) -> None:
        self.ev = ev
        self.lib = lib
        self.depth = depth
        self.merger = Merger(ev, self.verdict)

    def verdict(self, payload: VAttrs, path: list[str], defs: list[Def]) -> Merged:
        """The verdict on a value of a submodule."""
        if self.depth > MAX_DEPTH:
            return unknown("submodules are nested too deeply")
        merger = self.merger
        modules = merger.field(payload, "modules")
        try:
            special = merger.field(payload, "specialArgs")
        except NixError:
            # Whether Nix needs them depends on the modules.
            return unknown("declarations of a submodule have the same special argument")
        # Declarations may differ in it, which Nix refuses before it looks at modules.
        merger.field(payload, "class")
        if not isinstance(modules, VList) or modules.rest is not None:
            return unknown("the modules of a submodule are unknown")
        name: Value = VString(path[-1] if path and defs else "\u2039name\u203a")
        args: dict[str, Value] = {"name": name}
        first = VAttrs({"config": VAttrs({_MODULE: VAttrs({"args": VAttrs(args)})})})
        given: list[Value] = [first, *modules.items]
        refused: Merged | None = None
        for one in defs:
            if one.ordered and one.certainty == CERTAIN:
                # What comes before it is looked at before it fails.
                refused = _refused(one)
                break
            value = merger.force(one.value)
            try:
                only_config = isinstance(value, VAttrs) and self._is_shorthand(payload)
            except NixError as error:
                refused = of_error(error, [one])
                break
            if isinstance(value, VUnknown) or one.certainty != CERTAIN:
                reason = value.reason if isinstance(value, VUnknown) else ""
                unsure = VUnknown(reason or "a condition is unknown")
                if not isinstance(value, VUnknown):
                    unsure.alternatives = [self._as_module(one, value, only_config), VAttrs({})]
                given.append(unsure)
                continue
            given.append(self._as_module(one, value, only_config))
        inner = ModuleSet(
            self.ev,
            self.lib,
            VList(given),
            special if isinstance(special, VAttrs) else None,
            path if defs else [],
            self.depth + 1,
        )
        if refused is not None and inner.fatal is None:
            return refused
        return inner.verdict()

    def _is_shorthand(self, payload: VAttrs) -> bool:
        """Whether a set given as value has no `imports` or `options`, only what it sets. Raises
        `NixError` if declarations of the submodule differ in that."""
        flag = self.merger.field(payload, "shorthandOnlyDefinesConfig")
        return isinstance(flag, VBool) and flag.value

    def _as_module(self, one: Def, value: Value, only_config: bool) -> Value:
        file = VString(one.file)
        if only_config:
            return VAttrs({"_file": file, "config": value})
        return VAttrs({"_file": file, "imports": VList([value])})


def _refused(one: Def) -> Merged:
    """What `mkOrder` leaves behind is an argument that submodules do not take."""
    message = "anonymous function called with unexpected argument 'priority'"
    out = failed(FAILS, "", message, [one])
    assert out.conflict is not None
    out.conflict.error_kind = UNEXPECTED_ARGUMENT
    return out


class ModuleSet(Owner):
    """The modules of one configuration, or of one value of a submodule.

    `configuration` is filled from `modules` (a list of them, as `evalModules` takes it), or was
    `collected` before; then it is not asked whether there may be more modules. `listed` are
    options that modules declare which are not there. `memory` keeps verdicts for other sets.
    `open` says why there may be modules that are not known, "" when all are.
    """

    def __init__(
        self,
        ev: Evaluator,
        lib: Value,
        modules: Value,
        special: VAttrs | None = None,
        prefix: list[str] | None = None,
        depth: int = 0,
        collected: Configuration | None = None,
        listed: Listed | None = None,
        memory: Memory | None = None,
    ) -> None:
        super().__init__(ev, Submodules(ev, lib, depth).merger, prefix or [])
        self.listed = listed
        self.memory = memory
        self.lib = lib
        self.depth = depth
        self.configuration = collected if collected is not None else Configuration("", "")
        self.collecting = True
        self.fatal: Conflict | None = None
        """What Nix refuses about a module as a whole."""
        self.trusting = collected is not None
        arguments: dict[str, Value] = {}
        self.config: Value = Computed(self._config)
        self.options: Value = Computed(self._options)
        arguments["lib"] = lib
        arguments["config"] = self.config
        arguments["options"] = self.options
        special = special if special is not None else VAttrs({})
        arguments["specialArgs"] = special
        for name, value in (
            ("_class", NOTHING),
            ("_prefix", VList([VString(name) for name in self.prefix])),
        ):
            arguments[name] = value
        self.arguments = LiveArguments(special, arguments, self)
        if collected is None:
            Collector(ev, self.configuration, self.arguments).collect(modules)
        self.collecting = False
        self._read_modules()
        self.root = self._make_root()

    # The modules.

    def _read_modules(self) -> None:
        configuration = self.configuration
        if self.trusting:
            for module in configuration.modules:
                if module.certainty == CERTAIN:
                    self._check_form(module)
            return
        for reason, _, _ in configuration.unknowns:
            self.open = self.open or reason
        for external in configuration.externals:
            self.open = self.open or f"`{external.name}` is not on this machine"
        for module in configuration.modules:
            # Nix looks at the form of a module before it knows that the module is disabled.
            self._check_form(module)
            if module.certainty == DISABLED:
                continue
            if module.certainty == POSSIBLE:
                self.open = self.open or "whether a module is imported is unknown"
            if module.failure:
                self.open = self.open or module.failure

    def _check_form(self, module: Module) -> None:
        value = module.value
        if value is None:
            return
        if "_type" in value.attrs:
            self._check_type(module, value)
            return
        if not ("config" in value.attrs or "options" in value.attrs):
            return
        wrong = sorted(name for name in value.attrs if name not in FORM_KEYS)
        if wrong and self.fatal is None:
            message = f"Module `{module.key}' has an unsupported attribute `{wrong[0]}'."
            place = attribute_place(value, wrong[0])
            file = self.file_of(module)
            one = Def(value, file, module.certainty, place, module)
            self.fatal = Conflict(BAD_FORM, module.key, message, [one])

    def _check_type(self, module: Module, value: VAttrs) -> None:
        kind = property_type(self.ev, value)
        if kind in MODULE_TYPES or module.certainty != CERTAIN or self.fatal is not None:
            return
        message = f'Expected a module, but found a value of type "{kind}"'
        one = Def(value, self.file_of(module), CERTAIN, place_of(value), module)
        self.fatal = Conflict(FAILS, module.key, message, [one])

    def _make_root(self) -> Spot:
        declared: list[Declared] = []
        defs: list[Def] = []
        modules = [one for one in self.configuration.modules if one.certainty != DISABLED]
        internal = self._internal()
        if internal is not None:
            declared.append(Declared(internal, INTERNAL, None, None))
        if self.listed is not None:
            declared.append(Declared(self.listed.options, self.listed.label, None, None, True))
        for module in reversed(modules):
            file = self.file_of(module)
            if module.options is not None:
                declared.append(Declared(module.options, file, place_of(module.options), module))
            for value in module.config:
                defs.append(Def(value, file, module.certainty, place_of(value), module))
            self._add_fields(module, file, defs)
        return Spot(self, [], declared, None, defs)

    def _add_fields(self, module: Module, file: str, defs: list[Def]) -> None:
        """`freeformType` and, in the long form, `meta` are definitions, too."""
        value = module.value
        if value is None:
            return
        free = value.attrs.get("freeformType")
        if free is not None:
            inner = VAttrs({_MODULE: VAttrs({"freeformType": free})})
            defs.append(Def(inner, file, module.certainty, place_of(free), module))
        if ("config" in value.attrs or "options" in value.attrs) and "meta" in value.attrs:
            meta = value.attrs["meta"]
            inner = VAttrs({"meta": meta}, None, value.origin)
            defs.append(Def(inner, file, module.certainty, place_of(meta), module))

    def file_of(self, module: Module) -> str:
        """What messages call a module: its `_file`, its file, or that of its importer."""
        at: Module | None = module
        while at is not None:
            if at.value is not None and "_file" in at.value.attrs:
                text = self.ev.forced(at.value.attrs["_file"])
                if isinstance(text, VString):
                    return text.text
            if at.path:
                return at.path
            at = at.importer
        return "<unknown-file>"

    def _internal(self) -> Value | None:
        function = self.ev.remembered.get(INTERNAL)
        if function is None:
            code = self.ev.lowered(_INTERNAL_TEXT, "/nixlint/module.nix", "", None)
            function = code.eval(self.ev, Env(None, NOTHING, NO_SLOTS))
            self.ev.remembered[INTERNAL] = function
        try:
            module = self.merger.call(function, self.lib)
            return self.merger.field(module, "options")
        except (NixError, OutOfBudget):
            return None

    # What spots need.

    def unspecified(self) -> Value:
        """The type of options without a type."""
        types = self.merger.field(self.lib, "types")
        found = self.merger.field(types, "unspecified") if types is not None else None
        if found is None:
            raise OutOfBudget("`lib.types` is unknown")
        return found

    def tree_as_option(self, value: VAttrs) -> VAttrs | None:
        """A set of options below a submodule option as a declaration of that option."""
        types = self.merger.field(self.lib, "types")
        make = self.merger.field(types, "submoduleWith") if types is not None else None
        if make is None or isinstance(make, VUnknown):
            return None
        module = VAttrs({"options": value})
        fields: dict[str, Value] = {
            "modules": VList([module]),
            "shorthandOnlyDefinesConfig": NOTHING,
        }
        made = self.merger.call(make, VAttrs(fields))
        return VAttrs({"_type": VString("option"), "type": made})

    def module_argument(self, name: str) -> Value:
        """`config._module.args.NAME`."""
        if self.collecting:
            raise OutOfBudget(f"the module argument `{name}` is known only after all imports")
        args = self.spot([_MODULE, "args"])
        value = args.merged().get() if args is not None else VUnknown("")
        forced = self.merger.force(value)
        if isinstance(forced, VAttrs):
            if name in ("extendModules", "moduleType"):
                return VUnknown(f"`{name}` is not evaluated")
            found = forced.get(name)
            if found is not None:
                return found
            if self.open:
                return VUnknown(self.open, path=name)
            raise NixError("missing-attribute", f"attribute '{name}' missing", None, 0)
        return VUnknown(f"the module argument `{name}` is unknown", path=name)

    # Values.

    def spot(self, path: list[str]) -> Spot | None:
        """What is declared at a path."""
        at = self.root
        for name in path:
            below = at.children().get(name)
            if below is None:
                return None
            at = below
        return at

    def freeform(self) -> Value | None:
        """The freeform type; None when there is none. Raises `OutOfBudget` if unknown."""
        spot = self.spot([_MODULE, "freeformType"])
        merged = spot.merged() if spot is not None else None
        if merged is None or merged.state != KNOWN:
            if merged is not None and merged.conflict is not None:
                raise OptionError(merged.conflict)
            raise OutOfBudget("the freeform type is unknown")
        value = self.merger.force(merged.get())
        return None if isinstance(value, VNull) else value

    def undeclared(self) -> list[tuple[list[str], list[Def]]]:
        """What is defined but not declared: the path (of the shallowest such name) and the
        definitions, in the order of Nix. Raises `OptionError` for what Nix refuses on the way.
        """
        out: list[tuple[list[str], list[Def]]] = []
        self._undeclared(self.root, out)
        return out

    def _undeclared(self, spot: Spot, out: list[tuple[list[str], list[Def]]]) -> None:
        children = spot.children()
        missing = spot.undeclared()
        if spot.not_sets:
            if spot.hole:
                raise OutOfBudget(spot.hole)
            raise OptionError(spot.not_a_set())
        for name in sorted({*children, *missing}):
            child = children.get(name)
            if child is None:
                out.append(([*spot.path, name], missing[name]))
                continue
            child.resolve()
            if child.problem is not None:
                raise OptionError(child.problem)
            if not child.is_option and child.defs:
                self._undeclared(child, out)

    def check(self) -> Merged:
        """Whether Nix accepts the set as a whole: its modules, and that all is declared.

        Known means that it does; conflicts of single options are not regarded.
        """
        if self.fatal is not None:
            out = Merged("failed")
            out.conflict = self.fatal
            return out
        if self.open:
            return unknown(self.open)
        try:
            checked = self.spot([_MODULE, "check"])
            flag = self.merger.force(checked.merged().get()) if checked is not None else None
            if not isinstance(flag, VBool):
                return unknown("whether undeclared options are refused is unknown")
            if self.freeform() is not None:
                self.undeclared()
                # What is not declared is merged before anything else of `config` is known.
                self.merger.force(self.config)
                return known(boolean(True))
            if not flag.value:
                return known(boolean(True))
            missing = self.undeclared()
        except NixError as error:
            return of_error(error, [])
        except OutOfBudget as limit:
            return unknown(limit.message)
        if self._has_hole():
            return unknown("there may be more definitions or declarations")
        if missing:
            path, defs = missing[0]
            sure = [one for one in defs if one.certainty == CERTAIN]
            if not sure:
                return unknown("whether it is defined is unknown")
            name = shown_path([*self.prefix, *path])
            message = f"The option `{name}' does not exist."
            out = failed(UNDECLARED, name, message, sure)
            parent = self.spot(path[:-1])
            assert out.conflict is not None
            if sure[0] is not defs[0]:
                out.conflict.doubt = "whether it is defined elsewhere, too, is unknown"
            if parent is not None:
                out.conflict.siblings = sorted(set(parent.children()) - {_MODULE})
            return out
        return known(boolean(True))

    def _has_hole(self) -> bool:
        stack = [self.root]
        steps = 0
        while stack:
            steps += 1
            at = stack.pop()
            at.resolve()
            if at.hole or at.def_hole or steps > 50_000:
                return True
            if not at.is_option and at.problem is None:
                stack.extend(at.children().values())
        return False

    def spots(self) -> list[Spot]:
        """All options, in the order of their names; those of `_module` are left out, and those
        that are only in a list of options, and that nobody sets."""
        out: list[Spot] = []
        stack = [spot for spot in self.root.busy_children() if spot.path[0] != _MODULE]
        while stack:
            at = stack.pop()
            at.resolve()
            if at.is_option or at.problem is not None:
                out.append(at)
            else:
                stack.extend(at.busy_children())
        out.sort(key=lambda spot: spot.path)
        return out

    def verdict(self) -> Merged:
        """The verdict on the whole `config`; its parts are the options."""
        out = self.check()
        if out.state != KNOWN:
            if out.state == "unknown":
                out.parts = self._parts(self.root)
            return out
        try:
            value = self._values(self.root)
            parts = self._parts(self.root)
            free = self.freeform()
            if free is not None:
                value, more = self._with_freeform(free, value)
                parts.extend(more)
        except NixError as error:
            return of_error(error, [])
        except OutOfBudget as limit:
            return unknown(limit.message)
        done = known(value)
        done.parts = parts
        return done

    def _with_freeform(self, free: Value, declared: VAttrs) -> tuple[VAttrs, list[Part]]:
        """What is not declared, merged by the freeform type, below what is."""
        missing = self.undeclared()
        if not missing:
            return declared, []
        defs: list[Def] = []
        for path, found in missing:
            above = self.spot(path[:-1])
            if above is not None and above.hole:
                # It may be declared after all.
                raise OutOfBudget(above.hole)
            for one in found:
                value = one.value
                for name in reversed(path):
                    value = VAttrs({name: value})
                defs.append(one.with_value(value))
        merged = self.merger.merge_only(free, self.prefix, defs)
        value = self.merger.force(merged.get())
        if isinstance(value, VUnknown):
            raise OutOfBudget(value.reason)
        if not isinstance(value, VAttrs):
            raise OutOfBudget("the freeform type makes no set")
        return self._updated(value, declared), merged.parts

    def _updated(self, below: VAttrs, above: VAttrs) -> VAttrs:
        """`lib.recursiveUpdate`; only sets of options meet on both sides."""
        out = dict(below.attrs)
        for name, value in above.attrs.items():
            under = out.get(name)
            if under is not None:
                out[name] = Computed(self._updating(under, value))
                continue
            out[name] = value
        return VAttrs(out, below.rest or above.rest)

    def _updating(self, under: Value, above: Value) -> Callable[[], Value]:
        def update() -> Value:
            value = self.merger.force(above)
            forced = self.merger.force(under) if isinstance(value, VAttrs) else value
            if isinstance(forced, VAttrs) and isinstance(value, VAttrs):
                return self._updated(forced, value)
            return value

        return update

    def _parts(self, spot: Spot) -> list[Part]:
        """The verdicts on all options below a spot."""
        out: list[Part] = []
        stack = [spot]
        while stack:
            at = stack.pop()
            for name, child in sorted(at.children().items(), reverse=True):
                if at is self.root and name == _MODULE:
                    continue
                if child.is_option or child.problem is not None:
                    out.append(Part(name, child.final))
                else:
                    stack.append(child)
        out.reverse()
        return out

    def _values(self, spot: Spot) -> VAttrs:
        attrs: dict[str, Value] = {}
        for name, child in sorted(spot.children().items()):
            if spot is self.root and name == _MODULE:
                continue
            # What is declared may itself depend on other options.
            attrs[name] = Computed(self._value_maker(child))
        rest = None
        if spot.hole or self.open:
            rest = [VUnknown(spot.hole or self.open)]
        return VAttrs(attrs, rest)

    def _value_maker(self, spot: Spot) -> Callable[[], Value]:
        return lambda: self._value(spot)

    def _value(self, spot: Spot) -> Value:
        spot.resolve()
        if spot.is_option or spot.problem is not None:
            return PartValue(Part(spot.path[-1], spot.final))
        return self._values(spot)

    def _config(self) -> Value:
        """`config` as modules see it."""
        if self.collecting:
            raise OutOfBudget("`config` is known only after all modules are imported")
        if self.open or self.fatal is not None:
            attrs = self._values(self.root)
            reason = self.open or "the modules are refused"
            return VAttrs(attrs.attrs, [VUnknown(reason, path="config", shape=ATTRS)])
        free = self.freeform()
        attrs = self._values(self.root)
        if free is not None:
            attrs, _ = self._with_freeform(free, attrs)
        module = self.spot([_MODULE])
        own = self._values(module) if module is not None else VUnknown("`_module` is unknown")
        return VAttrs({**attrs.attrs, _MODULE: own}, attrs.rest, attrs.origin)

    def _options(self) -> Value:
        """`options` as modules see it."""
        if self.collecting:
            raise OutOfBudget("`options` is known only after all modules are imported")
        return self._option_values(self.root)

    def _option_values(self, spot: Spot) -> Value:
        attrs: dict[str, Value] = {}
        for name, child in spot.children().items():
            if spot is self.root and name == _MODULE:
                continue
            attrs[name] = Computed(self._maker(child))
        rest = [VUnknown(spot.hole or self.open)] if spot.hole or self.open else None
        return VAttrs(attrs, rest)

    def _maker(self, spot: Spot) -> Callable[[], Value]:
        def make() -> Value:
            spot.resolve()
            if spot.problem is not None:
                raise OptionError(spot.problem)
            return self._option(spot) if spot.is_option else self._option_values(spot)

        return make

    def _option(self, spot: Spot) -> Value:
        """An option as `options.x` shows it."""
        declaration = spot.declaration()
        merged = Part("", spot.merged)

        def survivors() -> list[Def]:
            verdict = merged.get()
            if verdict.conflict is not None and verdict.conflict.kind != NO_VALUE:
                if not verdict.all:
                    raise OptionError(verdict.conflict)
            hole = spot.hole or spot.def_hole or self.open
            if hole or any(one.certainty != CERTAIN for one in verdict.all):
                raise OutOfBudget(hole or "a condition is unknown")
            return verdict.survivors

        def values() -> Value:
            return VList([one.value for one in survivors()])

        def files() -> Value:
            return VList([VString(one.file) for one in survivors()])

        def located() -> Value:
            return VList(
                [VAttrs({"file": VString(one.file), "value": one.value}) for one in survivors()]
            )

        def priority() -> Value:
            number = merged.get().priority
            return VInt(number) if number is not None else VUnknown("the priority is unknown")

        def is_defined() -> Value:
            return boolean(bool(survivors()))

        attrs: dict[str, Value] = dict(declaration.attrs)
        attrs.update(
            {
                "loc": VList([VString(name) for name in spot.full_path]),
                "declarations": VList([VString(one.file) for one, _ in spot.options]),
                "value": PartValue(Part("", spot.final)),
                "definitions": Computed(values),
                "definitionsWithLocations": Computed(located),
                "files": Computed(files),
                "highestPrio": Computed(priority),
                "isDefined": Computed(is_defined),
            }
        )
        return VAttrs(attrs)
