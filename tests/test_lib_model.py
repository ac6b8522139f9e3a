"""The model of nixpkgs' `lib` gives what the real one gave, see `tests/oracles/lib_model.py`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nixlint.evaluate.evaluator import Evaluator, on_large_stack
from nixlint.evaluate.values import VAttrs, VString, VUnknown
from tests.oracles import lib_model

EXPECTED: lib_model.Answers = json.loads(lib_model.EXPECTED.read_text(encoding="utf-8"))


@pytest.mark.nix
@pytest.mark.parametrize("path", lib_model.call_files(), ids=lambda path: path.stem)
def test_model_gives_the_recorded_answers(path: Path) -> None:
    want = {name: answer for name, answer in EXPECTED.items() if name.startswith(f"{path.stem}.")}
    got = {
        f"{path.stem}.{name}": answer
        for name, answer in lib_model.answers_of(lib_model.MODEL, path).items()
    }
    assert not lib_model.differences(want, got)


def test_recorded_answers_are_many_and_not_only_failures() -> None:
    failing = [a for a in EXPECTED.values() if a in (lib_model.THROWS, lib_model.FAILS)]
    assert len(EXPECTED) >= 1_200
    assert 100 <= len(failing) <= 300
    assert {name.split(".")[0] for name in EXPECTED} == {p.stem for p in lib_model.call_files()}


@pytest.mark.nix
def test_every_name_at_the_top_exists() -> None:
    """No name is inherited from a group that lacks it, apart from what newer Nix brings."""
    newer = {"convertHash", "addDrvOutputDependencies", "flakeRefToString", "parseFlakeRef"}
    assert lib_model.broken_names(lib_model.MODEL) <= newer


UNKNOWN_AT_MOST = 6
"""Answers that our own evaluator may not know: they depend on the version of Nix."""


def test_our_evaluator_gives_the_recorded_answers() -> None:
    """The same calls of the same model, without Nix."""
    wrong: list[str] = []
    unknown: list[str] = []

    def work() -> None:
        for path in lib_model.call_files():
            calls = f"(import {path} {{ lib = import {lib_model.MODEL}; dir = {lib_model.TREE}; }})"
            show = f"import {lib_model.FIXTURES / 'show.nix'}"
            evaluator = Evaluator()
            text = f"builtins.mapAttrs (_: v: builtins.toJSON (({show}) v)) {calls}"
            answers = evaluator.evaluate_text(text, "/calls.nix")
            assert isinstance(answers, VAttrs), answers
            for name in answers.attrs:
                evaluator.renew()
                want = EXPECTED[f"{path.stem}.{name}"]
                got = evaluator.attribute(answers, name)
                if isinstance(got, VUnknown):
                    fails = want in (lib_model.THROWS, lib_model.FAILS)
                    if got.error is None:
                        unknown.append(f"{path.stem}.{name}: {got.reason}")
                    elif not fails:
                        wrong.append(f"{path.stem}.{name}: {got.reason}")
                    continue
                assert isinstance(got, VString)
                found = json.loads(got.text.replace(str(lib_model.TREE), "«tree»"))
                if found != want:
                    wrong.append(f"{path.stem}.{name}: {found} instead of {want}")

    on_large_stack(work)
    assert not wrong
    assert len(unknown) <= UNKNOWN_AT_MOST, unknown
