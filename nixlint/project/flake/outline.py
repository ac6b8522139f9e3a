"""The attributes of a set literal, however they are spelled, and what kind of literal each is.

`{ inputs.a.url = "x"; inputs = { b.url = "y"; }; }` has one attribute `inputs` with two attributes.
`outline` puts that together without evaluating anything. `kind_of` says what Nix takes a value
of flake.nix for: Nix reads the metadata of a flake before it evaluates anything, and accepts only
what is written out there.
"""

from __future__ import annotations

from typing import Final

from nixlint.syntax.nodes import (
    NEGATE,
    AttrName,
    Binding,
    ErrorNode,
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
    ExprPath,
    ExprPos,
    ExprSelect,
    ExprSPath,
    ExprString,
    ExprUnaryOp,
    ExprUri,
    ExprVar,
    ExprWith,
    Inherit,
    Node,
    unparen,
)
from nixlint.syntax.strings import is_missing, path_parts, static_name, static_string
from nixlint.text.span import Span

# What a value is.
STRING: Final = "a string"
PATH: Final = "a path"
INT: Final = "a number"
BOOL: Final = "a Boolean"
FLOAT: Final = "a number with a decimal point"
NULL: Final = "`null`"
LIST: Final = "a list"
SET: Final = "a set"
FUNCTION: Final = "a function"
NEGATIVE: Final = "a negative number"
COMPUTED: Final = "computed"
"""Nix has not evaluated it when it reads the flake, and refuses it."""
UNKNOWN: Final = "unknown"
"""A variable that may or may not have its value already, or code that is broken."""


class Entry:
    """One attribute of an outline.

    `values` are its values that are no set literals: normally one or none, two if the name is
    bound twice. For an inherited attribute it is the `AttrName` in the clause.
    """

    def __init__(self, name: str, name_node: Node, owner: Node) -> None:
        self.name = name
        self.name_node = name_node
        """Where it is named first."""
        self.owner = owner
        """The first Binding or Inherit that names it; perhaps its path goes on (`name.x = …`)."""
        self.owners: list[Node] = [owner]
        """All of them."""
        self.names: list[Node] = [name_node]
        """Where each of `owners` names it."""
        self.values: list[Node] = []
        self.sets: list[ExprAttrs] = []
        self.children: dict[str, Entry] = {}
        self.dynamic: list[AttrName] = []
        """The computed names in it."""
        self.dotted = False
        """Whether some path goes through it, as in `name.x = …`."""

    @property
    def is_set(self) -> bool:
        """Whether it is a set that is written out."""
        return not self.values and (self.dotted or bool(self.sets))

    @property
    def value(self) -> Node | None:
        """Its value if it is no set literal."""
        return self.values[0] if self.values else None

    @property
    def value_span(self) -> Span:
        """Where its value stands; its name, if it is only spelled with dots."""
        if self.values:
            return self.values[0].span
        return self.sets[0].span if self.sets else self.name_node.span


def outline(root: ExprAttrs, text: str) -> Entry:
    """The attributes of a set literal, as the children of a nameless entry."""
    top = Entry("", root, root)
    top.sets.append(root)
    stack: list[tuple[Entry, Node]] = [(top, bind) for bind in reversed(root.binds)]
    while stack:
        entry, bind = stack.pop()
        if isinstance(bind, Inherit):
            for attr in bind.names:
                name = static_name(attr, text)
                if name is None:
                    entry.dynamic.append(attr)
                else:
                    child_of(entry, name, attr, bind).values.append(attr)
            continue
        if not isinstance(bind, Binding):
            continue
        names = bind.path.names()
        for index, attr in enumerate(names):
            name = static_name(attr, text)
            if name is None:
                if not is_missing(attr):
                    entry.dynamic.append(attr)
                break
            entry = child_of(entry, name, attr, bind)
            if index + 1 < len(names):
                entry.dotted = True
        else:
            value = unparen(bind.value)
            if isinstance(value, ExprAttrs):
                entry.sets.append(value)
                for inner in reversed(value.binds):
                    stack.append((entry, inner))
            else:
                entry.values.append(value)
    return top


def child_of(entry: Entry, name: str, attr: AttrName, owner: Node) -> Entry:
    """The attribute `name` of an entry, made if it is new."""
    child = entry.children.get(name)
    if child is None:
        child = Entry(name, attr, owner)
        entry.children[name] = child
    elif child.owners[len(child.owners) - 1] is not owner:
        child.owners.append(owner)
        child.names.append(attr)
    return child


