"""Builtins that read files, or put sources into the store."""

from __future__ import annotations

import os
import re
from typing import Final

from nixlint.evaluate.builtins import fetchers
from nixlint.evaluate.builtins.arguments import (
    forced_attrs,
    forced_list,
    forced_name,
    forced_text,
    spread_last,
)
from nixlint.evaluate.builtins.hashing import hash_text, text_store_path
from nixlint.evaluate.builtins.table import Table
from nixlint.evaluate.builtins.text_bytes import from_bytes, to_bytes
from nixlint.evaluate.builtins.texts import (
    inexact,
)
from nixlint.evaluate.coerce import normal_path, to_path, to_string
from nixlint.evaluate.files import (
    ABSENT,
    DIRECTORY,
    SYMLINK,
    FileError,
    SourceFiles,
    is_inexact,
)
from nixlint.evaluate.operators import MAYBE, NO, YES
from nixlint.evaluate.values import (
    ANY,
    ATTRS,
    BOOL,
    LAMBDA,
    LIST,
    MISSING_FILE,
    PATH,
    PRIMOP,
    STRING,
    THROWN,
    Code,
    Machine,
    NixError,
    Value,
    VAttrs,
    VList,
    VPath,
    VString,
    VUnknown,
    boolean,
    fail,
    unknown_at,
    wrong_type,
)

_ELSEWHERE: Final = "the path is not on this machine"
_FILTERED: Final = "a filter decides whether the file is there"


# Where a path leads.


def _through_links(files: SourceFiles, path: str) -> str:
    """The path with links in its directories (not at its end) followed."""
    parts = path.split("/")[1:]
    at = ""
    steps = 0
    for index, part in enumerate(parts):
        at = f"{at}/{part}"
        if index == len(parts) - 1:
            break
        if files.kind(at) == SYMLINK:
            steps += 1
            if steps > 64:
                break
            at = files.resolve(at).rstrip("/")
    return at


def located(m: Machine, path: str) -> str:
    """The place where the file is looked for: `path`, or what directories that are links lead to.

    Raises `FileError` for links that lead in a circle.
    """
    files = m.files
    if files.kind(path) != ABSENT or path == "/":
        return path
    return _through_links(files, path)


def existence(m: Machine, path: str) -> int:
    """Whether there is something: `YES`, `NO` or `MAYBE`. Links at the end are not followed."""
    try:
        path = located(m, path)
    except FileError:
        return NO
    if m.files.kind(path) == ABSENT:
        return MAYBE if m.foreign(path) else NO
    return MAYBE if m.files.may_be_missing(path) else YES


def path_argument(m: Machine, value: Value, site: Code) -> Value:
    """The path that a builtin reads: a `VPath`, or a `VUnknown` if only a build would make it."""
    value = value.force(m)
    if isinstance(value, VPath):
        return value
    if isinstance(value, VUnknown):
        return value
    text = to_string(m, value, site, False, False)
    if isinstance(text, VString) and text.context is not None:
        for element in text.context:
            if not element.startswith("/"):
                return unknown_at("a derivation would have to be built", site)
    return to_path(m, text, site)


def _readable(m: Machine, path: str, site: Code) -> str | VUnknown:
    """The place of a file that is there. Raises `NixError` when it is certainly missing."""
    files = m.files
    try:
        place = files.resolve(located(m, path))
        if files.kind(place) == ABSENT:
            place = files.resolve(located(m, place))
    except FileError as error:
        raise NixError(MISSING_FILE, f"'{path}': {error.message}", site.file, site.start) from None
    if files.kind(place) == ABSENT:
        if m.foreign(place) or m.foreign(path):
            return unknown_at(_ELSEWHERE, site)
        raise NixError(
            MISSING_FILE,
            f"opening file '{path}': no such file or directory",
            site.file,
            site.start,
        )
    if files.may_be_missing(place) or files.may_be_missing(path):
        return unknown_at(_FILTERED, site)
    return place


