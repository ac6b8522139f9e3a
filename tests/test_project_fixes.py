"""Fixes and second places of findings about projects, in files other than `flake.nix`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.project_harness import write_index
from tests.running import nixlint, write_tree

ROOT = Path(__file__).resolve().parent.parent
FILES = {
    "flake.nix": """{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { self, nixpkgs }: {
    nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ ./a.nix ./parts/b.nix ]; };
  };
}
""",
    "a.nix": "{ lib, ... }:\n{\n  networking.firewall.enable = true;\n}\n",
    "parts/b.nix": "{ networking.firewall.enable = false; }\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_tree(tmp_path, FILES)
    write_index(tmp_path, list(FILES))
    return tmp_path


def conflict(form: str, project: Path) -> str:
    result = nixlint("check", "--select", "option-conflict", "--format", form, cwd=project)
    assert result.code == 1, result
    return result.out


def test_github_names_the_second_place(project: Path) -> None:
    line = conflict("github", project).splitlines()[0]
    assert line.startswith("::error title=nixlint (option-conflict),file=a.nix,line=3,col=3,")
    assert "%0Aparts/b.nix:1:3: the other definition%0Anote: in nixosConfigurations.box" in line


def test_sarif_relates_the_second_place(project: Path) -> None:
    result = json.loads(conflict("sarif", project))["runs"][0]["results"][0]
    related = result["relatedLocations"][0]
    place = related["physicalLocation"]
    assert related["message"]["text"] == "the other definition"
    assert place["artifactLocation"]["uri"] == "parts/b.nix"
    assert place["region"]["startLine"] == 1 and place["region"]["startColumn"] == 3
    changed = [fix["artifactChanges"][0]["artifactLocation"]["uri"] for fix in result["fixes"]]
    assert changed == ["a.nix", "a.nix", "parts/b.nix", "parts/b.nix"]


def test_every_definition_is_a_choice(project: Path) -> None:
    found = json.loads(conflict("json", project))["diagnostics"][0]
    assert found["fix"]["applicability"] == "unsafe"
    titles = [found["fix"]["title"], *(choice["title"] for choice in found["choices"])]
    assert titles == [
        "Let this definition win: `lib.mkForce`",
        "Let this definition give way: `lib.mkDefault`",
        "Let the definition in parts/b.nix win: `lib.mkForce`",
        "Let the definition in parts/b.nix give way: `lib.mkDefault`",
    ]
    for fix in [{**found["fix"], "path": "a.nix"}, *found["choices"]]:
        changed = {**FILES, fix["path"]: applied(FILES[fix["path"]], fix["edits"])}
        write_tree(project, changed)
        after = nixlint("check", "--select", "option-conflict", cwd=project)
        assert after.code == 0, (fix, after)


def applied(text: str, edits: list[dict[str, Any]]) -> str:
    """The text after the edits of a fix; they are in order."""
    starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def offset(place: dict[str, int]) -> int:
        return starts[place["line"] - 1] + place["column"] - 1

    for edit in reversed(edits):
        start, end = offset(edit["range"]["start"]), offset(edit["range"]["end"])
        text = text[:start] + edit["text"] + text[end:]
    return text


def test_the_full_report_names_the_choices(project: Path) -> None:
    out = conflict("full", project)
    assert "  = help: let this definition win: `lib.mkForce` (unsafe: --fix --unsafe-fixes)" in out
    assert "  = or: let the definition in parts/b.nix give way: `lib.mkDefault`" in out


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_fixes_of_many_files(jobs: str, tmp_path: Path) -> None:
    """Every file with a fix is fixed, after another look at the project."""
    options = "".join(
        f'(lib.mkRenamedOptionModule [ "site" "old{n}" ] [ "site" "new{n}" ]) ' for n in range(20)
    )
    declared = "".join(f"options.site.new{n} = lib.mkOption {{ }};\n" for n in range(20))
    modules = " ".join(f"./m{n}.nix" for n in range(20))
    files = {
        "flake.nix": FILES["flake.nix"].replace("./a.nix ./parts/b.nix", f"./o.nix {modules}"),
        "o.nix": f"{{ lib, ... }}: {{ imports = [ {options} ];\n{declared} }}\n",
        **{f"m{n}.nix": f"{{ site.old{n} = {n}; }}\n" for n in range(20)},
    }
    write_tree(tmp_path, files)
    arguments = ("check", "--select", "renamed-option", "-j", jobs)
    assert nixlint(*arguments, cwd=tmp_path).code == 1
    result = nixlint(*arguments, "--fix", "--unsafe-fixes", cwd=tmp_path)
    assert result.code == 0, result
    assert "Fixed 20 problems in 20 files" in result.out
    assert [(tmp_path / f"m{n}.nix").read_text() for n in range(20)] == [
        f"{{ site.new{n} = {n}; }}\n" for n in range(20)
    ]


def test_diff_changes_nothing(project: Path) -> None:
    result = nixlint(
        "check", "--select", "option-conflict", "--diff", "--unsafe-fixes", cwd=project
    )
    assert result.code == 1
    assert "+  networking.firewall.enable = lib.mkForce true;" in result.out
    assert (project / "a.nix").read_text() == FILES["a.nix"]


def test_the_hook_for_projects(project: Path) -> None:
    """`.ci/run` runs it with the real pre-commit; here its command is run as it is written."""
    text = (ROOT / ".pre-commit-hooks.yaml").read_text()
    hook = next(part for part in text.split("- id: ") if part.startswith("nixlint-project\n"))
    fields = dict(re.findall(r"^  (\w+): (.*)$", hook, re.MULTILINE))
    assert fields["pass_filenames"] == "false" and fields["require_serial"] == "true"
    pattern = re.compile(fields["files"])
    for name in ("flake.nix", "hosts/a.nix", "flake.lock", "npins/sources.json"):
        assert pattern.search(name), name
    for name in ("README.md", "my-flake.lock.txt", "package.json"):
        assert not pattern.search(name), name
    program, *arguments = fields["entry"].split()
    assert program == "nixlint"
    result = nixlint(*arguments, cwd=project)
    assert result.code == 1 and "option-conflict" in result.out
