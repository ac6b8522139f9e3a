"""The options of a project as a tree, and which option a place in a module is about.

A module's own path (`{ services.foo = { enable = …; }; }`) and the paths behind `config` both lead
into that tree. Names that users choose (`<name>` in `users.users.<name>.uid`) match any name.
"""

from __future__ import annotations

from typing import Any, Final

from nixlint.ide.document import Document
from nixlint.ide.facts import DefinitionFact, OptionFact, OptionList, ProjectFacts
from nixlint.ide.knowledge.known import Attrs, Function, Known, Named, Resolver
from nixlint.ide.knowledge.nodes_at import path_to
from nixlint.project.options.index import split_name
from nixlint.semantic.file_kind import kind_of_file
from nixlint.semantic.model import FILE_MODULE
from nixlint.semantic.shapes import is_module_header, strip
from nixlint.syntax.nodes import (
    UPDATE,
    AttrName,
    AttrPath,
    Binding,
    ExprAssert,
    ExprAttrs,
    ExprBinOp,
    ExprCall,
    ExprIf,
    ExprLambda,
    ExprLet,
    ExprList,
    ExprParen,
    ExprSelect,
    ExprVar,
    ExprWith,
    Inherit,
    Node,
    Root,
)
from nixlint.syntax.strings import static_name

ANY: Final = "<name>"
ELEMENT: Final = "*"
WRAPPERS: Final = frozenset(
    ("mkIf", "mkMerge", "mkDefault", "mkForce", "mkOverride", "mkBefore", "mkAfter", "mkOrder",
     "mkOptionDefault", "mkVMOverride", "mkImageMediaOverride", "optionalAttrs")
)  # fmt: skip
MODULE_LISTS: Final = frozenset(("imports", "modules", "sharedModules", "extraModules"))
MODULE_SETS: Final = frozenset(
    ("nixosModules", "darwinModules", "homeModules", "homeManagerModules", "flakeModules",
     "modules")
)  # fmt: skip
HOME_MANAGER: Final = ("home-manager", "users")
HOME_KIND: Final = "homeManager"

IN_CONFIG: Final = "config"
IN_OPTIONS: Final = "options"


class OptionNode:
    """A point in the tree: the options there (of one or more kinds), and what is below."""

    def __init__(self) -> None:
        self.options: list[OptionFact] = []
        self.children: dict[str, OptionNode] = {}
        self.kinds: set[str] = set()
        """The kinds of the options here and below; "" is any kind."""

    def fits(self, kinds: frozenset[str]) -> bool:
        """Whether some option here or below is for one of the kinds; none given means any."""
        return not kinds or "" in self.kinds or not self.kinds.isdisjoint(kinds)

    def option(self, kinds: frozenset[str]) -> OptionFact | None:
        """The option here for one of the kinds."""
        for option in self.options:
            if not kinds or not option.kind or option.kind in kinds:
                return option
        return None

    def add(self, option: OptionFact) -> None:
        """Put an option into the tree whose root this is."""
        at = self
        at.kinds.add(option.kind)
        for part in option.loc:
            key = ANY if part.startswith("<") and part.endswith(">") else part
            below = at.children.get(key)
            if below is None:
                below = OptionNode()
                at.children[key] = below
            below.kinds.add(option.kind)
            at = below
        at.options.append(option)


class OptionIndex:
    """What is computed from one state of the facts, once."""

    def __init__(self, facts: ProjectFacts) -> None:
        self.facts = facts
        self.root = OptionNode()
        self.kinds: dict[str, set[str]] = {}
        """File → the kinds of the configurations it is a module of."""
        self.modules: set[str] = set()
        self.chosen: dict[tuple[str, ...], set[str]] = {}
        """Path of an option before a `<name>` → the names that somebody chose there."""
        for option in facts.options.values():
            self.root.add(option)
            if ANY in option.name or "<" in option.name:
                self._add_chosen(option)
        self.used = OptionNode()
        """The paths that the project defines and nobody is known to declare."""
        for path, definitions in facts.definitions.items():
            self._add_used(split_name(path), definitions)
        for name, files in facts.configurations.items():
            kind = facts.kinds.get(name, "")
            for file in files:
                self.kinds.setdefault(file, set()).add(kind)
                self.modules.add(file)
        self.modules.update(found.imported for found in facts.imports)

    def _add_used(self, path: list[str], definitions: list[DefinitionFact]) -> None:
        kinds = {
            self.facts.kinds.get(name, "") for each in definitions for name in each.configurations
        }
        at = self.used
        at.kinds.update(kinds)
        for part in path:
            below = at.children.get(part)
            if below is None:
                below = OptionNode()
                at.children[part] = below
            below.kinds.update(kinds)
            at = below

    def _add_chosen(self, option: OptionFact) -> None:
        for definition in option.definitions:
            parts = split_name(definition.path)
            for index, part in enumerate(option.loc):
                if index < len(parts) and part.startswith("<"):
                    self.chosen.setdefault(tuple(parts[:index]), set()).add(parts[index])


