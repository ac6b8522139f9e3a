"""Renaming an input of the flake: where it is declared, followed, taken, and used; and in the lock.

Every use has to be written out. Where names of inputs are computed, or all inputs are handed to
somebody who may look for one by its name, the answer is a reason.
"""

from __future__ import annotations

import os
import re
from typing import Final

from nixlint.diagnostics.model import Edit
from nixlint.ide.knowledge.known import Function, path_of
from nixlint.ide.knowledge.known import Resolver as Meaning
from nixlint.ide.knowledge.nodes_at import path_to
from nixlint.ide.knowledge.reading import document_of
from nixlint.ide.knowledge.views import View
from nixlint.ide.model import Change, RefusedError
from nixlint.ide.navigation.references import uses_of
from nixlint.ide.navigation.rewriting import Rewrite, change_of, finished, shown
from nixlint.ide.navigation.targets import Finder
from nixlint.project.flake.file import FlakeFile, read_flake_file
from nixlint.project.lock.flake_lock import read_lock
from nixlint.project.tree.walk import LOCK
from nixlint.semantic.model import REF_INHERIT
from nixlint.semantic.shapes import called_name, strip
from nixlint.syntax.ids import FIRST_TRIVIA, T_IND_STR, T_STR
from nixlint.syntax.nodes import (
    AttrName,
    AttrPath,
    Binding,
    ExprAttrs,
    ExprCall,
    ExprOpHasAttr,
    ExprParen,
    ExprPath,
    ExprSelect,
    ExprString,
    ExprVar,
    Inherit,
    Node,
)
from nixlint.syntax.strings import quote_name, quote_string
from nixlint.text.span import Span

INPUTS: Final = "inputs"
BY_SYSTEM: Final = "inputs'"
"""What flake-parts calls the outputs of all inputs for one system."""
NIXPKGS: Final = "nixpkgs"
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
_ARGUMENTS: Final = frozenset(("specialArgs", "extraSpecialArgs", "args"))
"""Where modules get arguments by their names."""
_FLAKE_PARTS: Final = "mkFlake"


def rename_input(finder: Finder, root: str, old: str, new: str) -> Change:
    """The edits that give an input of the flake in the directory `root` another name, in
    flake.nix, in the lock and wherever it is used. Raises `RefusedError`."""
    return _InputRenaming(finder, root, old, new).run()


