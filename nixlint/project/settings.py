"""What `nixlint.toml` says about projects: the tables `[sources]`, `[options]` and `[flake]`."""

from __future__ import annotations

from typing import Any, Final

REQUIRED_REFS: Final = ("rev", "tag", "any")
"""What `require-ref` may demand: a revision, a tag (or a revision), or nothing."""

OPTION_KINDS: Final = {"nixos": "nixos", "home-manager": "homeManager", "darwin": "darwin"}
"""The keys of `[options]`, and the kinds of configurations they are for."""


class InputPolicy:
    """What is allowed and demanded of inputs. None means: nothing said.

    `max_age_days` is the age from which the locked version is outdated; `require_ref` one of
    `REQUIRED_REFS`; the three lists hold patterns with `*` and `?`, compared without regard to
    case.
    """

    def __init__(self) -> None:
        self.max_age_days: int | None = None
        self.require_ref: str | None = None
        self.allowed_owners: list[str] | None = None
        self.allowed_hosts: list[str] | None = None
        self.allowed_refs: list[str] | None = None

    def over(self, other: InputPolicy) -> InputPolicy:
        """This policy where it says something, else `other`."""
        out = InputPolicy()
        out.max_age_days = other.max_age_days if self.max_age_days is None else self.max_age_days
        out.require_ref = other.require_ref if self.require_ref is None else self.require_ref
        out.allowed_owners = (
            other.allowed_owners if self.allowed_owners is None else self.allowed_owners
        )
        out.allowed_hosts = (
            other.allowed_hosts if self.allowed_hosts is None else self.allowed_hosts
        )
        out.allowed_refs = other.allowed_refs if self.allowed_refs is None else self.allowed_refs
        return out


class ProjectSettings:
    """The settings of one project.

    `sources` maps an input's name to the absolute directory of a checkout, `options` a kind of
    configuration (a value of `OPTION_KINDS`) to the absolute path of a list of its options.
    `caches` are absolute directories to look for locked inputs in, `nixpkgs_keys` the names of
    the inputs that are nixpkgs, `channels` what completes the table of `channels.py`. `today` is
    the date rules about age and support count from, as days since 1970-01-01; None switches them
    off.
    """

    def __init__(self) -> None:
        self.sources: dict[str, str] = {}
        self.options: dict[str, str] = {}
        self.entry_points: list[tuple[str, str]] = []
        """Files that hold the one module of a configuration, or build some: the absolute path, and
        the kind (a value of `OPTION_KINDS`, or "" to see by the name)."""
        self.caches: list[str] = []
        self.nixpkgs_keys: list[str] | None = None
        self.channels: dict[str, Any] | None = None
        self.policy = InputPolicy()
        self.input_policies: dict[str, InputPolicy] = {}
        self.today: int | None = None

    def policy_for(self, name: str) -> InputPolicy:
        """The policy for the input of that name of the root flake."""
        own = self.input_policies.get(name)
        return self.policy if own is None else own.over(self.policy)


def day_number(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date; raises `ValueError` when there is no such date."""
    from datetime import date

    return date(year, month, day).toordinal() - 719163


def date_text(seconds: int) -> str:
    """The date in UTC, `YYYY-MM-DD`, of a time in seconds since 1970; "" when out of range."""
    from datetime import date

    try:
        return date.fromordinal(719163 + seconds // 86400).isoformat()
    except (ValueError, OverflowError):
        return ""


def matches_any(value: str, patterns: list[str]) -> bool:
    """Whether one of the patterns (`*`, `?`) fits a value; case does not matter."""
    from fnmatch import fnmatchcase

    lowered = value.lower()
    return any(fnmatchcase(lowered, pattern.lower()) for pattern in patterns)
