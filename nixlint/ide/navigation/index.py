"""What one file has to say to the rest of its project, as plain data.

A summary is made of the text of a file alone, so it can be made anywhere, be pickled, and be kept
for as long as the text stays the same. What needs several files is put together in
`workspace.py`. Offsets are code points, paths are absolute.
"""

from __future__ import annotations

import os
import re
from typing import Final

from nixlint.ide.document import Document
from nixlint.ide.knowledge.values import (
    CALL_PACKAGE,
    MODULE_LISTS,
    WILD,
    ConfigValue,
    Resolver,
    is_import,
    pieces_of,
    root_functions,
)
from nixlint.ide.knowledge.views import View
from nixlint.semantic.model import FILE_FLAKE, FILE_MODULE, FILE_OVERLAY, FILE_PACKAGE, SCOPE_WITH
from nixlint.semantic.shapes import called_name, is_module_body, name_of, strip
from nixlint.syntax.nodes import (
    CONCAT,
    PLUS,
    UPDATE,
    AttrName,
    AttrPath,
    Binding,
    ExprAttrs,
    ExprBinOp,
    ExprCall,
    ExprIf,
    ExprLambda,
    ExprList,
    ExprOpHasAttr,
    ExprParen,
    ExprPath,
    ExprSelect,
    ExprString,
    ExprVar,
    ExprWith,
    Inherit,
    Name,
    Node,
    unparen,
)
from nixlint.syntax.strings import constant_text

IMPORTED: Final = "import"
CALLED: Final = "callPackage"
MODULE: Final = "module"
NAMED: Final = "path"
"""How a path is used: `import p`, `callPackage p`, in a list of modules, or otherwise."""

NOT_OPTIONS: Final = frozenset(
    ("imports", "options", "config", "meta", "disabledModules", "freeformType", "_file", "key",
     "_class", "require")
)  # fmt: skip
_TYPE_OF_MANY: Final = frozenset(
    ("attrsOf", "lazyAttrsOf", "listOf", "nonEmptyListOf", "attrsWith")
)
_TYPE_AROUND: Final = frozenset(("nullOr", "uniq", "unique", "coercedTo", "either", "oneOf"))
_LAST_ARGUMENT: Final = frozenset(
    ("mkIf", "mkDefault", "mkForce", "mkOverride", "mkOptionDefault", "mkImageMediaOverride",
     "mkVMOverride", "mkBefore", "mkAfter", "mkOrder", "optionalAttrs", "mkAssert")
)  # fmt: skip
_PATH_FUNCTIONS: Final = frozenset(
    ("getAttrFromPath", "attrByPath", "hasAttrByPath", "setAttrByPath", "mkRenamedOptionModule",
     "mkAliasOptionModule", "mkRemovedOptionModule", "mkMergedOptionModule",
     "mkChangedOptionModule", "mkRenamedOptionModuleWith", "mkAliasOptionModuleMD")
)  # fmt: skip
MAX_NESTING: Final = 24
EMBEDDED: Final = "home"
"""The kind of an occurrence in `home-manager.users.NAME` of another configuration."""
HOME_USERS: Final = ("home-manager", "users")
_MENTION: Final = re.compile(r"/([\w.+-]+)|^([\w.+-]+\.nix)")
_LONGEST_TEXT: Final = 2000


class PathUse:
    """A path literal. `target` is where it leads; `how` is one of the words above."""

    __slots__ = ("end", "how", "start", "target")

    def __init__(self, start: int, end: int, target: str, how: str) -> None:
        self.start = start
        self.end = end
        self.target = target
        self.how = how


class Occurrence:
    """A path of options that stands somewhere.

    `spans` are those of its last components; what came before stands elsewhere (`cfg.a` has one
    span, and is perhaps `services.x.a`).
    """

    __slots__ = ("kind", "path", "spans")

    def __init__(
        self, path: tuple[str, ...], spans: list[tuple[int, int]], kind: str = "config"
    ) -> None:
        self.path = path
        self.spans = spans
        self.kind = kind

    def span_of(self, length: int) -> tuple[int, int] | None:
        """Where the component number `length` of the path stands; None if not here."""
        index = length - 1 - (len(self.path) - len(self.spans))
        return self.spans[index] if 0 <= index < len(self.spans) else None


