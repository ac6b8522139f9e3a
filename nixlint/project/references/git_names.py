"""What git accepts as the name of a branch or tag."""

from __future__ import annotations

import re
from typing import Final

_BAD: Final = re.compile(
    r"[\x00-\x20~^:\\?\[*\x7f]|\.\.|@\{|\A/|//|/\Z|(?:\A|/)\.|\.lock(?:/|\Z)|\.\Z"
)


def is_legal_ref_name(name: str) -> bool:
    """Whether Nix takes `name` for a branch, a tag or a full reference.

    The rules are those of libgit2, which Nix asks since 2.27; older versions allowed less for
    forges (letters, digits, `_./-`).
    """
    if name == "" or name == "@" or _BAD.search(name):
        return False
    if not name.startswith("-"):
        return True
    # A branch or tag cannot begin with a dash, but a full name such as `-a/b` may.
    return "/" in name