_indexes: list[OptionIndex] = []


def index_of(facts: ProjectFacts) -> OptionIndex:
    """The index of these facts; the last few are kept."""
    for index in _indexes:
        if index.facts is facts:
            return index
    index = OptionIndex(facts)
    _indexes.append(index)
    del _indexes[:-4]
    return index


_listed: dict[int, OptionNode] = {}


def listed_root(options: OptionList) -> OptionNode:
    """The tree of a list of options; the last few are kept."""
    root = _listed.get(options.digest)
    if root is None:
        root = OptionNode()
        for option in options.options.values():
            root.add(option)
        _listed[options.digest] = root
        while len(_listed) > 6:
            del _listed[next(iter(_listed))]
    return root


def roots_of(facts: ProjectFacts) -> list[OptionNode]:
    """The trees of options: that of the project, then those from elsewhere."""
    return [index_of(facts).root, *(listed_root(each) for each in facts.lists.values())]


def below(
    facts: ProjectFacts, path: list[str | None], kinds: frozenset[str]
) -> tuple[list[OptionNode], frozenset[str]]:
    """Where a path leads to, and for which kinds of configurations.

    None in the path is a name that is not known. Exact names come first. The options of users in
    home-manager are those of the kind `homeManager`.
    """
    roots = roots_of(facts)
    if len(path) >= 3 and tuple(path[:2]) == HOME_MANAGER:
        if not any(node.children for node in along(roots, path[:3])):
            return below(facts, path[3:], frozenset((HOME_KIND,)))
    return along(roots, path), kinds


def along(at: list[OptionNode], path: list[str | None]) -> list[OptionNode]:
    """Where a path leads to from some nodes; exact names come first."""
    for name in path:
        found: list[OptionNode] = []
        for node in at:
            exact = node.children.get(name) if name is not None else None
            if exact is not None:
                found.append(exact)
        for node in at:
            free = node.children.get(ELEMENT if name == ELEMENT else ANY)
            if free is not None and free not in found:
                found.append(free)
        at = found
    return at


def find_option(
    facts: ProjectFacts, path: list[str | None], kinds: frozenset[str]
) -> OptionFact | None:
    """The option that a path is; None when there is none, or none for one of the kinds."""
    nodes, kinds = below(facts, path, kinds)
    for node in nodes:
        option = node.option(kinds)
        if option is not None:
            return option
    return None


def enclosing_option(
    facts: ProjectFacts, path: list[str | None], kinds: frozenset[str]
) -> tuple[OptionFact, int] | None:
    """The option that a path is, or is inside the value of, and how many names lead to it."""
    for length in range(len(path), 0, -1):
        option = find_option(facts, path[:length], kinds)
        if option is not None:
            return option, length
    return None


def kinds_of(facts: ProjectFacts, path: str) -> frozenset[str]:
    """For which kinds of configurations a file is a module; empty when that is not known."""
    kinds = index_of(facts).kinds.get(path, set())
    return frozenset() if "" in kinds else frozenset(kinds)


class OptionPlace:
    """Where in a module a place is.

    `path` are the names that lead there (None where a name is computed), `side` is `config` or
    `options`.
    """

    def __init__(self, path: list[str | None], side: str, whole: bool) -> None:
        self.path = path
        self.side = side
        self.whole = whole
        """Whether the module is written in the long form, with `config` or `options`."""
        self.top: ExprAttrs | None = None
        """The set that the module is."""


def option_place(
    document: Document, path: list[Node], facts: ProjectFacts | None
) -> OptionPlace | None:
    """Where in a module the last node of a path stands, seen from the root of the file.

    The names of the binding that the path ends in count as far as the path goes into them.
    None when the place is not inside the options of a module.
    """
    names: list[str | None] = []
    top: ExprAttrs | None = None
    inside = is_module(document, facts)
    text = document.text
    in_list = ""
    for index, node in enumerate(path):
        after = path[index + 1] if index + 1 < len(path) else None
        if isinstance(node, (Root, ExprParen, ExprWith, ExprAssert, AttrPath)):
            if isinstance(node, (ExprWith, ExprAssert)) and after is not node.body:
                return None if after is not None else _place(names, top, inside, text)
            continue
        if isinstance(node, ExprLet):
            if after is not None and after is not node.body:
                inside = False
            continue
        if isinstance(node, ExprLambda):
            if after is not None and after is not node.body:
                return None
            if in_list or (not inside and _is_exported(names, node, text)):
                inside, names, top = True, [], None
            in_list = ""
            continue
        if isinstance(node, ExprIf):
            if after is node.cond:
                return None
            continue
        if isinstance(node, ExprBinOp):
            if node.op != UPDATE:
                return None
            continue
        if isinstance(node, ExprAttrs):
            if in_list:
                inside, names, top = True, [], None
                in_list = ""
            if top is None and not names:
                top = node
            continue
        if isinstance(node, Binding):
            if after is node.value or after is None:
                names.extend(static_name(name, text) for name in node.path.names())
            elif after is node.path:
                names.extend(_part_of_path(node.path, path[index + 1 :], text))
                return _place(names, top, inside, text)
            continue
        if isinstance(node, ExprCall):
            called = _called(node.fn, text)
            if after is None or after is node.fn:
                return _place(names, top, inside, text) if after is None else None
            if called in WRAPPERS:
                if after is not node.args[-1]:
                    return None
                continue
            if not inside:
                continue
            return None
        if isinstance(node, ExprList):
            last = next((name for name in reversed(names) if name is not None), "")
            before = path[index - 1]
            if isinstance(before, ExprCall) and _called(before.fn, text) == "mkMerge":
                continue
            if last in MODULE_LISTS:
                in_list = last
            else:
                names.append(ELEMENT)
            continue
        if isinstance(node, Inherit):
            return _place(names, top, inside, text)
        if isinstance(node, (ExprVar, AttrName)):
            break
        if after is not None:
            return None
    return _place(names, top, inside, text)


