"""The log: to standard error or to a file, each thing once.

What repeats with every keystroke would bury what matters, and fill disks.
"""

from __future__ import annotations

import logging
from typing import Final

MOST_KINDS: Final = 1000
"""So many different messages are logged; the rest is left out."""


class OnceEach(logging.Filter):
    """Lets each message through once, unless it is there to follow what happens."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a message is logged."""
        if record.levelno < logging.WARNING:
            return True
        message = record.getMessage()
        if message in self._seen or len(self._seen) >= MOST_KINDS:
            return False
        self._seen.add(message)
        return True


def begin(path: str | None, level: str) -> None:
    """Log to a file, or to standard error if there is none; raises `OSError`."""
    handler = logging.FileHandler(path) if path is not None else logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(OnceEach())
    logging.basicConfig(level=getattr(logging, level.upper()), handlers=[handler])
    # It logs every message in full, and every error that the server logs itself.
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
