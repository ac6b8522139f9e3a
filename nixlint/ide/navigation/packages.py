"""Where packages are written: in an overlay of the project, or in nixpkgs if that is on disk."""

from __future__ import annotations

from nixlint.ide.document import Document
from nixlint.ide.facts import ProjectFacts
from nixlint.ide.knowledge.known import PACKAGES, Known, Named, Resolver
from nixlint.ide.knowledge.nodes_at import path_to
from nixlint.ide.model import Link
from nixlint.ide.packages.describing import place_of
from nixlint.syntax.nodes import (
    AttrName,
    AttrPath,
    ExprOpHasAttr,
    ExprSelect,
    ExprVar,
    Inherit,
    Node,
)
from nixlint.syntax.strings import static_name


def package_definition(document: Document, offset: int, facts: ProjectFacts | None) -> list[Link]:
    """The file of the package that the word at an offset means; nothing for other words."""
    path = path_to(document, offset)
    word = path[-1]
    known = _known(document, path)
    if facts is None or not isinstance(known, Named) or known.kind != PACKAGES or not known.path:
        return []
    place = facts.own_packages.get(known.path[0]) if not known.source else None
    if place is None:
        packages = facts.packages_of(known.source)
        place = place_of(packages, known.path) if packages is not None else None
    return [Link(word.start, word.end, place)] if place is not None else []


def _known(document: Document, path: list[Node]) -> Known | None:
    """What the word at the end of a path of nodes is."""
    resolver = Resolver()
    word = path[-1]
    if isinstance(word, ExprVar):
        return resolver.value(document, word)
    if not isinstance(word, AttrName) or len(path) < 3:
        return None
    above, around = path[-2], path[-3]
    if isinstance(above, Inherit):
        name = static_name(word, document.text)
        if above.source is None or name is None:
            return None
        return resolver.attribute(resolver.value(document, above.source), name)
    if not isinstance(above, AttrPath) or not isinstance(around, (ExprSelect, ExprOpHasAttr)):
        return None
    known = resolver.value(document, around.base)
    for each in around.path.names():
        name = static_name(each, document.text)
        known = resolver.attribute(known, name) if name is not None else None
        if each is word:
            return known
    return None
