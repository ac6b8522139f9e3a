"""What attributes a set has once Nix has put its bindings together.

`{ a.b = 1; a = { c = 2; }; }` has one attribute `a` with two attributes. Nix's parser does this
merging, binding by binding, and so finds duplicates; which sets may merge depends on its version:
up to 2.25 only one level deep, and up to 2.16 the dynamic keys of the later set are lost.

Linear in the number of bindings: a set literal is poured into another at most once.
"""

from __future__ import annotations

from typing import Final

from nixlint.syntax.errors import ParseError
from nixlint.syntax.nodes import (
    AttrName,
    AttrPath,
    Binding,
    ExprAttrs,
    Inherit,
    Node,
    unparen,
)
from nixlint.syntax.strings import is_missing, quote_name, static_name

MERGED_ATTRS: Final = 101
INHERITED: Final = 102
"""Kinds that never occur in a tree."""

DEEP_MERGE: Final = (2, 26)
"""The first version of Nix that merges sets at every depth."""

KEEPS_DYNAMIC: Final = (2, 17)
"""The first version that keeps the dynamic keys of the later set."""

NEVER: Final = 1 << 60
"""`detected` of what Nix does not notice because a syntax error comes first."""


class DynamicAttr:
    """`${name} = value;`, the value possibly a `MergedAttrs`."""

    def __init__(self, name: AttrName, value: Node) -> None:
        self.name = name
        self.value = value


class Inherited(Node):
    """One name of an `inherit` clause; the span is the name's."""

    def __init__(self, name: AttrName, clause: Inherit) -> None:
        super().__init__(INHERITED, name.start, name.end)
        self.name = name
        self.clause = clause


class MergedAttrs(Node):
    """The attributes of a set, or of the bindings of a `let`.

    `names` maps a static name to a `Binding` (its value is the attribute's), an `Inherited`, or
    a `MergedAttrs` (a set that dotted keys or several literals contributed to).
    Start and end are those of the key path that defined the set first; for a set that is not
    (yet) merged into anything, those of the set.
    """

    def __init__(self, start: int, end: int, recursive: bool) -> None:
        super().__init__(MERGED_ATTRS, start, end)
        self.recursive = recursive
        self.names: dict[str, Node] = {}
        self.dynamic: list[DynamicAttr] | None = None

    def add_dynamic(self, name: AttrName, value: Node) -> None:
        if self.dynamic is None:
            self.dynamic = []
        self.dynamic.append(DynamicAttr(name, value))


