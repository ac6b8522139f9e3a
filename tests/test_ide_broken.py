"""Half a file is enough: what `python -m tests.oracles while-broken` counts, on files of ours."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import nixlint
from tests.oracles.while_broken import LEAST, check_file

LIB = Path(nixlint.__file__).parent / "evaluate" / "lib"
FILES = ["lists.nix", "options.nix", "meta.nix", "customisation.nix", "sources.nix"]


@pytest.fixture(scope="module")
def counts() -> Counter[str]:
    total: Counter[str] = Counter()
    for name in FILES:
        result = check_file(str(LIB / name), 12)
        assert result.failures == []
        total.update(result.counts)
    return total


@pytest.mark.parametrize("name", sorted(LEAST))
def test_the_part_before_the_cut_is_still_known(counts: Counter[str], name: str) -> None:
    expected = counts[f"{name} expected"]
    assert expected > 40
    assert counts[f"{name} found"] >= LEAST[name] * expected
