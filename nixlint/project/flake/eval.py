"""What a flake evaluates to: `outputs` called with its inputs, as far as that is known.

Nix copies a flake into its store before it evaluates it, and the inputs come from there, too.
Here an input is evaluated from its own flake.nix when its sources are on this machine
(`store.locate`). Of nixpkgs and some much used libraries it is known what they do
(`models/`). Every other input is unknown, but for what the lock says about it.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Final

import nixlint
from nixlint.evaluate.evaluator import Evaluator
from nixlint.evaluate.files import SourceFiles
from nixlint.evaluate.lazy import LazyValue
from nixlint.evaluate.values import (
    ATTRS,
    INT,
    LIST,
    NO_SLOTS,
    NOTHING,
    STRING,
    Code,
    CodeFile,
    Env,
    Machine,
    NixError,
    OutOfBudget,
    Value,
    VAttrs,
    VInt,
    VLambda,
    VList,
    VPrimop,
    VString,
    VUnknown,
    boolean,
    pick,
)
from nixlint.project.lock.flake_lock import FlakeLock, LockNode
from nixlint.project.models.table import MODELS, is_nixpkgs
from nixlint.project.project import Project
from nixlint.project.references.flake_ref import FlakeRefError, identity, parse_flake_ref
from nixlint.project.references.hashes import HashError
from nixlint.project.store import find_source, store_path_of_nar_hash
from nixlint.syntax.tree import Tree

_DATA: Final = os.path.dirname(nixlint.__file__)
LIB: Final = os.path.join(_DATA, "evaluate", "lib", "default.nix")
MODEL_FOLDER: Final = os.path.join(_DATA, "project", "models")

EVAL_CONFIG: Final = "/nixos/lib/eval-config.nix"
"""The file in nixpkgs that builds configurations."""
BUILDERS: Final = ("nixos", "nixosTest")
"""What of the packages builds configurations."""
BUILDERS_OF_LIB: Final = {
    "home-manager.nix": ("homeManagerConfiguration",),
    "nix-darwin.nix": ("darwinSystem", "evalConfig"),
}
"""What of `lib` builds configurations, whatever the sources of the flake say; of other libraries
with a model all that it has."""
PLAIN: Final = frozenset(
    (
        "crane.nix", "flake-compat.nix", "flake-utils.nix", "gitignore.nix", "haumea.nix",
        "import-tree.nix",
    )
)  # fmt: skip
"""Models of libraries that build no configurations: their sources say more."""
SYSTEMS: Final = (
    "aarch64-darwin", "aarch64-linux", "armv6l-linux", "armv7l-linux", "i686-linux",
    "powerpc64le-linux", "riscv64-linux", "x86_64-darwin", "x86_64-freebsd", "x86_64-linux",
)  # fmt: skip
"""The systems that nixpkgs has packages for in its flake."""

_CALL: Final = """\
flake: inputs: sourceInfo: outPath:
let
  outputs = flake.outputs (inputs // { self = result; });
  result = outputs // sourceInfo // {
    inherit outPath inputs outputs sourceInfo;
    _type = "flake";
  };
