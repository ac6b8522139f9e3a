"""Where projects begin, without loading what looks into them.

For a flake a look at the disk is enough. Only without one is `nixlint.ide.gathering.gather`
asked, which loads the evaluator.
"""

from __future__ import annotations

import os

from nixlint.project.tree.walk import FLAKE, find_root


def root_for(path: str, folders: list[str]) -> str:
    """The root of the project that the file at an absolute path belongs to; `folders` are those
    of the workspace."""
    found = find_root(os.path.dirname(path))
    if found is not None:
        return found
    from nixlint.ide.gathering import gather

    return gather.root_for(path, folders)


def is_project(root: str) -> bool:
    """Whether there is anything at an absolute directory that rules about projects look at."""
    if os.path.isfile(os.path.join(root, FLAKE)):
        return True
    from nixlint.ide.gathering import gather

    return gather.is_project(root)
