"""What all tests share: which nixlint is tested, and in which mode.

- By default the sources beside `tests/` are tested, interpreted.
- `NIXLINT_UNDER_TEST=DIR` tests the packages in `DIR` (see `hatch_build.py --inplace`).
- Where there are no sources beside `tests/`, the installed package is tested.
- `NIXLINT_EXPECT=compiled` or `=interpreted` fails at once when it is the other.

Processes that tests start (`sys.executable -m nixlint`) get the same nixlint.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

import pytest
from hypothesis import settings

UNDER_TEST = os.environ.get("NIXLINT_UNDER_TEST")
if UNDER_TEST:
    sys.path.insert(0, str(Path(UNDER_TEST).resolve()))

import nixlint  # noqa: E402
from nixlint.text.build_info import build_mode  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
PARENT = Path(nixlint.__file__).resolve().parent.parent

settings.register_profile("nixlint", deadline=None, derandomize=True)
settings.load_profile("nixlint")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite what the fixtures expect")


def pytest_configure(config: pytest.Config) -> None:
    """Check the mode, and point child processes at the nixlint under test."""
    expected = os.environ.get("NIXLINT_EXPECT", build_mode())
    if expected != build_mode():
        raise pytest.UsageError(f"expected {expected} nixlint, found {build_mode()} in {PARENT}")
    if UNDER_TEST and Path(UNDER_TEST).resolve() != PARENT:
        raise pytest.UsageError(f"NIXLINT_UNDER_TEST={UNDER_TEST}, but nixlint came from {PARENT}")
    if str(PARENT) not in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib")):
        paths = dict.fromkeys([PARENT, ROOT, ROOT / "lsp"])
        os.environ["PYTHONPATH"] = os.pathsep.join(map(str, paths))
        # The current directory of a child must not come before PYTHONPATH.
        os.environ["PYTHONSAFEPATH"] = "1"
    # Tests that want a cache say where it is.
    os.environ["NIXLINT_NO_CACHE"] = "1"


def pytest_report_header() -> str:
    return f"nixlint: {build_mode()}, from {PARENT}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Under pytest-xdist leave out what measures time."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        skip = pytest.mark.skip(reason="measures time: run `pytest -m timing` without -n")
        for item in items:
            if item.get_closest_marker("timing"):
                item.add_marker(skip)
