"""Builtins: lists."""

from __future__ import annotations

from typing import Final

from nixlint.evaluate.builtins.arguments import (
    PrimopThunk,
    forced_attrs,
    forced_function,
    forced_int,
    forced_list,
    forced_name,
    is_no_function,
    perhaps,
    perhaps_attrs,
    spread,
    spread_rest,
)
from nixlint.evaluate.builtins.sorting import Sorter
from nixlint.evaluate.builtins.table import Table
from nixlint.evaluate.operation_code import condition
from nixlint.evaluate.operators import MAYBE, YES, compare_equal
from nixlint.evaluate.values import (
    ANY,
    ATTRS,
    BOOL,
    FALSE,
    INT,
    LIST,
    TRUE,
    ApplyThunk,
    Code,
    Machine,
    Value,
    VAttrs,
    VInt,
    VList,
    VString,
    VUnknown,
    fail,
    unknown_at,
)

_NO_FUNCTION: Final = "versions of Nix disagree on whether this must be a function"


def _count(m: Machine, items: list[Value]) -> None:
    """Accounts for a list about to be made."""
    if len(items) > 4096:
        m.allocate(len(items))


def prim_map(m: Machine, args: list[Value], site: Code) -> Value:
    """`map f list`; the elements wait."""
    value = forced_list(m, args[1], site)
    if isinstance(value, VUnknown):
        return spread(value, prim_map, args, 1, site, LIST)
    assert isinstance(value, VList)
    function = args[0]
    if value.items and is_no_function(function):
        return unknown_at(_NO_FUNCTION, site, LIST)
    _count(m, value.items)
    items: list[Value] = []
    for item in value.items:
        items.append(ApplyThunk(function, item, site))
    return VList(items, spread_rest(value.rest, prim_map, args, 1, site, LIST))


