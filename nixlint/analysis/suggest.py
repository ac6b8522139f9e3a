"""The nearest of the names we know to a name we do not."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(unknown: str, known: Iterable[str]) -> str | None:
    """The most similar of `known`, or None when none is similar."""
    import difflib

    wanted = unknown.strip().lower().replace("_", "-")
    matches = difflib.get_close_matches(wanted, list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def did_you_mean(unknown: str, known: Iterable[str], otherwise: str) -> str:
    """A sentence that suggests the nearest name, or `otherwise` when there is none."""
    match = nearest(unknown, known)
    return f"did you mean `{match}`?" if match is not None else otherwise
