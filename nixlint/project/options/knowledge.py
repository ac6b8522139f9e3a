"""Lists of options as declarations that modules of a project meet.

A list of options (`index.py`) becomes a set of option declarations as a module has it in
`options`: the merging of definitions then needs no second implementation. Types are read from
their descriptions (`types.py`); what is inside of a submodule are the options that the list has
below it. Nothing is built before somebody looks at it.
"""

from __future__ import annotations

import re
from typing import Final

from nixlint.evaluate.evaluator import Evaluator
from nixlint.evaluate.lazy import LazyValue
from nixlint.evaluate.values import (
    NO_SLOTS,
    NOTHING,
    Env,
    NixError,
    OutOfBudget,
    Value,
    VAttrs,
    VBool,
    VList,
    VString,
    VUnknown,
)
from nixlint.project.modules.properties import Properties
from nixlint.project.options import types
from nixlint.project.options.index import IndexedOption, OptionIndex, split_name
from nixlint.project.options.types import OptionType, parse_type, unknown_type

MODULE_KEYS: Final = frozenset(
    ("_class", "_file", "key", "disabledModules", "imports", "options", "config", "meta",
     "freeformType")
)  # fmt: skip
"""Names that have a meaning in modules; options of submodules may be called the same."""
ALIAS: Final = re.compile(r"Alias of (?:\{option\}`|<option>|`)(.+?)(?:`|</option>)\.?\s*")
"""How `mkRenamedOptionModule` describes the option with the old name."""
_ELEMENT: Final = re.compile(r"<.*>|\*")
_MANY: Final = 200
"""How many options a list must have before its style says something about its age."""


class OptionNode:
    """What a list of options has at a path: an option, others below it, or both."""

    def __init__(self, path: list[str]) -> None:
        self.path = path
        self.option: IndexedOption | None = None
        self.children: dict[str, OptionNode] = {}

    def below(self, name: str) -> OptionNode:
        """The node of a name below; made if there is none."""
        found = self.children.get(name)
        if found is None:
            found = OptionNode([*self.path, name])
            self.children[name] = found
        return found

    def element(self) -> OptionNode | None:
        """What stands for the attributes or elements of the option's value; None if there is
        nothing."""
        for name, child in self.children.items():
            if _ELEMENT.fullmatch(name):
                return child
        return None

    def named(self) -> dict[str, OptionNode]:
        """What is below by names of its own."""
        return {
            name: child
            for name, child in self.children.items()
            if not _ELEMENT.fullmatch(name) and name != "_module"
        }


def tree_of(index: OptionIndex) -> OptionNode:
    """The options of a list by their paths."""
    root = OptionNode([])
    for option in index.options.values():
        at = root
        for name in option.loc:
            at = at.below(name)
        at.option = option
    return root


