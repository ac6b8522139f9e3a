"""A selected expression becomes a binding of a `let`, and a name in its place."""

from __future__ import annotations

import re
from typing import Final

from nixlint.analysis.verify import Change
from nixlint.diagnostics.model import Edit
from nixlint.ide.refactor.base import (
    EXTRACT,
    Proposal,
    Site,
    keeps_names,
    replaced,
    same_definition,
)
from nixlint.semantic.builtins import is_global
from nixlint.semantic.model import Reference, SemanticModel
from nixlint.syntax.nodes import (
    AttrName,
    AttrPath,
    Binding,
    ErrorNode,
    ExprAssert,
    ExprCall,
    ExprIndString,
    ExprLambda,
    ExprLet,
    ExprList,
    ExprPath,
    ExprSelect,
    ExprString,
    ExprUri,
    ExprVar,
    ExprWith,
    Formal,
    Formals,
    Inherit,
    Interpolation,
    LambdaArg,
    Name,
    Node,
    Root,
    unparen,
)
from nixlint.syntax.strings import is_identifier, static_name

_NO_EXPRESSIONS: Final = (
    AttrName,
    AttrPath,
    Binding,
    ErrorNode,
    Formal,
    Formals,
    Inherit,
    Interpolation,
    LambdaArg,
    Name,
    Root,
)
_NOT_NAMES: Final = re.compile(r"[^A-Za-z0-9_'-]")


def propose(site: Site) -> list[Proposal]:
    """For a selection that is one expression.

    The proposals are alternatives, from the inside out: the first that can be done is meant.
    """
    node = selected(site)
    if node is None:
        return []
    name = _name_for(site, unparen(node))
    out: list[Proposal] = []
    for index in range(site.path.index(node) - 1, -1, -1):
        around = site.path[index]
        below = site.path[index + 1]
        if isinstance(around, ExprLet):
            out.append(_into_let(site, node, around, below, name))
        elif below is not node and not isinstance(below, ExprLet) and _is_place(around, below):
            out.append(_wrapped(site, node, below, name))
    return out


def selected(site: Site) -> Node | None:
    """The expression that is selected, the outermost of those that fit; None for a mere name."""
    if site.start == site.end:
        return None
    for index, node in enumerate(site.path):
        if node.start == site.start and node.end == site.end:
            if isinstance(node, (ExprVar, *_NO_EXPRESSIONS)) or index == 0:
                continue
            above = site.path[index - 1]
            if isinstance(above, AttrName) or isinstance(unparen(node), ExprVar):
                return None
            return node
    return None


def _is_place(around: Node, below: Node) -> bool:
    """Whether a `let` may stand at a node, for readers: as a value, the body of a function, ….

    Anywhere else it would need parentheses.
    """
    if isinstance(around, Binding):
        return below is around.value
    if isinstance(around, (ExprLambda, ExprWith, ExprAssert)):
        return below is around.body
    return isinstance(around, Root)


def _name_for(site: Site, node: Node) -> str:
    """A name that is bound and used nowhere in the file."""
    text = site.text
    wish = "value"
    if isinstance(node, ExprSelect):
        wish = static_name(node.path.names()[-1], text) or wish
    elif isinstance(node, ExprCall):
        head = unparen(node.fn)
        last = head
        if isinstance(head, ExprSelect):
            last = head.path.names()[-1]
        called = text[last.start : last.end]
        wish = "imported" if called == "import" else wish
    elif isinstance(node, (ExprString, ExprIndString)):
        wish = "text"
    elif isinstance(node, ExprUri):
        wish = "url"
    elif isinstance(node, ExprPath):
        wish = "path"
    elif isinstance(node, ExprList):
        wish = "list"
    elif isinstance(node, ExprLambda):
        wish = "function"
    wish = _NOT_NAMES.sub("", wish)
    if not is_identifier(wish):
        wish = "value"
    taken = {one.name for one in site.model.definitions}
    taken.update(one.name for one in site.model.references)
    name = wish
    number = 2
    while name in taken or is_global(name):
        name = f"{wish}{number}"
        number += 1
    return name


