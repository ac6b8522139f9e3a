"""What is gathered after any row of edits is what is gathered from scratch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nixlint.ide.gathering.gather import Gatherer
from tests.changing_project import FLAKE
from tests.oracles.kept import Session, as_data, difference, generated
from tests.project_harness import TODAY
from tests.running import write_tree

MODULE = "{ lib, ... }: { options.site.a = lib.mkOption { type = lib.types.int; }; }\n"
HOST = "{ ... }: { imports = [ ../modules/m1.nix ]; site.a = 5; }\n"
FILES = {
    "flake.nix": FLAKE,
    "colors.nix": "{ }",
    "hosts/box.nix": HOST,
    "hosts/lab.nix": HOST,
    "modules/m0.nix": "{ ... }: { }\n",
    "modules/m1.nix": MODULE,
    "modules/m2.nix": "{ ... }: { site.a = 6; }\n",
}


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIXLINT_TODAY", TODAY)


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    yield write_tree(tmp_path.resolve(), FILES)


@pytest.mark.parametrize("seed", [0, 1, 2, 26])
def test_random_edits(seed: int) -> None:
    """More of them: `python -m tests.oracles kept --generated 100`."""
    assert generated(seed)[0] == ""


def test_a_module_changes(root: Path) -> None:
    session = Session(str(root))
    assert session.look() == ""
    for text in (HOST.replace("5", '"x"'), HOST.replace("site.a", "site.b"), HOST):
        session.open[str(root / "hosts" / "box.nix")] = text
        assert session.look() == ""
    # Each time the flake and the other modules were as before.
    assert session.taken == 3


def test_a_module_is_imported_and_left_out_again(root: Path) -> None:
    session = Session(str(root))
    assert session.look() == ""
    more = HOST.replace("m1.nix", "m1.nix ../modules/m2.nix")
    for text in (more, HOST):
        session.open[str(root / "hosts" / "box.nix")] = text
        assert session.look() == ""
    # What nobody imports any more must not be left over.
    assert session.taken == 1
    assert str(root / "modules" / "m2.nix") in session.gatherer.update(session.open).unused


def test_what_does_not_matter_for_modules(root: Path) -> None:
    gatherer = Gatherer(str(root))
    before = gatherer.update({})
    assert not before.provisional
    (root / "other.nix").write_text("{ }")
    # A file more may be the one that somebody looks for.
    facts = gatherer.update({})
    assert not facts.provisional and str(root / "other.nix") in facts.unused
    facts = gatherer.update({str(root / "other.nix"): "{ x = 1; }"})
    assert not facts.provisional
    assert difference(as_data(Gatherer(str(root)).update({})), as_data(facts)).startswith(".hashes")


def test_anew(root: Path) -> None:
    gatherer = Gatherer(str(root))
    gatherer.update({})
    edit = {str(root / "hosts" / "box.nix"): HOST.replace("5", "7")}
    assert gatherer.update(edit).provisional
    gatherer.forget()
    assert not gatherer.update(edit).provisional
    assert gatherer.evaluations == 2
