"""What a flake.nix says about itself: description, inputs, `nixConfig`, `outputs`.

Nix reads this part of a flake before it evaluates anything, and so can we: `read_flake_file` finds
every input in any spelling, with the place of every piece, and everything that Nix would refuse.
The rules are those of Nix's own `flake.cc`; all spans are in code points.
"""

from __future__ import annotations

import gc

from nixlint.project.flake.model import Attr, FlakeFile, FlakeInput, FlakeProblem
from nixlint.project.flake.reader import FlakeReader
from nixlint.syntax.tree import Tree

__all__ = ["Attr", "FlakeFile", "FlakeInput", "FlakeProblem", "read_flake_file"]


def read_flake_file(tree: Tree, path: str) -> FlakeFile:
    """Reads a flake.nix. Never raises; of a broken tree it reads what is left."""
    file = FlakeFile(tree, path)
    collecting = gc.isenabled()
    gc.disable()
    try:
        FlakeReader(file).read()
    finally:
        if collecting:
            gc.enable()
    return file
