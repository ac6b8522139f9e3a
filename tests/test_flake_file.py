"""Reading flake.nix: the outline against its fixtures, against Nix, and on broken text.

`fixtures/flake-files/NAME/flake.nix` stands beside `outline.json`, what Nix makes of it.
`pytest tests/test_flake_file.py --update` rewrites the latter, which the tests that need Nix judge.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from pathlib import Path
from typing import Final

import pytest

from nixlint.project.flake.file import FlakeFile, FlakeInput, read_flake_file
from nixlint.project.flake.outline import inside_string, path_url
from nixlint.syntax.nodes import ExprPath, Node
from nixlint.syntax.parser import parse
from nixlint.text.span import Span
from tests.oracles import flake_files, nix
from tests.rule_harness import FIXTURES, RULE_FIXTURES, Case, fixtures

FOLDER: Final = FIXTURES / "flake-files"
FILES: Final = sorted(FOLDER.glob("*/flake.nix"))
RULE_CASES: Final = fixtures(RULE_FIXTURES / "flake")

METADATA_RULES: Final = frozenset(
    (
        "flake-not-attrset",
        "flake-missing-outputs",
        "flake-unsupported-attribute",
        "flake-non-literal-metadata",
        "flake-invalid-input-attribute",
        "flake-input-ref-and-follows",
        "flake-invalid-nix-config",
        "invalid-flake-reference",
    )
)
"""Rules about what Nix refuses before it fetches anything."""
FETCHING: Final = re.compile(
    r"unable to download|cannot find flake|Couldn't resolve|No such file|does not exist|program '"
)
NEWER: Final = frozenset(
    (
        "flake-invalid-input-attribute/fine",
        "flake-outputs-missing-argument/argument",
        "implicit-flake-input/fine",
        "flake-non-literal-metadata/fine",
        "invalid-flake-reference/fine",
        "flake-input-ref-and-follows/both",
    )
)
"""Fixtures with what came only after Nix 2.8: attributes of `self`, paths as `url`, the type
`file`, and the complaint about `url` beside `follows`."""
NO_FLAKES: Final = frozenset(("flake-not-attrset/library", "flake-not-attrset/module"))
"""Fixtures that are called flake.nix, but are not meant to be flakes."""


def name_of(path: Path) -> str:
    return path.parent.relative_to(path.parents[2]).as_posix()


def read(text: str) -> FlakeFile:
    return read_flake_file(parse(text), "flake.nix")


def one_input(text: str) -> FlakeInput:
    found = list(read("{ inputs." + text + " outputs = { self, ... }: { }; }").inputs.values())
    assert len(found) == 1
    return found[0]


def portable(outline: flake_files.Json, folder: Path) -> str:
    """An outline as text, with paths seen from the fixtures."""
    text = json.dumps(outline, indent=2, sort_keys=True, ensure_ascii=False)
    return text.replace(str(folder.parent), "…") + "\n"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_outline(path: Path, pytestconfig: pytest.Config) -> None:
    file = flake_files.read(path)
    assert file.problems == [] and file.complete
    found = portable(flake_files.outlined(file), path.parents[1].parent)
    beside = path.with_name("outline.json")
    if pytestconfig.getoption("--update"):
        beside.write_text(found, "utf-8")
    assert beside.read_text("utf-8") == found


@pytest.mark.nix
@pytest.mark.parametrize("path", FILES + RULE_CASES, ids=name_of)
def test_outline_is_what_nix_evaluates(path: Path, tmp_path: Path) -> None:
    if path.is_relative_to(RULE_FIXTURES):
        text = Case(path).text
        if read(text).problems:
            pytest.skip("no proper flake: evaluated as an ordinary file it may be fine")
        path = tmp_path / "flake.nix"
        path.write_text(text, "utf-8")
    assert flake_files.differences(path) == []


@pytest.mark.nix
@pytest.mark.parametrize("path", RULE_CASES, ids=name_of)
def test_nix_refuses_what_we_refuse(path: Path, tmp_path: Path) -> None:
    """`nix flake metadata` stops before it fetches anything, if and only if we have an error."""
    name = name_of(path)
    if name in NO_FLAKES or (nix.version() < (2, 31) and name in NEWER):
        pytest.skip("no flake, or too new for this Nix")
    case = Case(path)
    errors = [found for found in case.check().diagnostics if found.rule in METADATA_RULES]
    (tmp_path / "flake.nix").write_text(case.text, "utf-8")
    command = ["nix", "--extra-experimental-features", "nix-command flakes"]
    command += ["--option", "flake-registry", "", "--option", "download-attempts", "1"]
    command += ["flake", "metadata", "--no-write-lock-file", f"path:{tmp_path}"]
    # Nobody listens there, so nothing is fetched, with or without a network.
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")
    result = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **proxies, "NO_COLOR": "1"},
    )
    said = [line for line in result.stderr.splitlines() if line.startswith("error:")]
    refused = result.returncode != 0 and not any(FETCHING.search(line) for line in said)
    assert refused == bool(errors), (said, errors)


# Positions.


def text_at(file: FlakeFile, span: Span | None) -> str:
    assert span is not None
    return file.tree.text[span.start : span.end]


def test_positions() -> None:
    file = flake_files.read(FOLDER / "spellings" / "flake.nix")
    nixpkgs = file.inputs["nixpkgs"]
    assert text_at(file, nixpkgs.name_span) == "nixpkgs"
    assert text_at(file, nixpkgs.span) == (
        'inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";'
    )
    assert text_at(file, nixpkgs.url_span) == '"github:NixOS/nixpkgs/nixos-unstable"'
    quoted = file.inputs["quoted.name"]
    assert text_at(file, quoted.name_span) == '"quoted.name"'
    assert text_at(file, quoted.flake_span) == "false" and not quoted.is_flake
    home = file.inputs["home-manager"]
    assert [file.tree.text_of(each)[:18] for each in home.bindings] == [
        "home-manager = {\n ",
        "inputs.home-manage",
    ]
    assert list(home.inputs) == ["nixpkgs", "other"]
    assert text_at(file, home.inputs["other"].follows_span) == '"nixpkgs"'
    deep = file.inputs["deep"].inputs["a"]
    assert deep.follows == "" and deep.inputs["b"].inputs["c"].follows == "home-manager/nixpkgs"
    attributes = file.inputs["attributes"]
    assert attributes.attrs["shallow"] is True
    assert text_at(file, attributes.attr_spans["owner"]) == '"NixOS"'
    assert attributes.url is None and not attributes.computed
    assert text_at(file, file.outputs_span) == "outputs"
    assert text_at(file, file.nix_config_spans["cores"]) == "cores"
    assert isinstance(file.inputs_node, Node)
    assert file.outputs_lambda is not None
    implicit = [found.name for found in file.inputs.values() if found.implicit]
    assert implicit == ["implicit", "with-default"]
    assert text_at(file, file.inputs["with-default"].span) == "with-default ? null"
    assert "late" in [found.name for found in file.declared()]


def test_place_inside_a_string() -> None:
    for value, expected in (
        ('"github:owner"', "owner"),
        ("''github:owner''", "owner"),
        ("github:owner", "owner"),
        ('"githu\\b:owner"', '"githu\\b:owner"'),
    ):
        found = one_input(f"x.url = {value};")
        assert found.url == "github:owner" and found.url_node is not None
        text = "{ inputs.x.url = " + value
        assert text[slice(*bounds(inside_string(found.url_node, text, 7, 12)))] == expected


def bounds(span: Span) -> tuple[int, int]:
    return span.start, span.end


def test_attribute_form_with_a_url() -> None:
    found = one_input('x = { type = "git"; url = "https://example.org/x"; };')
    assert found.attrs == {"type": "git", "url": "https://example.org/x"}


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("./x", "path:x"),
        ("./.", "path:."),
        ("../..", "path:../.."),
        ("./a/../../b", "path:../b"),
        ("x/y", "path:x/y"),
        ("/etc/x", "path:/etc/x"),
    ],
)
def test_path_literals(written: str, url: str) -> None:
    tree = parse(written)
    assert isinstance(tree.root.expr, ExprPath)
    assert path_url(tree.root.expr, written) == url


# What is not known.


def test_computed_inputs() -> None:
    file = read("{ inputs = import ./x.nix; outputs = { self, a }: { }; }")
    assert not file.complete and list(file.inputs) == ["a"] and file.inputs["a"].implicit
    file = read("{ inputs.${x}.url = 1; outputs = { self }: { }; }")
    assert not file.complete
    found = one_input('x.url = "a" + "b";')
    assert found.computed and found.url is None
    found = one_input("x = import ./x.nix;")
    assert found.computed
    found = one_input("x.inputs = import ./x.nix;")
    assert found.computed


def test_names_are_uncertain_after_a_misplaced_input() -> None:
    assert not read('{ inputs.a.b.url = "github:o/r"; outputs = { self }: { }; }').complete
    assert not read('{ inputs.inputs.b.url = "github:o/r"; outputs = { self }: { }; }').complete
    assert not read('let in { inputs.a.url = "github:o/r"; }').complete


# Broken and large text.


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_prefix(path: Path) -> None:
    text = path.read_text("utf-8")
    for end in range(0, len(text), 3):
        file = read(text[:end])
        assert file.problems == [] or not file.tree.errors


@pytest.mark.parametrize("path", RULE_CASES, ids=name_of)
def test_every_line_left_out(path: Path) -> None:
    lines = Case(path).text.splitlines(keepends=True)
    for index in range(len(lines)):
        text = "".join(lines[:index] + lines[index + 1 :])
        file = read(text)
        for problem in file.problems:
            assert 0 <= problem.span.start <= problem.span.end <= len(text)


@pytest.mark.parametrize(
    "text",
    ["", "{", "{ inputs", "{ inputs.", "{ inputs = {", "{ outputs = {", "inputs", "[ ]", "}"],
)
def test_fragments(text: str) -> None:
    assert read(text).problems == [] or not parse(text).errors


def test_nested_a_thousand_deep() -> None:
    text = "{ inputs.a" + ".inputs.a" * 1000 + '.follows = "b"; outputs = { self, ... }: { }; }'
    found = read(text).inputs["a"]
    depth = 0
    while found.inputs:
        found = found.inputs["a"]
        depth += 1
    assert depth == 1000 and found.follows == "b"


@pytest.mark.timing
def test_many_inputs_in_linear_time() -> None:
    def seconds(count: int) -> float:
        lines = [f'  inputs.i{n} = {{ url = "github:o/r{n}"; inputs.a.follows = "i0"; }};\n'
                 for n in range(count)]  # fmt: skip
        tree = parse("{\n" + "".join(lines) + "  outputs = { self, ... }: { };\n}\n")
        best = 1e9
        for _ in range(3):
            begin = time.process_time()
            assert len(read_flake_file(tree, "flake.nix").inputs) == count
            best = min(best, time.process_time() - begin)
        return best

    assert seconds(16_000) < 8 * max(seconds(4_000), 0.001)
