"""`a = a;` and `a = x.a;` become `inherit`, and the other way round."""

from __future__ import annotations

from nixlint.diagnostics.model import Edit
from nixlint.ide.refactor.base import (
    REWRITE,
    Proposal,
    Site,
    has_comment,
    in_parentheses,
    replaced,
)
from nixlint.rules.removal import edits_of, remove_lines
from nixlint.syntax.nodes import (
    AttrName,
    Binding,
    ExprAttrs,
    ExprLegacyLet,
    ExprLet,
    ExprSelect,
    ExprVar,
    Inherit,
    Node,
)
from nixlint.syntax.strings import is_identifier, quote_name, static_name


def propose(site: Site) -> list[Proposal]:
    """For a binding, or for an `inherit`."""
    for index in range(len(site.path) - 1, -1, -1):
        node = site.path[index]
        if isinstance(node, Binding):
            return _to_inherit(site, node, site.path[index - 1])
        if isinstance(node, Inherit):
            return _from_inherit(site, node)
        if isinstance(node, (ExprAttrs, ExprLet, ExprLegacyLet)):
            break
    return []


def _source_of(bind: Node, text: str) -> tuple[str, str] | None:
    """What a binding that can be an `inherit` takes: from where ("" for a name around), what."""
    if not isinstance(bind, Binding) or bind.path.rest is not None:
        return None
    name = static_name(bind.path.first, text)
    value = bind.value
    if name is None:
        return None
    if isinstance(value, ExprVar):
        same = text[value.start : value.end] == name and bind.path.first.inner is None
        return ("", name) if same else None
    if not isinstance(value, ExprSelect) or value.default is not None:
        return None
    names = value.path.names()
    if static_name(names[-1], text) != name:
        return None
    base = text[value.base.start : value.base.end]
    for one in names[:-1]:
        base += "." + text[one.start : one.end]
    return base, name


def _to_inherit(site: Site, bind: Binding, around: Node) -> list[Proposal]:
    text = site.text
    found = _source_of(bind, text)
    if found is None or has_comment(site.document, bind.start, bind.end):
        return []
    source, name = found
    written = quote_name(name)
    title = f"Write `inherit {_shown(source)}{written};`"
    clause = f"inherit {_parens(source)}{written};"
    out = [Proposal("to-inherit", title, REWRITE, [replaced(bind.start, bind.end, clause)])]
    binds = getattr(around, "binds", [])
    alike: list[Binding] = []
    for one in binds:
        other = _source_of(one, text)
        if isinstance(one, Binding) and other is not None and other[0] == source:
            if not has_comment(site.document, one.start, one.end):
                alike.append(one)
    if len(alike) > 1:
        names = " ".join(quote_name(str(static_name(one.path.first, text))) for one in alike)
        removals = [remove_lines(site.document.tree, one.start, one.end) for one in alike[1:]]
        edits = edits_of(site.document.tree, removals)
        first = alike[0]
        edits.append(replaced(first.start, first.end, f"inherit {_parens(source)}{names};"))
        where = f" from `{source}`" if source else ""
        title = f"Inherit all {len(alike)} names{where}"
        out.append(Proposal("to-inherit-all", title, REWRITE, edits))
    return out


def _parens(source: str) -> str:
    if not source:
        return ""
    return source + " " if source.startswith("(") and source.endswith(")") else f"({source}) "


def _shown(source: str) -> str:
    flat = " ".join(source.split())
    return f"({flat}) " if flat and len(flat) <= 30 else ("(…) " if flat else "")


def _from_inherit(site: Site, bind: Inherit) -> list[Proposal]:
    text = site.text
    chosen = [one for one in bind.names if one.start <= site.start <= one.end]
    if not chosen or len(bind.names) == 1:
        return _all_names(site, bind)
    name = static_name(chosen[0], text)
    if name is None or not _may_be_bound(bind, name):
        return []
    edits: list[Edit] = []
    at = chosen[0].start
    while text[at - 1] in " \t":
        at -= 1
    edits.append(replaced(at, chosen[0].end, ""))
    indent = _lead(site, bind)
    edits.append(replaced(bind.end, bind.end, indent + _binding(bind, chosen[0], text)))
    title = f"Write `{quote_name(name)} = …;` instead of inheriting it"
    return [Proposal("from-inherit", title, REWRITE, edits)]


def _all_names(site: Site, bind: Inherit) -> list[Proposal]:
    text = site.text
    names = [static_name(one, text) for one in bind.names]
    if not names or any(one is None or not _may_be_bound(bind, one) for one in names):
        return []
    if has_comment(site.document, bind.start, bind.end):
        return []
    indent = _lead(site, bind)
    lines = [_binding(bind, one, text) for one in bind.names]
    edits = [replaced(bind.start, bind.end, indent.join(lines))]
    title = "Write bindings instead of `inherit`"
    return [Proposal("from-inherit", title, REWRITE, edits)]


def _may_be_bound(bind: Inherit, name: str) -> bool:
    """Whether a name can be written as a value; `or` cannot."""
    return bind.source is not None or is_identifier(name)


def _lead(site: Site, bind: Inherit) -> str:
    """What stands between two bindings there: a line end and its indentation, or a blank."""
    begin = site.text.rfind("\n", 0, bind.start) + 1
    before = site.text[begin : bind.start]
    return " " if before.strip() else "\n" + before


def _binding(bind: Inherit, name: AttrName, text: str) -> str:
    shown = quote_name(str(static_name(name, text)))
    if bind.source is None:
        return f"{shown} = {shown};"
    return f"{shown} = {in_parentheses(bind.source, text)}.{shown};"
