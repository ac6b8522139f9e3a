"""Where the compiled and the interpreted nixlint are, and how to start Python with either.

The running nixlint is one of the two. If it is the compiled one, the interpreted one is a copy of
its sources; if it is the interpreted one, the compiled one must be given (`--compiled DIR`).
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import nixlint
from nixlint.text.build_info import build_mode

HERE = Path(__file__).resolve().parent
PACKAGE = Path(nixlint.__file__).resolve().parent


class Modes:
    """The directories to put on the path for either mode; None where one is missing."""

    def __init__(self, compiled: Path | None) -> None:
        self.compiled: Path | None = None
        self.interpreted: Path | None = None
        if build_mode() == "compiled":
            self.compiled = PACKAGE.parent
            self.interpreted = pure_copy(PACKAGE)
        else:
            self.interpreted = PACKAGE.parent
        if compiled is not None:
            if not any((compiled / "nixlint").glob("text/*.so")):
                raise SystemExit(f"{compiled} holds no compiled nixlint")
            self.compiled = compiled.resolve()

    def best(self) -> Path:
        """The directory of the compiled nixlint if there is one, else of the interpreted one."""
        found = self.compiled or self.interpreted
        assert found is not None
        return found


def pure_copy(package: Path) -> Path:
    """The sources and data of a package, without machine code, below a new directory."""
    root = Path(tempfile.mkdtemp(prefix="nixlint-interpreted-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    ignored = shutil.ignore_patterns("*.so", "*.pyd", "__pycache__")
    shutil.copytree(package, root / package.name, ignore=ignored)
    return root


def environment(directory: Path) -> dict[str, str]:
    """Environment variables for a Python that takes nixlint from `directory`."""
    out = dict(os.environ)
    out["PYTHONPATH"] = os.pathsep.join([str(directory), str(HERE.parent)])
    out["PYTHONSAFEPATH"] = "1"
    # An installed package has its byte code beside it. Here the first run writes it.
    out.pop("PYTHONDONTWRITEBYTECODE", None)
    return out
