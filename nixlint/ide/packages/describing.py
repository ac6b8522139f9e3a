"""What the files of a package say about it: version, description, and where it is written.

Only the files of the one package are read, when somebody asks, and nothing is evaluated: what is
computed stays unknown.
"""

from __future__ import annotations

import os
import re
from typing import Final

from nixlint.ide.document import Document
from nixlint.ide.knowledge.reading import document_of
from nixlint.ide.knowledge.scopes import lookup
from nixlint.ide.model import Place
from nixlint.ide.packages.names import WHOLE, Packages, Written
from nixlint.ide.packages.reading import called_path
from nixlint.semantic.model import DEF_LET, DEF_REC
from nixlint.semantic.shapes import strip
from nixlint.syntax.nodes import (
    AttrPath,
    Binding,
    ExprAttrs,
    ExprIndString,
    ExprSelect,
    ExprString,
    ExprVar,
    Inherit,
    Interpolation,
    Node,
    unparen,
)
from nixlint.syntax.strings import static_name, string_parts
from nixlint.text.source import decode

MAX_BYTES: Final = 300_000
"""Larger files are not parsed for an answer."""
FUEL: Final = 6
_MANY: Final = 20_000
_ALL: Final = frozenset(("pkgs", "self", "super", "final", "prev"))
"""What a file of packages calls all of them."""
_CHANGED: Final = re.compile(r"\boverride(?:Derivation|\w*Attrs)\b|\bversion\b")
"""What in a binding says that the version in the file of the package may not be the one."""
_VERSION: Final = re.compile(r"-(\d[^/\s]*)\Z")


class PackageInfo:
    """What is known of a package; "" stands for what is not.

    `place` is where its name is bound, `file` the file that makes it, both as they are on disk.
    """

    def __init__(self, path: tuple[str, ...]) -> None:
        self.path = path
        self.description = ""
        self.version = ""
        self.homepage = ""
        self.place: Place | None = None
        self.file = ""
        self.alias = ""
        """The package that this is another name of."""


def describe(packages: Packages, path: tuple[str, ...]) -> PackageInfo | None:
    """What is known of the package at a path of attributes; None when there is none."""
    written = packages.written(path)
    if written is None:
        return None
    out = PackageInfo(path)
    _follow(out, packages, written)
    return out


def _follow(out: PackageInfo, packages: Packages, written: Written) -> None:
    """Goes from the binding of a name, over other names, to what makes the package."""
    names = out.path
    changed = False
    for _ in range(FUEL):
        if written.start == WHOLE:
            out.place = out.place or Place(written.path, 0, 0)
            _of_file(out, written.path)
            break
        text = _text_of(written)
        changed = changed or _CHANGED.search(text) is not None
        other = _other_name(out, written, text, names[-1])
        if other is None:
            break
        # It may be a name beside this one, or one at the top.
        for following in ((*names[:-1], *other), other):
            there = packages.written(following)
            if there is not None and following != names:
                names, written = following, there
                out.alias = ".".join(names)
                break
        else:
            break
    if changed and out.file:
        # The file says the version before it was changed.
        out.version = ""


def _other_name(out: PackageInfo, written: Written, text: str, name: str) -> tuple[str, ...] | None:
    """The attributes that a name is only another name of; None at the end of the way, where
    everything that is known was added to `out`."""
    document = Document(written.path, f"{{ {text} }}")
    root = document.tree.root.expr
    bind = root.binds[0] if isinstance(root, ExprAttrs) and len(root.binds) == 1 else None
    if isinstance(bind, Binding):
        out.place = out.place or _placed(written, bind.path.first)
        value = strip(bind.value)
        called = called_path(value, document)
        other = _attributes(value, document.text)
        if called is not None:
            _of_file(out, called)
        elif other is None:
            _of_tree(out, document, value)
        return other if called is None else None
    if not isinstance(bind, Inherit):
        return None
    for attr in bind.names:
        if static_name(attr, document.text) == name:
            out.place = out.place or _placed(written, attr)
    if bind.source is None:
        return None
    source = strip(bind.source)
    called = called_path(source, document)
    if called is not None:
        # A set of packages: which part of the file makes this one is not known.
        out.file = called
        return None
    other = _attributes(source, document.text)
    return (*other, name) if other is not None else None


def place_of(packages: Packages, path: tuple[str, ...]) -> Place | None:
    """Where to go for a package: the file that makes it, or else the binding of its name."""
    found = describe(packages, path)
    if found is None:
        return None
    return Place(found.file, 0, 0) if found.file else found.place


def _text_of(written: Written) -> str:
    """The text of a binding; "" when the file cannot be read."""
    try:
        with open(written.path, "rb") as file:
            return decode(file.read())[written.start : written.end]
    except (OSError, ValueError):
        return ""


def _placed(written: Written, node: Node) -> Place:
    """Where a node of the document of one binding stands in its file."""
    shift = written.start - 2
    return Place(written.path, node.start + shift, node.end + shift)


