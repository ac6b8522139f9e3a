"""The documentation of builtins and of nixpkgs' `lib` is complete, and about what exists."""

from __future__ import annotations

from pathlib import Path

import pytest

import nixlint
from nixlint.evaluate.evaluator import Evaluator, on_large_stack
from nixlint.evaluate.values import Value, VAttrs
from nixlint.ide.knowledge import library
from nixlint.semantic.builtins import member_names

LIB = Path(nixlint.__file__).parent / "evaluate" / "lib" / "default.nix"
NOT_EXPLAINED = frozenset(
    (
        "__unfix__",
        "defaultMergeArg",
        "licensesSpdx",
        "mapCrossIndex",
        "maybeAttrNullable",
        "nixType",
        "optionAttrSetToDocList'",
        "renameCrossIndexFrom",
        "renameCrossIndexTo",
        "setAttrMerge",
        "sourceTypes",
        "uniqListExt",
    )
)
"""Old or internal: nobody should write these."""


def names_of_model() -> dict[str, frozenset[str]]:
    """The names at the top of our model of `lib`, each with those in it if it is a set."""
    out: dict[str, frozenset[str]] = {}

    def look() -> Value:
        evaluator = Evaluator()
        lib = evaluator.evaluate_file(str(LIB))
        assert isinstance(lib, VAttrs)
        for name in sorted(lib.attrs):
            value = evaluator.attribute(lib, name)
            inner = frozenset(value.attrs) if isinstance(value, VAttrs) else frozenset[str]()
            out[name] = inner
        return lib

    on_large_stack(look)
    return out


@pytest.mark.parametrize("name", sorted(member_names()))
def test_every_builtin_is_explained(name: str) -> None:
    entry = library.builtin_entry(name)
    assert entry is not None
    assert entry.text.endswith((".", "`")), entry.text
    assert entry.result


def test_every_function_of_lib_is_explained() -> None:
    model = names_of_model()
    known = library.lib_members(())
    assert [name for name in model if name not in known and name not in NOT_EXPLAINED] == []


def test_nothing_is_explained_that_does_not_exist() -> None:
    model = names_of_model()
    for name, entry in library.lib_members(()).items():
        assert name in model
        if entry is None:
            for inner in library.lib_members((name,)):
                assert inner in model[name], f"{name}.{inner}"


def test_groups_find_the_functions_at_the_top() -> None:
    assert library.lib_entry(("attrsets", "mapAttrs")) is library.lib_entry(("mapAttrs",))
    assert library.lib_entry(("attrsets", "mkIf")) is None
    assert library.lib_entry(("nothing", "mapAttrs")) is None


def test_parameters_are_whole_words() -> None:
    for path in [(), ("types",), ("strings",), ("fileset",), ("path",), ("generators",)]:
        for entry in library.lib_members(path).values():
            if entry is not None:
                for word in entry.parameters:
                    assert word.count("(") == word.count(")"), entry.name
                    assert word.count("{") == word.count("}"), entry.name
