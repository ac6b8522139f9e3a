"""Everywhere something is used.

Candidates are the files that hold the name and can reach its binder; each word of that name in
them is asked what it means. So whatever `definition` finds, `references` finds back.
"""

from __future__ import annotations

import os

from nixlint.ide.document import Document
from nixlint.ide.knowledge.values import FROM_FLAKE, root_functions
from nixlint.ide.knowledge.views import View
from nixlint.ide.model import Place
from nixlint.ide.navigation.targets import (
    ARGUMENT,
    ATTRIBUTE,
    FILE,
    INPUT,
    LOCAL,
    OPTION,
    Finder,
    Key,
    Target,
)
from nixlint.ide.navigation.workspace import Workspace
from nixlint.project.flake.file import read_flake_file
from nixlint.semantic.model import (
    DEF_ARG,
    DEF_AT,
    DEF_FORMAL,
    DEF_INHERIT_FROM,
    DEF_REC,
    REF_IMPLICIT,
    REF_INHERIT,
)
from nixlint.syntax.nodes import (
    AttrName,
    AttrPath,
    Binding,
    ExprAttrs,
    ExprLambda,
    ExprVar,
    Inherit,
    Name,
    Node,
)


def references(
    workspace: Workspace, document: Document, offset: int, include_declaration: bool
) -> list[Place]:
    """All places that mean the same as the word at an offset, in the order of files and text.

    The binders themselves are among them only if `include_declaration` is set. On a path, and at
    the start of a file if no name stands there, the places that name the file.
    """
    finder = Finder(workspace)
    view = workspace.view(document.path) or View(document)
    word = finder.word(view, offset)
    if word is None:
        if view.text[:offset].strip():
            return []
        return uses_of(finder, finder.of_path(view.path), view)
    keys: set[Key] = set()
    out: dict[tuple[str, int, int], Place] = {}
    for target in word.targets:
        for final in finder.finals(target):
            keys |= final.keys
            for place in uses_of(finder, final, view):
                out[place.key] = place
    if not include_declaration:
        out = {key: place for key, place in out.items() if ("at", key[0], key[1]) not in keys}
        for target in word.targets:
            if target.kind == OPTION or target.kind == INPUT:
                for place in target.places:
                    out.pop(place.key, None)
    return [out[key] for key in sorted(out)]


def uses_of(finder: Finder, target: Target, asking: View) -> list[Place]:
    """All places that mean a target, its binders included."""
    if target.kind == FILE:
        found = finder.workspace.importers(target.path)
        return [Place(path, use.start, use.end) for path, use in found]
    if target.kind == ARGUMENT:
        return _uses_of_argument(finder, target)
    if target.kind == OPTION:
        return uses_of_option(finder, target, asking.path)
    if target.kind == INPUT or any(key[0] == "input" for key in target.keys):
        return _uses_of_input(finder, target)
    view = target.view
    if view is None:
        return list(target.places)
    if target.kind == LOCAL and not _leaves_file(view, target):
        return _in_file(view, target)
    return _everywhere(finder, target, view)


def uses_of_option(finder: Finder, target: Target, origin: str) -> list[Place]:
    """Declarations, definitions and uses of an option, as far as they are about configurations
    that `origin` has a part in."""
    workspace = finder.workspace
    kinds = target.kinds if target.kinds is not None else workspace.kinds_of(origin)
    out = list(target.places)
    for found in workspace.occurrences(target.option):
        if not finder.related(kinds, found.path, found.kind):
            continue
        out.append(Place(found.path, *found.span))
        if found.what == "used":
            out += _inherited_uses(finder, found.path, found.span[0])
    return out


def _inherited_uses(finder: Finder, path: str, start: int) -> list[Place]:
    """The uses of a name that a `let inherit (config.x) name;` makes."""
    view = finder.workspace.view(path)
    if view is None:
        return []
    reference = view.text[max(0, start - 400) : start]
    if "inherit" not in reference:
        return []
    out: list[Place] = []
    for definition in view.model.definitions:
        if definition.kind == DEF_INHERIT_FROM:
            if any(node.start == start for node in definition.nodes()):
                out += [view.place(each.node) for each in definition.references]
    return out


def _uses_of_argument(finder: Finder, target: Target) -> list[Place]:
    """Where modules take an argument that `specialArgs` or `_module.args` give, and use it."""
    out = list(target.places)
    for summary in finder.workspace.summaries():
        if target.name not in summary.formals or not finder.workspace.is_module(summary):
            continue
        view = finder.workspace.view(summary.path)
        if view is None:
            continue
        for function in root_functions(view):
            scope = view.model.scope_for(function)
            found = scope.names.get(target.name) if scope is not None else None
            if found is not None and found.kind == DEF_FORMAL:
                out += [view.place(node) for node in found.nodes()]
                out += [view.place(each.node) for each in found.references]
    return out


def callers(finder: Finder, target: Target) -> list[Place]:
    """The arguments that known callers pass for a formal, by name."""
    view = target.view
    if view is None or target.definition is None:
        return []
    out: list[Place] = []
    for path in _candidates(finder, target, view):
        other = view if path == view.path else finder.workspace.view(path)
        if other is None:
            continue
        for node in _words(other, target.name):
            if isinstance(node, AttrName) and _is_argument(other, node):
                word = finder.of_node(other, node)
                if word is not None and any(one.keys & target.keys for one in word.targets):
                    out.append(other.place(node))
    return out


