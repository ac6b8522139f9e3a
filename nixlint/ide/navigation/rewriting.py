"""Changing names in a text, and proving that every other name still means the same.

A `Rewrite` collects replacements in one file and remembers where names go; `alpha_equal` compares
the scopes before and after. Offsets are code points.
"""

from __future__ import annotations

import os

from nixlint.analysis.config import NEWEST_NIX
from nixlint.diagnostics.model import Edit
from nixlint.ide.document import Document
from nixlint.ide.knowledge.views import View
from nixlint.ide.model import Change, RefusedError
from nixlint.ide.navigation.workspace import Workspace
from nixlint.semantic.model import (
    DEF_BUILTIN,
    REF_IMPLICIT,
    Reference,
    SemanticModel,
)
from nixlint.syntax.checks import check_tree
from nixlint.syntax.nodes import (
    AttrName,
    ExprParen,
    ExprSelect,
    ExprVar,
    Inherit,
    Node,
)
from nixlint.syntax.strings import quote_name
from nixlint.text.span import Span

DEFINES = "defines"
USES = "uses"

Anchor = tuple[str, int, int]
"""What a name does (`DEFINES` or `USES`), where it stood, and where it stands in the new text of
the replacement."""


class _Replacement:
    def __init__(self, start: int, end: int, text: str, anchors: list[Anchor]) -> None:
        self.start = start
        self.end = end
        self.text = text
        self.anchors = anchors


