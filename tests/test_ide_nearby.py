"""Completion in large texts, where only what is near is parsed again."""

from __future__ import annotations

import random

import pytest

from nixlint.ide.completion.completion import complete
from nixlint.ide.document import Document
from nixlint.ide.knowledge.nearby import LARGE, common_end, common_start, nearby
from nixlint.ide.knowledge.nodes_at import path_to

ATTRIBUTES = "".join(
    f"  package{number} = callPackage ../p{number} {{\n    inherit dep{number};\n  }};\n"
    for number in range(1000)
)
TEXT = f"{{ lib, callPackage }}:\nlet\n  outer = {{ inner = 1; }};\nin\n{{\n{ATTRIBUTES}}}\n"
LINES = [index for index, char in enumerate(TEXT) if TEXT.startswith(";\n", index)]


def test_the_text_is_large() -> None:
    assert len(TEXT) > LARGE


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("typed", ["\n  new = lib.mk", "\n  new = outer.", "\n  new = cal", " # x"])
def test_the_proposals_are_those_of_the_whole_file(seed: int, typed: str) -> None:
    at = random.Random(seed).choice(LINES[3:]) + 1
    path = f"/project/large-{seed}-{typed.strip()[-3:]}.nix"
    complete(Document(path, TEXT), 10, None)
    text = TEXT[:at] + typed + TEXT[at:]
    offset = at + len(typed)
    quick = Document(path, text)
    seen = nearby(quick, offset)
    assert not quick.is_parsed and len(seen.text) == len(text)
    found, _ = complete(quick, offset, None)
    slow = Document(path.replace("large", "other"), text)
    _ = slow.tree
    expected, _ = complete(slow, offset, None)
    assert [each.label for each in found] == [each.label for each in expected]
    assert [each.detail for each in found] == [each.detail for each in expected]
    assert not quick.is_parsed


def test_what_is_blank_keeps_all_offsets() -> None:
    path = "/project/large-offsets.nix"
    complete(Document(path, TEXT), 10, None)
    at = LINES[500] + 1
    text = TEXT[:at] + "\n  x = 1;" + TEXT[at:]
    seen = nearby(Document(path, text), at + 5)
    assert [(type(node), node.start) for node in path_to(seen, at + 4)] == [
        (type(node), node.start) for node in path_to(Document(path, text), at + 4)
    ]
    for index, char in enumerate(seen.text):
        assert char in (" ", text[index])


@pytest.mark.parametrize("seed", range(40))
def test_what_two_texts_have_in_common(seed: int) -> None:
    rng = random.Random(seed)
    one = "".join(rng.choice("ab") for _ in range(rng.randrange(12)))
    other = "".join(rng.choice("ab") for _ in range(rng.randrange(12)))
    start = common_start(one, other)
    assert one[:start] == other[:start]
    assert one[start : start + 1] != other[start : start + 1] or start == len(one) == len(other)
    limit = min(len(one), len(other)) - start
    end = common_end(one, other, limit)
    assert 0 <= end <= limit
    assert one[len(one) - end :] == other[len(other) - end :]
    if end < limit:
        assert one[-1 - end] != other[-1 - end]
