"""Lists the options of a set of modules, as nixpkgs' `optionAttrSetToDocList` does.

An option is followed by those inside of its type: of submodules, with `<name>` for the attributes
and `*` for the elements they may be in. Options that are not visible, or only from outside
(`visible = "shallow"`), are listed without what is inside.
"""

from __future__ import annotations

import os
from typing import Final

from nixlint.evaluate.evaluator import Evaluator
from nixlint.evaluate.show import show_all
from nixlint.evaluate.values import (
    CodeThunk,
    NixError,
    OutOfBudget,
    Value,
    VAttrs,
    VBool,
    VLambda,
    VList,
    VNull,
    VString,
    VUnknown,
)
from nixlint.project.modules.merge import Merger
from nixlint.project.modules.model import Module
from nixlint.project.modules.module_set import ModuleSet
from nixlint.project.modules.properties import shown_path
from nixlint.project.modules.spots import Spot
from nixlint.project.options.index import IndexedOption, OptionIndex

MAX_DEPTH: Final = 24
"""How many submodules inside of each other are followed."""
LEVELS: Final = 4
"""How deep default values are printed."""
LONG: Final = 2000
"""The longest text of a default value or an example."""
_MODULE: Final = "_module"
_OPTION_SETS: Final = {
    "attribute set of option sets": "attrsOf",
    "list or attribute set of option sets": "loaOf",
    "list of option sets": "listOf",
    "null or option set": "nullOr",
}
"""Types of NixOS before 2016 that stand for others around a submodule, by their names."""


class Unread:
    """Something that could not be read: the option or file (its path has a `/`), and why.

    The name is empty when that may be anything.
    """

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason


