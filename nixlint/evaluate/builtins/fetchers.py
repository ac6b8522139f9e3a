"""Builtins that need the network, other programs, or the references of flakes: never known."""

from __future__ import annotations

from nixlint.evaluate.builtins.arguments import (
    forced_attrs,
    forced_text,
)
from nixlint.evaluate.builtins.table import Table
from nixlint.evaluate.values import (
    ANY,
    ATTRS,
    PATH,
    STRING,
    Code,
    Machine,
    Value,
    VAttrs,
    VString,
    VUnknown,
    wrong_type,
)


def _fetched(m: Machine, name: str, args: list[Value], site: Code, shape: int) -> Value:
    """What a fetcher gives: unknown, with a text like `fetchTarball {…}`."""
    given = args[0].force(m)
    if isinstance(given, VString):
        shown = f'{name} "{given.text}"'
    elif isinstance(given, VAttrs):
        shown = f"{name} {{…}}"
    elif isinstance(given, VUnknown):
        shown = f"{name} {given.path}" if given.path else f"{name} …"
    else:
        raise wrong_type(given, "a set or a string", site)
    reason = f"`builtins.{name}` fetches from elsewhere"
    return VUnknown(reason, site.file, site.start, shown, shape)


def prim_fetchurl(m: Machine, args: list[Value], site: Code) -> Value:
    """`fetchurl`: the place of a file in the store."""
    return _fetched(m, "fetchurl", args, site, STRING)


def prim_fetch_tarball(m: Machine, args: list[Value], site: Code) -> Value:
    """`fetchTarball`: the place of a directory in the store."""
    return _fetched(m, "fetchTarball", args, site, STRING)


def prim_fetch_git(m: Machine, args: list[Value], site: Code) -> Value:
    """`fetchGit`: a set with `outPath`."""
    given = args[0].force(m)
    if given.kind == PATH:
        reason = "`builtins.fetchGit` reads a repository"
        return VUnknown(reason, site.file, site.start, "fetchGit …", ATTRS)
    return _fetched(m, "fetchGit", args, site, ATTRS)


def prim_fetch_mercurial(m: Machine, args: list[Value], site: Code) -> Value:
    """`fetchMercurial`: a set with `outPath`."""
    given = args[0].force(m)
    if given.kind == PATH:
        reason = "`builtins.fetchMercurial` reads a repository"
        return VUnknown(reason, site.file, site.start, "fetchMercurial …", ATTRS)
    return _fetched(m, "fetchMercurial", args, site, ATTRS)


def prim_fetch_tree(m: Machine, args: list[Value], site: Code) -> Value:
    """`fetchTree`: a set with `outPath`."""
    return _fetched(m, "fetchTree", args, site, ATTRS)


def prim_fetch_closure(m: Machine, args: list[Value], site: Code) -> Value:
    """`fetchClosure`: a store path."""
    forced_attrs(m, args[0], site)
    return _fetched(m, "fetchClosure", args, site, STRING)


def prim_exec(m: Machine, args: list[Value], site: Code) -> Value:
    """`exec`: what a program prints, as an expression."""
    reason = "`builtins.exec` runs a program"
    return VUnknown(reason, site.file, site.start, "exec …", ANY)


def prim_import_native(m: Machine, args: list[Value], site: Code) -> Value:
    """`importNative`: what a library gives."""
    reason = "`builtins.importNative` runs a program"
    return VUnknown(reason, site.file, site.start, "importNative …", ANY)


def prim_parse_flake_ref(m: Machine, args: list[Value], site: Code) -> Value:
    """`parseFlakeRef url`."""
    text = forced_text(m, args[0], site)
    if isinstance(text, VUnknown):
        return text.derived(ATTRS)
    reason = "`builtins.parseFlakeRef` is not modelled"
    return VUnknown(reason, site.file, site.start, "", ATTRS)


def prim_flake_ref_to_string(m: Machine, args: list[Value], site: Code) -> Value:
    """`flakeRefToString attrs`."""
    given = forced_attrs(m, args[0], site)
    if isinstance(given, VUnknown):
        return given.derived(STRING)
    reason = "`builtins.flakeRefToString` is not modelled"
    return VUnknown(reason, site.file, site.start, "", STRING)


def register(table: Table) -> None:
    """Adds the builtins of this room."""
    table.add("fetchurl", 1, prim_fetchurl)
    table.add("fetchTarball", 1, prim_fetch_tarball)
    table.add("fetchGit", 1, prim_fetch_git)
    table.add("fetchMercurial", 1, prim_fetch_mercurial)
    table.add("fetchTree", 1, prim_fetch_tree)
    table.add("fetchClosure", 1, prim_fetch_closure)
    table.add("exec", 1, prim_exec)
    table.add("importNative", 2, prim_import_native)
    table.add("parseFlakeRef", 1, prim_parse_flake_ref)
    table.add("flakeRefToString", 1, prim_flake_ref_to_string)
