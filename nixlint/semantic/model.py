"""Names: who binds what, and who uses it.

The words are those of the Nix manual. A *scope* is a place that brings names into being, a
*definition* binds one name there, a *reference* uses one. `with` opens a scope too, but one whose
names nobody knows before evaluation: a name found in no other scope may come from any `with`
around it.

This file says what a model looks like; `build.py` makes one, `liveness.py` finds what is dead.
"""

from __future__ import annotations

from typing import Final

from nixlint.semantic.builtins import is_global
from nixlint.syntax.nodes import Node
from nixlint.syntax.tree import Tree

# What binds a name.
DEF_BUILTIN: Final = 0
DEF_LET: Final = 1  # `let x = …; in`, also in `let { … }`
DEF_REC: Final = 2  # a member of `rec { … }`
DEF_ARG: Final = 3  # `x: …`
DEF_FORMAL: Final = 4  # `{ x }: …`
DEF_AT: Final = 5  # `args@{ … }: …`
DEF_INHERIT: Final = 6  # `let inherit x; in` or in rec (x is looked up outside)
DEF_INHERIT_FROM: Final = 7  # `let inherit (e) x; in` or in rec

# Kinds of scopes.
SCOPE_FILE: Final = 0  # holds the builtins
SCOPE_LET: Final = 1
SCOPE_REC: Final = 2
SCOPE_LAMBDA: Final = 3
SCOPE_WITH: Final = 4
SCOPE_LEGACY_LET: Final = 5

# Kinds of references.
REF_VAR: Final = 0  # `x`
REF_INHERIT: Final = 1  # `inherit x;`
REF_IMPLICIT: Final = 2  # `a - b` calls `__sub`, `<p>` calls `__findFile`, if these are rebound

FEW: Final = 100
"""So many references are searched for before a table of all is made."""

# Kinds of files.
FILE_PLAIN: Final = 0
FILE_FLAKE: Final = 1
FILE_MODULE: Final = 2
FILE_PACKAGE: Final = 3
FILE_OVERLAY: Final = 4


class Region:
    """A stretch of code that is evaluated only if one of its definitions is needed.

    The value of a `let` definition is a region, and so is the source of a `let inherit (e) …`.
    What stands in no such place belongs to the region of the whole file, whose `parent` is None.
    """

    def __init__(self, parent: Region | None) -> None:
        self.parent = parent
        self.definitions: list[Definition] = []
        """Those whose value the region is; empty for the whole file."""
        self.references: list[Reference] = []
        """Those directly in it, not in a region inside."""
        self.live = False


class Scope:
    """A scope; `parent` is the next one outwards, None for the scope of the file."""

    def __init__(self, kind: int, node: Node, parent: Scope | None, region: Region) -> None:
        self.kind = kind
        self.node = node
        self.parent = parent
        self.region = region
        """Where the node that makes the scope stands."""
        self.names: dict[str, Definition] = {}
        self.outer_with: Scope | None = None
        """The closest `with` scope around it."""
        self.supplies = 0
        """For a `with`: how many names may come from it."""
        self.dynamic = False
        """For `rec`: whether names are computed, or `__overrides` may replace them."""


class Definition:
    """One binder of a name.

    Several bindings may share one: `let a.b = 1; a.c = 2; in` defines `a` once.
    `node` and `owner` belong to the first, `others` holds the rest.
    """

    def __init__(
        self, kind: int, name: str, node: Node, owner: Node, scope: Scope, region: Region
    ) -> None:
        self.kind = kind
        self.name = name
        self.node = node
        """The node of the name itself (AttrName or Name); its span is where to point."""
        self.owner = owner
        """The Binding, Inherit, Formal or LambdaArg it belongs to (the root for a builtin)."""
        self.others: list[tuple[Node, Node]] | None = None
        self.scope = scope
        self.region = region
        """What its value refers to is in here; for what has no value of its own, the region
        around it."""
        self.references: list[Reference] = []
        """In the order of the text."""
        self.live = False
        """Whether evaluating the file can need it: by reachability, not by counting."""

    def nodes(self) -> list[Node]:
        """Every place where it is named as a binder, first to last."""
        out = [self.node]
        if self.others is not None:
            for node, _ in self.others:
                out.append(node)
        return out

    def owners(self) -> list[Node]:
        """The bindings it is made of, first to last."""
        out = [self.owner]
        if self.others is not None:
            for _, owner in self.others:
                out.append(owner)
        return out

    def has_own_region(self) -> bool:
        """Whether its value is evaluated only when the name is used."""
        return self.region is not self.scope.region


