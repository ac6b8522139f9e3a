"""What an expression is, as far as its syntax tells: sets, functions, `lib`, `config`, inputs.

Nothing is evaluated. A name leads to its binding, a selection into the set there, an `import` of
a path into that file. Where syntax does not tell, the answer is None; a set of which only a part
is known says so. Conditions are not followed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from nixlint.ide.document import Document
from nixlint.ide.knowledge import library
from nixlint.ide.knowledge.nodes_at import path_to
from nixlint.ide.knowledge.reading import document_of
from nixlint.ide.knowledge.scopes import Binder, Found, lookup
from nixlint.semantic.builtins import is_global, member_since
from nixlint.semantic.model import (
    DEF_ARG,
    DEF_AT,
    DEF_INHERIT,
    DEF_INHERIT_FROM,
    DEF_LET,
    DEF_REC,
)
from nixlint.semantic.shapes import is_overlay
from nixlint.syntax.nodes import (
    UPDATE,
    AttrName,
    AttrPath,
    Binding,
    ExprAssert,
    ExprAttrs,
    ExprBinOp,
    ExprCall,
    ExprLambda,
    ExprLegacyLet,
    ExprLet,
    ExprParen,
    ExprPath,
    ExprSelect,
    ExprSPath,
    ExprVar,
    ExprWith,
    Inherit,
    Node,
    unparen,
)
from nixlint.syntax.strings import static_name

FUEL: Final = 60
"""How many steps one question may take: names and files can lead round in circles."""
MAX_MEMBERS: Final = 20_000
MANY: Final = 100
"""Sets of so many bindings are kept, and what they hold is looked up in a table."""

# What names stand for by convention.
LIB: Final = "lib"
BUILTINS: Final = "builtins"
BUILTIN: Final = "builtin"
CONFIG: Final = "config"
OPTIONS: Final = "options"
INPUTS: Final = "inputs"
INPUT: Final = "input"
PACKAGES: Final = "pkgs"
LEGACY: Final = "legacyPackages"


class Known:
    """Something known about a value. `document` and `node` are where it is written, if it is."""

    def __init__(self, document: Document | None = None, node: Node | None = None) -> None:
        self.document = document
        self.node = node


class Named(Known):
    """A value everybody knows: `kind` says which, `path` the attributes chosen from it.

    `node` is the function it is an argument of, for `config` and `options`; `source` is the input
    that packages come from, if that is written there.
    """

    def __init__(
        self,
        kind: str,
        path: tuple[str, ...] = (),
        document: Document | None = None,
        node: Node | None = None,
        source: str = "",
    ) -> None:
        super().__init__(document, node)
        self.kind = kind
        self.path = path
        self.source = source


class Literal(Known):
    """A string, a number, a list, …: any expression that is no set and no function."""


class Function(Known):
    """A function; `node` is its `ExprLambda`."""


class Piece:
    """One of the bindings that a set is made of: an `Inherit`, or a `Binding` from the
    component `index` of its path on."""

    def __init__(self, document: Document, bind: Node, index: int) -> None:
        self.document = document
        self.bind = bind
        self.index = index

    def names(self) -> list[AttrName]:
        """The nodes of the attributes that it defines."""
        bind = self.bind
        if isinstance(bind, Binding):
            path = bind.path
            if self.index == 0:
                return [path.first]
            return [path.rest[self.index - 1]] if path.rest is not None else []
        return bind.names if isinstance(bind, Inherit) else []


class Member:
    """An attribute of a set: its name, the node of the name, and its binding."""

    def __init__(self, name: str, document: Document, node: AttrName, bind: Node) -> None:
        self.name = name
        self.document = document
        self.node = node
        self.bind = bind

    @property
    def value(self) -> Node | None:
        """The expression it is bound to, when that is written right behind it."""
        if isinstance(self.bind, Binding) and self.bind.path.last is self.node:
            return self.bind.value
        return None


class Attrs(Known):
    """A set. `whole` says whether these are all its attributes."""

    def __init__(self, pieces: list[Piece], whole: bool, document: Document, node: Node) -> None:
        super().__init__(document, node)
        self.pieces = pieces
        self.whole = whole
        self.more: list[Known] = []
        """Values whose attributes it has, too (`a // b`), the strongest first."""
        self._by_name: dict[str, list[Piece]] | None = None

    def pieces_for(self, name: str) -> list[Piece]:
        """The pieces that may hold an attribute, in their order."""
        if len(self.pieces) < MANY:
            return self.pieces
        if self._by_name is None:
            found: dict[str, list[Piece]] = {}
            for piece in self.pieces:
                text = piece.document.text
                for node in piece.names():
                    written = static_name(node, text)
                    if written is not None:
                        found.setdefault(written, []).append(piece)
            self._by_name = found
        return self._by_name.get(name, [])

    def own_members(self) -> list[Member]:
        """The attributes that are written in its pieces, one for each place."""
        return [
            Member(name, document, node, bind) for document, name, node, bind in self._own_written()
        ]

    def members(self) -> list[Member]:
        """All attributes that are written, those of `more` after its own."""
        return [Member(name, document, node, bind) for document, name, node, bind in self.written()]

    def written(self) -> Iterator[tuple[Document, str, AttrName, Node]]:
        """The same, one at a time, for who wants few of very many: the file, the name, the node
        of the name, and the binding."""
        yield from self._own_written()
        for other in self.more:
            if isinstance(other, Attrs):
                yield from other.written()

    def _own_written(self) -> Iterator[tuple[Document, str, AttrName, Node]]:
        left = MAX_MEMBERS
        for piece in self.pieces:
            document = piece.document
            for node in piece.names():
                name = static_name(node, document.text)
                if name is not None:
                    yield document, name, node, piece.bind
                    left -= 1
            if left < 0:
                return


class Resolver:
    """Answers one question; `fuel` counts down with every step."""

    def __init__(self, fuel: int = FUEL) -> None:
        self.fuel = fuel

    def value(self, document: Document, node: Node) -> Known | None:
        """What an expression of a file is."""
        while True:
            self.fuel -= 1
            if self.fuel < 0:
                return None
            node = unparen(node)
            if isinstance(node, (ExprLet, ExprWith, ExprAssert)):
                node = node.body
                continue
            break
        if isinstance(node, ExprAttrs):
            return self._set(document, node, node.binds)
        if isinstance(node, ExprLegacyLet):
            return self.attribute(self._set(document, node, node.binds), "body")
        if isinstance(node, ExprVar):
            return self._variable(document, node)
        if isinstance(node, ExprSelect):
            return self.along(self.value(document, node.base), document, node.path)
        if isinstance(node, ExprBinOp):
            return self._update(document, node) if node.op == UPDATE else Literal(document, node)
        if isinstance(node, ExprLambda):
            return Function(document, node)
        if isinstance(node, ExprCall):
            return self._call(document, node)
        kind = type(node).__name__
        if kind in _LITERALS:
            return Literal(document, node)
        return None

    def along(self, known: Known | None, document: Document, path: AttrPath) -> Known | None:
        """What an attribute path leads to."""
        for name in path.names():
            text = static_name(name, document.text)
            if text is None and isinstance(known, Named) and known.path[1:] == (LEGACY,):
                # `nixpkgs.legacyPackages.${system}`
                text = "system"
            if known is None or text is None:
                return None
            known = self.attribute(known, text)
        return known

    def attribute(self, known: Known | None, name: str) -> Known | None:
        """An attribute of something known."""
        self.fuel -= 1
        if self.fuel < 0 or known is None:
            return None
        if isinstance(known, Named):
            return named_attribute(known, name)
        if not isinstance(known, Attrs):
            return None
        pieces: list[Piece] = []
        values: list[Known | None] = []
        where: Node | None = None
        for piece in known.pieces_for(name):
            text = piece.document.text
            if isinstance(piece.bind, Inherit):
                for node in piece.bind.names:
                    if static_name(node, text) == name:
                        return self._inherited(piece.document, piece.bind, node, name)
            elif isinstance(piece.bind, Binding):
                names = piece.bind.path.names()
                if static_name(names[piece.index], text) != name:
                    continue
                if where is None:
                    where = names[piece.index]
                if piece.index + 1 < len(names):
                    pieces.append(Piece(piece.document, piece.bind, piece.index + 1))
                else:
                    values.append(self.value(piece.document, piece.bind.value))
        if where is None:
            return self._of_more(known, name)
        if not pieces and len(values) == 1:
            return values[0]
        whole = True
        for value in values:
            if isinstance(value, Attrs) and not value.more:
                pieces.extend(value.pieces)
            else:
                whole = False
        if known.document is None:
            return None
        return Attrs(pieces, whole, known.document, where)

    def _of_more(self, known: Attrs, name: str) -> Known | None:
        """An attribute of `a // b`: that of `b`, or that of `a` if `b` certainly has none."""
        for other in known.more:
            found = self.attribute(other, name)
            if found is not None:
                return found
            if not is_whole(other) or self.member(other, name) is not None:
                return None
        return None

    def member(self, known: Known | None, name: str) -> Member | None:
        """The binding of an attribute, where it is sure which one it is."""
        if not isinstance(known, Attrs):
            return None
        for member in known.own_members():
            if member.name == name:
                return member
        for other in known.more:
            found = self.member(other, name)
            if found is not None:
                return found
            if not is_whole(other):
                return None
        return None

    def name(self, document: Document, offset: int, name: str) -> Known | None:
        """What a name used at an offset is."""
        return self.found(document, lookup(document, offset, name))

    def found(self, document: Document, found: Found) -> Known | None:
        """What a name is that was looked up."""
        if found.binder is not None:
            return self.binder(document, found.binder)
        if is_global(found.name):
            return Named(BUILTINS) if found.name == "builtins" else Named(BUILTIN, (found.name,))
        return self._from_with(document, found)

    def binder(self, document: Document, binder: Binder) -> Known | None:
        """What a name is bound to."""
        self.fuel -= 1
        if self.fuel < 0:
            return None
        kind = binder.kind
        if kind == DEF_LET or kind == DEF_REC:
            pieces = [
                Piece(document, owner, 0)
                for _, owner in binder.places
                if isinstance(owner, Binding)
            ]
            return self.attribute(Attrs(pieces, True, document, binder.node), binder.name)
        if kind == DEF_INHERIT or kind == DEF_INHERIT_FROM:
            if isinstance(binder.owner, Inherit) and isinstance(binder.node, AttrName):
                return self._inherited(document, binder.owner, binder.node, binder.name)
            return None
        return argument(document, binder) or self._packages_for(document, binder)

    def _packages_for(self, document: Document, binder: Binder) -> Named | None:
        """The packages that a function chooses from: `python3.withPackages (ps: [ ps.x ])`."""
        path = path_to(document, binder.scope.start)
        index = next((i for i, each in enumerate(path) if each is binder.scope), 0)
        while index > 0 and isinstance(path[index - 1], ExprParen):
            index -= 1
        call = path[index - 1] if index > 0 else None
        if binder.kind != DEF_ARG or not isinstance(call, ExprCall):
            return None
        fn = unparen(call.fn)
        if not isinstance(fn, ExprSelect) or call.args[0] is not path[index]:
            return None
        known = self.value(document, fn)
        if not isinstance(known, Named) or known.kind != PACKAGES or not known.path:
            return None
        if known.path[-1] == "withPackages":
            return Named(PACKAGES, (*known.path[:-1], "pkgs"), source=known.source)
        if known.path[-1] == "ghcWithPackages":
            return Named(PACKAGES, known.path[:-1], source=known.source)
        return None

    def _inherited(
        self, document: Document, bind: Inherit, node: AttrName, name: str
    ) -> Known | None:
        if bind.source is not None:
            return self.attribute(self.value(document, bind.source), name)
        return self.name(document, node.start, name)

    def _set(self, document: Document, node: Node, binds: list[Node]) -> Attrs:
        key = f"set:{node.start}"
        known = document.memo.get(key)
        if isinstance(known, Attrs):
            return known
        pieces = [Piece(document, bind, 0) for bind in binds]
        found = Attrs(pieces, True, document, node)
        if len(pieces) >= MANY:
            document.memo[key] = found
        return found

    def _variable(self, document: Document, node: ExprVar) -> Known | None:
        return self.name(document, node.start, document.text[node.start : node.end])

    def _from_with(self, document: Document, found: Found) -> Known | None:
        """A name that some `with` supplies: the innermost known to have it, if all inside of
        that are known not to."""
        for node in found.withs:
            known = self.value(document, node.attrs)
            if isinstance(known, Named) and known.kind in (LIB, BUILTINS):
                if not is_documented(known, found.name):
                    continue
                return named_attribute(known, found.name)
            result = self.attribute(known, found.name)
            if result is not None:
                return result
            if known is None or not is_whole(known):
                return None
        return None

    def _update(self, document: Document, node: ExprBinOp) -> Known | None:
        left = self.value(document, node.left)
        right = self.value(document, node.right)
        if left is None and right is None:
            return None
        out = Attrs([], left is not None and right is not None, document, node)
        for side in (right, left):
            out.more.append(side if side is not None else Known())
        return out

    def _call(self, document: Document, node: ExprCall) -> Known | None:
        known = self.value(document, node.fn)
        args = list(node.args)
        if isinstance(known, Named) and known.kind == BUILTIN and known.path == ("import",):
            imported = self._imported_nixpkgs(document, args)
            if imported is not None:
                return imported
            path = path_of(document, args.pop(0))
            other = document_of(path) if path is not None else None
            if other is None:
                return None
            known = self.value(other, other.tree.root.expr)
        while args and isinstance(known, Function) and known.document is not None:
            args.pop(0)
            assert isinstance(known.node, ExprLambda)
            known = self.value(known.document, known.node.body)
        return known if not args else None

    def _imported_nixpkgs(self, document: Document, args: list[Node]) -> Named | None:
        """`import <nixpkgs> { }`, `import <nixpkgs/lib>`, `import inputs.nixpkgs { }`."""
        source = unparen(args[0])
        if isinstance(source, ExprSPath):
            name = document.text[source.start : source.end]
            if name == "<nixpkgs/lib>" and len(args) == 1:
                return Named(LIB)
            return Named(PACKAGES) if name == "<nixpkgs>" and len(args) == 2 else None
        if len(args) == 2 and isinstance(source, (ExprVar, ExprSelect)):
            known = self.value(document, source)
            if isinstance(known, Named) and is_nixpkgs(known):
                return Named(PACKAGES, source=known.path[0])
        return None


_LITERALS: Final = frozenset(
    ("ExprInt", "ExprFloat", "ExprString", "ExprIndString", "ExprPath", "ExprHPath", "ExprSPath",
     "ExprUri", "ExprList", "ExprUnaryOp", "ExprOpHasAttr")
)  # fmt: skip


def is_whole(known: Known) -> bool:
    """Whether all attributes of a value are known."""
    if not isinstance(known, Attrs) or not known.whole:
        return False
    for piece in known.pieces:
        if isinstance(piece.bind, Binding):
            if static_name(piece.bind.path.names()[piece.index], piece.document.text) is None:
                return False
        elif not isinstance(piece.bind, Inherit):
            return False
    return all(is_whole(other) for other in known.more)


def named_attribute(known: Named, name: str) -> Known | None:
    """An attribute of a value everybody knows."""
    kind, path = known.kind, known.path
    if kind == BUILTINS:
        return Named(BUILTIN, (name,))
    if kind == LIB:
        return Named(LIB, (*path, name))
    if kind == CONFIG or kind == OPTIONS:
        return Named(kind, (*path, name), known.document, known.node)
    if kind == INPUTS:
        return Named(INPUT, (name,))
    if kind == INPUT and path and "nixpkgs" in path[0]:
        if path[1:] == (LEGACY,):
            return Named(PACKAGES, source=path[0])
        if len(path) == 1 and name == "lib":
            return Named(LIB)
        if len(path) == 1 and name == LEGACY:
            return Named(INPUT, (*path, name))
    if kind == PACKAGES:
        if name == "lib" and not path:
            return Named(LIB)
        return Named(PACKAGES, (*path, name), source=known.source)
    return None


def is_nixpkgs(known: Named) -> bool:
    """Whether a value is an input that is nixpkgs, by its name."""
    return known.kind == INPUT and len(known.path) == 1 and "nixpkgs" in known.path[0]


def argument(document: Document, binder: Binder) -> Known | None:
    """What an argument of a function is by its name, where everybody means the same by it."""
    name = binder.name
    if binder.kind == DEF_ARG:
        if name == "lib":
            return Named(LIB)
        if name in ("final", "prev") and is_overlay_argument(document, binder):
            return Named(PACKAGES)
        return Named(PACKAGES) if name == "pkgs" else None
    flake_outputs = is_flake_outputs(document, binder.scope)
    if binder.kind == DEF_AT:
        return Named(INPUTS) if flake_outputs or name == "inputs" else None
    if flake_outputs:
        return Named(INPUT, (name,))
    if name == "lib":
        return Named(LIB)
    if name == "pkgs":
        return Named(PACKAGES)
    if name == "inputs":
        return Named(INPUTS)
    if name == "config" or name == "options":
        return Named(name, (), document, binder.scope)
    return None


def is_overlay_argument(document: Document, binder: Binder) -> bool:
    """Whether an argument is one of the two of an overlay."""
    if not isinstance(binder.scope, ExprLambda):
        return False
    if is_overlay(binder.scope, document.text):
        return True
    path = path_to(document, binder.scope.start)
    index = next((i for i, each in enumerate(path) if each is binder.scope), 0)
    outer = path[index - 1] if index > 0 else None
    return isinstance(outer, ExprLambda) and is_overlay(outer, document.text)


def is_flake_outputs(document: Document, function: Node) -> bool:
    """Whether a function is `outputs` of a flake.nix."""
    if os.path.basename(document.path) != "flake.nix":
        return False
    root = unparen(document.tree.root.expr)
    if not isinstance(root, ExprAttrs):
        return False
    for bind in root.binds:
        if isinstance(bind, Binding) and bind.path.rest is None:
            if static_name(bind.path.first, document.text) == "outputs":
                return unparen(bind.value) is function
    return False


def is_documented(known: Named, name: str) -> bool:
    """Whether `lib` or `builtins` is known to have a name."""
    if known.kind == BUILTINS:
        return member_since(name) is not None
    return library.lib_entry((*known.path, name)) is not None


def path_of(document: Document, node: Node) -> str | None:
    """The file that a path literal without interpolation names: absolute, `default.nix` added."""
    node = unparen(node)
    if not isinstance(node, ExprPath) or node.parts or not document.path:
        return None
    written = document.text[node.start : node.end]
    path = os.path.normpath(os.path.join(os.path.dirname(document.path), written))
    if os.path.isdir(path):
        path = os.path.join(path, "default.nix")
    return path


def resolve(document: Document, node: Node) -> Known | None:
    """What an expression is; None when syntax does not tell."""
    return Resolver().value(document, node)
