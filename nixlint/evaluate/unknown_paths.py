"""Paths of which only the beginning and the end are known: `./hosts/${name}.nix`."""

from __future__ import annotations

from typing import Final

from nixlint.evaluate.coerce import normal_path
from nixlint.evaluate.files import DIRECTORY, FileError
from nixlint.evaluate.values import Machine, VUnknown

MAX_FOUND: Final = 512


def possible_paths(m: Machine, value: VUnknown) -> list[str] | None:
    """The files and directories with a `default.nix` that an unknown path may be.

    The unknown part is taken for (a part of) one name. None when nothing limits the path to one
    directory that is on this machine.
    """
    if not value.prefix.startswith("/") or value.alternatives is not None:
        return None
    folder, _, start = value.prefix.rpartition("/")
    folder = normal_path(folder) if folder else ""
    inside, slash, after = value.suffix.partition("/")
    files = m.files
    try:
        names = files.list(folder or "/")
    except FileError:
        return None
    out: list[str] = []
    for name in names:
        if len(name) < len(start) + len(inside):
            continue
        if not name.startswith(start) or not name.endswith(inside):
            continue
        path = f"{folder}/{name}{slash}{after}"
        if not files.exists(path):
            continue
        if files.kind(path) == DIRECTORY:
            if not files.exists(path + "/default.nix"):
                continue
        elif not path.endswith(".nix"):
            continue
        out.append(path)
        if len(out) > MAX_FOUND:
            return None
    return out
