"""Completion of paths: the files and folders beside what is written."""

from __future__ import annotations

import os
from itertools import islice
from typing import Final

from nixlint.ide.completion.context import Context
from nixlint.ide.completion.proposals import LIKELY, RARE, USUAL, Proposals
from nixlint.ide.model import FILE, FOLDER

_HIDDEN: Final = frozenset((".git", ".direnv", "result", "node_modules"))
_MOST: Final = 2000


def paths(context: Context, proposals: Proposals) -> None:
    """Proposes the files and folders in the folder that is written before the last slash.

    Nothing for absolute paths and those of the user's home: what is there differs from machine to
    machine.
    """
    document = context.document
    written = document.text[context.start : context.offset]
    folder, slash, _ = written.rpartition("/")
    if not slash or not written.startswith(".") or not document.path:
        return
    base = os.path.normpath(os.path.join(os.path.dirname(document.path), folder))
    context.start += len(folder) + 1
    proposals.restart()
    try:
        with os.scandir(base) as found:
            entries = sorted(
                (entry.name, _is_folder(entry)) for _, entry in islice(enumerate(found), _MOST)
            )
    except OSError:
        return
    for name, is_folder in entries:
        if name in _HIDDEN or os.path.join(base, name) == document.path:
            continue
        if not all(char.isalnum() or char in "._+-" for char in name):
            continue
        order = USUAL if is_folder else LIKELY if name.endswith(".nix") else RARE
        proposals.add(name, FOLDER if is_folder else FILE, order=order)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
