"""Releases of NixOS, and the flakes that go with them: a dated table.

The table is `channels.json` beside this file. It can be brought up to date without touching the
code; what it does not know is unknown, and whoever asks must then stay silent.
"""

from __future__ import annotations

import json
import pkgutil
import re
from typing import Any, Final

from nixlint.project.references.flake_ref import FlakeRef
from nixlint.project.settings import day_number

NIXPKGS: Final = "github:nixos/nixpkgs"
ROLLING: Final = "rolling"
"""Stands for the branches that are not those of a release."""

_TABLES: Final = ("releases", "companions", "superseded")
_LISTS: Final = ("nixpkgs", "rolling")
_TEXTS: Final = ("date", "comment")
_RELEASE: Final = r"(\d\d\.\d\d)"
_CHANNEL_URL: Final = re.compile(r"nixos\.org/(?:channels/)?((?:nixos|nixpkgs)-[^/?]+)")


class Channels:
    """The table."""

    def __init__(self, table: dict[str, Any]) -> None:
        self._table = table
        self.date: str = table["date"]
        self.releases: dict[str, str] = table["releases"]
        self.rolling: frozenset[str] = frozenset(table["rolling"])
        self.superseded: dict[str, str] = table["superseded"]
        self.companions: dict[str, str] = table["companions"]
        self._nixpkgs = [_pattern(each) for each in table["nixpkgs"]]

    def over(self, own: dict[str, Any]) -> Channels:
        """This table with the user's laid over it: entries are added or replaced."""
        mine = self._table
        merged: dict[str, Any] = {"date": own.get("date", mine["date"])}
        for key in _LISTS:
            merged[key] = [*own.get(key, []), *mine[key]]
        for key in _TABLES:
            merged[key] = {**mine[key], **own.get(key, {})}
            if key != "releases":
                merged[key] = {name.lower(): text for name, text in merged[key].items()}
        merged["releases"] = dict(sorted(merged["releases"].items()))
        return Channels(merged)

    def release_of(self, repository: str | None, reference: FlakeRef) -> str | None:
        """The release a reference to a repository names (`26.05`), or `ROLLING`; None if unknown.

        `repository` is the identity of the reference (see `flake_ref.identity`).
        """
        if reference.rev:
            return None
        ref = reference.ref
        if repository == NIXPKGS:
            if reference.kind == "tarball":
                found = _CHANNEL_URL.search(reference.url)
                ref = found[1] if found is not None else "?"
            patterns = self._nixpkgs
        elif repository in self.companions:
            patterns = [_pattern(self.companions[repository])]
        else:
            return None
        if not ref or ref in self.rolling:
            return ROLLING
        for pattern in patterns:
            match = pattern.fullmatch(ref)
            if match is not None:
                return match[1]
        return None

    def branch_of(self, repository: str, release: str) -> str:
        """What the branch for a release is called; empty when that is unknown."""
        pattern = self.companions.get(repository, "")
        if release == ROLLING:
            return "the default branch"
        return f"`{pattern.replace('RELEASE', release)}`" if pattern else ""

    def end_of(self, release: str) -> int | None:
        """The last day of support of a release, in days since 1970; None when unknown."""
        text = self.releases.get(release)
        if text is None:
            return None
        year, month, day = text.split("-")
        return day_number(int(year), int(month), int(day))

    def supported_on(self, today: int) -> list[str]:
        """The releases supported on a day, the oldest first."""
        return [
            release
            for release in self.releases
            if (self.end_of(release) or 0) >= today and _release_day(release) <= today
        ]


_channels: list[Channels] = []


def channels(own: dict[str, Any] | None = None) -> Channels:
    """The table, read once; with `own`, one that `fault_of` accepts, laid over it."""
    if not _channels:
        data = pkgutil.get_data("nixlint.project", "channels.json")
        assert data is not None
        _channels.append(Channels(json.loads(data)))
    return _channels[0].over(own) if own else _channels[0]


def fault_of(table: object) -> str:
    """What is wrong with a table of the user's; empty when it can be used.

    It is made like `channels.json`, and every part of it may be left out.
    """
    if not isinstance(table, dict):
        return "the content must be a table"
    for key, value in table.items():
        if key in _TEXTS:
            if not isinstance(value, str):
                return f"`{key}` must be a string"
        elif key in _LISTS:
            if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
                return f"`{key}` must be a list of strings"
        elif key in _TABLES:
            texts = value.values() if isinstance(value, dict) else [None]
            if not all(isinstance(each, str) for each in texts):
                return f"`{key}` must be a table of strings"
        else:
            return f"`{key}` is unknown (known: {', '.join((*_TABLES, *_LISTS, *_TEXTS))})"
    for release, day in table.get("releases", {}).items():
        if re.fullmatch(_RELEASE, release) is None or not 1 <= int(release[3:]) <= 12:
            return f"`{release}` is no release, such as 26.05"
        if not _is_day(day):
            return f"the end of `{release}` must be a date, such as 2026-12-31"
    return ""


def _is_day(text: str) -> bool:
    match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text)
    if match is None:
        return False
    try:
        day_number(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return False
    return True


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text).replace("RELEASE", _RELEASE))


def _release_day(release: str) -> int:
    """About the day a release came out: the end of its month."""
    year, month = release.split(".")
    return day_number(2000 + int(year), int(month), 28)
