"""What the disk has answered is asked again in time, and what became wrong is forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from nixlint.text import disk
from nixlint_lsp import remembered
from nixlint_lsp.remembered import FRESH, OLDEST, Remembered


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def time_ns(self) -> int:
        return int(self.now * 1e9)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(remembered, "time", found)
    # One answer counts as many.
    monkeypatch.setattr(remembered, "MANY", 1)
    return found


def ask(answers: Remembered, path: Path) -> str:
    before = disk.record_into(answers.now())
    try:
        return disk.kind(str(path))
    finally:
        disk.record_into(before)


def never() -> bool:
    return False


def test_answers_hold_for_a_moment(tmp_path: Path, clock: Clock) -> None:
    answers, path = Remembered(), tmp_path / "a.nix"
    assert ask(answers, path) == disk.ABSENT
    path.touch()
    clock.now += FRESH / 2
    assert ask(answers, path) == disk.ABSENT
    clock.now += FRESH + 0.1
    assert ask(answers, path) == disk.FILE


def test_while_somebody_types_they_may_be_older_but_not_for_long(
    tmp_path: Path, clock: Clock
) -> None:
    answers, path = Remembered(), tmp_path / "a.nix"
    ask(answers, path)
    path.touch()
    seen = []
    while clock.now < 1000 + OLDEST + 1:
        clock.now += 0.5
        seen.append(ask(answers, path))
    assert seen[0] == disk.ABSENT
    assert seen[-1] == disk.FILE


def test_few_answers_are_never_old(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "MANY", 100)
    answers, path = Remembered(), tmp_path / "a.nix"
    ask(answers, path)
    path.touch()
    while clock.now < 1000 + FRESH:
        clock.now += 0.5
        ask(answers, path)
    clock.now += 0.5
    assert ask(answers, path) == disk.FILE
    assert answers.ask_in() is None


def test_a_quiet_moment_renews_them(tmp_path: Path, clock: Clock) -> None:
    answers, path, other = Remembered(), tmp_path / "a.nix", tmp_path / "b.nix"
    ask(answers, path)
    ask(answers, other)
    clock.now += FRESH - 0.1
    answers.ask_again(never)
    record = answers.now()
    clock.now += FRESH - 0.1
    assert answers.now() is record, "nothing changed, so nothing is forgotten"
    other.touch()
    answers.ask_again(never)
    assert ask(answers, other) == disk.FILE
    assert ask(answers, path) == disk.ABSENT


def test_who_is_interrupted_has_learned_nothing(tmp_path: Path, clock: Clock) -> None:
    answers, path = Remembered(), tmp_path / "a.nix"
    ask(answers, path)
    path.touch()
    clock.now += FRESH - 0.1
    answers.ask_again(lambda: True)
    assert ask(answers, path) == disk.ABSENT
    answers.ask_again(never)
    assert ask(answers, path) == disk.FILE


def test_nobody_asks_for_ever(tmp_path: Path, clock: Clock) -> None:
    answers = Remembered()
    assert answers.ask_in() is None
    ask(answers, tmp_path)
    found = answers.ask_in()
    assert found is not None
    assert 0 < found <= FRESH
    clock.now += OLDEST + 1
    assert answers.ask_in() is None
