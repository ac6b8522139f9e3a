"""`with x; … a …` becomes `… x.a …`, or `let inherit (x) a; in … a …`."""

from __future__ import annotations

from nixlint.analysis.verify import Change
from nixlint.diagnostics.model import Edit
from nixlint.ide.knowledge.nodes_at import path_to
from nixlint.ide.refactor.base import (
    REWRITE,
    Proposal,
    Site,
    is_plain_path,
    keeps_names,
    replaced,
    same_definition,
)
from nixlint.rules.removal import edits_of, remove_prefix
from nixlint.semantic.model import (
    DEF_INHERIT_FROM,
    REF_IMPLICIT,
    REF_INHERIT,
    REF_VAR,
    Reference,
    SemanticModel,
)
from nixlint.syntax.nodes import AttrName, ExprWith, Inherit, Node, unparen
from nixlint.syntax.strings import is_identifier


def propose(site: Site) -> list[Proposal]:
    """For the `with` whose head the place is in."""
    for node in reversed(site.path):
        if isinstance(node, ExprWith) and site.start < node.body.start:
            return _rewrite(site, node)
    return []


def _rewrite(site: Site, node: ExprWith) -> list[Proposal]:
    if not is_plain_path(node.attrs):
        return []
    scope = site.model.scope_for(node)
    if scope is None:
        return []
    uses: list[Reference] = []
    for reference in site.model.references:
        if reference.definition is not None or reference.kind == REF_IMPLICIT:
            continue
        withs = reference.withs
        if scope in withs:
            # With several of them around, nobody knows which one supplies a name.
            if len(withs) != 1 or not is_identifier(reference.name):
                return []
            uses.append(reference)
    if not uses:
        return []
    shown = site.text_of(unparen(node.attrs))
    out = []
    explicit = _explicit(site, node, uses, shown)
    if explicit is not None:
        title = f"Write `{shown}.` before the names that `with` supplies"
        proof = _Proof(site.model, node, uses).selects
        out.append(Proposal("with-to-select", title, REWRITE, explicit, proof))
    names = sorted({one.name for one in uses})
    clause = f"let inherit ({shown}) {' '.join(names)}; in"
    semicolon = _semicolon(site, node)
    if semicolon is not None:
        edits = [replaced(node.start, semicolon, clause)]
        title = f"Write `let inherit ({shown}) …; in` instead of `with`"
        proof = _Proof(site.model, node, uses).inherits
        out.append(Proposal("with-to-let", title, REWRITE, edits, proof))
    return out


class _Proof:
    """Whether names that a `with` supplied are taken from the same set afterwards."""

    def __init__(self, model: SemanticModel, node: ExprWith, uses: list[Reference]) -> None:
        self.model = model
        self.uses = uses
        head = [one for one in model.references if node.start < one.node.start < node.body.start]
        self.root = head[0].definition if head else None
        self.known = self.root is not None
        self.names = frozenset(one.name for one in head)
        starts = [one.node.start for one in uses + head]
        self.but = frozenset(starts)

    def _rest(self, change: Change, new: SemanticModel) -> bool:
        return self.known and keeps_names(self.model, new, change, self.but)

    def selects(self, change: Change, new: SemanticModel) -> bool:
        """For `x.a`: all new names are the `x` of before."""
        if not self._rest(change, new):
            return False
        count = 0
        for reference in new.references:
            if reference.name not in self.names:
                continue
            if change.is_new(reference.node.start, reference.node.end):
                count += 1
                if not same_definition(self.root, reference.definition, change):
                    return False
        return count > 0

    def inherits(self, change: Change, new: SemanticModel) -> bool:
        """For `let inherit (x) a;`: all uses are bound by the new clause."""
        if not self._rest(change, new):
            return False
        for use in self.uses:
            at = change.to_new(use.node.start, use.node.end)
            now = new.reference_at(at) if at is not None else None
            definition = now.definition if now is not None else None
            if definition is None or definition.kind != DEF_INHERIT_FROM:
                return False
            if not change.is_new(definition.node.start, definition.node.end):
                return False
        for reference in new.references:
            if reference.name in self.names and change.is_new(
                reference.node.start, reference.node.end
            ):
                if not same_definition(self.root, reference.definition, change):
                    return False
        return True


def _semicolon(site: Site, node: ExprWith) -> int | None:
    """Where the semicolon of a `with` ends."""
    tokens = site.document.tree.tokens
    index = tokens.previous_solid(tokens.index_at(node.body.start) - 1)
    end = tokens.end(index)
    return end if site.text[end - 1 : end] == ";" else None


def _explicit(site: Site, node: ExprWith, uses: list[Reference], shown: str) -> list[Edit] | None:
    edits = edits_of(site.document.tree, [remove_prefix(site.document.tree, node.start, node.body)])
    clauses: dict[int, Inherit] = {}
    inherited: dict[int, list[Node]] = {}
    for use in uses:
        if use.kind == REF_VAR:
            edits.append(replaced(use.node.start, use.node.start, f"{shown}."))
        elif use.kind == REF_INHERIT:
            clause = _clause_of(site, use.node)
            if clause is None:
                return None
            clauses[clause.start] = clause
            inherited.setdefault(clause.start, []).append(use.node)
    for start, clause in clauses.items():
        if len(clause.names) != len(inherited[start]):
            return None
        at = start + len("inherit")
        edits.append(replaced(at, at, f" ({shown})"))
    first = min(uses, key=lambda one: one.node.start)
    if first.node.start == node.body.start and edits[0].span.end == node.body.start:
        # The first name follows directly: one edit for both.
        edits = [one for one in edits if one.span.start != first.node.start or one is edits[0]]
        edits[0] = replaced(edits[0].span.start, edits[0].span.end, edits[0].text + f"{shown}.")
    return edits


def _clause_of(site: Site, name: Node) -> Inherit | None:
    """The `inherit` that a name belongs to."""
    for node in reversed(path_to(site.document, name.start)):
        if isinstance(node, Inherit):
            return node if isinstance(name, AttrName) and node.source is None else None
    return None
