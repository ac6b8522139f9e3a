"""A name that nothing binds becomes an argument of a function around it."""

from __future__ import annotations

from nixlint.analysis.verify import Change
from nixlint.diagnostics.model import Edit
from nixlint.ide.refactor.base import QUICK_FIX, Proposal, Site, replaced
from nixlint.semantic.builtins import is_global
from nixlint.semantic.model import DEF_BUILTIN, Reference, SemanticModel
from nixlint.syntax.ids import T_COMMA, T_ELLIPSIS
from nixlint.syntax.nodes import ExprLambda, ExprVar, Formals
from nixlint.syntax.strings import is_identifier


def propose(site: Site) -> list[Proposal]:
    """For the variable at the place."""
    node = site.node
    if not isinstance(node, ExprVar):
        return []
    reference = site.model.reference_at(node.start)
    if reference is None or reference.definition is not None or reference.withs:
        return []
    name = reference.name
    if is_global(name) or not is_identifier(name):
        return []
    out: list[Proposal] = []
    for around in reversed(site.path):
        if isinstance(around, ExprLambda) and around.arg.formals is not None:
            if node.start < around.body.start:
                continue
            formals = around.arg.formals
            edit = add_formal(site, formals, name)
            line = site.text.count("\n", 0, around.start) + 1
            title = f"Add `{name}` to the arguments of the function in line {line}"
            proof = _OneMore(site.model, name).holds
            out.append(Proposal("add-formal", title, QUICK_FIX, [edit], proof))
    return out[::-1]


class _OneMore:
    """Whether a change binds one name, and leaves all others as they were."""

    def __init__(self, model: SemanticModel, name: str) -> None:
        self.model = model
        self.name = name

    def holds(self, change: Change, new: SemanticModel) -> bool:
        """Compares the names before and after."""
        if len(self.model.references) != len(new.references):
            return False
        for old, now in zip(self.model.references, new.references, strict=True):
            if old.name != now.name or not self._same(old, now, change):
                return False
        return True

    def _same(self, old: Reference, now: Reference, change: Change) -> bool:
        before, after = old.definition, now.definition
        if before is None or after is None:
            return before is after or (old.name == self.name and not old.withs)
        if before.kind == DEF_BUILTIN or after.kind == DEF_BUILTIN:
            return before.kind == after.kind
        return change.to_new(before.node.start, before.node.start + 1) == after.node.start


def add_formal(site: Site, formals: Formals, name: str) -> Edit:
    """The edit that adds a formal, in the style of those that are there."""
    text = site.text
    tokens = site.document.tree.tokens
    if not formals.items:
        index = tokens.next_solid(tokens.index_at(formals.start) + 1)
        if tokens.kind(index) == T_ELLIPSIS:
            at = tokens.start(index)
            return replaced(at, at, f"{name}, ")
        at = formals.start + 1
        blank = " " if text[at : at + 1] != " " else ""
        return replaced(at, at, f" {name}{blank}")
    last = formals.items[-1]
    begin = text.rfind("\n", 0, last.start) + 1
    lead = text[begin : last.start]
    if begin > formals.start and not lead.strip(" \t,"):
        if lead.lstrip().startswith(","):
            # `, last`: the commas lead.
            return replaced(last.end, last.end, f"\n{lead}{name}")
        after = tokens.next_solid(tokens.index_at(last.end))
        if tokens.kind(after) == T_COMMA:
            at = tokens.end(after)
            more = "," if formals.ellipsis or _ends_with_comma(site, after) else ""
            return replaced(at, at, f"\n{lead}{name}{more}")
        return replaced(last.end, last.end, f",\n{lead}{name}")
    return replaced(last.end, last.end, f", {name}")


def _ends_with_comma(site: Site, comma: int) -> bool:
    """Whether nothing follows a comma but the brace."""
    tokens = site.document.tree.tokens
    return site.text[tokens.start(tokens.next_solid(comma + 1))] == "}"
