"""The options that the modules of a source tree declare, found by evaluating the modules.

Nothing is run and nothing is fetched. Packages are symbols: of `pkgs` only the system, the types
of `pkgs.formats` and the place of some modules of nixpkgs are known. A tree is recognized by its
files: nixpkgs, home-manager, nix-darwin, nixvim, or any directory that exports modules.
"""

from __future__ import annotations

import os
from typing import Final

from nixlint.evaluate.evaluator import Evaluator, on_large_stack
from nixlint.evaluate.files import STORE
from nixlint.evaluate.lazy import LazyValue
from nixlint.evaluate.values import (
    ATTRS,
    NO_SLOTS,
    NOTHING,
    Code,
    Env,
    Machine,
    Value,
    VAttrs,
    VBool,
    VLambda,
    VList,
    VPath,
    VPrimop,
    VString,
    VUnknown,
)
from nixlint.project.flake.eval import MODEL_FOLDER, FlakeEvaluation
from nixlint.project.modules import entry_points
from nixlint.project.modules.module_set import ModuleSet
from nixlint.project.options.index import (
    DARWIN,
    HOME_MANAGER,
    KINDS,
    NIXOS,
    NIXVIM,
    OTHER,
    OptionIndex,
)
from nixlint.project.options.walk import Unread, Walk
from nixlint.project.project import Project

MAX_STEPS: Final = 400_000_000
SECONDS: Final = 300.0
"""What one option, or loading all modules, may take."""

NIXPKGS_MODULES: Final = "nixos/modules/module-list.nix"
HOME_MODULES: Final = "modules/modules.nix"
HOME_LIB: Final = "modules/lib/stdlib-extended.nix"
DARWIN_MODULES: Final = "modules/module-list.nix"
DARWIN_EVAL: Final = "eval-config.nix"
NIXVIM_MODULES: Final = "modules/top-level"
NIXVIM_LIB: Final = "lib/overlay.nix"

EVALUATED: Final = "nixlint-eval-modules"

EXPORTS: Final[tuple[tuple[str, str], ...]] = (
    ("nixosModules", NIXOS),
    ("nixosModule", NIXOS),
    ("homeModules", HOME_MANAGER),
    ("homeManagerModules", HOME_MANAGER),
    ("homeManagerModule", HOME_MANAGER),
    ("darwinModules", DARWIN),
    ("nixvimModules", NIXVIM),
    ("flakeModules", OTHER),
    ("flakeModule", OTHER),
)
"""Outputs of flakes that hold modules, and for what."""

# A `lib` whose `evalModules` is ours.
_OVERLAY: Final = """\
evalModules: final: prev: {
  inherit evalModules;
  modules = prev.modules // { inherit evalModules; };
}
"""