class _InputRenaming:
    def __init__(self, finder: Finder, root: str, old: str, new: str) -> None:
        self.finder = finder
        self.workspace = finder.workspace
        self.root = root
        self.old = old
        self.new = new
        self.rewrites: dict[str, Rewrite] = {}
        self.done: set[tuple[str, int]] = set()
        """The names that are renamed: file and offset."""

    def run(self) -> Change:
        """The edits. Raises `RefusedError`."""
        path = os.path.join(self.root, "flake.nix")
        view = self.workspace.view(path)
        if view is None:
            raise RefusedError("There is no flake.nix that could be read.")
        flake = read_flake_file(view.document.tree, path)
        self._check(flake)
        whole = self._name_of_all(flake, view)
        for place in uses_of(self.finder, self.finder.of_input(self.root, self.old), view):
            other = self.workspace.view(place.path)
            if other is not None:
                self._use(other, place.start, place.end)
        self._formal(flake, view)
        for summary in self.workspace.summaries():
            if not self._belongs(summary.path):
                continue
            other = self.workspace.view(summary.path)
            if other is not None and ({INPUTS, BY_SYSTEM} & set(summary.names) or other is view):
                self._look_around(other, {INPUTS, whole} if other is view else {INPUTS})
        out = change_of(finished(self.workspace, self.rewrites, self.old, self.new))
        self._lock(out)
        return out

    def _belongs(self, path: str) -> bool:
        """Whether a file is part of this flake, and not of another one inside of its directory."""
        folder = os.path.dirname(path)
        while folder.startswith(self.root + "/"):
            if self.workspace.view(os.path.join(folder, "flake.nix")) is not None:
                return False
            folder = os.path.dirname(folder)
        return folder == self.root

    def _check(self, flake: FlakeFile) -> None:
        declared = flake.inputs.get(self.old)
        if self.old == "self":
            raise RefusedError("`self` is the flake itself.")
        if declared is None or declared.implicit:
            raise RefusedError(f"`{self.old}` is not declared in flake.nix: Nix looks it up.")
        if not flake.complete or declared.computed:
            raise RefusedError("What the inputs are is computed in flake.nix.")
        if not _NAME.match(self.new):
            raise RefusedError(f"`{self.new}` is no name that an input can have.")
        if self.new in flake.inputs or self.new == "self":
            raise RefusedError(f"There is an input `{self.new}` already.")
        if flake.outputs_lambda is None:
            raise RefusedError("The arguments of `outputs` are not written in flake.nix.")

    def _name_of_all(self, flake: FlakeFile, view: View) -> str:
        """What `outputs` calls the set of its arguments."""
        function = flake.outputs_lambda
        name = function.arg.name if function is not None else None
        return view.slice(name) if name is not None else INPUTS

    def _rewrite(self, view: View) -> Rewrite:
        found = self.rewrites.get(view.path)
        if found is None:
            found = Rewrite(view)
            self.rewrites[view.path] = found
        return found

    def _replace(self, view: View, node: Node, text: str) -> None:
        self.done.add((view.path, int(node.start)))
        self._rewrite(view).replace(node, text)

    def _use(self, view: View, start: int, end: int) -> None:
        """A place that means the input."""
        path = path_to(view.document, start)
        index = next(
            (i for i, each in enumerate(path) if each.start == start and each.end == end), None
        )
        node = path[index] if index is not None else None
        if isinstance(node, ExprString):
            rest = view.text[start + 1 : end - 1].partition("/")
            self._replace(view, node, quote_string(self.new + rest[1] + rest[2]))
            return
        attr = next((each for each in reversed(path) if isinstance(each, AttrName)), None)
        if attr is None or attr.start != start or attr.end != end:
            # A variable: that of the formal, or of something else that keeps its name.
            return
        owner = view.parent(attr)
        if isinstance(owner, Inherit):
            if owner.source is not None:
                self.done.add((view.path, start))
                self._rewrite(view).expand(owner, attr, self.old, self.new)
        elif isinstance(owner, AttrPath):
            around = view.parent(owner)
            if isinstance(around, Binding) and not self._is_declaration(view, attr):
                return
            self._replace(view, attr, quote_name(self.new))

    def _is_declaration(self, view: View, attr: AttrName) -> bool:
        """Whether a name is bound as an input in flake.nix: `inputs.x`, or `x` in `inputs`."""
        if view.path != os.path.join(self.root, "flake.nix"):
            return False
        names: list[str] = []
        for node in path_to(view.document, attr.start):
            if isinstance(node, Binding):
                for each in node.path.names():
                    names.append(view.name(each) or "")
                    if each is attr:
                        return names == [INPUTS, self.old]
        return False

    def _formal(self, flake: FlakeFile, view: View) -> None:
        """The formal of `outputs`, and its uses."""
        function = flake.outputs_lambda
        formals = function.arg.formals if function is not None else None
        if function is None or formals is None:
            return
        names = {view.slice(formal.name) for formal in formals.items}
        scope = view.model.scope_for(function)
        found = scope.names.get(self.old) if scope is not None else None
        if self.old not in names or found is None:
            return
        if self.new in names:
            raise RefusedError(f"`outputs` has an argument `{self.new}` already.")
        for node in found.nodes():
            self._replace(view, node, self.new)
        for reference in found.references:
            node = reference.node
            owner = view.parent(node)
            if reference.kind == REF_INHERIT and isinstance(node, AttrName):
                if isinstance(owner, Inherit):
                    self.done.add((view.path, int(node.start)))
                    self._rewrite(view).expand(owner, node, self.old, self.new)
            else:
                self._replace(view, node, self.new)

    # What is not understood.

    def _look_around(self, view: View, names: set[str]) -> None:
        """Refuses where the set of all inputs goes out of sight, or a use was not found."""
        for node in view.nodes():
            if isinstance(node, ExprVar) and view.slice(node) in names | {BY_SYSTEM}:
                self._flow(view, node)
            elif isinstance(node, ExprSelect) and node.path.names()[-1].end == node.path.end:
                last = view.name(node.path.names()[-1])
                if last == INPUTS and view.slice(node.base) == "self":
                    self._flow(view, node)
            elif isinstance(node, Inherit) and node.source is None:
                for attr in node.names:
                    if view.name(attr) in names:
                        self._given(view, node)
        known = "|".join(re.escape(name) for name in names | {BY_SYSTEM})
        chosen = rf"(?:{known})\s*\.\s*\"?({re.escape(self.old)})(?![\w'-])"
        for found in re.finditer(rf"(?<![\w.'-])(?:self\s*\.\s*)?{chosen}", view.text):
            start = found.start(1)
            at = start - 1 if view.text[start - 1] == '"' else start
            tokens = view.document.tree.tokens
            kind = tokens.kind(tokens.index_at(found.start()))
            if kind >= FIRST_TRIVIA or kind in (T_STR, T_IND_STR):
                continue
            if not _is_selected(view, at):
                continue
            if (view.path, at) not in self.done and (view.path, start) not in self.done:
                self._refuse(view, start, f"it is not certain that this is `{self.old}`")

    def _refuse(self, view: View, offset: int, reason: str) -> None:
        raise RefusedError(
            f"`{self.old}` may be used where it cannot be seen: {reason} "
            f"({shown(self.workspace, view, offset)})."
        )

    def _flow(self, view: View, node: Node) -> None:
        """One use of the set of all inputs."""
        above = view.parent(node)
        while isinstance(above, ExprParen):
            node, above = above, view.parent(above)
        if isinstance(above, (ExprSelect, ExprOpHasAttr)) and above.base is node:
            first = above.path.names()[0]
            name = view.name(first)
            if name is None:
                self._refuse(view, node.start, "the name of an input is computed")
            if name == self.old and view.slice(node) == BY_SYSTEM:
                self._replace(view, first, quote_name(self.new))
            return
        if isinstance(above, Inherit):
            # `inherit (inputs) x;`
            return
        if isinstance(above, Binding) and above.value is node:
            if view.name(above.path.names()[-1]) == INPUTS:
                self._given(view, above)
            else:
                self._refuse(view, node.start, "all inputs get another name")
            return
        if isinstance(above, ExprCall):
            if called_name(above, view.text) == "attrValues":
                return
        self._refuse(view, node.start, "all inputs are used at once")

    def _given(self, view: View, bind: Node) -> None:
        """`inherit inputs;`, or `inputs = …;`, in a set: who gets the set?"""
        around = view.parent(bind)
        above = view.parent(around) if around is not None else None
        while isinstance(above, ExprParen):
            around, above = above, view.parent(above)
        if not isinstance(around, (ExprAttrs, ExprParen)) or not isinstance(above, ExprCall):
            return
        if called_name(above, view.text) == _FLAKE_PARTS:
            if NIXPKGS in (self.old, self.new):
                self._refuse(view, bind.start, "flake-parts takes `pkgs` from `nixpkgs`")
            return
        if not self._is_ours(view, above):
            self._refuse(view, bind.start, f"`{view.slice(above.fn)}` gets all inputs")

    def _is_ours(self, view: View, call: ExprCall) -> bool:
        """Whether a function that is called is one of the project, whose uses are seen."""
        fn = strip(call.fn)
        name = called_name(call, view.text)
        if name == "import" or name.startswith("callPackage"):
            first = strip(call.args[0])
            path = path_of(view.document, first) if isinstance(first, ExprPath) else None
        else:
            known = Meaning().value(view.document, fn)
            if not isinstance(known, Function) or known.document is None:
                return False
            path = known.document.path
        return path is not None and path.startswith(self.root + "/")

    # The lock.

    def _lock(self, out: Change) -> None:
        """The name in flake.lock: of the input itself, and where other inputs follow it."""
        path = os.path.join(self.root, LOCK)
        document = document_of(path)
        if document is None:
            return
        lock = read_lock(document.text, path)
        node = lock.root_node
        if not lock.usable or node is None:
            raise RefusedError("flake.lock cannot be read.")
        if self.new in node.inputs:
            raise RefusedError(f"flake.lock has an input `{self.new}` already.")
        quoted = f'"{self.new}"'
        if self.old in node.inputs:
            span = node.inputs[self.old].name_span
            out.add(path, Edit(span, quoted))
        for each in lock.nodes.values():
            for one in each.inputs.values():
                if one.follows and one.follows[0] == self.old:
                    start = document.text.find(f'"{self.old}"', one.span.start, one.span.end)
                    if start >= 0:
                        end = start + len(self.old) + 2
                        out.add(path, Edit(Span(start, end), quoted))


def _is_selected(view: View, offset: int) -> bool:
    """Whether the name at an offset is chosen from a set, and not bound in one."""
    for node in reversed(path_to(view.document, offset)):
        if isinstance(node, AttrPath):
            return isinstance(view.parent(node), (ExprSelect, ExprOpHasAttr))
    return False
