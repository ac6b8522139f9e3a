"""What the builtins on strings and files share, beside what all builtins do (`arguments.py`)."""

from __future__ import annotations

from nixlint.evaluate.coerce import to_string
from nixlint.evaluate.files import INEXACT, is_inexact
from nixlint.evaluate.values import (
    Code,
    Machine,
    Value,
    VUnknown,
    unknown_at,
)


def inexact(site: Code, shape: int) -> VUnknown:
    """A result that depends on the hash of a source."""
    return unknown_at(INEXACT, site, shape)


def text_of(m: Machine, value: Value, site: Code) -> Value:
    """The value as a string as in `"${value}"`: a `VString` or a `VUnknown`."""
    return to_string(m, value, site, False, True)


def is_exact(text: str) -> bool:
    """Whether the text holds no place in the store that only Nix knows."""
    return not is_inexact(text)
