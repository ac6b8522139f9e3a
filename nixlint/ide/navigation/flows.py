"""Where a set or a function goes: every place that can look into it.

To rename an attribute, or a formal, all its users must be known. `Tracker` follows the value
through names, sets, functions, `import` and `callPackage`, and notes every place where it loses
sight of it. What it does not know counts as such a place.
"""

from __future__ import annotations

import os
from typing import Final

from nixlint.ide.knowledge.views import View, nodes_around
from nixlint.ide.navigation.index import CALLED, MODULE, NAMED
from nixlint.ide.navigation.targets import Finder
from nixlint.semantic.model import REF_INHERIT, REF_VAR, Definition
from nixlint.syntax.nodes import (
    UPDATE,
    AttrName,
    Binding,
    ExprAssert,
    ExprAttrs,
    ExprBinOp,
    ExprCall,
    ExprIf,
    ExprLambda,
    ExprLegacyLet,
    ExprLet,
    ExprOpHasAttr,
    ExprParen,
    ExprPath,
    ExprSelect,
    ExprVar,
    ExprWith,
    Inherit,
    Node,
    Root,
)

CALL: Final = "()"
"""In a path to the tracked value: a function has to be called here. No attribute is called so,
for a `(` cannot stand in a name without quotes, and those are refused."""
MAX_STEPS: Final = 20_000
LONGEST: Final = 16
"""Components of a path to the value."""

Path = tuple[str, ...]


class Loss:
    """A place where the value goes out of sight, and why, for people."""

    def __init__(self, view: View, node: Node, reason: str) -> None:
        self.view = view
        self.node = node
        self.reason = reason


class Call:
    """A call of the tracked function with `argument`; `fills` says that `callPackage` does it and
    adds what is missing."""

    def __init__(self, view: View, node: ExprCall, argument: Node | None, fills: bool) -> None:
        self.view = view
        self.node = node
        self.argument = argument
        self.fills = fills


