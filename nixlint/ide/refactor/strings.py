"""`"…"` becomes `''…''`, the other way round, and a URL without quotes becomes a string."""

from __future__ import annotations

from typing import Final

from nixlint.ide.refactor.base import NAMES, REWRITE, SAME, Proposal, Site, replaced
from nixlint.syntax.nodes import AttrName, ExprIndString, ExprString, ExprUri, Node
from nixlint.syntax.parser import parse
from nixlint.syntax.strings import quote_string, string_parts

LONGEST: Final = 100_000


def propose(site: Site) -> list[Proposal]:
    """For the string or URL at the place."""
    for index in range(len(site.path) - 1, -1, -1):
        node = site.path[index]
        if isinstance(node, ExprUri):
            edits = [replaced(node.start, node.end, f'"{site.text_of(node)}"')]
            return [Proposal("uri-to-string", "Quote the URL", REWRITE, edits, SAME)]
        if isinstance(node, (ExprString, ExprIndString)):
            return _string(site, node, site.path[index - 1])
        if node.start <= site.start and isinstance(node, AttrName):
            return []
    return []


def _string(site: Site, node: ExprString | ExprIndString, around: Node) -> list[Proposal]:
    if isinstance(around, AttrName) or node.end - node.start > LONGEST:
        return []
    for part in node.parts or []:
        if part.start < site.start < part.end:
            return []
    if isinstance(node, ExprString):
        text = _indented(site, node)
        title = "Write as a `''` string"
        name = "to-indented-string"
    else:
        text = _quoted(site, node)
        title = 'Write as a `"` string'
        name = "to-plain-string"
    if text is None or not _same(site.text, node, text):
        return []
    return [Proposal(name, title, REWRITE, [replaced(node.start, node.end, text)], NAMES)]


def _pieces(text: str, node: ExprString | ExprIndString) -> list[tuple[str, str]]:
    """What a string says: texts, and interpolations as they are written."""
    out: list[tuple[str, str]] = []
    for part in string_parts(node, text):
        if part.node is not None:
            out.append(("", text[part.node.start : part.node.end]))
        elif out and not out[-1][1]:
            out[-1] = (out[-1][0] + part.text, "")
        else:
            out.append((part.text, ""))
    return [one for one in out if one != ("", "")]


def _same(text: str, node: ExprString | ExprIndString, new: str) -> bool:
    """Whether a string says the same when it is written differently."""
    tree = parse(new)
    other = tree.root.expr
    if tree.errors or not isinstance(other, (ExprString, ExprIndString)):
        return False
    return other.end == len(new) and _pieces(text, node) == _pieces(new, other)


def _quoted(site: Site, node: ExprIndString) -> str:
    out: list[str] = []
    pieces = _pieces(site.text, node)
    for index, (text, written) in enumerate(pieces):
        if written:
            out.append(written)
            continue
        quoted = quote_string(text)[1:-1]
        if quoted.endswith("$") and index + 1 < len(pieces):
            quoted = quoted[:-1] + "\\$"
        out.append(quoted)
    return '"' + "".join(out) + '"'


def _indented(site: Site, node: ExprString) -> str | None:
    out: list[str] = []
    pieces = _pieces(site.text, node)
    for index, (text, written) in enumerate(pieces):
        if written:
            out.append(written)
            continue
        escaped = text.replace("''", "'''").replace("${", "''${")
        escaped = escaped.replace("\r", "''\\r").replace("\t", "''\\t")
        behind = pieces[index + 1][1] if index + 1 < len(pieces) else ""
        if escaped.endswith("$") and behind:
            escaped = escaped[:-1] + "''$"
        elif escaped.endswith("'") and not behind and not escaped.endswith("'''"):
            escaped = escaped[:-1] + "''\\'"
        out.append(escaped)
    body = "".join(out)
    if not any("\n" in text for text, _ in pieces):
        return f"''{body}''"
    inner = site.indentation(node.start) + "  "
    lines = _lines_outside(pieces, out)
    shown = "\n".join(inner + line if line else "" for line in lines[:-1])
    last = lines[-1]
    if last:
        return f"''\n{shown}\n{inner}{last}''"
    return f"''\n{shown}\n{site.indentation(node.start)}''"


def _lines_outside(pieces: list[tuple[str, str]], out: list[str]) -> list[str]:
    """The lines of the text; line ends inside of interpolations do not count."""
    lines = [""]
    for (_, written), text in zip(pieces, out, strict=True):
        if written:
            lines[-1] += text
            continue
        first, *rest = text.split("\n")
        lines[-1] += first
        lines.extend(rest)
    return lines
