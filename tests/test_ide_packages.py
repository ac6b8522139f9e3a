"""Packages of nixpkgs, of overlays, and those that a project uses."""

from __future__ import annotations

import os
import pickle
import shutil
from pathlib import Path

import pytest

from nixlint.ide.document import Document
from nixlint.ide.facts import ProjectFacts
from nixlint.ide.gathering.gather import Gatherer
from nixlint.ide.gathering.packages import overlay_names, used_names
from nixlint.ide.navigation.packages import package_definition
from nixlint.ide.packages.describing import describe
from nixlint.ide.packages.kept import PackageReader
from nixlint.ide.packages.names import PackageList, Packages, PackageSet
from nixlint.ide.packages.reading import read_packages
from nixlint.syntax.parser import parse
from tests.answers_harness import NIXPKGS, facts_for
from tests.running import write_tree

FLAKE = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { self, nixpkgs }: {
    overlays.default = import ./overlay.nix;
    nixosConfigurations.host = nixpkgs.lib.nixosSystem { modules = [ ./host.nix ]; };
  };
}
"""
OVERLAY = """\
final: prev: {
  my-tool = prev.callPackage ./tool.nix { };
  python3 = prev.python3.override { packageOverrides = self: super: { not-mine = 1; }; };
} // import ./more.nix final
"""
HOST = """\
{ pkgs, ... }:
{
  # pkgs.commented
  environment.systemPackages = with pkgs; [ hello (git) pkgs.curl curl ];
  programs.x.package = pkgs.curl;
}
"""
FILES = {
    "flake.nix": FLAKE,
    "overlay.nix": OVERLAY,
    "more.nix": "pkgs: { more = pkgs.hello; }\n",
    "host.nix": HOST,
}


@pytest.fixture(scope="module")
def packages() -> Packages:
    return read_packages(str(NIXPKGS))[0]


def test_which_packages_there_are(packages: Packages) -> None:
    assert packages.sets[""].names == [
        "_7zz", "curl", "curlFull", "curlMinimal", "git", "gitAndTools", "gitMinimal", "greeter",
        "hello", "here", "python3", "python3Packages", "pythonPackages", "ripgrep", "writeText",
    ]  # fmt: skip
    assert packages.sets[""].aliases == {"greeter"}
    for path in (("python3Packages",), ("pythonPackages",), ("python3", "pkgs")):
        found = packages.set_at(path)
        assert found is not None and found.names == ["numpy", "requests"]
    found = packages.set_at(("gitAndTools",))
    assert found is not None and found.names == ["git", "hub"]
    assert packages.set_at(("hello",)) is None


def test_places_are_bindings(packages: Packages) -> None:
    for set_name, each in packages.sets.items():
        for name in each.names:
            path = (*set_name.split("."), name) if set_name else (name,)
            found = describe(packages, path)
            assert found is not None and found.place is not None
            if found.place.end:
                text = Path(found.place.path).read_text("utf-8")
                assert text[found.place.start : found.place.end] == name


@pytest.mark.parametrize(
    ("name", "version", "alias"),
    [
        ("hello", "2.12.1", ""),
        ("curlFull", "8.9.1", "curl"),
        ("curlMinimal", "8.9.1", ""),
        ("ripgrep", "14.1.0", ""),
        ("here", "0.7", ""),
        ("gitAndTools.git", "", "git"),
        ("git", "", ""),
        ("greeter", "2.12.1", "hello"),
    ],
)
def test_descriptions(packages: Packages, name: str, version: str, alias: str) -> None:
    found = describe(packages, tuple(name.split(".")))
    assert found is not None
    assert (found.version, found.alias) == (version, alias)


def test_a_version_that_is_changed_on_the_way_is_not_told(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "pkgs/top-level/all-packages.nix": """\
                { }: pkgs: super: {
                  one = callPackage ./one.nix { };
                  two = one;
                  three = (callPackage ./one.nix { }).overrideAttrs (old: { name = "x-3"; });
                  four = callPackage ./one.nix { version = "4"; };
                }
            """,
            "pkgs/top-level/one.nix": """\
                { stdenv }:
                stdenv.mkDerivation { pname = "x"; version = "1"; meta.description = "d"; }
            """,
        },
    )
    found, _ = read_packages(str(tmp_path))
    told = {name: describe(found, (name,)) for name in found.sets[""].names}
    assert {name: one.version for name, one in told.items() if one} == {
        "one": "1", "two": "1", "three": "", "four": "",
    }  # fmt: skip
    assert all(one is not None and one.description == "d" for one in told.values())


def test_searching() -> None:
    names = ["Alpha", "alphabet", "beta", "my-alpha", "zeta", "zETA"]
    found = PackageSet.of(dict.fromkeys(names, (0, 0, 0)), frozenset())
    assert found.search("alpha", 10) == (["Alpha", "alphabet", "my-alpha"], True)
    assert found.search("ALPHA", 2) == (["Alpha", "alphabet"], False)
    assert found.search("eta", 10) == (["beta", "zeta", "zETA"], True)
    assert found.search("", 2)[1] is False
    assert len(found.search("", 6)[0]) == 6
    assert found.search("x\ny", 5) == ([], True)
    assert [found.find(name) for name in found.names] == list(range(6))
    assert found.find("ZETA") is None and found.find("") is None
    assert PackageSet.of({}, frozenset()).search("a", 5) == ([], True)


def test_packages_travel_once(packages: Packages) -> None:
    known = PackageList("nixpkgs", "digest of this test", packages, False)
    new = PackageList("nixpkgs", "digest of this test", packages, True)
    there = pickle.loads(pickle.dumps(new))
    again = pickle.dumps(known)
    assert len(again) < 1000
    assert pickle.loads(again).packages is there.packages
    assert there.packages.sets[""].names == packages.sets[""].names


def test_what_is_kept_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NIXLINT_NO_CACHE", raising=False)
    monkeypatch.setenv("NIXLINT_CACHE_DIR", str(tmp_path / "cache"))
    root = tmp_path / "nixpkgs"
    shutil.copytree(NIXPKGS, root)
    first, digest = PackageReader().packages(str(root))
    monkeypatch.setattr("nixlint.ide.packages.kept.read_packages", None)
    second, same = PackageReader().packages(str(root))
    assert same == digest
    for name, each in first.sets.items():
        assert second.sets[name].__getstate__() == each.__getstate__()
    assert (first.files, first.same) == (second.files, second.same)
    monkeypatch.undo()
    monkeypatch.delenv("NIXLINT_NO_CACHE", raising=False)
    monkeypatch.setenv("NIXLINT_CACHE_DIR", str(tmp_path / "cache"))
    reader = PackageReader()
    assert reader.packages(str(root))[1] == digest
    (root / "pkgs/by-name/he/helium").mkdir()
    changed, other = reader.packages(str(root))
    assert other != digest
    assert "helium" in changed.sets[""].names
    for folder, _folders, files in os.walk(tmp_path / "cache"):
        for name in files:
            if name != "CACHEDIR.TAG":
                Path(folder, name).write_bytes(b"damaged")
    assert PackageReader().packages(str(root))[0].sets[""].names == changed.sets[""].names


def test_odd_sources(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "pkgs/top-level/all-packages.nix": "{ a = ; b = recurseIntoAttrs b; c = d; d = c; } }",
            "pkgs/by-name/README.md": "",
        },
    )
    found, _ = read_packages(str(tmp_path))
    assert set(found.sets[""].names) >= {"b", "c", "d"}
    assert found.set_at(("b",)) is None
    looped = describe(found, ("c",))
    assert looped is not None and looped.version == ""


def test_names_that_are_used() -> None:
    found = used_names(parse(HOST + "  # "))
    assert found == {"hello": 1, "curl": 3}
    text = 'let a = 1; in { inherit (pkgs) b c; d = "pkgs.e ${pkgs.f.g}"; h = with pkgs; [ a i ]; }'
    assert used_names(parse(text)) == {"b": 1, "c": 1, "f": 1, "f.g": 1, "i": 1}


def test_overlays(tmp_path: Path) -> None:
    write_tree(tmp_path, FILES)
    path = str(tmp_path / "overlay.nix")
    found = overlay_names(Document(path, OVERLAY))
    assert set(found) == {"my-tool", "python3", "more"}
    assert OVERLAY[found["my-tool"].start : found["my-tool"].end] == "my-tool"
    assert found["more"].path == str(tmp_path / "more.nix")


def gathered(root: Path, config: str) -> ProjectFacts:
    write_tree(root, {**FILES, "nixlint.toml": config})
    facts = Gatherer(str(root)).update({})
    assert facts.failures == []
    found: ProjectFacts = pickle.loads(pickle.dumps(facts))
    return found


def test_gathering(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    facts = gathered(root, f'[sources]\nnixpkgs = "{NIXPKGS}"\n')
    assert list(facts.packages) == ["nixpkgs"]
    found = facts.packages_of()
    assert found is not None and found.set_at(()) is not None
    assert facts.packages_of("nixpkgs") is found
    assert facts.packages_of("another") is None
    assert set(facts.own_packages) == {"my-tool", "python3", "more"}
    assert facts.used_packages["curl"] == 3


def test_without_a_source(tmp_path: Path) -> None:
    facts = gathered(tmp_path.resolve(), "")
    assert facts.packages == {}
    assert facts.packages_of() is None
    assert facts.used_packages["hello"] == 2


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("{ pkgs }: pkgs.hel$0lo", "pkgs/by-name/he/hello/package.nix"),
        ("{ pkgs }: [ (pkgs.curl$0Minimal) ]", "pkgs/tools/web/curl/default.nix"),
        ("{ pkgs }: with pkgs; [ rip$0grep ]", "pkgs/by-name/ri/ripgrep/package.nix"),
        ("{ pkgs }: { inherit (pkgs) cu$0rl; }", "pkgs/tools/web/curl/default.nix"),
        ("{ pkgs }: pkgs.he$0re", "pkgs/top-level/all-packages.nix"),
        (
            "{ pkgs }: pkgs.python3.withPackages (ps: [ ps.req$0uests ])",
            "pkgs/development/python-modules/requests/default.nix",
        ),
        ("{ pkgs }: pkgs.my-t$0ool", "/project/overlay.nix"),
        ("{ pkgs }: pk$0gs.hello", ""),
        ("{ pkgs }: pkgs.nothing$0", ""),
        ("{ pkgs }: pkgs.${x$0}", ""),
        ("{ other }: other.hel$0lo", ""),
    ],
)
def test_definition(text: str, file: str) -> None:
    document = Document("/project/x.nix", text.replace("$0", ""))
    found = package_definition(document, text.index("$0"), facts_for(document))
    assert [str(link.target.path).removeprefix(f"{NIXPKGS}/") for link in found] == (
        [file] if file else []
    )
    assert package_definition(document, text.index("$0"), None) == []
