"""What the word at a place means: the names, attributes, options, files and inputs behind it.

A *target* is something that is bound somewhere. A word may mean two: `inherit x;` uses a variable
and makes an attribute. Offsets are code points.
"""

from __future__ import annotations

import os
from typing import Final

from nixlint.ide.facts import text_hash
from nixlint.ide.knowledge.known import is_flake_outputs
from nixlint.ide.knowledge.values import (
    WILD,
    ConfigValue,
    FunctionValue,
    InputValue,
    Member,
    Piece,
    SetValue,
    Value,
    pieces_of,
    pieces_of_definition,
    root_functions,
)
from nixlint.ide.knowledge.views import View, file_at, nodes_around
from nixlint.ide.model import Place
from nixlint.ide.navigation.index import EMBEDDED, Occurrence, is_sum
from nixlint.ide.navigation.workspace import Workspace, fits
from nixlint.project.flake.file import read_flake_file
from nixlint.semantic.model import (
    DEF_BUILTIN,
    DEF_FORMAL,
    DEF_INHERIT,
    DEF_INHERIT_FROM,
    FILE_FLAKE,
    Definition,
    Reference,
)
from nixlint.syntax.nodes import (
    AttrName,
    AttrPath,
    Binding,
    ExprAttrs,
    ExprCall,
    ExprLambda,
    ExprLegacyLet,
    ExprLet,
    ExprOpHasAttr,
    ExprParen,
    ExprPath,
    ExprSelect,
    ExprString,
    ExprUri,
    ExprVar,
    Inherit,
    Interpolation,
    Name,
    Node,
)

LOCAL: Final = "local"
ATTRIBUTE: Final = "attribute"
OPTION: Final = "option"
FILE: Final = "file"
INPUT: Final = "input"
ARGUMENT: Final = "argument"

Key = tuple[str, str, int | tuple[str, ...]]


class Target:
    """Something with a name.

    `places` are its binders, `wholes` all of what belongs to each. `keys` tell targets apart: two
    with a common key are the same.
    """

    def __init__(self, kind: str, name: str) -> None:
        self.kind = kind
        self.name = name
        self.places: list[Place] = []
        self.wholes: list[Place] = []
        self.keys: set[Key] = set()
        self.view: View | None = None
        self.definition: Definition | None = None
        """For names in a file."""
        self.member: Member | None = None
        """For attributes."""
        self.option: tuple[str, ...] = ()
        """For options: the path, with `WILD` as it is declared."""
        self.kinds: frozenset[str] | None = None
        """For options: the kinds of configurations they are asked about for, if known."""
        self.path = ""
        """For files, and the root of the flake for inputs."""

    def add(self, place: Place, whole: Place) -> None:
        self.places.append(place)
        self.wholes.append(whole)
        self.keys.add(("at", place.path, place.start))


class Word:
    """A name in a file, or a path, and what it means."""

    def __init__(self, view: View, node: Node, chain: list[Node], targets: list[Target]) -> None:
        self.view = view
        self.node = node
        self.chain = chain
        self.targets = targets
        self.start = int(node.start)
        self.end = int(node.end)


