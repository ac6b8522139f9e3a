"""The value of a `let` binding takes the place of its name."""

from __future__ import annotations

from nixlint.diagnostics.model import Edit
from nixlint.ide.knowledge.nodes_at import path_to
from nixlint.ide.refactor.base import (
    INLINE,
    Proposal,
    Site,
    has_comment,
    is_atom,
    names_in,
    replaced,
)
from nixlint.rules.removal import edits_of, remove_let, remove_lines
from nixlint.semantic.model import (
    DEF_BUILTIN,
    DEF_LET,
    REF_VAR,
    Definition,
    Reference,
    Scope,
    resolve,
    withs_around,
)
from nixlint.syntax.nodes import (
    EQ,
    NEQ,
    AttrName,
    Binding,
    ExprBinOp,
    ExprCall,
    ExprLambda,
    ExprLet,
    ExprParen,
    ExprUri,
    ExprVar,
    Interpolation,
    Node,
)

MAX_USES = 50


def propose(site: Site) -> list[Proposal]:
    """For the name of a `let` binding, where it is bound or used."""
    definition: Definition | None = None
    use: Reference | None = None
    node = site.node
    if isinstance(node, ExprVar):
        use = site.model.reference_at(node.start)
        definition = use.definition if use is not None else None
    elif isinstance(node, AttrName):
        for one in site.model.definitions:
            if one.node.start == node.start and one.kind == DEF_LET:
                definition = one
    if definition is None or definition.kind != DEF_LET or definition.others is not None:
        return []
    bind = definition.owner
    if not isinstance(bind, Binding) or bind.path.rest is not None:
        return []
    let = definition.scope.node
    if not isinstance(let, ExprLet) or _uses_itself(site, definition, bind):
        return []
    uses = definition.references
    if not uses or len(uses) > MAX_USES:
        return []
    out: list[Proposal] = []
    name = definition.name
    if use is not None and len(uses) > 1:
        edit = _edit(site, bind, use, len(uses))
        if edit is not None:
            out.append(Proposal("inline-one", f"Inline `{name}` here", INLINE, [edit]))
    edits: list[Edit] = []
    for each in uses:
        edit = _edit(site, bind, each, len(uses))
        if edit is None:
            return out
        edits.append(edit)
    times = "" if len(uses) == 1 else f" in {len(uses)} places"
    tree = site.document.tree
    if len(let.binds) == 1:
        if has_comment(site.document, let.start, let.body.start):
            return out
        edits = _without_let(site, let, edits)
    else:
        if has_comment(site.document, bind.start, bind.end):
            return out
        edits += edits_of(tree, [remove_lines(tree, bind.start, bind.end)])
    out.append(Proposal("inline", f"Inline `{name}`{times}", INLINE, edits))
    return out


def _without_let(site: Site, let: ExprLet, edits: list[Edit]) -> list[Edit]:
    """The edits, and those that take the whole `let … in` away."""
    removed = edits_of(site.document.tree, [remove_let(site.document.tree, let)])
    end = max(one.span.end for one in removed)
    first = min(edits, key=lambda one: one.span.start)
    if first.span.start == end:
        # The name follows the `in` directly: one edit for both.
        edits = [one for one in edits if one is not first]
        cut = removed[-1]
        removed[-1] = replaced(cut.span.start, first.span.end, cut.text + first.text)
    return edits + removed


def _uses_itself(site: Site, definition: Definition, bind: Binding) -> bool:
    return any(bind.value.start <= one.node.start < bind.value.end for one in definition.references)


def _edit(site: Site, bind: Binding, use: Reference, uses: int) -> Edit | None:
    """The edit that puts the value in the place of a use; None when that means something else."""
    if use.kind != REF_VAR or not isinstance(use.node, ExprVar):
        return None
    value = bind.value
    for reference in names_in(site.model, value):
        if not _means_the_same(reference, use.scope, value):
            return None
    text = site.text_of(value)
    around = path_to(site.document, use.node.start)
    while around and around[-1] is not use.node:
        around.pop()
    if len(around) < 2:
        return None
    if _has_function(value) and (_is_compared(around) or (uses > 1 and not _is_called(around))):
        # A function is equal only to itself, and there would be several.
        return None
    if not is_atom(value) or isinstance(value, ExprUri):
        if not _is_bare(around[-2], use.node):
            text = f"({text})"
    elif _touches(site.text, use.node):
        text = f"({text})"
    return replaced(use.node.start, use.node.end, text)


def _is_compared(around: list[Node]) -> bool:
    """Whether one of some nodes compares values for being equal."""
    return any(isinstance(one, ExprBinOp) and one.op in (EQ, NEQ) for one in around)


def _is_called(around: list[Node]) -> bool:
    """Whether the last of some nodes is called as a function."""
    above = around[-2]
    return isinstance(above, ExprCall) and above.fn is around[-1]


def _has_function(value: Node) -> bool:
    """Whether there is a function in an expression."""
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, ExprLambda):
            return True
        stack.extend(node.children())
    return False


def _touches(text: str, node: Node) -> bool:
    """Whether a name follows a number or the like directly: `1x` is two elements of a list."""
    before = text[node.start - 1 : node.start]
    after = text[node.end : node.end + 1]
    return before.isalnum() or before in tuple("_'.\"") or after.isalnum() or after in tuple("\"'/")


def _is_bare(around: Node, node: Node) -> bool:
    """Whether an expression needs no parentheses there."""
    if isinstance(around, (ExprParen, Interpolation)):
        return True
    if isinstance(around, Binding):
        return around.value is node
    return isinstance(around, ExprLet) and around.body is node


def _means_the_same(reference: Reference, scope: Scope, value: Node) -> bool:
    """Whether a name in a value means the same in another scope."""
    definition = reference.definition
    if definition is not None and value.start <= definition.node.start < value.end:
        return True
    found = resolve(reference.name, scope)
    if definition is None:
        inside = [one for one in reference.withs if value.start <= one.node.start < value.end]
        outside = [one for one in reference.withs if one not in inside]
        return found is None and outside == withs_around(scope)
    if definition.kind == DEF_BUILTIN:
        return found is None or found.kind == DEF_BUILTIN
    return found is definition
