"""What is swept up, and what is left alone until it is settled anew."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from nixlint_lsp import litter as module
from nixlint_lsp.litter import Litter


class Ring:
    """Something that only the collector frees."""

    def __init__(self, size: int = 0) -> None:
        self.ring = self
        self.load = [[number] for number in range(size)]


@pytest.fixture(autouse=True)
def _collector() -> Iterator[None]:
    thresholds = gc.get_threshold()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def left(size: int = 0) -> weakref.ref[Ring]:
    return weakref.ref(Ring(size))


def test_what_is_settled_is_left_alone() -> None:
    litter = Litter()
    settled = Ring()
    seen = weakref.ref(settled)
    litter.settle()
    del settled
    later = left()
    litter.sweep()
    assert later() is None
    assert seen() is not None
    litter.settle()
    assert seen() is None


def test_much_that_stays_is_settled() -> None:
    litter = Litter()
    stays = Ring(module.OLD)
    litter.tidy()
    frozen = gc.get_freeze_count()
    assert frozen > module.OLD
    assert not litter.some
    litter.tidy()
    assert gc.get_freeze_count() == frozen
    assert stays.ring is stays


def test_what_takes_the_place_of_something_settled() -> None:
    litter = Litter()
    old = Ring()
    seen = weakref.ref(old)
    litter.settle()
    del old
    litter.is_stale = True
    litter.tidy()
    assert seen() is None
    assert not litter.is_stale


def amount(litter: Litter) -> list[bool]:
    return [litter.some, litter.much, litter.too_much]


def test_how_much_there_is() -> None:
    litter = Litter()
    assert amount(litter) == [False, False, False]
    stays = Ring(module.MUCH)
    assert amount(litter) == [True, True, False]
    litter.sweep()
    assert amount(litter) == [False, False, False]
    assert stays.ring is stays
