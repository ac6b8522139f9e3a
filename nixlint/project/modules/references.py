"""What one Nix file names: other files, directories, and texts that may be paths.

A path literal leads to one place. A path or a string with something computed in it, or a string
that is put together elsewhere, is a *pattern*: text with `*` where anything may stand.
Offsets are code points.
"""

from __future__ import annotations

import os
import re
from typing import Final

from nixlint.semantic.shapes import name_of
from nixlint.syntax.nodes import (
    CONCAT,
    PLUS,
    AttrName,
    Binding,
    ExprAttrs,
    ExprBinOp,
    ExprCall,
    ExprHPath,
    ExprIf,
    ExprIndString,
    ExprLambda,
    ExprList,
    ExprParen,
    ExprPath,
    ExprString,
    ExprUri,
    ExprVar,
    Interpolated,
    Node,
    unparen,
)
from nixlint.syntax.strings import path_parts, static_name, string_parts
from nixlint.syntax.tree import Tree
from nixlint.text import disk

LOADED: Final = "loaded"
NAMED: Final = "named"
"""How a path is used: as code (a directory means its `default.nix`), or in a way nobody knows."""

ADDED: Final = "added"
"""A part of a sum, and so perhaps the end of a path."""

ANYTHING: Final = "\0"
"""What stands for a computed part of a pattern."""

LOADERS: Final = frozenset(
    ("import", "callPackage", "callPackages", "scopedImport", "importApply", "callFlake")
)
_SEPARATORS: Final = re.compile(r"[\s\"'`()\[\]{}<>|;,=:@&!]+")
_SHELL: Final = re.compile(r"\$\{[^}\n]*\}|\$\([^)\n]*\)|\$\w+|\{\{[^}\n]*\}\}|\*+")


class Reference:
    """A path literal that leads to `target`, an absolute path.

    `disabled` says that it stands under a condition that never holds.
    """

    def __init__(self, target: str, how: str, start: int, end: int, disabled: bool) -> None:
        self.target = target
        self.how = how
        self.start = start
        self.end = end
        self.disabled = disabled


class Pattern:
    """A text that may be a part of a path. `anchor` is the absolute directory it begins in, or
    "" when it may begin anywhere. `prose` is a word among others, in a script or a sentence."""

    def __init__(self, text: str, anchor: str, start: int, end: int, prose: bool = False) -> None:
        self.prose = prose
        self.text = text
        self.anchor = anchor
        self.start = start
        self.end = end