def _into_let(site: Site, node: Node, around: ExprLet, below: Node, name: str) -> Proposal:
    """A new binding in a `let` that is there: before the one the selection is in, or last."""
    text = site.text
    title = f"Extract into the binding `{name}`"
    moved = without_parentheses(site, node)
    value = site.text_of(moved)
    proof = _Proof(site.model, node, moved, name).holds
    edits = [replaced(node.start, node.end, name)]
    if not around.binds:
        at = around.start + len("let")
        edits.append(replaced(at, at, f" {name} = {value};"))
        return Proposal("extract", title, EXTRACT, edits, proof)
    if below is around.body:
        last = around.binds[-1]
        lead = _lead(site, last)
        edits.append(replaced(last.end, last.end, f"{lead}{name} = {value};"))
    else:
        begin = text.rfind("\n", 0, below.start) + 1
        own_line = not text[begin : below.start].strip()
        lead = "\n" + text[begin : below.start] if own_line else " "
        edits.append(replaced(below.start, below.start, f"{name} = {value};{lead}"))
    return Proposal("extract", title, EXTRACT, edits, proof)


def _lead(site: Site, bind: Node) -> str:
    """What stands before a binding: a line end and its indentation, or a blank."""
    begin = site.text.rfind("\n", 0, bind.start) + 1
    lead = site.text[begin : bind.start]
    return "\n" + lead if not lead.strip() else " "


def _wrapped(site: Site, node: Node, target: Node, name: str) -> Proposal:
    """A new `let` around an expression."""
    text = site.text
    moved = without_parentheses(site, node)
    value = site.text_of(moved)
    proof = _Proof(site.model, node, moved, name).holds
    begin = text.rfind("\n", 0, target.start) + 1
    lead = text[begin : target.start]
    whole = text[target.start : target.end]
    if "\n" not in whole and "\n" not in value and lead.strip():
        head = f"let {name} = {value}; in "
    else:
        indent = site.indentation(target.start)
        start = ""
        if lead.strip():
            start = f"\n{indent}"
        head = f"{start}let\n{indent}  {name} = {value};\n{indent}in\n{indent}"
    edits: list[Edit] = [replaced(node.start, node.end, name)]
    if node.start == target.start:
        edits = [replaced(node.start, node.end, head + name)]
    else:
        at = target.start
        if head.startswith("\n"):
            while at > 0 and text[at - 1] in " \t":
                at -= 1
        edits.append(replaced(at, target.start, head))
    title = f"Extract into the binding `{name}`"
    return Proposal("extract", title, EXTRACT, edits, proof)


def without_parentheses(site: Site, node: Node) -> Node:
    """An expression without its parentheses, if that loses no comment."""
    inner = unparen(node)
    head, tail = site.text[node.start : inner.start], site.text[inner.end : node.end]
    return inner if not head.strip("( \t\n") and not tail.strip(") \t\n") else node


class _Proof:
    """Whether the new binding is used once, and all names mean what they meant."""

    def __init__(self, model: SemanticModel, node: Node, value: Node, name: str) -> None:
        self.model = model
        self.node = node
        self.value = value
        self.name = name

    def holds(self, change: Change, new: SemanticModel) -> bool:
        """Compares the names before and after."""
        inside = [
            one
            for one in self.model.references
            if self.node.start <= one.node.start < self.node.end
        ]
        if not keeps_names(self.model, new, change, frozenset(one.node.start for one in inside)):
            return False
        found = [one for one in new.definitions if one.name == self.name]
        if len(found) != 1 or len(found[0].references) != 1:
            return False
        bind = found[0].owner
        if not isinstance(bind, Binding):
            return False
        moved = [
            one for one in new.references if bind.value.start <= one.node.start < bind.value.end
        ]
        if len(moved) != len(inside):
            return False
        shift = bind.value.start - self.value.start
        for old, now in zip(inside, moved, strict=True):
            if old.name != now.name or not self._same(old, now, shift, change):
                return False
        return True

    def _same(self, old: Reference, now: Reference, shift: int, change: Change) -> bool:
        before, after = old.definition, now.definition
        if before is None and after is None:
            return self._places(old, shift, change) == [one.node.start for one in now.withs]
        if before is not None and self.node.start <= before.node.start < self.node.end:
            return after is not None and after.node.start == before.node.start + shift
        return same_definition(before, after, change)

    def _places(self, old: Reference, shift: int, change: Change) -> list[int | None]:
        """Where the `with`s are afterwards that may supply a name."""
        return [
            scope.node.start + shift
            if self.node.start <= scope.node.start < self.node.end
            else change.to_new(scope.node.start, scope.node.start + 1)
            for scope in old.withs
        ]
