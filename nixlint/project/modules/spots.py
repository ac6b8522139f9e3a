"""What is at the paths of a set of modules: options, sets of options, and their definitions."""

from __future__ import annotations

from collections.abc import Callable

from nixlint.evaluate.code import origin_of
from nixlint.evaluate.evaluator import Evaluator
from nixlint.evaluate.values import (
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
    endless,
)
from nixlint.project.modules.definitions import place_of, property_type
from nixlint.project.modules.merge import Merger
from nixlint.project.modules.model import CERTAIN, POSSIBLE, Module, Place
from nixlint.project.modules.properties import shown_path
from nixlint.project.modules.verdicts import (
    BAD_DECLARATION,
    DECLARED_TWICE,
    NESTED_UNDER_OPTION,
    NOT_A_SET,
    READ_ONLY,
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


class Listed:
    """Declarations from a list of options: the set that a module would have in `options`, and
    what to call the list.

    `repeats` says of the path of an option whether it is certainly declared elsewhere, and not by
    modules that were met; `is_own` whether a module belongs to the project.
    """

    def __init__(
        self,
        options: Value,
        label: str,
        repeats: Callable[[list[str]], bool],
        is_own: Callable[[Module | None], bool],
    ) -> None:
        self.options = options
        self.label = label
        self.repeats = repeats
        self.is_own = is_own


class Memory:
    """Verdicts on options, by what they were computed from.

    Most configurations of a project have most of their modules in common, and modules that are
    called once have values that are the same objects in all of them. An option whose declarations
    and definitions are such values has the same verdict everywhere, and has it still after other
    modules changed.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], tuple[Merged, list[Value]]] = {}
        self._before: dict[tuple[object, ...], tuple[Merged, list[Value]]] = {}

    def find(self, key: tuple[object, ...]) -> Merged | None:
        """The verdict that was kept, if there is one."""
        known = self._known.get(key)
        if known is None:
            known = self._before.get(key)
            if known is None:
                return None
            self._known[key] = known
        return known[0]

    def keep(self, key: tuple[object, ...], verdict: Merged, values: list[Value]) -> None:
        """Keeps a verdict, and the values whose identities are part of the key."""
        self._known[key] = (verdict, values)

    def forget(self) -> None:
        """All configurations were looked at: forgets what none of them has asked for since the
        last time."""
        self._before = self._known
        self._known = {}


class Owner:
    """What the paths of a set of modules share; see `ModuleSet`."""

    def __init__(self, ev: Evaluator, merger: Merger, prefix: list[str]) -> None:
        self.ev = ev
        self.merger = merger
        self.prefix = prefix
        self.open = ""
        self.listed: Listed | None = None
        self.memory: Memory | None = None

    def unspecified(self) -> Value:
        """The type of options without a type."""
        raise NotImplementedError

    def tree_as_option(self, value: VAttrs) -> VAttrs | None:
        """A set of options below a submodule option as a declaration of that option."""
        raise NotImplementedError


class Declared:
    """One declaration: what a module has in `options` at a path, or a list of options (`listed`)
    does."""

    def __init__(
        self,
        value: Value,
        file: str,
        place: Place | None,
        module: Module | None,
        listed: bool = False,
    ) -> None:
        self.value = value
        self.file = file
        self.place = place
        self.module = module
        self.listed = listed


class Spot:
    """What is at a path: an option, a set of options, or a mistake.

    `defs` are given for the root only; all others get theirs from what is above.
    """

    def __init__(
        self,
        owner: Owner,
        path: list[str],
        declared: list[Declared],
        parent: Spot | None,
        defs: list[Def],
    ) -> None:
        self.owner = owner
        self.path = path
        self.declared = declared
        self.parent = parent
        self.hole: str = parent.hole if parent is not None else ""
        """Why there may be more declarations here than are known, or ""."""
        self.problem: Conflict | None = None
        """What Nix refuses about the declarations."""
        self.options: list[tuple[Declared, VAttrs]] = []
        self.sets: list[tuple[Declared, VAttrs]] = []
        self._defs = defs
        self._resolved = False
        self._children: dict[str, Spot] | None = None
        self._pushed: dict[str, list[Def]] | None = None
        self._push_hole = ""
        self._pushing = False
        self.not_sets: list[Def] = []
        """After `pushed`: definitions that are no sets though options follow."""
        self._merged: Part | None = None
        self._declaration: VAttrs | None = None

    @property
    def defs(self) -> list[Def]:
        """The definitions here, with their properties."""
        if self.parent is None:
            return self._defs
        found = self.parent.pushed()
        if not self.parent.hole and any(one.certainty == CERTAIN for one in self.parent.not_sets):
            raise OptionError(self.parent.not_a_set())
        return found.get(self.path[-1], [])

    def not_a_set(self) -> Conflict:
        """What Nix says to definitions that are no sets where options follow."""
        message = (
            "In module, you're trying to define a value rather than an attribute set for the "
            f"option `{self.name}'!"
        )
        return Conflict(NOT_A_SET, self.name, message, self.not_sets)

    @property
    def def_hole(self) -> str:
        """Why there may be more definitions here than are known, or ""."""
        if self.parent is None:
            return ""
        self.parent.pushed()
        return self.parent._push_hole or self.parent.def_hole

    @property
    def full_path(self) -> list[str]:
        return [*self.owner.prefix, *self.path]

    @property
    def name(self) -> str:
        """The path as messages write it."""
        return shown_path(self.full_path)

    def resolve(self) -> None:
        """Reads the declarations."""
        if self._resolved:
            return
        self._resolved = True
        merger = self.owner.merger
        for one in self.declared:
            try:
                value = only_alternative(merger, merger.force(one.value))
            except NixError as error:
                self.problem = of_error(error, []).conflict
                return
            except OutOfBudget as limit:
                self.hole = self.hole or limit.message
                continue
            if isinstance(value, VUnknown):
                self.hole = self.hole or value.reason
            elif not isinstance(value, VAttrs):
                message = f"An option declaration for `{self.name}' has the wrong type"
                self._refuse(BAD_DECLARATION, message, [one])
            elif "_type" in value.attrs:
                kind = property_type(self.owner.ev, value)
                if kind == "option":
                    self.options.append((one, value))
                elif kind:
                    message = f"expected an option declaration at option path `{self.name}`"
                    self._refuse(BAD_DECLARATION, message, [one])
                else:
                    self.hole = self.hole or "whether it is an option is unknown"
            else:
                self.sets.append((one, value))
                if value.rest:
                    self.hole = self.hole or value.rest[0].reason
        if self.owner.listed is not None:
            self._reconcile(self.owner.listed)
        if self.options and self.sets:
            self._nest()

    def _reconcile(self, known: Listed) -> None:
        """Decides what counts where a list of options and modules declare the same.

        Modules from elsewhere are taken to be those that the list was made from. A module of the
        project may repeat an option by mistake; but the list may have been made from it, too.
        """
        own = [pair for pair in self.options if not pair[0].listed]
        if len(own) == len(self.options):
            if own:
                self.sets = [pair for pair in self.sets if not pair[0].listed]
            return
        if own:
            same = all(known.is_own(one.module) for one, _ in own) and known.repeats(self.path)
            if not same:
                self.options = own
        elif any(not one.listed for one, _ in self.sets):
            type_value = self.options[0][1].attrs.get("type")
            if type_value is None or self.owner.merger.name(type_value) != "submodule":
                self.options = []
                self.hole = self.hole or "its declarations do not fit together"

    @property
    def is_listed(self) -> bool:
        """Whether only a list of options declares it."""
        return bool(self.declared) and all(one.listed for one in self.declared)

    def _nest(self) -> None:
        """Options declared below an option: they belong to its submodule, or are refused."""
        owner = self.owner
        for _, value in self.options:
            type_value = value.attrs.get("type")
            if type_value is None or owner.merger.name(type_value) != "submodule":
                message = f"The option `{self.name}' in module `' would be a parent of options"
                involved = [one for one, _ in [*self.sets, *self.options]]
                self._refuse(NESTED_UNDER_OPTION, message, involved)
                return
        for one, value in self.sets:
            made = owner.tree_as_option(value)
            if made is None:
                self.hole = self.hole or "a submodule cannot be extended"
                return
            self.options.append((one, made))
        order = {id(one): index for index, one in enumerate(self.declared)}
        self.options.sort(key=lambda pair: order[id(pair[0])])
        self.sets = []

    def _refuse(self, kind: str, message: str, declared: list[Declared]) -> None:
        if self.problem is None:
            places = [Def(one.value, one.file, CERTAIN, one.place, one.module) for one in declared]
            self.problem = Conflict(kind, self.name, message, places)

    @property
    def is_option(self) -> bool:
        self.resolve()
        return bool(self.options)

    # Sets of options.

    def children(self) -> dict[str, Spot]:
        """What is declared below."""
        if self._children is None:
            self.resolve()
            declared: dict[str, list[Declared]] = {}
            for one, value in self.sets:
                for name, child in value.attrs.items():
                    place = attribute_place(value, name)
                    declared.setdefault(name, []).append(
                        Declared(child, one.file, place or place_of(child), one.module, one.listed)
                    )
            self._children = {
                name: Spot(self.owner, [*self.path, name], found, self, [])
                for name, found in declared.items()
            }
        return self._children

    def busy_children(self) -> list[Spot]:
        """What is declared below, without what is only in a list of options and nobody sets."""
        out: list[Spot] = []
        failing = False
        for child in self.children().values():
            if child.is_listed:
                try:
                    if not child.defs:
                        continue
                except NixError:
                    # One is enough to tell.
                    if failing:
                        continue
                    failing = True
            out.append(child)
        return out

    def pushed(self) -> dict[str, list[Def]]:
        """The definitions of what is below, by name; fills `not_sets`, too."""
        if self._pushed is None:
            if self._pushing:
                raise endless(None)
            self._pushing = True
            below: dict[str, list[Def]] = {}
            hole = ""
            try:
                for one in self.defs:
                    hole = self._push(one, below) or hole
            finally:
                self._pushing = False
            self._push_hole = hole
            self._pushed = below
        return self._pushed

    def undeclared(self) -> dict[str, list[Def]]:
        """The definitions of what is not declared directly below."""
        children = self.children()
        return {name: found for name, found in self.pushed().items() if name not in children}

    def _push(self, one: Def, below: dict[str, list[Def]]) -> str:
        """Pushes the properties of a definition down to its attributes; returns what is open."""
        merger = self.owner.merger
        hole = ""
        stack: list[tuple[Def, list[tuple[str, Value]]]] = [(one, [])]
        steps = 0
        while stack:
            steps += 1
            if steps > 10_000:
                return "there are too many definitions"
            at, around = stack.pop()
            try:
                value = merger.force(at.value)
            except OutOfBudget as error:
                hole = error.message
                continue
            if isinstance(value, VUnknown):
                hole = self._push_unknown(at, value, around, stack) or hole
                continue
            if not isinstance(value, VAttrs):
                self.not_sets.append(at.with_value(value))
                continue
            kind = property_type(self.owner.ev, value)
            if kind == "merge":
                contents = merger.field(value, "contents")
                if not isinstance(contents, VList):
                    hole = "the definitions of a `mkMerge` are unknown"
                    continue
                for rest in contents.rest or []:
                    hole = self._push_unknown(at, rest, around, stack) or hole
                for item in reversed(contents.items):
                    stack.append((self._at(at, item), around))
            elif kind in ("if", "override"):
                field = "condition" if kind == "if" else "priority"
                content = value.attrs.get("content")
                outer = value.attrs.get(field)
                if content is None or outer is None:
                    continue
                stack.append((self._at(at, content), [*around, (kind, outer)]))
            else:
                hole = self._push_set(at, value, around, below, stack) or hole
        return hole

    def _at(self, one: Def, value: Value) -> Def:
        out = one.with_value(value)
        out.place = place_of(value) or one.place
        return out

    def _push_set(
        self,
        at: Def,
        value: VAttrs,
        around: list[tuple[str, Value]],
        below: dict[str, list[Def]],
        stack: list[tuple[Def, list[tuple[str, Value]]]],
    ) -> str:
        for name, child in value.attrs.items():
            place = attribute_place(value, name) or place_of(child) or at.place
            wrapped = child
            for kind, outer in reversed(around):
                field = "condition" if kind == "if" else "priority"
                mark: dict[str, Value] = {"_type": VString(kind), field: outer, "content": wrapped}
                wrapped = VAttrs(mark)
            found = Def(wrapped, at.file, at.certainty, place, at.module)
            below.setdefault(name, []).append(found)
        hole = ""
        for rest in value.rest or []:
            if rest.alternatives is None:
                hole = rest.reason
            else:
                hole = self._push_unknown(at, rest, around, stack) or hole
        return hole

    def _push_unknown(
        self,
        at: Def,
        value: VUnknown,
        around: list[tuple[str, Value]],
        stack: list[tuple[Def, list[tuple[str, Value]]]],
    ) -> str:
        alternatives = value.alternatives
        if alternatives is None or len(alternatives) > 32 or len(stack) > 1000:
            return value.reason or "a definition is unknown"
        for branch in reversed(alternatives):
            try:
                self.owner.merger.force(branch)
            except NixError:
                continue
            below = self._at(at, branch)
            below.certainty = POSSIBLE
            stack.append((below, around))
        return ""

    # Options.

    def declaration(self) -> VAttrs:
        """All declarations of the option as one. Raises `OptionError` if they exclude each
        other, `OutOfBudget` if that is not known."""
        if self._declaration is None:
            self._declaration = self._merged_declarations()
        return self._declaration

    def _merged_declarations(self) -> VAttrs:
        merger = self.owner.merger
        result: dict[str, Value] = {}
        modules: list[Value] = []
        for one, value in self.options:
            attrs = value.attrs
            again: list[str] = [
                field
                for field in ("default", "example", "description", "apply")
                if field in attrs and field in result
            ]
            merged_type: Value | None = None
            if not again and "type" in attrs and "type" in result:
                merged_type = self._merged_type(result["type"], attrs["type"])
                again = ["type"] if merged_type is None else []
            if again:
                message = f"The option `{self.name}' in `{one.file}' is already declared in"
                raise OptionError(Conflict(DECLARED_TWICE, self.name, message, []))
            own = attrs.get("type")
            own_modules = merger.field(own, "getSubModules") if own is not None else None
            if isinstance(own_modules, VList):
                placed: list[Value] = [located(item, one.file) for item in own_modules.items]
                modules = [*placed, *modules]
            result = {**attrs, **result}
            if merged_type is not None:
                result["type"] = merged_type
        type_value = result.get("type")
        if type_value is None:
            result["type"] = self.owner.unspecified()
        elif isinstance(merger.field(type_value, "getSubModules"), VList):
            substitute = merger.field(type_value, "substSubModules")
            if substitute is not None:
                result["type"] = merger.call(substitute, VList(list(modules)))
        return VAttrs(result)

    def _merged_type(self, left: Value, right: Value) -> Value | None:
        merger = self.owner.merger
        merge = merger.field(left, "typeMerge")
        functor = merger.field(right, "functor")
        if merge is None or functor is None or isinstance(merge, VUnknown):
            raise OutOfBudget("the types of two declarations are unknown")
        at: Value | None = left
        while at is not None and not isinstance(at, VNull):
            if merger.name(at) == "attrTag":
                raise OutOfBudget("the tags of two declarations are not compared")
            nested = merger.field(at, "nestedTypes")
            at = merger.field(nested, "elemType") if nested is not None else None
        made = merger.call(merge, functor)
        if isinstance(made, VUnknown):
            raise OutOfBudget(made.reason)
        return None if isinstance(made, VNull) else made

    def definitions(self) -> list[Def]:
        """All definitions of the option, the default first."""
        declaration = self.declaration()
        default = declaration.attrs.get("default")
        out: list[Def] = []
        if default is not None:
            mark: dict[str, Value] = {
                "_type": VString("override"),
                "priority": VInt(1500),
                "content": default,
            }
            file = self.options[0][0].file
            one = Def(VAttrs(mark), file, CERTAIN, place_of(default), self.options[0][0].module)
            one.is_default = True
            out.append(one)
        out.extend(self.defs)
        hole = self.hole or self.def_hole or self.owner.open
        if hole:
            out.append(Def(VUnknown(hole), "", POSSIBLE, None, None))
        return out

    def merged(self) -> Merged:
        """The verdict on the option, `apply` not regarded."""
        if self._merged is None:
            self._merged = Part(self.path[-1] if self.path else "", self._merge)
        return self._merged.get()

    def _merge(self) -> Merged:
        self.resolve()
        if self.problem is not None:
            out = Merged("failed")
            out.conflict = self.problem
            return out
        memory = self.owner.memory
        if memory is None:
            return self._judged()
        values: list[Value] = []
        try:
            key = self._key(values)
        except (NixError, OutOfBudget):
            # What is wrong with the declarations comes first.
            return self._judged()
        known_before = memory.find(key)
        if known_before is not None:
            return known_before
        made = self._judged()
        ev = self.owner.ev
        if not ev.timed_out and ev.steps < ev.max_steps:
            memory.keep(key, made, values)
        return made

    def _key(self, values: list[Value]) -> tuple[object, ...]:
        """What the verdict is computed from; values whose identity counts go into `values`."""
        parts: list[object] = [self.name, self.hole, self.def_hole, self.owner.open]
        for declared, option in self.options:
            values.append(option)
            parts.append(id(option))
            parts.append(declared.file)
        parts.append(len(self.options))
        for one in self.defs:
            parts.append(one.file)
            parts.append(one.certainty)
            if one.place is not None:
                parts.append(one.place.path)
                parts.append(one.place.start)
            at = one.value
            while isinstance(at, VAttrs) and len(at.attrs) == 3 and "_type" in at.attrs:
                # Made anew for each level that the property is pushed down.
                content = at.attrs.get("content")
                field = "condition" if "condition" in at.attrs else "priority"
                outer = at.attrs.get(field)
                if content is None or outer is None:
                    break
                values.append(outer)
                parts.append(field)
                parts.append(id(outer))
                at = content
            values.append(at)
            parts.append(id(at))
        return tuple(parts)

    def _judged(self) -> Merged:
        declaration = self.declaration()
        defs = self.definitions()
        merger = self.owner.merger
        if len(defs) > 1 and "readOnly" in declaration.attrs:
            flag = merger.field(declaration, "readOnly")
            certain = [one for one in defs if one.certainty == CERTAIN]
            if isinstance(flag, VBool) and flag.value:
                if len(certain) > 1:
                    return self._set_again(declaration.attrs["type"], defs, certain)
                return unknown("whether a read-only option is set again is unknown")
            if not isinstance(flag, VBool):
                return unknown("whether the option is read-only is unknown")
        return merger.merge(declaration.attrs["type"], self.full_path, defs)

    def _set_again(self, type_value: Value, defs: list[Def], certain: list[Def]) -> Merged:
        """What Nix says to a read-only option with more than one definition: it prints what each
        would be alone."""
        message = f"The option `{self.name}' is read-only, but it's set multiple times."
        out = failed(READ_ONLY, self.name, message, certain)
        assert out.conflict is not None
        if len(certain) < len(defs):
            out.conflict.doubt = "a condition is unknown"
        out.conflict.prints = [Part("", self._alone(type_value, one)) for one in certain]
        return out

    def _alone(self, type_value: Value, one: Def) -> Callable[[], Merged]:
        return lambda: self.owner.merger.merge(type_value, self.full_path, [one])

    def final(self) -> Merged:
        """The verdict on the value others see, after `apply`."""
        out = self.merged()
        if self.problem is not None or not self.options:
            return out
        try:
            apply = self.declaration().attrs.get("apply")
            if apply is None:
                return out
            made = self.owner.merger.call(apply, PartValue(Part("", self.merged)))
        except NixError as error:
            return of_error(error, out.survivors)
        except OutOfBudget as limit:
            return unknown(limit.message)
        if isinstance(made, VUnknown):
            return unknown(made.reason)
        done = known(made)
        done.parts = []
        done.survivors = out.survivors
        return done


def only_alternative(merger: Merger, value: Value) -> Value:
    """A value that is unknown only as evaluation may fail before it: the value."""
    for _ in range(4):
        if not isinstance(value, VUnknown) or value.alternatives is None:
            break
        if len(value.alternatives) != 1:
            break
        value = merger.force(value.alternatives[0])
    return value


def located(module: Value, file: str) -> Value:
    """`lib.setDefaultModuleLocation`."""
    return VAttrs({"_file": VString(file), "imports": VList([module])})


def attribute_place(value: VAttrs, name: str) -> Place | None:
    """Where an attribute of a set was written, if that is known."""
    found = origin_of(value.origin, name)
    if found is None:
        return None
    file, offset = found
    return Place(file.real, offset) if file.text else None
