"""Files and directories that are about to move: paths that lead to them, or out of them."""

from __future__ import annotations

import os
import re
from typing import Final

from nixlint.diagnostics.model import Edit
from nixlint.ide.model import Change
from nixlint.ide.navigation.index import CALLED, IMPORTED, MODULE, FileSummary, PathUse
from nixlint.ide.navigation.workspace import Workspace
from nixlint.project.flake.file import read_flake_file
from nixlint.syntax.strings import quote_string
from nixlint.text.span import Span

DEFAULT: Final = "default.nix"
_AS_CODE: Final = (IMPORTED, CALLED, MODULE)


def will_move(workspace: Workspace, moves: list[tuple[str, str]]) -> Change:
    """The edits that keep relative paths right when files or directories move (pairs of old and
    new absolute paths), in the files as they are before.

    A path in a file that moves is seen from its new place, and a path to what moves leads to the
    new place. Paths in which something is computed are corrected as far as they are written out.
    """
    out = Change()
    workspace.refresh()
    table = _Moves(moves)
    for summary in workspace.summaries():
        here = os.path.dirname(table.new_place(summary.path))
        view = None
        for use in summary.paths:
            text = _new_text(table, summary, use, here, workspace)
            if text is not None:
                view = view or workspace.view(summary.path)
                if view is None or view.text[use.start : use.end] == text:
                    continue
                out.add(summary.path, Edit(Span(use.start, use.end), text))
        for start, end, folder in summary.prefixes:
            moved = table.new_place(folder)
            if moved == folder and here == os.path.dirname(summary.path):
                continue
            text = _prefix(moved, here)
            view = view or workspace.view(summary.path)
            if view is not None and text and view.text[start:end] != text:
                out.add(summary.path, Edit(Span(start, end), text))
        if os.path.basename(summary.path) == "flake.nix":
            _flake_inputs(workspace, table, summary, here, out)
    return out


_LITERAL: Final = re.compile(r"[a-zA-Z0-9._+/-]+")


class _Moves:
    def __init__(self, moves: list[tuple[str, str]]) -> None:
        self.moves = [
            (os.path.normpath(old), os.path.normpath(new)) for old, new in moves if old != new
        ]
        self.moves.sort(key=lambda move: len(move[0]), reverse=True)

    def new_place(self, path: str) -> str:
        """Where a path is after the moves."""
        for old, new in self.moves:
            if path == old:
                return new
            if path.startswith(old + os.sep):
                return new + path[len(old) :]
        return path


def _new_text(
    table: _Moves, summary: FileSummary, use: PathUse, here: str, workspace: Workspace
) -> str | None:
    """What a path literal says after the moves; None when it stays."""
    view = workspace.view(summary.path)
    if view is None:
        return None
    old_text = view.text[use.start : use.end]
    if old_text.startswith("/"):
        return None
    target = use.target
    inner = os.path.join(target, DEFAULT)
    moved = table.new_place(target)
    through_folder = use.how in _AS_CODE and moved == target and _leads_to(table, inner, target)
    if through_folder:
        # `./x` means `./x/default.nix`, and only that file moves.
        moved = table.new_place(inner)
        if os.path.basename(moved) == DEFAULT:
            moved = os.path.dirname(moved)
    elif moved == target and here == os.path.dirname(summary.path):
        return None
    elif moved != target and use.how in _AS_CODE:
        was_default = os.path.basename(target) == DEFAULT
        if os.path.basename(moved) == DEFAULT and not was_default:
            moved = os.path.dirname(moved)
    text = relative(moved, here)
    if old_text.endswith("/.") and not text.endswith("/."):
        text += "/."
    return text


def _leads_to(table: _Moves, inner: str, target: str) -> bool:
    return os.path.isdir(target) and table.new_place(inner) != inner and os.path.isfile(inner)


def _flake_inputs(
    workspace: Workspace, table: _Moves, summary: FileSummary, here: str, out: Change
) -> None:
    """`url = "path:./x"` in flake.nix."""
    view = workspace.view(summary.path)
    if view is None:
        return
    flake = read_flake_file(view.document.tree, summary.path)
    for found in flake.inputs.values():
        span = found.url_span
        if span is None or found.url is None or found.url_is_path:
            continue
        url = found.url
        scheme = "path:" if url.startswith("path:") else ""
        rest, mark, query = url[len(scheme) :].partition("?")
        if not rest.startswith(("./", "../")):
            continue
        target = os.path.normpath(os.path.join(view.folder, rest))
        moved = table.new_place(target)
        if moved == target and here == view.folder:
            continue
        text = f'"{scheme}{relative(moved, here)}{mark}{query}"'
        if view.text[span.start : span.end] == f'"{url}"' and text != f'"{url}"':
            out.add(summary.path, Edit(Span(span.start, span.end), text))


def _prefix(folder: str, here: str) -> str:
    """How a path into a directory begins, seen from another one; "" where it cannot be written."""
    found = os.path.relpath(folder, here)
    if _LITERAL.fullmatch(found) is None:
        return ""
    if found == ".":
        return "./"
    return (found if found.startswith("..") else "./" + found) + "/"


def relative(target: str, folder: str) -> str:
    """A path literal for an absolute path, seen from an absolute directory: it has a slash, and
    begins with a dot. Where a name cannot stand in a literal, the literal is `./.` with a string
    behind it."""
    found = os.path.relpath(target, folder)
    if found == ".":
        return "./."
    if found == "..":
        return "../."
    if _LITERAL.fullmatch(found) is None:
        return f"(./. + {quote_string('/' + found)})"
    return found if found.startswith("../") else "./" + found
