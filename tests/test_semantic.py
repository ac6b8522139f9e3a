"""Names: scopes, definitions, references, liveness and kinds of files.

What each file of `fixtures/semantic/` means stands beside it (see the README there).
`pytest tests/test_semantic.py --update` rewrites these expectations.
"""

from __future__ import annotations

import gc
import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Final

import pytest

from nixlint.semantic.build import build_model
from nixlint.semantic.builtins import global_names, global_since, member_names, member_since
from nixlint.semantic.file_kind import KIND_NAMES
from nixlint.semantic.model import (
    DEF_BUILTIN,
    REF_IMPLICIT,
    Definition,
    Reference,
    SemanticModel,
    is_builtin_here,
    resolve,
    says_unused,
)
from nixlint.syntax.parser import parse
from nixlint.text.source import Source, decode

FIXTURES: Final = Path(__file__).resolve().parent.parent / "fixtures"
SEMANTIC: Final = FIXTURES / "semantic"
CASES: Final = sorted(SEMANTIC.rglob("*.nix"))
DEF_NAMES: Final = ("builtin", "let", "rec", "arg", "formal", "at", "inherit", "inherit-from")
nix_only = pytest.mark.skipif(shutil.which("nix-instantiate") is None, reason="Nix is not here")


def model_of(text: str, path: str = "example.nix") -> SemanticModel:
    return build_model(parse(text), path)


def definition_of(model: SemanticModel, name: str) -> Definition:
    """The only definition of that name."""
    found = [each for each in model.definitions if each.name == name]
    assert len(found) == 1, f"{len(found)} definitions of {name}"
    return found[0]


def undefined(model: SemanticModel) -> list[str]:
    return [each.name for each in model.references if not (each.definition or each.withs)]


# What the model of a file says, as text.


def describe(model: SemanticModel, source: Source) -> str:
    lines = [f"file {KIND_NAMES[model.file_kind]}"]
    for definition in model.definitions:
        words = [DEF_NAMES[definition.kind], definition.name]
        if definition.kind != DEF_BUILTIN:
            words += [place(node.start, source) for node in definition.nodes()]
            if not definition.live:
                words.append("dead")
        if definition.references:
            words.append("used")
            words += [use(reference, source) for reference in definition.references]
        lines.append(" ".join(words))
    for reference in model.references:
        if reference.definition is None:
            words = ["?", reference.name, use(reference, source)]
            if reference.withs:
                words.append("with")
                words += [place(scope.node.start, source) for scope in reference.withs]
            lines.append(" ".join(words))
    return "".join(line + "\n" for line in lines)


def use(reference: Reference, source: Source) -> str:
    marks = "(implicit)" if reference.kind == REF_IMPLICIT else ""
    return place(reference.node.start, source) + marks + ("" if reference.live else "(dead)")


def place(offset: int, source: Source) -> str:
    line, column = source.position(offset)
    return f"{line + 1}:{column + 1}"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.relative_to(SEMANTIC).as_posix())
def test_fixture(path: Path, pytestconfig: pytest.Config) -> None:
    text = decode(path.read_bytes())
    shown = path.relative_to(SEMANTIC).as_posix()
    found = describe(model_of(text, shown), Source(shown, text))
    beside = path.with_suffix(".expect")
    if pytestconfig.getoption("--update"):
        beside.write_text(found, "utf-8")
    assert found == beside.read_text("utf-8")


def test_every_expectation_belongs_to_a_fixture() -> None:
    assert {path.with_suffix(".nix") for path in SEMANTIC.rglob("*.expect")} == set(CASES)


# What every model keeps, on all files there are.


def all_fixtures() -> list[Path]:
    return sorted(FIXTURES.rglob("*.nix"))


def check_consistency(model: SemanticModel) -> None:
    """References and definitions know each other, and everything is in the order of the text."""
    starts = [each.node.start for each in model.references]
    assert starts == sorted(starts)
    own = [each.node.start for each in model.definitions if each.kind != DEF_BUILTIN]
    assert own == sorted(own)
    for definition in model.definitions:
        assert definition.scope.names[definition.name] is definition
        assert len(definition.nodes()) == len(definition.owners())
        for reference in definition.references:
            assert reference.definition is definition
            assert reference.name == definition.name
            assert not reference.live or definition.live
    for reference in model.references:
        if reference.definition is not None:
            assert reference in reference.definition.references
            assert reference.definition.kind == DEF_BUILTIN or (
                resolve(reference.name, reference.scope) is reference.definition
            )
        if reference.kind != REF_IMPLICIT:
            assert model.reference_at(reference.node.start) is reference
            assert model.tree.text_of(reference.node).strip('"${}') == reference.name
    for scope in model.scopes[1:]:
        assert model.scope_for(scope.node) is scope


@pytest.mark.parametrize("path", all_fixtures(), ids=lambda path: path.name)
def test_consistency_of_whole_and_broken_files(path: Path) -> None:
    text = decode(path.read_bytes())
    check_consistency(model_of(text))


@pytest.mark.parametrize("path", [*SEMANTIC.glob("scopes/*.nix")], ids=lambda path: path.name)
def test_every_prefix_has_a_model(path: Path) -> None:
    text = decode(path.read_bytes())
    for end in range(len(text)):
        check_consistency(model_of(text[:end]))


# Functions of the model.


