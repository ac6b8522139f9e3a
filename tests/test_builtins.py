"""The builtins of the evaluator, against what Nix itself prints.

`fixtures/evaluate/builtins/*.nix` with the output of `nix-instantiate --eval --strict` beside in
`.exp`; `fixtures/evaluate/refused/*.nix` hold expressions that Nix refuses, one per line.
`fixtures/evaluate/unsure/*.nix` hold `expression  # => what is shown`, where things are unknown.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from nixlint.evaluate.evaluator import Evaluator, on_large_stack
from nixlint.evaluate.show import show
from nixlint.evaluate.values import NixError, VUnknown

ROOT = Path(__file__).resolve().parent.parent / "fixtures" / "evaluate"
CASES = sorted((ROOT / "builtins").glob("*.nix"))
FAILING = sorted((ROOT / "refused").glob("*.nix"))
UNKNOWN = sorted((ROOT / "unsure").glob("*.nix"))


def shown(text: str, path: str) -> str:
    """The value of a text as it is printed."""

    def work() -> str:
        evaluator = Evaluator()
        return show(evaluator, evaluator.evaluate_text(text, path))

    result = on_large_stack(work)
    assert isinstance(result, str)
    return result


def error_of(text: str) -> str | None:
    """The error that evaluating a text gives; None if there is none."""

    def work() -> str | None:
        evaluator = Evaluator()
        value = evaluator.evaluate_text(text, "/nowhere/x.nix")
        if isinstance(value, VUnknown) and isinstance(value.error, NixError):
            return value.error.kind
        return None

    result = on_large_stack(work)
    assert result is None or isinstance(result, str)
    return result


def lines_of(path: Path) -> list[str]:
    """The expressions of a file, without its comments."""
    lines = path.read_text().splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def ask_nix(*args: str) -> subprocess.CompletedProcess[str]:
    """Runs `nix-instantiate --eval --strict`."""
    return subprocess.run(
        ["nix-instantiate", "--eval", "--strict", *args],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_fixtures_exist() -> None:
    assert len(CASES) > 20
    assert FAILING
    assert UNKNOWN


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_value(path: Path) -> None:
    """The value is known wholly, and printed as Nix prints it."""
    assert shown(path.read_text(), str(path)) == path.with_suffix(".exp").read_text().rstrip("\n")


@pytest.mark.nix
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_value_is_what_nix_says(path: Path) -> None:
    answer = ask_nix(str(path))
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout == path.with_suffix(".exp").read_text()


@pytest.mark.parametrize("path", FAILING, ids=lambda path: path.stem)
def test_failing(path: Path) -> None:
    """Each line `kind: expression` fails, with an error of that kind."""
    for line in lines_of(path):
        kind, _, text = line.partition(": ")
        assert error_of(text) == kind, text


@pytest.mark.nix
@pytest.mark.parametrize("path", FAILING, ids=lambda path: path.stem)
def test_failing_fails_in_nix(path: Path) -> None:
    for line in lines_of(path):
        _, _, text = line.partition(": ")
        caught = ask_nix("-E", f"builtins.tryEval ({text})")
        kind = line.partition(": ")[0]
        assert (caught.returncode == 0) == (kind in ("throw", "assert")), text


@pytest.mark.parametrize("path", UNKNOWN, ids=lambda path: path.stem)
def test_unknown(path: Path) -> None:
    """Each line `expression # => shown` is as unknown as it says."""
    for line in lines_of(path):
        text, _, expected = line.partition(" # => ")
        actual = shown(f"let u = builtins.nixVersion; p = import <p>; in {text}", "/nowhere/x.nix")
        actual = actual.replace("it depends on the version of Nix", "v")
        actual = actual.replace("`<p>` depends on NIX_PATH", "p")
        assert actual == expected, text