def _contents(m: Machine, path: str, site: Code) -> bytes | VUnknown:
    place = _readable(m, path, site)
    if isinstance(place, VUnknown):
        return place
    if m.files.kind(place) == DIRECTORY:
        raise fail(f"reading from file '{path}': is a directory", site)
    try:
        data = m.files.read(place)
    except FileError as error:
        return unknown_at(f"the file {error.message}", site)
    m.allocate(len(data))
    return data


# Reading.


def prim_read_file(m: Machine, args: list[Value], site: Code) -> Value:
    """`readFile path`."""
    path = path_argument(m, args[0], site)
    if isinstance(path, VUnknown):
        return spread_last(path, prim_read_file, args, site, STRING)
    assert isinstance(path, VPath)
    data = _contents(m, path.path, site)
    if isinstance(data, VUnknown):
        return data.derived(STRING)
    if b"\0" in data:
        raise fail(
            f"the contents of the file '{path.path}' cannot be represented as a Nix string", site
        )
    return VString(from_bytes(data))


def prim_hash_file(m: Machine, args: list[Value], site: Code) -> Value:
    """`hashFile algorithm path`."""
    algorithm = forced_name(m, args[0], site)
    if isinstance(algorithm, VUnknown):
        return algorithm.derived(STRING)
    assert isinstance(algorithm, VString)
    path = path_argument(m, args[1], site)
    if isinstance(path, VUnknown):
        return spread_last(path, prim_hash_file, args, site, STRING)
    assert isinstance(path, VPath)
    data = _contents(m, path.path, site)
    if isinstance(data, VUnknown):
        return data.derived(STRING)
    return hash_text(algorithm.text, data, site)


def prim_read_dir(m: Machine, args: list[Value], site: Code) -> Value:
    """`readDir path`: the kinds of the entries by name."""
    path = path_argument(m, args[0], site)
    if isinstance(path, VUnknown):
        return spread_last(path, prim_read_dir, args, site, ATTRS)
    assert isinstance(path, VPath)
    place = _readable(m, path.path, site)
    if isinstance(place, VUnknown):
        return place.derived(ATTRS)
    if m.files.kind(place) != DIRECTORY:
        raise fail(f"cannot read directory '{path.path}': not a directory", site)
    try:
        entries = m.files.list(place)
    except FileError as error:
        return unknown_at(f"the directory {error.message}", site, ATTRS)
    attrs: dict[str, Value] = {}
    for name, kind in entries.items():
        attrs[name] = VString(kind)
    return VAttrs(attrs)


def prim_read_file_type(m: Machine, args: list[Value], site: Code) -> Value:
    """`readFileType path`; a link is a link."""
    path = path_argument(m, args[0], site)
    if isinstance(path, VUnknown):
        return spread_last(path, prim_read_file_type, args, site, STRING)
    assert isinstance(path, VPath)
    found = existence(m, path.path)
    if found == MAYBE:
        reason = _FILTERED if m.files.may_be_missing(path.path) else _ELSEWHERE
        return unknown_at(reason, site, STRING)
    if found == NO:
        raise NixError(MISSING_FILE, f"path '{path.path}' does not exist", site.file, site.start)
    return VString(m.files.kind(located(m, path.path)))


def prim_path_exists(m: Machine, args: list[Value], site: Code) -> Value:
    """`pathExists path`."""
    value = args[0].force(m)
    path = path_argument(m, value, site)
    if isinstance(path, VUnknown):
        return spread_last(path, prim_path_exists, args, site, BOOL)
    assert isinstance(path, VPath)
    found = existence(m, path.path)
    if found == MAYBE:
        reason = _FILTERED if m.files.may_be_missing(path.path) else _ELSEWHERE
        return unknown_at(reason, site, BOOL)
    if found == NO:
        return boolean(False)
    if not isinstance(value, VPath):
        text = to_string(m, value, site, False, False)
        if isinstance(text, VString) and text.text.endswith(("/", "/.")):
            kind = _end_kind(m, path.path)
            if kind == ABSENT:
                return unknown_at(_ELSEWHERE, site, BOOL)
            if kind != DIRECTORY:
                reason = "a file with a slash after it depends on the version of Nix"
                return unknown_at(reason, site, BOOL)
    return boolean(True)