class Merger:
    """Merges the sets of one file; sets must come after the sets inside them.

    `sets` maps the offset of a set (or `let`) to its attributes, `errors` collects the rules
    duplicate-attribute, merge-into-rec-attrset and merge-rec-into-plain-attrset.
    A duplicate is left out: the first definition counts.
    """

    def __init__(self, text: str, target_nix: tuple[int, int]) -> None:
        self.text = text
        self.deep = target_nix >= DEEP_MERGE
        self.keeps_dynamic = target_nix >= KEEPS_DYNAMIC
        self.sets: dict[int, MergedAttrs] = {}
        self.errors: list[ParseError] = []

    def merge(self, node: Node, binds: list[Node], recursive: bool) -> MergedAttrs:
        """Puts the bindings of `node` together."""
        attrs = MergedAttrs(node.start, node.end, recursive)
        for bind in binds:
            if isinstance(bind, Binding):
                self.add(attrs, bind)
            elif isinstance(bind, Inherit):
                self.add_inherit(attrs, bind)
        self.sets[node.start] = attrs
        return attrs

    def take(self, node: Node, binds: list[Node], recursive: bool) -> None:
        """Finds what is wrong with the bindings of `node`, which come into `sets` only if they
        are needed: most sets name everything once."""
        if not self.all_differ(binds):
            self.merge(node, binds, recursive)

    def all_differ(self, binds: list[Node]) -> bool:
        """Whether no two bindings begin with the same name, so that nothing is to be merged."""
        count = len(binds)
        if count == 0 or (count == 1 and isinstance(binds[0], Binding)):
            return True
        text = self.text
        seen: set[str] = set()
        for bind in binds:
            if isinstance(bind, Binding):
                name = static_name(bind.path.first, text)
                if name is not None:
                    if name in seen:
                        return False
                    seen.add(name)
            elif isinstance(bind, Inherit):
                for attr in bind.names:
                    name = static_name(attr, text)
                    if name is not None:
                        if name in seen:
                            return False
                        seen.add(name)
        return True

    def made(self, node: ExprAttrs) -> MergedAttrs:
        """The attributes of a set that was merged, or taken."""
        found = self.sets.get(node.start)
        return found if found is not None else self.merge(node, node.binds, node.recursive)

    def add(self, attrs: MergedAttrs, binding: Binding) -> None:
        path = binding.path
        name = path.first
        rest = path.rest
        if rest is not None:
            recursive: MergedAttrs | None = None
            for following in rest:
                below = self.step(attrs, binding, name)
                if below is None:
                    return
                attrs = below
                if attrs.recursive:
                    recursive = attrs
                name = following
            if recursive is not None:
                self.warn_into_rec(recursive, path.start, path.end)
        key = static_name(name, self.text)
        if key is None:
            if not is_missing(name):
                attrs.add_dynamic(name, binding.value)
            return
        names = attrs.names
        before = names.get(key)
        if before is None:
            names[key] = binding
            return
        into = self.as_set(attrs, key, before)
        value = unparen(binding.value)
        other = self.made(value) if isinstance(value, ExprAttrs) else None
        if into is None or other is None:
            shown = self.path_text(path, path.end)
            self.duplicate(shown, path.start, path.end, before, noticed(binding, self.text))
            return
        self.pour(into, other, binding)

    def step(self, attrs: MergedAttrs, binding: Binding, name: AttrName) -> MergedAttrs | None:
        """The set that `name`, a component of the binding's path with more behind it, leads to."""
        path = binding.path
        key = static_name(name, self.text)
        if key is None:
            if is_missing(name):
                return None
            nested = MergedAttrs(path.start, name.end, False)
            attrs.add_dynamic(name, nested)
            return nested
        before = attrs.names.get(key)
        if before is None:
            nested = MergedAttrs(path.start, name.end, False)
            attrs.names[key] = nested
            return nested
        into = self.as_set(attrs, key, before)
        if into is None:
            shown = self.path_text(path, name.end)
            whole = self.path_text(path, path.end)
            error = ParseError(
                "duplicate-attribute",
                f"`{shown}` is already defined, and not as a set in braces, "
                f"so `{whole}` cannot be added to it",
                path.start,
                name.end,
                noticed(binding, self.text),
            )
            self.errors.append(self.with_note(error, before))
        return into

    def add_inherit(self, attrs: MergedAttrs, clause: Inherit) -> None:
        names = attrs.names
        for name in clause.names:
            key = static_name(name, self.text)
            if key is None:
                continue
            before = names.get(key)
            if before is None:
                names[key] = Inherited(name, clause)
            else:
                shown = quote_name(key)
                self.duplicate(shown, name.start, name.end, before, noticed(clause, self.text))

    def as_set(self, attrs: MergedAttrs, key: str, entry: Node) -> MergedAttrs | None:
        """The attribute `key` of `attrs` as something that can still grow, or None.

        A literal becomes its `MergedAttrs` and replaces its binding.
        """
        if isinstance(entry, MergedAttrs):
            return entry
        if not isinstance(entry, Binding):
            return None
        value = unparen(entry.value)
        if not isinstance(value, ExprAttrs):
            return None
        merged = self.made(value)
        merged.start = entry.path.start
        merged.end = entry.path.end
        attrs.names[key] = merged
        return merged

    def pour(self, into: MergedAttrs, other: MergedAttrs, binding: Binding) -> None:
        """Adds all attributes of a set literal, the binding's value, to an earlier set."""
        path = binding.path
        detected = noticed(binding, self.text)
        self.warn_rec(into, other, path.start, path.end)
        # Pairs still to be merged, and how their names hang together for messages.
        targets = [into]
        sources = [other]
        trail: list[tuple[int, str]] = [(-1, self.path_text(path, path.end))]
        at = 0
        while at < len(targets):
            target = targets[at]
            source = sources[at]
            for key, entry in list(source.names.items()):
                before = target.names.get(key)
                if before is None:
                    target.names[key] = entry
                    continue
                into_set = self.as_set(target, key, before)
                from_set = self.as_set(source, key, entry)
                start, end = definition(entry)
                if into_set is not None and from_set is not None:
                    if self.deep:
                        self.warn_rec(into_set, from_set, start, end)
                        targets.append(into_set)
                        sources.append(from_set)
                        trail.append((at, quote_name(key)))
                        continue
                    shown = joined(trail, at) + "." + quote_name(key)
                    error = ParseError(
                        "duplicate-attribute",
                        f"`{shown}` is already defined; Nix merges sets at this depth "
                        "only since version 2.26",
                        start,
                        end,
                        detected,
                    )
                    self.errors.append(self.with_note(error, before))
                    continue
                self.duplicate(
                    joined(trail, at) + "." + quote_name(key), start, end, before, detected
                )
            if self.keeps_dynamic and source.dynamic is not None:
                for attr in source.dynamic:
                    target.add_dynamic(attr.name, attr.value)
            at += 1

    def duplicate(self, shown: str, start: int, end: int, before: Node, detected: int) -> None:
        error = ParseError(
            "duplicate-attribute", f"`{shown}` is already defined", start, end, detected
        )
        self.errors.append(self.with_note(error, before))

    def with_note(self, error: ParseError, before: Node) -> ParseError:
        start, end = definition(before)
        return error.note("first defined here", start, end)

    def warn_rec(self, into: MergedAttrs, other: MergedAttrs, start: int, end: int) -> None:
        if into.recursive:
            self.warn_into_rec(into, start, end)
        elif other.recursive:
            error = ParseError(
                "merge-rec-into-plain-attrset",
                "this `rec` has no effect: the set is merged into one without `rec`",
                start,
                end,
            )
            error.fatal = False
            self.errors.append(error.note("merged into the set defined here", into.start, into.end))

    def warn_into_rec(self, into: MergedAttrs, start: int, end: int) -> None:
        error = ParseError(
            "merge-into-rec-attrset",
            "this is merged into a `rec` set, where its names see the other attributes",
            start,
            end,
        )
        error.fatal = False
        self.errors.append(error.note("the `rec` set is defined here", into.start, into.end))

    def path_text(self, path: AttrPath, end: int) -> str:
        """The components of a path up to the one that ends at `end`, quoted where necessary."""
        shown: list[str] = []
        for name in path.names():
            if name.end > end:
                break
            key = static_name(name, self.text)
            shown.append(self.text[name.start : name.end] if key is None else quote_name(key))
        return ".".join(shown)


def definition(entry: Node) -> tuple[int, int]:
    """Where the key of an attribute stands."""
    if isinstance(entry, Binding):
        return entry.path.start, entry.path.end
    return entry.start, entry.end


def noticed(bind: Node, text: str) -> int:
    """The offset at which Nix has read a binding: after its semicolon."""
    return bind.end if text[bind.end - 1 : bind.end] == ";" else NEVER


def joined(trail: list[tuple[int, str]], at: int) -> str:
    names: list[str] = []
    while at >= 0:
        at, name = trail[at]
        names.append(name)
    names.reverse()
    return ".".join(names)