class Finder:
    """Answers what words mean; good for one question."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        workspace.refresh()
        self.resolver = workspace.resolver()
        self._options: dict[str, dict[int, tuple[Occurrence, int, str]]] = {}

    def word(self, view: View, offset: int) -> Word | None:
        """The word at an offset; None where there is no name."""
        chain = nodes_around(view, offset)
        for index in range(len(chain) - 1, 0, -1):
            node = chain[index]
            if isinstance(node, AttrName) and view.name(node) is not None:
                return self.of_node(view, node, chain[: index + 1])
            if isinstance(node, (ExprVar, Name, ExprPath)):
                return self.of_node(view, node, chain[: index + 1])
            if isinstance(node, (ExprString, ExprUri)):
                above = chain[index - 1]
                if isinstance(above, (AttrName, Interpolation)):
                    continue
                return self.of_node(view, node, chain[: index + 1])
            if not isinstance(node, Interpolation):
                return None
        return None

    def of_node(self, view: View, node: Node, chain: list[Node] | None = None) -> Word | None:
        """As `word`, for a node; `chain` leads to it from the root."""
        if chain is None:
            chain = [node]
            at = view.parent(node)
            while at is not None:
                chain.append(at)
                at = view.parent(at)
            chain.reverse()
        targets: list[Target] = []
        if isinstance(node, ExprVar):
            targets = self._variable(view, node)
        elif isinstance(node, Name):
            targets = self._binder(view, node, chain)
        elif isinstance(node, AttrName):
            targets = self._attribute(view, node, chain)
        elif isinstance(node, ExprPath):
            targets = self._path(view, node)
        elif isinstance(node, (ExprString, ExprUri)):
            targets = self._string(view, node)
            if not targets:
                return None
        return Word(view, node, chain, targets)

    # Names.

    def _variable(self, view: View, node: Node) -> list[Target]:
        reference = view.model.reference_at(node.start)
        if reference is None:
            return []
        option = self._option(view, node)
        if option is not None and reference.definition is None:
            return [option]
        return self.of_reference(view, reference)

    def of_reference(self, view: View, reference: Reference) -> list[Target]:
        """What a variable means."""
        definition = reference.definition
        if definition is None:
            found = self.resolver.through_with(view, reference)
            return self._of_member(found, reference.name)
        if definition.kind == DEF_BUILTIN:
            return []
        return [self.of_definition(view, definition)]

    def of_definition(self, view: View, definition: Definition) -> Target:
        """The target that a definition in a file is."""
        out = Target(LOCAL, definition.name)
        out.view = view
        out.definition = definition
        for node, owner in zip(definition.nodes(), definition.owners(), strict=True):
            out.add(view.place(node), view.place(owner))
        function = definition.scope.node
        if definition.kind == DEF_FORMAL and isinstance(function, ExprLambda):
            if is_flake_outputs(view.document, function):
                out.keys.add(("input", view.folder, (definition.name,)))
        return out

    def _binder(self, view: View, node: Name, chain: list[Node]) -> list[Target]:
        for around in reversed(chain):
            if isinstance(around, ExprLambda):
                scope = view.model.scope_for(around)
                found = scope.names.get(view.slice(node)) if scope is not None else None
                return [self.of_definition(view, found)] if found is not None else []
        return []

    # Attributes.

    def _attribute(self, view: View, node: AttrName, chain: list[Node]) -> list[Target]:
        around = chain[-2] if len(chain) > 1 else None
        if isinstance(around, Inherit):
            return self._inherited(view, node, around, chain)
        if not isinstance(around, AttrPath):
            return []
        owner = chain[-3]
        option = self._option(view, node)
        if isinstance(owner, Binding):
            if option is None:
                return self._key(view, node, owner, chain)
            if self._is_plain_value(view):
                return [option, *self._key(view, node, owner, chain)]
            return [option, *self._variable_of(view, node, chain)]
        if option is not None:
            return [option]
        if isinstance(owner, (ExprSelect, ExprOpHasAttr)):
            attrs = owner.path.names()
            index = next(i for i, each in enumerate(attrs) if each is node)
            base = self.resolver.value(view, owner.base)
            steps = self.resolver.along(view, base, attrs[: index + 1])
            return self._of_member(steps[-1], view.name(node) or "")
        return []

    def _is_plain_value(self, view: View) -> bool:
        """Whether somebody imports a file, module or not, as the set that is written there."""
        return bool(self.workspace.value_imports(view.path)) and not root_functions(view)

    def _variable_of(self, view: View, node: AttrName, chain: list[Node]) -> list[Target]:
        """The variable that a key of a recursive set binds."""
        container = chain[-4] if len(chain) > 3 else None
        scope = view.model.scope_for(container) if container is not None else None
        found = scope.names.get(view.name(node) or "") if scope is not None else None
        if found is None or not any(each is node for each in found.nodes()):
            return []
        return [self.of_definition(view, found)]

    def _of_member(self, found: Member | Value | None, name: str) -> list[Target]:
        if isinstance(found, Member):
            return [self.of_member(found)]
        if isinstance(found, InputValue) and found.name != "self":
            return [self.of_input(found.root, found.name)]
        if isinstance(found, ConfigValue) and found.path:
            return [self.of_option(found.path, "")]
        return []

    def of_member(self, member: Member) -> Target:
        """The target that an attribute of a set is."""
        out = Target(ATTRIBUTE, member.name)
        out.member = member
        out.view = member.pieces[0].view
        for piece in member.pieces:
            attr = piece.names[0]
            owner = _owner(piece.view, attr)
            out.add(piece.view.place(attr), piece.view.place(owner))
        return out

    def _inherited(
        self, view: View, node: AttrName, owner: Inherit, chain: list[Node]
    ) -> list[Target]:
        """What `inherit` takes from outside, and what it makes."""
        name = view.name(node)
        if name is None:
            return []
        out: list[Target] = []
        option = self._option(view, node)
        if option is not None:
            out.append(option)
        elif owner.source is None:
            reference = view.model.reference_at(node.start)
            if reference is not None:
                out += self.of_reference(view, reference)
        else:
            source = self.resolver.value(view, owner.source)
            out += self._of_member(self.resolver.member(source, name), name)
        argument = self.given_argument(view, node)
        if argument is not None:
            out.append(argument)
        container = chain[-3] if len(chain) > 2 else None
        if isinstance(container, (ExprLet, ExprLegacyLet)) or (
            isinstance(container, ExprAttrs) and container.recursive
        ):
            scope = view.model.scope_for(container)
            found = scope.names.get(name) if scope is not None else None
            if found is not None and any(each is node for each in found.nodes()):
                out.append(self.of_definition(view, found))
        elif isinstance(container, ExprAttrs):
            out += self._argument(view, container, name)
            out += self._member_of_key(view, [node], 0, container)
        return out

    def _key(self, view: View, node: AttrName, owner: Binding, chain: list[Node]) -> list[Target]:
        """What the key of a binding binds."""
        attrs = owner.path.names()
        index = next(i for i, each in enumerate(attrs) if each is node)
        container = chain[-4] if len(chain) > 3 else None
        name = view.name(node)
        if container is None or name is None:
            return []
        out: list[Target] = []
        if index == 0 and isinstance(container, ExprAttrs):
            out += self._argument(view, container, name)
        argument = self.given_argument(view, node)
        if argument is not None:
            out.append(argument)
        flake_input = self._declared_input(view, node)
        if flake_input is not None:
            out.append(flake_input)
        return out + self._member_of_key(view, attrs, index, container)

    def _member_of_key(
        self, view: View, attrs: list[AttrName], index: int, container: Node
    ) -> list[Target]:
        """The attribute (or name of a `let`) that a key is, with all its other pieces."""
        node = attrs[index]
        _, member, definition = self._holder(view, attrs, index, container)
        if definition is not None:
            return [self.of_definition(view, definition)]
        if isinstance(member, Member):
            if any(piece.names[0] is node for piece in member.pieces):
                return [self.of_member(member)]
        out = Target(ATTRIBUTE, view.name(node) or "")
        out.view = view
        out.member = Member(out.name, [_piece_of(view, attrs, index)])
        out.add(view.place(node), view.place(_owner(view, node)))
        return [out]

    def _holder(
        self, view: View, attrs: list[AttrName], index: int, container: Node
    ) -> tuple[Value | None, Member | Value | None, Definition | None]:
        """The set that a key is in, what it binds there, and the name of a `let` or a recursive
        set that it is."""
        node = attrs[index]
        path: list[AttrName] = list(attrs[: index + 1])
        while isinstance(container, ExprAttrs) and not container.recursive:
            around = _outside_parens(view, container)
            if not isinstance(around, Binding):
                break
            outer = view.parent(around)
            if outer is None:
                break
            path = [*around.path.names(), *path]
            container = outer
        first = view.name(path[0])
        member: Member | Value | None = None
        holder: Value | None = None
        if first is not None:
            if isinstance(container, ExprAttrs) and not container.recursive:
                holder = SetValue(pieces_of(view, container.binds))
                member = holder.member(first)
            else:
                scope = view.model.scope_for(container)
                found = scope.names.get(first) if scope is not None else None
                if found is not None:
                    if len(path) == 1 and any(each is node for each in found.nodes()):
                        return None, None, found
                    member = Member(first, pieces_of_definition(view, found))
        for attr in path[1:]:
            name = view.name(attr)
            holder = self.resolver.value_of(member)
            member = holder.member(name) if holder is not None and name is not None else None
        return holder, member, None

    def siblings(self, view: View, node: AttrName) -> Value | None:
        """The set that a key binds an attribute of; None when that is not known."""
        around = view.parent(node)
        if isinstance(around, Inherit):
            container = view.parent(around)
            return self._holder(view, [node], 0, container)[0] if container is not None else None
        owner = view.parent(around) if around is not None else None
        if not isinstance(owner, Binding):
            return None
        attrs = owner.path.names()
        index = next(i for i, each in enumerate(attrs) if each is node)
        container = view.parent(owner)
        return self._holder(view, attrs, index, container)[0] if container is not None else None

    def _argument(self, view: View, node: ExprAttrs, name: str) -> list[Target]:
        """The formal that an attribute of a literal argument is for."""
        for function_view, function in self.called_with(view, node):
            scope = function_view.model.scope_for(function)
            found = scope.names.get(name) if scope is not None else None
            if found is not None and found.kind == DEF_FORMAL:
                return [self.of_definition(function_view, found)]
        return []

    def called_with(self, view: View, node: Node) -> list[tuple[View, ExprLambda]]:
        """The function that is called with an expression as argument, if it is known."""
        at: Node = node
        around = view.parent(at)
        while isinstance(around, ExprParen):
            at = around
            around = view.parent(at)
        if not isinstance(around, ExprCall) or around.fn is at:
            return []
        index = next(i for i, each in enumerate(around.args) if each is at)
        loaded = self.resolver.loaded(view, around)
        if loaded is not None:
            path, given = loaded
            value = self.resolver.of_file(path)
            index -= given
        else:
            value = self.resolver.value(view, around.fn)
        while index > 0 and isinstance(value, FunctionValue):
            value = self.resolver.value(value.view, value.node.body)
            index -= 1
        if index == 0 and isinstance(value, FunctionValue):
            return [(value.view, value.node)]
        return []

    def given_argument(self, view: View, node: AttrName) -> Target | None:
        """The argument of modules that a key of `specialArgs` or `_module.args` gives."""
        facts = self.workspace.facts
        name = view.name(node)
        place = facts.argument_places.get(name) if facts is not None and name else None
        if name is None or place is None or place.path != view.path or not self.is_fresh(place):
            return None
        if not place.start <= node.start < place.end:
            return None
        return self.of_argument(name)

    def of_argument(self, name: str) -> Target | None:
        """The target that an argument of modules is, if it is known where it is given."""
        facts = self.workspace.facts
        place = facts.argument_places.get(name) if facts is not None else None
        if place is None or not self.is_fresh(place):
            return None
        out = Target(ARGUMENT, name)
        out.add(place, place)
        out.keys.add(("argument", "", (name,)))
        return out

    def is_fresh(self, place: Place) -> bool:
        """Whether the text of a file is the one that a place of the facts is about."""
        facts = self.workspace.facts
        view = self.workspace.view(place.path)
        if facts is None or view is None:
            return False
        known = facts.hashes.get(place.path)
        return known is None or known == text_hash(view.text)

    # Options.

    def _option(self, view: View, node: Node) -> Target | None:
        """The option that a word names."""
        table = self._options.get(view.path)
        if table is None:
            table = self._option_table(view)
            self._options[view.path] = table
        found = table.get(int(node.start))
        if found is None:
            return None
        one, length, what = found
        path = one.path[:length]
        if what == "used" and one.kind.startswith("with ") and not self.is_declared(path):
            return None
        return self.of_option(path, view.path, one.kind)

    def _option_table(self, view: View) -> dict[int, tuple[Occurrence, int, str]]:
        out: dict[int, tuple[Occurrence, int, str]] = {}
        summary = self.workspace.summary(view.path)
        if summary is None:
            return out
        rows = [("used", summary.used), ("declared", summary.declared), ("text", summary.texts)]
        if summary.defined and self.workspace.is_module(summary):
            rows.insert(0, ("defined", summary.defined))
        for what, found in rows:
            for one in found:
                before = len(one.path) - len(one.spans)
                for index, (start, _) in enumerate(one.spans):
                    path = one.path[: before + index + 1]
                    if one.kind == EMBEDDED and start in out and not self.is_declared(path):
                        continue
                    out[start] = (one, len(path), what)
        self._add_known_declarations(view, out)
        return out

    def _add_known_declarations(
        self, view: View, out: dict[int, tuple[Occurrence, int, str]]
    ) -> None:
        """Options that only evaluation finds, as those of a submodule that a variable holds."""
        facts = self.workspace.facts
        if facts is None:
            return
        for option in facts.options.values():
            for place in option.declarations:
                if place.path == view.path and self.is_fresh(place):
                    dot = view.text.rfind(".", place.start, place.end)
                    start = max(place.start, dot + 1)
                    loc = location(option.loc)
                    if loc and view.text[start : place.end].strip('"') == loc[-1]:
                        one = Occurrence(loc, [(start, place.end)], "option")
                        out.setdefault(start, (one, len(loc), "declared"))

    def is_declared(self, path: tuple[str, ...]) -> bool:
        """Whether the project, or an input it knows the options of, declares an option or
        options below a path."""
        if self.workspace.declarations(path):
            return True
        facts = self.workspace.facts
        if facts is None:
            return False
        locs = (location(option.loc) for option in facts.options.values())
        return any(len(loc) >= len(path) and fits(path, loc) for loc in locs)

    def of_option(self, path: tuple[str, ...], origin: str, kind: str = "") -> Target:
        """The target that a path of options is, seen from the file `origin`, or from an
        occurrence of that kind in it."""
        declared = self.workspace.declarations(path)
        canonical = path
        exact = [one for _, one in declared if one.path[: len(path)] == path]
        if declared and not exact:
            canonical = declared[0][1].path[: len(path)]
        out = Target(OPTION, canonical[-1])
        out.option = canonical
        out.keys.add(("option", "", canonical))
        kinds = self.workspace.kinds_of(origin, kind) if origin else None
        out.kinds = kinds
        for file, one in declared:
            if one.path[: len(path)] != canonical:
                continue
            span = one.span_of(len(path))
            if span is None or not self.related(kinds, file):
                continue
            place = Place(file, *span)
            if place not in out.places:
                out.places.append(place)
                out.wholes.append(place)
        if not out.places:
            self._declared_elsewhere(out)
        return out

    def _declared_elsewhere(self, out: Target) -> None:
        facts = self.workspace.facts
        if facts is None:
            return
        for option in facts.options.values():
            loc = location(option.loc)
            if len(loc) == len(out.option) and fits(out.option, loc):
                for place in option.declarations:
                    if not self.is_fresh(place) or not self.related(out.kinds, place.path):
                        continue
                    whole = Place(place.path, place.start, place.end)
                    if whole not in out.places:
                        out.places.append(whole)
                        out.wholes.append(whole)

    def related(self, kinds: frozenset[str] | None, file: str, kind: str = "") -> bool:
        """Whether a file, or an occurrence of that kind in it, may be about the same
        configurations as one of those kinds."""
        others = self.workspace.kinds_of(file, kind)
        if kinds is None or others is None:
            return True
        return bool(kinds & others) or "" in kinds or "" in others

    # Files and inputs.

    def _path(self, view: View, node: ExprPath) -> list[Target]:
        path = self.resolver.path_of(view, _sum_around(view, node))
        if path is None:
            path = view.target(node)
        if path is None:
            return []
        found = file_at(path)
        if found is None:
            return []
        return [self.of_path(found)]

    def of_path(self, path: str) -> Target:
        """The target that a file is."""
        out = Target(FILE, os.path.basename(path))
        out.path = path
        out.keys.add(("file", path, 0))
        out.places.append(Place(path, 0, 0))
        out.wholes.append(Place(path, 0, 0))
        return out

    def _declared_input(self, view: View, node: AttrName) -> Target | None:
        """The input that a key in flake.nix declares."""
        if view.model.file_kind != FILE_FLAKE or os.path.basename(view.path) != "flake.nix":
            return None
        flake = read_flake_file(view.document.tree, view.path)
        for name, found in flake.inputs.items():
            if found.implicit or view.name(node) != name:
                continue
            if found.name_span.start == node.start:
                return self.of_input(view.folder, name)
            for bind in found.bindings:
                if isinstance(bind, Binding):
                    if any(attr is node for attr in bind.path.names()[:2]):
                        return self.of_input(view.folder, name)
        return None

    def of_input(self, root: str, name: str) -> Target:
        """The target that an input of the flake in a directory is."""
        out = Target(INPUT, name)
        out.path = root
        out.keys.add(("input", root, (name,)))
        path = os.path.join(root, "flake.nix")
        view = self.workspace.view(path)
        if view is None:
            return out
        flake = read_flake_file(view.document.tree, path)
        found = flake.inputs.get(name)
        if found is None:
            return out
        span = found.name_span
        out.places.append(Place(path, span.start, span.end))
        out.wholes.append(Place(path, found.span.start, found.span.end))
        return out

    def _string(self, view: View, node: Node) -> list[Target]:
        """`follows = "a/b"` leads to the input `a`, the `url` of an input to its flake.nix."""
        option = self._option(view, node)
        if option is not None:
            return [option]
        if os.path.basename(view.path) != "flake.nix" or not flake_may_hold(view, node):
            return []
        flake = read_flake_file(view.document.tree, view.path)
        todo = list(flake.inputs.values())
        while todo:
            found = todo.pop()
            todo.extend(found.inputs.values())
            span = found.follows_span
            if span is not None and span.start <= node.start and node.end <= span.end:
                first = (found.follows or "").split("/")[0]
                return [self.of_input(view.folder, first)] if first else []
            span = found.url_span
            if span is not None and span.start <= node.start and node.end <= span.end:
                path = flake_of_input(self.workspace, view.folder, found.name, found.url or "")
                return [self.of_path(path)] if path is not None else []
        return []

    # Following.

    def finals(self, target: Target) -> list[Target]:
        """Where a target comes from in the end: `inherit` is looked through."""
        seen: set[Key] = set()
        while not seen & target.keys:
            seen |= target.keys
            outer = self._outer(target)
            if outer is None:
                break
            target = outer
        return [target]

    def _outer(self, target: Target) -> Target | None:
        view = target.view
        if view is None:
            return None
        definition = target.definition
        if definition is not None:
            if definition.kind == DEF_INHERIT:
                reference = view.model.reference_at(definition.node.start)
                found = self.of_reference(view, reference) if reference is not None else []
                return found[0] if found else None
            if definition.kind == DEF_INHERIT_FROM and isinstance(definition.owner, Inherit):
                return self._from(view, definition.owner, definition.name)
            return None
        member = target.member
        if member is None or len(member.pieces) != 1:
            return None
        piece = member.pieces[0]
        if piece.inherit is None:
            return None
        if piece.inherit.source is not None:
            return self._from(piece.view, piece.inherit, member.name)
        reference = piece.view.model.reference_at(piece.names[0].start)
        found = self.of_reference(piece.view, reference) if reference is not None else []
        return found[0] if found else None

    def _from(self, view: View, inherit: Inherit, name: str) -> Target | None:
        assert inherit.source is not None
        for attr in inherit.names:
            if view.name(attr) == name:
                option = self._option(view, attr)
                if option is not None:
                    return option
        source = self.resolver.value(view, inherit.source)
        found = self._of_member(self.resolver.member(source, name), name)
        return found[0] if found else None


def _piece_of(view: View, attrs: list[AttrName], index: int) -> Piece:
    owner = _owner(view, attrs[index])
    if isinstance(owner, Inherit):
        return Piece(view, [attrs[index]], None, owner)
    return Piece(view, attrs[index:], owner.value if isinstance(owner, Binding) else None)


def flake_of_input(workspace: Workspace, folder: str, name: str, url: str) -> str | None:
    """The flake.nix of an input of the flake in a directory, if it is on this machine."""
    facts = workspace.facts
    found = ""
    relative = url.startswith("path:") and not url.startswith("path:/")
    if relative or url.startswith(("./", "../")):
        found = os.path.normpath(os.path.join(folder, url.removeprefix("path:")))
    elif facts is not None and name in facts.inputs:
        found = facts.inputs[name].source
    path = os.path.join(found, "flake.nix") if found else ""
    return path if path and os.path.isfile(path) else None


def location(loc: list[str]) -> tuple[str, ...]:
    """The path of an option of the facts, with `WILD` for what users choose."""
    return tuple(WILD if name == WILD or name.startswith("<") else name for name in loc)


def flake_may_hold(view: View, node: Node) -> bool:
    """Whether a string in flake.nix stands under `inputs`."""
    at = view.parent(node)
    while at is not None:
        if isinstance(at, ExprLambda):
            return False
        if isinstance(at, Binding) and view.name(at.path.first) == "inputs":
            return True
        at = view.parent(at)
    return False


def _owner(view: View, attr: AttrName) -> Node:
    """The Binding or Inherit that a key stands in."""
    at = view.parent(attr)
    if isinstance(at, AttrPath):
        at = view.parent(at)
    return at if at is not None else attr


def _outside_parens(view: View, node: Node) -> Node | None:
    at = view.parent(node)
    while isinstance(at, ExprParen):
        at = view.parent(at)
    return at


def _sum_around(view: View, node: Node) -> Node:
    """`./a + "/b"`, for the path in it."""
    around = _outside_parens(view, node)
    return around if around is not None and is_sum(view, node) else node
