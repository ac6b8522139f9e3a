"""The models of libraries give what the libraries give, wherever they give anything."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import nixlint
from nixlint.evaluate.evaluator import TARGET_NIX, on_large_stack
from nixlint.evaluate.files import is_inexact
from nixlint.evaluate.values import (
    Value,
    VAttrs,
    VBool,
    VFloat,
    VInt,
    VList,
    VNull,
    VPath,
    VString,
    VUnknown,
)
from nixlint.project.flake.eval import FlakeEvaluation
from nixlint.project.models.table import MODELS
from nixlint.project.project import Project
from nixlint.syntax.checks import check_tree
from nixlint.syntax.parser import parse
from tests.oracles import library_models

FIXTURES = library_models.FIXTURES
LIB_FOLDER = Path(nixlint.__file__).resolve().parent / "evaluate" / "lib"
MODEL_FOLDER = Path(nixlint.__file__).resolve().parent / "project" / "models"


def test_models_are_correct_nix() -> None:
    """The evaluator does not check them at run time."""
    files = [*MODEL_FOLDER.rglob("*.nix"), *LIB_FOLDER.rglob("*.nix")]
    assert len(files) > 40
    for path in files:
        tree = parse(path.read_text())
        errors = tree.errors or check_tree(tree, TARGET_NIX)
        assert not [error.message for error in errors if error.fatal], path


class Comparison:
    """Our value of a case beside the one of Nix."""

    def __init__(self, evaluation: FlakeEvaluation) -> None:
        self.evaluation = evaluation
        self.known = 0
        self.unknown = 0
        self.differences: list[str] = []

    def compare(self, value: Value, answer: object, where: str) -> None:
        """Collects where a known part of the value is not what Nix says (a JSON value)."""
        forced = self.evaluation.evaluator.forced(value)
        if isinstance(forced, VUnknown):
            if forced.error is not None:
                self.differences.append(f"{where}: fails: {forced.error.message}")
            self.unknown += 1
            return
        self.known += 1
        same = True
        if isinstance(forced, VAttrs):
            out = forced.attrs.get("outPath")
            if out is not None and not isinstance(answer, dict):
                self.compare(out, answer, where)
                return
            same = isinstance(answer, dict)
            if isinstance(answer, dict):
                extra = set(forced.attrs) - set(answer)
                missing = set() if forced.rest else set(answer) - set(forced.attrs)
                if extra or missing:
                    self.differences.append(
                        f"{where}: more {sorted(extra)}, less {sorted(missing)}"
                    )
                for name in sorted(set(forced.attrs) & set(answer)):
                    self.compare(forced.attrs[name], answer[name], f"{where}.{name}")
        elif isinstance(forced, VList):
            if forced.rest is not None:
                return
            same = isinstance(answer, list) and len(answer) == len(forced.items)
            if isinstance(answer, list) and same:
                for index, item in enumerate(forced.items):
                    self.compare(item, answer[index], f"{where}[{index}]")
        elif isinstance(forced, VString):
            text = forced.text.replace(self.evaluation.root_path, "$FLAKE")
            same = text == answer or is_inexact(text)
        elif isinstance(forced, VPath):
            same = isinstance(answer, str)
        elif isinstance(forced, VNull):
            same = answer is None
        elif isinstance(forced, VBool):
            same = forced.value is answer
        elif isinstance(forced, (VInt, VFloat)):
            same = forced.value == answer
        else:
            same = False
        if not same:
            self.differences.append(f"{where}: {forced} instead of {answer!r}")


def _compare(name: str, place: Path) -> tuple[list[str], int, int]:
    # Outside of a repository nothing is hidden because git does not know it.
    shutil.copytree(FIXTURES / name, place)
    evaluation = FlakeEvaluation(Project(str(place)))
    evaluator = evaluation.evaluator
    cases = evaluator.attribute(evaluation.value, "cases")
    assert isinstance(cases, VAttrs), getattr(cases, "reason", "")
    answers = json.loads((FIXTURES / name / "expected.json").read_text(encoding="utf-8"))
    assert sorted(cases.attrs) == sorted(answers)
    comparison = Comparison(evaluation)
    for case, answer in sorted(answers.items()):
        evaluator.renew()
        if "value" in answer:
            comparison.compare(cases.attrs[case], answer["value"], case)
            continue
        deep = _first_error(evaluation, cases.attrs[case])
        if deep == "":
            comparison.differences.append(f"{case}: Nix fails, we do not")
    newer = evaluator.attribute(evaluation.value, "newer")
    if isinstance(newer, VAttrs):
        for case, value in newer.attrs.items():
            comparison.compare(value, True, f"newer.{case}")
    return comparison.differences, comparison.known, comparison.unknown


def _first_error(evaluation: FlakeEvaluation, value: Value) -> str:
    """Why the value is not wholly known; empty if it is."""
    forced = evaluation.evaluator.forced(value)
    if isinstance(forced, VUnknown):
        return forced.reason
    parts: list[Value] = []
    if isinstance(forced, VAttrs):
        if forced.rest is not None:
            return forced.rest[0].reason
        parts = list(forced.attrs.values())
    elif isinstance(forced, VList):
        if forced.rest is not None:
            return forced.rest[0].reason
        parts = forced.items
    for part in parts:
        found = _first_error(evaluation, part)
        if found:
            return found
    return ""


# How many values at most may be unknown: a model that knows less than before is noticed.
UNKNOWN = {"easy-hosts": 1, "import-tree": 1, "lite-config": 1}


@pytest.mark.parametrize("name", library_models.NAMES)
def test_model_gives_what_the_library_gives(name: str, tmp_path: Path) -> None:
    found = on_large_stack(lambda: _compare(name, tmp_path / "flake"))
    assert isinstance(found, tuple)
    differences, known, unknown = found
    assert differences == []
    assert known > 0
    assert unknown <= UNKNOWN.get(name, 0)


def test_every_model_is_a_function_of_its_arguments() -> None:
    files = {path.name for path in MODEL_FOLDER.glob("*.nix")}
    assert set(MODELS.values()) <= files