class Reference:
    """One use of a name. `definition` is None when only a `with` can supply it, or nothing."""

    def __init__(self, kind: int, name: str, node: Node, scope: Scope, region: Region) -> None:
        self.kind = kind
        self.name = name
        self.node = node
        """ExprVar, the AttrName in `inherit name;`, or the expression that uses it implicitly."""
        self.scope = scope
        self.region = region
        self.definition: Definition | None = None

    @property
    def withs(self) -> list[Scope]:
        """The `with` scopes (innermost first) that may supply it; empty when it is resolved."""
        if self.definition is not None:
            return []
        return withs_around(self.scope)

    @property
    def live(self) -> bool:
        """Whether evaluating the file can reach it."""
        return self.region.live


class SemanticModel:
    """All scopes, definitions and references of a file, in the order of the text.

    `definitions` holds the builtins that are used, too, before all others.
    `references` holds the implicit ones, too.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.root_region = Region(None)
        self.file_scope = Scope(SCOPE_FILE, tree.root, None, self.root_region)
        self.scopes: list[Scope] = [self.file_scope]
        self.definitions: list[Definition] = []
        self.references: list[Reference] = []
        self.file_kind = FILE_PLAIN
        self.scope_of: dict[int, Scope] = {}
        """Start offset of a scope-making node → its scope (no two of them start together)."""
        self._at: dict[int, Reference] | None = None
        self._asked = 0

    def scope_for(self, node: Node) -> Scope | None:
        """The scope that a node opens: None if it opens none of its own.

        A `rec { … }` that is merged into an earlier set has none.
        """
        scope = self.scope_of.get(node.start)
        return scope if scope is not None and scope.node is node else None

    def reference_at(self, offset: int) -> Reference | None:
        """The reference whose name starts at that offset; never an implicit one."""
        table = self._at
        if table is None:
            self._asked += 1
            if self._asked < FEW:
                return self._search(offset)
            table = {}
            for reference in self.references:
                if reference.kind != REF_IMPLICIT:
                    table[reference.node.start] = reference
            self._at = table
        return table.get(offset)

    def _search(self, offset: int) -> Reference | None:
        """As `reference_at`, for few questions: a table of all references takes its time."""
        references = self.references
        low = 0
        high = len(references)
        while low < high:
            middle = (low + high) // 2
            if references[middle].node.start <= offset:
                low = middle + 1
            else:
                high = middle
        while low > 0 and references[low - 1].node.start == offset:
            low -= 1
            if references[low].kind != REF_IMPLICIT:
                return references[low]
        return None

    def unlink(self) -> None:
        """Takes the model apart, for who is done with it.

        Names go in circles, and they hold the tree; without this it takes a run of the collector
        to free a large file.
        """
        for definition in self.definitions:
            definition.references.clear()
            definition.scope.names.clear()
            definition.region.references.clear()
            definition.region.definitions.clear()
        for scope in self.scopes:
            scope.names.clear()
        self.root_region.references.clear()
        self.references.clear()
        self._at = None


def says_unused(name: str) -> bool:
    """Whether a name says that it is unused on purpose: `_`, `_name`.

    Not `_7zz`, which is how nixpkgs spells names that would begin with a digit.
    """
    return name.startswith("_") and not name[1:2].isdigit()


def resolve(name: str, scope: Scope) -> Definition | None:
    """What `name` means as a variable in that scope; None when a `with` decides, or nothing.

    A builtin that the file does not use has no definition either: ask `is_global`.
    """
    at: Scope | None = scope
    while at is not None:
        found = at.names.get(name)
        if found is not None:
            return found
        at = at.parent
    return None


def is_builtin_here(name: str, scope: Scope) -> bool:
    """Whether `name` means Nix's own global in that scope, because nothing shadows it."""
    found = resolve(name, scope)
    return is_global(name) if found is None else found.kind == DEF_BUILTIN


def innermost_with(scope: Scope) -> Scope | None:
    """The closest `with` scope from here outwards."""
    return scope if scope.kind == SCOPE_WITH else scope.outer_with


def withs_around(scope: Scope) -> list[Scope]:
    """The `with` scopes from here outwards."""
    out: list[Scope] = []
    at = innermost_with(scope)
    while at is not None:
        out.append(at)
        at = at.outer_with
    return out