class ExtractError(Exception):
    """A source tree from which no options can be read: which one, and why."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class Extraction:
    """The options of a source tree, and what could not be read of it."""

    def __init__(self, index: OptionIndex) -> None:
        self.index = index
        self.unread: list[Unread] = []
        self.modules = 0
        """How many modules were read."""


class _Shape:
    """The modules of a tree as `evalModules` takes them."""

    def __init__(self, kind: str, lib: Value, modules: Value, special: dict[str, Value]) -> None:
        self.kind = kind
        self.lib = lib
        self.modules = modules
        self.special = special


def extract_options(source: str, kind: str | None = None, nixpkgs: str = "") -> Extraction:
    """The options that the source tree at `source` declares.

    `kind` is one of `KINDS`; None means to find it out. `nixpkgs` is a checkout of nixpkgs, or of
    its `lib` only, to be used instead of what is known of it; a checkout of nixpkgs uses its own.
    Raises `ExtractError` when the tree is none that holds modules.
    """
    root = os.path.realpath(source)
    if not os.path.isdir(root):
        reason = "is not a directory" if os.path.exists(root) else "no such directory"
        raise ExtractError(source, reason)
    if kind is not None and kind not in KINDS:
        raise ExtractError(source, f"`{kind}` is no kind of options: {', '.join(KINDS)}")
    if nixpkgs and not os.path.isfile(os.path.join(nixpkgs, "lib", "default.nix")):
        raise ExtractError(nixpkgs, "is no checkout of nixpkgs: it has no `lib/default.nix`")
    maker = _Extractor(source, root, kind, os.path.realpath(nixpkgs) if nixpkgs else "")
    found = on_large_stack(maker.run)
    assert isinstance(found, Extraction)
    return found


class _Extractor:
    """One extraction."""

    def __init__(self, source: str, root: str, kind: str | None, nixpkgs: str) -> None:
        self.source = source
        self.root = root
        self.kind = kind
        self.nixpkgs = nixpkgs
        self.evaluation = FlakeEvaluation(Project(root))
        self.ev: Evaluator = self.evaluation.evaluator
        self.site: Code = self.evaluation.site
        self.notes: list[Unread] = []
        self.lib: Value = NOTHING
        self.seen: set[str] = set()
        """The exported modules that are taken already."""
        self.made: dict[int, tuple[Value, ModuleSet]] = {}
        """The modules of sets of options, by the identity of the sets."""

    def run(self) -> Extraction:
        """Loads the modules and lists their options. Call it on a large stack."""
        ev = self.ev
        entry_points.prepare(self.evaluation)
        # A checkout is read as it lies there, tracked or not.
        ev.files.tracked = None
        ev.newest = True
        ev.max_steps = MAX_STEPS
        ev.seconds = SECONDS
        ev.renew()
        shape = self._shape()
        self.lib = shape.lib
        special = dict(shape.special)
        whole = VAttrs({"modules": VList([])})
        special["extendModules"] = VPrimop("extendModules", 1, self._extend_whole, [])
        special["moduleType"] = LazyValue(lambda: self._submodule_type(whole))
        made = ModuleSet(ev, shape.lib, shape.modules, VAttrs(special))
        index = OptionIndex(shape.kind)
        roots = [self.root, os.path.join(MODEL_FOLDER, "nixpkgs")]
        if self.nixpkgs:
            roots.append(self.nixpkgs)
        walk = Walk(ev, self.made, index, roots)
        out = Extraction(index)
        walk.modules(made)
        out.modules = len(made.configuration.modules)
        out.unread = [*self.notes, *walk.unread]
        return out

    # Shapes of trees.

    def _has(self, path: str) -> bool:
        return os.path.exists(os.path.join(self.root, path))

    def _shape(self) -> _Shape:
        kind = self.kind
        if kind in (None, NIXOS) and self._has(NIXPKGS_MODULES):
            return self._nixos()
        if kind in (None, HOME_MANAGER) and self._has(HOME_MODULES) and self._has(HOME_LIB):
            return self._home_manager()
        if kind in (None, DARWIN) and self._has(DARWIN_MODULES) and self._has(DARWIN_EVAL):
            return self._darwin()
        if kind in (None, NIXVIM) and self._has(NIXVIM_MODULES) and self._has(NIXVIM_LIB):
            return self._nixvim()
        return self._exports()

    def _nixos(self) -> _Shape:
        self.nixpkgs = self.nixpkgs or self.root
        lib = self._lib()
        folder = f"{self.root}/nixos/modules"
        base = self._imported(NIXPKGS_MODULES)
        pkgs = self._packages("x86_64-linux", lib)
        self.ev.replaced[self.root] = VPrimop(
            "import nixpkgs", 1, lambda _m, _args, _site: pkgs, []
        )
        special = self._special(pkgs, VString(folder))
        special["baseModules"] = base
        special["modules"] = VList([])
        given = _set({"nixpkgs": _set({"system": VString("x86_64-linux")})})
        return _Shape(NIXOS, lib, self._joined(base, given), special)

    def _home_manager(self) -> _Shape:
        lib = self._called(self._imported(HOME_LIB), self._lib())
        pkgs = self._packages("x86_64-linux", lib)
        args = {"pkgs": pkgs, "lib": lib, "check": VBool(False)}
        modules = self._called(self._imported(HOME_MODULES), VAttrs(args))
        special = self._special(pkgs, VString(f"{self.root}/modules"))
        home: dict[str, Value] = {
            "username": VString("user"),
            "homeDirectory": VString("/home/user"),
            "stateVersion": VString(self._release()),
        }
        return _Shape(HOME_MANAGER, lib, self._joined(modules, _set({"home": _set(home)})), special)

    def _release(self) -> str:
        """The release of home-manager."""
        if self._has("release.json"):
            read = self.ev.evaluate_text(
                "(builtins.fromJSON (builtins.readFile ./release.json)).release",
                f"{self.root}/options.nix",
            )
            if isinstance(read, VString):
                return read.text
        return "26.05"

    def _darwin(self) -> _Shape:
        lib = self._lib()
        base = self._imported(DARWIN_MODULES)
        pkgs = self._packages("aarch64-darwin", lib)
        special = self._special(pkgs, VString(f"{self.root}/modules"))
        special["baseModules"] = base
        special["modules"] = VList([])
        given = _set({"nixpkgs": _set({"system": VString("aarch64-darwin")})})
        return _Shape(DARWIN, lib, self._joined(base, given), special)

    def _nixvim(self) -> _Shape:
        extend = self.ev.attribute(self._lib(), "extend")
        lib = self._called(extend, self._imported(NIXVIM_LIB))
        pkgs = self._packages("x86_64-linux", lib)
        special = self._special(pkgs, VPath(f"{self.root}/modules"))
        special["lib"] = lib
        platform = _set({"hostPlatform": _set({"system": VString("x86_64-linux")})})
        given = _set({"isDocs": VBool(True), "nixpkgs": platform})
        modules = VList([VPath(f"{self.root}/{NIXVIM_MODULES}"), given])
        return _Shape(NIXVIM, lib, modules, special)

    def _exports(self) -> _Shape:
        """The modules that a flake exports, or that a directory is."""
        lib = self._lib()
        found: dict[str, list[Value]] = {}
        if self.evaluation.project.flake is not None:
            self._flake_modules(found)
        else:
            value = self._module_in(self.root)
            if value is not None:
                found[self.kind or OTHER] = [value]
        if not found:
            raise ExtractError(
                self.source,
                "holds no modules: it is no checkout of nixpkgs, home-manager, nix-darwin or "
                "nixvim, no flake with `nixosModules`, `homeModules` or their like, and has no "
                "`default.nix` that is a module",
            )
        kind = self.kind
        if kind is None:
            kind = next(one for one in KINDS if one in found)
            others = [one for one in found if one != kind]
            if others:
                reason = f"modules for {', '.join(others)} are left out; choose with `--kind`"
                self.notes.append(Unread("", reason))
        elif kind not in found:
            reason = f"exports no modules for {kind}, but for {', '.join(found)}"
            raise ExtractError(self.source, reason)
        system = "aarch64-darwin" if kind == DARWIN else "x86_64-linux"
        pkgs = self._packages(system, lib)
        special = self._special(pkgs, VString(f"{STORE}/modules"))
        if kind == OTHER:
            special["flake-parts-lib"] = LazyValue(self._flake_parts_lib)
        return _Shape(kind, lib, VList(found[kind]), special)

    def _flake_parts_lib(self) -> Value:
        """What modules of flake-parts get."""
        return self.ev.attribute(self.evaluation.model("flake-parts.nix", "flake-parts"), "lib")

    def _flake_modules(self, found: dict[str, list[Value]]) -> None:
        ev = self.ev
        flake = ev.forced(self.evaluation.value)
        outputs = ev.attribute(flake, "outputs") if isinstance(flake, VAttrs) else flake
        if not isinstance(outputs, VAttrs):
            reason = outputs.reason if isinstance(outputs, VUnknown) else "they are no set"
            self.notes.append(Unread("outputs", reason))
            return
        for output, kind in EXPORTS:
            value = outputs.attrs.get(output)
            if value is None:
                continue
            modules = ev.forced(value)
            if output.endswith("Module"):
                modules = VAttrs({output: modules})
            if not isinstance(modules, VAttrs):
                reason = modules.reason if isinstance(modules, VUnknown) else "it is no set"
                self.notes.append(Unread(output, reason))
                continue
            for hidden in modules.rest or []:
                self.notes.append(Unread(output, hidden.reason))
            found.setdefault(kind, []).extend(self._different(output, modules))

    def _different(self, output: str, modules: VAttrs) -> list[Value]:
        """The modules of an output, each once: `default` is often another one as well."""
        out: list[Value] = []
        for name in sorted(modules.attrs):
            value = self.ev.forced(modules.attrs[name])
            key = ""
            if isinstance(value, VPath):
                key = value.path
            elif isinstance(value, VLambda):
                key = f"{value.code.file.path}:{value.code.start}:{id(value.env)}"
            elif isinstance(value, VAttrs):
                key = str(id(value))
            elif isinstance(value, VUnknown):
                self.notes.append(Unread(f"{output}.{name}", value.reason))
                continue
            if key not in self.seen:
                self.seen.add(key)
                out.append(value)
        return out

    def _module_in(self, folder: str) -> Value | None:
        """The `default.nix` of a directory, if it is a module."""
        for name in ("default.nix", "modules/default.nix", "module.nix"):
            path = f"{folder}/{name}"
            if not os.path.isfile(path):
                continue
            value = self.ev.evaluate_file(path)
            if isinstance(value, VLambda):
                formals = value.code.formals()
                if formals is not None and ("config" in formals or value.code.accepts_more()):
                    return VPath(path)
            elif isinstance(value, VAttrs):
                if {"imports", "options", "config"} & set(value.attrs):
                    return VPath(path)
        return None

    # What modules get.

    def _special(self, pkgs: Value, modules_path: Value) -> dict[str, Value]:
        return {"pkgs": pkgs, "modulesPath": modules_path}

    def _lib(self) -> Value:
        """The `lib` of a given nixpkgs, or the model; `evalModules` is ours."""
        ev = self.ev
        evaluate = VPrimop("evalModules", 1, self._eval_modules, [])
        if self.nixpkgs:
            folder = f"{self.nixpkgs}/lib"
            self._replace_modules(f"{folder}/modules.nix", evaluate)
            lib = ev.evaluate_file(folder)
            if isinstance(lib, VUnknown):
                raise ExtractError(self.nixpkgs, f"its `lib` cannot be evaluated: {lib.reason}")
            return self._with_newer_types(lib)
        code = ev.lowered(_OVERLAY, "/nixlint/overlay.nix", "", None)
        overlay = self._called(code.eval(ev, Env(None, NOTHING, NO_SLOTS)), evaluate)
        return self._called(ev.attribute(self.evaluation.lib, "extend"), overlay)

    def _with_newer_types(self, lib: Value) -> Value:
        """A `lib` of an old release with the types that the options of the module system need."""
        types = self.ev.attribute(lib, "types")
        if not isinstance(lib, VAttrs) or not isinstance(types, VAttrs):
            return lib
        model = self.ev.attribute(self.evaluation.lib, "types")
        newer: dict[str, Value] = {}
        for name in ("lazyAttrsOf", "optionType", "raw"):
            if name not in types.attrs:
                newer[name] = self.ev.attribute(model, name)
        if not newer:
            return lib
        with_newer = VAttrs({**types.attrs, **newer}, types.rest, types.origin)
        return VAttrs({**lib.attrs, "types": with_newer}, lib.rest, lib.origin)

    def _replace_modules(self, path: str, evaluate: Value) -> None:
        """`lib/modules.nix` with our `evalModules`; that of old releases is no function."""
        real = self.ev.evaluate_file(path)
        ours: dict[str, Value] = {"evalModules": evaluate}
        if isinstance(real, VAttrs):
            self.ev.replaced[path] = VAttrs({**real.attrs, **ours}, real.rest, real.origin)
            return

        def call(m: Machine, args: list[Value], site: Code) -> Value:
            made = real.call(m, args[0], site)
            if not isinstance(made, VAttrs):
                return made
            return VAttrs({**made.attrs, **ours}, made.rest, made.origin)

        self.ev.replaced[path] = VPrimop("modules.nix", 1, call, [])

    def _eval_modules(self, m: Machine, args: list[Value], site: Code) -> Value:
        """`evalModules`: a mark with the arguments; what it evaluates to waits."""
        given = args[0].force(m)
        if not isinstance(given, VAttrs):
            return VUnknown("modules are evaluated only by Nix", site.file, site.start)
        return self._evaluation(given)

    def _extend_whole(self, m: Machine, args: list[Value], site: Code) -> Value:
        """`extendModules` as modules get it. The options inside would be the same once more."""
        return self._evaluation(VAttrs({"modules": VList([])}))

    def _submodule_type(self, given: VAttrs) -> Value:
        """The type of submodules with the modules of an evaluation."""
        types = self.ev.attribute(self.lib, "types")
        fields: dict[str, Value] = {"modules": given.attrs.get("modules", VList([]))}
        if "specialArgs" in given.attrs:
            fields["specialArgs"] = given.attrs["specialArgs"]
        return self._called(self.ev.attribute(types, "submoduleWith"), VAttrs(fields))

    def _evaluation(self, given: VAttrs) -> VAttrs:
        sets: list[ModuleSet] = []

        def made() -> ModuleSet:
            if not sets:
                sets.append(self._module_set(given))
            return sets[0]

        def options() -> Value:
            found = made().options.force(self.ev)
            free = made().freeform()
            if free is None or not isinstance(found, VAttrs):
                return self._known(found, made())
            prefix = VList([VString(part) for part in made().prefix])
            inside = made().merger.call(self.ev.attribute(free, "getSubOptions"), prefix)
            attrs = {**found.attrs, "_freeformOptions": inside}
            return self._known(VAttrs(attrs, found.rest, found.origin), made())

        def extended(m: Machine, args: list[Value], site: Code) -> Value:
            more = args[0].force(m)
            return self._evaluation(self._extended(given, more, m))

        attrs: dict[str, Value] = {
            "_type": VString(EVALUATED),
            "args": given,
            "options": LazyValue(options),
            "config": LazyValue(lambda: made().config),
            "extendModules": VPrimop("extendModules", 1, extended, []),
            "_module": _set({"freeformType": LazyValue(lambda: made().freeform() or NOTHING)}),
            "type": LazyValue(lambda: self._submodule_type(given)),
        }
        hidden = VUnknown("modules are evaluated only by Nix", shape=ATTRS)
        return VAttrs(attrs, [hidden])

    def _known(self, options: Value, made: ModuleSet) -> Value:
        """Remembers which modules have some options."""
        self.made[id(options)] = (options, made)
        return options

    def _extended(self, given: VAttrs, more: Value, m: Machine) -> VAttrs:
        if not isinstance(more, VAttrs):
            return given
        attrs = dict(given.attrs)
        if "prefix" in more.attrs:
            attrs["prefix"] = more.attrs["prefix"]
        extra = more.attrs.get("modules")
        if extra is not None:
            left = attrs.get("modules", VList([])).force(m)
            right = extra.force(m)
            if isinstance(left, VList) and isinstance(right, VList):
                attrs["modules"] = VList([*left.items, *right.items], left.rest or right.rest)
        return VAttrs(attrs, given.rest, given.origin)

    def _module_set(self, given: VAttrs) -> ModuleSet:
        ev = self.ev
        modules = ev.attribute(given, "modules")
        special: Value = VAttrs({})
        if "specialArgs" in given.attrs:
            special = ev.attribute(given, "specialArgs")
        if not isinstance(modules, VList):
            modules = VList([], [VUnknown("the modules of a submodule are unknown")])
        # Within a submodule this is what documentation calls its own name.
        name: dict[str, Value] = {"name": VString("\u2039name\u203a")}
        named = VAttrs({"config": VAttrs({"_module": VAttrs({"args": VAttrs(name)})})})
        prefix: list[str] = []
        if "prefix" in given.attrs:
            parts = ev.attribute(given, "prefix")
            for part in parts.items if isinstance(parts, VList) else []:
                text = ev.forced(part)
                if isinstance(text, VString):
                    prefix.append(text.text)
        return ModuleSet(
            ev,
            self.lib,
            VList([named, *modules.items], modules.rest),
            special if isinstance(special, VAttrs) else None,
            prefix,
            1,
        )

    def _packages(self, system: str, lib: Value) -> Value:
        """`pkgs` for a system."""
        pkgs = self.evaluation.packages(system)
        assert isinstance(pkgs, VUnknown) and pkgs.children is not None
        place = os.path.join(MODEL_FOLDER, "nixpkgs")
        if self.nixpkgs and os.path.isdir(os.path.join(self.nixpkgs, "nixos", "modules")):
            place = self.nixpkgs
        formats = os.path.join(MODEL_FOLDER, "formats.nix")
        pkgs.children["lib"] = lib
        pkgs.children["path"] = VPath(place)
        pkgs.children["formats"] = LazyValue(
            lambda: self._called(self.ev.import_file(formats, self.site), lib)
        )
        return pkgs

    # Small things.

    def _imported(self, path: str) -> Value:
        return self.ev.evaluate_file(f"{self.root}/{path}")

    def _called(self, function: Value, arg: Value) -> Value:
        return self.ev.called(function, arg, self.site)

    def _joined(self, modules: Value, more: Value) -> VList:
        """A list of modules with another one at its end."""
        if not isinstance(modules, VList):
            reason = modules.reason if isinstance(modules, VUnknown) else "they are no list"
            raise ExtractError(self.source, f"its modules cannot be read: {reason}")
        return VList([*modules.items, more], modules.rest)


def _set(attrs: dict[str, Value]) -> VAttrs:
    return VAttrs(attrs)