in
result
"""
_GIT_ATTRIBUTES: Final = frozenset(
    ("rev", "shortRev", "dirtyRev", "dirtyShortRev", "revCount", "submodules", "narHash")
)


class FlakeEvaluation:
    """Evaluates the flake of a project; `evaluator` may be asked for more.

    `value` is the flake as `getFlake` gives it: its outputs with `inputs`, `outPath`, ….
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        files = SourceFiles()
        if project.git is not None:
            _limit_to_git(files, project)
        self.evaluator = Evaluator(files, pure=True)
        self.evaluator.find_tree = self._tree_at
        self.evaluator.model_folders = (os.path.dirname(LIB) + "/", MODEL_FOLDER + "/")
        self.root_path = files.mount(project.root, "source")
        self.site = Code(CodeFile(project.flake_path, project.root, ""), 0, 0)
        self._lib: Value | None = None
        self._call: Value | None = None
        self._nodes: dict[str, Value] = {}
        self._modules_paths: dict[str, Value] = {}
        self._packages: dict[str | None, Value] = {}
        self.evaluator.eval_config = (
            EVAL_CONFIG,
            LazyValue(lambda: self.evaluator.attribute(self.lib, "nixosSystem")),
        )
        self.inputs = self._root_inputs()
        self.value = LazyValue(self._root)

    def _tree_at(self, path: str) -> Tree | None:
        inside = path.startswith(self.project.root + os.sep)
        return self.project.tree(path) if inside else None

    # The flake itself.

    def _root(self) -> Value:
        info = VAttrs(
            {
                "outPath": VString(self.root_path, frozenset((self.root_path,))),
                "lastModified": self._unknown("when the source was last changed", INT),
                "lastModifiedDate": self._unknown("when the source was last changed", STRING),
            },
            [self._maybe("the revision of the source", _GIT_ATTRIBUTES)],
        )
        return self._called(self.root_path, self.inputs, info, self.root_path)

    def _called(self, place: str, inputs: Value, info: Value, out_path: str) -> Value:
        """The flake at a place, as `call-flake.nix` in Nix does it."""
        evaluator = self.evaluator
        if self._call is None:
            code = evaluator.lowered(_CALL, "/nixlint/call-flake.nix", "", None)
            self._call = code.eval(evaluator, Env(None, NOTHING, NO_SLOTS))
        flake = LazyValue(lambda: evaluator.import_file(place + "/flake.nix", self.site))
        where = VString(out_path, frozenset((out_path,)))
        value = self._call
        for arg in (flake, inputs, info, where):
            value = value.call(evaluator, arg, self.site)
        return value

    def _root_inputs(self) -> Value:
        flake = self.project.flake
        attrs: dict[str, Value] = {}
        rest: list[VUnknown] | None = None
        lock = self._lock()
        if flake is not None:
            for name in flake.inputs:
                if name != "self":
                    attrs[name] = self._input_of_root(name, lock)
            if not flake.complete:
                rest = [VUnknown("not all inputs are written out", path="inputs")]
        attrs["self"] = LazyValue(lambda: self.value)
        return VAttrs(attrs, rest)

    def _lock(self) -> FlakeLock | None:
        lock = self.project.lock
        return lock if lock is not None and lock.usable else None

    def _input_of_root(self, name: str, lock: FlakeLock | None) -> Value:
        flake = self.project.flake
        assert flake is not None
        declared = flake.inputs[name]
        key = lock.resolve([name]) if lock is not None else None
        if lock is not None and key is not None:
            if key == lock.root:
                return LazyValue(lambda: self.value)
            return self._node(lock, key, name)
        mapped = self.project.settings.sources.get(name)
        if mapped is not None:
            return LazyValue(lambda: self._unlocked(mapped, name))
        original: dict[str, str | int | bool] = dict(declared.attrs)
        if declared.url is not None:
            try:
                original = parse_flake_ref(declared.url, is_flake=declared.is_flake).attrs
            except FlakeRefError:
                original = {}
        elif declared.follows:
            first = declared.follows.split("/")[0]
            if first in flake.inputs and first != name and "/" not in declared.follows:
                return LazyValue(lambda: self._picked_input(first))
        elif not original:
            original = {"type": "indirect", "id": name}
        return LazyValue(lambda: self._without_source(name, original, None, declared.is_flake))

    def _picked_input(self, name: str) -> Value:
        assert isinstance(self.inputs, VAttrs)
        return self.inputs.attrs[name]

    # Inputs.

    def _node(self, lock: FlakeLock, key: str, name: str) -> Value:
        known = self._nodes.get(key)
        if known is None:
            known = LazyValue(lambda: self._locked(lock, key, name))
            self._nodes[key] = known
        return known

    def _locked(self, lock: FlakeLock, key: str, name: str) -> Value:
        """The input that a node of the lock describes."""
        node = lock.nodes[key]
        locked = node.locked or {}
        original = node.original or locked
        settings = self.project.settings
        place = self._relative_place(lock, node)
        exact = True
        if place is None:
            own = name if self._is_root_input(lock, node.key, name) else ""
            found = find_source(own, locked, original, settings.sources, settings.caches)
            if found is None:
                return self._without_source(name, original, locked, node.is_flake)
            place = self.evaluator.files.mount(found.path, "source", False, _store_path(locked))
            exact = found.exact
        info = self._source_info(locked, place)
        folder = original.get("dir")
        out_path = f"{place}/{folder}" if isinstance(folder, str) and folder else place
        which = identity(original) or identity(locked)
        if not node.is_flake:
            if is_nixpkgs(which):
                self.provide_nixpkgs(place)
            return VAttrs({**info.attrs, "sourceInfo": info}, info.rest)
        if is_nixpkgs(which):
            return self._nixpkgs_at(place, name, info)
        inputs: dict[str, Value] = {}
        for child in node.inputs.values():
            target = lock.target(key, child.name)
            if target is None:
                inputs[child.name] = VUnknown(f"the lock has no node for `{child.name}`")
            elif target == lock.root:
                inputs[child.name] = self.value
            else:
                inputs[child.name] = self._node(lock, target, child.name)
        if not exact:
            inputs = self._taken_by(out_path, inputs)
        made = LazyValue(lambda: self._called(out_path, VAttrs(inputs), info, out_path))
        return self._marking(name, which, made, info)

    def _taken_by(self, place: str, locked: dict[str, Value]) -> dict[str, Value]:
        """The inputs of a checkout, which may be another version than the lock is about."""
        evaluator = self.evaluator
        try:
            flake = evaluator.import_file(place + "/flake.nix", self.site)
            declared = evaluator.attribute(flake, "inputs")
            outputs = evaluator.attribute(flake, "outputs")
        except (NixError, OutOfBudget):
            return locked
        names = set(declared.attrs) if isinstance(declared, VAttrs) else set()
        if isinstance(outputs, VLambda):
            names.update(outputs.code.formals() or {})
        names.discard("self")
        out: dict[str, Value] = {}
        for name in sorted(names):
            out[name] = locked.get(name) or VUnknown(f"the lock has no node for `{name}`")
        return out

    def _nixpkgs_at(
        self, place: str, name: str, info: VAttrs, hidden: VUnknown | None = None
    ) -> Value:
        """The flake of nixpkgs, whose files are at a place, if anywhere; `hidden` says why what
        its packages and configurations are is not known."""
        if hidden is None:
            hidden = VUnknown(f"the flake of the input `{name}` is evaluated only by Nix")
        base: dict[str, Value] = {**info.attrs, "sourceInfo": info, "_type": VString("flake")}
        base.update(self._nixpkgs(place, name))
        return VAttrs(base, [hidden])

    def _marking(self, name: str, which: str | None, flake: Value, info: VAttrs) -> Value:
        """A flake that builds configurations, with what marks them instead of evaluating them.

        Its sources ask for what only Nix knows: packages, and the version of nixpkgs.
        """
        model = MODELS.get(which or "")
        if model is None or model in PLAIN or model.startswith("systems-"):
            return flake

        def marked() -> Value:
            made = self.evaluator.forced(flake)
            ours = self._model(model, name)
            if not isinstance(ours, VAttrs):
                return made
            if not isinstance(made, VAttrs):
                hidden = VUnknown(f"the flake of the input `{name}` cannot be evaluated")
                return VAttrs({**info.attrs, **ours.attrs}, [hidden])
            out = {**made.attrs, **ours.attrs}
            lib = self.evaluator.attribute(made, "lib")
            own = self.evaluator.attribute(ours, "lib")
            if isinstance(lib, VAttrs) and isinstance(own, VAttrs):
                builders = BUILDERS_OF_LIB.get(model)
                ours_first = {
                    key: one
                    for key, one in own.attrs.items()
                    if builders is None or key in builders or key not in lib.attrs
                }
                out["lib"] = VAttrs({**lib.attrs, **ours_first}, lib.rest, lib.origin)
            return VAttrs(out, made.rest, made.origin)

        return LazyValue(marked)

    def _is_root_input(self, lock: FlakeLock, key: str, name: str) -> bool:
        root = lock.root_node
        return root is not None and name in root.inputs and lock.resolve([name]) == key

    def _relative_place(self, lock: FlakeLock, node: LockNode) -> str | None:
        """Where an input given by a relative path lies: inside of the flake that names it."""
        locked = node.locked or {}
        path = locked.get("path")
        if locked.get("type") != "path" or not isinstance(path, str) or path.startswith("/"):
            return None
        if node.parent:
            return None
        return os.path.normpath(os.path.join(self.root_path, path))

    def _unlocked(self, folder: str, name: str) -> Value:
        """An input that only the configuration says where to find."""
        place = self.evaluator.files.mount(folder, "source")
        info = self._source_info({}, place)
        inputs = VAttrs({}, [VUnknown(f"the inputs of `{name}` are not locked")])
        flake = self.project.flake
        declared = flake.inputs.get(name) if flake is not None else None
        which = f"indirect:{name}"
        if declared is not None and declared.url is not None:
            try:
                which = identity(parse_flake_ref(declared.url).attrs) or which
            except FlakeRefError:
                which = ""
        if is_nixpkgs(which):
            return self._nixpkgs_at(place, name, info)
        made = LazyValue(lambda: self._called(place, inputs, info, place))
        return self._marking(name, which, made, info)

    def _source_info(self, locked: dict[str, str | int | bool], place: str) -> VAttrs:
        """What Nix tells about the sources of an input."""
        attrs: dict[str, Value] = {"outPath": VString(place, frozenset((place,)))}
        for name in ("rev", "narHash", "revCount"):
            value = locked.get(name)
            if isinstance(value, str):
                attrs[name] = VString(value)
            elif isinstance(value, int):
                attrs[name] = VInt(value)
        rev = locked.get("rev")
        if isinstance(rev, str):
            attrs["shortRev"] = VString(rev[:7])
        modified = locked.get("lastModified")
        if isinstance(modified, int):
            attrs["lastModified"] = VInt(modified)
            when = datetime.fromtimestamp(modified, UTC)
            attrs["lastModifiedDate"] = VString(when.strftime("%Y%m%d%H%M%S"))
        if isinstance(locked.get("submodules"), bool):
            attrs["submodules"] = boolean(bool(locked["submodules"]))
        left = frozenset(
            ("rev", "shortRev", "revCount", "lastModified", "lastModifiedDate", "narHash")
        ) - frozenset(attrs)
        rest = None if locked.get("narHash") else [self._maybe("the version", left)]
        return VAttrs(attrs, rest)

    def _without_source(
        self,
        name: str,
        original: dict[str, str | int | bool],
        locked: dict[str, str | int | bool] | None,
        is_flake: bool,
    ) -> Value:
        """An input whose sources are not on this machine."""
        shown = _store_path(locked or {})
        place = self.evaluator.files.mount("", "source", False, shown)
        self.evaluator.files.labels[place] = f"inputs.{name}"
        info = self._source_info(locked or {}, place)
        reason = f"the sources of the input `{name}` are not on this machine"
        hidden = VUnknown(reason, path=f"inputs.{name}", shape=ATTRS)
        which = identity(original) or identity(locked or {})
        model = MODELS.get(which or "")
        if model is not None and model.startswith("systems") and "ref" in original:
            # Its branches hold other lists.
            model = None
        if not is_flake:
            if is_nixpkgs(which):
                self.provide_nixpkgs(place)
            elif model is not None:
                imported = self._model(model, name)
                if isinstance(imported, VAttrs):
                    self._replace_imports(place, imported)
            return VAttrs({**info.attrs, "sourceInfo": info}, info.rest)
        if is_nixpkgs(which):
            return self._nixpkgs_at(place, name, info, hidden)
        base = {**info.attrs, "sourceInfo": info, "_type": VString("flake")}
        if model is None:
            return VAttrs(base, [hidden])
        made = self._model(model, name)
        if isinstance(made, VAttrs):
            base.update(made.attrs)
            self._replace_imports(place, made)
            return VAttrs(base, [hidden] if made.rest is None else made.rest)
        return VAttrs(base, [hidden])

    def _replace_imports(self, place: str, model: VAttrs) -> None:
        """Some sources are imported as files: `import inputs.systems`, `import flake-compat`."""
        value = model.attrs.get("__import")
        if value is not None:
            self.evaluator.replaced[place] = value

    # What is known without sources.

    @property
    def lib(self) -> Value:
        """The model of nixpkgs' `lib`, as its flake has it."""
        if self._lib is None:
            ev = self.evaluator
            lib = ev.import_file(LIB, self.site)
            extend = ev.import_file(os.path.join(MODEL_FOLDER, "nixpkgs.nix"), self.site)
            self._lib = ev.called(extend, VAttrs({"lib": lib}), self.site)
        return self._lib

    def model(self, file: str, name: str) -> Value:
        """What the model of a library gives for an input of that name."""
        return self._model(file, name)

    def _model(self, file: str, name: str) -> Value:
        evaluator = self.evaluator
        function = evaluator.import_file(os.path.join(MODEL_FOLDER, file), self.site)
        args: dict[str, Value] = {
            "lib": LazyValue(lambda: self.lib),
            "inputs": self.inputs,
            "self": self.value,
            "name": VString(name),
            "unknown": VPrimop("unknown", 1, _unknown_for_model, []),
            "isKnown": VPrimop("isKnown", 1, _is_known, []),
            "isWhole": VPrimop("isWhole", 1, _is_whole, []),
            "knownPart": VPrimop("knownPart", 1, _known_part, []),
        }
        try:
            return function.call(evaluator, VAttrs(args), self.site)
        except (NixError, OutOfBudget) as error:
            return evaluator.failed(error)

    def _nixpkgs(self, place: str, name: str) -> dict[str, Value]:
        packages: dict[str, Value] = {}
        for system in SYSTEMS:
            packages[system] = self.packages(system)
        self.provide_nixpkgs(place)
        every = VAttrs(
            packages, [VUnknown("this system is rare", path=f"inputs.{name}.legacyPackages")]
        )
        return {"lib": LazyValue(lambda: self.lib), "legacyPackages": every}

    def provide_nixpkgs(self, place: str) -> None:
        """Lets files of nixpkgs be imported from a place where its sources would be."""
        replaced = self.evaluator.replaced
        replaced[place] = VPrimop("import nixpkgs", 1, _ImportNixpkgs(self).call, [])
        replaced[place + EVAL_CONFIG] = self.evaluator.eval_config[1]
        replaced[place + "/nixos"] = VPrimop("nixos", 1, _nixos, [])
        replaced[place + "/lib"] = LazyValue(lambda: self.lib)

    def packages(self, system: str | None) -> Value:
        """`pkgs` for a system: unknown but for `lib` and the system itself."""
        known = self._packages.get(system)
        if known is None:
            known = self._packages_for(system)
            self._packages[system] = known
        return known

    def _packages_for(self, system: str | None) -> Value:
        pkgs = VUnknown("packages are known only to Nix", path="pkgs", shape=ATTRS)
        platform = VUnknown("packages are known only to Nix", path="pkgs.stdenv.hostPlatform")
        children: dict[str, Value] = {"lib": LazyValue(lambda: self.lib)}
        if system is not None:
            which = VString(system)
            arch, _, kernel = system.partition("-")
            platform.children = {
                "system": which,
                "isLinux": boolean(kernel == "linux"),
                "isDarwin": boolean(kernel == "darwin"),
                "isx86_64": boolean(arch == "x86_64"),
                "isAarch64": boolean(arch == "aarch64"),
            }
            children["system"] = which
        stdenv = VUnknown("packages are known only to Nix", path="pkgs.stdenv", shape=ATTRS)
        stdenv.children = dict(platform.children or {})
        stdenv.children["hostPlatform"] = platform
        children["stdenv"] = stdenv
        for name in BUILDERS:
            children[name] = self._builder(name)
        testers = VUnknown("packages are known only to Nix", path="pkgs.testers", shape=ATTRS)
        testers.children = {"nixosTest": self._builder("nixosTest")}
        testers.children["runNixOSTest"] = testers.children["nixosTest"]
        children["testers"] = testers
        pkgs.children = children
        return pkgs

    def _builder(self, name: str) -> Value:
        """A function of `models/packages.nix`."""
        return LazyValue(lambda: self.evaluator.attribute(self._builders(), name))

    def _builders(self) -> Value:
        return self.evaluator.import_file(os.path.join(MODEL_FOLDER, "packages.nix"), self.site)

    def overlaid(self, packages: Value, overlays: Value) -> Value:
        """The packages with a list of overlays applied."""
        ev = self.evaluator
        function = pick(ev, self._builders(), "overlaid", None).force(ev)
        return function.call(ev, packages, self.site).call(ev, overlays, self.site)

    def modules_path(self, kind: str) -> Value:
        """`modulesPath`: where the modules of NixOS, nix-darwin or home-manager lie."""
        if kind not in self._modules_paths:
            files = self.evaluator.files
            folder = {"nixos": "nixos/modules", "homeManager": "modules"}.get(kind, "modules")
            place = files.mount("", "source")
            files.labels[place] = {"nixos": "nixpkgs", "homeManager": "home-manager"}.get(
                kind, kind
            )
            self._modules_paths[kind] = VString(f"{place}/{folder}")
        return self._modules_paths[kind]

    # Unknowns.

    def _unknown(self, what: str, shape: int) -> VUnknown:
        return VUnknown(f"{what} is known only to Nix", self.site.file, 0, "", shape)

    def _maybe(self, what: str, names: frozenset[str]) -> VUnknown:
        hidden = VUnknown(f"{what} is known only to Nix", self.site.file, 0, "", ATTRS)
        hidden.names = names
        return hidden