def _end_kind(m: Machine, path: str) -> str:
    try:
        return m.files.kind(m.files.resolve(located(m, path)))
    except FileError:
        return ABSENT


# Putting sources into the store.

_NAME: Final = re.compile(r"[0-9a-zA-Z+\-._?=]{1,211}\Z")


def _mounted(m: Machine, path: str, name: str, filtered: bool, site: Code) -> Value:
    """The place in the store that stands for the copy of a path."""
    files = m.files
    found = existence(m, path)
    if found == NO:
        raise NixError(MISSING_FILE, f"path '{path}' does not exist", site.file, site.start)
    try:
        place = located(m, path)
    except FileError:
        return unknown_at(_ELSEWHERE, site, STRING)
    if files.kind(place) == ABSENT:
        return unknown_at(_ELSEWHERE, site, STRING)
    if is_inexact(name):
        return inexact(site, STRING)
    if not _NAME.match(name):
        raise fail(f"the name '{name}' is not allowed in the store", site)
    if name.startswith("."):
        return unknown_at("whether the name may begin with a dot depends on the version of Nix",
                          site, STRING)  # fmt: skip
    shown = files.mount(files.real(place), name, filtered or files.may_be_missing(place))
    return VString(shown, frozenset((shown,)))


def _check_function(m: Machine, value: Value, site: Code) -> None:
    function = value.force(m)
    if function.kind == LAMBDA or function.kind == PRIMOP:
        return
    if isinstance(function, VUnknown) and function.shape in (ANY, LAMBDA, PRIMOP):
        return
    if isinstance(function, VAttrs) and (
        function.rest is not None or "__functor" in function.attrs
    ):
        return
    raise wrong_type(function, "a function", site)


def prim_filter_source(m: Machine, args: list[Value], site: Code) -> Value:
    """`filterSource filter path`."""
    path = path_argument(m, args[1], site)
    if isinstance(path, VUnknown):
        return path.derived(STRING)
    assert isinstance(path, VPath)
    _check_function(m, args[0], site)
    return _mounted(m, path.path, os.path.basename(path.path), True, site)


_PATH_ATTRS: Final = ("path", "name", "filter", "recursive", "sha256")


def prim_path(m: Machine, args: list[Value], site: Code) -> Value:
    """`path { path, name ? …, filter ? …, recursive ? true, sha256 ? … }`."""
    given = forced_attrs(m, args[0], site)
    if isinstance(given, VUnknown):
        return given.derived(STRING)
    assert isinstance(given, VAttrs)
    for attr in given.attrs:
        if attr not in _PATH_ATTRS:
            raise fail(f"unsupported argument '{attr}' to 'addPath'", site)
    if given.rest is not None:
        return given.rest[0].derived(STRING)
    wanted = given.attrs.get("path")
    if wanted is None:
        raise fail("'path' required", site)
    path = path_argument(m, wanted, site)
    name_text = ""
    named = given.attrs.get("name")
    if named is not None:
        name = forced_name(m, named, site)
        if isinstance(name, VUnknown):
            return name.derived(STRING)
        assert isinstance(name, VString)
        name_text = name.text
    filtered = False
    chooser = given.attrs.get("filter")
    if chooser is not None:
        filtered = True
        _check_function(m, chooser, site)
    if isinstance(path, VUnknown):
        return path.derived(STRING)
    assert isinstance(path, VPath)
    if named is None:
        name_text = os.path.basename(path.path)
    return _mounted(m, path.path, name_text, filtered, site)