def kind_of_entry(entry: Entry, text: str) -> str:
    """As `kind_of`, for an attribute of an outline."""
    if entry.is_set:
        return COMPUTED if entry.dynamic else SET
    if len(entry.values) != 1 or entry.sets or entry.dotted:
        return UNKNOWN
    value = entry.values[0]
    if isinstance(value, AttrName):
        owner = entry.owner
        from_set = isinstance(owner, Inherit) and owner.source is not None
        return COMPUTED if from_set else UNKNOWN
    return kind_of(value, text)


def kind_of(node: Node, text: str) -> str:
    """What Nix takes a value for before it evaluates anything: one of `STRING` … `UNKNOWN`."""
    node = unparen(node)
    if isinstance(node, (ExprString, ExprIndString, ExprUri)):
        return STRING if static_string(node, text) is not None else COMPUTED
    if isinstance(node, (ExprPath, ExprHPath)):
        return COMPUTED if node.parts else PATH
    if isinstance(node, ExprInt):
        return INT
    if isinstance(node, ExprFloat):
        return FLOAT
    if isinstance(node, ExprVar):
        return _CONSTANTS.get(text[node.start : node.end], UNKNOWN)
    if isinstance(node, ExprAttrs):
        return COMPUTED if has_dynamic_name(node, text) else SET
    if isinstance(node, ExprList):
        return LIST
    if isinstance(node, ExprLambda):
        return FUNCTION
    if isinstance(node, ExprUnaryOp) and node.op == NEGATE:
        return NEGATIVE if isinstance(unparen(node.operand), (ExprInt, ExprFloat)) else COMPUTED
    return UNKNOWN if isinstance(node, ErrorNode) else COMPUTED


_CONSTANTS: Final = {"true": BOOL, "false": BOOL, "null": NULL}


def has_dynamic_name(node: ExprAttrs, text: str) -> bool:
    """Whether a set has an attribute `${…}` whose name has to be computed."""
    for bind in node.binds:
        if isinstance(bind, Binding):
            attr = bind.path.first
            if static_name(attr, text) is None and not is_missing(attr):
                return True
    return False


def describe(node: Node, text: str) -> str:
    """A computed expression in a user's words, with its article: `a function call`."""
    node = unparen(node)
    if isinstance(node, (ExprString, ExprIndString)):
        if node.parts:
            return "a string with `${…}` in it"
        return "a `''` string with escapes in it"
    if isinstance(node, (ExprPath, ExprHPath)):
        return "a path with `${…}` in it"
    if isinstance(node, ExprCall):
        return "a function call"
    if isinstance(node, ExprSelect):
        return f"the attribute `{shortened(node, text)}` of something else"
    if isinstance(node, (ExprLet, ExprLegacyLet)):
        return "a `let`"
    if isinstance(node, ExprWith):
        return "a `with`"
    if isinstance(node, ExprIf):
        return "an `if`"
    if isinstance(node, ExprAssert):
        return "an `assert`"
    if isinstance(node, ExprBinOp):
        return "a calculation"
    if isinstance(node, ExprSPath):
        return f"the search path `{text[node.start : node.end]}`"
    if isinstance(node, ExprAttrs):
        return "a set with a computed name"
    if isinstance(node, ExprPos):
        return "`__curPos`"
    if isinstance(node, AttrName):
        return "inherited from something else"
    return "computed"


def shortened(node: Node, text: str) -> str:
    """The text of a node on one line, cut if it is long."""
    words = " ".join(text[node.start : node.end].split())
    return words if len(words) <= 40 else words[:39] + "…"


def path_url(node: Node, text: str) -> str:
    """What Nix makes of a path as the `url` of an input: `path:` and the path seen from the flake.

    `./x` is `path:x`, `./.` is `path:.`, `../..` stays.
    """
    raw = ""
    if isinstance(node, (ExprPath, ExprHPath)):
        for part in path_parts(node, text):
            raw += part.text
    if raw.startswith(("/", "~")):
        return "path:" + raw
    out: list[str] = []
    for step in raw.split("/"):
        if step == ".." and out and out[len(out) - 1] != "..":
            out.pop()
        elif step != "." and step != "":
            out.append(step)
    return "path:" + ("/".join(out) if out else ".")


def inside_string(node: Node, text: str, start: int, end: int) -> Span:
    """Where a stretch of what a string means stands in the file; offsets into its meaning.

    The whole string where escapes or indentation stand between the two.
    """
    node = unparen(node)
    begin: int = node.start
    if isinstance(node, ExprString):
        begin += 1
    elif isinstance(node, ExprIndString):
        begin += 2
    meaning = static_string(node, text)
    if meaning is None or text[begin : begin + len(meaning)] != meaning:
        return node.span
    return Span(begin + start, begin + max(start, end))
