"""`a` becomes `"a"` in attribute paths, and the other way round."""

from __future__ import annotations

from nixlint.ide.refactor.base import REWRITE, SAME, Proposal, Site, replaced
from nixlint.syntax.nodes import IDENT_KEY, AttrName
from nixlint.syntax.strings import is_identifier, quote_string, static_name


def propose(site: Site) -> list[Proposal]:
    """For the attribute name at the place."""
    for node in reversed(site.path):
        if isinstance(node, AttrName):
            name = static_name(node, site.text)
            if name is None or node.end == node.start:
                return []
            if node.form == IDENT_KEY:
                text = quote_string(name)
                edits = [replaced(node.start, node.end, text)]
                return [Proposal("quote", f"Quote the name: `{text}`", REWRITE, edits, SAME)]
            if is_identifier(name):
                edits = [replaced(node.start, node.end, name)]
                title = f"Remove the quotes: `{name}`"
                return [Proposal("unquote", title, REWRITE, edits, SAME)]
            return []
    return []
