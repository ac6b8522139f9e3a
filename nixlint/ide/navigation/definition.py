"""Where the word at a place comes from."""

from __future__ import annotations

from nixlint.ide.document import Document
from nixlint.ide.knowledge.views import View
from nixlint.ide.model import Link, Place
from nixlint.ide.navigation.references import callers
from nixlint.ide.navigation.targets import FILE, INPUT, LOCAL, OPTION, Finder, Target, Word
from nixlint.ide.navigation.workspace import Workspace
from nixlint.semantic.model import DEF_FORMAL
from nixlint.syntax.nodes import Name


def definition(workspace: Workspace, document: Document, offset: int) -> list[Link]:
    """What the word at an offset means: the binder of a name or an attribute, the declaration of
    an option, the file of a path, the input that a formal of `outputs` is, the callers that pass a
    formal. `inherit` is looked through. Nothing where nothing is known."""
    return _links(workspace, document, offset, True)


def declaration(workspace: Workspace, document: Document, offset: int) -> list[Link]:
    """As `definition`, but the nearest binder: an `inherit`, or a formal itself."""
    return _links(workspace, document, offset, False)


def _links(workspace: Workspace, document: Document, offset: int, through: bool) -> list[Link]:
    finder = Finder(workspace)
    view = workspace.view(document.path) or View(document)
    word = finder.word(view, offset)
    if word is None or not word.targets:
        return []
    target = word.targets[0]
    found = finder.finals(target) if through else [target]
    out: list[Link] = []
    for one in found:
        out += _of_target(finder, word, one, through)
    if not out and target.kind == OPTION:
        # Nobody declares it here: the place itself is the best answer only for a definition.
        return []
    return out


def _of_target(finder: Finder, word: Word, target: Target, through: bool) -> list[Link]:
    places = list(zip(target.places, target.wholes, strict=True))
    if through and target.kind == LOCAL and isinstance(word.node, Name):
        passed = _passed(finder, target)
        if passed:
            return [Link(word.start, word.end, place) for place in passed]
    if target.kind == FILE or target.kind == INPUT or target.kind == OPTION:
        return [Link(word.start, word.end, whole, place) for place, whole in places]
    return [Link(word.start, word.end, whole, place) for place, whole in places]


def _passed(finder: Finder, target: Target) -> list[Place]:
    """Who passes a formal: the input of the flake, or the arguments of known callers."""
    found = target.definition
    if found is None or found.kind != DEF_FORMAL:
        return []
    for key in target.keys:
        if key[0] == "input" and isinstance(key[2], tuple):
            return finder.of_input(key[1], key[2][0]).places
    view = target.view
    summary = finder.workspace.summary(view.path) if view is not None else None
    if summary is not None and finder.workspace.is_module(summary):
        given = finder.of_argument(target.name)
        if given is not None:
            return given.places
    return callers(finder, target)
