"""Prints a tree exactly as `nix-instantiate --parse` does.

Nix prints what its parser made of the text: attributes merged and sorted, operators turned into
calls (`a - b` is `__sub a b`), strings cooked, paths absolute. There are two dialects, that of
Nix 2.8 and that of today; where 2.8 prints formals and `let` bindings in the order of memory
addresses, they are sorted by name here.
An explicit stack instead of recursion: depth is no problem.
"""

from __future__ import annotations

import re
from typing import Final

from nixlint.syntax.merge import DEEP_MERGE, DynamicAttr, Inherited, MergedAttrs, Merger
from nixlint.syntax.nodes import (
    DIV,
    GEQ,
    GT,
    LEQ,
    LT,
    MINUS,
    MUL,
    NOT,
    OPERATOR_TEXTS,
    PIPE_FROM,
    PIPE_INTO,
    AttrName,
    AttrPath,
    Binding,
    ExprAssert,
    ExprAttrs,
    ExprBinOp,
    ExprCall,
    ExprFloat,
    ExprHPath,
    ExprIf,
    ExprIndString,
    ExprInt,
    ExprLambda,
    ExprLegacyLet,
    ExprLet,
    ExprList,
    ExprOpHasAttr,
    ExprPath,
    ExprPos,
    ExprSelect,
    ExprSPath,
    ExprString,
    ExprUnaryOp,
    ExprUri,
    ExprVar,
    ExprWith,
    Formal,
    Inherit,
    Interpolation,
    Node,
    unparen,
)
from nixlint.syntax.strings import (
    StringPart,
    path_parts,
    static_name,
    static_string,
    string_parts,
)
from nixlint.syntax.tree import Tree

KEYWORDS: Final = frozenset(("if", "then", "else", "assert", "with", "let", "in", "rec", "inherit"))
KEYWORDS_2_8: Final = frozenset(("if",))
BROKEN: Final = "«error»"

_BARE = re.compile(r"[a-zA-Z_][a-zA-Z0-9_'-]*\Z")
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ESCAPES_2_8: Final = {**_ESCAPES, "$": "\\$"}
_TABLE = str.maketrans(_ESCAPES)
_TABLE_2_8 = str.maketrans(_ESCAPES_2_8)


def print_nix(
    tree: Tree,
    base_dir: str = "/base/dir",
    home: str = "/HOME",
    nix_version: tuple[int, int] = DEEP_MERGE,
) -> str:
    """The line that Nix prints for a tree, without a line end.

    `base_dir` is the absolute directory that relative paths start from, `home` the one of `~`.
    Versions before 2.26 print as Nix 2.8, later ones as that of 2026.
    What is broken is printed as `«error»`; duplicates print their first definition.
    """
    printer = Printer(tree, base_dir, home, nix_version)
    return printer.run()


