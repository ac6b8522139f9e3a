"""The merging of definitions: what Nix said to sets of modules, and what we say.

The sets in `fixtures/evaluate/merging/` and Nix's answers beside them were written by
`python -m tests.oracles merging --record`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nixlint.evaluate.evaluator import Evaluator
from nixlint.evaluate.values import OutOfBudget, VInt
from nixlint.project.modules.properties import Properties
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


def test_depth_after_a_failure() -> None:
    # Otherwise everything that is looked at later seems to be too deep.
    ev = Evaluator(max_depth=200)
    properties = Properties(ev)
    endless = ev.evaluate_text("let f = n: f (n + 1) + 1; in { it = f 1; inherit f; }", "/x.nix")
    with pytest.raises(OutOfBudget):
        properties.field(endless, "it")
    assert ev.depth == 0
    function = properties.field(endless, "f")
    assert function is not None
    with pytest.raises(OutOfBudget):
        properties.call(function, VInt(1))
    assert ev.depth == 0
