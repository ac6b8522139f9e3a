"""Says whether this installation runs as machine code."""

from __future__ import annotations

import sys


def is_compiled() -> bool:
    """Whether the modules that mypyc can compile were loaded from compiled files.

    All of them are compiled together or none is, so this module answers for the rest.
    """
    origin = sys.modules["nixlint.text.build_info"].__file__
    return origin is not None and not origin.endswith((".py", ".pyc"))


def build_mode() -> str:
    """`"compiled"` or `"interpreted"`, as `nixlint --version` prints it."""
    return "compiled" if is_compiled() else "interpreted"
