"""Start-up: nothing is imported that a plain check does not need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import pytest

from nixlint.text.build_info import is_compiled
from tests.running import write_tree

HEAVY = (
    "_pytest", "ast", "asyncio", "attr", "concurrent.futures", "dataclasses", "difflib", "email",
    "http", "importlib.resources", "json", "lark", "lsprotocol", "multiprocessing", "nixlint_lsp",
    "pathspec", "pygls", "rich", "socket", "subprocess", "tempfile", "tomllib", "traceback",
    "unicodedata", "urllib", "zipfile",
)  # fmt: skip
OWN_LAZY = (
    "nixlint.analysis.config_file", "nixlint.analysis.diff", "nixlint.analysis.explain",
    "nixlint.analysis.fix", "nixlint.analysis.parallel", "nixlint.analysis.suppress",
    "nixlint.analysis.verify", "nixlint.cli.parse_cmd", "nixlint.cli.rule_cmd",
    "nixlint.report.github", "nixlint.report.json", "nixlint.report.sarif",
    "nixlint.syntax.dump", "nixlint.syntax.lark_engine", "nixlint.syntax.print_nix",
)  # fmt: skip
PROBE = """
import sys
import click
before = set(sys.modules)
from nixlint.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as exit_info:
    code = exit_info.code
print("\\n".join(sorted(set(sys.modules) - before)), file=sys.stderr)
sys.exit(code)
"""


def loaded(cwd: Path, *arguments: str) -> set[str]:
    """The modules that a run loads beyond what click needs."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments], cwd=cwd, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    return set(done.stderr.split())


@pytest.mark.parametrize("text", ["{ a = 1; }\n", "let a = 1; in 2\n", "{ a = "])
def test_checking_one_file_loads_little(tmp_path: Path, text: str) -> None:
    write_tree(tmp_path, {"a.nix": text})
    modules = loaded(tmp_path, "check", "a.nix")
    assert "nixlint.syntax.parser" in modules
    assert sorted(modules & {*HEAVY, *OWN_LAZY}) == []


def test_the_version_loads_next_to_nothing(tmp_path: Path) -> None:
    modules = {name for name in loaded(tmp_path, "--version") if name.startswith("nixlint")}
    assert "nixlint.syntax" not in modules
    assert len(modules) < 10


def test_fixing_and_configuration_load_their_own(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.nix": "let a = 1; in 2\n", "nixlint.toml": ""})
    modules = loaded(tmp_path, "check", "--fix", "a.nix")
    assert {"tomllib", "nixlint.analysis.fix"} <= modules
    assert not modules & {"lark", "pygls", "asyncio", "rich", "multiprocessing", "difflib"}


@pytest.mark.timing
def test_a_small_file_takes_at_most_twice_as_long_as_click(tmp_path: Path) -> None:
    """CPU time of whole processes, in turns, the best of each: robust on a busy machine."""
    if not is_compiled():
        pytest.skip("the promise is about compiled installations")
    text = "{ pkgs, ... }:\n{ environment.systemPackages = [ pkgs.git ]; }\n"
    write_tree(tmp_path, {"a.nix": text})
    commands = {
        "click": [sys.executable, "-c", "import click"],
        "check": [sys.executable, "-m", "nixlint", "check", "a.nix"],
    }
    # As installed: with byte code, which the first round writes where it is missing.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path / "cache")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    best = dict.fromkeys(commands, 9.0)
    for _ in range(20):
        for name, command in commands.items():
            before = getrusage(RUSAGE_CHILDREN)
            subprocess.run(
                command, cwd=tmp_path, env=environment, check=True, stdout=subprocess.DEVNULL
            )
            after = getrusage(RUSAGE_CHILDREN)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            best[name] = min(best[name], spent)
    assert best["check"] <= 2.0 * best["click"], best
