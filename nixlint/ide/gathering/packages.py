"""The packages that a project can use: those of nixpkgs, those of its own overlays, and those that
it uses already."""

from __future__ import annotations

import re
from typing import Final

from nixlint.ide.document import Document
from nixlint.ide.facts import ProjectFacts
from nixlint.ide.knowledge.known import Attrs, Resolver
from nixlint.ide.knowledge.nodes_at import path_to
from nixlint.ide.knowledge.reading import with_opened
from nixlint.ide.model import Place
from nixlint.ide.packages.kept import PackageReader
from nixlint.ide.packages.names import PackageList
from nixlint.ide.packages.reading import is_nixpkgs
from nixlint.project.project import Project
from nixlint.project.references.fetchers import Attr
from nixlint.project.references.flake_ref import FlakeRefError, parse_flake_ref
from nixlint.project.store import source_for
from nixlint.semantic.shapes import called_name, is_overlay
from nixlint.syntax.ids import FIRST_TRIVIA, T_IND_STR, T_STR
from nixlint.syntax.nodes import (
    Binding,
    ExprCall,
    ExprLambda,
    ExprList,
    ExprVar,
    ExprWith,
    Node,
)
from nixlint.syntax.strings import static_name
from nixlint.syntax.tree import Tree

NIXPKGS: Final = "nixpkgs"
MAX_NAMES: Final = 5000
_USE: Final = re.compile(
    r"(?<![\w.'-])(?:pkgs|final|prev)\.([A-Za-z_][\w'-]*)(?:\.([A-Za-z_][\w'-]*))?"
)
_INHERIT: Final = re.compile(r"(?<![\w.'-])inherit\s*\(\s*pkgs\s*\)([^;=(){}\[\]#]*);")
_WITH: Final = re.compile(r"(?<![\w.'-])with\s+pkgs\s*;")
_OVERLAY: Final = re.compile(r"(?:prev|super|old)\w*\s*:")
_NO_OVERLAYS: Final = frozenset(
    ("packageOverrides", "overrides", "extend", "overrideScope", "overrideScope'", "extends",
     "makeExtensible", "composeExtensions", "override", "pythonPackagesExtensions")
)  # fmt: skip
"""Where a function of two sets changes something else than `pkgs`."""

FileNames = tuple[dict[str, int], dict[str, Place]]
"""What a file uses, and what its overlays add."""


class PackageGatherer:
    """Gathers packages again and again; what did not change is not looked at again."""

    def __init__(self) -> None:
        self._reader = PackageReader()
        self._sent: set[str] = set()
        self._used: dict[str, tuple[Tree, dict[str, int]]] = {}

    def run(self, project: Project, facts: ProjectFacts) -> None:
        """Adds what is known of packages to the facts, whose inputs are there already."""
        self._sources(project, facts)
        self._names(project, facts)

    def _sources(self, project: Project, facts: ProjectFacts) -> None:
        found = dict(project.settings.sources) if project.flake is None else {}
        for name, each in facts.inputs.items():
            found[name] = each.source or _checkout(project, name)
        for name in sorted(found, key=lambda one: one != NIXPKGS):
            if found[name] and is_nixpkgs(found[name]):
                packages, digest = self._reader.packages(found[name])
                is_new = digest not in self._sent
                facts.packages[name] = PackageList(name, digest, packages, is_new)
                self._sent.add(digest)

    def _names(self, project: Project, facts: ProjectFacts) -> None:
        used: dict[str, tuple[Tree, dict[str, int]]] = {}
        overlays: list[Document] = []
        for path in facts.files:
            text = project.text(path)
            if text is None or ("pkgs" not in text and _OVERLAY.search(text) is None):
                continue
            tree = project.tree(path)
            if tree is None:
                continue
            known = self._used.get(path)
            if known is None or known[0] is not tree:
                known = tree, used_names(tree)
            used[path] = known
            for name, count in known[1].items():
                facts.used_packages[name] = facts.used_packages.get(name, 0) + count
            if _OVERLAY.search(text) is not None:
                overlays.append(_document(path, tree))
        self._used = used

        def find(path: str) -> Document | None:
            tree = project.tree(path) if path.startswith(project.root + "/") else None
            return _document(path, tree) if tree is not None else None

        with with_opened(find):
            for document in overlays:
                for name, place in overlay_names(document).items():
                    if len(facts.own_packages) < MAX_NAMES:
                        facts.own_packages.setdefault(name, place)