class KnownOptions:
    """The options that the modules of a configuration find declared, from a list.

    `label` is what the list is called in messages. `hidden` says that options which the manual
    leaves out are in it, too; then what is not in it does not exist, but below the names of
    `unread`. Without that, a name that is not in it may be an old one.
    """

    def __init__(
        self,
        index: OptionIndex,
        label: str,
        ev: Evaluator,
        lib: Value,
        hidden: bool = False,
        unread: list[str] | None = None,
    ) -> None:
        self.index = index
        self.label = label
        self.hidden = hidden
        self.unread = unread if unread is not None else []
        self.lost: set[str] = set()
        """Files (ends of paths) whose declarations do not count: `disabledModules`."""
        self.root = tree_of(index)
        self.ev = ev
        self.lib = lib
        self.work = Properties(ev)
        self.old = _is_old(index)
        """Whether strings that are joined cannot be told from those that conflict."""
        self._leaves: dict[str, Value] = {}
        self._parsed: dict[str, OptionType] = {}
        self.tree: Value = self._level(self.root)

    # Questions.

    def find(self, path: list[str]) -> OptionNode | None:
        """What the list has at a path of a configuration; names of attributes may stand for any."""
        at = self.root
        for name in path:
            below = at.children.get(name)
            if below is None:
                below = at.element()
            if below is None:
                return None
            at = below
        return at

    def is_absent(self, path: list[str]) -> bool:
        """Whether it is certain that the source of the list declares nothing at a path where the
        list has nothing."""
        if not self.hidden:
            return False
        for each in self.unread:
            if each == "" or "/" in each:
                # A whole module could not be read.
                return False
            names = split_name(each)
            shorter = min(len(names), len(path))
            if path[:shorter] == names[:shorter]:
                return False
        return True

    def old_name(self, option: IndexedOption) -> tuple[str, bool]:
        """For an option that was renamed or removed, the new name ("" if it was removed) and True;
        else "" and False."""
        if option.visible:
            return "", False
        found = ALIAS.match(option.description)
        if found is not None:
            return found.group(1), True
        bare = option.default is None and not option.description and not option.internal
        return "", bare and option.type in ("unspecified value", "unspecified")

    # Declarations.

    def _level(self, node: OptionNode) -> VAttrs:
        """The declarations below a node."""
        attrs: dict[str, Value] = {}
        for name, child in node.named().items():
            attrs[name] = self._lazy(child)
        return VAttrs(attrs)

    def _lazy(self, node: OptionNode) -> Value:
        return LazyValue(lambda: self._declaration(node))

    def _declaration(self, node: OptionNode) -> Value:
        option = node.option
        if option is None:
            return self._level(node)
        attrs: dict[str, Value] = {
            "_type": VString("option"),
            "type": LazyValue(lambda: self._type_of(node, option)),
        }
        if option.description:
            attrs["description"] = VString(option.description)
        if option.default is not None:
            attrs["default"] = VUnknown("the default is known only to Nix")
        if option.read_only and option.default is not None:
            attrs["readOnly"] = VBool(True)
        if not option.visible:
            attrs["visible"] = VBool(False)
        return VAttrs(attrs)

    def _type_of(self, node: OptionNode, option: IndexedOption) -> Value:
        if self.old_name(option)[1]:
            # It is handed on to the new name.
            return VUnknown("the option has another name now")
        return self.built(self.parsed(option.type), node)

    def parsed(self, text: str) -> OptionType:
        """The type that a description is of."""
        known = self._parsed.get(text)
        if known is None:
            known = parse_type(text) if text else unknown_type("")
            self._parsed[text] = known
        return known

    # Types.

    def built(self, made: OptionType, node: OptionNode | None) -> Value:
        """A type as a value of `lib.types`; an unknown value if it cannot be built."""
        try:
            return self._built(made, node)
        except (NixError, OutOfBudget):
            return VUnknown(f"the type `{made.text}` is not known")

    def _built(self, made: OptionType, node: OptionNode | None) -> Value:
        kind = made.kind
        if kind == types.LEAF:
            return self._leaf(made.value)
        if kind == types.ENUM:
            return self._leaf(f"(enum {made.value})")
        if kind == types.UNKNOWN:
            return VUnknown(f"the type `{made.text}` is not known")
        if kind == types.SUBMODULE:
            return self._submodule(made, node)
        if kind == types.EITHER:
            # Lists do not say which of the types their options inside belong to.
            parts = [self._built(part, None) for part in made.parts]
            return self._call("either", parts)
        if kind == types.COERCED_TO:
            source = self._built(made.parts[0], None)
            target = self._built(made.parts[1], node)
            if made.parts[0].has_submodule():
                return VUnknown(f"the type `{made.text}` is not known")
            change = VUnknown("how a value is converted is known only to Nix")
            return self._call("coercedTo", [source, change, target])
        if kind in (types.ATTRS_OF, types.LAZY_ATTRS_OF, types.LIST_OF, types.NON_EMPTY_LIST_OF):
            inside = node.element() if node is not None else None
            return self._call(kind, [self._built(made.parts[0], inside)])
        if kind == types.NULL_OR:
            return self._call(kind, [self._built(made.parts[0], node)])
        return VUnknown(f"the type `{made.text}` is not known")

    def _leaf(self, code: str) -> Value:
        known = self._leaves.get(code)
        if known is None:
            lowered = self.ev.lowered(
                f"lib: with lib.types; {code}", "/nixlint/option-type.nix", "", None
            )
            function = lowered.eval(self.ev, Env(None, NOTHING, NO_SLOTS))
            known = self.work.call(function, self.lib)
            if self.old and code == "str" and isinstance(known, VAttrs):
                attrs = dict(known.attrs)
                attrs["merge"] = VUnknown("how old releases merge strings is not known")
                known = VAttrs(attrs)
            self._leaves[code] = known
        return known

    def _call(self, name: str, args: list[Value]) -> Value:
        library = self.work.field(self.lib, "types")
        function = self.work.field(library, name) if library is not None else None
        if function is None:
            raise OutOfBudget(f"`lib.types.{name}` is unknown")
        return self.work.call(function, *args)

    def _submodule(self, made: OptionType, node: OptionNode | None) -> Value:
        inside = node.named() if node is not None else {}
        if node is None or (not inside and not made.parts):
            return VUnknown("the options of the submodule are not known")
        attrs: dict[str, Value] = {
            "_file": VString(self.label),
            "options": self._level(node),
        }
        if made.parts:
            attrs["freeformType"] = self._built(made.parts[0], None)
        short: Value = NOTHING
        if MODULE_KEYS & set(inside):
            short = VBool(True)
        fields: dict[str, Value] = {
            "modules": VList([VAttrs(attrs)]),
            "shorthandOnlyDefinesConfig": short,
        }
        return self._call("submoduleWith", [VAttrs(fields)])


