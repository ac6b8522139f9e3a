"""Small remarks inside of the code: what ends here, what is locked, what is overridden."""

from __future__ import annotations

from typing import Final

from nixlint.ide.document import Document
from nixlint.ide.facts import DefinitionFact, ProjectFacts, text_hash
from nixlint.ide.hovering import markdown
from nixlint.ide.knowledge.known import Attrs, Literal, Resolver
from nixlint.syntax.nodes import Binding, Node

LONG_BINDING: Final = 25
"""So many lines from the first to the last make a binding long."""


class Hint:
    """A remark at an offset, shown behind what stands there; `tooltip` is Markdown."""

    def __init__(self, offset: int, label: str, tooltip: str = "") -> None:
        self.offset = offset
        self.label = label
        self.tooltip = tooltip


def hints(document: Document, start: int, end: int, facts: ProjectFacts | None) -> list[Hint]:
    """The hints between two offsets, in the order of the text."""
    out = _ends(document, start, end)
    if facts is not None:
        if document.path.endswith("/flake.nix"):
            out.extend(_inputs(document, facts))
        out.extend(_overridden(document, facts))
    out = [hint for hint in out if start <= hint.offset <= end]
    out.sort(key=lambda hint: hint.offset)
    return out


def _ends(document: Document, start: int, end: int) -> list[Hint]:
    """The names of long bindings, where they end."""
    out: list[Hint] = []
    source = document.source
    text = document.text
    stack: list[Node] = [document.tree.root.expr]
    while stack:
        node = stack.pop()
        if node.end < start or node.start > end:
            continue
        if isinstance(node, Binding):
            if text[node.end - 1 : node.end] == ";" and start <= node.end <= end:
                lines = source.line_of(node.end) - source.line_of(node.start) + 1
                if lines >= LONG_BINDING:
                    name = markdown.short(text[node.path.start : node.path.end], 60)
                    out.append(Hint(int(node.end), name))
            stack.append(node.value)
            continue
        stack.extend(node.children())
    return out


def _inputs(document: Document, facts: ProjectFacts) -> list[Hint]:
    """The locked revision of each input, behind its `url`."""
    out: list[Hint] = []
    resolver = Resolver(2000)
    root = resolver.value(document, document.tree.root.expr)
    inputs = resolver.attribute(root, "inputs")
    if not isinstance(inputs, Attrs):
        return out
    for name in dict.fromkeys(member.name for member in inputs.members()):
        found = facts.inputs.get(name)
        if found is None or not (found.rev or found.date):
            continue
        url = resolver.attribute(resolver.attribute(inputs, name), "url")
        if isinstance(url, Literal) and url.node is not None and url.document is document:
            words = [found.rev[:7], found.date]
            label = " ".join(word for word in words if word)
            out.append(Hint(int(url.node.end), label, markdown.flake_input(found)))
    return out


def _overridden(document: Document, facts: ProjectFacts) -> list[Hint]:
    """Definitions that another one wins over. Only while the file is as it was looked at."""
    known = facts.hashes.get(document.path)
    if known is None:
        return []
    out: list[Hint] = []
    checked = False
    for found in definitions_by_file(facts).get(document.path, ()):
        mine, others = found
        winner = next((each for each in others if each.wins), None)
        if mine.wins or winner is None or mine.place is None:
            continue
        if not set(mine.configurations) <= set(winner.configurations):
            continue
        if not checked:
            if text_hash(document.text) != known:
                return []
            checked = True
        where = markdown.place(winner.place, facts.root) if winner.place is not None else ""
        label = "overridden"
        if winner.priority is not None:
            label += f" by {markdown.priority(winner.priority).replace('`', '')}"
        tooltip = f"Another definition wins: {where}" if where else ""
        out.append(Hint(mine.place.end, label, tooltip))
    return out


_Table = dict[str, list[tuple[DefinitionFact, list[DefinitionFact]]]]
_tables: list[tuple[ProjectFacts, _Table]] = []


def definitions_by_file(facts: ProjectFacts) -> _Table:
    """File → the definitions in it, each with all definitions of the same option."""
    for known, table in _tables:
        if known is facts:
            return table
    table = {}
    groups = [option.definitions for option in facts.options.values()]
    groups.extend(facts.definitions.values())
    for group in groups:
        same: dict[str, list[DefinitionFact]] = {}
        for each in group:
            same.setdefault(each.path, []).append(each)
        for others in same.values():
            if len(others) < 2:
                continue
            for each in others:
                if each.place is not None:
                    table.setdefault(each.place.path, []).append((each, others))
    _tables.append((facts, table))
    del _tables[:-4]
    return table
