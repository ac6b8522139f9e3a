"""Options read from trees of modules: `fixtures/options/NAME/tree`, `expected.json` beside it.

`NIXLINT_RECORD=1` rewrites what is expected; read the difference before you keep it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from nixlint.project.options.extract import ExtractError, extract_options
from nixlint.project.options.index import index_text, read_index
from tests.running import nixlint

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "options"
NAMES = sorted(path.parent.name for path in FIXTURES.glob("*/expected.json"))


def extracted(tree: Path) -> dict[str, Any]:
    """What comes out of a tree, as it is recorded."""
    made = extract_options(str(tree))
    options: dict[str, Any] = {}
    for name, one in sorted(made.index.options.items()):
        fields: dict[str, Any] = {"type": one.type, "declarations": one.declarations}
        for key, value in (("default", one.default), ("example", one.example)):
            if value is not None:
                fields[key] = value
        if one.description:
            fields["description"] = one.description
        flags = {"readOnly": one.read_only, "internal": one.internal, "hidden": not one.visible}
        options[name] = {**fields, **{key: True for key, value in flags.items() if value}}
    unread = [f"{one.name}: {one.reason}" for one in made.unread]
    return {"kind": made.index.kind, "options": options, "unread": unread}


@pytest.mark.parametrize("name", NAMES)
def test_tree(name: str) -> None:
    expected = FIXTURES / name / "expected.json"
    got = extracted(FIXTURES / name / "tree")
    if os.environ.get("NIXLINT_RECORD"):
        expected.write_text(json.dumps(got, indent=1) + "\n", encoding="utf-8")
    want = json.loads(expected.read_text(encoding="utf-8"))
    assert got["options"] == want["options"]
    assert got == want


def test_every_kind_of_tree_is_here() -> None:
    kinds = {json.loads((FIXTURES / name / "expected.json").read_text())["kind"] for name in NAMES}
    assert kinds == {"nixos", "homeManager", "darwin", "nixvim", "other"}


@pytest.mark.parametrize(
    ("tree", "kind", "reason"),
    [
        ("empty/tree", None, "holds no modules"),
        ("flake/tree", "darwin", "exports no modules for darwin, but for nixos, homeManager"),
        ("flake/tree/web.nix", None, "is not a directory"),
        ("gone", None, "no such directory"),
        ("flake/tree", "solaris", "`solaris` is no kind of options"),
    ],
)
def test_no_modules(tree: str, kind: str | None, reason: str) -> None:
    with pytest.raises(ExtractError) as caught:
        extract_options(str(FIXTURES / tree), kind)
    assert reason in str(caught.value)
    assert str(FIXTURES / tree) in str(caught.value)


def test_kind_chooses_among_exports() -> None:
    made = extract_options(str(FIXTURES / "flake" / "tree"), "homeManager")
    assert made.index.kind == "homeManager"
    assert "web.port" not in made.index.options


def test_round_trip() -> None:
    made = extract_options(str(FIXTURES / "home-manager" / "tree"))
    text = index_text(made.index)
    again = read_index(text, "options.json")
    assert again.kind == "homeManager"
    assert index_text(again) == text


def test_command(tmp_path: Path) -> None:
    tree = str(FIXTURES / "flake" / "tree")
    result = nixlint("options", "build", "--source", tree, cwd=tmp_path)
    assert result.code == 0
    assert json.loads(result.out)["web.port"]["default"]["text"] == "80"
    assert "warning: not read: nixosModules.hidden: evaluation fails: it is gone" in result.err
    result = nixlint("options", "build", "--source", tree, "-o", "list.json", cwd=tmp_path)
    assert result.code == 0
    assert result.out.startswith("list.json: ")
    assert read_index((tmp_path / "list.json").read_text(), "list.json").options["other"].type


def test_command_with_mistakes(tmp_path: Path) -> None:
    result = nixlint("options", "build", "--source", str(tmp_path / "gone"), cwd=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert result.err.endswith("gone: no such directory\n")
    tree = str(FIXTURES / "directory" / "tree")
    result = nixlint("options", "build", "--source", tree, "-o", "no/list.json", cwd=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: no/list.json: ")


def test_build_is_a_pattern_without_a_source(tmp_path: Path) -> None:
    result = nixlint("options", "build", str(tmp_path), cwd=tmp_path)
    assert "no `flake.nix` here" in result.err
