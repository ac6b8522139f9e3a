"""`print_nix` against recorded lines, and against the Nix that is installed.

`fixtures/syntax/printing/X.nix` is the input, `X.newest` what a Nix of today prints with the base
directory /base/dir and the home /HOME, and `X.2.8` the same for Nix 2.8, formals and bindings of
`let` sorted. A file without `X.2.8` is not Nix 2.8.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from nixlint.syntax.parser import parse
from nixlint.syntax.print_nix import print_nix
from tests.oracles import nix
from tests.oracles.normalise import canonical
from tests.oracles.verdict import Opinion

PRINTING = Path(__file__).resolve().parent.parent / "fixtures/syntax/printing"
FIXTURES = sorted(PRINTING.glob("*.nix"))
DIALECTS = {".newest": (2, 36), ".2.8": (2, 8)}

needs_nix = pytest.mark.skipif(not nix.is_available(), reason="nix-instantiate is not installed")


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
@pytest.mark.parametrize("suffix", DIALECTS)
def test_recorded(path: Path, suffix: str) -> None:
    recorded = path.with_suffix(suffix)
    opinion = Opinion(path.read_text(encoding="utf-8"), DIALECTS[suffix])
    if not recorded.exists():
        assert suffix == ".2.8"
        assert opinion.error is not None
        return
    assert opinion.error is None
    wanted = recorded.read_text(encoding="utf-8").removesuffix("\n")
    assert opinion.printed("/base/dir", "/HOME") == wanted


def test_there_are_fixtures() -> None:
    assert len(FIXTURES) >= 10
    recorded = {path.name.removesuffix(".2.8") for path in PRINTING.glob("*.2.8")}
    assert recorded < {path.stem for path in FIXTURES}


@pytest.mark.nix
@needs_nix
def test_the_installed_nix_agrees() -> None:
    answers = nix.ask(FIXTURES)
    for path, answer in zip(FIXTURES, answers, strict=True):
        opinion = Opinion(path.read_text(encoding="utf-8"), nix.version())
        assert opinion.kind == answer.kind, (path, answer.message)
        if answer.printed is not None:
            printed = opinion.printed(nix.base_dir(path), nix.home())
            assert canonical(printed) == canonical(answer.printed), path


def test_canonical_order() -> None:
    """Sorts formals and `let`, and leaves everything else alone."""
    text = "({ b, a ? ({ d, c }: d), ... } @ x: (let z = assert a; b; inherit y; in assert c; b))"
    assert canonical(text) == (
        "({ a ? ({ c, d }: d), b, ... } @ x: (let inherit y; z = assert a; b; in assert c; b))"
    )
    for same in (
        "{ b = 1; a = 2; }",
        '"(let b = 1; a = 2; in a)"',
        "(let in = 1; of = (a).in; in in)",
        '{ "${(let a = "}\\"{"; b = 1; in a)}" = 1; }',
        "(a: [ (b) (a) ])",
        "({  }: { })",
    ):
        assert canonical(same) == same
    with pytest.raises(ValueError, match="unbalanced"):
        canonical("({ a }: a")


def test_broken_text_prints_too() -> None:
    assert print_nix(parse("{ a = ; b = 1; }")) == "{ a = «error»; b = 1; }"
    assert print_nix(parse("{ a = 1; a = 2; }")) == "{ a = 1; }"


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("[" * 4000 + "]" * 4000, "[ ([ (", ") ]) ]"),
        ("x: " * 4000 + "y", "(x: (x: ", "(x: y" + ")" * 4000),
        ("a" + " - a" * 50_000, "(__sub (__sub ", " a) a)"),
        ("a" + " + a" * 50_000, "((((", " + a) + a)"),
        ("f" + " a" * 50_000, "(f a a", "a a)"),
        ('"${' * 3000 + "a" + '}"' * 3000, "(" * 3000 + "a", ")"),
    ],
)  # fmt: skip
def test_depth_is_no_problem(text: str, start: str, end: str) -> None:
    opinion = Opinion(text, (2, 36))
    assert opinion.error is None
    printed = opinion.printed("/base", "/home")
    assert printed.startswith(start)
    assert printed.endswith(end)
