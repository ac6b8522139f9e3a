"""The walk that finds all scopes, definitions and references of a file.

One pass over the tree in the order of the text, with an explicit stack. Names are looked up in
one table from name to its definitions in force, innermost last, so that a lookup costs the same
however deep it stands; entering a scope pushes its names there, and a marker on the stack takes
them out again when everything inside has been visited.

Sets that Nix merges (`a = rec { b = 1; }; a.c = b;`) need care, because there a `rec` decides
about code that stands outside its braces; they are put together first, in `merging.py`.
"""

from __future__ import annotations

import gc
from typing import Final

from nixlint.semantic.builtins import is_global
from nixlint.semantic.file_kind import kind_of_file
from nixlint.semantic.liveness import find_live
from nixlint.semantic.merging import MergedSet, find_merged
from nixlint.semantic.model import (
    DEF_ARG,
    DEF_AT,
    DEF_BUILTIN,
    DEF_FORMAL,
    DEF_INHERIT,
    DEF_INHERIT_FROM,
    DEF_LET,
    DEF_REC,
    REF_IMPLICIT,
    REF_INHERIT,
    REF_VAR,
    SCOPE_LAMBDA,
    SCOPE_LEGACY_LET,
    SCOPE_LET,
    SCOPE_REC,
    SCOPE_WITH,
    Definition,
    Reference,
    Region,
    Scope,
    SemanticModel,
    says_unused,
)
from nixlint.syntax.nodes import (
    ATTR_NAME,
    ATTR_PATH,
    BINDING,
    DIV,
    EXPR_ATTRS,
    EXPR_BIN_OP,
    EXPR_CALL,
    EXPR_LAMBDA,
    EXPR_LEGACY_LET,
    EXPR_LET,
    EXPR_PATH,
    EXPR_SELECT,
    EXPR_SPATH,
    EXPR_STRING,
    EXPR_UNARY_OP,
    EXPR_VAR,
    EXPR_WITH,
    GEQ,
    GT,
    INHERIT,
    LEQ,
    LT,
    MINUS,
    MUL,
    NEGATE,
    AttrName,
    AttrPath,
    Binding,
    ExprAttrs,
    ExprBinOp,
    ExprCall,
    ExprLambda,
    ExprLegacyLet,
    ExprLet,
    ExprSelect,
    ExprUnaryOp,
    ExprWith,
    Inherit,
    Interpolated,
    Node,
)
from nixlint.syntax.strings import static_name
from nixlint.syntax.tree import Tree

# Kinds of markers; tree nodes have smaller ones.
LEAVE_SCOPE: Final = 100
SET_REGION: Final = 101
ENTER_SCOPE: Final = 102
MERGED_SET: Final = 103

IMPLICIT_NAMES: Final = ("__sub", "__mul", "__div", "__lessThan", "__findFile", "__nixPath")


class ScopeMarker(Node):
    """On the stack: leave the current scope, or enter the given one."""

    def __init__(self, kind: int, scope: Scope) -> None:
        super().__init__(kind, 0, 0)
        self.scope = scope


class RegionMarker(Node):
    """On the stack: from here on everything belongs to that region."""

    def __init__(self, region: Region) -> None:
        super().__init__(SET_REGION, 0, 0)
        self.region = region


class MergedMarker(Node):
    """On the stack: a set put together from several places."""

    def __init__(self, merged: MergedSet) -> None:
        super().__init__(MERGED_SET, 0, 0)
        self.merged = merged


