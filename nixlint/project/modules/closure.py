"""Which modules a configuration consists of, as `lib.evalModules` in nixpkgs collects them.

A module is a path, a string with an absolute path, a function, or a set. Functions are called
with the arguments of modules, of which `config`, `options` and `pkgs` are symbolic: `imports`
must not depend on them. The rules are those of `lib/modules.nix` (`collectModules`,
`unifyModuleSyntax`, `applyModuleArgs`): keys, `disabledModules`, the two forms of a module.
What an unknown import may lead to is followed as *possible*.
"""

from __future__ import annotations

from typing import Final

from nixlint.evaluate.evaluator import Evaluator
from nixlint.evaluate.files import DIRECTORY
from nixlint.evaluate.unknown_paths import possible_paths
from nixlint.evaluate.values import (
    PATH,
    STRING,
    Code,
    CodeFile,
    CodeThunk,
    NixError,
    Origin,
    OutOfBudget,
    Value,
    VAttrs,
    VLambda,
    VList,
    VPath,
    VPrimop,
    VString,
    VUnknown,
)
from nixlint.project.modules.applied import OUTER, Shared
from nixlint.project.modules.definitions import property_type
from nixlint.project.modules.model import (
    CERTAIN,
    DISABLED,
    POSSIBLE,
    Configuration,
    External,
    Import,
    Module,
    Place,
)
from nixlint.text import disk

FORM_KEYS: Final = frozenset(
    ("_class", "_file", "key", "disabledModules", "imports", "options", "config", "meta",
     "freeformType")
)  # fmt: skip
SHORT_KEYS: Final = frozenset(
    ("_class", "_file", "key", "disabledModules", "require", "imports", "freeformType")
)
MODULE_TYPES: Final = ("", "module", "if", "override")
"""What `_type` a module may have."""
MAX_MODULES: Final = 20_000
MAX_DEPTH: Final = 500
"""Modules without a path are not imported by modules that so many lead to."""
MAX_ALTERNATIVES: Final = 64
"""How many possible values of one import are followed."""


class Arguments:
    """What the modules of a configuration are called with.

    `special` are `specialArgs`; `known` the rest (`lib`, `pkgs`, …); every other name is a
    symbol of that name (`config._module.args`). Symbols and the values of modules come from
    `shared`, if there is one, for configurations of a `level`.
    """

    def __init__(
        self,
        special: VAttrs,
        known: dict[str, Value],
        shared: Shared | None = None,
        level: str = OUTER,
    ) -> None:
        self.special = special
        self.known = known
        self.shared = shared
        self.level = level
        self.module_args: dict[str, Value] = {}
        self.reasons: set[str] = set()
        """The reasons of the symbols that only the evaluation of the modules gives."""

    def attrs_for(self, function: VLambda) -> VAttrs:
        """The set that a module written as a function is called with."""
        attrs = dict(self.known)
        attrs.update(self.special.attrs)
        rest = self.special.rest
        for name in function.code.formals() or {}:
            if name in attrs:
                continue
            if rest is None:
                attrs[name] = self.argument(name)
            else:
                # It may be a special argument that nobody knows.
                attrs[name] = self._special_argument(name, rest[0])
        return VAttrs(attrs, self.special.rest)

    def argument(self, name: str) -> Value:
        """An argument from `_module.args`: a symbol."""
        found = self.module_args.get(name)
        if found is None:
            shared = self.shared if self.shared is not None else Shared()
            made = shared.module_argument(name, self.level)
            self.reasons.add(made.reason)
            self.module_args[name] = made
            return made
        return found

    def _special_argument(self, name: str, rest: VUnknown) -> Value:
        if self.shared is not None:
            return self.shared.special_argument(name, rest)
        return VUnknown(rest.reason, rest.file, rest.start, name)

    def called(self, ev: Evaluator, function: VLambda, site: Code) -> Value:
        """The value of a module that is written as a function."""
        given = self.attrs_for(function)
        if self.shared is None:
            return ev.called(function, given, site)
        return self.shared.called(ev, function, given, site)


