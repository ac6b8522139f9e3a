"""Sets that are written in several places.

`a = { … }; a.b = 1;` is one set `a`, and so is `a.b = 1; a.c = 2;`. For names this matters only
where a `rec` takes part: of all the pieces the first decides whether the set is recursive, so

    a = rec { b = 1; }; a.c = b;      # `c` sees `b`
    a.c = 1; a = rec { d = c; };      # `d` does not see `c`

`find_merged` puts such sets together in the way Nix does. Where Nix reports an attribute that is
defined twice, both values are kept, so that every expression of the file has its place.
"""

from __future__ import annotations

from nixlint.syntax.nodes import AttrName, Binding, ExprAttrs, Inherit, Node, unparen
from nixlint.syntax.strings import static_name


class MergedSet:
    """A set and what was merged into it. `node` is the literal or the key it began with."""

    def __init__(self, recursive: bool, node: Node) -> None:
        self.recursive = recursive
        self.node = node
        self.entries: dict[str, Entry] = {}
        self.inherits: list[Inherit] = []
        self.computed: list[tuple[AttrName, Node | None, MergedSet | None]] = []
        """Bindings without a known name: the key, and its value or the set behind it."""
        self.others: list[Node] = []
        """What else stands there in broken text."""


class Entry:
    """One attribute of a merged set: a value as it was written, or a set of its own."""

    def __init__(self) -> None:
        self.binders: list[tuple[AttrName, Node]] = []
        """Its keys, and the bindings they belong to."""
        self.values: list[Node] = []
        """More than one where Nix would complain; none when `merged` is set."""
        self.merged: MergedSet | None = None


def find_merged(binds: list[Node], recursive: bool, node: Node, text: str) -> MergedSet | None:
    """The set that these bindings make, or None when nothing in them is written in two places."""
    if not _has_literal_twice(binds, text):
        return None
    merged = MergedSet(recursive, node)
    todo: list[tuple[MergedSet, Node, int]] = []
    _push(todo, merged, binds)
    while todo:
        into, bind, index = todo.pop()
        if isinstance(bind, Inherit):
            into.inherits.append(bind)
        elif isinstance(bind, Binding):
            _add(todo, into, bind, index, text)
        else:
            into.others.append(bind)
    return merged


def _push(todo: list[tuple[MergedSet, Node, int]], into: MergedSet, binds: list[Node]) -> None:
    index = len(binds) - 1
    while index >= 0:
        todo.append((into, binds[index], 0))
        index -= 1


def _has_literal_twice(binds: list[Node], text: str) -> bool:
    """Whether a name is bound twice, once of these to a set in braces."""
    if len(binds) < 2:
        return False
    first: dict[str, bool] = {}
    for bind in binds:
        if not isinstance(bind, Binding):
            continue
        name = static_name(bind.path.first, text)
        if name is None:
            continue
        literal = isinstance(unparen(bind.value), ExprAttrs)
        known = first.get(name)
        if known is None:
            first[name] = literal
        elif known or literal:
            return True
    return False


def _add(
    todo: list[tuple[MergedSet, Node, int]],
    into: MergedSet,
    bind: Binding,
    index: int,
    text: str,
) -> None:
    """Adds a binding to a set, from component `index` of its path on.

    Where it meets a literal that was added before, that literal is opened first, and the rest of
    the binding waits.
    """
    names = bind.path.names()
    last = len(names) - 1
    while index < last:
        attr = names[index]
        name = static_name(attr, text)
        if name is None:
            inner = MergedSet(False, attr)
            into.computed.append((attr, None, inner))
            into = inner
            index += 1
            continue
        entry = into.entries.get(name)
        if entry is None:
            entry = Entry()
            entry.merged = MergedSet(False, attr)
            into.entries[name] = entry
        elif entry.merged is None:
            literal = unparen(entry.values[0])
            if not isinstance(literal, ExprAttrs):
                entry.binders.append((attr, bind))
                entry.values.append(bind.value)
                _keep_computed_keys(into, names, index + 1, text)
                return
            _open(todo, into, entry, literal, bind, index)
            return
        entry.binders.append((attr, bind))
        assert entry.merged is not None
        into = entry.merged
        index += 1
    attr = names[last]
    name = static_name(attr, text)
    if name is None:
        into.computed.append((attr, bind.value, None))
        return
    entry = into.entries.get(name)
    if entry is None:
        entry = Entry()
        entry.binders.append((attr, bind))
        entry.values.append(bind.value)
        into.entries[name] = entry
        return
    new = unparen(bind.value)
    if isinstance(new, ExprAttrs):
        if entry.merged is None:
            literal = unparen(entry.values[0])
            if isinstance(literal, ExprAttrs):
                _open(todo, into, entry, literal, bind, index)
                return
        else:
            entry.binders.append((attr, bind))
            _push(todo, entry.merged, new.binds)
            return
    entry.binders.append((attr, bind))
    entry.values.append(bind.value)


def _open(
    todo: list[tuple[MergedSet, Node, int]],
    into: MergedSet,
    entry: Entry,
    literal: ExprAttrs,
    bind: Binding,
    index: int,
) -> None:
    """Takes the literal of an entry apart, and has `bind` added after that."""
    entry.values.pop(0)
    opened = MergedSet(literal.recursive, literal)
    entry.merged = opened
    todo.append((into, bind, index))
    _push(todo, opened, literal.binds)


def _keep_computed_keys(into: MergedSet, names: list[AttrName], index: int, text: str) -> None:
    """The rest of a path that leads nowhere may still hold expressions."""
    while index < len(names):
        if static_name(names[index], text) is None:
            into.computed.append((names[index], None, None))
        index += 1
