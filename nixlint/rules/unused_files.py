"""Files that nothing reaches, as the rules `unused-module` and `unused-file` report them."""

from __future__ import annotations

import os
from typing import Final

from nixlint.diagnostics.model import Note
from nixlint.project.modules.reach import UNUSED, Reach, reach_of
from nixlint.rules.project_base import ProjectContext
from nixlint.semantic.shapes import called_name, is_module_header, strip
from nixlint.syntax.nodes import ExprAttrs, ExprCall, ExprLambda, Node
from nixlint.syntax.strings import static_name
from nixlint.syntax.tree import Tree
from nixlint.text.span import Span


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NOTICES: Final = _words("warn throw abort trace warnIf throwIf deprecated")
"""What a file that was moved away says to those who still use it from outside."""
_OPTIONS: Final = _words(
    "accounts boot catppuccin config containers dconf disabledModules disko documentation "
    "environment flake fonts gtk hardware home home-manager homebrew i18n imports launchd lib "
    "location microvm networking nix nixpkgs options perSystem power powerManagement programs "
    "qt security services snowflake sops sound specialisation stylix swapDevices system systemd "
    "targets time users virtualisation wayland xdg xsession zramSwap age"
)
"""Names that sets at the top of modules define."""


def unused_files(ctx: ProjectContext) -> tuple[Reach, list[str]]:
    """The Nix files that nothing reaches; none when that cannot be told."""
    reach = reach_of(ctx.project)
    if reach.silent:
        return reach, []
    out: list[str] = []
    for path in reach.files:
        tree = ctx.project.tree(path)
        if reach.state_of(path) == UNUSED and tree is not None and not is_notice(tree):
            out.append(path)
    return reach, out


def looks_like_module(tree: Tree) -> bool:
    """Whether a file looks like a module: a function of module arguments, or a set with the names
    of options at its top."""
    node = strip(tree.root.expr)
    if isinstance(node, ExprLambda):
        if is_module_header(node, tree.text):
            return True
        inner = strip(node.body)
        return isinstance(inner, ExprAttrs) and _has_options(inner, tree.text)
    return isinstance(node, ExprAttrs) and _has_options(node, tree.text)


def _has_options(node: ExprAttrs, text: str) -> bool:
    found = 0
    for bind in node.binds:
        path = getattr(bind, "path", None)
        if path is None:
            return False
        if static_name(path.first, text) in _OPTIONS:
            found += 1
    return found > 0 and found * 2 >= len(node.binds)


def is_notice(tree: Tree) -> bool:
    """Whether a file is there to tell others that it has moved."""
    node: Node = strip(tree.root.expr)
    while isinstance(node, ExprLambda):
        node = strip(node.body)
    if isinstance(node, ExprCall):
        return called_name(node, tree.text) in _NOTICES
    return False


def first_span(tree: Tree) -> Span:
    """The first word of the code of a file."""
    start = int(tree.root.expr.start)
    token = tree.tokens.index_at(start)
    return Span(start, max(int(tree.tokens.end(token)), start + 1))


def mention_notes(reach: Reach, path: str, ctx: ProjectContext) -> list[Note]:
    """Who names an unused file, although nothing reaches those either."""
    notes: list[Note] = []
    for source in reach.mentions.get(path, [])[:3]:
        shown = os.path.relpath(source, ctx.project.root).replace(os.sep, "/")
        notes.append(Note(f"only `{shown}` names it, which is unused, too"))
    return notes