class Printer:
    """The pieces printed so far, and the stack of what comes next (its end is next)."""

    def __init__(self, tree: Tree, base_dir: str, home: str, nix_version: tuple[int, int]) -> None:
        self.tree = tree
        self.text = tree.text
        self.base_dir = base_dir
        self.home = home
        self.modern = nix_version >= DEEP_MERGE
        self.merger = Merger(tree.text, nix_version)
        self.keywords = KEYWORDS if self.modern else KEYWORDS_2_8

    def run(self) -> str:
        self.merge_sets()
        out: list[str] = []
        stack: list[Node | str] = [self.tree.root.expr]
        items: list[Node | str] = []
        while stack:
            item = stack.pop()
            if isinstance(item, str):
                out.append(item)
                continue
            self.expand(item, items)
            items.reverse()
            stack.extend(items)
            items.clear()
        return "".join(out)

    def merge_sets(self) -> None:
        sets: list[Node] = []
        stack: list[Node] = [self.tree.root.expr]
        while stack:
            node = stack.pop()
            if isinstance(node, (ExprAttrs, ExprLet, ExprLegacyLet)):
                sets.append(node)
            stack.extend(node.children())
        at = len(sets) - 1
        while at >= 0:
            node = sets[at]
            if isinstance(node, ExprAttrs):
                self.merger.merge(node, node.binds, node.recursive)
            elif isinstance(node, ExprLet):
                self.merger.merge(node, node.binds, False)
            elif isinstance(node, ExprLegacyLet):
                self.merger.merge(node, node.binds, True)
            at -= 1

    # Names and strings.

    def string(self, value: str) -> str:
        """A string literal as this dialect writes it."""
        if not self.modern:
            return '"' + value.translate(_TABLE_2_8) + '"'
        return '"' + value.translate(_TABLE).replace("${", "\\${") + '"'

    def name(self, value: str) -> str:
        """An attribute name or variable, quoted where this dialect quotes."""
        if value in self.keywords:
            return '"' + value + '"'
        if _BARE.match(value) is not None:
            return value
        return self.string(value)

    def attr_path(self, path: AttrPath, items: list[Node | str]) -> None:
        self.attr_name(path.first, items)
        if path.rest is not None:
            for name in path.rest:
                items.append(".")
                self.attr_name(name, items)

    def attr_name(self, name: AttrName, items: list[Node | str]) -> None:
        key = static_name(name, self.text, self.modern)
        if key is not None:
            items.append(self.name(key))
            return
        items.append('"${')
        inner = name.inner
        if isinstance(inner, Interpolation):
            items.append(inner.expr)
        elif inner is not None:
            items.append(inner)
        else:
            items.append(BROKEN)
        items.append('}"')

    def concat(
        self, first: str, parts: list[tuple[str, Node | None]], items: list[Node | str]
    ) -> None:
        """A string or path put together: `(first + part + …)`; `first` may be empty."""
        items.append("(" + first)
        plus = first != ""
        for value, node in parts:
            if plus:
                items.append(" + ")
            plus = True
            if node is None:
                items.append(value)
            else:
                items.append(node.expr if isinstance(node, Interpolation) else node)
        items.append(")")

    def path(self, node: ExprPath | ExprHPath) -> list[tuple[str, Node | None]]:
        """The parts of a path; the first is made absolute."""
        out: list[tuple[str, Node | None]] = []
        for part in path_parts(node, self.text):
            if part.node is not None:
                out.append(("", part.node))
            elif out:
                out.append((self.string(part.text), None))
            elif isinstance(node, ExprHPath):
                out.append((self.home + part.text[1:], None))
            else:
                out.append((absolute(part.text, self.base_dir), None))
        return out

    # Expressions.

    def expand(self, node: Node, items: list[Node | str]) -> None:
        """Appends what `node` prints to `items`."""
        if isinstance(node, MergedAttrs):
            self.attrs(node, items)
            return
        node = unparen(node)
        if isinstance(node, ExprVar):
            items.append(self.name(self.text[node.start : node.end]))
        elif isinstance(node, ExprString):
            parts = string_parts(node, self.text, self.modern)
            if not node.parts:
                items.append(self.string(parts[0].text if parts else ""))
                return
            self.cooked(parts, items)
        elif isinstance(node, ExprSelect):
            items.append("(")
            items.append(node.base)
            items.append(").")
            self.attr_path(node.path, items)
            if node.default is not None:
                items.append(" or (")
                items.append(node.default)
                items.append(")")
        elif isinstance(node, ExprAttrs):
            self.attrs(self.merger.sets[node.start], items)
        elif is_call(node):
            self.call(node, items)
        elif isinstance(node, ExprLambda):
            self.function(node, items)
        elif isinstance(node, ExprList):
            items.append("[ ")
            for item in node.items:
                items.append("(")
                items.append(item)
                items.append(") ")
            items.append("]")
        elif isinstance(node, ExprBinOp):
            if node.op == LEQ:
                items.extend(["(! (__lessThan ", node.right, " ", node.left, "))"])
            elif node.op == GEQ:
                items.extend(["(! (__lessThan ", node.left, " ", node.right, "))"])
            else:
                operator = " " + OPERATOR_TEXTS[node.op] + " "
                items.extend(["(", node.left, operator, node.right, ")"])
        elif isinstance(node, ExprLet):
            items.append("(let ")
            self.bindings(self.merger.sets[node.start], items, "; ")
            items.append("in ")
            items.append(node.body)
            items.append(")")
        elif isinstance(node, ExprIndString):
            self.ind_string(node, items)
        else:
            self.expand_rare(node, items)

    def expand_rare(self, node: Node, items: list[Node | str]) -> None:
        text = self.text
        if isinstance(node, ExprInt):
            items.append(text[node.start : node.end].lstrip("0") or "0")
        elif isinstance(node, ExprFloat):
            items.append(f"{float(text[node.start : node.end]):g}")
        elif isinstance(node, ExprUri):
            items.append(self.string(text[node.start : node.end]))
        elif isinstance(node, (ExprPath, ExprHPath)):
            parts = self.path(node)
            if node.parts:
                self.concat(parts[0][0], parts[1:], items)
            else:
                items.append(parts[0][0])
        elif isinstance(node, ExprOpHasAttr):
            items.extend(["((", node.base, ") ? "])
            self.attr_path(node.path, items)
            items.append(")")
        elif isinstance(node, ExprIf):
            items.extend(["(if ", node.cond, " then ", node.then_, " else ", node.else_, ")"])
        elif isinstance(node, ExprWith):
            items.extend(["(with ", node.attrs, "; ", node.body, ")"])
        elif isinstance(node, ExprAssert):
            items.extend(["assert ", node.cond, "; ", node.body])
        elif isinstance(node, ExprUnaryOp):
            items.extend(["(! ", node.operand, ")"])
        elif isinstance(node, ExprPos):
            items.append("__curPos")
        elif isinstance(node, ExprLegacyLet):
            items.append("(")
            self.attrs(self.merger.sets[node.start], items)
            items.append(").body")
        else:
            items.append(BROKEN)

    def ind_string(self, node: ExprIndString, items: list[Node | str]) -> None:
        parts = string_parts(node, self.text, self.modern)
        if len(parts) < 2:
            plain = static_string(node, self.text, self.modern)
            if plain is not None:
                items.append(self.string(plain))
                return
        self.cooked(parts, items)

    def cooked(self, parts: list[StringPart], items: list[Node | str]) -> None:
        self.concat(
            "",
            [(self.string(part.text) if part.node is None else "", part.node) for part in parts],
            items,
        )

    def call(self, node: Node, items: list[Node | str]) -> None:
        """Calls and what Nix makes calls of; a call of a call is one with more arguments."""
        rows: list[list[Node | str]] = []
        while True:
            if isinstance(node, ExprCall):
                row: list[Node | str] = []
                row.extend(node.args)
                rows.append(row)
                head = unparen(node.fn)
                if is_or_call(node, self.text):
                    break
            elif isinstance(node, ExprBinOp):
                if node.op == PIPE_FROM:
                    rows.append([node.right])
                    head = unparen(node.left)
                elif node.op == PIPE_INTO:
                    rows.append([node.left])
                    head = unparen(node.right)
                else:
                    rows.append(operator_call(node))
                    break
            elif isinstance(node, ExprUnaryOp):
                rows.append(["__sub", "0", node.operand])
                break
            else:
                path = self.string(self.text[node.start + 1 : node.end - 1])
                rows.append(["__findFile", "__nixPath", path])
                break
            if not is_call(head):
                break
            node = head
        items.append("(")
        if isinstance(node, ExprCall) or (isinstance(node, ExprBinOp) and node.op >= PIPE_FROM):
            items.append(head)
            items.append(" ")
        at = len(rows) - 1
        while at >= 0:
            for argument in rows[at]:
                items.append(argument)
                items.append(" ")
            at -= 1
        items[-1] = ")"

    def function(self, node: ExprLambda, items: list[Node | str]) -> None:
        items.append("(")
        arg = node.arg
        formals = arg.formals
        if formals is not None:
            items.append("{ ")
            first = True
            named: dict[str, Formal] = {}
            for formal in formals.items:
                named.setdefault(self.text[formal.name.start : formal.name.end], formal)
            for key in sorted(named):
                if not first:
                    items.append(", ")
                first = False
                items.append(self.name(key))
                default = named[key].default
                if default is not None:
                    items.append(" ? ")
                    items.append(default)
            if formals.ellipsis:
                items.append("..." if first else ", ...")
            items.append(" }")
            if arg.name is not None:
                items.append(" @ ")
        if arg.name is not None:
            items.append(self.name(self.text[arg.name.start : arg.name.end]))
        items.append(": ")
        items.append(node.body)
        items.append(")")

    # Attributes.

    def attrs(self, attrs: MergedAttrs, items: list[Node | str]) -> None:
        items.append("rec { " if attrs.recursive else "{ ")
        self.bindings(attrs, items, " ; ")
        dynamic: list[DynamicAttr] = [] if attrs.dynamic is None else attrs.dynamic
        for attr in dynamic:
            self.attr_name(attr.name, items)
            items.append(" = ")
            items.append(attr.value)
            items.append("; ")
        items.append("}")

    def bindings(self, attrs: MergedAttrs, items: list[Node | str], after: str) -> None:
        """The static attributes; `after` closes an `inherit` in the dialect of 2.8."""
        names = attrs.names
        keys = in_order(list(names))
        if self.modern:
            self.inherits(names, keys, items)
        for key in keys:
            entry = names[key]
            if isinstance(entry, Inherited):
                if self.modern:
                    continue
                shown = self.name(key)
                source = entry.clause.source
                if source is None:
                    items.append("inherit " + shown + after)
                    continue
                items.extend([shown, " = (", source, ").", shown, "; "])
                continue
            items.append(self.name(key))
            items.append(" = ")
            items.append(entry.value if isinstance(entry, Binding) else entry)
            items.append("; ")

    def inherits(self, names: dict[str, Node], keys: list[str], items: list[Node | str]) -> None:
        """All inherited names first, one clause for each source."""
        plain: list[str] = []
        sourced: dict[int, list[str]] = {}
        clauses: dict[int, Inherit] = {}
        for key in keys:
            entry = names[key]
            if isinstance(entry, Inherited):
                if entry.clause.source is None:
                    plain.append(self.name(key))
                else:
                    clauses[entry.clause.start] = entry.clause
                    sourced.setdefault(entry.clause.start, []).append(self.name(key))
        if plain:
            items.append("inherit " + " ".join(plain) + "; ")
        for start in sorted(sourced):
            source = clauses[start].source
            if source is not None:
                items.extend(["inherit (", source, ") " + " ".join(sourced[start]) + "; "])