def _checkout(project: Project, name: str) -> str:
    """The source that the settings name for an input that is not locked; "" without one."""
    flake = project.flake
    declared = flake.inputs.get(name) if flake is not None else None
    attrs: dict[str, Attr] | None = dict(declared.attrs) if declared is not None else None
    if declared is not None and declared.url is not None:
        try:
            attrs = dict(parse_flake_ref(declared.url).attrs)
        except FlakeRefError:
            attrs = None
    return source_for(name, [attrs], project.settings.sources) or ""


def _document(path: str, tree: Tree) -> Document:
    out = Document(path, tree.text)
    out.use(tree)
    return out


def used_names(tree: Tree) -> dict[str, int]:
    """What a file takes from `pkgs`, and how often: `pkgs.git`, `inherit (pkgs) git;`, and names
    that nothing but `with pkgs;` can supply."""
    text = tree.text
    out: dict[str, int] = {}
    for found in _USE.finditer(text):
        if _is_code(tree, found.start()):
            _count(out, found[1])
            if found[2] is not None:
                _count(out, f"{found[1]}.{found[2]}")
    for found in _INHERIT.finditer(text):
        if _is_code(tree, found.start()):
            for name in found[1].split():
                _count(out, name)
    if _WITH.search(text) is not None:
        _of_withs(tree, out)
    return out


def _of_withs(tree: Tree, out: dict[str, int]) -> None:
    """Names in the lists of `with pkgs; [ … ]`, where they are not bound otherwise."""
    document = _document("", tree)
    text = tree.text
    for found in _WITH.finditer(text):
        if not _is_code(tree, found.start()):
            continue
        for node in reversed(path_to(document, found.start())):
            if isinstance(node, ExprWith) and node.start == found.start():
                if isinstance(node.body, ExprList):
                    for item in node.body.items:
                        if isinstance(item, ExprVar):
                            name = text[item.start : item.end]
                            reference = document.model.reference_at(item.start)
                            if reference is not None and reference.definition is None:
                                _count(out, name)
                break


def _count(out: dict[str, int], name: str) -> None:
    out[name] = out.get(name, 0) + 1


def _is_code(tree: Tree, offset: int) -> bool:
    tokens = tree.tokens
    kind = tokens.kind(tokens.index_at(offset))
    return kind < FIRST_TRIVIA and kind not in (T_STR, T_IND_STR)


# Overlays.


def overlay_names(document: Document) -> dict[str, Place]:
    """What the overlays in a file add to `pkgs`, as far as syntax tells."""
    out: dict[str, Place] = {}
    stack: list[Node] = [document.tree.root]
    while stack:
        node = stack.pop()
        stack.extend(node.children())
        if not isinstance(node, ExprLambda) or not is_overlay(node, document.text):
            continue
        inner = node.body
        if not isinstance(inner, ExprLambda) or _is_of_others(document, node):
            continue
        value = Resolver().value(document, inner.body)
        for member in value.members() if isinstance(value, Attrs) else []:
            place = Place(member.document.path, int(member.node.start), int(member.node.end))
            out.setdefault(member.name, place)
    return out


def _is_of_others(document: Document, function: ExprLambda) -> bool:
    """Whether a function changes another set than `pkgs`: the packages of Python, `lib`, ….

    Only the call and the binding directly around it are looked at.
    """
    around = path_to(document, function.start)
    inside = False
    for node in reversed(around):
        if node is function:
            inside = True
        elif inside and isinstance(node, ExprCall):
            if called_name(node, document.text) in _NO_OVERLAYS:
                return True
        elif inside and isinstance(node, Binding):
            name = static_name(node.path.names()[-1], document.text)
            return name in _NO_OVERLAYS
    return False