class _Pending:
    """A module to be loaded."""

    def __init__(
        self, value: Value, importer: Module | None, place: Place | None, certainty: str, key: str
    ) -> None:
        self.value = value
        self.importer = importer
        self.place = place
        self.certainty = certainty
        self.key = key


class Collector:
    """Collects the modules of one configuration."""

    def __init__(
        self,
        evaluator: Evaluator,
        configuration: Configuration,
        arguments: Arguments,
        located: dict[str, tuple[str, str]] | None = None,
    ) -> None:
        self.ev = evaluator
        self.located = located if located is not None else {}
        """Where module files lie, by path: as the program sees them, and really. Collectors of
        one evaluator share it; files that are missing have empty paths."""
        self.is_outermost = located is not None
        self.configuration = configuration
        self.arguments = arguments
        self.by_key: dict[str, Module] = {}
        self.sources: set[int] = set()
        """The identities of the sources of modules, which keep them."""
        self.site = Code(CodeFile("", "/", ""), 0, 0)
        self.disabled: set[str] = set()
        self.roots: set[str] = set()
        """Keys of modules that the configuration names itself, after another module did."""

    def collect(self, modules: Value) -> None:
        """Collects from the list of modules that a configuration is given."""
        queue: list[_Pending] = []
        self._queue_list(modules, None, CERTAIN, "anon", queue)
        head = 0
        while head < len(queue):
            if len(self.configuration.modules) >= MAX_MODULES:
                self._unknown("there are too many modules", None, None)
                break
            self._load(queue[head], queue)
            head += 1
        self._disable()

    # Lists of modules.

    def _queue_list(
        self,
        value: Value,
        importer: Module | None,
        certainty: str,
        parent_key: str,
        queue: list[_Pending],
    ) -> None:
        """Queues the elements of `imports`."""
        place = self._place(value)
        forced = self.ev.forced(value)
        if isinstance(forced, VList):
            for number, item in enumerate(forced.items):
                key = f"{parent_key}:anon-{number + 1}"
                queue.append(_Pending(item, importer, self._place(item) or place, certainty, key))
            for unknown in forced.rest or []:
                self._queue_unknown_list(unknown, importer, place, parent_key, queue)
        elif isinstance(forced, VUnknown):
            self._queue_unknown_list(forced, importer, place, parent_key, queue)
        else:
            self._unknown("`imports` is not a list", importer, place)

    def _queue_unknown_list(
        self,
        value: VUnknown,
        importer: Module | None,
        place: Place | None,
        parent_key: str,
        queue: list[_Pending],
    ) -> None:
        self._recursion(value, importer, place)
        alternatives = self._alternatives(value)
        if alternatives is None:
            if value.path:
                self.configuration.externals.append(External(value.path, importer, place))
            self._unknown(value.reason, importer, place or self._unknown_place(value))
            self._possible_folder(value)
            return
        for one in alternatives:
            if isinstance(one, VList):
                self._queue_list(one, importer, POSSIBLE, parent_key, queue)

    def _alternatives(self, value: VUnknown) -> list[Value] | None:
        """The values that an unknown one may have, without those that fail; None if unknown."""
        if value.alternatives is None or len(value.alternatives) > MAX_ALTERNATIVES:
            return None
        out: list[Value] = []
        stack: list[Value] = list(reversed(value.alternatives))
        steps = 0
        while stack:
            steps += 1
            if steps > MAX_ALTERNATIVES * 4:
                return None
            one = self.ev.forced(stack.pop())
            if isinstance(one, VUnknown):
                if one.error is not None:
                    continue
                if one.alternatives is not None:
                    stack.extend(reversed(one.alternatives))
                    continue
            out.append(one)
        return out

    # One module.

    def _load(self, pending: _Pending, queue: list[_Pending]) -> None:
        value = self.ev.forced(pending.value)
        if isinstance(value, VUnknown):
            self._load_unknown(value, pending, queue)
            return
        if isinstance(value, (VPath, VString)):
            text = value.path if isinstance(value, VPath) else value.text
            self._load_path(text, pending, queue)
            return
        if pending.importer is not None and pending.importer.depth >= MAX_DEPTH:
            # Perhaps it is made anew by itself for ever.
            self._unknown(
                f"modules import each other more than {MAX_DEPTH} levels deep",
                pending.importer,
                pending.place,
            )
            return
        path = self._written_in(pending.value, value)
        if not path or path.startswith(self.ev.model_folders):
            # A module that a library makes belongs to the file that asks for it.
            path = pending.importer.path if pending.importer is not None else ""
        self._add(pending.key, path, value, pending, queue)

    def _load_path(self, text: str, pending: _Pending, queue: list[_Pending]) -> None:
        files = self.ev.files
        if not text.startswith("/"):
            self._unknown(f"'{text}' is not an absolute path", pending.importer, pending.place)
            return
        key = text
        known = self.by_key.get(key)
        if known is not None:
            self._meet_again(known, pending)
            return
        place = self._located(text)
        if not place[0]:
            if self.ev.foreign(text):
                mount = files.mount_of(text)
                name = text
                if mount is not None:
                    label = files.labels.get(mount.shown, mount.shown)
                    name = label + text[len(mount.shown) :]
                self.configuration.externals.append(External(name, pending.importer, pending.place))
                return
            module = Module(key, files.real(text), pending.importer, pending.place,
                            pending.certainty)  # fmt: skip
            module.failure = "the file does not exist"
            self._note(module, pending)
            self.configuration.missing.append(module)
            return
        file, real = place
        self._add(key, real, self._imported(file), pending, queue)

    def _located(self, text: str) -> tuple[str, str]:
        """The file that a path means, and where it really lies; empty when there is none."""
        known = self.located.get(text)
        if known is None:
            files = self.ev.files
            known = ("", "")
            if files.exists(text):
                file = text
                resolved = files.resolve(text)
                if files.kind(resolved) == DIRECTORY:
                    # Nix follows a link before it looks for the file in the directory.
                    file = resolved.rstrip("/") + "/default.nix"
                known = (file, disk.real(files.real(file)))
            self.located[text] = known
        return known

    def _imported(self, path: str) -> Value:
        try:
            if self.is_outermost:
                return self.ev.import_module(path, self.site)
            return self.ev.import_file(path, self.site)
        except (NixError, OutOfBudget) as error:
            return self.ev.failed(error)

    def _load_unknown(self, value: VUnknown, pending: _Pending, queue: list[_Pending]) -> None:
        if value.error is not None:
            error = value.error
            module = Module(pending.key, "", pending.importer, pending.place, pending.certainty)
            module.failure = error.message
            self._unknown(value.reason, pending.importer, pending.place)
            return
        self._recursion(value, pending.importer, pending.place)
        alternatives = self._alternatives(value)
        if alternatives is not None:
            for number, one in enumerate(alternatives):
                key = f"{pending.key}:{number}"
                queue.append(_Pending(one, pending.importer, pending.place, POSSIBLE, key))
            return
        if value.shape in (PATH, STRING) and value.prefix:
            if self._siblings(value, pending, queue):
                return
        if value.path:
            self.configuration.externals.append(
                External(value.path, pending.importer, pending.place)
            )
            return
        self._unknown(value.reason, pending.importer, pending.place)
        self._possible_folder(value)

    def _siblings(self, value: VUnknown, pending: _Pending, queue: list[_Pending]) -> bool:
        """An import like `./${x}.nix`: every file that fits is possible."""
        found = possible_paths(self.ev, value)
        for path in found or []:
            queue.append(_Pending(VPath(path), pending.importer, pending.place, POSSIBLE, path))
        return bool(found)

    def _add(
        self, key: str, path: str, value: Value, pending: _Pending, queue: list[_Pending]
    ) -> None:
        """Adds a module whose value is at hand, and queues what it imports."""
        around = self._importer_from(value, pending.importer)
        if around is not None:
            # All arguments are the same again: Nix imports it in itself for ever.
            self._meet_again(around, pending)
            return
        made = self._applied(value)
        if isinstance(made, VUnknown):
            module = Module(key, path, pending.importer, pending.place, pending.certainty)
            module.failure = made.reason
            self._note(module, pending)
            alternatives = self._alternatives(made) if made.alternatives is not None else None
            if alternatives is None:
                self._unknown(made.reason, module, self._unknown_place(made))
                return
            for one in alternatives:
                if isinstance(one, VAttrs):
                    self._take(module, one, POSSIBLE, queue)
            return
        if not isinstance(made, VAttrs):
            module = Module(key, path, pending.importer, pending.place, pending.certainty)
            module.failure = "it is not a module"
            self._note(module, pending)
            return
        own = made.attrs.get("key")
        if own is not None:
            forced = self.ev.forced(own)
            if isinstance(forced, VString):
                key = forced.text
        if key in self.by_key:
            self._meet_again(self.by_key[key], pending)
            return
        module = Module(key, path, pending.importer, pending.place, pending.certainty)
        module.source = value
        self.sources.add(id(value))
        self._note(module, pending)
        self._take(module, made, pending.certainty, queue)

    def _importer_from(self, source: Value, importer: Module | None) -> Module | None:
        """The module around an import, directly or not, that was made from the same value."""
        at = importer if id(source) in self.sources else None
        while at is not None:
            if at.source is source:
                return at
            at = at.importer
        return None

    def _note(self, module: Module, pending: _Pending) -> None:
        self.by_key[module.key] = module
        self.configuration.modules.append(module)
        if pending.importer is not None:
            pending.importer.imports.append(module)
            pending.importer.edges.append(Import(module, pending.place, pending.certainty))

    def _meet_again(self, known: Module, pending: _Pending) -> None:
        """A module that was imported before is imported once more."""
        if pending.importer is not None:
            pending.importer.imports.append(known)
            pending.importer.edges.append(Import(known, pending.place, pending.certainty))
        elif known.importer is not None:
            self.roots.add(known.key)
        if known.certainty == POSSIBLE and pending.certainty == CERTAIN:
            self._make_certain(known)

    def _recursion(self, value: VUnknown, importer: Module | None, place: Place | None) -> None:
        """Notes an import that depends on what the modules give."""
        if value.reason in self.arguments.reasons and value.error is None:
            if importer is None or importer.certainty == CERTAIN:
                self.configuration.recursions.append((value.reason, importer, place))

    def _make_certain(self, module: Module) -> None:
        stack = [module]
        while stack:
            at = stack.pop()
            if at.certainty != POSSIBLE:
                continue
            at.certainty = CERTAIN
            stack.extend(at.imports)

    def _applied(self, value: Value) -> Value:
        """A module as a set: functions are called with the arguments of modules."""
        for _ in range(8):
            if isinstance(value, VLambda):
                value = self.arguments.called(self.ev, value, self.site)
            elif isinstance(value, VPrimop):
                attrs = dict(self.arguments.known)
                attrs.update(self.arguments.special.attrs)
                value = self.ev.called(value, VAttrs(attrs), self.site)
            elif isinstance(value, VAttrs) and "__functor" in value.attrs:
                functor = self.ev.forced(value.attrs["__functor"])
                value = self.ev.called(functor, value, self.site)
            elif isinstance(value, (VPath, VString)):
                text = value.path if isinstance(value, VPath) else value.text
                value = self._imported(text)
            else:
                break
        return value

    def _take(self, module: Module, value: VAttrs, certainty: str, queue: list[_Pending]) -> None:
        """Reads a module's parts (`unifyModuleSyntax`)."""
        module.value = value
        attrs = value.attrs
        kind = property_type(self.ev, value)
        if kind in ("if", "override"):
            module.config.append(value)
            return
        # Nix asks for the type only of modules that are written in place.
        merged = kind == "merge" and (module.source is not value or ":" not in module.key)
        if kind not in MODULE_TYPES and not merged:
            module.failure = f"a value of type `{kind}` is no module"
            return
        if "config" in attrs or "options" in attrs:
            if "config" in attrs:
                module.config.append(attrs["config"])
            if "options" in attrs:
                module.options = attrs["options"]
        else:
            rest = {name: one for name, one in attrs.items() if name not in SHORT_KEYS}
            if rest or value.rest is not None:
                module.config.append(VAttrs(rest, value.rest, value.origin))
        for name in ("imports", "require"):
            imports = attrs.get(name)
            if imports is not None:
                self._queue_list(imports, module, certainty, module.key, queue)
        if value.rest is not None and "imports" not in attrs:
            hidden = value.get("imports")
            if isinstance(hidden, VUnknown):
                self._queue_unknown_list(
                    hidden, module, self._unknown_place(hidden), module.key, queue
                )
        disabled = attrs.get("disabledModules")
        if disabled is not None:
            self._read_disabled(disabled, certainty)

    # `disabledModules`.

    def _read_disabled(self, value: Value, certainty: str) -> None:
        forced = self.ev.forced(value)
        if certainty != CERTAIN or not isinstance(forced, VList):
            return
        for item in forced.items:
            one = self.ev.forced(item)
            if isinstance(one, VPath):
                self.disabled.add(one.path)
            elif isinstance(one, VString):
                self.disabled.add(one.text)
            elif isinstance(one, VAttrs) and "key" in one.attrs:
                key = self.ev.forced(one.attrs["key"])
                if isinstance(key, VString):
                    self.disabled.add(key.text)

    def _disable(self) -> None:
        """Marks what `disabledModules` removes, with everything only it imports."""
        if not self.disabled:
            return
        kept: set[str] = set()
        stack = [
            module
            for module in self.configuration.modules
            if (module.importer is None or module.key in self.roots)
            and module.key not in self.disabled
        ]
        while stack:
            module = stack.pop()
            if module.key in kept:
                continue
            kept.add(module.key)
            stack.extend(one for one in module.imports if one.key not in self.disabled)
        for module in self.configuration.modules:
            if module.key not in kept:
                module.certainty = DISABLED

    # Places.

    def _place(self, value: Value) -> Place | None:
        """Where a value was written."""
        if isinstance(value, CodeThunk):
            return Place(value.code.file.real, int(value.code.start), int(value.code.end))
        return None

    def _written_in(self, value: Value, forced: Value) -> str:
        """The file a module that is no path was written in."""
        if isinstance(forced, VLambda):
            return disk.real(forced.code.file.real) if forced.code.file.text else ""
        if isinstance(forced, VAttrs) and forced.origin is not None:
            origin: Origin | None = forced.origin
            while origin is not None:
                if origin.file is not None:
                    return disk.real(origin.file.real)
                origin = origin.right if origin.right is not None else origin.left
        if isinstance(value, CodeThunk):
            return disk.real(value.code.file.real)
        return ""

    def _unknown_place(self, value: VUnknown) -> Place | None:
        file = value.file
        return Place(file.real, value.start) if file is not None and file.text else None

    def _unknown(self, reason: str, importer: Module | None, place: Place | None) -> None:
        self.configuration.unknowns.append((reason, importer, place))

    def _possible_folder(self, value: VUnknown) -> None:
        """An unknown path below a known directory: anything there may be meant."""
        if not value.prefix.startswith("/"):
            return
        folder = value.prefix.rpartition("/")[0]
        self.configuration.possible_folders.append(self.ev.files.real(folder))
