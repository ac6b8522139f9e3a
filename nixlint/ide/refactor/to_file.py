"""An expression moves into a file of its own, beside the one it stands in.

What it takes from around it becomes the arguments of the new file, and the call is written in its
place. The new file lies in the same directory, so relative paths lead where they led. What cannot
be moved without changing what the program means is refused, with the reason.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Final

from nixlint.analysis.config import NEWEST_NIX
from nixlint.analysis.verify import Change as TextChange
from nixlint.analysis.verify import fatal_errors
from nixlint.diagnostics.model import Edit
from nixlint.ide.document import Document
from nixlint.ide.model import RefusedError
from nixlint.ide.refactor.base import OLD_NIX, Site, keeps_names, replaced, shifted
from nixlint.ide.refactor.extract import selected, without_parentheses
from nixlint.rules.base import FileContext
from nixlint.semantic.model import DEF_BUILTIN, REF_IMPLICIT, Definition, Reference, SemanticModel
from nixlint.syntax.nodes import (
    Binding,
    ExprAttrs,
    ExprCall,
    ExprIf,
    ExprIndString,
    ExprLambda,
    ExprLet,
    ExprList,
    ExprParen,
    ExprPos,
    ExprWith,
    Formal,
    Interpolation,
    Node,
    unparen,
)
from nixlint.syntax.parser import parse
from nixlint.syntax.print_nix import print_nix
from nixlint.syntax.strings import static_name

TITLE: Final = "Extract into a file"
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9_-]+")
_SHORT: Final = 60
_PLACES: Final = (Binding, ExprParen, ExprLet, ExprWith, ExprLambda, Interpolation, Formal)
"""Around what a call needs no parentheses."""
_LARGE: Final = (
    ExprAttrs,
    ExprCall,
    ExprIf,
    ExprIndString,
    ExprLambda,
    ExprLet,
    ExprList,
    ExprWith,
)
"""What is worth a file when only its name is pointed at, if it has several lines."""


class NewFile:
    """The file that an expression moves into, and the edit that calls it in its place."""

    def __init__(self, path: str, text: str, edit: Edit) -> None:
        self.path = path
        self.text = text
        self.edit = edit


def movable(site: Site) -> Node | None:
    """What would move: the expression that is selected, or the value of the binding whose name is
    pointed at; None where nothing is."""
    node = selected(site)
    if node is None and site.start == site.end:
        for bind in reversed(site.path):
            if isinstance(bind, Binding):
                value = unparen(bind.value)
                if site.start <= bind.path.end and isinstance(value, _LARGE):
                    node = bind.value if "\n" in site.text_of(value) else None
                break
    if node is None or site.path[0].children() == [node]:
        return None
    return node


def extract_to_file(site: Site, is_taken: Callable[[str], bool]) -> NewFile:
    """Moves the expression at a place into a file. Raises `RefusedError`.

    `is_taken` says whether there is something at an absolute path already.
    """
    document = site.document
    node = movable(site)
    if node is None or not document.path:
        raise RefusedError("There is no expression here that could move into a file.")
    if any(error.fatal for error in document.tree.errors):
        raise RefusedError("The text does not parse.")
    _refuse_places(site, node)
    names = _arguments(site, node)
    moved = without_parentheses(site, node)
    path = _free_path(site, node, is_taken)
    text = _header(names) + _dedented(site, moved) + "\n"
    call = _call(site, node, path, names)
    out = NewFile(path, text, replaced(node.start, node.end, call))
    reason = _harm(site, moved, names, out)
    if reason:
        raise RefusedError(f"It cannot move into a file: {reason}.")
    return out


def _refuse_places(site: Site, node: Node) -> None:
    """What Nix wants to be written where it is."""
    stack = [node]
    while stack:
        each = stack.pop()
        if isinstance(each, ExprPos):
            raise RefusedError("It asks for its own place in the file (`__curPos`).")
        stack.extend(each.children())
    if os.path.basename(site.document.path) != "flake.nix":
        return
    above = next((i for i, each in enumerate(site.path) if each is node), len(site.path))
    inside = [each for each in site.path[:above] if isinstance(each, (Binding, ExprLambda))]
    first = inside[0] if inside else None
    if isinstance(first, Binding):
        name = static_name(first.path.first, site.text)
        if name != "outputs" or unparen(first.value) is unparen(node):
            raise RefusedError(f"Nix wants `{name}` to be written in flake.nix.")


def _arguments(site: Site, node: Node) -> list[str]:
    """The names that an expression takes from around it, in the order of their first use."""
    names: dict[str, None] = {}
    for one in _references(site.model, node):
        found = one.definition
        if one.kind == REF_IMPLICIT:
            if found is not None and found.kind != DEF_BUILTIN and not _is_in(found, node):
                raise RefusedError(f"An operator in it calls `{found.name}`, which is bound here.")
            continue
        if found is None:
            inner = [scope for scope in one.withs if _holds(node, scope.node)]
            if len(inner) == len(one.withs):
                continue
            if inner:
                source = inner[0].node
                shown = site.text_of(source.attrs) if isinstance(source, ExprWith) else ""
                raise RefusedError(
                    f"Nobody knows whether `{one.name}` comes from `with {shown};` or from "
                    "another `with` outside of it."
                )
        elif found.kind == DEF_BUILTIN or _is_in(found, node):
            continue
        names[one.name] = None
    return list(names)


def _references(model: SemanticModel, node: Node) -> list[Reference]:
    return [one for one in model.references if node.start <= one.node.start < node.end]


def _is_in(found: Definition, node: Node) -> bool:
    return bool(node.start <= found.node.start < node.end)


def _holds(node: Node, other: Node) -> bool:
    return bool(node.start <= other.start and other.end <= node.end)


def _free_path(site: Site, node: Node, is_taken: Callable[[str], bool]) -> str:
    """A path in the directory of the document where nothing is, called like the binding."""
    wish = "extracted"
    for each in reversed(site.path):
        if isinstance(each, Binding):
            if unparen(each.value) is unparen(node):
                names = [static_name(name, site.text) for name in each.path.names()]
                if names[-1] is not None:
                    wish = _NOT_IN_NAMES.sub("-", names[-1]).strip("-") or wish
            break
    folder = os.path.dirname(site.document.path)
    name = "extracted" if wish == "default" or wish == "flake" else wish
    number = 1
    while True:
        shown = name if number == 1 else f"{name}-{number}"
        path = os.path.join(folder, f"{shown}.nix")
        if not is_taken(path) and not is_taken(os.path.join(folder, shown)):
            return path
        number += 1


def _header(names: list[str]) -> str:
    """The arguments of a file that takes these names."""
    if not names:
        return ""
    line = f"{{ {', '.join(names)} }}:\n\n"
    if len(line) <= _SHORT:
        return line
    rows = "".join(f"  {name},\n" for name in names)
    return f"{{\n{rows}}}:\n\n"


def _dedented(site: Site, node: Node) -> str:
    """The text of an expression as it stands at the start of a line; strings keep their value."""
    columns = len(site.indentation(node.start))
    edits = shifted(site.document, node.start, node.end, -columns) if columns else []
    out: list[str] = []
    at = node.start
    for edit in edits:
        out.append(site.text[at : edit.span.start])
        at = edit.span.end
    out.append(site.text[at : node.end])
    return "".join(out)


def _call(site: Site, node: Node, path: str, names: list[str]) -> str:
    call = f"import ./{os.path.basename(path)}"
    if names:
        line = f"{call} {{ inherit {' '.join(names)}; }}"
        if len(line) > _SHORT:
            indent = site.indentation(node.start)
            rows = "".join(f"\n{indent}    {name}" for name in names)
            line = f"{call} {{\n{indent}  inherit{rows}\n{indent}    ;\n{indent}}}"
        call = line
    index = next((i for i, each in enumerate(site.path) if each is node), None)
    above = _above(site, node) if index is None else site.path[index - 1]
    return call if isinstance(above, _PLACES) else f"({call})"


def _above(site: Site, node: Node) -> Node | None:
    """The binding whose value moves, where only its name was pointed at."""
    for each in reversed(site.path):
        if isinstance(each, Binding) and each.value is node:
            return each
    return None


def _harm(site: Site, moved: Node, names: list[str], out: NewFile) -> str:
    """What would be wrong afterwards, to be read after "because"; "" when nothing is."""
    document = site.document
    old = FileContext(document.path, document.tree, NEWEST_NIX)
    change = TextChange(document.text, [out.edit])
    new = FileContext(document.path, parse(change.text), NEWEST_NIX)
    own = Document(out.path, out.text)
    file = FileContext(out.path, own.tree, NEWEST_NIX)
    if any(error.fatal for error in new.tree.errors) or fatal_errors(file):
        return "the text afterwards does not parse"
    if len(fatal_errors(new)) > len(fatal_errors(old)):
        return "the set it is part of is written in several pieces"
    inside = _references(site.model, moved)
    if not keeps_names(site.model, new.model, change, frozenset(x.node.start for x in inside)):
        return "names around it would mean something else"
    start = new.text.index("import", out.edit.span.start)
    called = new.model.reference_at(start)
    if called is None or called.definition is None or called.definition.kind != DEF_BUILTIN:
        return "`import` is bound to something else here"
    plain = parse(_header(names) + site.text_of(moved))
    if any(print_nix(plain, nix_version=one) != print_nix(own.tree, nix_version=one)
           for one in (OLD_NIX, NEWEST_NIX)):  # fmt: skip
        return "its strings would lose blanks"
    if not _same_names(inside, own.model, moved, names):
        return "names in it would mean something else"
    had = sorted(" ".join(old.text[one.start : one.end].split()) for one in old.tree.comments())
    has = [" ".join(new.text[one.start : one.end].split()) for one in new.tree.comments()]
    has += [" ".join(own.text[one.start : one.end].split()) for one in own.tree.comments()]
    return "" if had == sorted(has) else "a comment would be lost"


def _same_names(
    inside: list[Reference], model: SemanticModel, moved: Node, names: list[str]
) -> bool:
    """Whether the names in the new file are those that were moved, each bound as it was: inside,
    as a builtin, by a `with` inside, or by an argument."""
    now = list(model.references)
    if len(now) != len(inside):
        return False
    binders: dict[int, int] = {}
    for before, after in zip(inside, now, strict=True):
        if before.name != after.name or before.kind != after.kind:
            return False
        was, found = before.definition, after.definition
        if was is not None and _is_in(was, moved):
            if found is None or binders.setdefault(id(was), id(found)) != id(found):
                return False
        elif was is not None and was.kind == DEF_BUILTIN:
            if found is None or found.kind != DEF_BUILTIN:
                return False
        elif before.name in names:
            if found is None or found.scope.node is not model.tree.root.expr:
                return False
        elif found is not None or not after.withs:
            return False
    return True
