"""Builtins on strings: their parts, regular expressions, versions, contexts."""

from __future__ import annotations

import re
from typing import Final

from nixlint.evaluate.builtins import contexts, conversions, hashing
from nixlint.evaluate.builtins.arguments import (
    forced_int,
    forced_list,
    forced_name,
    forced_text,
    spread_last,
)
from nixlint.evaluate.builtins.regexes import Found, Regex, RegexError, RegexUnknownError, compiled
from nixlint.evaluate.builtins.table import Table
from nixlint.evaluate.builtins.text_bytes import narrow, widen
from nixlint.evaluate.builtins.texts import (
    inexact,
)
from nixlint.evaluate.coerce import EMPTY, merged, to_string
from nixlint.evaluate.files import is_inexact
from nixlint.evaluate.values import (
    ANY,
    INT,
    LIST,
    NOTHING,
    STRING,
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


def prim_to_string(m: Machine, args: list[Value], site: Code) -> Value:
    """`toString value`."""
    value = args[0].force(m)
    if isinstance(value, VString):
        return value
    if isinstance(value, VUnknown) and value.alternatives is not None and value.shape != STRING:
        return spread_last(value, prim_to_string, args, site, STRING)
    return to_string(m, value, site, True, False)


def prim_string_length(m: Machine, args: list[Value], site: Code) -> Value:
    """`stringLength string`, in bytes."""
    text = to_string(m, args[0], site, False, True)
    if isinstance(text, VString):
        if text.text.isascii():
            return VInt(len(text.text))
        return VInt(len(narrow(text.text)))
    return spread_last(text, prim_string_length, args, site, INT)


def prim_substring(m: Machine, args: list[Value], site: Code) -> Value:
    """`substring start length string`, in bytes."""
    start = forced_int(m, args[0], site)
    length = forced_int(m, args[1], site)
    text = to_string(m, args[2], site, False, True)
    if isinstance(start, VInt) and -(2**31) <= start.value < 0:
        raise fail("negative start position in 'substring'", site)
    if isinstance(text, VUnknown):
        if isinstance(start, VUnknown) or isinstance(length, VUnknown):
            return text.derived(STRING)
        return spread_last(text, prim_substring, args, site, STRING)
    if isinstance(start, VUnknown):
        return start.derived(STRING)
    if isinstance(length, VUnknown):
        return length.derived(STRING)
    assert isinstance(start, VInt) and isinstance(length, VInt) and isinstance(text, VString)
    first, count = start.value, length.value
    if abs(first) >= 2**31 or (count >= 2**31 and count % 2**32 < 2**31):
        # Nix 2.8 keeps 32 bits of these numbers.
        return unknown_at("such a large position depends on the version of Nix", site, STRING)
    whole = text.text
    if first == 0 and (count < 0 or count >= len(whole) * 4):
        return text
    if whole.isascii():
        piece = whole[first:] if count < 0 else whole[first : first + count]
        return VString(piece, text.context)
    data = narrow(whole)
    return VString(widen(data[first:] if count < 0 else data[first : first + count]), text.context)


def prim_concat_strings_sep(m: Machine, args: list[Value], site: Code) -> Value:
    """`concatStringsSep separator list`."""
    separator = forced_text(m, args[0], site)
    values = forced_list(m, args[1], site)
    if isinstance(values, VUnknown):
        if isinstance(separator, VUnknown):
            return values.derived(STRING)
        return spread_last(values, prim_concat_strings_sep, args, site, STRING)
    assert isinstance(values, VList)
    pieces: list[str] = []
    context = separator.context if isinstance(separator, VString) else None
    unknown: VUnknown | None = None
    size = 0
    for item in values.items:
        text = to_string(m, item, site, False, True)
        if isinstance(text, VString):
            pieces.append(text.text)
            size += len(text.text)
            if text.context is not None:
                context = merged(context, text.context)
        elif isinstance(text, VUnknown) and unknown is None:
            unknown = text
    if values.rest is not None:
        return values.rest[0].derived(STRING)
    if unknown is not None:
        return unknown.derived(STRING)
    if isinstance(separator, VUnknown):
        return separator.derived(STRING)
    assert isinstance(separator, VString)
    m.allocate(size + len(separator.text) * len(pieces))
    return VString(whole_text(separator.text.join(pieces)), context)


def whole_text(text: str) -> str:
    """The text with pieces of characters that meet put together."""
    if text.isascii():
        return text
    return widen(narrow(text))


# Replacing.

_STORE_CHAR: Final = re.compile(r"[0-9a-z]")
_REPLACERS: Final[dict[tuple[str, ...], re.Pattern[str]]] = {}


def _replacer(patterns: list[str]) -> re.Pattern[str]:
    """The patterns, none of them empty, as alternatives in their order."""
    key = tuple(patterns)
    known = _REPLACERS.get(key)
    if known is None:
        known = re.compile("|".join([re.escape(one) for one in patterns]))
        if len(_REPLACERS) >= 1000:
            _REPLACERS.clear()
        _REPLACERS[key] = known
    return known


def _may_be_in_hash(patterns: list[str]) -> bool:
    """Whether one of the patterns may be found inside of a hash that is not known."""
    for one in patterns:
        if not one or is_inexact(one):
            return True
        if len(one) >= 32 or _STORE_CHAR.match(one) or _STORE_CHAR.match(one[-1]):
            return True
    return False


class _Replacements:
    """The replacements, each computed when it is used the first time."""

    def __init__(self, values: list[Value], context: frozenset[str] | None) -> None:
        self.values = values
        self.texts: list[str | None] = [None] * len(values)
        self.context = context
        self.unknown: VUnknown | None = None

    def get(self, m: Machine, index: int, site: Code) -> str:
        known = self.texts[index]
        if known is not None:
            return known
        value = forced_text(m, self.values[index], site)
        made = ""
        if isinstance(value, VString):
            made = value.text
            self.context = merged(self.context, value.context)
        elif isinstance(value, VUnknown) and self.unknown is None:
            self.unknown = value
        self.texts[index] = made
        return made


def prim_replace_strings(m: Machine, args: list[Value], site: Code) -> Value:
    """`replaceStrings from to string`. The replacements are computed when they are needed."""
    from_list = forced_list(m, args[0], site)
    to_list = forced_list(m, args[1], site)
    for one in (from_list, to_list):
        if isinstance(one, VUnknown):
            return one.derived(STRING)
    assert isinstance(from_list, VList) and isinstance(to_list, VList)
    for part in (from_list, to_list):
        if part.rest is not None:
            return part.rest[0].derived(STRING)
    if len(from_list.items) != len(to_list.items):
        raise fail("'from' and 'to' arguments to 'replaceStrings' have different lengths", site)
    patterns: list[str] = []
    unknown: VUnknown | None = None
    has_empty = False
    for item in from_list.items:
        pattern = forced_text(m, item, site)
        if isinstance(pattern, VString):
            patterns.append(pattern.text)
            if not pattern.text:
                has_empty = True
        elif isinstance(pattern, VUnknown) and unknown is None:
            unknown = pattern
    text = forced_text(m, args[2], site)
    if unknown is not None:
        return unknown.derived(STRING)
    if isinstance(text, VUnknown):
        return spread_last(text, prim_replace_strings, args, site, STRING)
    assert isinstance(text, VString)
    if not patterns:
        return text
    if is_inexact(text.text) and _may_be_in_hash(patterns):
        return inexact(site, STRING)
    replacements = _Replacements(to_list.items, text.context)
    if has_empty or not text.text.isascii():
        return _replace_bytes(m, patterns, replacements, text.text, site)
    whole = text.text
    out: list[str] = []
    at = 0
    size = 0
    only = len(patterns) == 1
    for found in _replacer(patterns).finditer(whole):
        start = found.start()
        if start > at:
            out.append(whole[at:start])
        index = 0 if only else patterns.index(found.group())
        made = replacements.get(m, index, site)
        size += len(made)
        if size > 4_000_000:
            m.allocate(size)
        out.append(made)
        at = found.end()
    if at == 0 and not out:
        return text
    out.append(whole[at:])
    return _replaced(m, replacements, "".join(out))


def _replaced(m: Machine, replacements: _Replacements, text: str) -> Value:
    if replacements.unknown is not None:
        return replacements.unknown.derived(STRING)
    m.allocate(len(text))
    return VString(whole_text(text), replacements.context)


def _replace_bytes(
    m: Machine, patterns: list[str], replacements: _Replacements, text: str, site: Code
) -> Value:
    """As Nix does it: an empty pattern matches before each byte and at the end."""
    data = narrow(text)
    narrowed: list[str] = []
    for one in patterns:
        narrowed.append(narrow(one))
    out: list[str] = []
    at = 0
    length = len(data)
    size = 0
    while at <= length:
        found = -1
        for index, pattern in enumerate(narrowed):
            if data.startswith(pattern, at):
                found = index
                break
        if found >= 0:
            made = replacements.get(m, found, site)
            size += len(made)
            if size > 4_000_000:
                m.allocate(size)
            out.append(narrow(made))
            pattern = narrowed[found]
            if pattern:
                at += len(pattern)
                continue
        if at < length:
            out.append(data[at])
        at += 1
        m.steps += 1
        if m.steps >= m.next_check:
            m.check()
    return _replaced(m, replacements, widen("".join(out)))


# Regular expressions.


def _regex(m: Machine, pattern: str, site: Code) -> Regex | VUnknown:
    try:
        return compiled(narrow(pattern))
    except RegexError:
        raise fail(f"invalid regular expression '{pattern}'", site) from None
    except RegexUnknownError as error:
        return unknown_at(error.message, site)


def _groups(found: Found, data: str) -> list[Value]:
    out: list[Value] = []
    spans = found.spans
    for index in range(2, len(spans), 2):
        start = spans[index]
        end = spans[index + 1]
        if start < 0 or end < 0:
            out.append(NOTHING)
        else:
            out.append(VString(widen(data[start:end])))
    return out


def prim_match(m: Machine, args: list[Value], site: Code) -> Value:
    """`match regex string`: the groups if all of the string matches, else null."""
    pattern = forced_name(m, args[0], site)
    if isinstance(pattern, VUnknown):
        return pattern.derived(ANY)
    assert isinstance(pattern, VString)
    if is_inexact(pattern.text):
        return inexact(site, ANY)
    regex = _regex(m, pattern.text, site)
    text = forced_text(m, args[1], site)
    if isinstance(regex, VUnknown):
        return regex
    if isinstance(text, VUnknown):
        return spread_last(text, prim_match, args, site, ANY)
    assert isinstance(text, VString)
    if is_inexact(text.text):
        return inexact(site, ANY)
    data = narrow(text.text)
    found = regex.match(m, data)
    if found is None:
        return NOTHING
    return VList(_groups(found, data))


def prim_split(m: Machine, args: list[Value], site: Code) -> Value:
    """`split regex string`: strings between matches, and lists of groups for the matches."""
    pattern = forced_name(m, args[0], site)
    if isinstance(pattern, VUnknown):
        return pattern.derived(LIST)
    assert isinstance(pattern, VString)
    if is_inexact(pattern.text):
        return inexact(site, LIST)
    regex = _regex(m, pattern.text, site)
    text = forced_text(m, args[1], site)
    if isinstance(regex, VUnknown):
        return regex.derived(LIST)
    if isinstance(text, VUnknown):
        return spread_last(text, prim_split, args, site, LIST)
    assert isinstance(text, VString)
    if is_inexact(text.text) and not _literal_outside(pattern.text):
        return inexact(site, LIST)
    data = narrow(text.text)
    all_found = regex.find_all(m, data)
    if not all_found:
        return VList([text])
    out: list[Value] = []
    at = 0
    m.allocate(len(all_found) * 2)
    for found in all_found:
        start = found.spans[0]
        out.append(VString(widen(data[at:start])) if start > at else EMPTY)
        out.append(VList(_groups(found, data)))
        at = found.spans[1]
    out.append(VString(widen(data[at:])))
    return VList(out)


def _literal_outside(pattern: str) -> bool:
    """Whether the pattern is one character that no hash holds, like `/` in `split "/"`."""
    if len(pattern) == 3 and pattern[0] == "(" and pattern[2] == ")":
        pattern = pattern[1]
    if len(pattern) == 2 and pattern[0] == "\\":
        pattern = pattern[1]
    elif len(pattern) == 1 and pattern in ".*+?^$|":
        return False
    return len(pattern) == 1 and not _STORE_CHAR.match(pattern)


# Versions.


def _component(version: str, at: int) -> int:
    """Where the component that begins at `at` ends; separators are skipped before."""
    length = len(version)
    if at < length and version[at] in _DIGITS:
        while at < length and version[at] in _DIGITS:
            at += 1
        return at
    while at < length and version[at] not in _DIGITS and version[at] not in ".-":
        at += 1
    return at


_DIGITS: Final = "0123456789"


def version_parts(version: str) -> list[str]:
    """The components of a version: runs of digits, and runs of anything else but `.` and `-`."""
    out: list[str] = []
    at = 0
    length = len(version)
    while True:
        while at < length and version[at] in ".-":
            at += 1
        if at >= length:
            return out
        end = _component(version, at)
        out.append(version[at:end])
        at = end


def _number(component: str) -> int:
    """The component as a C++ `int`, -1 if it is none."""
    if component == "" or component[0] not in _DIGITS or len(component) > 400:
        return -1
    value = int(component)
    return value if value < 2**31 else -1


def _part_less(left: str, right: str) -> bool:
    one = _number(left)
    other = _number(right)
    if one >= 0 and other >= 0:
        return one < other
    if left == "" and other >= 0:
        return True
    if left == "pre" and right != "pre":
        return True
    if right == "pre":
        return False
    if other >= 0:
        return True
    if one >= 0:
        return False
    return narrow(left) < narrow(right)


def compare_versions(left: str, right: str) -> int:
    """-1, 0 or 1."""
    one = version_parts(left)
    other = version_parts(right)
    for index in range(max(len(one), len(other))):
        first = one[index] if index < len(one) else ""
        second = other[index] if index < len(other) else ""
        if _part_less(first, second):
            return -1
        if _part_less(second, first):
            return 1
    return 0


def prim_compare_versions(m: Machine, args: list[Value], site: Code) -> Value:
    """`compareVersions left right`."""
    left = forced_name(m, args[0], site)
    right = forced_name(m, args[1], site)
    if isinstance(left, VUnknown):
        return left.derived(INT)
    if isinstance(right, VUnknown):
        return spread_last(right, prim_compare_versions, args, site, INT)
    assert isinstance(left, VString) and isinstance(right, VString)
    if is_inexact(left.text) or is_inexact(right.text):
        return inexact(site, INT)
    return VInt(compare_versions(left.text, right.text))


def prim_split_version(m: Machine, args: list[Value], site: Code) -> Value:
    """`splitVersion version`."""
    text = forced_name(m, args[0], site)
    if isinstance(text, VUnknown):
        return spread_last(text, prim_split_version, args, site, LIST)
    assert isinstance(text, VString)
    if is_inexact(text.text):
        return inexact(site, LIST)
    out: list[Value] = []
    for part in version_parts(text.text):
        out.append(VString(part))
    return VList(out)


def prim_parse_drv_name(m: Machine, args: list[Value], site: Code) -> Value:
    """`parseDrvName name`: cut at the first dash that no letter follows."""
    text = forced_name(m, args[0], site)
    if isinstance(text, VUnknown):
        derived = text.derived(STRING)
        return VAttrs({"name": derived, "version": text.derived(STRING)})
    assert isinstance(text, VString)
    if is_inexact(text.text):
        return VAttrs({"name": inexact(site, STRING), "version": inexact(site, STRING)})
    data = narrow(text.text)
    for at in range(len(data) - 1):
        if data[at] != "-":
            continue
        following = data[at + 1]
        if not ("a" <= following <= "z" or "A" <= following <= "Z"):
            return VAttrs(
                {"name": VString(widen(data[:at])), "version": VString(widen(data[at + 1 :]))}
            )
    return VAttrs({"name": VString(text.text), "version": EMPTY})


def register(table: Table) -> None:
    """Adds the builtins of this room."""
    table.add("toString", 1, prim_to_string)
    table.add("stringLength", 1, prim_string_length)
    table.add("substring", 3, prim_substring)
    table.add("concatStringsSep", 2, prim_concat_strings_sep)
    table.add("replaceStrings", 3, prim_replace_strings)
    table.add("match", 2, prim_match)
    table.add("split", 2, prim_split)
    table.add("compareVersions", 2, prim_compare_versions)
    table.add("splitVersion", 1, prim_split_version)
    table.add("parseDrvName", 1, prim_parse_drv_name)
    contexts.register(table)
    conversions.register(table)
    hashing.register(table)