class Rewrite:
    """The replacements in one file."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.replacements: list[_Replacement] = []
        self._inherits: dict[int, tuple[Inherit, list[tuple[AttrName, str, list[Anchor]]]]] = {}
        self._starts: set[int] = set()

    def replace(self, node: Node, text: str) -> None:
        """Replaces a name by another."""
        start = int(node.start)
        if start in self._starts:
            return
        self._starts.add(start)
        anchors = [(DEFINES, start, 0), (USES, start, 0)]
        self.replacements.append(_Replacement(start, int(node.end), text, anchors))

    def expand(self, owner: Inherit, attr: AttrName, key: str, value: str) -> None:
        """`inherit attr;` becomes `key = value;`, where `value` is a variable, or a name selected
        from the source of the `inherit`."""
        start = int(attr.start)
        if start in self._starts:
            return
        self._starts.add(start)
        left = f"{quote_name(key)} = "
        anchors: list[Anchor] = [(DEFINES, start, 0)]
        if owner.source is None:
            text = f"{left}{value};"
            anchors.append((USES, start, len(left)))
        else:
            source = self.view.slice(owner.source)
            simple = isinstance(owner.source, (ExprVar, ExprSelect, ExprParen))
            if isinstance(owner.source, ExprSelect) and owner.source.default is not None:
                simple = False
            before = "" if simple else "("
            after = "" if simple else ")"
            text = f"{left}{before}{source}{after}.{quote_name(value)};"
            begin = len(left) + len(before)
            for reference in self.view.model.references:
                at = int(reference.node.start)
                if owner.source.start <= at < owner.source.end:
                    anchors.append((USES, at, begin + at - int(owner.source.start)))
            for definition in self.view.model.definitions:
                if definition.kind == DEF_BUILTIN:
                    continue
                for node in definition.nodes():
                    at = int(node.start)
                    if owner.source.start <= at < owner.source.end:
                        anchors.append((DEFINES, at, begin + at - int(owner.source.start)))
        found = self._inherits.setdefault(int(owner.start), (owner, []))
        found[1].append((attr, text, anchors))

    def finish(self) -> Result:
        """The new text, and where everything went."""
        for owner, expanded in self._inherits.values():
            self._expand_all(owner, expanded)
        self._inherits = {}
        return Result(self.view, self.replacements)

    def _expand_all(
        self, owner: Inherit, expanded: list[tuple[AttrName, str, list[Anchor]]]
    ) -> None:
        gone = {int(attr.start) for attr, _, _ in expanded}
        rest = [attr for attr in owner.names if int(attr.start) not in gone]
        pieces: list[str] = []
        anchors: list[Anchor] = []
        at = 0
        spaced = bool(rest) or self._has_comment(owner)
        between = self._between(owner)
        for _, text, found in expanded:
            piece = between + text if pieces or spaced else text
            shift = at + len(piece) - len(text)
            anchors += [(what, old, shift + where) for what, old, where in found]
            pieces.append(piece)
            at += len(piece)
        joined = "".join(pieces)
        if not spaced:
            self.replacements.append(
                _Replacement(int(owner.start), int(owner.end), joined, anchors)
            )
            return
        text = self.view.text
        for attr, _, _ in expanded:
            start = int(attr.start)
            while text[start - 1] in " \t":
                start -= 1
            if text[start - 1] in "\r\n":
                if text[attr.end : attr.end + 1] in ("\r", "\n"):
                    start -= 2 if text[start - 2 : start] == "\r\n" else 1
                else:
                    start = int(attr.start)
            self.replacements.append(_Replacement(start, int(attr.end), "", []))
        end = int(owner.end)
        self.replacements.append(_Replacement(end, end, joined, anchors))

    def _between(self, owner: Inherit) -> str:
        """What stands between an `inherit` and a binding after it: a line end if it has its lines
        for itself, else a blank."""
        text = self.view.text
        line = max(text.rfind("\n", 0, owner.start), text.rfind("\r", 0, owner.start)) + 1
        indent = text[line : owner.start]
        after = text[owner.end : owner.end + 2]
        if indent.strip() or not after.startswith(("\n", "\r")):
            return " "
        return ("\r\n" if after == "\r\n" else after[0]) + indent

    def _has_comment(self, owner: Inherit) -> bool:
        comments = self.view.document.tree.comments()
        return any(owner.start <= one.start < owner.end for one in comments)


class Result:
    """A file after its replacements."""

    def __init__(self, view: View, replacements: list[_Replacement]) -> None:
        self.view = view
        self._replacements = sorted(replacements, key=lambda each: (each.start, each.end))
        pieces: list[str] = []
        at = 0
        size = 0
        self._moved: dict[tuple[str, int], list[int]] = {}
        self._shifts: list[tuple[int, int, int]] = []
        delta = 0
        for one in self._replacements:
            pieces.append(view.text[at : one.start])
            size += one.start - at
            for what, old, where in one.anchors:
                self._moved.setdefault((what, old), []).append(size + where)
            pieces.append(one.text)
            size += len(one.text)
            at = one.end
            delta += len(one.text) - (one.end - one.start)
            self._shifts.append((one.start, one.end, delta))
        pieces.append(view.text[at:])
        self.text = "".join(pieces)
        self.document = Document(view.path, self.text, view.document.version)
        self.edits = [Edit(Span(one.start, one.end), one.text) for one in self._replacements]

    def moved(self, what: str, start: int) -> list[int]:
        """Where a name that stood at `start` stands now; usually one place."""
        found = list(self._moved.get((what, start), []))
        kept = self._kept(start)
        if kept is not None:
            found.append(kept)
        return found

    def _kept(self, start: int) -> int | None:
        delta = 0
        for begin, end, after in self._shifts:
            if begin > start:
                break
            if begin <= start < end:
                return None
            delta = after
        return start + delta


def alpha_equal(old: SemanticModel, result: Result, renamed: dict[str, str]) -> tuple[str, int]:
    """What is wrong with the names of a file after a change, for people, and where it was; ""
    and 0 if nothing is.

    `renamed` are names that a `with` supplies, and what they are called afterwards.
    """
    document = result.document
    if any(error.fatal for error in document.tree.errors):
        return "the result would not parse", 0
    new = document.model
    count = 0
    for reference in old.references:
        if reference.kind == REF_IMPLICIT:
            continue
        at_old = int(reference.node.start)
        places = result.moved(USES, at_old)
        if not places:
            return f"the name `{reference.name}` would be lost", at_old
        wanted = _binder(reference, result)
        for at in places:
            count += 1
            now = new.reference_at(at)
            if now is None:
                return f"the name `{reference.name}` would become something else", at_old
            binder = _binder(now, None)
            if binder not in wanted and not _is_renamed(reference, binder, wanted, renamed):
                return f"`{now.name}` would mean something else there", at_old
    if count != sum(1 for each in new.references if each.kind != REF_IMPLICIT):
        return "a name would be used more often than before", 0
    before = [_implicit(each, result) for each in old.references if each.kind == REF_IMPLICIT]
    after = [_implicit(each, None) for each in new.references if each.kind == REF_IMPLICIT]
    if before != after:
        return "an operator would call another function", 0
    if _count(old) != _count(new):
        return "two names would become one", 0
    return "", 0


def _is_renamed(
    reference: Reference, binder: object, wanted: object, renamed: dict[str, str]
) -> bool:
    """Whether a name that a `with` supplies has got its new name, and no other binder."""
    new = renamed.get(reference.name)
    if new is None or not isinstance(binder, tuple) or not isinstance(wanted, list):
        return False
    return binder[0] == "with" and (binder[0], reference.name, binder[2]) in wanted


def _count(model: SemanticModel) -> int:
    return sum(1 for each in model.definitions if each.kind != DEF_BUILTIN)


Binder = tuple[str, str, tuple[int, ...]]


def _binder(reference: Reference, result: Result | None) -> list[Binder] | Binder:
    """What a name means; with a result, all ways to say it after the change."""
    found = reference.definition
    if found is None:
        withs = [int(scope.node.start) for scope in reference.withs]
        if result is None:
            return ("with" if withs else "nothing", reference.name, tuple(withs))
        moved = tuple(_first(result, start) for start in withs)
        return [("with" if withs else "nothing", reference.name, moved)]
    if found.kind == DEF_BUILTIN:
        binder: Binder = ("builtin", found.name, ())
        return binder if result is None else [binder]
    starts = [int(node.start) for node in found.nodes()]
    if result is None:
        return ("name", "", tuple(sorted(starts)))
    places = [result.moved(DEFINES, start) for start in starts]
    if len(places) == 1:
        return [("name", "", (at,)) for at in places[0]]
    flat = sorted(at for found_at in places for at in found_at)
    return [("name", "", tuple(flat))]


def _implicit(reference: Reference, result: Result | None) -> object:
    binder = _binder(reference, result)
    return binder[0] if isinstance(binder, list) else binder


def _first(result: Result, start: int) -> int:
    found = result.moved(DEFINES, start)
    return found[-1] if found else -1


def finished(
    workspace: Workspace,
    rewrites: dict[str, Rewrite],
    old: str,
    new: str,
    by_with: set[str] | frozenset[str] = frozenset(),
) -> dict[str, Result]:
    """The new texts of several files, in each of which every name means what it meant.

    `old` becomes `new`; in the files `by_with` a `with` supplies it. Raises `RefusedError`.
    """
    results: dict[str, Result] = {}
    for path, rewrite in rewrites.items():
        view = rewrite.view
        if any(error.fatal for error in view.document.tree.errors):
            raise RefusedError(f"{base_name(workspace, path)} does not parse as it is.")
        try:
            result = rewrite.finish()
        except ValueError:
            raise RefusedError("Two changes would overlap.") from None
        reason, at = alpha_equal(view.model, result, {old: new} if path in by_with else {})
        if not reason and _mistakes(result.document) > _mistakes(view.document):
            reason = "the result would not parse"
        if reason:
            place = shown(workspace, view, at) if at else base_name(workspace, path)
            raise RefusedError(f"`{old}` cannot be called `{new}`: {reason} ({place}).")
        results[path] = result
    return results


def change_of(results: dict[str, Result]) -> Change:
    """The edits that lead to new texts."""
    out = Change()
    for path in sorted(results):
        for edit in results[path].edits:
            out.add(path, edit)
    return out


def base_name(workspace: Workspace, path: str) -> str:
    """A path for people."""
    root = workspace.root
    return os.path.relpath(path, root) if root else os.path.basename(path)


def shown(workspace: Workspace, view: View, offset: int) -> str:
    """A place for people: `hosts/a.nix:12`, lines from 1."""
    line = view.document.source.line_of(offset) + 1
    return f"{base_name(workspace, view.path)}:{line}"


def _mistakes(document: Document) -> int:
    return sum(1 for error in check_tree(document.tree, NEWEST_NIX) if error.fatal)
