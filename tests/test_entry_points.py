"""Entry points that `nixlint.toml` names for projects without a flake."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.running import nixlint, write_tree

CONFLICT = {
    "me/box.nix": "{ imports = [ ../parts/a.nix ../parts/b.nix ]; }\n",
    "parts/a.nix": "{ services.openssh.enable = true; }\n",
    "parts/b.nix": "{ services.openssh.enable = false; }\n",
}


def findings(*arguments: str, cwd: Path) -> list[str]:
    result = nixlint("check", "-q", "--format", "concise", *arguments, cwd=cwd)
    assert result.code in (0, 1), result
    return result.out.splitlines()


def test_a_named_file_is_a_configuration(tmp_path: Path) -> None:
    write_tree(tmp_path, CONFLICT)
    assert findings("--select", "option-conflict", cwd=tmp_path) == []
    (tmp_path / "nixlint.toml").write_text('[project]\nentry-points = ["me/box.nix"]\n')
    found = findings("--select", "option-conflict", cwd=tmp_path)
    assert len(found) == 1
    assert found[0].startswith("parts/a.nix:1:3: error[option-conflict]: option `services.openssh")
    assert findings("--select", "option-conflict", "me/box.nix", cwd=tmp_path) == []
    graph = nixlint("graph", ".", cwd=tmp_path)
    assert graph.code == 0 and "me/box" in graph.out and "parts/b.nix" in graph.out


def test_a_file_that_builds_configurations(tmp_path: Path) -> None:
    build = "import <nixpkgs/nixos/lib/eval-config.nix> { modules = [ ../me/box.nix ]; }\n"
    write_tree(tmp_path, {**CONFLICT, "systems.d/default.nix": build})
    (tmp_path / "nixlint.toml").write_text('[project]\nentry-points = ["systems.d"]\n')
    found = findings("--select", "option-conflict", cwd=tmp_path)
    assert [line.partition(":")[0] for line in found] == ["parts/a.nix"]


def test_beside_a_flake(tmp_path: Path) -> None:
    write_tree(tmp_path, {**CONFLICT, "flake.nix": "{ outputs = _: { }; }\n"})
    assert findings("--select", "option-conflict", cwd=tmp_path) == []
    (tmp_path / "nixlint.toml").write_text('[project]\nentry-points = ["me/box.nix"]\n')
    assert len(findings("--select", "option-conflict", cwd=tmp_path)) == 1


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ('["home/me.nix"]', "homeManager"),
        ('["x-darwin.nix"]', "darwin"),
        ('["box.nix"]', "nixos"),
        ('{ home-manager = ["box.nix"] }', "homeManager"),
        ('{ darwin = ["home/me.nix"] }', "darwin"),
    ],
)
def test_kinds(entry: str, kind: str, tmp_path: Path) -> None:
    write_tree(tmp_path, dict.fromkeys(("home/me.nix", "x-darwin.nix", "box.nix"), "{ }\n"))
    (tmp_path / "nixlint.toml").write_text(f"[project]\nentry-points = {entry}\n")
    graph = nixlint("graph", "--format", "json", ".", cwd=tmp_path)
    assert f'"class": "{kind}"' in graph.out, graph


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("project = 1", "`project` must be a table, such as"),
        ('[project]\nentry-point = ["box.nix"]', "did you mean `entry-points`?"),
        ('[project]\nother = ["box.nix"]', "the only key is `entry-points`"),
        ("[project]\nentry-points = [1]", "must be a list of paths, such as"),
        ('[project]\nentry-points = ["no.nix"]', "names `no.nix`, and there is no such file"),
        ('[project]\nentry-points = ["../x.nix"]', "which is not below this directory"),
        ('[project.entry-points]\nnix = ["box.nix"]', "`nix` is no kind of configuration"),
    ],
)
def test_mistakes(text: str, message: str, tmp_path: Path) -> None:
    write_tree(tmp_path, {"box.nix": "{ }\n", "nixlint.toml": text + "\n"})
    result = nixlint("check", cwd=tmp_path)
    assert result.code == 2
    assert message in result.err and "nixlint.toml:" in result.err