def _attributes(value: Node, text: str) -> tuple[str, ...] | None:
    """The attributes of `pkgs` that an expression is; () for `pkgs` itself."""
    if isinstance(value, ExprVar):
        name = text[value.start : value.end]
        return (name,) if name not in _ALL else ()
    if isinstance(value, ExprSelect) and value.default is None:
        base = unparen(value.base)
        names = _names(value.path, text)
        if isinstance(base, ExprVar) and names is not None:
            first = text[base.start : base.end]
            return tuple(names) if first in _ALL else (first, *names)
    return None


def _names(path: AttrPath, text: str) -> list[str] | None:
    out: list[str] = []
    for each in path.names():
        name = static_name(each, text)
        if name is None:
            return None
        out.append(name)
    return out


def _of_file(out: PackageInfo, path: str) -> None:
    """What a file says that makes one package."""
    if os.path.isdir(path):
        path = os.path.join(path, "default.nix")
    document = _small(path)
    if document is None:
        return
    out.file = path
    _of_tree(out, document, document.tree.root.expr)


def _small(path: str) -> Document | None:
    try:
        if os.path.getsize(path) > MAX_BYTES:
            return None
    except OSError:
        return None
    return document_of(path)


def _of_tree(out: PackageInfo, document: Document, start: Node) -> None:
    """The first set with `meta`, or with a version, from the outside in."""
    level = [start]
    count = 0
    while level:
        below: list[Node] = []
        for node in level:
            count += 1
            if count > _MANY:
                return
            if isinstance(node, ExprAttrs) and _of_set(out, document, node):
                return
            below.extend(node.children())
        level = below


def _of_set(out: PackageInfo, document: Document, attrs: ExprAttrs) -> bool:
    """What the arguments of `mkDerivation` and its kin say; whether a set is that."""
    meta = _value(document, attrs, ("meta",))
    description = _value(document, attrs, ("meta", "description"))
    version = _value(document, attrs, ("version",))
    name = _value(document, attrs, ("name",))
    if meta is None and description is None:
        if _value(document, attrs, ("src",)) is None or (version is None and name is None):
            return False
    homepage = _value(document, attrs, ("meta", "homepage"))
    if meta is not None:
        found = strip(meta)
        if isinstance(found, ExprAttrs):
            description = _value(document, found, ("description",))
            homepage = _value(document, found, ("homepage",))
    out.description = _text(document, attrs, description)
    out.homepage = _text(document, attrs, homepage)
    out.version = _text(document, attrs, version)
    if not out.version:
        found_version = _VERSION.search(_text(document, attrs, name))
        out.version = found_version[1] if found_version is not None else ""
    return True


def _value(document: Document, attrs: ExprAttrs, wanted: tuple[str, ...]) -> Node | None:
    """The value of an attribute that is written in a set as such."""
    for bind in attrs.binds:
        if isinstance(bind, Binding):
            names = _names(bind.path, document.text)
            if names is not None and tuple(names) == wanted:
                return bind.value
        elif isinstance(bind, Inherit) and bind.source is None and len(wanted) == 1:
            for attr in bind.names:
                if static_name(attr, document.text) == wanted[0]:
                    return _bound(document, attr, wanted[0])
    return None


def _bound(document: Document, node: Node, name: str) -> Node | None:
    """What a name is bound to by a `let` or a recursive set."""
    binder = lookup(document, node.start, name).binder
    if binder is None or binder.kind not in (DEF_LET, DEF_REC):
        return None
    owner = binder.owner
    if isinstance(owner, Binding) and owner.path.rest is None:
        return owner.value
    return None


def _text(document: Document, attrs: ExprAttrs, node: Node | None, fuel: int = FUEL) -> str:
    """The text that a string gives; "" when it is computed from what is not known.

    `finalAttrs.version` is the attribute of the set itself.
    """
    if node is None or fuel <= 0:
        return ""
    node = unparen(node)
    text = document.text
    if isinstance(node, ExprVar):
        name = text[node.start : node.end]
        return _text(document, attrs, _bound(document, node, name), fuel - 1)
    if isinstance(node, ExprSelect):
        names = _names(node.path, text)
        base = unparen(node.base)
        if isinstance(base, ExprVar) and names is not None and len(names) == 1:
            if text[base.start : base.end] in ("finalAttrs", "self", "final"):
                return _text(document, attrs, _value(document, attrs, (names[0],)), fuel - 1)
        return ""
    if not isinstance(node, (ExprString, ExprIndString)):
        found = text[node.start : node.end]
        return found if type(node).__name__ == "ExprUri" else ""
    out: list[str] = []
    for part in string_parts(node, text):
        if part.node is None:
            out.append(part.text)
        elif isinstance(part.node, Interpolation):
            inner = _text(document, attrs, part.node.expr, fuel - 1)
            if not inner:
                return ""
            out.append(inner)
        else:
            return ""
    return "".join(out)
