"""Builtins: derivations, whose places in the store stay unknown, and placeholders."""

from __future__ import annotations

import hashlib
from typing import Final

from nixlint.evaluate.builtins.arguments import (
    PrimopThunk,
    forced_attrs,
    forced_list,
    forced_name,
    spread,
)
from nixlint.evaluate.files import STORE
from nixlint.evaluate.values import (
    ATTRS,
    LIST,
    MISSING_ATTRIBUTE,
    STRING,
    Code,
    Machine,
    NixError,
    PickThunk,
    Value,
    VAttrs,
    VList,
    VString,
    VUnknown,
    fail,
    unknown_at,
)

_DIGITS: Final = "0123456789abcdfghijklmnpqrsvwxyz"


def base32(digest: bytes) -> str:
    """A hash in Nix's own base 32: five bits per character, the last ones first."""
    number = int.from_bytes(digest, "little")
    length = (len(digest) * 8 - 1) // 5 + 1
    out: list[str] = []
    for index in range(length - 1, -1, -1):
        out.append(_DIGITS[(number >> (5 * index)) & 31])
    return "".join(out)


def prim_placeholder(m: Machine, args: list[Value], site: Code) -> Value:
    """`placeholder output`: what stands for the place of an output while it is being built."""
    name = forced_name(m, args[0], site)
    if isinstance(name, VUnknown):
        return spread(name, prim_placeholder, args, 0, site, STRING)
    assert isinstance(name, VString)
    text = "nix-output:" + name.text
    return VString("/" + base32(hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()))


class _Outputs:
    """The outputs of a derivation: their names, and what makes others unknown."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.unknown: VUnknown | None = None


def _outputs(m: Machine, attrs: VAttrs, site: Code) -> _Outputs:
    """Reads `outputs`. Raises `NixError` for what is no list of strings."""
    out = _Outputs()
    given = attrs.get("outputs")
    if given is None:
        out.names.append("out")
        return out
    if attrs.rest is not None and "outputs" not in attrs.attrs:
        out.unknown = attrs.rest[0]
        return out
    value = forced_list(m, given, site)
    if isinstance(value, VUnknown):
        out.unknown = value
        return out
    assert isinstance(value, VList)
    if value.rest is not None:
        out.unknown = value.rest[0]
    for item in value.items:
        name = forced_name(m, item, site)
        if isinstance(name, VUnknown):
            out.unknown = name
        elif isinstance(name, VString) and name.text not in out.names:
            out.names.append(name.text)
    if not out.names and out.unknown is None:
        raise fail("list index 0 is out of bounds", site)
    return out


def prim_derivation(m: Machine, args: list[Value], site: Code) -> Value:
    """`derivation attrs`: the attributes, and one set per output that knows all the others."""
    given = forced_attrs(m, args[0], site)
    if isinstance(given, VUnknown):
        return spread(given, prim_derivation, args, 0, site, ATTRS)
    assert isinstance(given, VAttrs)
    outputs = _outputs(m, given, site)
    strict = PrimopThunk(prim_derivation_strict, [given], site)
    common: dict[str, Value] = given.attrs.copy()
    rest = given.rest
    cause = outputs.unknown
    sets: dict[str, VAttrs] = {}
    everything: list[Value] = []
    for name in outputs.names:
        one = VAttrs({}, None, given.origin)
        sets[name] = one
        everything.append(one)
        common[name] = one
    if cause is None:
        common["all"] = VList(everything)
    else:
        rest = [cause.derived(ATTRS)] if rest is None else [*rest, cause.derived(ATTRS)]
        common["all"] = VList(everything, [cause.derived(LIST)])
    common["drvAttrs"] = given
    for name, one in sets.items():
        _finish(one, common, rest, VString(name), PickThunk(strict, name, site), strict, site)
    if cause is None or (outputs.names and _first_is_known(m, given)):
        return sets[outputs.names[0]]
    whole = VAttrs({}, None, given.origin)
    place = _store_string(cause.reason, cause, "")
    _finish(whole, common, rest, cause.derived(STRING), place, strict, site)
    return whole


def _first_is_known(m: Machine, attrs: VAttrs) -> bool:
    """Whether the first of several outputs is known although others are not."""
    value = attrs.attrs["outputs"].force(m) if "outputs" in attrs.attrs else None
    if not isinstance(value, VList) or value.rest is not None or not value.items:
        return False
    return isinstance(value.items[0].force(m), VString)


def _finish(
    one: VAttrs,
    common: dict[str, Value],
    rest: list[VUnknown] | None,
    output: Value,
    place: Value,
    strict: Value,
    site: Code,
) -> None:
    attrs = one.attrs
    attrs.update(common)
    attrs["outPath"] = place
    attrs["drvPath"] = PickThunk(strict, "drvPath", site)
    attrs["type"] = VString("derivation")
    attrs["outputName"] = output
    one.rest = rest


def _store_string(reason: str, cause: VUnknown | None, suffix: str) -> VUnknown:
    """A place in the store that only Nix knows."""
    file = cause.file if cause is not None else None
    start = cause.start if cause is not None else 0
    return VUnknown(reason, file, start, "", STRING, None, STORE + "/", suffix)


def prim_derivation_strict(m: Machine, args: list[Value], site: Code) -> Value:
    """`derivationStrict attrs`: `drvPath` and the place of each output, all unknown."""
    given = forced_attrs(m, args[0], site)
    if isinstance(given, VUnknown):
        return spread(given, prim_derivation_strict, args, 0, site, ATTRS)
    assert isinstance(given, VAttrs)
    found = given.get("name")
    if found is None:
        raise NixError(
            MISSING_ATTRIBUTE,
            "attribute 'name' missing for call to 'derivationStrict'",
            site.file,
            site.start,
        )
    name = forced_name(m, found, site)
    for required in ("builder", "system"):
        if given.get(required) is None:
            raise fail(f"required attribute '{required}' missing", site)
    outputs = _outputs(m, given, site)
    shown = "-" + name.text if isinstance(name, VString) else ""
    reason = "the store path of a derivation is known only to Nix"
    place = unknown_at(reason, site)
    attrs: dict[str, Value] = {
        "drvPath": _store_string(reason, place, shown + ".drv"),
    }
    for output in outputs.names:
        suffix = shown if output == "out" else f"{shown}-{output}"
        if not shown and output == "out":
            suffix = ""
        attrs[output] = _store_string(reason, place, suffix)
    cause = outputs.unknown
    if cause is None:
        return VAttrs(attrs)
    return VAttrs(attrs, [cause.derived(ATTRS)])