class FileReferences:
    """Everything a file names, in the order of the text."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.references: list[Reference] = []
        self.patterns: list[Pattern] = []


def references_in(tree: Tree, path: str, root: str) -> FileReferences:
    """What the file at the real `path` names. Absolute path literals, as in `self + /x`, are
    taken to begin at `root`, too."""
    return _Scan(tree, path, root).run()


def words_of(text: str) -> list[str]:
    """The words of a script, or of any other text, that may be paths to Nix files.

    What the shell or a template puts in is `ANYTHING`.
    """
    # No word and nothing that is put in goes on in the next line.
    lines = [line for line in text.split("\n") if "/" in line or ".nix" in line]
    text = _SHELL.sub(ANYTHING, "\n".join(lines))
    return [word for word in _SEPARATORS.split(text) if "/" in word or word.endswith(".nix")]


class _Scan:
    def __init__(self, tree: Tree, path: str, root: str) -> None:
        self.tree = tree
        self.text = tree.text
        self.folder = os.path.dirname(path)
        self.root = root
        self.found = FileReferences(path)

    def run(self) -> FileReferences:
        stack: list[tuple[Node, str, bool]] = [(self.tree.root, NAMED, False)]
        while stack:
            node, how, disabled = stack.pop()
            if isinstance(node, ExprPath):
                self._path(node, NAMED if how == ADDED else how, disabled)
            elif isinstance(node, (ExprString, ExprIndString)):
                self._string(node, how == ADDED)
            if isinstance(node, (ExprVar, ExprUri, AttrName, ExprHPath)) and not node.children():
                continue
            self._children(node, how, disabled, stack)
        self.found.references.sort(key=_start)
        return self.found

    def _children(
        self, node: Node, how: str, disabled: bool, stack: list[tuple[Node, str, bool]]
    ) -> None:
        text = self.text
        if isinstance(node, ExprParen):
            stack.append((node.expr, how, disabled))
        elif isinstance(node, ExprList):
            for item in node.items:
                stack.append((item, LOADED, disabled))
        elif isinstance(node, ExprCall):
            name = name_of(unparen(node.fn), text)
            first = node.args[0]
            if name in ("optional", "optionals") and len(node.args) > 1:
                off = disabled or _is_false(first, text)
                stack.append((first, NAMED, disabled))
                for arg in node.args[1:]:
                    stack.append((arg, LOADED, off))
                return
            stack.append((node.fn, NAMED, disabled))
            for arg in node.args:
                stack.append((arg, LOADED if name in LOADERS else NAMED, disabled))
        elif isinstance(node, ExprIf):
            stack.append((node.cond, NAMED, disabled))
            stack.append((node.then_, how, disabled or _is_false(node.cond, text)))
            stack.append((node.else_, how, disabled))
        elif isinstance(node, ExprBinOp) and node.op == CONCAT:
            stack.append((node.left, how, disabled))
            stack.append((node.right, how, disabled))
        elif isinstance(node, ExprBinOp) and node.op == PLUS:
            for child in self._sum(node):
                right = child is node.right and isinstance(unparen(child), ExprPath)
                stack.append((child, how if right else ADDED, disabled))
        elif isinstance(node, Binding):
            names = node.path.names()
            last = static_name(names[len(names) - 1], text)
            for name_node in names:
                stack.append((name_node, NAMED, disabled))
            stack.append((node.value, LOADED if _holds_module(last) else NAMED, disabled))
        elif isinstance(node, (ExprLambda, ExprAttrs)):
            for child in node.children():
                stack.append((child, NAMED, disabled))
        else:
            for child in node.children():
                stack.append((child, NAMED, disabled))

    def _path(self, node: ExprPath, how: str, disabled: bool) -> None:
        raw = self.text[node.start : node.end]
        if not node.parts:
            folder = self.folder
            if raw.startswith("/"):
                # `self + /x`, as far as there is something at that place.
                folder = self.root
                raw = raw.lstrip("/")
                if not disk.exists(os.path.join(folder, raw)):
                    return
            target = os.path.normpath(os.path.join(folder, raw))
            self.found.references.append(
                Reference(target, how, int(node.start), int(node.end), disabled)
            )
            return
        pieces = [ANYTHING if part.node is not None else part.text
                  for part in path_parts(node, self.text)]  # fmt: skip
        text = "".join(pieces)
        anchor = self.root if text.startswith("/") else self.folder
        self.found.patterns.append(
            Pattern(text.lstrip("/"), anchor, int(node.start), int(node.end))
        )

    def _string(self, node: Interpolated, added: bool) -> None:
        if node.end - node.start > 200_000:
            return
        pieces = [ANYTHING if part.node is not None else part.text
                  for part in string_parts(node, self.text)]  # fmt: skip
        text = "".join(pieces)
        if "/" not in text and ".nix" not in text:
            return
        words = [text]
        if len(text) > 200 or " " in text or "\n" in text:
            words = words_of(text)
        for word in words:
            if word.startswith("/") and not added:
                # A place in the system, unless it is put behind something else.
                continue
            prose = len(words) > 1 or word != text
            self.found.patterns.append(Pattern(word, "", int(node.start), int(node.end), prose))

    def _sum(self, node: ExprBinOp) -> list[Node]:
        """`./folder + "/file"` is one path. Returns what else there is to look at."""
        left = unparen(node.left)
        right = unparen(node.right)
        both: list[Node] = [node.left, node.right]
        if not isinstance(left, ExprPath) or left.parts:
            return both
        raw = self.text[left.start : left.end]
        if isinstance(right, ExprPath) and not right.parts:
            tail = self.text[right.start : right.end]
        elif isinstance(right, ExprString):
            pieces = [ANYTHING if part.node is not None else part.text
                      for part in string_parts(right, self.text)]  # fmt: skip
            tail = "".join(pieces)
        else:
            return both
        first = tail[1:].partition("/")[0]
        if raw.startswith("/") or not tail.startswith("/") or first.startswith(ANYTHING):
            return both
        start, end = int(node.start), int(node.end)
        if ANYTHING in tail:
            folder = os.path.normpath(os.path.join(self.folder, raw))
            self.found.patterns.append(Pattern(tail.lstrip("/"), folder, start, end))
        else:
            target = os.path.normpath(os.path.join(self.folder, raw) + tail)
            self.found.references.append(Reference(target, LOADED, start, end, False))
        return right.children()


def _holds_module(name: str | None) -> bool:
    """Whether an attribute of that name usually holds a module, or a list of them."""
    return name in ("imports", "modules", "sharedModules", "extraModules", "configuration")


def _is_false(node: Node, text: str) -> bool:
    node = unparen(node)
    return isinstance(node, ExprVar) and text[node.start : node.end] == "false"


def _start(reference: Reference) -> int:
    return reference.start