def build_model(tree: Tree, path: str) -> SemanticModel:
    """Resolves every name of the tree; `path` helps to tell the kind of file. Linear time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        model = Builder(tree).build()
        find_live(model)
        model.file_kind = kind_of_file(tree, path)
        return model
    finally:
        if collecting:
            gc.enable()


def start_of_reference(reference: Reference) -> int:
    return reference.node.start


def start_of_definition(definition: Definition) -> int:
    return -1 if definition.kind == DEF_BUILTIN else definition.node.start


def start_of_scope(scope: Scope) -> int:
    return scope.node.start


class Builder:
    """The state of the walk: what is in force where it stands."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.text = tree.text
        self.model = SemanticModel(tree)
        self.scope = self.model.file_scope
        self.region = self.model.root_region
        self.in_force: dict[str, list[Definition]] = {}
        self.stack: list[Node] = []
        self.references = self.model.references
        self.shuffled = False
        self.has_rec = "rec" in self.text
        self.implicit: set[str] = set()
        """Names used without being written that the file has bound so far."""

    def build(self) -> SemanticModel:
        stack = self.stack
        stack.append(self.tree.root.expr)
        while stack:
            node = stack.pop()
            kind = node.kind
            if kind == EXPR_VAR:
                self.refer(REF_VAR, self.text[node.start : node.end], node)
            elif kind == BINDING:
                assert isinstance(node, Binding)
                stack.append(node.value)
                self.push_computed_keys(node.path)
            elif kind == EXPR_CALL:
                assert isinstance(node, ExprCall)
                args = node.args
                index = len(args) - 1
                while index >= 0:
                    stack.append(args[index])
                    index -= 1
                stack.append(node.fn)
            elif kind == EXPR_SELECT:
                assert isinstance(node, ExprSelect)
                if node.default is not None:
                    stack.append(node.default)
                self.push_computed_keys(node.path)
                stack.append(node.base)
            elif kind == EXPR_PATH or kind == EXPR_STRING:
                assert isinstance(node, Interpolated)
                parts = node.parts
                if parts is not None:
                    index = len(parts) - 1
                    while index >= 0:
                        stack.append(parts[index])
                        index -= 1
            elif kind == ATTR_PATH:
                assert isinstance(node, AttrPath)
                self.push_computed_keys(node)
            elif kind == ATTR_NAME:
                assert isinstance(node, AttrName)
                if node.inner is not None:
                    stack.append(node.inner)
            elif kind == EXPR_ATTRS:
                assert isinstance(node, ExprAttrs)
                self.visit_attrs(node)
            elif kind == INHERIT:
                assert isinstance(node, Inherit)
                self.visit_inherit(node)
            elif kind == EXPR_LAMBDA:
                assert isinstance(node, ExprLambda)
                self.visit_lambda(node)
            elif kind == EXPR_LET:
                assert isinstance(node, ExprLet)
                self.visit_let(node)
            elif kind == EXPR_WITH:
                assert isinstance(node, ExprWith)
                scope = self.new_scope(SCOPE_WITH, node)
                stack.append(ScopeMarker(LEAVE_SCOPE, scope))
                stack.append(node.body)
                stack.append(ScopeMarker(ENTER_SCOPE, scope))
                stack.append(node.attrs)
            elif kind == LEAVE_SCOPE:
                assert isinstance(node, ScopeMarker)
                self.leave(node.scope)
            elif kind == ENTER_SCOPE:
                assert isinstance(node, ScopeMarker)
                self.enter(node.scope)
            elif kind == SET_REGION:
                assert isinstance(node, RegionMarker)
                self.region = node.region
            elif kind == EXPR_LEGACY_LET:
                assert isinstance(node, ExprLegacyLet)
                self.visit_bindings(SCOPE_LEGACY_LET, node, node.binds, None)
            elif kind == MERGED_SET:
                assert isinstance(node, MergedMarker)
                self.visit_merged(node.merged)
            else:
                if self.implicit:
                    self.refer_implicitly(node)
                children = node.children()
                index = len(children) - 1
                while index >= 0:
                    stack.append(children[index])
                    index -= 1
        self.settle()
        return self.model

    def settle(self) -> None:
        """Puts everything into the order of the text, and tells outer `with`s what they supply."""
        model = self.model
        for index in range(len(model.scopes) - 1, 0, -1):
            scope = model.scopes[index]
            if scope.kind == SCOPE_WITH and scope.outer_with is not None:
                scope.outer_with.supplies += scope.supplies
        if self.shuffled:
            model.references.sort(key=start_of_reference)
            for definition in model.definitions:
                definition.references.sort(key=start_of_reference)
        model.definitions.sort(key=start_of_definition)
        model.scopes.sort(key=start_of_scope)

    # --- references ----------------------------------------------------------------------------

    def refer(self, kind: int, name: str, node: Node) -> None:
        """Records a use of `name` as a variable here."""
        found = self.in_force.get(name)
        if found:
            self.record(kind, name, node, found[len(found) - 1])
        else:
            self.record(kind, name, node, None)

    def refer_outside(self, name: str, node: Node, inside: Scope) -> None:
        """Records `inherit name;` in a scope that does not itself count for it."""
        found = self.in_force.get(name)
        definition: Definition | None = None
        if found:
            index = len(found) - 1
            if found[index].scope is inside:
                index -= 1
            if index >= 0:
                definition = found[index]
        self.record(REF_INHERIT, name, node, definition)

    def record(self, kind: int, name: str, node: Node, definition: Definition | None) -> None:
        reference = Reference(kind, name, node, self.scope, self.region)
        if definition is None:
            definition = self.builtin(name)
        if definition is None:
            scope = self.scope
            supplier = scope if scope.kind == SCOPE_WITH else scope.outer_with
            if supplier is not None:
                # The `with`s further out are told at the end, in `settle`.
                supplier.supplies += 1
        else:
            reference.definition = definition
            definition.references.append(reference)
        self.region.references.append(reference)
        references = self.references
        if references and references[len(references) - 1].node.start > node.start:
            self.shuffled = True
        references.append(reference)

    def builtin(self, name: str) -> Definition | None:
        """The definition of a global, made when it is first used."""
        if not is_global(name):
            return None
        scope = self.model.file_scope
        found = scope.names.get(name)
        if found is None:
            root = self.tree.root
            found = Definition(DEF_BUILTIN, name, root, root, scope, self.model.root_region)
            scope.names[name] = found
            self.model.definitions.append(found)
        return found

    def refer_implicitly(self, node: Node) -> None:
        """Operators and `<path>` call functions by name, and the names can be rebound."""
        if node.kind == EXPR_BIN_OP:
            assert isinstance(node, ExprBinOp)
            op = node.op
            if op == MINUS:
                self.refer_if_bound("__sub", node)
            elif op == MUL:
                self.refer_if_bound("__mul", node)
            elif op == DIV:
                self.refer_if_bound("__div", node)
            elif op == LT or op == GT or op == LEQ or op == GEQ:
                self.refer_if_bound("__lessThan", node)
        elif node.kind == EXPR_UNARY_OP:
            assert isinstance(node, ExprUnaryOp)
            if node.op == NEGATE:
                self.refer_if_bound("__sub", node)
        elif node.kind == EXPR_SPATH:
            self.refer_if_bound("__findFile", node)
            self.refer_if_bound("__nixPath", node)

    def refer_if_bound(self, name: str, node: Node) -> None:
        if name in self.implicit and self.in_force.get(name):
            self.refer(REF_IMPLICIT, name, node)

    # --- scopes --------------------------------------------------------------------------------

    def new_scope(self, kind: int, node: Node) -> Scope:
        around = self.scope
        scope = Scope(kind, node, around, self.region)
        scope.outer_with = around if around.kind == SCOPE_WITH else around.outer_with
        self.model.scopes.append(scope)
        self.model.scope_of[node.start] = scope
        return scope

    def enter(self, scope: Scope) -> None:
        """Brings the names of a scope into force."""
        self.scope = scope
        in_force = self.in_force
        for name, definition in scope.names.items():
            found = in_force.get(name)
            if found is None:
                in_force[name] = [definition]
            else:
                found.append(definition)

    def leave(self, scope: Scope) -> None:
        assert scope.parent is not None
        self.scope = scope.parent
        in_force = self.in_force
        for name in scope.names:
            in_force[name].pop()

    def define(self, kind: int, name: str, node: Node, owner: Node, scope: Scope) -> Definition:
        """A definition in `scope`; a further binding of the same name joins the first."""
        known = scope.names.get(name)
        if known is not None:
            if known.others is None:
                known.others = []
            known.others.append((node, owner))
            return known
        definition = Definition(kind, name, node, owner, scope, self.region)
        scope.names[name] = definition
        if name.startswith("__") and name in IMPLICIT_NAMES:
            self.implicit.add(name)
        self.model.definitions.append(definition)
        return definition

    def visit_lambda(self, node: ExprLambda) -> None:
        scope = self.new_scope(SCOPE_LAMBDA, node)
        arg = node.arg
        text = self.text
        formals = arg.formals
        name = arg.name
        if name is not None and name.start < name.end:
            kind = DEF_ARG if formals is None else DEF_AT
            self.define(kind, text[name.start : name.end], name, arg, scope)
        self.stack.append(ScopeMarker(LEAVE_SCOPE, scope))
        self.stack.append(node.body)
        if formals is not None:
            items = formals.items
            for formal in items:
                at = formal.name
                if at.start < at.end:
                    self.define(DEF_FORMAL, text[at.start : at.end], at, formal, scope)
            index = len(items) - 1
            while index >= 0:
                default = items[index].default
                if default is not None:
                    self.stack.append(default)
                index -= 1
        self.enter(scope)

    def visit_let(self, node: ExprLet) -> None:
        self.visit_bindings(SCOPE_LET, node, node.binds, node.body)

    def visit_attrs(self, node: ExprAttrs) -> None:
        binds = node.binds
        if node.recursive:
            self.visit_bindings(SCOPE_REC, node, binds, None)
            return
        if self.has_rec:
            merged = find_merged(binds, False, node, self.text)
            if merged is not None:
                self.visit_merged(merged)
                return
        index = len(binds) - 1
        while index >= 0:
            self.stack.append(binds[index])
            index -= 1

    def visit_inherit(self, node: Inherit) -> None:
        """An `inherit` that defines no variable."""
        if node.source is not None:
            self.push_computed_names(node)
            self.stack.append(node.source)
            return
        for attr in node.names:
            name = static_name(attr, self.text)
            if name is None:
                self.stack.append(attr)
            elif attr.start < attr.end:
                self.refer(REF_INHERIT, name, attr)

    def visit_bindings(self, kind: int, node: Node, binds: list[Node], body: Node | None) -> None:
        """A `let` or a recursive set: all names first, then all values, then the body."""
        merged: MergedSet | None = None
        if self.has_rec:
            merged = find_merged(binds, True, node, self.text)
        scope = self.new_scope(kind, node)
        stack = self.stack
        stack.append(ScopeMarker(LEAVE_SCOPE, scope))
        if body is not None:
            stack.append(body)
        if merged is not None:
            self.enter_merged(merged, scope)
            return
        text = self.text
        values: list[Definition | None] = []
        for bind in binds:
            definition: Definition | None = None
            if bind.kind == BINDING:
                assert isinstance(bind, Binding)
                definition = self.declare(bind.path.first, bind, scope)
            elif bind.kind == INHERIT:
                assert isinstance(bind, Inherit)
                definition = self.declare_inherit(bind, scope)
            values.append(definition)
        self.enter(scope)
        around = self.region
        index = len(binds) - 1
        while index >= 0:
            bind = binds[index]
            definition = values[index]
            inside = around if definition is None else definition.region
            if bind.kind == INHERIT:
                assert isinstance(bind, Inherit)
                self.push_inherit(bind, inside)
            elif inside is around:
                stack.append(bind)
            else:
                stack.append(RegionMarker(around))
                stack.append(bind)
                stack.append(RegionMarker(inside))
            index -= 1
        # Names that are inherited from outside are looked up now: nothing has to be walked.
        for bind in binds:
            if bind.kind == INHERIT:
                assert isinstance(bind, Inherit)
                if bind.source is None:
                    self.refer_inherited(bind, scope)
        if scope.kind == SCOPE_REC:
            scope.dynamic = "__overrides" in scope.names or has_computed_key(binds, text)

    def declare(self, attr: AttrName, owner: Node, scope: Scope) -> Definition | None:
        """The definition that a key makes in a `let` or a recursive set, if its name is known."""
        name = static_name(attr, self.text)
        if name is None or attr.start == attr.end:
            return None
        known = name in scope.names
        if scope.kind == SCOPE_REC:
            return self.define(DEF_REC, name, attr, owner, scope)
        definition = self.define(DEF_LET, name, attr, owner, scope)
        if not known and not is_kept(name, scope):
            self.own_region(definition)
        return definition

    def declare_inherit(self, node: Inherit, scope: Scope) -> Definition | None:
        """The definitions that an `inherit` makes; returns one of those whose source it is."""
        kind = DEF_INHERIT if node.source is None else DEF_INHERIT_FROM
        shared: Region | None = None
        result: Definition | None = None
        if node.source is not None and scope.kind != SCOPE_REC:
            # One `_name` or computed name keeps the source in use.
            shared = Region(self.region)
            for attr in node.names:
                name = static_name(attr, self.text)
                if name is None or is_kept(name, scope):
                    shared = None
                    break
        for attr in node.names:
            name = static_name(attr, self.text)
            if name is None or attr.start == attr.end:
                continue
            known = name in scope.names
            definition = self.define(kind, name, attr, node, scope)
            if known or scope.kind == SCOPE_REC:
                continue
            if node.source is None:
                if not is_kept(name, scope):
                    self.own_region(definition)
            elif shared is not None:
                definition.region = shared
                shared.definitions.append(definition)
                result = definition
        return result

    def own_region(self, definition: Definition) -> None:
        region = Region(self.region)
        region.definitions.append(definition)
        definition.region = region

    def refer_inherited(self, node: Inherit, scope: Scope) -> None:
        """`inherit x;` in a `let` or a recursive set means the `x` outside of it."""
        around = self.region
        assert scope.parent is not None
        self.scope = scope.parent
        for attr in node.names:
            name = static_name(attr, self.text)
            if name is None:
                continue
            definition = scope.names.get(name)
            if definition is not None:
                self.region = definition.region
                self.refer_outside(name, attr, scope)
                self.region = around
        self.scope = scope

    def push_inherit(self, node: Inherit, inside: Region) -> None:
        """Has the source of an `inherit` visited in the region it belongs to."""
        around = self.region
        self.push_computed_names(node)
        if node.source is None:
            return
        if inside is around:
            self.stack.append(node.source)
            return
        self.stack.append(RegionMarker(around))
        self.stack.append(node.source)
        self.stack.append(RegionMarker(inside))

    def push_computed_names(self, node: Inherit) -> None:
        """`inherit ${e};` is wrong, but its `e` is still there."""
        for attr in node.names:
            if attr.inner is not None and static_name(attr, self.text) is None:
                self.stack.append(attr.inner)

    def push_computed_keys(self, path: AttrPath) -> None:
        rest = path.rest
        if rest is not None:
            index = len(rest) - 1
            while index >= 0:
                inner = rest[index].inner
                if inner is not None:
                    self.stack.append(inner)
                index -= 1
        first = path.first.inner
        if first is not None:
            self.stack.append(first)

    # --- merged sets ---------------------------------------------------------------------------

    def visit_merged(self, merged: MergedSet) -> None:
        if not merged.recursive:
            self.push_merged(merged, None)
            return
        scope = self.new_scope(SCOPE_REC, merged.node)
        self.stack.append(ScopeMarker(LEAVE_SCOPE, scope))
        self.enter_merged(merged, scope)

    def enter_merged(self, merged: MergedSet, scope: Scope) -> None:
        """Opens the scope of a merged set that defines variables."""
        self.declare_merged(merged, scope)
        self.push_merged(merged, scope)
        self.enter(scope)
        for node in merged.inherits:
            if node.source is None:
                self.refer_inherited(node, scope)
        if scope.kind == SCOPE_REC:
            scope.dynamic = "__overrides" in scope.names or bool(merged.computed)

    def declare_merged(self, merged: MergedSet, scope: Scope) -> None:
        for entry in merged.entries.values():
            for attr, owner in entry.binders:
                self.declare(attr, owner, scope)
        for node in merged.inherits:
            self.declare_inherit(node, scope)

    def push_merged(self, merged: MergedSet, scope: Scope | None) -> None:
        """Has everything in a merged set visited; `scope` is set if it defines variables."""
        stack = self.stack
        around = self.region
        stack.extend(merged.others)
        for node in merged.inherits:
            if scope is None:
                stack.append(node)
            else:
                self.push_inherit(node, self.region_of_inherit(node, scope))
        for key, value, inner in merged.computed:
            if inner is not None:
                stack.append(MergedMarker(inner))
            if value is not None:
                stack.append(value)
            if key.inner is not None:
                stack.append(key.inner)
        for name, entry in merged.entries.items():
            inside = around
            if scope is not None:
                inside = scope.names[name].region
                stack.append(RegionMarker(around))
            if entry.merged is not None:
                stack.append(MergedMarker(entry.merged))
            stack.extend(entry.values)
            if scope is not None:
                stack.append(RegionMarker(inside))

    def region_of_inherit(self, node: Inherit, scope: Scope) -> Region:
        """The region that the source of an `inherit` in a `let` belongs to."""
        for attr in node.names:
            name = static_name(attr, self.text)
            if name is not None:
                definition = scope.names[name]
                if definition.owner is node:
                    return definition.region
        return self.region


def is_kept(name: str, scope: Scope) -> bool:
    """Whether a binding counts as used however the file looks.

    A name that starts with `_` says that it is unused on purpose, and `body` is what a
    `let { … }` evaluates.
    """
    return says_unused(name) or (scope.kind == SCOPE_LEGACY_LET and name == "body")


def has_computed_key(binds: list[Node], text: str) -> bool:
    """Whether the name of any attribute is known only when evaluating."""
    for bind in binds:
        if isinstance(bind, Binding):
            first = bind.path.first
            if first.inner is not None and static_name(first, text) is None:
                return True
    return False
