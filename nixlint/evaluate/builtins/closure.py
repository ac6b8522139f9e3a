"""`builtins.genericClosure`."""

from __future__ import annotations

from nixlint.evaluate.builtins.arguments import forced_attrs, forced_function, forced_list, spread
from nixlint.evaluate.operators import less
from nixlint.evaluate.values import (
    LIST,
    MISSING_ATTRIBUTE,
    Code,
    Machine,
    NixError,
    Value,
    VAttrs,
    VBool,
    VFloat,
    VInt,
    VList,
    VString,
    VUnknown,
    fail,
    unknown_at,
)


class _Keys:
    """The keys met so far, all of a kind that can be compared."""

    def __init__(self) -> None:
        self.texts: set[str] = set()
        self.integers: set[int] = set()
        self.ordered: list[Value] = []

    def add(self, m: Machine, key: Value, site: Code) -> Value | None:
        """None for a new key, the key for a known one, something unknown if that is not known.

        Raises `NixError` for keys that cannot be compared.
        """
        if isinstance(key, VString) and not self.integers and not self.ordered:
            if key.text in self.texts:
                return key
            self.texts.add(key.text)
            return None
        if isinstance(key, VInt) and not self.texts and not self.ordered:
            if key.value in self.integers:
                return key
            self.integers.add(key.value)
            return None
        if self.texts or self.integers:
            if not isinstance(key, VFloat) or self.texts:
                other: Value = VString("") if self.texts else VInt(0)
                less(m, key, other, site)
                return unknown_at("keys of different types are compared", site)
            for value in sorted(self.integers):
                self.ordered.append(VInt(value))
            self.integers = set()
        return self._insert(m, key, site)

    def _insert(self, m: Machine, key: Value, site: Code) -> Value | None:
        low = 0
        high = len(self.ordered)
        while low < high:
            middle = (low + high) // 2
            other = self.ordered[middle]
            before = less(m, other, key, site)
            if isinstance(before, VUnknown):
                return before
            if isinstance(before, VBool) and before.value:
                low = middle + 1
                continue
            after = less(m, key, other, site)
            if isinstance(after, VUnknown):
                return after
            if isinstance(after, VBool) and not after.value:
                return key
            high = middle
        self.ordered.insert(low, key)
        return None


def prim_generic_closure(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.genericClosure { startSet, operator }`, breadth first."""
    given = forced_attrs(m, args[0], site)
    if isinstance(given, VUnknown):
        return spread(given, prim_generic_closure, args, 0, site, LIST)
    assert isinstance(given, VAttrs)
    start = forced_list(m, _required(given, "startSet", site), site)
    if isinstance(start, VUnknown):
        return start.derived(LIST)
    assert isinstance(start, VList)
    if not start.items and start.rest is None:
        return _without_start(m, given, start, site)
    operator = _required(given, "operator", site)
    if start.rest is not None:
        return start.rest[0].derived(LIST)
    function = forced_function(m, operator, site)
    work = start.items.copy()
    keys = _Keys()
    found: list[Value] = []
    at = 0
    while at < len(work):
        m.steps += 1
        if m.steps >= m.next_check:
            m.check()
        item = work[at]
        at += 1
        element = forced_attrs(m, item, site)
        cause: VUnknown | None = None
        if isinstance(element, VUnknown):
            cause = element
        else:
            assert isinstance(element, VAttrs)
            key = element.get("key")
            if key is None:
                raise fail("attribute 'key' required", site)
            key = key.force(m)
            known = key if isinstance(key, VUnknown) else keys.add(m, key, site)
            if isinstance(known, VUnknown):
                cause = known
            elif known is not None:
                continue
        if cause is not None:
            # From here on it is not known which elements are new.
            return VList(found, [cause.derived(LIST)])
        found.append(item)
        more = forced_list(m, function.call(m, item, site), site)
        if isinstance(more, VUnknown):
            return VList(found, [more.derived(LIST)])
        assert isinstance(more, VList)
        for one in more.items:
            one.force(m)
        if more.rest is not None:
            return VList(found, [more.rest[0].derived(LIST)])
        work.extend(more.items)
    m.allocate(len(found))
    return VList(found)


def _required(attrs: VAttrs, name: str, site: Code) -> Value:
    found = attrs.get(name)
    if found is None:
        raise NixError(
            MISSING_ATTRIBUTE,
            f"attribute '{name}' missing for call to 'genericClosure'",
            site.file,
            site.start,
        )
    return found


def _without_start(m: Machine, given: VAttrs, start: VList, site: Code) -> Value:
    """The closure of nothing; older versions of Nix compute the operator nevertheless."""
    operator = given.get("operator")
    if operator is not None:
        depth = m.depth
        try:
            operator.force(m)
            return start
        except NixError:
            m.depth = depth
    return unknown_at("versions of Nix disagree on whether this fails", site, LIST)
