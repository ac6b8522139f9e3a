"""Reads which packages a source of nixpkgs has, without evaluating it.

The packages are the attributes written in `pkgs/top-level/all-packages.nix`, the directories below
`pkgs/by-name`, and the old names in `aliases.nix`. Sets of packages (`xorg`, `python3Packages`)
are those whose binding is a set, or brings one in from a file; only sets that nixpkgs marks as
such (`recurseIntoAttrs`), or whose names are those of sets, are looked into.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Final

from nixlint.ide.document import Document
from nixlint.ide.knowledge.scopes import lookup
from nixlint.ide.packages.names import WHOLE, Packages, PackageSet
from nixlint.semantic.model import DEF_LET, DEF_REC
from nixlint.semantic.shapes import called_name, strip
from nixlint.syntax.nodes import (
    UPDATE,
    Binding,
    ExprAttrs,
    ExprBinOp,
    ExprCall,
    ExprLambda,
    ExprPath,
    ExprSelect,
    ExprVar,
    Inherit,
    Node,
    unparen,
)
from nixlint.syntax.strings import static_name
from nixlint.text.source import decode

TOP: Final = "pkgs/top-level/all-packages.nix"
ALIASES: Final = "pkgs/top-level/aliases.nix"
BUILDERS: Final = (
    "pkgs/build-support/trivial-builders/default.nix",
    "pkgs/build-support/trivial-builders.nix",
)
"""Functions that are attributes of `pkgs` as well: `writeText`, `runCommand`."""
BY_NAME: Final = "pkgs/by-name"
MAX_BYTES: Final = 4_000_000
"""Larger files are left out: what others have generated from other package managers."""
MAX_TOTAL: Final = 24_000_000
"""Bytes that are read for sets of packages, all together."""
FEW: Final = 40
"""A file in which fewer attributes are found may hold them in a way that is not understood; its
largest set is taken then."""
FUEL: Final = 200
_ANY: Final = 400_000

_SET_NAME: Final = re.compile(
    r".*(?:Packages|Packages_[\w-]+|Plugins|Extensions|-extensions|Dicts)\Z|xorg\Z|gst_all_1\Z"
)
KNOWN_FILES: Final = (
    (re.compile(r"(?:python|pypy)[\d_]*Packages\Z"), "pkgs/top-level/python-packages.nix"),
    (re.compile(r"perl[\d_]*Packages\Z"), "pkgs/top-level/perl-packages.nix"),
    (re.compile(r"lua(?:jit|[\d_]+)?Packages\Z"), "pkgs/top-level/lua-packages.nix"),
    (re.compile(r"ocamlPackages\w*\Z"), "pkgs/top-level/ocaml-packages.nix"),
    (re.compile(r"vimPlugins\Z"), "pkgs/applications/editors/vim/plugins/generated.nix"),
    (
        re.compile(r"vscode-extensions\Z"),
        "pkgs/applications/editors/vscode/extensions/default.nix",
    ),
    (re.compile(r"nodePackages\w*\Z"), "pkgs/development/node-packages/node-packages.nix"),
)
"""Where sets are written whose bindings do not say it."""
_MARKS: Final = frozenset(("recurseIntoAttrs", "dontRecurseIntoAttrs", "hiPrioSet", "lowPrioSet"))
_WRAPPERS: Final = _MARKS | frozenset(
    ("fix", "fix'", "extends", "makeScope", "makeScopeWithSplicing", "makeScopeWithSplicing'",
     "makeExtensible", "mapAliases", "mapAttrs", "makeOverridable", "makePackageSet")
)  # fmt: skip
_REMOVED: Final = frozenset(("throw", "abort", "removed"))

Found = dict[str, tuple[int, int, int]]


def is_nixpkgs(root: str) -> bool:
    """Whether an absolute directory is a source of nixpkgs."""
    return os.path.isfile(os.path.join(root, TOP))


def read_packages(root: str) -> tuple[Packages, list[str]]:
    """The packages of the source at an absolute directory, and the absolute paths of all files and
    directories that say which there are."""
    reader = _Reader(root)
    reader.read()
    return reader.out, list(reader.looked_at)


class _Reader:
    def __init__(self, root: str) -> None:
        self.out = Packages(root)
        self.root = root
        self.looked_at: dict[str, None] = {}
        self._numbers: dict[str, int] = {}
        self._total = 0
        self._read: dict[str, str] = {}
        """The sets that files hold, by file."""

    def read(self) -> None:
        found: Found = {}
        self._by_name(found)
        top = self._document(os.path.join(self.root, TOP))
        nested: list[tuple[str, Document, Node]] = []
        if top is not None:
            for document, each in _sets_in(top, None):
                self._take(document, each, found, nested)
        for file in BUILDERS:
            builders = self._document(os.path.join(self.root, file))
            more: Found = {}
            for document, each in _sets_in(builders, None) if builders is not None else []:
                self._take(document, each, more, None)
            found = {**more, **found}
        aliases: set[str] = set()
        old = self._document(os.path.join(self.root, ALIASES))
        if old is not None:
            more = {}
            for document, each in _sets_in(old, None):
                self._take(document, each, more, None)
            for name, where in more.items():
                if name not in found:
                    found[name] = where
                    aliases.add(name)
        self.out.sets[""] = PackageSet.of(found, frozenset(aliases))
        for name, document, value in nested:
            if name not in aliases:
                self._nested(name, document, value)

    def _by_name(self, found: Found) -> None:
        """The directories `pkgs/by-name/he/hello`, each with its `package.nix`."""
        folder = os.path.join(self.root, BY_NAME)
        self.looked_at[folder] = None
        for shard in _folders(folder):
            inner = os.path.join(folder, shard)
            self.looked_at[inner] = None
            for name in _folders(inner):
                number = self._number(f"{BY_NAME}/{shard}/{name}/package.nix")
                found[name] = (number, WHOLE, WHOLE)

    def _number(self, file: str) -> int:
        number = self._numbers.get(file)
        if number is None:
            number = len(self._numbers)
            self._numbers[file] = number
            self.out.files.append(file)
        return number

    def _document(self, path: str) -> Document | None:
        """The file of the source at an absolute path."""
        if not path.startswith(self.root + "/"):
            return None
        self.looked_at[path] = None
        try:
            if os.path.getsize(path) > MAX_BYTES:
                return None
            with open(path, "rb") as opened:
                data = opened.read()
            self._total += len(data)
            return Document(path, decode(data)) if self._total <= MAX_TOTAL else None
        except (OSError, ValueError):
            return None

    def _take(
        self,
        document: Document,
        attrs: ExprAttrs,
        found: Found,
        nested: list[tuple[str, Document, Node]] | None,
    ) -> None:
        """The names that a set binds; what may be a set of packages goes into `nested`."""
        text = document.text
        number = self._number(os.path.relpath(document.path, self.root))
        for bind in attrs.binds:
            if isinstance(bind, Inherit):
                for attr in bind.names:
                    name = static_name(attr, text)
                    if name is not None and "\n" not in name:
                        found.setdefault(name, (number, int(bind.start), int(bind.end)))
            elif isinstance(bind, Binding) and bind.path.rest is None:
                name = static_name(bind.path.first, text)
                if name is None or "\n" in name or _is_removed(bind.value, text):
                    continue
                found[name] = (number, int(bind.start), int(bind.end))
                if nested is not None:
                    nested.append((name, document, bind.value))

    # Sets of packages.

    def _nested(self, name: str, document: Document, value: Node) -> None:
        """A binding that may be a set of packages, or another name for one."""
        text = document.text
        marked = _SET_NAME.match(name) is not None
        sets: list[tuple[Document, ExprAttrs]] = []
        stack = [value]
        while stack:
            node = strip(stack.pop())
            if isinstance(node, ExprAttrs):
                sets.append((document, node))
            elif isinstance(node, ExprBinOp) and node.op == UPDATE:
                stack += [node.right, node.left]
            elif isinstance(node, ExprCall) and called_name(node, text) in _MARKS:
                marked = True
                stack.append(node.args[-1])
            elif marked and isinstance(node, ExprVar):
                self.out.same.setdefault(name, text[node.start : node.end])
            elif marked:
                file = called_path(node, document)
                if file is not None and self._from_file(name, file, sets):
                    return
        if marked and not sets and name not in self.out.same:
            for pattern, known in KNOWN_FILES:
                if pattern.match(name) is not None:
                    if self._from_file(name, os.path.join(self.root, known), sets):
                        return
        if sets:
            self._keep(name, sets)

    def _from_file(self, name: str, file: str, sets: list[tuple[Document, ExprAttrs]]) -> bool:
        """Adds the sets in a file to `sets`; True if another name has got them already."""
        if file in self._read:
            self.out.same[name] = self._read[file]
            return True
        document = self._document(file)
        if document is not None:
            found = _sets_in(document, self._document)
            if found:
                self._read[file] = name
            sets += found
        return False

    def _keep(self, name: str, sets: list[tuple[Document, ExprAttrs]]) -> None:
        """Keeps the names of a set of packages, and those of sets that are written in it."""
        found: Found = {}
        nested: list[tuple[str, Document, Node]] = []
        for document, each in sets:
            self._take(document, each, found, nested)
        if not found:
            return
        self.out.sets[name] = PackageSet.of(found, frozenset())
        for inner, document, value in nested:
            value = strip(value)
            if isinstance(value, ExprAttrs) and _holds_calls(value):
                below: Found = {}
                self._take(document, value, below, None)
                if below:
                    self.out.sets[f"{name}.{inner}"] = PackageSet.of(below, frozenset())


def _holds_calls(attrs: ExprAttrs) -> bool:
    """Whether some attributes of a set are made by functions, as packages are."""
    for bind in attrs.binds:
        if isinstance(bind, Binding) and isinstance(strip(bind.value), ExprCall):
            return True
    return False


def _folders(path: str) -> list[str]:
    try:
        with os.scandir(path) as entries:
            return sorted(one.name for one in entries if one.is_dir())
    except OSError:
        return []


def _is_removed(value: Node, text: str) -> bool:
    """Whether a binding only says that there is no such package any more."""
    value = strip(value)
    return isinstance(value, ExprCall) and called_name(value, text) in _REMOVED


def called_path(node: Node, document: Document) -> str | None:
    """The absolute path of the file whose function a call calls, wherever in the call it stands:
    `callPackage FILE { }`, `(lowPrio (import FILE { })).override { }`."""
    for _ in range(FUEL):
        node = strip(node)
        if isinstance(node, ExprCall):
            name = called_name(node, document.text)
            for arg in node.args:
                arg = unparen(arg)
                if isinstance(arg, ExprPath) and not arg.parts:
                    if (
                        name == "import"
                        or name.startswith(("callPackage", "newScope"))
                        or (name.endswith("callPackage"))
                    ):
                        return _absolute(arg, document)
            inner = strip(node.fn)
            if isinstance(inner, (ExprCall, ExprSelect)) and not isinstance(
                strip(node.args[-1]), ExprCall
            ):
                node = inner
            elif isinstance(strip(node.args[-1]), ExprCall):
                node = node.args[-1]
            else:
                return None
        elif isinstance(node, ExprSelect):
            node = node.base
        else:
            return None
    return None


def _absolute(node: ExprPath, document: Document) -> str:
    written = document.text[node.start : node.end]
    path = os.path.normpath(os.path.join(os.path.dirname(document.path), written))
    return os.path.join(path, "default.nix") if os.path.isdir(path) else path


def _sets_in(
    document: Document, read: Callable[[str], Document | None] | None
) -> list[tuple[Document, ExprAttrs]]:
    """The sets whose attributes a file gives, as far as syntax tells, each with its file.

    `read` gives the files that are imported in them; with None these are not looked into.
    """
    found = _sets_of(document, read)
    if sum(len(one.binds) for _, one in found) < FEW:
        largest = _largest(document)
        if largest is not None and len(largest.binds) >= FEW:
            found.append((document, largest))
    return found


def _sets_of(
    start: Document, read: Callable[[str], Document | None] | None
) -> list[tuple[Document, ExprAttrs]]:
    out: list[tuple[Document, ExprAttrs]] = []
    stack: list[tuple[Document, Node]] = [(start, start.tree.root.expr)]
    seen: set[tuple[str, int, int]] = set()
    for _ in range(FUEL):
        if not stack:
            break
        document, node = stack.pop()
        node = strip(node)
        text = document.text
        key = (document.path, int(node.start), int(node.end))
        if key in seen:
            continue
        seen.add(key)
        if isinstance(node, ExprAttrs):
            out.append((document, node))
        elif isinstance(node, ExprLambda):
            stack.append((document, node.body))
        elif isinstance(node, ExprBinOp) and node.op == UPDATE:
            stack += [(document, node.left), (document, node.right)]
        elif isinstance(node, ExprVar):
            binder = lookup(document, node.start, text[node.start : node.end]).binder
            if binder is not None and binder.kind in (DEF_LET, DEF_REC):
                for _place, each in binder.places:
                    if isinstance(each, Binding):
                        stack.append((document, each.value))
        elif isinstance(node, ExprCall):
            if called_name(node, text) in _WRAPPERS:
                stack += [(document, arg) for arg in node.args]
            elif read is not None:
                path = called_path(node, document)
                other = read(path) if path is not None else None
                if other is not None:
                    stack.append((other, other.tree.root.expr))
    return out


def _largest(document: Document) -> ExprAttrs | None:
    """The set with the most bindings in a file."""
    best: ExprAttrs | None = None
    stack: list[Node] = [document.tree.root]
    count = 0
    while stack and count < _ANY:
        count += 1
        node = stack.pop()
        if isinstance(node, ExprAttrs) and (best is None or len(node.binds) > len(best.binds)):
            best = node
        stack.extend(node.children())
    return best
