"""Builtins on paths in strings, and on the store paths that strings refer to.

An element of a context is a store path, `!output!path` for an output of a derivation, or `=path`
for a derivation with all that it needs, as Nix 2.8 writes them.
"""

from __future__ import annotations

from typing import Final

from nixlint.evaluate.builtins.arguments import (
    forced_attrs,
    forced_text,
    spread_last,
)
from nixlint.evaluate.builtins.table import Table
from nixlint.evaluate.builtins.texts import (
    inexact,
    text_of,
)
from nixlint.evaluate.coerce import merged, to_path, to_string
from nixlint.evaluate.files import STORE, is_inexact
from nixlint.evaluate.values import (
    ATTRS,
    BOOL,
    PATH,
    STRING,
    TRUE,
    Code,
    Machine,
    Value,
    VAttrs,
    VBool,
    VList,
    VPath,
    VString,
    VUnknown,
    boolean,
    fail,
    type_error,
    unknown_at,
)


def base_name(path: str) -> str:
    """The last component; one slash at the end does not count."""
    if not path:
        return ""
    if path.endswith("/") and len(path) > 1:
        path = path[:-1]
    return path[path.rfind("/") + 1 :]


def directory_name(path: str) -> str:
    """All but the last component, `.` if there is only one."""
    at = path.rfind("/")
    if at < 0:
        return "."
    return path[: at if at > 0 else 1]


def prim_base_name_of(m: Machine, args: list[Value], site: Code) -> Value:
    """`baseNameOf path`."""
    text = to_string(m, args[0], site, False, False)
    if isinstance(text, VString):
        return VString(base_name(text.text), text.context)
    return spread_last(text, prim_base_name_of, args, site, STRING)


def prim_dir_of(m: Machine, args: list[Value], site: Code) -> Value:
    """`dirOf path`: a path for a path, a string for anything else."""
    value = args[0].force(m)
    if isinstance(value, VPath):
        return VPath(directory_name(value.path))
    if isinstance(value, VUnknown):
        shape = value.shape if value.shape in (PATH, STRING) else -1
        return spread_last(value, prim_dir_of, args, site, shape)
    text = to_string(m, value, site, False, False)
    if isinstance(text, VString):
        return VString(directory_name(text.text), text.context)
    assert isinstance(text, VUnknown)
    return text.derived(STRING)


def prim_to_path(m: Machine, args: list[Value], site: Code) -> Value:
    """`toPath path`: a string that holds a normalized path."""
    value = args[0].force(m)
    if isinstance(value, VUnknown):
        return spread_last(value, prim_to_path, args, site, STRING)
    context: frozenset[str] | None = None
    if not isinstance(value, VPath):
        text = to_string(m, value, site, False, False)
        if isinstance(text, VUnknown):
            return text.derived(STRING)
        assert isinstance(text, VString)
        context = text.context
        value = text
    path = to_path(m, value, site)
    assert isinstance(path, VPath)
    return VString(path.path, context)


def prim_has_context(m: Machine, args: list[Value], site: Code) -> Value:
    """`hasContext string`."""
    text = forced_text(m, args[0], site)
    if isinstance(text, VString):
        return boolean(bool(text.context))
    return spread_last(text, prim_has_context, args, site, BOOL)


_OUTPUTS: Final = "outputs"


def prim_get_context(m: Machine, args: list[Value], site: Code) -> Value:
    """`getContext string`: what it refers to, by store path."""
    text = forced_text(m, args[0], site)
    if isinstance(text, VUnknown):
        return spread_last(text, prim_get_context, args, site, ATTRS)
    assert isinstance(text, VString)
    if text.context is None:
        return VAttrs({})
    found: dict[str, dict[str, Value]] = {}
    outputs: dict[str, list[str]] = {}
    for element in sorted(text.context):
        if is_inexact(element):
            return inexact(site, ATTRS)
        if element.startswith("!"):
            output, _, path = element[1:].partition("!")
            outputs.setdefault(path, []).append(output)
            found.setdefault(path, {})
        elif element.startswith("="):
            found.setdefault(element[1:], {})["allOutputs"] = TRUE
        else:
            found.setdefault(element, {})["path"] = TRUE
    attrs: dict[str, Value] = {}
    for path, info in found.items():
        names = outputs.get(path)
        if names is not None:
            items: list[Value] = []
            for name in names:
                items.append(VString(name))
            info[_OUTPUTS] = VList(items)
        attrs[path] = VAttrs(info)
    return VAttrs(attrs)


def _flag(m: Machine, attrs: VAttrs, name: str, site: Code) -> Value:
    """A Boolean attribute, false when absent; a `VBool` or a `VUnknown`."""
    value = attrs.get(name)
    if value is None:
        return boolean(False)
    value = value.force(m)
    if isinstance(value, (VBool, VUnknown)):
        return value
    raise type_error(f"'{name}' in a context is not a Boolean", site)


