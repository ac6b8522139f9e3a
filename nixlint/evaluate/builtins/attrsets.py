"""Builtins: attribute sets."""

from __future__ import annotations

from nixlint.evaluate.builtins.arguments import (
    forced_attrs,
    forced_list,
    forced_name,
    perhaps_attrs,
    spread,
    spread_rest,
)
from nixlint.evaluate.builtins.table import Table
from nixlint.evaluate.code import origin_of, position_value
from nixlint.evaluate.operators import update_sets
from nixlint.evaluate.values import (
    ANY,
    ATTRS,
    BOOL,
    FALSE,
    LIST,
    MISSING_ATTRIBUTE,
    NOTHING,
    TRUE,
    Apply2Thunk,
    Code,
    CodeFile,
    LambdaCode,
    Machine,
    NixError,
    Origin,
    Value,
    VAttrs,
    VLambda,
    VList,
    VPrimop,
    VString,
    VUnknown,
    fail,
    pick,
    unknown_at,
)


def prim_attr_names(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.attrNames set`, sorted."""
    value = forced_attrs(m, args[0], site)
    if isinstance(value, VUnknown):
        return spread(value, prim_attr_names, args, 0, site, LIST)
    assert isinstance(value, VAttrs)
    items: list[Value] = []
    for name in sorted(value.attrs):
        items.append(VString(name))
    return VList(items, spread_rest(value.rest, prim_attr_names, args, 0, site, LIST))


def prim_attr_values(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.attrValues set`, in the order of the names."""
    value = forced_attrs(m, args[0], site)
    if isinstance(value, VUnknown):
        return spread(value, prim_attr_values, args, 0, site, LIST)
    assert isinstance(value, VAttrs)
    items: list[Value] = []
    for name in sorted(value.attrs):
        items.append(value.attrs[name])
    return VList(items, spread_rest(value.rest, prim_attr_values, args, 0, site, LIST))


def prim_get_attr(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.getAttr name set`."""
    name = forced_name(m, args[0], site)
    value = forced_attrs(m, args[1], site)
    if isinstance(name, VUnknown):
        if name.alternatives is not None:
            return spread(name, prim_get_attr, args, 0, site, ANY)
        if isinstance(value, VAttrs) and value.rest is None and len(value.attrs) <= 256:
            some = list(value.attrs.values())
            return VUnknown(name.reason, name.file, name.start, "", ANY, some)
        return name.derived(ANY)
    assert isinstance(name, VString)
    return pick(m, value, name.text, site).force(m)


def prim_has_attr(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.hasAttr name set`."""
    name = forced_name(m, args[0], site)
    value = forced_attrs(m, args[1], site)
    if isinstance(name, VUnknown):
        return spread(name, prim_has_attr, args, 0, site, BOOL)
    if isinstance(value, VUnknown):
        return spread(value, prim_has_attr, args, 1, site, BOOL)
    assert isinstance(name, VString) and isinstance(value, VAttrs)
    if name.text in value.attrs:
        return TRUE
    if value.rest is None or value.get(name.text) is None:
        return FALSE
    return value.rest[0].derived(BOOL)


def prim_remove_attrs(m: Machine, args: list[Value], site: Code) -> Value:
    """`removeAttrs set names`."""
    value = forced_attrs(m, args[0], site)
    names = forced_list(m, args[1], site)
    if isinstance(value, VUnknown):
        return spread(value, prim_remove_attrs, args, 0, site, ATTRS)
    assert isinstance(value, VAttrs)
    cause: VUnknown | None = None
    removed: set[str] = set()
    if isinstance(names, VList):
        if names.rest is not None:
            cause = names.rest[0]
        for item in names.items:
            name = forced_name(m, item, site)
            if isinstance(name, VString):
                removed.add(name.text)
            elif isinstance(name, VUnknown):
                cause = name
    else:
        assert isinstance(names, VUnknown)
        cause = names
    kept: dict[str, Value] = {}
    for key, one in value.attrs.items():
        if key not in removed:
            kept[key] = one
    rest = spread_rest(value.rest, prim_remove_attrs, args, 0, site, ATTRS)
    if cause is None:
        if len(kept) == len(value.attrs) and rest is None:
            return value
        return VAttrs(kept, rest, value.origin)
    more = [perhaps_attrs(cause, kept)]
    if rest is not None:
        more.extend(rest)
    return VAttrs({}, more, value.origin)


def prim_intersect_attrs(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.intersectAttrs names set`: the attributes of `set` whose names `names` has."""
    names = forced_attrs(m, args[0], site)
    value = forced_attrs(m, args[1], site)
    if isinstance(names, VUnknown):
        names = VAttrs({}, [names])
    if isinstance(value, VUnknown):
        value = VAttrs({}, [value])
    assert isinstance(names, VAttrs) and isinstance(value, VAttrs)
    attrs: dict[str, Value] = {}
    for name, one in value.attrs.items():
        if name in names.attrs:
            attrs[name] = one
    rest: list[VUnknown] = []
    if names.rest is not None:
        # What the set has and the unknown part of the names may name.
        some: dict[str, Value] = {}
        for name, one in value.attrs.items():
            if name not in attrs and names.get(name) is not None:
                some[name] = one
        if some:
            rest.append(perhaps_attrs(names.rest[0], some))
    if value.rest is not None:
        for other in value.rest:
            if names.rest is not None:
                rest.append(other.derived(ATTRS))
                continue
            some = {}
            for name in names.attrs:
                if name not in attrs and (other.names is None or name in other.names):
                    some[name] = other.pick(name)
            if some:
                rest.append(perhaps_attrs(other, some))
    return VAttrs(attrs, rest if rest else None, value.origin)


class Mapped(VUnknown):
    """`mapAttrs function base` of an unknown set: its attributes are calls of the function."""

    def __init__(self, function: Value, base: VUnknown, site: Code) -> None:
        super().__init__(base.reason, base.file, base.start, "", ATTRS)
        self.function = function
        self.base = base
        self.site = site
        self.names = base.names

    def pick(self, name: str) -> Value:
        children = self.children
        if children is None:
            children = {}
            self.children = children
        child = children.get(name)
        if child is None:
            child = Apply2Thunk(self.function, VString(name), self.base.pick(name), self.site)
            children[name] = child
        return child


def prim_map_attrs(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.mapAttrs f set`; the attributes wait.

    Versions of Nix disagree on whether they keep their positions.
    """
    value = forced_attrs(m, args[1], site)
    if isinstance(value, VUnknown):
        return _mapped(value, args, site)
    assert isinstance(value, VAttrs)
    function = args[0]
    attrs: dict[str, Value] = {}
    for name, one in value.attrs.items():
        attrs[name] = Apply2Thunk(function, VString(name), one, site)
    if value.rest is None:
        return VAttrs(attrs)
    rest: list[VUnknown] = []
    for other in value.rest:
        rest.append(_mapped(other, args, site))
    return VAttrs(attrs, rest)


def _mapped(value: VUnknown, args: list[Value], site: Code) -> VUnknown:
    made = Mapped(args[0], value, site)
    if value.alternatives is not None:
        made.alternatives = spread(value, prim_map_attrs, args, 1, site, ATTRS).alternatives
    return made


def _required(m: Machine, attrs: VAttrs, name: str, where: str, site: Code) -> Value:
    """An attribute that a builtin needs, forced; unknown if only the rest may have it."""
    found = attrs.get(name)
    if found is None:
        raise NixError(
            MISSING_ATTRIBUTE,
            f"attribute '{name}' missing for call to '{where}'",
            site.file,
            site.start,
        )
    return found.force(m)


def prim_list_to_attrs(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.listToAttrs pairs`; of equal names the first counts."""
    value = forced_list(m, args[0], site)
    if isinstance(value, VUnknown):
        return spread(value, prim_list_to_attrs, args, 0, site, ATTRS)
    assert isinstance(value, VList)
    attrs: dict[str, Value] = {}
    offsets: dict[str, int] = {}
    file: CodeFile | None = None
    whole = True
    # What comes after an element whose name is unknown may be hidden by it.
    later: list[VAttrs] = []
    for item in value.items:
        pair = forced_attrs(m, item, site)
        name: Value
        if isinstance(pair, VUnknown):
            name = pair
        else:
            assert isinstance(pair, VAttrs)
            name = forced_name(m, _required(m, pair, "name", "listToAttrs", site), site)
        if isinstance(name, VUnknown):
            later.append(VAttrs(attrs))
            later.append(VAttrs({}, [_hidden(name, pair, site)]))
            attrs = {}
            continue
        assert isinstance(name, VString) and isinstance(pair, VAttrs)
        if name.text in attrs:
            continue
        found = pair.get("value")
        if found is None:
            if later:
                # Perhaps an earlier one has that name.
                continue
            raise NixError(
                MISSING_ATTRIBUTE,
                "attribute 'value' missing for call to 'listToAttrs'",
                site.file,
                site.start,
            )
        attrs[name.text] = found
        if whole:
            place = origin_of(pair.origin, "value")
            if place is None or (file is not None and file is not place[0]):
                whole = False
            else:
                file = place[0]
                offsets[name.text] = place[1]
    if not later and value.rest is None:
        return VAttrs(attrs, None, Origin(file, offsets, None, None) if whole else None)
    result = VAttrs(attrs)
    for one in reversed(later):
        result = update_sets(result, one)
    rest = spread_rest(value.rest, prim_list_to_attrs, args, 0, site, ATTRS)
    if rest is not None:
        result = update_sets(result, VAttrs({}, rest))
    return result


def _hidden(cause: VUnknown, pair: Value, site: Code) -> VUnknown:
    """The set of one attribute that an element of unknown name makes."""
    if isinstance(pair, VUnknown) and pair.alternatives is not None:
        lists: list[Value] = []
        for one in pair.alternatives:
            lists.append(VList([one]))
        both = VUnknown(pair.reason, pair.file, pair.start, "", LIST, lists)
        return spread(both, prim_list_to_attrs, [both], 0, site, ATTRS)
    return cause.derived(ATTRS)


def prim_function_args(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.functionArgs f`: the formals, and whether each has a default."""
    function = args[0].force(m)
    if isinstance(function, VUnknown):
        return spread(function, prim_function_args, args, 0, site, ATTRS)
    if isinstance(function, VPrimop):
        # `derivation` is written in Nix.
        return VAttrs({"outputs": TRUE} if function.name == "derivation" else {})
    if not isinstance(function, VLambda):
        raise fail("'functionArgs' requires a function", site)
    code: LambdaCode = function.code
    formals = code.formals()
    if formals is None:
        return VAttrs({})
    attrs: dict[str, Value] = {}
    offsets: dict[str, int] = {}
    for name, optional in formals.items():
        attrs[name] = TRUE if optional else FALSE
        offsets[name] = code.formal_offset(name)
    return VAttrs(attrs, None, Origin(code.file, offsets, None, None))


def prim_unsafe_get_attr_pos(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.unsafeGetAttrPos name set`."""
    name = forced_name(m, args[0], site)
    value = forced_attrs(m, args[1], site)
    if isinstance(name, VUnknown):
        return name.derived(ANY)
    if isinstance(value, VUnknown):
        return spread(value, prim_unsafe_get_attr_pos, args, 1, site, ANY)
    assert isinstance(name, VString) and isinstance(value, VAttrs)
    if name.text not in value.attrs:
        if value.rest is not None and value.get(name.text) is not None:
            return value.rest[0].derived(ANY)
        return NOTHING
    place = origin_of(value.origin, name.text)
    if place is None:
        return unknown_at("the position of the attribute is not known", site)
    return position_value(place[0], place[1])


def register(table: Table) -> None:
    """Adds the builtins of this room."""
    table.add("attrNames", 1, prim_attr_names)
    table.add("attrValues", 1, prim_attr_values)
    table.add("getAttr", 2, prim_get_attr)
    table.add("hasAttr", 2, prim_has_attr)
    table.add("removeAttrs", 2, prim_remove_attrs)
    table.add("intersectAttrs", 2, prim_intersect_attrs)
    table.add("mapAttrs", 2, prim_map_attrs)
    table.add("listToAttrs", 1, prim_list_to_attrs)
    table.add("functionArgs", 1, prim_function_args)
    table.add("unsafeGetAttrPos", 2, prim_unsafe_get_attr_pos)