class Tracker:
    """Follows a value. `names` are the attributes that matter: the old and the new name."""

    def __init__(self, finder: Finder, names: tuple[str, ...]) -> None:
        self.finder = finder
        self.names = names
        self.projections: list[tuple[View, AttrName]] = []
        """The components of paths, and names of `inherit (…)`, that select from the value."""
        self.variables: list[tuple[View, ExprVar]] = []
        """Names that a `with` supplies from the value."""
        self.calls: list[Call] = []
        self.losses: list[Loss] = []
        self._todo: list[tuple[View, Node, Path]] = []
        self._seen: set[tuple[int, Path]] = set()
        self._views: list[View] = []

    def follow(self, view: View, node: Node, path: Path = ()) -> None:
        """Follows the value that is at `path` in the value of an expression."""
        self._push(view, node, path)
        steps = 0
        while self._todo:
            steps += 1
            at_view, at, at_path = self._todo.pop()
            if steps > MAX_STEPS:
                self._lose(at_view, at, "there are too many uses")
                return
            self._step(at_view, at, at_path)

    def follow_binding(self, view: View, bind: Binding, index: int) -> None:
        """Follows the set that component `index` of a binding's path is in."""
        names = view.names(bind.path.names()[:index])
        if names is None:
            self._lose(view, bind, "a name is computed here")
            return
        container = view.parent(bind)
        if isinstance(container, (ExprLet, ExprLegacyLet)):
            if names:
                self._variable(view, container, names[0], tuple(names[1:]))
        elif container is not None:
            if isinstance(container, ExprAttrs) and container.recursive and names:
                self._variable(view, container, names[0], tuple(names[1:]))
            self._push(view, container, tuple(names))
        self._run()

    def follow_definition(self, view: View, definition: Definition, path: Path = ()) -> None:
        """Follows what a variable holds."""
        self._references(view, definition, path)
        self._run()

    def _run(self) -> None:
        steps = 0
        while self._todo:
            steps += 1
            view, node, path = self._todo.pop()
            if steps > MAX_STEPS:
                self._lose(view, node, "there are too many uses")
                return
            self._step(view, node, path)

    def _push(self, view: View, node: Node, path: Path) -> None:
        key = (id(node), path)
        if len(path) > LONGEST:
            self._lose(view, node, "it is nested too deeply")
        elif key not in self._seen:
            self._seen.add(key)
            self._views.append(view)
            self._todo.append((view, node, path))

    def _lose(self, view: View, node: Node, reason: str) -> None:
        self.losses.append(Loss(view, node, reason))

    # One step outwards.

    def _step(self, view: View, node: Node, path: Path) -> None:
        around = view.parent(node)
        if around is None or isinstance(around, Root):
            self._file(view, node, path)
        elif isinstance(around, (ExprParen, ExprLet)) or _is_body(around, node):
            self._push(view, around, path)
        elif isinstance(around, ExprWith):
            if around.body is node:
                self._push(view, around, path)
            else:
                self._with(view, around, path)
        elif isinstance(around, ExprLambda):
            self._push(view, around, (CALL, *path))
        elif isinstance(around, Binding):
            self._binding(view, around, path)
        elif isinstance(around, (ExprSelect, ExprOpHasAttr)) and around.base is node:
            self._select(view, around, path)
        elif isinstance(around, Inherit):
            self._inherit_from(view, around, path)
        elif isinstance(around, ExprCall):
            self._call(view, around, node, path)
        elif isinstance(around, ExprBinOp) and around.op == UPDATE:
            self._update(view, around, node, path)
        elif isinstance(around, ExprIf) and around.cond is not node:
            self._lose(view, around, "an `if` decides whether it is this value")
        else:
            self._lose(view, node, "it is used as a whole")

    def _update(self, view: View, around: ExprBinOp, node: Node, path: Path) -> None:
        """`//`: the other side must be known not to have the names in question."""
        other = around.right if around.left is node else around.left
        value = self.finder.resolver.value(view, other)
        wanted = path[:1] if path else self.names
        if value is None or value.is_open:
            self._lose(view, around, "it is merged with a set that is not known")
            return
        for name in wanted:
            if value.member(name) is not None:
                self._lose(view, around, f"it is merged with another set that has `{name}`")
                return
        self._push(view, around, path)

    def _select(self, view: View, around: ExprSelect | ExprOpHasAttr, path: Path) -> None:
        attrs = around.path.names()
        for index, attr in enumerate(attrs):
            if index == len(path):
                if view.name(attr) is None:
                    self._lose(view, around, "an attribute is selected by a computed name")
                else:
                    self.projections.append((view, attr))
                return
            name = view.name(attr)
            if path[index] == CALL:
                self._lose(view, around, "an attribute of a function is selected")
                return
            if name is None:
                self._lose(view, around, "an attribute is selected by a computed name")
                return
            if name != path[index]:
                return
        if isinstance(around, ExprSelect):
            self._push(view, around, path[len(attrs) :])

    def _with(self, view: View, around: ExprWith, path: Path) -> None:
        scope = view.model.scope_for(around)
        for reference in view.model.references:
            if reference.kind not in (REF_VAR, REF_INHERIT) or reference.definition is not None:
                continue
            if not any(each is scope for each in reference.withs):
                continue
            wanted = path[:1] if path else self.names
            if reference.name not in wanted:
                continue
            if reference.kind == REF_INHERIT or not isinstance(reference.node, ExprVar):
                self._lose(view, reference.node, "an `inherit` takes it from a `with`")
            elif len(reference.withs) > 1:
                self._lose(view, reference.node, "another `with` may supply the name")
            elif path:
                self._push(view, reference.node, path[1:])
            else:
                self.variables.append((view, reference.node))

    def _inherit_from(self, view: View, around: Inherit, path: Path) -> None:
        for attr in around.names:
            name = view.name(attr)
            if name is None:
                self._lose(view, around, "an attribute is selected by a computed name")
            elif not path:
                self.projections.append((view, attr))
            elif name == path[0]:
                self._named(view, around, attr, name, path[1:])

    def _named(self, view: View, owner: Node, attr: AttrName, name: str, path: Path) -> None:
        """`name` of a `let` or a set holds the value at `path`."""
        container = view.parent(owner)
        if isinstance(container, (ExprLet, ExprLegacyLet)):
            self._variable(view, container, name, path)
        elif isinstance(container, ExprAttrs):
            if container.recursive:
                self._variable(view, container, name, path)
            if not self._into_function(view, container, name, path):
                self._push(view, container, (name, *path))

    def _binding(self, view: View, bind: Binding, path: Path) -> None:
        names = view.names(bind.path.names())
        if names is None:
            self._lose(view, bind, "it gets a computed name")
            return
        self._named(view, bind, bind.path.first, names[0], (*names[1:], *path))

    def _variable(self, view: View, container: Node, name: str, path: Path) -> None:
        scope = view.model.scope_for(container)
        found = scope.names.get(name) if scope is not None else None
        if found is not None:
            self._references(view, found, path)

    def _references(self, view: View, definition: Definition, path: Path) -> None:
        for reference in definition.references:
            if reference.kind == REF_VAR:
                self._push(view, reference.node, path)
            elif reference.kind == REF_INHERIT and isinstance(reference.node, AttrName):
                owner = view.parent(reference.node)
                if isinstance(owner, Inherit):
                    self._named(view, owner, reference.node, reference.name, path)

    # Functions.

    def _into_function(self, view: View, literal: ExprAttrs, name: str, path: Path) -> bool:
        """Follows an attribute of a literal argument to the formal of that name."""
        found = self.finder.called_with(view, literal)
        for other, function in found:
            scope = other.model.scope_for(function)
            definition = scope.names.get(name) if scope is not None else None
            formals = function.arg.formals
            if formals is None or function.arg.name is not None or definition is None:
                return False
            self._references(other, definition, path)
            return True
        return False

    def _call(self, view: View, around: ExprCall, node: Node, path: Path) -> None:
        if around.fn is node:
            self._called(view, around, list(around.args), path, False)
            return
        for other, function in self.finder.called_with(view, node):
            arg = function.arg
            scope = other.model.scope_for(function)
            if scope is None:
                continue
            if arg.formals is None and arg.name is not None:
                definition = scope.names.get(other.slice(arg.name))
                if definition is not None:
                    self._references(other, definition, path)
                    return
            elif arg.name is None and path and path[0] in scope.names:
                self._references(other, scope.names[path[0]], path[1:])
                return
        self._lose(view, node, "it is handed to a function as a whole")

    def _called(
        self, view: View, call: ExprCall, args: list[Node], path: Path, fills: bool
    ) -> None:
        """The value at `path` of a function that is called with `args`."""
        for index, arg in enumerate(args):
            if not path:
                self.calls.append(Call(view, call, arg, fills and index == 0))
                return
            if path[0] != CALL:
                self._lose(view, call, "a set is called as a function")
                return
            path = path[1:]
        self._push(view, call, path)

    # Files.

    def _file(self, view: View, node: Node, path: Path) -> None:
        """The value is what a file is: everybody who reads the file has it."""
        workspace = self.finder.workspace
        name = os.path.basename(view.path)
        if not workspace.contains(view.path):
            self._lose(view, node, "others may read this file")
            return
        top = os.path.dirname(view.path) == workspace.root
        if name == "flake.nix" or (top and name in ("default.nix", "shell.nix", "release.nix")):
            self._lose(view, node, f"`{name}` is used from outside of the project")
            return
        importers = workspace.importers(view.path)
        if not importers:
            self._lose(view, node, "nobody in the project reads this file by its path")
            return
        known_as = os.path.basename(os.path.dirname(view.path)) if name == "default.nix" else name
        for summary in workspace.summaries():
            if known_as in summary.mentions:
                other = workspace.view(summary.path)
                if other is not None:
                    self._lose(other, other.root, f"a text names `{known_as}`")
                return
            for _, _, folder in summary.prefixes:
                if view.path.startswith(folder.rstrip(os.sep) + os.sep):
                    other = workspace.view(summary.path)
                    if other is not None:
                        self._lose(other, other.root, "a path to the file may be computed")
                    return
        for where, use in importers:
            other = workspace.view(where)
            if other is None:
                continue
            if use.how == NAMED or use.how == MODULE:
                why = "the module system reads it" if use.how == MODULE else "its path is used"
                self._lose(other, nodes_around(other, use.start)[-1], why)
                continue
            self._read(other, use.start, path, use.how == CALLED)

    def _read(self, view: View, start: int, path: Path, fills: bool) -> None:
        literal: Node | None = None
        for node in nodes_around(view, start):
            if isinstance(node, ExprPath):
                literal = node
        at = literal
        while at is not None and not isinstance(at, ExprCall):
            at = view.parent(at)
        if at is None or literal is None:
            return
        if len(at.args) == 1:
            self._push(view, at, path)
        else:
            self._called(view, at, at.args[1:], path, fills)


def _is_body(around: Node, node: Node) -> bool:
    return isinstance(around, ExprAssert) and around.body is node
