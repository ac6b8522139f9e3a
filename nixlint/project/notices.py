"""What takes seconds is said, to whoever waits for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_LISTENERS: Final[list[Callable[[str], None]]] = []


def listen(listener: Callable[[str], None] | None) -> None:
    """Has a function called with a line of text before each work that takes seconds; None ends
    that."""
    _LISTENERS[:] = [listener] if listener is not None else []


def say(text: str) -> None:
    """Tells the listener, if there is one, what is about to be done."""
    for listener in _LISTENERS:
        listener(text)
