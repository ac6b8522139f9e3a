"""`a = { b = 1; };` becomes `a.b = 1;`, and the other way round."""

from __future__ import annotations

from nixlint.diagnostics.model import Edit
from nixlint.ide.refactor.base import REWRITE, SAME, Proposal, Site, replaced, shifted
from nixlint.syntax.nodes import Binding, ExprAttrs, ExprLegacyLet, ExprLet, Node
from nixlint.syntax.strings import static_name


def propose(site: Site) -> list[Proposal]:
    """For the binding whose attribute path, or whose brace, the place is at."""
    for index in range(len(site.path) - 1, 0, -1):
        node = site.path[index]
        if isinstance(node, Binding):
            if site.start > node.value.start + 1 and isinstance(node.value, ExprAttrs):
                continue
            around = site.path[index - 1]
            if not isinstance(around, (ExprAttrs, ExprLet, ExprLegacyLet)):
                return []
            return _flatten(site, node) + _pack(site, node, around.binds)
    return []


def _flatten(site: Site, bind: Binding) -> list[Proposal]:
    text = site.text
    value = bind.value
    if not isinstance(value, ExprAttrs) or value.recursive or not value.binds:
        return []
    if not all(isinstance(one, Binding) for one in value.binds):
        return []
    prefix = text[bind.path.start : bind.path.end] + "."
    if "\n" in prefix or "#" in prefix or "/*" in prefix:
        return []
    edits: list[Edit] = []
    first = value.binds[0]
    last = value.binds[-1]
    opening = text.index("{", value.start) + 1
    closing = value.end - 1
    if text[closing] != "}":
        return []
    head = first.start if not text[opening : first.start].strip() else opening
    edits.append(replaced(bind.start, head, ""))
    tail = last.end if not text[last.end : closing].strip() else closing
    edits.append(replaced(tail, bind.end, ""))
    if head != first.start:
        # Comments follow the brace: they come to stand before the first binding.
        at = head
        while text[at] in " \t":
            at += 1
        if text[at] == "\n":
            at += 1 + len(site.indentation(at + 1))
        edits[0] = replaced(bind.start, at, "")
    if tail != last.end:
        while tail > last.end and text[tail - 1] in " \t":
            tail -= 1
        if text[tail - 1] == "\n" and bind.end < len(text) and text[bind.end] == "\n":
            tail -= 1
        edits[1] = replaced(tail, bind.end, "")
    for one in value.binds:
        edits.append(replaced(one.start, one.start, prefix))
    inner = len(site.indentation(first.start))
    outer = len(site.indentation(bind.start))
    if "\n" in text[opening : first.start] and inner > outer:
        low, high = edits[0].span.end, edits[1].span.start
        edits += shifted(site.document, low, high, outer - inner)
    shown = " ".join(prefix[:-1].split())
    return [Proposal("flatten", f"Flatten into `{shown}.…`", REWRITE, _joined(edits), SAME)]


def _pack(site: Site, bind: Binding, binds: list[Node]) -> list[Proposal]:
    text = site.text
    name = static_name(bind.path.first, text)
    if name is None or bind.path.rest is None:
        return []
    at = binds.index(bind)
    low = at
    while low > 0 and _starts_with(binds[low - 1], name, text):
        low -= 1
    high = at
    while high + 1 < len(binds) and _starts_with(binds[high + 1], name, text):
        high += 1
    rows = [one for one in binds[low : high + 1] if isinstance(one, Binding)]
    first, last = rows[0], rows[-1]
    start, end = first.start, last.end
    shown = text[first.path.first.start : first.path.first.end]
    edits: list[Edit] = []
    whole = "\n" not in text[start:end]
    indent = site.indentation(start)
    own_line = not text[text.rfind("\n", 0, start) + 1 : start].strip()
    for one in rows:
        rest = one.path.rest
        assert rest is not None
        edits.append(replaced(one.path.start, rest[0].start, ""))
    if whole or not own_line:
        edits[0] = replaced(first.path.start, edits[0].span.end, f"{shown} = {{ ")
        edits.append(replaced(end, end, " };"))
    else:
        edits[0] = replaced(first.path.start, edits[0].span.end, f"{shown} = {{\n{indent}  ")
        edits.append(replaced(end, end, f"\n{indent}}};"))
        edits += shifted(site.document, start, end, 2)
    return [Proposal("pack", f"Pack into `{shown} = {{ … }}`", REWRITE, _joined(edits), SAME)]


def _starts_with(bind: Node, name: str, text: str) -> bool:
    if not isinstance(bind, Binding) or bind.path.rest is None:
        return False
    return static_name(bind.path.first, text) == name


def _joined(edits: list[Edit]) -> list[Edit]:
    """The edits in order; those that begin at the same offset are made one."""
    out: list[Edit] = []
    for edit in sorted(edits, key=lambda one: (one.span.start, one.span.end)):
        last = out[-1] if out else None
        if last is not None and last.span.end == edit.span.start and last.span.end > 0:
            out[-1] = replaced(last.span.start, edit.span.end, last.text + edit.text)
        else:
            out.append(edit)
    return out
