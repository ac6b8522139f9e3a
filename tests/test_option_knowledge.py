"""Lists of options in use: types read from descriptions, sources and lists, what is kept."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from nixlint.project.options.cache import cached, content_of
from nixlint.project.options.index import HOME_MANAGER, OptionIndex
from nixlint.project.options.knowledge import is_slip, united
from nixlint.project.options.sources import _READ as READ
from nixlint.project.options.sources import option_sources
from nixlint.project.options.types import parse_type
from nixlint.project.project import Project
from nixlint.project.settings import ProjectSettings
from tests.running import Result, nixlint, write_tree

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
TYPES = sorted((FIXTURES / "option-types").glob("*.txt"))
SOURCE = FIXTURES / "options" / "home-manager" / "tree"

FLAKE = """{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.home-manager.url = "github:nix-community/home-manager";
  outputs = { nixpkgs, home-manager, ... }: {
    homeConfigurations.ann = home-manager.lib.homeManagerConfiguration {
      pkgs = nixpkgs.legacyPackages.x86_64-linux;
      modules = [ ./home.nix ];
    };
  };
}
"""
LIST = {
    "programs.mail.enable": {"type": "boolean", "declarations": ["modules/mail.nix"]},
    "programs.mail.port": {"type": "signed integer", "description": "The\nport."},
}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("NIXLINT_CACHE_DIR", str(folder))
    monkeypatch.delenv("NIXLINT_NO_CACHE")
    return folder


def project(tmp_path: Path, home: str, settings: str, options: object = LIST) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    write_tree(
        root,
        {
            "flake.nix": FLAKE,
            "home.nix": home,
            "nixlint.toml": settings,
            "options.json": options if isinstance(options, str) else json.dumps(options),
        },
    )
    return root


def check(root: Path, *arguments: str) -> Result:
    return nixlint("check", "--format", "concise", "--select", "undeclared-option", *arguments,
                   cwd=root)  # fmt: skip


# Types.


@pytest.mark.parametrize("path", TYPES, ids=[path.stem for path in TYPES])
def test_type(path: Path) -> None:
    text, expected = path.read_text("utf-8").split("\n")[:2]
    assert repr(parse_type(text)) == expected


def test_deep_descriptions_end() -> None:
    assert not parse_type("list of " * 5000 + "string").is_known()
    assert not parse_type("(" * 5000).is_known()


@pytest.mark.parametrize(
    ("name", "other", "expected"),
    [
        ("enabel", "enable", True), ("enble", "enable", True), ("ennable", "enable", True),
        ("enavle", "enable", True), ("packages", "package", False), ("user", "users", False),
        ("python2", "python3", False), ("enable", "enable", False), ("ab", "ac", False),
        ("specialization", "specialisation", False), ("disable", "enable", False),
    ],
)  # fmt: skip
def test_slips(name: str, other: str, expected: bool) -> None:
    assert is_slip(name, ["somethingElse", other]) is expected


# Lists.


def test_options_of_a_list_are_searched(tmp_path: Path, cache: Path) -> None:
    root = project(
        tmp_path, "{ programs.mail.port = 3; }", '[options]\nhome-manager = "options.json"'
    )
    out = nixlint("options", "mail", cwd=root).out
    assert out.splitlines() == [
        "programs.mail.enable: boolean  modules/mail.nix",
        "programs.mail.port: signed integer",
    ]
    whole = nixlint("options", "programs.mail.port", cwd=root).out
    assert "  description: The port.\n  from: home-manager\n" in whole
    assert "homeConfigurations.ann: 3\n    home.nix:1:3: 3 (priority 100, wins)\n" in whole
    found = json.loads(nixlint("options", "mail", "--json", cwd=root).out)["options"]
    assert [one["from"] for one in found] == [["home-manager"], ["home-manager"]]
    # Without a pattern only what the project declares or sets is listed.
    assert nixlint("options", cwd=root).out.startswith("programs.mail.port\n")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "is not JSON"),
        ("[]", "is not a list of options"),
        ('{"a": 1}', "instead of an object"),
    ],
)
def test_a_broken_list_is_told_and_the_rest_is_checked(
    tmp_path: Path, cache: Path, text: str, reason: str
) -> None:
    home = "{ programs.mail.enabel = true; }"
    root = project(tmp_path, home, '[options]\nhome-manager = "options.json"', text)
    result = check(root, ".", "--extend-select", "unused-with")
    assert result.code == 2
    assert "options.json" in result.err and reason in result.err, result.err
    assert nixlint("options", "x", cwd=root).err.startswith("warning: ")


def test_errors_in_the_configuration(tmp_path: Path) -> None:
    settings = '[options]\nnixso = "options.json"\ndarwin = 3\nhome-manager = "gone.json"\n'
    result = check(project(tmp_path, "{ }", settings), ".")
    assert result.code == 2
    assert "did you mean `nixos`" in result.err
    assert "`darwin` must be the path of a list of options in JSON" in result.err
    assert "names `gone.json`, and there is no such file" in result.err


def test_several_versions_are_united() -> None:
    def index(**types: str) -> OptionIndex:
        from nixlint.project.options.index import read_index

        return read_index(json.dumps({name: {"type": text} for name, text in types.items()}))

    both = united([index(a="string", b="string"), index(a="boolean", b="string", c="string")])
    assert {name: one.type for name, one in both.options.items()} == {
        "a": "",
        "b": "string",
        "c": "",
    }


# Sources on disk.


def known(root: Path, source: Path) -> OptionIndex | None:
    settings = ProjectSettings()
    settings.sources = {"home-manager": str(source)}
    return option_sources(Project(str(root), settings)).list_for(HOME_MANAGER)


def test_sources_give_their_options_once(tmp_path: Path, cache: Path) -> None:
    root = project(tmp_path, "{ }", "")
    READ.clear()
    first = known(root, SOURCE)
    assert first is not None and len(first.options) > 3
    files = [path for path in cache.rglob("*") if path.is_file() and path.name != "CACHEDIR.TAG"]
    assert len(files) == 1
    content = content_of(os.path.realpath(SOURCE))
    again = cached(HOME_MANAGER, content)
    assert again is not None and sorted(again.index.options) == sorted(first.options)
    # A damaged file counts as absent.
    files[0].write_bytes(files[0].read_bytes()[:-20])
    assert cached(HOME_MANAGER, content) is None
    files[0].write_text("{}")
    assert cached(HOME_MANAGER, content) is None
    READ.clear()
    assert known(root, SOURCE) is not None
    assert cached(HOME_MANAGER, content) is not None


def test_extracted_options_are_part_of_the_one_cache(tmp_path: Path) -> None:
    root = project(tmp_path, "{ }", f"[sources]\nhome-manager = {json.dumps(str(SOURCE))}\n")
    folder = tmp_path / "cache"
    plain = {"NIXLINT_NO_CACHE": "", "XDG_CACHE_HOME": str(tmp_path / "unused")}
    command = ("check", "--select", "undeclared-option")
    READ.clear()
    nixlint(*command, "--no-cache", "--cache-dir", str(folder), cwd=root, environment=plain)
    assert not folder.exists()
    # A fix keeps no results, but options.
    READ.clear()
    nixlint(*command, "--fix", "--cache-dir", str(folder), cwd=root, environment=plain)
    assert sum(path.is_file() for path in folder.rglob("v1/*/*")) == 1
    nixlint(*command, "--cache-dir", str(folder), cwd=root, environment=plain)
    assert sum(path.is_file() for path in folder.rglob("v1/*/*")) == 2
    done = nixlint("clean", "--cache-dir", str(folder), cwd=root, environment=plain)
    assert done.out == f"Deleted 2 files from {folder}\n"
    assert not (tmp_path / "unused").exists()


def test_what_takes_seconds_is_said_once(tmp_path: Path, cache: Path) -> None:
    root = project(tmp_path, "{ }", f"[sources]\nhome-manager = {json.dumps(str(SOURCE))}\n")
    READ.clear()
    said = f"note: reading the options of home-manager from {os.path.realpath(SOURCE)}\n"
    assert check(root).err == said
    READ.clear()
    assert check(root).err == ""
    READ.clear()
    assert check(root, "--no-cache", "--quiet").err == ""


def test_nothing_is_kept_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NIXLINT_CACHE_DIR", str(tmp_path / "file" / "cache"))
    monkeypatch.delenv("NIXLINT_NO_CACHE")
    found = known(project(tmp_path, "{ }", ""), SOURCE)
    assert found is not None and found.options


def test_the_content_of_a_source_counts(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "modules").mkdir(parents=True)
    (source / "lib").mkdir()
    (source / "modules" / "a.nix").write_text("1")
    before = content_of(str(source))
    (source / "modules" / "a.nix").write_text("2")
    assert content_of(str(source)) != before
    (source / "modules" / "a.nix").write_text("1")
    assert content_of(str(source)) == before
    (source / "README.md").write_text("text")
    assert content_of(str(source)) == before


def test_undeclared_with_a_source(tmp_path: Path, cache: Path) -> None:
    settings = f'[sources]\nhome-manager = "{SOURCE}"\n'
    root = project(tmp_path, "{ home.usernmae = 1; nothing.at.all = 2; }", settings)
    out = check(root, ".").out
    assert "option `home.usernmae` does not exist" in out
    assert "option `nothing` does not exist" in out


def test_an_input_that_is_not_here_makes_the_others_doubtful(tmp_path: Path, cache: Path) -> None:
    root = project(tmp_path, "{ nothing.at.all = 2; }", "")
    flake = FLAKE.replace(
        "  outputs", '  inputs.other.url = "github:me/home-manager/fork";\n  outputs'
    ).replace("home-manager, ...", "home-manager, other, ...")
    (root / "flake.nix").write_text(flake)
    assert known(root, SOURCE) is None
