"""From an option to those who set it, and to what its type is made of."""

from __future__ import annotations

from typing import Final

from nixlint.ide.document import Document
from nixlint.ide.knowledge.known import Resolver, path_of
from nixlint.ide.knowledge.nodes_at import path_to
from nixlint.ide.knowledge.option_tree import find_option, kinds_of
from nixlint.ide.knowledge.scopes import lookup
from nixlint.ide.knowledge.views import View
from nixlint.ide.model import Link, Place
from nixlint.ide.navigation.targets import OPTION, Finder, Target, Word
from nixlint.ide.navigation.workspace import Workspace
from nixlint.semantic.shapes import called_name, strip
from nixlint.syntax.nodes import (
    Binding,
    ExprAttrs,
    ExprCall,
    ExprList,
    ExprPath,
    ExprSelect,
    ExprVar,
    Node,
)
from nixlint.syntax.strings import quote_name, static_name

_SUBMODULES: Final = frozenset(("submodule", "submoduleWith", "deferredModuleWith"))
FUEL: Final = 200


def implementation(workspace: Workspace, document: Document, offset: int) -> list[Link]:
    """Who defines the option at an offset, the strongest first; nothing for other words."""
    asked = _option_at(workspace, document, offset)
    facts = workspace.facts
    if asked is None or facts is None:
        return []
    word, target = asked
    path: list[str | None] = list(target.option)
    option = find_option(facts, path, kinds_of(facts, document.path))
    found = list(option.definitions) if option is not None else []
    found += facts.definitions.get(".".join(quote_name(name) for name in target.option), [])
    found.sort(key=lambda each: 10_000 if each.priority is None else each.priority)
    places = dict.fromkeys(each.place for each in found if each.place is not None)
    return [Link(word.start, word.end, place) for place in places]


def type_definition(workspace: Workspace, document: Document, offset: int) -> list[Link]:
    """What the type of the option at an offset is made of: the module of its submodules, a type
    that the project writes itself, or else the type where it is declared."""
    asked = _option_at(workspace, document, offset)
    if asked is None:
        return []
    word, target = asked
    out: list[Place] = []
    for place in target.places:
        view = workspace.view(place.path)
        node = _type_at(view, place) if view is not None else None
        if view is not None and node is not None:
            out += _made_of(view, node)
    return [Link(word.start, word.end, place) for place in dict.fromkeys(out)]


def _option_at(workspace: Workspace, document: Document, offset: int) -> tuple[Word, Target] | None:
    view = workspace.view(document.path) or View(document)
    word = Finder(workspace).word(view, offset)
    for target in word.targets if word is not None else []:
        if word is not None and target.kind == OPTION:
            return word, target
    return None


def _type_at(view: View, place: Place) -> Node | None:
    """The `type` in the declaration whose path ends at a place."""
    bind: Binding | None = None
    for node in path_to(view.document, place.start):
        if isinstance(node, Binding):
            bind = node
    if bind is None or bind.path.end != place.end:
        return None
    call = strip(bind.value)
    if not isinstance(call, ExprCall):
        return None
    attrs = strip(call.args[-1])
    for each in attrs.binds if isinstance(attrs, ExprAttrs) else []:
        if isinstance(each, Binding) and each.path.rest is None:
            if static_name(each.path.first, view.text) == "type":
                return each.value
    return None


def _made_of(view: View, node: Node, fuel: int = FUEL) -> list[Place]:
    """The submodules in a type, or else the type, where the file itself writes it."""
    out: list[Place] = []
    stack = [node]
    named = False
    while stack and fuel > 0:
        fuel -= 1
        each = strip(stack.pop())
        if isinstance(each, ExprCall):
            if called_name(each, view.text) in _SUBMODULES:
                out += _modules(view, each.args[-1])
            else:
                stack += each.args
        elif isinstance(each, ExprList):
            stack += each.items
        elif isinstance(each, ExprVar) and not named:
            binder = lookup(view.document, each.start, view.slice(each)).binder
            owner = binder.owner if binder is not None else None
            if isinstance(owner, Binding) and owner.path.rest is None:
                if each is strip(node):
                    node, named = owner.value, True
                stack.append(owner.value)
    return out or [view.place(node)]


def _modules(view: View, node: Node) -> list[Place]:
    """The modules that a submodule is made of: files, functions, sets, or a list of them."""
    node = strip(node)
    if isinstance(node, ExprAttrs):
        for each in node.binds:
            if isinstance(each, Binding) and each.path.rest is None:
                if static_name(each.path.first, view.text) in ("modules", "staticModules"):
                    return _modules(view, each.value)
    if isinstance(node, ExprList):
        return [place for item in node.items for place in _modules(view, item)]
    if isinstance(node, ExprPath):
        path = path_of(view.document, node)
        return [Place(path, 0, 0)] if path is not None else []
    if isinstance(node, (ExprVar, ExprSelect)):
        known = Resolver().value(view.document, node)
        if known is not None and known.document is not None and known.node is not None:
            return [Place(known.document.path, int(known.node.start), int(known.node.end))]
    return [view.place(node)]