class _ImportNixpkgs:
    """`import nixpkgs { … }`."""

    def __init__(self, evaluation: FlakeEvaluation) -> None:
        self.evaluation = evaluation

    def call(self, m: Machine, args: list[Value], site: Code) -> Value:
        """The packages for the system among the arguments, if that is known."""
        options = args[0].force(m)
        system: Value | None = None
        if isinstance(options, VAttrs):
            system = options.attrs.get("system") or options.attrs.get("localSystem")
        if system is not None:
            found = system.force(m)
            if isinstance(found, VAttrs) and "system" in found.attrs:
                found = found.attrs["system"].force(m)
            if isinstance(found, VString):
                return self._with_overlays(found.text, options, m)
        return self._with_overlays(None, options, m)

    def _with_overlays(self, system: str | None, options: Value, m: Machine) -> Value:
        packages = self.evaluation.packages(system)
        overlays = options.attrs.get("overlays") if isinstance(options, VAttrs) else None
        if overlays is None:
            return packages
        given = overlays.force(m)
        if not isinstance(given, VList) or given.rest is not None or not given.items:
            return packages
        return self.evaluation.overlaid(packages, given)


def _nixos(m: Machine, args: list[Value], site: Code) -> Value:
    """`import <nixpkgs/nixos> { configuration = …; }`: it is a configuration."""
    mark = VString("nixlint-configuration")
    hidden = VUnknown("a configuration is evaluated only by Nix", site.file, site.start, "", ATTRS)
    return VAttrs({"_type": mark, "class": VString("nixos"), "args": args[0]}, [hidden])