def prim_to_file(m: Machine, args: list[Value], site: Code) -> Value:
    """`toFile name text`: its place in the store follows from both, so that it is known."""
    name = forced_name(m, args[0], site)
    text = forced_text(m, args[1], site)
    if isinstance(name, VUnknown):
        return name.derived(STRING)
    if isinstance(text, VUnknown):
        return spread_last(text, prim_to_file, args, site, STRING)
    assert isinstance(name, VString) and isinstance(text, VString)
    references: list[str] = []
    if text.context is not None:
        for element in text.context:
            if not element.startswith("/"):
                raise fail(
                    f"the file '{name.text}' cannot refer to the output of a derivation", site
                )
            references.append(element)
            if is_inexact(element):
                return inexact(site, STRING)
    if is_inexact(text.text) or is_inexact(name.text):
        return inexact(site, STRING)
    if not _NAME.match(name.text):
        raise fail(f"the name '{name.text}' is not allowed in the store", site)
    if name.text.startswith("."):
        reason = "whether the name may begin with a dot depends on the version of Nix"
        return unknown_at(reason, site, STRING)
    place = text_store_path(name.text, to_bytes(text.text), references)
    m.files.overlay[place] = text.text
    return VString(place, frozenset((place,)))


def prim_store_path(m: Machine, args: list[Value], site: Code) -> Value:
    """`storePath path`: depends on what is in the store."""
    path = to_path(m, args[0], site)
    if isinstance(path, VUnknown):
        return path.derived(STRING)
    return unknown_at("it depends on what is in the store", site, STRING)


# Search path.


def prim_find_file(m: Machine, args: list[Value], site: Code) -> Value:
    """`findFile searchPath name`, which `<name>` stands for."""
    entries = forced_list(m, args[0], site)
    wanted = forced_name(m, args[1], site)
    if isinstance(wanted, VUnknown):
        return wanted.derived(PATH)
    assert isinstance(wanted, VString)
    name = wanted.text
    if isinstance(entries, VUnknown):
        if entries.path == _NIX_PATH:
            return m.search_path(name, site)
        return entries.derived(PATH)
    assert isinstance(entries, VList)
    if entries.rest is not None:
        return entries.rest[0].derived(PATH)
    for item in entries.items:
        found = _try_entry(m, item, name, site)
        if found is not None:
            return found
    if name.startswith("nix/"):
        return unknown_at("the file is part of Nix", site, PATH)
    raise NixError(
        THROWN,
        f"file '{name}' was not found in the Nix search path",
        site.file,
        site.start,
    )


def _try_entry(m: Machine, item: Value, name: str, site: Code) -> Value | None:
    """What an entry of the search path says about a name; None when it says nothing."""
    entry = forced_attrs(m, item, site)
    if isinstance(entry, VUnknown):
        return entry.derived(PATH)
    assert isinstance(entry, VAttrs)
    prefix = ""
    given = entry.get("prefix")
    if given is not None:
        text = forced_name(m, given, site)
        if isinstance(text, VUnknown):
            return text.derived(PATH)
        assert isinstance(text, VString)
        prefix = text.text
    where = entry.get("path")
    if where is None:
        raise fail("attribute 'path' missing", site)
    place = to_string(m, where, site, False, False)
    suffix = ""
    if prefix == "":
        suffix = "/" + name
    elif name.startswith(prefix + "/"):
        suffix = name[len(prefix) :]
    elif name != prefix:
        return None
    if isinstance(place, VUnknown):
        return place.derived(PATH)
    assert isinstance(place, VString)
    if not place.text.startswith("/"):
        return unknown_at("the search path leads to something that is no path", site, PATH)
    path = normal_path(place.text + suffix)
    found = existence(m, path)
    if found == MAYBE:
        return unknown_at(_ELSEWHERE, site, PATH)
    return VPath(path) if found == YES else None


_NIX_PATH: Final = "builtins.nixPath"


def register(table: Table) -> None:
    """Adds the builtins of this room."""
    table.add("readFile", 1, prim_read_file)
    table.add("hashFile", 2, prim_hash_file)
    table.add("readDir", 1, prim_read_dir)
    table.add("readFileType", 1, prim_read_file_type)
    table.add("pathExists", 1, prim_path_exists)
    table.add("filterSource", 2, prim_filter_source)
    table.add("path", 1, prim_path)
    table.add("toFile", 2, prim_to_file)
    table.add("storePath", 1, prim_store_path)
    table.add("findFile", 2, prim_find_file)
    reason = "`builtins.nixPath` depends on NIX_PATH"
    table.constant("nixPath", VUnknown(reason, None, 0, _NIX_PATH, LIST))
    fetchers.register(table)
