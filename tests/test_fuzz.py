"""Broken text of all kinds: no exception, no wrong span, no end of patience."""

from __future__ import annotations

import random
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nixlint.text.build_info import is_compiled
from nixlint.text.source import decode
from tests.oracles.fuzz import PIECES, FuzzError, check, deletions, mutations, prefixes
from tests.rule_harness import FIXTURES, RULE_FIXTURES, SYNTAX_FIXTURES, fixtures

# Interpreted, one text costs some milliseconds. The real thing is `python -m tests.oracles.fuzz`.
EFFORT = 3 if is_compiled() else 1
STEP = 2 if is_compiled() else 7
SMALL = [path for path in fixtures(RULE_FIXTURES, *SYNTAX_FIXTURES) if path.stat().st_size < 2000]


def chunk(paths: list[Path], size: int) -> list[list[Path]]:
    return [paths[start : start + size] for start in range(0, len(paths), size)]


def first_name(paths: list[Path]) -> str:
    return paths[0].relative_to(FIXTURES).as_posix()


@pytest.mark.parametrize("paths", chunk(SMALL, 20), ids=first_name)
def test_prefixes(paths: list[Path]) -> None:
    for path in paths:
        text = decode(path.read_bytes())
        for prefix in prefixes(text, step=STEP):
            check(prefix)


@pytest.mark.parametrize("paths", chunk(SMALL, 20), ids=first_name)
def test_deletions(paths: list[Path]) -> None:
    for path in paths:
        for text in islice(deletions(decode(path.read_bytes())), 0, None, STEP // 2):
            check(text)


@pytest.mark.parametrize("paths", chunk(SMALL, 20), ids=first_name)
def test_mutations(paths: list[Path]) -> None:
    for path in paths:
        rng = random.Random(path.name)
        for text in mutations(decode(path.read_bytes()), 4 * EFFORT, rng):
            check(text)


@settings(max_examples=150 * EFFORT)
@given(st.text(max_size=200))
@example("\ufeff")
@example("\0")
@example("''\r\n''")
@example('"${"')
def test_any_text(text: str) -> None:
    check(text)


@settings(max_examples=150 * EFFORT)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    check(decode(data))


@settings(max_examples=300 * EFFORT)
@given(st.lists(st.sampled_from(PIECES), max_size=40), st.sampled_from(["", " ", "\n"]))
def test_token_soup(pieces: list[str], glue: str) -> None:
    check(glue.join(pieces))


def test_the_check_sees_what_is_wrong() -> None:
    with pytest.raises(FuzzError, match=r"TypeError|AttributeError"):
        check(None)  # type: ignore[arg-type]
