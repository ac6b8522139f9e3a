"""The merging of definitions: what Nix said to sets of modules, and what we say.

The sets in `fixtures/evaluate/merging/` and Nix's answers beside them were written by
`python -m tests.oracles merging --record`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.oracles import merging

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "evaluate" / "merging"
SETS = sorted(FIXTURES.glob("*.nix"))


@pytest.mark.parametrize("path", SETS, ids=[path.stem for path in SETS])
def test_recorded(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text("utf-8"))
    answers = merging.answers_of(path.read_text("utf-8"), expected["paths"])
    assert answers.keys() == expected["answers"].keys()
    for name, own in answers.items():
        assert merging.agrees(own, tuple(expected["answers"][name])), name


def test_most_of_them_are_known() -> None:
    total = 0
    known = 0
    for path in SETS:
        expected = json.loads(path.with_suffix(".json").read_text("utf-8"))
        for own in merging.answers_of(path.read_text("utf-8"), expected["paths"]).values():
            total += 1
            known += own[0] != "unknown"
    assert total > 150
    assert known >= 0.95 * total
