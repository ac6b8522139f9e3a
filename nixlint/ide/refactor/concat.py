"""`"a" + x + "b"` becomes `"a${x}b"`, and `./a + "/b"` becomes `./a/b`."""

from __future__ import annotations

import re
from typing import Final

from nixlint.ide.refactor.base import REWRITE, Proposal, Site, has_comment, is_atom, replaced
from nixlint.syntax.nodes import (
    PLUS,
    ExprBinOp,
    ExprHPath,
    ExprIndString,
    ExprPath,
    ExprSelect,
    ExprString,
    ExprVar,
    Node,
    unparen,
)
from nixlint.syntax.strings import quote_string, string_parts

_IN_PATHS: Final = re.compile(r"[A-Za-z0-9._+/-]*\Z")


def propose(site: Site) -> list[Proposal]:
    """For the sum at the place."""
    top: ExprBinOp | None = None
    for node in reversed(site.path):
        if isinstance(node, ExprBinOp) and node.op == PLUS:
            top = node
        elif top is not None:
            break
        elif isinstance(node, (ExprString, ExprIndString, ExprPath, ExprVar, ExprSelect)):
            continue
    if top is None or has_comment(site.document, top.start, top.end):
        return []
    terms: list[Node] = []
    at: Node = top
    while isinstance(at, ExprBinOp) and at.op == PLUS:
        terms.insert(0, at.right)
        at = at.left
    terms.insert(0, at)
    if isinstance(terms[0], (ExprPath, ExprHPath)):
        written = _path(site, terms)
        title = "Write as one path"
    else:
        written = _string(site, terms)
        title = "Write as one string"
    if written is None:
        return []
    edits = [replaced(top.start, top.end, written)]
    return [Proposal("concat", title, REWRITE, edits)]


def _string(site: Site, terms: list[Node]) -> str | None:
    """The sum as a string. Only what begins with a string is surely one."""
    if not isinstance(terms[0], (ExprString, ExprIndString)):
        return None
    if all(isinstance(one, (ExprString, ExprIndString)) for one in terms) and len(terms) > 20:
        return None
    out: list[str] = []
    for term in terms:
        if isinstance(term, (ExprString, ExprIndString)):
            for part in string_parts(term, site.text):
                if part.node is not None:
                    out.append(_before_interpolation(out))
                    out.append(site.text[part.node.start : part.node.end])
                else:
                    out.append(quote_string(part.text)[1:-1])
            continue
        inner = unparen(term)
        if not is_atom(inner) and isinstance(term, ExprBinOp):
            return None
        out.append(_before_interpolation(out))
        out.append("${" + site.text_of(inner) + "}")
    if "\n" in "".join(out):
        return None
    return '"' + _joined(out) + '"'


def _before_interpolation(out: list[str]) -> str:
    """A dollar sign right before an interpolation must be escaped."""
    if out and out[-1].endswith("$") and not out[-1].endswith("\\$"):
        out[-1] = out[-1][:-1] + "\\$"
    return ""


def _joined(out: list[str]) -> str:
    """The pieces in one; a `$` and a `{` must not come together."""
    text = ""
    for piece in out:
        if text.endswith("$") and not text.endswith("\\$") and piece.startswith("{"):
            text = text[:-1] + "\\$"
        text += piece
    return text


def _path(site: Site, terms: list[Node]) -> str | None:
    """The sum as a path."""
    text = site.text_of(terms[0])
    for term in terms[1:]:
        if not isinstance(term, (ExprString, ExprIndString)):
            return None
        parts = string_parts(term, site.text)
        if not parts:
            return None
        for part in parts:
            if part.node is not None:
                text += site.text[part.node.start : part.node.end]
                continue
            if _IN_PATHS.match(part.text) is None:
                return None
            if part.text.startswith("/") and text.endswith("/."):
                # `./. + "/b"` is `./b`.
                text = text[:-2]
            elif text.endswith("/") and part.text.startswith("/"):
                return None
            text += part.text
    if text.endswith("/") or "//" in re.sub(r"\$\{[^}]*\}", "", text):
        return None
    return text