class Walk:
    """Adds the options of module sets to an index.

    Declarations are written relative to one of `roots`. `made` knows the modules that sets of
    options inside of types come from, by the identity of the sets.
    """

    def __init__(
        self,
        ev: Evaluator,
        made: dict[int, tuple[Value, ModuleSet]],
        index: OptionIndex,
        roots: list[str],
    ) -> None:
        self.ev = ev
        self.made = made
        self.index = index
        self.roots = [os.path.realpath(one) + "/" for one in roots]
        self.unread: list[Unread] = []
        self._files: dict[str, str] = {}

    # Sets of modules.

    def modules(self, made: ModuleSet, depth: int = 0) -> None:
        """Adds the options of a set of modules, with those inside of them."""
        prefix = shown_path(made.prefix)
        if made.fatal is not None:
            self.miss(prefix, made.fatal.message)
        self._missing(made)
        stack: list[Spot] = []
        top = made.root.children()
        for name in sorted(top, reverse=True):
            if name != _MODULE:
                stack.append(top[name])
            elif depth == 0:
                self._module_args(made, top[name])
        if made.root.hole:
            self.miss(prefix, made.root.hole)
        while stack:
            spot = stack.pop()
            spot.resolve()
            if spot.is_option:
                self._spot(made, spot, depth)
                continue
            if spot.problem is not None:
                self.miss(spot.name, spot.problem.message)
            if spot.hole and (spot.parent is None or spot.hole != spot.parent.hole):
                self.miss(spot.name, spot.hole)
            children = spot.children()
            for name in sorted(children, reverse=True):
                stack.append(children[name])
        self._freeform(made, depth)

    def miss(self, name: str, reason: str) -> None:
        """Notes what could not be read."""
        self.unread.append(Unread(name, self._without_roots(reason)))

    def _missing(self, made: ModuleSet) -> None:
        """Notes the modules of a set that could not be followed."""
        configuration = made.configuration
        for module in configuration.missing:
            self.miss(self.module_name(module), "the file does not exist")
        for reason, importer, _ in configuration.unknowns:
            self.miss(self.module_name(importer), reason)
        for external in configuration.externals:
            where = self.module_name(external.importer)
            self.miss(where, f"`{external.name}` is not on this machine")

    def module_name(self, module: Module | None) -> str:
        """The file of a module, always with a `/`, which no option begins with; "" if unknown."""
        shown = self.relative(module.path) if module is not None and module.path else ""
        return f"./{shown}" if shown and "/" not in shown else shown

    def _module_args(self, made: ModuleSet, spot: Spot) -> None:
        """`_module.args`, the one option of the module system that the manual lists."""
        args = spot.children().get("args")
        if args is None:
            return
        args.resolve()
        if args.is_option:
            option = IndexedOption("_module.args", [_MODULE, "args"])
            option.type = made.merger.text(args.declaration().attrs["type"], "description")
            option.description = "Additional arguments passed to each module."
            option.declarations = ["lib/modules.nix"]
            self.index.add(option)

    def _freeform(self, made: ModuleSet, depth: int) -> None:
        """Options inside of the type for what is not declared."""
        if depth == 0:
            return
        try:
            free = made.freeform()
            if free is not None:
                self._inside(made.merger, free, list(made.prefix), depth)
        except NixError as error:
            self.miss(shown_path(made.prefix), error.message)
        except OutOfBudget as limit:
            self.miss(shown_path(made.prefix), limit.message)

    # Options.

    def option(self, made: ModuleSet, spot: Spot) -> None:
        """Adds one option of a set of modules, with those inside of it."""
        self._spot(made, spot, 0)

    def _spot(self, made: ModuleSet, spot: Spot, depth: int) -> None:
        self.ev.renew()
        name = spot.name
        try:
            declaration = spot.declaration()
        except NixError as error:
            # One of several declarations is better than none.
            declaration = spot.options[0][1]
            if len({one.file for one, _ in spot.options}) > 1 or len(spot.options) == 1:
                self.miss(name, error.message)
        except OutOfBudget as limit:
            declaration = spot.options[0][1]
            self.miss(name, limit.message)
        files = [one.file for one, _ in spot.options]
        try:
            declaration = self._option_set(made, spot, declaration)
        except NixError as error:
            self.miss(name, error.message)
        except OutOfBudget as limit:
            self.miss(name, limit.message)
        self._option(made.merger, spot.full_path, declaration, files, depth)

    def _option_set(self, made: ModuleSet, spot: Spot, declaration: VAttrs) -> VAttrs:
        """An option of an old release of nixpkgs, which may have its submodules in `options`.

        They belong into the type: `types.optionSet` in a type stands for a submodule of them.
        """
        merger = made.merger
        if all("options" not in value.attrs for _, value in spot.options):
            return declaration
        modules: list[Value] = []
        type_value: Value | None = None
        for one, value in spot.options:
            type_value = type_value if type_value is not None else value.attrs.get("type")
            given = value.attrs.get("options")
            forced = merger.force(given) if given is not None else None
            items = forced.items if isinstance(forced, VList) else [given] if given else []
            for item in items:
                module = merger.force(item)
                if not isinstance(module, VLambda):
                    module = VAttrs({"options": module})
                modules.append(VAttrs({"_file": VString(one.file), "imports": VList([module])}))
        if type_value is None:
            return declaration
        types = merger.field(made.lib, "types")
        if isinstance(merger.field(type_value, "getSubModules"), VList):
            substitute = merger.field(type_value, "substSubModules")
            own = merger.field(type_value, "getSubModules")
            if substitute is None or not isinstance(own, VList):
                return declaration
            inside = merger.call(substitute, VList([*own.items, *modules]))
            return VAttrs({**declaration.attrs, "type": inside})
        around = _OPTION_SETS.get(merger.name(type_value))
        if around is None or types is None:
            return declaration
        submodule = merger.call(self.ev.attribute(types, "submodule"), VList(modules))
        outer = self.ev.attribute(types, around)
        return VAttrs({**declaration.attrs, "type": merger.call(outer, submodule)})

    def _option(
        self, merger: Merger, loc: list[str], value: VAttrs, files: list[str], depth: int
    ) -> None:
        """Adds one option, given as the merged declaration, and those inside of it."""
        name = shown_path(loc)
        option = IndexedOption(name, loc)
        type_value = value.attrs.get("type")
        if type_value is not None:
            option.type = self.type_text(type_value)
            if not option.type:
                self.miss(name, "its type is unknown")
        else:
            option.type = "unspecified value"
        for file in files:
            shown = self.relative(file)
            if shown not in option.declarations:
                option.declarations.append(shown)
        option.read_only = self._flag(merger, value, "readOnly")
        option.internal = self._flag(merger, value, "internal")
        inside = self._visible(merger, value, option)
        option.description = self._text(merger, value.attrs.get("description")) or ""
        default = value.attrs.get("defaultText")
        if default is None:
            default = value.attrs.get("default")
        option.default = self._code(default)
        option.example = self._code(value.attrs.get("example"))
        self.index.add(option)
        if inside and type_value is not None:
            try:
                self._inside(merger, type_value, loc, depth)
            except NixError as error:
                self.miss(name, f"the options inside: {error.message}")
            except OutOfBudget as limit:
                self.miss(name, f"the options inside: {limit.message}")

    def type_text(self, type_value: Value) -> str:
        """What a type is called, "" when that is unknown.

        The types of old releases have only a name.
        """
        texts: set[str] = set()
        stack: list[Value] = [type_value]
        while stack and len(texts) < 2:
            forced = self.ev.forced(stack.pop())
            if isinstance(forced, VUnknown):
                if forced.error is not None:
                    continue
                if forced.alternatives is not None:
                    stack.extend(forced.alternatives)
                    continue
            if not isinstance(forced, VAttrs):
                return ""
            field = "description" if "description" in forced.attrs else "name"
            text = self.ev.attribute(forced, field)
            texts.add(text.text if isinstance(text, VString) else "")
        return texts.pop() if len(texts) == 1 else ""

    def _visible(self, merger: Merger, value: VAttrs, option: IndexedOption) -> bool:
        """Reads `visible`; returns whether the options inside are listed, too."""
        found = value.attrs.get("visible")
        if found is None:
            return True
        try:
            forced = merger.force(found)
        except (NixError, OutOfBudget):
            return False
        if isinstance(forced, VBool):
            option.visible = forced.value
            return forced.value
        if isinstance(forced, VString):
            option.visible = forced.text == "shallow"
            return forced.text == "transparent"
        return False

    def _inside(self, merger: Merger, type_value: Value, loc: list[str], depth: int) -> None:
        """The options that a type declares."""
        get = merger.field(type_value, "getSubOptions")
        if get is None:
            return
        if isinstance(get, VUnknown):
            if merger.name(type_value):
                self.miss(shown_path(loc), "the options inside of its type are unknown")
            return
        found = merger.call(get, VList([VString(part) for part in loc]))
        self._found(merger, found, shown_path(loc), depth)

    def _found(self, merger: Merger, found: Value, name: str, depth: int) -> None:
        """Adds the options that a type has given for the option called `name`."""
        if isinstance(found, VUnknown):
            self.miss(name, found.reason)
            return
        if not isinstance(found, VAttrs) or not found.attrs:
            return
        if depth >= MAX_DEPTH:
            self.miss(name, "submodules are nested too deeply")
            return
        made = self.made.get(id(found))
        if made is not None:
            self.modules(made[1], depth + 1)
            return
        # Options that are evaluated already.
        stack: list[tuple[str, Value]] = sorted(found.attrs.items(), reverse=True)
        while stack:
            part, item = stack.pop()
            forced = merger.force(item)
            if not isinstance(forced, VAttrs) or part == _MODULE:
                continue
            if merger.text(forced, "_type") != "option":
                stack.extend(sorted(forced.attrs.items(), reverse=True))
                continue
            loc = self._strings(merger, forced, "loc")
            if loc:
                files = self._strings(merger, forced, "declarations")
                self._option(merger, loc, forced, files, depth + 1)

    # Fields.

    def _strings(self, merger: Merger, value: VAttrs, name: str) -> list[str]:
        out: list[str] = []
        found = merger.field(value, name)
        if isinstance(found, VList):
            for item in found.items:
                forced = merger.force(item)
                if isinstance(forced, VString):
                    out.append(forced.text)
        return out

    def _flag(self, merger: Merger, value: VAttrs, name: str) -> bool:
        if name not in value.attrs:
            return False
        try:
            found = merger.field(value, name)
        except (NixError, OutOfBudget):
            return False
        return isinstance(found, VBool) and found.value

    def _text(self, merger: Merger, value: Value | None) -> str | None:
        """A text, perhaps marked as Markdown; None when it is unknown."""
        if value is None:
            return None
        try:
            forced = merger.force(value)
            if isinstance(forced, VAttrs):
                inner = merger.field(forced, "text")
                return inner.text if isinstance(inner, VString) else None
        except (NixError, OutOfBudget):
            return None
        return forced.text if isinstance(forced, VString) else None

    def _code(self, value: Value | None) -> str | None:
        """A default value or example as code; None when there is none."""
        if value is None:
            return None
        written = _written(value)
        forced = self.ev.forced(value)
        if isinstance(forced, VNull):
            return "null"
        if isinstance(forced, VBool):
            return "true" if forced.value else "false"
        if isinstance(forced, VAttrs) and "_type" in forced.attrs and "text" in forced.attrs:
            inner = self.ev.forced(forced.attrs["text"])
            return inner.text if isinstance(inner, VString) else written
        if isinstance(forced, VUnknown):
            return forced.path or written
        shown = show_all(self.ev, forced, True, LEVELS)
        text = shown.text[:LONG]
        here = self._without_roots(text)
        if shown.holes or "…" in text or "<" in text or here != text:
            return written or here
        return text

    def _without_roots(self, text: str) -> str:
        """A text without the places of the sources on this machine."""
        for root in self.roots:
            text = text.replace(root, "<source>/").replace(root[:-1], "<source>")
        return text

    def relative(self, path: str) -> str:
        """A path below one of the roots, or the path itself."""
        known = self._files.get(path)
        if known is not None:
            return known
        real = os.path.realpath(self.ev.files.real(path)) if path.startswith("/") else path
        shown = real
        for root in self.roots:
            if real.startswith(root):
                shown = real[len(root) :]
                break
        self._files[path] = shown
        return shown


def _written(value: Value) -> str | None:
    """The text of an expression that waits, if it is not long."""
    if isinstance(value, CodeThunk) and value.code.file.text:
        text = value.code.file.text[value.code.start : value.code.end]
        return text if text and len(text) <= LONG else None
    return None
