"""The nodes of a tree by kind are those that a walk finds, and outer ones come first."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nixlint.syntax.nodes import (
    ATTR_NAME,
    ATTR_PATH,
    EXPR_ATTRS,
    EXPR_LEGACY_LET,
    EXPR_LET,
    N_KINDS,
    Node,
)
from nixlint.syntax.parser import parse
from nixlint.text.source import decode
from tests.rule_harness import FIXTURES

FILES = sorted(FIXTURES.rglob("*.nix"))
PIECES = ["{ ", "} ", "[ ", "] ", "( ", ") ", "a ", "= ", "; ", "let ", "in ", "rec ", '"${', '" ',
          "inherit ", "./b ", ": ", "with ", ". ", "or ", "? ", "x.${y} ", "1 ", "// "]  # fmt: skip


def agree(text: str) -> None:
    tree = parse(text)
    found: dict[int, list[Node]] = {kind: [] for kind in range(N_KINDS)}
    outer: dict[int, Node] = {}
    stack: list[Node] = [tree.root]
    while stack:
        node = stack.pop()
        found[node.kind].append(node)
        for child in node.children():
            outer[id(child)] = node
            stack.append(child)
    for kind in range(N_KINDS):
        nodes = tree.nodes(kind)
        if kind in (ATTR_PATH, ATTR_NAME):
            continue
        assert {id(node) for node in nodes} == {id(node) for node in found[kind]}
        assert len(nodes) == len(found[kind])
        come_first(nodes, outer)
    sets = tree.index.sets
    assert len(sets) == sum(len(found[k]) for k in (EXPR_ATTRS, EXPR_LET, EXPR_LEGACY_LET))
    come_first(sets, outer)


def come_first(nodes: list[Node], outer: dict[int, Node]) -> None:
    """Every node stands behind those around it."""
    place = {id(node): index for index, node in enumerate(nodes)}
    for index, node in enumerate(nodes):
        above = outer.get(id(node))
        while above is not None:
            assert place.get(id(above), -1) < index
            above = outer.get(id(above))


@pytest.mark.parametrize("path", FILES[::7], ids=lambda path: path.name)
def test_fixtures(path: Path) -> None:
    agree(decode(path.read_bytes()))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_whatever_the_text(text: str) -> None:
    agree(text)
