"""Dead bindings of `let`, and how to take them out together.

A dead binding may refer to another dead one, which then cannot go without it. So bindings that
hang together are removed by one fix, which all of their findings share.
"""

from __future__ import annotations

from typing import Final

from nixlint.diagnostics.model import SAFE, UNSAFE, Fix, Note
from nixlint.rules.base import FileContext
from nixlint.rules.removal import (
    Removal,
    edits_of,
    remove_inherited,
    remove_let,
    remove_lines,
)
from nixlint.rules.unresolved import meant_by_typos
from nixlint.semantic.model import (
    SCOPE_LEGACY_LET,
    SCOPE_LET,
    Definition,
    Region,
    Scope,
    says_unused,
)
from nixlint.syntax.ids import T_SKIPPED
from nixlint.syntax.nodes import AttrName, ExprLet, Inherit, Node
from nixlint.syntax.tree import Tree

MAX_SHARED: Final = 20
"""In larger groups only the first finding carries the fix."""


class Dead:
    """A dead definition, and the fix that removes it (None if another finding has it)."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.fix: Fix | None = None
        self.leader: Dead = self
        """Another of its group, or itself; see `find_leader`."""


def is_cut_off(tree: Tree) -> bool:
    """Whether Nix does not read all of the text, because of a NUL byte: then what seems unused
    may be meant to be used in the rest."""
    if not tree.has_nul:
        return False
    tokens = tree.tokens
    return any(tokens.kind(index) == T_SKIPPED for index in range(len(tokens)))


def find_dead(ctx: FileContext) -> list[Dead]:
    """The dead bindings in live code, with their fixes.

    What is dead because it stands inside a dead binding is not mentioned: it goes with it.
    """
    out: list[Dead] = []
    for definition in ctx.model.definitions:
        if is_dead(definition):
            out.append(Dead(definition))
    if not out or is_cut_off(ctx.tree):
        return []
    meant = meant_by_typos(ctx)
    out = [dead for dead in out if dead.definition.node.start not in meant]
    by_definition: dict[int, Dead] = {}
    for dead in out:
        by_definition[dead.definition.node.start] = dead
    whole_lets = join_lets(ctx, out, by_definition)
    for dead in out:
        for reference in dead.definition.references:
            user = user_of(reference.region)
            if user is not None:
                other = by_definition.get(user.node.start)
                if other is not None:
                    join(dead, other)
    groups: dict[int, list[Dead]] = {}
    for dead in out:
        groups.setdefault(find_leader(dead).definition.node.start, []).append(dead)
    for group in groups.values():
        fix = make_fix(ctx, group, whole_lets)
        count = len(group) if len(group) <= MAX_SHARED else 1
        for dead in group[:count]:
            dead.fix = fix
    return out


def is_dead(definition: Definition) -> bool:
    """Whether a binding of a `let` in live code is never needed, and not kept on purpose."""
    if definition.live or not definition.scope.region.live:
        return False
    if definition.scope.kind == SCOPE_LEGACY_LET:
        # Without a `body` nothing could be used; `legacy-let-missing-body` says so.
        if "body" not in definition.scope.names:
            return False
    elif definition.scope.kind != SCOPE_LET:
        return False
    return not says_unused(definition.name)


def user_of(region: Region) -> Definition | None:
    """The outermost dead definition that a dead region belongs to."""
    at: Region | None = region
    while at is not None:
        parent = at.parent
        if parent is not None and parent.live:
            return at.definitions[0] if at.definitions and not at.live else None
        at = parent
    return None


def is_dead_end(definition: Definition) -> bool:
    """Whether it is used, but by nothing except its own value."""
    uses = definition.references
    return bool(uses) and all(user_of(reference.region) is definition for reference in uses)


def dead_use(definition: Definition) -> list[Note]:
    """A note on the dead code that uses the definition all the same, if there is any."""
    for reference in definition.references:
        if not reference.live:
            user = user_of(reference.region)
            if user is not None and user is not definition:
                text = f"used only here, for `{user.name}`, which is never used itself"
                return [Note(text, reference.node.span)]
    return []


# --- groups ------------------------------------------------------------------------------------


def find_leader(dead: Dead) -> Dead:
    """The one that stands for a group; shortens the way for the next time."""
    top = dead
    while top.leader is not top:
        top = top.leader
    while dead.leader is not top:
        above = dead.leader
        dead.leader = top
        dead = above
    return top


def join(one: Dead, other: Dead) -> None:
    first = find_leader(one)
    second = find_leader(other)
    if first is not second:
        second.leader = first


def join_lets(
    ctx: FileContext, all_dead: list[Dead], by_definition: dict[int, Dead]
) -> dict[int, ExprLet]:
    """Makes one group of what goes in one piece: all names of an `inherit`, all bindings of a
    `let` (given back by the start of a definition in it)."""
    scopes: dict[int, Scope] = {}
    inherits: dict[int, list[Dead]] = {}
    for each in all_dead:
        definition = each.definition
        scopes[definition.scope.node.start] = definition.scope
        owner = definition.owner
        if isinstance(owner, Inherit):
            members = inherits.setdefault(owner.start, [])
            members.append(each)
            if len(members) == len(owner.names):
                for member in members:
                    join(each, member)
    whole: dict[int, ExprLet] = {}
    for scope in scopes.values():
        node = scope.node
        if not isinstance(node, ExprLet) or remove_let(ctx.tree, node).has_comment:
            continue
        group: list[Dead] = []
        for definition in scope.names.values():
            found = by_definition.get(definition.node.start)
            if found is None:
                break
            group.append(found)
        if len(group) < len(scope.names) or not only_names(node, scope):
            continue
        for member in group:
            join(group[0], member)
            whole[member.definition.node.start] = node
    return whole


def only_names(node: ExprLet, scope: Scope) -> bool:
    """Whether every binding of a `let` defines a name: not so `${e} = …` and `inherit (e);`."""
    owners: set[int] = set()
    for definition in scope.names.values():
        for owner in definition.owners():
            owners.add(owner.start)
    return all(bind.start in owners for bind in node.binds)


def make_fix(ctx: FileContext, group: list[Dead], whole_lets: dict[int, ExprLet]) -> Fix:
    safe = True
    removals: list[Removal] = []
    lets: set[int] = set()
    inherits: dict[int, tuple[Inherit, list[AttrName]]] = {}
    for dead in group:
        definition = dead.definition
        let = whole_lets.get(definition.node.start)
        if let is not None:
            if let.start not in lets:
                lets.add(let.start)
                removals.append(remove_let(ctx.tree, let))
            continue
        nodes: list[Node] = definition.nodes()
        owners: list[Node] = definition.owners()
        for index, owner in enumerate(owners):
            attr = nodes[index]
            if isinstance(owner, Inherit) and isinstance(attr, AttrName):
                inherits.setdefault(owner.start, (owner, []))[1].append(attr)
            else:
                removals.append(remove_lines(ctx.tree, owner.start, owner.end))
    for owner, names in inherits.values():
        removals.append(remove_inherited(ctx.tree, owner, names))
    for removal in removals:
        safe = safe and not removal.has_comment
    return Fix(title_of(group), edits_of(ctx.tree, removals), SAFE if safe else UNSAFE)


def title_of(group: list[Dead]) -> str:
    if len(group) == 1:
        return f"Remove `{group[0].definition.name}`"
    if len(group) == 2:
        return f"Remove `{group[0].definition.name}` and `{group[1].definition.name}`"
    return f"Remove {len(group)} unused names"