def _place(
    names: list[str | None], top: ExprAttrs | None, inside: bool, text: str
) -> OptionPlace | None:
    if not inside or top is None:
        return None
    keys = {static_name(bind.path.first, text) for bind in top.binds if isinstance(bind, Binding)}
    whole = IN_CONFIG in keys or IN_OPTIONS in keys
    side = IN_CONFIG
    if names and names[0] == IN_OPTIONS:
        side, names = IN_OPTIONS, names[1:]
    elif names and names[0] == IN_CONFIG:
        names = names[1:]
    elif (names and whole) or (
        names and names[0] in ("imports", "disabledModules", "_file", "key", "_class")
    ):
        return None
    out = OptionPlace(names, side, whole)
    out.top = top
    return out


def _part_of_path(path: AttrPath, rest: list[Node], text: str) -> list[str | None]:
    """The names of a path up to the one that the rest of the way goes through."""
    out: list[str | None] = []
    for name in path.names():
        out.append(static_name(name, text))
        if any(node is name for node in rest):
            break
    return out


def _called(fn: Node, text: str) -> str:
    if isinstance(fn, ExprSelect):
        return static_name(fn.path.names()[-1], text) or ""
    return text[fn.start : fn.end] if isinstance(fn, ExprVar) else ""


def _is_exported(names: list[str | None], node: ExprLambda, text: str) -> bool:
    """Whether a function is bound as a module of a flake: `nixosModules.x = { … }: …`."""
    if len(names) >= 2 and names[-2] in MODULE_SETS:
        return True
    if names and names[-1] in MODULE_SETS:
        return False
    return bool(names) and names[-1] == "module" and is_module_header(node, text)


def is_module(document: Document, facts: ProjectFacts | None) -> bool:
    """Whether a file is a module, by its looks or because the project imports it as one."""
    known: bool | None = document.memo.get("module")
    if known is None:
        known = kind_of_file(document.tree, document.path) == FILE_MODULE
        document.memo["module"] = known
    if known or facts is None:
        return known
    return document.path in index_of(facts).modules


def config_path(known: Known | None) -> tuple[str, ...] | None:
    """The options that a part of `config` or `options` is about.

    None for other values, and for the `config` of a submodule: that is about its own options.
    """
    if not isinstance(known, Named) or known.kind not in (IN_CONFIG, IN_OPTIONS):
        return None
    document, function = known.document, known.node
    if document is None or not isinstance(function, ExprLambda):
        return None
    return known.path if is_module_function(document, function) else None


def is_module_function(document: Document, function: ExprLambda) -> bool:
    """Whether a function is the module that its file is, or one in a list of modules."""
    node = strip(document.tree.root.expr)
    while isinstance(node, ExprLambda):
        if node is function:
            return True
        node = strip(node.body)
    if function.arg.formals is None:
        return False
    path = path_to(document, function.start)
    index = next((i for i, each in enumerate(path) if each is function), -1)
    if index < 0:
        return False
    inside: list[Node] = [*path[: index + 1]]
    node = function
    while isinstance(node, (ExprLambda, ExprLet, ExprWith, ExprAssert, ExprParen)):
        node = node.expr if isinstance(node, ExprParen) else node.body
        inside.append(node)
    if not isinstance(node, ExprAttrs):
        return False
    where = option_place(document, inside, None)
    return where is not None and where.top is node and not where.path


def written_below(document: Document, top: Known | None, path: list[str | None]) -> set[str]:
    """The names that are already set at a path of a module whose set is `top`."""
    resolver = Resolver()
    at: Any = top
    for name in path:
        if name is None or not isinstance(at, Attrs):
            return set()
        at = resolver.attribute(at, name)
        if isinstance(at, Function):
            return set()
    if not isinstance(at, Attrs):
        return set()
    return {member.name for member in at.members()}
