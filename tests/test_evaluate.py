"""The evaluator on one construct of the language after the other.

Beside every `fixtures/evaluate/language/X.nix` stands `X.exp`, which the real Nix wrote: the
value as `nix-instantiate --eval --strict` prints it, or `error: ` and its message. There, `/here`
is the directory of the fixtures. `pytest tests/test_evaluate.py --update` asks the installed Nix
again.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from nixlint.evaluate.evaluator import Evaluator, on_large_stack
from nixlint.evaluate.values import VInt, VUnknown
from nixlint.text.source import decode
from tests.oracles import judge, ours, printed
from tests.oracles.judge import Verdict
from tests.oracles.printed import Item
from tests.oracles.random_nix import Generator

LANGUAGE = Path(__file__).resolve().parent.parent / "fixtures/evaluate/language"
CASES = sorted(LANGUAGE.glob("*.nix"))
HERE = "/here"


def opinion_on(path: Path) -> ours.Opinion:
    """Our value of a file."""
    found = on_large_stack(lambda: ours.evaluate(Evaluator(), decode(path.read_bytes()), path))
    assert isinstance(found, ours.Opinion)
    return found


def expected(path: Path) -> str:
    text = decode(path.with_suffix(".exp").read_bytes()).rstrip("\n")
    return text.replace(HERE, str(LANGUAGE))


def ask_nix(path: Path) -> str:
    """What goes into the `.exp`."""
    result = subprocess.run(
        ["nix-instantiate", "--eval", "--strict", str(path)],
        capture_output=True,
        check=False,
        env=judge.environment(),
    )
    if result.returncode == 0:
        text = decode(result.stdout).rstrip("\n")
    else:
        found = re.search(r"^error: (.*)$", decode(result.stderr), re.MULTILINE)
        text = f"error: {found[1] if found else result.returncode}"
    return text.replace(str(LANGUAGE), HERE)


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_language(path: Path, pytestconfig: pytest.Config) -> None:
    """A value is known wholly and equals that of Nix; what Nix refuses, we refuse."""
    record = path.with_suffix(".exp")
    if pytestconfig.getoption("--update") and shutil.which("nix-instantiate"):
        record.write_bytes(f"{ask_nix(path)}\n".encode("utf-8", "surrogateescape"))
    wanted = expected(path)
    opinion = opinion_on(path)
    assert not opinion.crash
    if wanted.startswith("error:"):
        assert opinion.kind == ours.FAILING, f"{opinion.text}, not {wanted}"
    else:
        assert opinion.kind == ours.KNOWN, opinion.text
        assert not printed.difference(printed.read(wanted), opinion.item)


@pytest.mark.nix
@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_real_nix_agrees(path: Path) -> None:
    """The recorded values are those of the installed Nix."""
    said, wanted = ask_nix(path), decode(path.with_suffix(".exp").read_bytes()).rstrip("\n")
    if wanted.startswith("error:"):
        assert said.startswith("error:"), said
    else:
        assert not said.startswith("error:"), said
        assert not printed.difference(printed.read(wanted), printed.read(said))


@pytest.mark.nix
def test_random_expressions(tmp_path: Path) -> None:
    """A sample; `python -m tests.oracles random-expressions` compares as many as you like."""
    texts = [Generator(seed).expression() for seed in range(1500)]
    theirs = judge.judge_texts(texts, tmp_path)
    opinions = ours.evaluate_texts(texts, tmp_path)
    wrong = [
        (text, found)
        for text, verdict, opinion in zip(texts, theirs, opinions, strict=True)
        if (found := ours.contradiction(verdict, opinion))
    ]
    assert not wrong
    known = [opinion for opinion in opinions if opinion.kind in (ours.KNOWN, ours.FAILING)]
    assert len(known) > 0.9 * len(texts)


READ: list[tuple[str, Item]] = [
    ('"a\\n\\"\\${b}"', ("string", 'a\n"${b}')),
    ("[ 1 «repeated» ]", ("list", [("scalar", "1"), ("repeated", None)])),
    ('{ "a b" = <LAMBDA>; c = { }; }', ("set", {"a b": ("function", "lambda"), "c": ("set", {})})),
    ("«unknown: a «b» c»", ("unknown", "a «b» c")),
    ("[ «lambda @ /x:1:2» «primop-app» ]",
     ("list", [("function", "lambda"), ("function", "primop")])),
]  # fmt: skip


@pytest.mark.parametrize(("text", "item"), READ)
def test_reading_printed_values(text: str, item: Item) -> None:
    assert printed.read(text) == item


@pytest.mark.parametrize("text", ["", "[ 1", "{ a = 1 }", '"a', "1 2", "{ a }"])
def test_what_is_no_value(text: str) -> None:
    with pytest.raises(printed.UnreadableError):
        printed.read(text)


@pytest.mark.parametrize(
    ("theirs", "our", "same"),
    [
        ("[ 1 2 ]", "[ 1 2 ]", True),
        ("[ 1 2 ]", "[ 1 3 ]", False),
        ("[ 1 2 ]", "[ 1 «unknown: x» ]", True),
        ("[ 1 2 ]", "[ 1 ]", False),
        ("{ a = 1; b = 2; }", "{ a = 1; «unknown: more» }", True),
        ("{ a = 1; }", "{ a = 1; b = 2; }", False),
        ("[ { a = 1; } «repeated» ]", "[ { a = 1; } { a = 1; } ]", True),
        ("[ { a = 1; } «repeated» ]", "[ { a = 1; } { a = 2; } ]", False),
        ("1", "«error: x»", False),
        ("1", '"1"', False),
        (None, "1", False),
        (None, "[ «unknown: x» ]", True),
        (None, "[ «error: x» ]", True),
    ],
)
def test_contradictions(theirs: str | None, our: str, same: bool) -> None:
    verdict = Verdict(theirs, None if theirs is not None else "refused")
    assert (ours.contradiction(verdict, ours.Opinion(our)) == ours.SAME) is same


def test_a_busy_machine_knows_as_much() -> None:
    """The budget counts what is computed, and not what others do meanwhile."""
    program = "builtins.foldl' (sum: n: sum + n) 0 (builtins.genList (n: n) 9000)"
    evaluator = Evaluator(seconds=1.0)
    waited: list[int] = []

    def wait() -> None:
        waited.append(1)
        time.sleep(0.5)

    evaluator.pause = wait
    result = on_large_stack(lambda: evaluator.evaluate_text(program, "/x.nix"))
    assert isinstance(result, VInt) and result.value == 40495500
    assert len(waited) > 2 and not evaluator.timed_out
    evaluator = Evaluator(seconds=0.0)
    result = on_large_stack(lambda: evaluator.evaluate_text(program, "/x.nix"))
    assert isinstance(result, VUnknown) and evaluator.timed_out