def is_call(node: Node) -> bool:
    """Whether Nix has a function call for it."""
    if isinstance(node, ExprCall):
        return True
    if isinstance(node, ExprBinOp):
        op = node.op
        return op >= MINUS or op == LT or op == GT
    if isinstance(node, ExprUnaryOp):
        return node.op != NOT
    return isinstance(node, ExprSPath)


def is_or_call(node: ExprCall, text: str) -> bool:
    """Whether it is `f or`, which stays a call of its own even if `f` is a call."""
    first = node.args[0]
    return isinstance(first, ExprVar) and text[first.start : first.end] == "or"


def operator_call(node: ExprBinOp) -> list[Node | str]:
    """The call that an arithmetic operator or a comparison is."""
    if node.op == MINUS:
        return ["__sub", node.left, node.right]
    if node.op == MUL:
        return ["__mul", node.left, node.right]
    if node.op == DIV:
        return ["__div", node.left, node.right]
    if node.op == LT:
        return ["__lessThan", node.left, node.right]
    return ["__lessThan", node.right, node.left]


def byte_order(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def in_order(names: list[str]) -> list[str]:
    """Names sorted by their bytes, as Nix sorts them."""
    for name in names:
        if not name.isascii():
            return sorted(names, key=byte_order)
    return sorted(names)


def absolute(path: str, base_dir: str) -> str:
    """A path literal made absolute and freed of `.`, `..` and double slashes.

    A slash at its end stays, as an interpolation follows.
    """
    steps: list[str] = []
    for step in (path if path[0] == "/" else base_dir + "/" + path).split("/"):
        if step == "..":
            if steps:
                steps.pop()
        elif step and step != ".":
            steps.append(step)
    slash = "/" if path[-1] == "/" and len(path) > 1 else ""
    return "/" + "/".join(steps) + slash
