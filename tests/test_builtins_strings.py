"""Builtins on strings, data formats and files, against what Nix prints.

`fixtures/evaluate/builtins/*.nix` have the output of Nix 2.8 beside them, `failing/` are refused by
it; `newer/` needs a later version, and `unknown/` holds what must not be claimed to be known.
Rewrite what is expected with `--update`: for `builtins/` Nix itself is asked.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from nixlint.evaluate.builtins.regexes import RegexError, compiled
from nixlint.evaluate.builtins.strings import compare_versions, version_parts
from nixlint.evaluate.builtins.text_bytes import narrow, widen
from nixlint.evaluate.evaluator import Evaluator, on_large_stack
from nixlint.evaluate.show import show_all

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "evaluate"
KNOWN = [
    "contexts", "files", "hashes", "json", "names", "regexes", "strings", "toml", "versions", "xml",
]  # fmt: skip
NEWER = sorted(path.stem for path in (FIXTURES / "newer").glob("*.nix"))
UNKNOWN = sorted(path.stem for path in (FIXTURES / "unknown").glob("*.nix"))
FAILING = sorted(path.stem for path in (FIXTURES / "failing").glob("*.nix"))


class Result:
    """What a file evaluates to, in the form of `nix-instantiate --eval --strict`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = ""
        self.unknowns = 0
        self.errors = 0

    def work(self) -> None:
        evaluator = Evaluator()
        shown = show_all(evaluator, evaluator.evaluate_file(str(self.path)))
        self.text = shown.text
        self.unknowns = len(shown.holes)
        self.errors = shown.text.count("«error: ")


def evaluated(path: Path) -> Result:
    result = Result(path)
    on_large_stack(result.work)
    return result


def nix_prints(path: Path) -> subprocess.CompletedProcess[str]:
    command = ["nix-instantiate", "--eval", "--strict", str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def expected(path: Path, text: str, update: bool) -> str:
    beside = path.with_suffix(".exp")
    if update:
        beside.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    return beside.read_text(encoding="utf-8").rstrip("\n")


@pytest.mark.parametrize("name", KNOWN)
def test_known(name: str) -> None:
    path = FIXTURES / "builtins" / f"{name}.nix"
    result = evaluated(path)
    assert result.text == expected(path, "", False)
    assert result.unknowns == 0


@pytest.mark.nix
@pytest.mark.parametrize("name", KNOWN)
def test_nix_prints_the_same(name: str, request: pytest.FixtureRequest) -> None:
    path = FIXTURES / "builtins" / f"{name}.nix"
    done = nix_prints(path)
    assert done.returncode == 0, done.stderr
    update = bool(request.config.getoption("--update"))
    assert done.stdout.rstrip("\n") == expected(path, done.stdout, update)


@pytest.mark.parametrize("name", NEWER)
def test_newer(name: str) -> None:
    path = FIXTURES / "newer" / f"{name}.nix"
    result = evaluated(path)
    assert result.text == expected(path, "", False)
    assert result.unknowns == 0


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown(name: str, request: pytest.FixtureRequest) -> None:
    path = FIXTURES / "unknown" / f"{name}.nix"
    result = evaluated(path)
    assert result.text == expected(path, result.text, bool(request.config.getoption("--update")))
    assert result.unknowns > 0
    assert result.errors == 0


@pytest.mark.parametrize("name", FAILING)
def test_failing(name: str) -> None:
    result = evaluated(FIXTURES / "failing" / f"{name}.nix")
    assert result.errors == 1, result.text


@pytest.mark.nix
def test_nix_fails_too() -> None:
    passing = [
        name for name in FAILING if nix_prints(FIXTURES / "failing" / f"{name}.nix").returncode == 0
    ]
    assert passing == []


def test_bytes_and_back() -> None:
    for text in ("", "abc", "é𝄞", "\udcc3x", "\udcff"):
        assert widen(narrow(text)) == text
    assert len(narrow("é")) == 2
    assert widen(narrow("\udcc3\udca9")) == "é"


def test_versions() -> None:
    assert version_parts("1.2rc3-x") == ["1", "2", "rc", "3", "x"]
    assert compare_versions("1.0", "1.0.1") == -1
    assert compare_versions("2", "10") == -1


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(a*)*b", "a" * 5000),
        ("((a|b)+)+c", "ab" * 2000),
        ("(a|aa)*b", "a" * 3000),
        (".*.*.*x", "y" * 20000),
    ],
)
def test_costly_patterns_end(pattern: str, text: str) -> None:
    """A pattern that takes for ever ends with the budget."""
    evaluator = Evaluator(max_steps=200_000)
    program = f'builtins.match "{pattern}" "{text}"'
    result = evaluator.evaluate_text(program, "/x.nix")
    shown = show_all(evaluator, result).text
    assert shown == "null" or shown.startswith("«unknown: the evaluation takes"), shown


def test_invalid_patterns() -> None:
    for pattern in ("(", ")", "[", "a{", "a{1", "a{x}", "*", "\\", "a|*", "[[:x:]]", "[b-a]"):
        with pytest.raises(RegexError):
            compiled(pattern)