def _is_old(index: OptionIndex) -> bool:
    """Whether a list is of a time when all types of text were called "string"."""
    if len(index.options) < _MANY:
        return False
    return not any("strings concatenated with" in option.type for option in index.options.values())


def united(indexes: list[OptionIndex]) -> OptionIndex:
    """One list of several versions of the same: all options; types only where all agree."""
    out = OptionIndex(indexes[0].kind)
    for index in indexes:
        for option in index.options.values():
            before = out.options.get(option.name)
            same = all(
                one.options[option.name].type == option.type
                for one in indexes
                if option.name in one.options
            )
            everywhere = all(option.name in one.options for one in indexes)
            if before is None:
                if same and everywhere:
                    out.add(option)
                    continue
                copy = IndexedOption(option.name, option.loc)
                copy.declarations = option.declarations
                copy.description = option.description
                copy.visible = option.visible
                copy.internal = option.internal
                out.add(copy)
    return out


def is_slip(name: str, names: list[str], shortest: int = 3) -> bool:
    """Whether a name is one of others with one letter wrong, too much, missing, or two swapped.

    Both must have `shortest` letters or more; one less will do unless a letter was replaced, but
    never less than three. What stands beside each other in many places is no
    slip: `packages` beside `package`, `specialization` beside `specialisation`.
    """
    return any(_is_slip(name, other, shortest) for other in names)


def _is_slip(name: str, other: str, shortest: int) -> bool:
    length = min(len(name), len(other))
    if name == other or length < max(3, shortest - 1) or abs(len(name) - len(other)) > 1:
        return False
    first = 0
    while first < min(len(name), len(other)) and name[first] == other[first]:
        first += 1
    last = 0
    shorter = min(len(name), len(other)) - first
    while last < shorter and name[-1 - last] == other[-1 - last]:
        last += 1
    left = name[first : len(name) - last]
    right = other[first : len(other) - last]
    if any(char.isdigit() for char in left + right):
        return False
    if len(left) + len(right) == 1:
        # A letter too much, or too few.
        return not (last == 0 and (left or right) in ("s", "d", "r"))
    if len(left) == 1 and len(right) == 1:
        return length >= shortest and {left, right} != {"s", "z"}
    return len(left) == 2 and left == right[::-1]