def test_resolve() -> None:
    model = model_of("let a = 1; in x: with x; [ (map: map a b) ]")
    inner = next(scope for scope in model.scopes if "map" in scope.names and scope.parent)
    assert resolve("a", inner) is definition_of(model, "a")
    assert resolve("b", inner) is None
    assert not is_builtin_here("map", inner)
    assert is_builtin_here("toString", inner)
    assert not is_builtin_here("b", inner)


def test_names_that_say_they_are_unused() -> None:
    assert [says_unused(name) for name in ("_", "_a", "__a", "_7zz", "a_", "a")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip


def test_file_kind_looks_at_the_last_part_of_the_path() -> None:
    for path in ("flake.nix", "a/flake.nix", "a\\flake.nix"):
        assert KIND_NAMES[model_of("{ }", path).file_kind] == "flake"
    for path in ("a.nix", "flake.nix/a.nix", "<stdin>"):
        assert KIND_NAMES[model_of("{ }", path).file_kind] == "plain"


# The builtins.


@nix_only
@pytest.mark.nix
def test_builtins_are_those_of_the_nix_that_is_installed() -> None:
    both = "[ builtins.nixVersion (builtins.attrNames builtins) ]"
    answer = nix("--eval", "--json", "--strict", "-E", both)
    version, names = json.loads(answer.stdout)
    major, minor = version.split(".")[:2]
    target = (int(major), int(minor[:3].rstrip("pre")))
    assert set(names) <= set(member_names())
    # Some exist only with experimental features or in an impure evaluation.
    behind_a_switch = {
        "currentSystem", "currentTime", "exec", "fetchClosure", "flakeRefToString", "getFlake",
        "importNative", "outputOf", "parseFlakeRef",
    }  # fmt: skip
    since = {name: member_since(name) for name in member_names()}
    expected = {name for name, first in since.items() if first is not None and first <= target}
    assert expected - behind_a_switch == set(names) - behind_a_switch


@nix_only
@pytest.mark.nix
def test_globals_are_those_of_the_nix_that_is_installed() -> None:
    answer = nix("--eval", "--json", "-E", "builtins.nixVersion")
    major, minor = json.loads(answer.stdout).split(".")[:2]
    target = (int(major), int(minor))
    names = global_names() + ["__" + name for name in member_names()] + member_names()
    known = [name for name in names if (global_since(name) or (99, 0)) <= target]
    behind_a_switch = {
        "__exec", "__fetchClosure", "__flakeRefToString", "__getFlake", "__importNative",
        "__outputOf", "__parseFlakeRef",
    }  # fmt: skip
    text = f"[ {' '.join(sorted(set(known) - behind_a_switch))} ]"
    assert nix("--parse", "-E", text).returncode == 0
    for name in sorted(set(names) - set(known)):
        assert "undefined variable" in nix("--parse", "-E", name).stderr


def nix(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["nix-instantiate", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@nix_only
@pytest.mark.nix
@pytest.mark.parametrize("path", sorted(SEMANTIC.glob("scopes/*.nix")), ids=lambda path: path.name)
def test_nix_agrees_on_what_is_undefined(path: Path) -> None:
    answer = nix("--parse", str(path))
    if "undefined variable" not in answer.stderr and answer.returncode != 0:
        pytest.skip("Nix refuses the file for another reason")
    names = undefined(model_of(decode(path.read_bytes())))
    assert bool(names) == (answer.returncode != 0)


# Size.


def big_texts(size: int) -> dict[str, str]:
    names = [f"n{index}" for index in range(size)]
    pairs = list(zip(names, [*names[1:], "1"], strict=True))
    deep = names[: min(size, 1500)]
    return {
        "let": f"let {' '.join(f'{name} = {other};' for name, other in pairs)} in n0",
        "dead let": f"let {' '.join(f'{name} = {other};' for name, other in pairs)} in 1",
        "formals": f"{{ {', '.join(names)} }}: [ {' '.join(names)} ]",
        "dotted": f"rec {{ {' '.join(f'a.{name} = {other};' for name, other in pairs[:-1])} }}",
        "inherit": f"let inherit (x) {' '.join(names)}; x = 1; in [ {' '.join(names)} ]",
        "merged": f"rec {{ {' '.join(f'a = rec {{ {name} = n0; }};' for name in names)} }}",
        "withs": f"{'with a; ' * len(deep)}[ {'b ' * size}]",
        "functions": f"{' '.join(f'{name}:' for name in deep)} [ {' '.join(names)} ]",
        "lets": f"a: {'let a = 1; in ' * len(deep)}[ {'a ' * size}]",
    }


@pytest.mark.parametrize("name", big_texts(1))
def test_big_files(name: str) -> None:
    text = big_texts(8000)[name]
    tree = parse(text)
    assert not tree.errors or name == "merged"
    start = time.perf_counter()
    model = build_model(tree, "big.nix")
    assert time.perf_counter() - start < 5
    assert len(model.references) + len(model.definitions) >= 8000


@pytest.mark.timing
@pytest.mark.parametrize("name", big_texts(1))
def test_time_grows_with_the_size(name: str) -> None:
    """Sixteen times the text takes about sixteen times the time, not 256 times.

    The room in between is for caches, which the larger one does not fit into.
    """
    small = big_texts(2000)[name]
    large = big_texts(32_000)[name]
    assert seconds(large) < 90 * seconds(small)


def seconds(text: str) -> float:
    """How much processor time it takes to find the names, at best."""
    tree = parse(text)
    times = []
    for _ in range(3):
        gc.collect()
        start = time.process_time()
        model = build_model(tree, "big.nix")
        times.append(time.process_time() - start)
        del model
    return min(times)