def _unknown_for_model(m: Machine, args: list[Value], site: Code) -> Value:
    """`unknown "reason"` in the models: a value that nobody knows."""
    reason = args[0].force(m)
    text = reason.text if isinstance(reason, VString) else "it is not modelled"
    return VUnknown(text, site.file, site.start)


def _is_known(m: Machine, args: list[Value], site: Code) -> Value:
    """`isKnown value` in the models: whether more is known of it than its type."""
    return boolean(not isinstance(args[0].force(m), VUnknown))


def _is_whole(m: Machine, args: list[Value], site: Code) -> Value:
    """`isWhole value` in the models: whether nothing of a list or set is missing."""
    value = args[0].force(m)
    if isinstance(value, VList):
        return boolean(value.rest is None)
    if isinstance(value, VAttrs):
        return boolean(value.rest is None)
    return boolean(not isinstance(value, VUnknown))


def _known_part(m: Machine, args: list[Value], site: Code) -> Value:
    """`knownPart value` in the models: a list or set without what else it may hold."""
    value = args[0].force(m)
    if isinstance(value, VList):
        return value if value.rest is None else VList(value.items)
    if isinstance(value, VAttrs):
        return value if value.rest is None else VAttrs(value.attrs, None, value.origin)
    if isinstance(value, VUnknown):
        return VList([]) if value.shape == LIST else VAttrs({})
    return value


def _store_path(locked: dict[str, str | int | bool]) -> str:
    """Where Nix keeps the sources of a locked input; empty when the lock does not tell."""
    nar_hash = locked.get("narHash")
    if not isinstance(nar_hash, str):
        return ""
    try:
        return store_path_of_nar_hash(nar_hash)
    except HashError:
        return ""


def _limit_to_git(files: SourceFiles, project: Project) -> None:
    """Let the program see only what git tracks, as flakes do."""
    git = project.git
    if git is None:
        return
    files.tracked = git.all_paths
    files.tracked_root = project.root