def prim_filter(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.filter pred list`."""
    if is_no_function(args[0]):
        value = forced_list(m, args[1], site)
        if not isinstance(value, VList) or not value.items:
            return unknown_at(_NO_FUNCTION, site, LIST)
    function = forced_function(m, args[0], site)
    value = forced_list(m, args[1], site)
    if isinstance(value, VUnknown):
        return spread(value, prim_filter, args, 1, site, LIST)
    assert isinstance(value, VList)
    items: list[Value] = []
    rest = spread_rest(value.rest, prim_filter, args, 1, site, LIST)
    for item in value.items:
        verdict = function.call(m, item, site)
        answer = condition(m, verdict, site)
        if answer == 1:
            items.append(item)
        elif answer == 2:
            assert isinstance(verdict, VUnknown)
            if rest is None:
                rest = []
            rest.append(perhaps(verdict, item))
    return VList(items, rest)


def prim_length(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.length list`."""
    value = forced_list(m, args[0], site)
    if isinstance(value, VUnknown):
        return spread(value, prim_length, args, 0, site, INT)
    assert isinstance(value, VList)
    if value.rest is not None:
        return value.rest[0].derived(INT)
    return VInt(len(value.items))


def prim_head(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.head list`."""
    value = forced_list(m, args[0], site)
    if isinstance(value, VUnknown):
        return spread(value, prim_head, args, 0, site, ANY)
    assert isinstance(value, VList)
    if value.rest is not None:
        return value.rest[0].derived(ANY)
    if not value.items:
        raise fail("list index 0 is out of bounds", site)
    return value.items[0].force(m)


def prim_tail(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.tail list`."""
    value = forced_list(m, args[0], site)
    if isinstance(value, VUnknown):
        return spread(value, prim_tail, args, 0, site, LIST)
    assert isinstance(value, VList)
    if value.rest is None:
        if not value.items:
            raise fail("'tail' called on an empty list", site)
        _count(m, value.items)
        return VList(value.items[1:])
    # Either the first known element goes, or one of those that nobody knows.
    rest: list[VUnknown] = []
    for one in value.rest:
        rest.append(one.derived(LIST))
    if value.items:
        rest.append(perhaps(value.rest[0], value.items[0]))
    return VList(value.items[1:], rest)


def prim_elem_at(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.elemAt list n`."""
    value = forced_list(m, args[0], site)
    index = forced_int(m, args[1], site)
    if isinstance(value, VUnknown):
        return spread(value, prim_elem_at, args, 0, site, ANY)
    assert isinstance(value, VList)
    if value.rest is not None:
        return value.rest[0].derived(ANY)
    if isinstance(index, VUnknown):
        if len(value.items) > 256:
            return index.derived(ANY)
        return VUnknown(index.reason, index.file, index.start, "", ANY, value.items.copy())
    assert isinstance(index, VInt)
    at = index.value
    if abs(at) >= 2**31:
        # Nix 2.8 keeps 32 bits of it.
        return unknown_at("such a large position depends on the version of Nix", site)
    if at < 0 or at >= len(value.items):
        raise fail(f"list index {at} is out of bounds", site)
    return value.items[at].force(m)


def prim_elem(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.elem x list`."""
    value = forced_list(m, args[1], site)
    if isinstance(value, VUnknown):
        return spread(value, prim_elem, args, 1, site, BOOL)
    assert isinstance(value, VList)
    wanted = args[0]
    cause: VUnknown | None = value.rest[0] if value.rest is not None else None
    for item in value.items:
        if item is wanted:
            # The very same value, even if it is a function.
            item.force(m)
            return TRUE
        verdict = compare_equal(m, wanted, item, site)
        if verdict.answer == YES:
            return TRUE
        if verdict.answer == MAYBE:
            cause = verdict.cause
    return FALSE if cause is None else cause.derived(BOOL)


def prim_concat_lists(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.concatLists lists`."""
    value = forced_list(m, args[0], site)
    if isinstance(value, VUnknown):
        return spread(value, prim_concat_lists, args, 0, site, LIST)
    assert isinstance(value, VList)
    rest: list[VUnknown] = []
    if value.rest is not None:
        for one in value.rest:
            rest.append(spread(one, prim_concat_lists, args, 0, site, LIST))
    items: list[Value] = []
    for item in value.items:
        _extend(items, rest, forced_list(m, item, site))
    _count(m, items)
    return VList(items, rest if rest else None)


def _extend(items: list[Value], rest: list[VUnknown], more: Value) -> None:
    """Adds the elements of what `forced_list` returned."""
    if isinstance(more, VList):
        items.extend(more.items)
        if more.rest is not None:
            rest.extend(more.rest)
    elif isinstance(more, VUnknown):
        rest.append(more)


def prim_concat_map(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.concatMap f list`."""
    function = forced_function(m, args[0], site)
    value = forced_list(m, args[1], site)
    if isinstance(value, VUnknown):
        return spread(value, prim_concat_map, args, 1, site, LIST)
    assert isinstance(value, VList)
    rest: list[VUnknown] = []
    if value.rest is not None:
        for one in value.rest:
            rest.append(spread(one, prim_concat_map, args, 1, site, LIST))
    items: list[Value] = []
    for item in value.items:
        _extend(items, rest, forced_list(m, function.call(m, item, site), site))
    _count(m, items)
    return VList(items, rest if rest else None)


def prim_foldl(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.foldl' op start list`; every result is computed before the next call."""
    function = forced_function(m, args[0], site)
    value = forced_list(m, args[2], site)
    if isinstance(value, VUnknown):
        return spread(value, prim_foldl, args, 2, site, ANY)
    assert isinstance(value, VList)
    if value.rest is not None:
        return value.rest[0].derived(ANY)
    result = args[1]
    for item in value.items:
        result = function.call(m, result, site).call(m, item, site)
    return result.force(m)


def prim_gen_list(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.genList f n`; the elements wait."""
    count = forced_int(m, args[1], site)
    if isinstance(count, VUnknown):
        return spread(count, prim_gen_list, args, 1, site, LIST)
    assert isinstance(count, VInt)
    size = count.value
    if size < 0:
        raise fail(f"cannot create list of size {size}", site)
    function = args[0]
    if is_no_function(function):
        return unknown_at(_NO_FUNCTION, site, LIST)
    m.allocate(size)
    items: list[Value] = []
    for index in range(size):
        items.append(ApplyThunk(function, VInt(index), site))
    return VList(items)


def prim_sort(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.sort less list`; stable."""
    if is_no_function(args[0]):
        value = forced_list(m, args[1], site)
        if not isinstance(value, VList) or not value.items:
            return unknown_at(_NO_FUNCTION, site, LIST)
    function = forced_function(m, args[0], site)
    value = forced_list(m, args[1], site)
    if isinstance(value, VUnknown):
        return spread(value, prim_sort, args, 1, site, LIST)
    assert isinstance(value, VList)
    _count(m, value.items)
    for item in value.items:
        item.force(m)
    sorter = Sorter(m, function, site)
    items = sorter.sorted(value.items)
    unknown = sorter.unknown
    if unknown is not None:
        return unknown.derived(LIST)
    return VList(items, spread_rest(value.rest, prim_sort, args, 1, site, LIST))


def prim_any(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.any pred list`."""
    return _any_or_all(m, args, site, True)


def prim_all(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.all pred list`."""
    return _any_or_all(m, args, site, False)


def _any_or_all(m: Machine, args: list[Value], site: Code, decides: bool) -> Value:
    """The first element on which the predicate gives `decides` decides."""
    function = forced_function(m, args[0], site)
    value = forced_list(m, args[1], site)
    if isinstance(value, VUnknown):
        return spread(value, prim_any if decides else prim_all, args, 1, site, BOOL)
    assert isinstance(value, VList)
    if value.rest is not None:
        return value.rest[0].derived(BOOL)
    for item in value.items:
        verdict = function.call(m, item, site)
        answer = condition(m, verdict, site)
        if answer == 2:
            assert isinstance(verdict, VUnknown)
            return verdict.derived(BOOL)
        if (answer == 1) == decides:
            return verdict
    return FALSE if decides else TRUE


def prim_partition(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.partition pred list`: `{ right, wrong }`."""
    function = forced_function(m, args[0], site)
    value = forced_list(m, args[1], site)
    if isinstance(value, VUnknown):
        if value.alternatives is None:
            return VAttrs({"right": value.derived(LIST), "wrong": value.derived(LIST)})
        return spread(value, prim_partition, args, 1, site, ATTRS)
    assert isinstance(value, VList)
    right: list[Value] = []
    wrong: list[Value] = []
    unsure: list[VUnknown] = []
    if value.rest is not None:
        for one in value.rest:
            unsure.append(one.derived(LIST))
    for item in value.items:
        item.force(m)
        verdict = function.call(m, item, site)
        answer = condition(m, verdict, site)
        if answer == 1:
            right.append(item)
        elif answer == 0:
            wrong.append(item)
        else:
            assert isinstance(verdict, VUnknown)
            unsure.append(perhaps(verdict, item))
    rest = unsure if unsure else None
    return VAttrs({"right": VList(right, rest), "wrong": VList(wrong, rest)})


def prim_group_by(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.groupBy f list`: a set of lists."""
    function = forced_function(m, args[0], site)
    value = forced_list(m, args[1], site)
    if isinstance(value, VUnknown):
        return spread(value, prim_group_by, args, 1, site, ATTRS)
    assert isinstance(value, VList)
    groups: dict[str, list[Value]] = {}
    unsure: list[VUnknown] = []
    if value.rest is not None:
        for one in value.rest:
            unsure.append(one.derived(LIST))
    for item in value.items:
        name = forced_name(m, function.call(m, item, site), site)
        if isinstance(name, VString):
            known = groups.get(name.text)
            if known is None:
                groups[name.text] = [item]
            else:
                known.append(item)
        else:
            assert isinstance(name, VUnknown)
            unsure.append(perhaps(name, item))
    attrs: dict[str, Value] = {}
    for key in sorted(groups):
        attrs[key] = VList(groups[key], unsure if unsure else None)
    return VAttrs(attrs, [unsure[0].derived(ATTRS)] if unsure else None)


def prim_cat_attrs(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.catAttrs name sets`: the attribute of those that have it."""
    name = forced_name(m, args[0], site)
    value = forced_list(m, args[1], site)
    if isinstance(name, VUnknown):
        return spread(name, prim_cat_attrs, args, 0, site, LIST)
    if isinstance(value, VUnknown):
        return spread(value, prim_cat_attrs, args, 1, site, LIST)
    assert isinstance(name, VString) and isinstance(value, VList)
    items: list[Value] = []
    rest: list[VUnknown] = []
    if value.rest is not None:
        for one in value.rest:
            rest.append(spread(one, prim_cat_attrs, args, 1, site, LIST))
    for item in value.items:
        attrs = forced_attrs(m, item, site)
        if isinstance(attrs, VUnknown):
            rest.append(perhaps(attrs, attrs.pick(name.text)))
            continue
        assert isinstance(attrs, VAttrs)
        certain = attrs.attrs.get(name.text)
        if certain is not None:
            items.append(certain)
            continue
        possible = attrs.get(name.text)
        if possible is not None:
            assert attrs.rest is not None
            rest.append(perhaps(attrs.rest[0], possible))
    return VList(items, rest if rest else None)


def prim_zip_attrs_with(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.zipAttrsWith f sets`: `f name values` for each name in any of the sets."""
    function = forced_function(m, args[0], site)
    value = forced_list(m, args[1], site)
    if isinstance(value, VUnknown):
        return spread(value, prim_zip_attrs_with, args, 1, site, ATTRS)
    assert isinstance(value, VList)
    found: dict[str, list[Value]] = {}
    sets: list[VAttrs] = []
    open_sets: list[VUnknown] = []
    for item in value.items:
        attrs = forced_attrs(m, item, site)
        if isinstance(attrs, VUnknown):
            open_sets.append(attrs)
            continue
        assert isinstance(attrs, VAttrs)
        if attrs.rest is not None:
            open_sets.extend(attrs.rest)
        sets.append(attrs)
        for name, one in attrs.attrs.items():
            known = found.get(name)
            if known is None:
                found[name] = [one]
            else:
                known.append(one)
    _count(m, value.items)
    # A set in which a name is certain has it from nowhere else: its own rest does not count.
    # Such an element too many among the uncertain ones is harmless.
    bounded = value.rest is None
    possible: dict[str, list[VUnknown]] = {}
    for other in open_sets:
        names = other.names
        if names is None:
            bounded = False
            names = frozenset(found)
        for name in sorted(names):
            possible.setdefault(name, []).append(perhaps(other, other.pick(name)))
    result: dict[str, Value] = {}
    for name in sorted(found):
        rest = _more_values(value, possible.get(name), name, site)
        result[name] = _zipped(m, function, name, VList(found[name], rest), site)
    if not open_sets and value.rest is None:
        return VAttrs(result)
    cause = open_sets[0] if open_sets else _first(value)
    if not bounded:
        return VAttrs(result, [cause.derived(ATTRS)])
    extra: dict[str, Value] = {}
    for name in sorted(possible):
        if name not in found:
            # Where the attribute exists at all, the list has an element.
            extra[name] = _zipped(m, function, name, VList([], possible[name]), site)
    return VAttrs(result, [perhaps_attrs(cause, extra)] if extra else None)


def _first(value: VList) -> VUnknown:
    rest = value.rest
    assert rest is not None
    return rest[0]


def _more_values(
    value: VList, possible: list[VUnknown] | None, name: str, site: Code
) -> list[VUnknown] | None:
    """What else may be among the values of a name in `zipAttrsWith`."""
    if value.rest is None:
        return possible
    rest: list[VUnknown] = [] if possible is None else possible.copy()
    for one in value.rest:
        rest.append(spread(one, prim_cat_attrs, [VString(name), one], 1, site, LIST))
    return rest


def _zipped(m: Machine, function: Value, name: str, values: VList, site: Code) -> Value:
    """`function name values`, waiting."""
    return PrimopThunk(prim_apply, [function, VString(name), values], site)


def prim_apply(m: Machine, args: list[Value], site: Code) -> Value:
    """A function called with two arguments."""
    return args[0].force(m).call(m, args[1], site).call(m, args[2], site)


def register(table: Table) -> None:
    """Adds the builtins of this room."""
    table.add("map", 2, prim_map)
    table.add("filter", 2, prim_filter)
    table.add("length", 1, prim_length)
    table.add("head", 1, prim_head)
    table.add("tail", 1, prim_tail)
    table.add("elemAt", 2, prim_elem_at)
    table.add("elem", 2, prim_elem)
    table.add("concatLists", 1, prim_concat_lists)
    table.add("concatMap", 2, prim_concat_map)
    table.add("foldl'", 3, prim_foldl)
    table.add("genList", 2, prim_gen_list)
    table.add("sort", 2, prim_sort)
    table.add("any", 2, prim_any)
    table.add("all", 2, prim_all)
    table.add("partition", 2, prim_partition)
    table.add("groupBy", 2, prim_group_by)
    table.add("catAttrs", 2, prim_cat_attrs)
    table.add("zipAttrsWith", 2, prim_zip_attrs_with)