def prim_append_context(m: Machine, args: list[Value], site: Code) -> Value:
    """`appendContext string context`."""
    text = forced_text(m, args[0], site)
    given = forced_attrs(m, args[1], site)
    if isinstance(text, VUnknown):
        return text.derived(STRING)
    if isinstance(given, VUnknown):
        return given.derived(STRING)
    assert isinstance(text, VString) and isinstance(given, VAttrs)
    if given.rest is not None:
        return given.rest[0].derived(STRING)
    added: set[str] = set()
    for path, value in given.attrs.items():
        if not path.startswith(STORE + "/"):
            raise fail(f"context key '{path}' is not a store path", site)
        info = forced_attrs(m, value, site)
        if isinstance(info, VUnknown):
            return info.derived(STRING)
        assert isinstance(info, VAttrs)
        whole = _flag(m, info, "path", site)
        every = _flag(m, info, "allOutputs", site)
        if isinstance(whole, VUnknown):
            return whole.derived(STRING)
        if isinstance(every, VUnknown):
            return every.derived(STRING)
        if isinstance(whole, VBool) and whole.value:
            added.add(path)
        if isinstance(every, VBool) and every.value:
            if not path.endswith(".drv"):
                raise fail("tried to add all-outputs context of what is no derivation", site)
            added.add("=" + path)
        outputs = info.get(_OUTPUTS)
        if outputs is None:
            continue
        names = outputs.force(m)
        if isinstance(names, VUnknown):
            return names.derived(STRING)
        if not isinstance(names, VList):
            raise type_error("the outputs in a context are not a list", site)
        if names.rest is not None:
            return names.rest[0].derived(STRING)
        if names.items and not path.endswith(".drv"):
            raise fail("tried to add derivation output context of what is no derivation", site)
        for item in names.items:
            name = forced_text(m, item, site)
            if isinstance(name, VUnknown):
                return name.derived(STRING)
            assert isinstance(name, VString)
            added.add(f"!{name.text}!{path}")
    if not added:
        return text
    return VString(text.text, merged(text.context, frozenset(added)))


def prim_discard_context(m: Machine, args: list[Value], site: Code) -> Value:
    """`unsafeDiscardStringContext string`."""
    text = text_of(m, args[0], site)
    if isinstance(text, VString):
        return VString(text.text) if text.context is not None else text
    assert isinstance(text, VUnknown)
    if text.prefix or text.suffix:
        return text
    return spread_last(text, prim_discard_context, args, site, STRING)


def prim_discard_output_dependency(m: Machine, args: list[Value], site: Code) -> Value:
    """`unsafeDiscardOutputDependency string`."""
    text = text_of(m, args[0], site)
    if isinstance(text, VUnknown):
        return text.derived(STRING)
    assert isinstance(text, VString)
    if text.context is None:
        return text
    kept: list[str] = []
    for element in text.context:
        kept.append(element[1:] if element.startswith("=") else element)
    return VString(text.text, frozenset(kept))


def prim_add_output_dependencies(m: Machine, args: list[Value], site: Code) -> Value:
    """`addDrvOutputDependencies string`."""
    text = text_of(m, args[0], site)
    if isinstance(text, VUnknown):
        return text.derived(STRING)
    assert isinstance(text, VString)
    if text.context is None or len(text.context) != 1:
        raise fail("the context of the string must have exactly one element", site)
    only = min(text.context)
    if only.startswith("="):
        return text
    if only.startswith("!") or not only.endswith(".drv"):
        raise fail("the context of the string is no derivation", site)
    return VString(text.text, frozenset(("=" + only,)))


def prim_output_of(m: Machine, args: list[Value], site: Code) -> Value:
    """`outputOf derivation output`, an experimental feature."""
    return unknown_at("`builtins.outputOf` is an experimental feature", site, STRING)


def register(table: Table) -> None:
    """Adds the builtins of this room."""
    table.add("baseNameOf", 1, prim_base_name_of)
    table.add("dirOf", 1, prim_dir_of)
    table.add("toPath", 1, prim_to_path)
    table.add("hasContext", 1, prim_has_context)
    table.add("getContext", 1, prim_get_context)
    table.add("appendContext", 2, prim_append_context)
    table.add("unsafeDiscardStringContext", 1, prim_discard_context)
    table.add("unsafeDiscardOutputDependency", 1, prim_discard_output_dependency)
    table.add("addDrvOutputDependencies", 1, prim_add_output_dependencies)
    table.add("outputOf", 2, prim_output_of)
