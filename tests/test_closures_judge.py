"""The closures of small projects, against those that Nix collects with nixpkgs' `lib`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

from tests.oracles import closures_nix, nix
from tests.project_harness import FIXTURES, ProjectCase

LIBRARY: Final = "nix-community+nixpkgs.lib"
CONFIGURATIONS: Final = {
    "computed": 2,
    "extended-lib": 2,
    "inside": 6,
    "keys": 1,
    "kinds": 5,
    "linked": 3,
    "no-flake": 6,
    "nodes-of-systems": 2,
    "static": 1,
    "users-from-options": 9,
}
"""How many configurations Nix can judge in the fixtures `fixtures/projects/closures/NAME`."""


@pytest.fixture(scope="module")
def library() -> str:
    """The directory of nixpkgs' `lib`, in one of the corpora."""
    for folder in os.environ.get("NIXLINT_CORPUS", "").split(os.pathsep):
        for place in (Path(folder, LIBRARY, "lib"), Path(folder, "lib")):
            if folder and (place / "modules.nix").is_file():
                return str(place.resolve())
    pytest.skip(f"needs nixpkgs' lib: a checkout {LIBRARY} in a directory of NIXLINT_CORPUS")


@pytest.mark.nix
@pytest.mark.skipif(not nix.is_available(), reason="needs nix-instantiate")
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_what_nix_loads_is_there(name: str, library: str, tmp_path: Path) -> None:
    root = os.path.realpath(ProjectCase(FIXTURES / "closures" / name).copy_to(tmp_path))
    counted = closures_nix.compare(root, library, [], None, 4)
    assert counted["configurations"] == CONFIGURATIONS[name]
    assert counted["files"] > 0
    assert counted["missing"] == counted["not found"] == counted["called unused"] == 0


@pytest.mark.nix
@pytest.mark.skipif(not nix.is_available(), reason="needs nix-instantiate")
def test_it_tells_the_files(library: str, tmp_path: Path) -> None:
    root = os.path.realpath(ProjectCase(FIXTURES / "closures" / "inside").copy_to(tmp_path))
    theirs = closures_nix.judged(root, library, [], [])
    files = theirs.files
    assert files["nixosConfigurations.box"] == {"box.nix"}
    assert files["nixosConfigurations.box.hm:bob"] == {"home/bob.nix", "home/shared.nix"}
    assert files["nixosConfigurations.box.specialisation:gaming"] == {"gaming.nix"}
    assert theirs.judge.read >= {"flake.nix", "home/alice.nix"}
