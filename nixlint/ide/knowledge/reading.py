"""The text of other files of the project, as far as answers need them.

The language server says what editors have open (`opened`); everything else is read from disk and
kept until its time stamp changes. Used on one thread.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from nixlint.ide.document import Document
from nixlint.text.source import decode

MAX_SIZE: Final = 2_000_000
"""Bytes of the largest file that is read for an answer."""
MAX_KEPT: Final = 64

_kept: OrderedDict[str, tuple[int, int, Document]] = OrderedDict()
_opened: list[Callable[[str], Document | None]] = []


def set_opened(find: Callable[[str], Document | None]) -> None:
    """Sets the function that gives the documents that are open, by absolute path."""
    _opened[:] = [find]


@contextmanager
def with_opened(find: Callable[[str], Document | None]) -> Iterator[None]:
    """Meanwhile, documents come from `find` where it has them."""
    before = list(_opened)
    _opened[:] = [find]
    try:
        yield
    finally:
        _opened[:] = before


def document_of(path: str) -> Document | None:
    """The file at an absolute path; None when it cannot be read."""
    for find in _opened:
        found = find(path)
        if found is not None:
            return found
    try:
        stat = os.stat(path)
        if stat.st_size > MAX_SIZE or not os.path.isfile(path):
            return None
        known = _kept.get(path)
        if known is not None and known[:2] == (stat.st_mtime_ns, stat.st_size):
            _kept.move_to_end(path)
            return known[2]
        with open(path, "rb") as file:
            document = Document(path, decode(file.read()))
    except (OSError, ValueError):
        return None
    _kept[path] = (stat.st_mtime_ns, stat.st_size, document)
    while len(_kept) > MAX_KEPT:
        _kept.popitem(last=False)
    return document
