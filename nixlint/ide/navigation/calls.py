"""Who calls whom: modules that import each other, and functions."""

from __future__ import annotations

import os

from nixlint.ide.document import Document
from nixlint.ide.knowledge.views import View, file_at
from nixlint.ide.model import FUNCTION, MODULE, Place
from nixlint.ide.navigation.references import references
from nixlint.ide.navigation.targets import FILE, Finder, Target, Word
from nixlint.ide.navigation.workspace import Workspace
from nixlint.semantic.shapes import strip
from nixlint.syntax.nodes import (
    Binding,
    ExprAttrs,
    ExprCall,
    ExprLambda,
    ExprSelect,
    ExprVar,
    Node,
    unparen,
)


class CallItem:
    """A file or a function: `whole` is all of it, `own` its name (the start of a file)."""

    def __init__(self, name: str, kind: str, detail: str, whole: Place, own: Place) -> None:
        self.name = name
        self.kind = kind
        self.detail = detail
        self.whole = whole
        self.own = own


class CallEdge:
    """Another item, and the places where the call is: in the caller's file."""

    def __init__(self, item: CallItem, places: list[Place]) -> None:
        self.item = item
        self.places = places


def prepare_calls(workspace: Workspace, document: Document, offset: int) -> list[CallItem]:
    """What the hierarchy at an offset is about: the function that a name means, the file that a
    path leads to, or else, where no name stands, the file itself."""
    finder = Finder(workspace)
    view = workspace.view(document.path) or View(document)
    word = finder.word(view, offset)
    if word is None:
        return [_file_item(workspace, view.path, len(view.text))]
    for target in word.targets:
        for final in finder.finals(target):
            if final.kind == FILE:
                return [file_item(workspace, final.path)]
            item = _function_item(workspace, final)
            if item is not None:
                return [item]
    return []


def incoming(workspace: Workspace, item: CallItem) -> list[CallEdge]:
    """Who imports a file, or calls (or names) a function."""
    if item.kind == MODULE:
        workspace.refresh()
        edges: dict[str, CallEdge] = {}
        for path, use in workspace.importers(item.own.path):
            edge = edges.setdefault(path, CallEdge(file_item(workspace, path), []))
            edge.places.append(Place(path, use.start, use.end))
        return [edges[path] for path in sorted(edges)]
    document = workspace.document(item.own.path)
    if document is None:
        return []
    found: dict[tuple[str, int, int], CallEdge] = {}
    for place in references(workspace, document, item.own.start, False):
        view = workspace.view(place.path)
        if view is None:
            continue
        caller = _around(workspace, view, place.start)
        found.setdefault(caller.own.key, CallEdge(caller, [])).places.append(place)
    return list(found.values())


def outgoing(workspace: Workspace, item: CallItem) -> list[CallEdge]:
    """What a file imports, or which functions and files a function calls."""
    view = workspace.view(item.own.path)
    if view is None:
        return []
    found: dict[tuple[str, int, int], CallEdge] = {}
    if item.kind == MODULE:
        summary = workspace.summary(view.path)
        for use in summary.paths if summary is not None else []:
            target = file_at(use.target)
            if target is not None and target.endswith(".nix"):
                other = file_item(workspace, target)
                edge = found.setdefault(other.own.key, CallEdge(other, []))
                edge.places.append(Place(view.path, use.start, use.end))
        return list(found.values())
    finder = Finder(workspace)
    for node in view.nodes():
        if not (item.whole.start <= node.start and node.end <= item.whole.end):
            continue
        if not isinstance(node, ExprCall):
            continue
        for name, found_target in _called(finder, view, node):
            called = (
                file_item(workspace, found_target.path)
                if found_target.kind == FILE
                else _function_item(workspace, found_target)
            )
            if called is not None:
                edge = found.setdefault(called.own.key, CallEdge(called, []))
                edge.places.append(view.place(name))
    return list(found.values())


def _called(finder: Finder, view: View, node: ExprCall) -> list[tuple[Node, Target]]:
    loaded = finder.resolver.loaded(view, node)
    if loaded is not None:
        return [(node.args[0], finder.of_path(loaded[0]))]
    fn = unparen(node.fn)
    name: Node = fn
    if isinstance(fn, ExprSelect):
        name = fn.path.names()[-1]
    elif not isinstance(fn, ExprVar):
        return []
    word: Word | None = finder.of_node(view, name)
    out: list[tuple[Node, Target]] = []
    for target in word.targets if word is not None else []:
        out += [(name, final) for final in finder.finals(target)]
    return out


def file_item(workspace: Workspace, path: str) -> CallItem:
    """The item for the file at an absolute path."""
    document = workspace.document(path)
    return _file_item(workspace, path, len(document.text) if document is not None else 0)


def _file_item(workspace: Workspace, path: str, size: int) -> CallItem:
    shown = os.path.relpath(path, workspace.root) if workspace.root else path
    name = os.path.basename(path)
    if name == "default.nix":
        name = os.path.join(os.path.basename(os.path.dirname(path)), name)
    return CallItem(name, MODULE, shown, Place(path, 0, size), Place(path, 0, 0))


def _function_item(workspace: Workspace, target: Target) -> CallItem | None:
    """The item for a name that is bound to a function."""
    view = target.view
    if view is None or len(target.places) != 1:
        return None
    owner: Node | None = None
    if target.definition is not None:
        owner = target.definition.owner
    elif target.member is not None:
        path = view.parent(target.member.pieces[0].names[0])
        owner = view.parent(path) if path is not None else None
    if not isinstance(owner, Binding) or not isinstance(strip(owner.value), ExprLambda):
        return None
    return _item_of(workspace, view, owner, target.places[0])


def _item_of(workspace: Workspace, view: View, owner: Binding, own: Place) -> CallItem:
    shown = os.path.relpath(view.path, workspace.root) if workspace.root else view.path
    name = view.text[own.start : own.end].strip('"')
    return CallItem(name, FUNCTION, shown, view.place(owner), own)


def _around(workspace: Workspace, view: View, offset: int) -> CallItem:
    """The function around an offset that has a name, or else the file."""
    best: Binding | None = None
    node: Node = view.document.tree.root
    while True:
        inner = next((one for one in node.children() if one.start <= offset < one.end), None)
        if inner is None:
            break
        if isinstance(inner, Binding) and inner.path.end <= offset:
            if isinstance(strip(inner.value), ExprLambda):
                best = inner
        node = inner
    if best is None:
        return _file_item(workspace, view.path, len(view.text))
    last = best.path.names()[-1]
    return _item_of(workspace, view, best, view.place(last))


__all__ = [
    "CallEdge", "CallItem", "ExprAttrs", "file_item", "incoming", "outgoing", "prepare_calls",
]  # fmt: skip
