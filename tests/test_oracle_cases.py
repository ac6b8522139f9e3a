"""nixlint's verdict on small files against the recorded ones of Nix 2.8 and of Nix 2026."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nixlint.text.source import decode
from tests.oracles import cases
from tests.oracles.verdict import Opinion

DIRECTORY = cases.directory()
RECORDS: list[dict[str, Any]] = cases.load(DIRECTORY) if DIRECTORY else []


@pytest.mark.skipif(DIRECTORY is None, reason="no recorded cases (set NIXLINT_CASES)")
@pytest.mark.parametrize("nix_version", cases.DIALECTS, ids=lambda key: "nix" + str(key[1]))
def test_recorded_verdicts(nix_version: tuple[int, int]) -> None:
    assert DIRECTORY is not None
    complaints: list[str] = []
    for record in RECORDS:
        text = decode((DIRECTORY / record["file"]).read_bytes())
        complaint = cases.compare(record, text, nix_version)
        if complaint:
            complaints.append(f"{record['file']}: {complaint}")
    assert complaints == []


@pytest.mark.skipif(DIRECTORY is None, reason="no recorded cases (set NIXLINT_CASES)")
def test_every_case_is_recorded() -> None:
    assert DIRECTORY is not None
    assert {path.name for path in DIRECTORY.glob("*.nix")} == {r["file"] for r in RECORDS}
    assert len(RECORDS) > 1000


def record(kind: str, line: int = 1, **more: Any) -> dict[str, Any]:
    ok = kind == "ok"
    verdict: dict[str, Any] = {"ok": ok, "error": "", "pos": {"line": line}, **more}
    return {"kind": kind, "syntax_ok": ok, **verdict, "nix2026": verdict}


def test_the_comparison_itself(tmp_path: Path) -> None:
    """Every sort of difference is noticed."""
    compare = cases.compare
    assert compare(record("ok", parse="1"), "1", (2, 8)) == ""
    assert compare(record("ok", parse="2"), "1", (2, 8)).startswith("prints")
    assert compare(record("ok", parse="1"), "1 )", (2, 8)).startswith("is syntax")
    assert compare(record("syntax"), "1", (2, 8)) == "is ok (None), not syntax"
    assert compare(record("syntax", line=1), "1 )", (2, 8)) == ""
    assert compare(record("syntax", line=2), "1 )", (2, 8)).startswith("error in line {1}, not 2")
    assert compare(record("duplicate-attr"), "{ a = 1; a = 2; }", (2, 8)) == ""
    assert compare(record("duplicate-formal"), "{ a = 1; a = 2; }", (2, 8)) != ""
    assert (
        compare(record("ok", parse="(let a = 1; b = 2; in a)"), "let b=2; a=1; in a", (2, 8)) == ""
    )


@pytest.mark.parametrize(
    ("text", "kind", "line"),
    [
        ("{ a = 1; a = 2; b }", "duplicate-attr", 1),
        ("[ { a = 1; a = 2; } ./x/ ]", "duplicate-attr", 1),
        ("({ a,\n a }: a\n", "duplicate-formal", 2),
        ("({ a, a }:\n )", "syntax", 2),
        ("{ a = 1; a = 2\n}", "syntax", 2),
        ("{ a = 1; b = 2\n; a = 3; } }", "duplicate-attr", 2),
        ("x:\nlet ${x} = 1; in 1 )", "syntax", 2),
        ("x: let ${x} = 1;\n", "syntax", 2),
        ("x: { inherit ${x}; } )", "syntax", 1),
        ("[ 99999999999999999999 { a = 1; a = 2; } ]", "syntax", 1),
        ('{ a = 1; "a".b = 2; }', "duplicate-attr", 1),
        ("[ (x: x }", "syntax", 1),
        ("[ ({ a, a }: ./a/) ]", "syntax", 1),
        ("{\n  a }@a: 1", "duplicate-formal", 1),
        ('{ a = "x;\n  b = 1;\n  b = 2;\n}', "syntax", 4),
    ],
)
def test_the_mistake_that_nix_stops_at(text: str, kind: str, line: int) -> None:
    """Nix knows only the first mistake that it notices, which may not be the first in the text."""
    opinion = Opinion(text, (2, 36))
    assert opinion.kind == kind
    assert line in opinion.lines