def _is_argument(view: View, node: AttrName) -> bool:
    around = view.parent(node)
    if isinstance(around, AttrPath):
        owner = view.parent(around)
        return isinstance(owner, Binding) and isinstance(view.parent(owner), ExprAttrs)
    return isinstance(around, Inherit)


def _in_file(view: View, target: Target) -> list[Place]:
    assert target.definition is not None
    out = list(target.places)
    for reference in target.definition.references:
        if reference.kind != REF_IMPLICIT:
            out.append(view.place(reference.node))
    return out


def _leaves_file(view: View, target: Target) -> bool:
    """Whether something else than references in the file can mean a name."""
    found = target.definition
    assert found is not None
    if found.kind == DEF_REC:
        return True
    if any(reference.kind == REF_INHERIT for reference in found.references):
        return True
    if found.kind == DEF_FORMAL:
        return True
    if found.kind == DEF_ARG or found.kind == DEF_AT:
        return False
    return any(isinstance(owner, Inherit) for owner in found.owners())


def _everywhere(finder: Finder, target: Target, view: View) -> list[Place]:
    out: list[Place] = []
    if target.definition is not None:
        out += _in_file(view, target)
    else:
        out += target.places
    formal = target.definition is not None and target.definition.kind == DEF_FORMAL
    if formal and _is_module_argument(finder, target, view):
        return out
    for path in _candidates(finder, target, view):
        other = view if path == view.path else finder.workspace.view(path)
        if other is None:
            continue
        for node in _words(other, target.name):
            if other is not view and not _may_lead_outside(other, node, formal):
                continue
            if means(finder, other, node, target.keys):
                out.append(other.place(node))
    return out


def _is_module_argument(finder: Finder, target: Target, view: View) -> bool:
    """Whether a formal is one that only the module system passes."""
    summary = finder.workspace.summary(view.path)
    if summary is None or not finder.workspace.is_module(summary):
        return False
    if finder.workspace.value_imports(view.path):
        return False
    function = function_of(target)
    return any(function is each for each in root_functions(view))


def _may_lead_outside(view: View, node: Node, formal: bool) -> bool:
    """Whether a word can mean something of another file; `formal`: an argument of it."""
    if isinstance(node, AttrName):
        return not formal or _is_argument(view, node)
    if not isinstance(node, ExprVar):
        return False
    reference = view.model.reference_at(node.start)
    definition = reference.definition if reference is not None else None
    if definition is None:
        return not formal
    return any(isinstance(owner, Inherit) for owner in definition.owners())


def means(finder: Finder, view: View, node: Node, keys: set[Key]) -> bool:
    """Whether a word leads, perhaps through `inherit`, to a target with one of the keys."""
    word = finder.of_node(view, node)
    if word is None:
        return False
    for target in word.targets:
        if target.keys & keys:
            return True
        for final in finder.finals(target):
            if final.keys & keys:
                return True
    return False


def _candidates(finder: Finder, target: Target, view: View) -> list[str]:
    """The files in which a target may be named."""
    workspace = finder.workspace
    out = {view.path}
    if not workspace.contains(view.path):
        return [view.path]
    reaching = workspace.reaching(view.path)
    flake = os.path.join(workspace.root, "flake.nix")
    for summary in workspace.summaries():
        if target.name not in summary.names:
            continue
        by_self = flake in reaching and not FROM_FLAKE.isdisjoint(summary.names)
        if summary.path in reaching or by_self:
            out.add(summary.path)
    return sorted(out)


def _words(view: View, name: str) -> list[Node]:
    """The words in a file that are a name; not those that `Finder` gives no meaning."""
    out: list[Node] = []
    if name not in view.text and '"' not in view.text:
        return out
    for node in view.nodes():
        if isinstance(node, AttrName):
            if view.name(node) == name:
                out.append(node)
        elif isinstance(node, (ExprVar, Name)) and view.slice(node) == name:
            out.append(node)
    return out


def _uses_of_input(finder: Finder, target: Target) -> list[Place]:
    """Where an input of the flake is declared, followed, taken as an argument and used."""
    workspace = finder.workspace
    root = next((key[1] for key in target.keys if key[0] == "input"), target.path)
    keys: set[Key] = {("input", root, (target.name,))}
    out: list[Place] = []
    flake_path = os.path.join(root, "flake.nix")
    flake_view = workspace.view(flake_path)
    if flake_view is None:
        return list(target.places)
    flake = read_flake_file(flake_view.document.tree, flake_path)
    todo = list(flake.inputs.values())
    while todo:
        found = todo.pop()
        todo.extend(found.inputs.values())
        span = found.follows_span
        if span is not None and (found.follows or "").split("/")[0] == target.name:
            out.append(Place(flake_path, span.start, span.end))
    paths = [flake_path]
    for summary in workspace.summaries():
        if summary.path != flake_path and target.name in summary.names:
            paths.append(summary.path)
    for path in paths:
        view = workspace.view(path)
        if view is None:
            continue
        for node in _words(view, target.name):
            if means(finder, view, node, keys):
                out.append(view.place(node))
    return out


def function_of(target: Target) -> ExprLambda | None:
    """The function whose formal a target is."""
    found = target.definition
    if found is None or found.kind != DEF_FORMAL:
        return None
    node = found.scope.node
    return node if isinstance(node, ExprLambda) else None


__all__ = ["ATTRIBUTE", "callers", "function_of", "means", "references", "uses_of"]