class Hole:
    """A use of everything below a path of options that nobody can follow: `config.a.${x}`, or
    `config.a` handed to a function."""

    __slots__ = ("end", "path", "start")

    def __init__(self, path: tuple[str, ...], start: int, end: int) -> None:
        self.path = path
        self.start = start
        self.end = end


class Entry:
    """A name worth finding: an attribute of the set that a file is, or an option."""

    __slots__ = ("container", "end", "kind", "name", "start")

    def __init__(self, name: str, kind: str, start: int, end: int, container: str) -> None:
        self.name = name
        self.kind = kind
        self.start = start
        self.end = end
        self.container = container


class FileSummary:
    """Everything `summarize` finds."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.kind = 0
        """One of the `FILE_…` of `semantic/model.py`."""
        self.is_module = False
        """Whether it looks like a module; `defined` counts only for modules."""
        self.is_explicit = False
        """Whether it has `imports`, `options` or `config`, as only modules do."""
        self.names: frozenset[str] = frozenset()
        """Every name that stands in it, of variables and attributes."""
        self.paths: list[PathUse] = []
        self.prefixes: list[tuple[int, int, str]] = []
        """Where paths with something computed in them begin: start, end, and the directory."""
        self.mentions: set[str] = set()
        """Names of files and directories that stand in texts with a `/`, or end in `.nix`."""
        self.declared: list[Occurrence] = []
        """Options, by their whole path."""
        self.defined: list[Occurrence] = []
        self.used: list[Occurrence] = []
        self.texts: list[Occurrence] = []
        """Lists of strings that are paths of options, as `mkRenamedOptionModule` has them."""
        self.holes: list[Hole] = []
        self.entries: list[Entry] = []
        self.formals: list[str] = []
        """The arguments of the function that the file is."""
        self._table: dict[tuple[int, str], list[tuple[str, Occurrence]]] | None = None

    def at(self, length: int, name: str) -> list[tuple[str, Occurrence]]:
        """The paths of options whose component number `length` stands here and is `name`.

        Each with what it does: `declared`, `defined` (if the file is a module), `used`, `text`.
        """
        table = self._table
        if table is None:
            table = {}
            for what, found in (
                ("declared", self.declared),
                ("defined", self.defined),
                ("used", self.used),
                ("text", self.texts),
            ):
                for one in found:
                    size = len(one.path)
                    for index in range(size - len(one.spans), size):
                        table.setdefault((index + 1, one.path[index]), []).append((what, one))
            self._table = table
        return table.get((length, name), [])


def summarize(document: Document) -> FileSummary:
    """The summary of a file; never fails, whatever state the text is in."""
    return _Summarizer(View(document)).run()


class _Summarizer:
    def __init__(self, view: View) -> None:
        self.view = view
        self.text = view.text
        self.resolver = Resolver()
        self.out = FileSummary(view.path)
        self.names: set[str] = set()
        self.nesting = 0

    def run(self) -> FileSummary:
        out = self.out
        model = self.view.model
        out.kind = model.file_kind
        out.is_module = out.kind == FILE_MODULE
        for function in root_functions(self.view):
            if function.arg.formals is not None:
                for formal in function.arg.formals.items:
                    out.formals.append(self.text[formal.name.start : formal.name.end])
        self._walk()
        if out.kind not in (FILE_FLAKE, FILE_PACKAGE, FILE_OVERLAY):
            self._module(self.view.root, ())
        self._embedded()
        self._entries()
        out.names = frozenset(self.names)
        out.paths.sort(key=_start)
        return out

    # The walk over everything.

    def _walk(self) -> None:
        has_config = "config" in self.text.casefold() or "options" in self.text
        for node in self.view.nodes():
            if isinstance(node, (ExprVar, Name)):
                self.names.add(self.text[node.start : node.end])
                if has_config and isinstance(node, ExprVar):
                    self._variable(node)
            elif isinstance(node, AttrName):
                name = self.view.name(node)
                if name is not None:
                    self.names.add(name)
            elif isinstance(node, ExprPath):
                self._path(node)
            elif has_config and isinstance(node, (ExprSelect, ExprOpHasAttr)):
                self._select(node)
            elif has_config and isinstance(node, Inherit):
                if node.source is None:
                    self._handed_on(node)
                else:
                    self._inherit(node)
            elif isinstance(node, ExprList):
                self._list(node)
            elif isinstance(node, ExprString) and node.end - node.start < _LONGEST_TEXT:
                text = self.text[node.start + 1 : node.end - 1]
                if "/" in text or text.endswith(".nix"):
                    for found in _MENTION.finditer(text):
                        self.out.mentions.add(found[1] or found[2])

    def _path(self, node: ExprPath) -> None:
        target = self.view.target(node)
        start, end = int(node.start), int(node.end)
        if target is None:
            head = self.text[node.start : node.parts[0].start] if node.parts else ""
            head = head[: head.rfind("/") + 1]
            if head and not head.startswith(("/", "~")):
                folder = os.path.normpath(os.path.join(self.view.folder, head))
                self.out.prefixes.append((start, start + len(head), folder))
            return
        self.out.paths.append(PathUse(start, end, target, self._how(node)))

    def _how(self, node: Node) -> str:
        """How a path is used."""
        view = self.view
        at: Node = node
        while True:
            around = view.parent(at)
            if around is None:
                return NAMED
            if isinstance(around, ExprCall):
                if around.args[0] is at:
                    name = name_of(unparen(around.fn), self.text)
                    if name == "import" and is_import(view, unparen(around.fn)):
                        outer = self._around_import(around)
                        return outer
                    if name in CALL_PACKAGE:
                        return CALLED
                return NAMED
            if isinstance(around, ExprList):
                return MODULE if self._is_module_list(around) else NAMED
            if not isinstance(around, ExprParen):
                return NAMED
            at = around

    def _around_import(self, call: ExprCall) -> str:
        """`imports = [ (import ./x.nix) ]` imports a module."""
        at: Node = call
        around = self.view.parent(at)
        while isinstance(around, ExprParen):
            at = around
            around = self.view.parent(at)
        if isinstance(around, ExprList) and self._is_module_list(around):
            return MODULE
        return IMPORTED

    def _is_module_list(self, node: ExprList) -> bool:
        at: Node | None = self.view.parent(node)
        while isinstance(at, (ExprParen, ExprIf, ExprCall)) or (
            isinstance(at, ExprBinOp) and at.op == CONCAT
        ):
            at = self.view.parent(at)
        if not isinstance(at, Binding):
            return False
        return self.view.name(at.path.names()[-1]) in MODULE_LISTS

    def _variable(self, node: ExprVar) -> None:
        """`config` or a part of it that is used as a whole, or below a `with`."""
        reference = self.view.model.reference_at(node.start)
        if reference is None:
            return
        if reference.definition is None:
            for scope in reference.withs:
                assert scope.kind == SCOPE_WITH
                if not isinstance(scope.node, ExprWith):
                    return
                value = self.resolver.value(self.view, scope.node.attrs)
                if isinstance(value, ConfigValue):
                    span = (int(node.start), int(node.end))
                    path = (*value.path, reference.name)
                    self.out.used.append(Occurrence(path, [span], "with " + value.kind))
            return
        value = self.resolver.of_definition(self.view, reference.definition)
        if isinstance(value, ConfigValue):
            self._whole(node, value)

    def _select(self, node: ExprSelect | ExprOpHasAttr) -> None:
        base = strip(node.base)
        steps = self.resolver.along(
            self.view, self.resolver.value(self.view, base), node.path.names()
        )
        spans: list[tuple[int, int]] = []
        last: ConfigValue | None = None
        attrs = node.path.names()
        for attr, step in zip(attrs, steps, strict=True):
            if isinstance(step, ConfigValue):
                last = step
                spans.append((int(attr.start), int(attr.end)))
        if last is not None:
            spans = spans[-len(last.path) :] if last.path else []
            if spans:
                self.out.used.append(Occurrence(last.path, spans, last.kind))
            if isinstance(steps[-1], ConfigValue):
                if isinstance(node, ExprSelect):
                    self._whole(node, last)
                return
            self.out.holes.append(Hole(last.path, int(node.start), int(node.end)))
            return
        value = self.resolver.value(self.view, base)
        if isinstance(value, ConfigValue):
            self.out.holes.append(Hole(value.path, int(node.start), int(node.end)))

    def _handed_on(self, node: Inherit) -> None:
        """`inherit config;` hands it on, and only the arguments of files keep their names."""
        container = self.view.parent(node)
        if not isinstance(container, ExprAttrs):
            return
        around = self.view.parent(container)
        if isinstance(around, ExprCall):
            fn = unparen(around.fn)
            name = name_of(fn, self.text)
            if name == "import" or name in CALL_PACKAGE:
                return
        for attr in node.names:
            reference = self.view.model.reference_at(attr.start)
            if reference is None or reference.definition is None:
                continue
            value = self.resolver.of_definition(self.view, reference.definition)
            if isinstance(value, ConfigValue):
                self.out.holes.append(Hole(value.path, int(attr.start), int(attr.end)))

    def _inherit(self, node: Inherit) -> None:
        assert node.source is not None
        value = self.resolver.value(self.view, node.source)
        if not isinstance(value, ConfigValue):
            return
        for attr in node.names:
            name = self.view.name(attr)
            if name is not None:
                span = (int(attr.start), int(attr.end))
                self.out.used.append(Occurrence((*value.path, name), [span], value.kind))

    def _whole(self, node: Node, value: ConfigValue) -> None:
        """Notes a part of the configuration that goes somewhere as a whole."""
        view = self.view
        at: Node = node
        around = view.parent(at)
        while isinstance(around, ExprParen):
            at = around
            around = view.parent(at)
        if isinstance(around, (ExprSelect, ExprOpHasAttr)) and around.base is at:
            return
        if isinstance(around, Inherit) and around.source is at:
            return
        if isinstance(around, ExprWith) and around.attrs is at:
            return
        if isinstance(around, Binding) and around.path.rest is None:
            # `let cfg = config.x; in`: its uses are looked at themselves.
            reference = view.model.scope_for(view.parent(around) or around)
            if reference is not None:
                return
        if isinstance(around, ExprCall) and around.fn is at:
            return
        self.out.holes.append(Hole(value.path, int(node.start), int(node.end)))

    def _list(self, node: ExprList) -> None:
        """`[ "a" "b" ]` as an argument of a function that takes paths of options."""
        around = self.view.parent(node)
        if not node.items or not isinstance(node.items[0], ExprString):
            return
        if isinstance(around, ExprCall):
            if called_name(around, self.text) not in _PATH_FUNCTIONS:
                return
        elif not isinstance(around, Binding):
            return
        path: list[str] = []
        spans: list[tuple[int, int]] = []
        for item in node.items:
            text = constant_text(item, self.text) if isinstance(item, ExprString) else None
            if text is None:
                return
            path.append(text)
            spans.append((int(item.start), int(item.end)))
        kind = "text" if isinstance(around, ExprCall) else "list"
        self.out.texts.append(Occurrence(tuple(path), spans, kind))

    # Modules.

    def _module(self, node: Node, prefix: tuple[str, ...]) -> None:
        """What a module declares and defines."""
        if self.nesting > MAX_NESTING:
            return
        self.nesting += 1
        for body in self._bodies(node):
            keys: set[str] = set()
            for bind in body.binds:
                if isinstance(bind, Binding):
                    keys.add(self.view.name(bind.path.first) or "")
                elif isinstance(bind, Inherit):
                    keys.update(self.view.name(attr) or "" for attr in bind.names)
            explicit = "config" in keys or "options" in keys
            if not prefix and (explicit or "imports" in keys):
                self.out.is_explicit = True
            for bind in body.binds:
                self._module_binding(bind, prefix, explicit)
        self.nesting -= 1

    def _module_binding(self, bind: Node, prefix: tuple[str, ...], explicit: bool) -> None:
        if isinstance(bind, Inherit):
            if not explicit:
                self._inherited(bind, prefix)
            return
        if not isinstance(bind, Binding):
            return
        names = bind.path.names()
        first = self.view.name(names[0])
        if first == "options":
            self._declare(names[1:], bind.value, prefix, 0)
        elif first == "config":
            self._define(names[1:], bind.value, prefix, [], 0)
        elif not explicit and first not in NOT_OPTIONS:
            self._define(names, bind.value, prefix, [], 0)
        elif first in MODULE_LISTS:
            self._inline_modules(bind.value, prefix)

    def _inline_modules(self, node: Node, prefix: tuple[str, ...]) -> None:
        todo = [node]
        while todo:
            at = strip(todo.pop())
            if isinstance(at, ExprBinOp) and at.op == CONCAT:
                todo += [at.right, at.left]
            elif isinstance(at, ExprList):
                for item in at.items:
                    if isinstance(strip(item), (ExprAttrs, ExprLambda)):
                        self._module(item, prefix)

    def _bodies(self, node: Node) -> list[ExprAttrs]:
        """The sets that a module is."""
        out: list[ExprAttrs] = []
        todo: list[Node] = [node]
        while todo and len(out) < 64:
            at = strip(todo.pop())
            if isinstance(at, ExprLambda):
                todo.append(at.body)
            elif isinstance(at, ExprAttrs):
                out.append(at)
            elif isinstance(at, ExprBinOp) and at.op == UPDATE:
                todo += [at.right, at.left]
            elif isinstance(at, ExprCall):
                name = called_name(at, self.text)
                if name in _LAST_ARGUMENT:
                    todo.append(at.args[-1])
                elif name == "mkMerge":
                    items = strip(at.args[-1])
                    if isinstance(items, ExprList):
                        todo.extend(reversed(items.items))
                elif name == "recursiveUpdate":
                    todo.extend(reversed(at.args))
            elif isinstance(at, ExprIf):
                todo += [at.else_, at.then_]
        return out

    def _define(
        self,
        attrs: list[AttrName],
        value: Node,
        path: tuple[str, ...],
        spans: list[tuple[int, int]],
        depth: int,
    ) -> None:
        """`attrs = value` in a module, below `path`."""
        if depth > MAX_NESTING:
            return
        for attr in attrs:
            name = self.view.name(attr)
            if name is None:
                if spans:
                    self.out.defined.append(Occurrence(path, spans))
                path = (*path, WILD)
                spans = []
                continue
            path = (*path, name)
            spans = [*spans, (int(attr.start), int(attr.end))]
        if spans:
            self.out.defined.append(Occurrence(path, spans))
        for body in self._bodies_of_value(value):
            for bind in body.binds:
                if isinstance(bind, Binding):
                    self._define(bind.path.names(), bind.value, path, [], depth + 1)
                elif isinstance(bind, Inherit):
                    self._inherited(bind, path)

    def _bodies_of_value(self, value: Node) -> list[ExprAttrs]:
        """The sets of definitions that a value is. A function is none, unless it looks like a
        module (`home-manager.users.me = { pkgs, ... }: { … }`)."""
        node = strip(value)
        if isinstance(node, ExprLambda):
            formals = node.arg.formals
            if formals is None or not formals.ellipsis or not is_module_body(node.body, self.text):
                return []
        return self._bodies(value)

    def _inherited(self, bind: Inherit, path: tuple[str, ...]) -> None:
        for attr in bind.names:
            name = self.view.name(attr)
            if name is not None:
                span = (int(attr.start), int(attr.end))
                self.out.defined.append(Occurrence((*path, name), [span]))

    def _declare(
        self, attrs: list[AttrName], value: Node, path: tuple[str, ...], depth: int
    ) -> None:
        """`options.attrs = value`, below `path`."""
        if depth > MAX_NESTING:
            return
        spans: list[tuple[int, int]] = []
        for attr in attrs:
            name = self.view.name(attr)
            if name is None:
                path = (*path, WILD)
                spans = []
                continue
            path = (*path, name)
            spans.append((int(attr.start), int(attr.end)))
        node = strip(value)
        bodies = [] if _makes_option(node) else self._bodies_of_value(value)
        kind = "set" if bodies else "option"
        if spans:
            self.out.declared.append(Occurrence(path, spans, kind))
        for body in bodies:
            for bind in body.binds:
                if isinstance(bind, Binding):
                    self._declare(bind.path.names(), bind.value, path, depth + 1)
                elif isinstance(bind, Inherit):
                    for attr in bind.names:
                        name = self.view.name(attr)
                        if name is not None:
                            span = (int(attr.start), int(attr.end))
                            found = Occurrence((*path, name), [span], "option")
                            self.out.declared.append(found)
        if isinstance(node, ExprCall) and called_name(node, self.text) == "mkOption":
            self._submodules(node, path, depth)

    def _submodules(self, call: ExprCall, path: tuple[str, ...], depth: int) -> None:
        """The options of a submodule that is the type of an option."""
        given = strip(call.args[0])
        if not isinstance(given, ExprAttrs):
            return
        for piece in pieces_of(self.view, given.binds):
            if self.view.name(piece.names[0]) == "type" and piece.node is not None:
                self._type(piece.node, path, depth)

    def _type(self, node: Node, path: tuple[str, ...], depth: int) -> None:
        if depth > MAX_NESTING:
            return
        node = strip(node)
        if not isinstance(node, ExprCall):
            return
        name = called_name(node, self.text)
        last = node.args[-1]
        if name in _TYPE_OF_MANY:
            self._type(last, (*path, WILD), depth + 1)
        elif name in _TYPE_AROUND:
            self._type(last, path, depth + 1)
        elif name == "submodule":
            self._module(last, path)

    def _embedded(self) -> None:
        """What is defined for users of home-manager is so for its configuration, too."""
        more: list[Occurrence] = []
        for one in self.out.defined:
            if len(one.path) > 3 and one.path[:2] == HOME_USERS:
                rest = one.path[3:]
                more.append(Occurrence(rest, one.spans[-len(rest) :], EMBEDDED))
        self.out.defined += more

    # Symbols.

    def _entries(self) -> None:
        out = self.out
        for one in out.declared:
            if one.kind == "option":
                start, end = one.spans[-1]
                out.entries.append(Entry(".".join(one.path), "option", start, end, "options"))
        if out.is_module:
            return
        node = strip(self.view.root)
        while isinstance(node, ExprLambda):
            node = strip(node.body)
        if isinstance(node, ExprAttrs):
            self._attributes(node, "", 3 if out.kind == FILE_FLAKE else 1)

    def _attributes(self, node: ExprAttrs, container: str, levels: int) -> None:
        for bind in node.binds:
            if isinstance(bind, Inherit):
                for attr in bind.names:
                    name = self.view.name(attr)
                    if name is not None:
                        self._entry(name, "attribute", attr, container)
            elif isinstance(bind, Binding):
                self._attribute(bind.path, bind.value, container, levels)

    def _attribute(self, path: AttrPath, value: Node, container: str, levels: int) -> None:
        attrs = path.names()
        names = self.view.names(attrs)
        if names is None:
            return
        inner = strip(value)
        full = ".".join(names)
        kind = "function" if isinstance(inner, ExprLambda) else "attribute"
        self._entry(full, kind, attrs[-1], container)
        while isinstance(inner, ExprLambda):
            inner = strip(inner.body)
        if isinstance(inner, ExprAttrs) and levels > 1:
            self._attributes(inner, f"{container}.{full}" if container else full, levels - 1)

    def _entry(self, name: str, kind: str, attr: AttrName, container: str) -> None:
        self.out.entries.append(Entry(name, kind, int(attr.start), int(attr.end), container))


def _makes_option(node: Node) -> bool:
    """Whether an expression in `options` calls something: `mkOption { … }`, perhaps with `// { … }`
    behind it."""
    node = strip(node)
    while isinstance(node, ExprBinOp) and node.op == UPDATE:
        node = strip(node.left)
    return isinstance(node, ExprCall)


def _start(use: PathUse) -> int:
    return use.start


def is_sum(view: View, node: Node) -> bool:
    """Whether a path is the beginning of a longer one: `./a + "/b"`."""
    around = view.parent(node)
    return isinstance(around, ExprBinOp) and around.op == PLUS and around.left is node
