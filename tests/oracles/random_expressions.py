"""Random expressions: our evaluator against the installed Nix."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.oracles import judge, ours, printed
from tests.oracles.random_nix import Generator
from tests.oracles.shrink import shrink

BATCH = 1000
STRIDE = 1_000_003


def texts_of(seed: int, start: int, count: int) -> list[str]:
    """The expressions with these numbers; each depends on its number only."""
    return [
        Generator(seed * STRIDE + number).expression() for number in range(start, start + count)
    ]


def compare(texts: list[str], folder: Path) -> list[tuple[judge.Verdict, ours.Opinion, str]]:
    """What Nix and we make of each, and what is wrong with that."""
    theirs = judge.judge_texts(texts, folder)
    opinions = ours.evaluate_texts(texts, folder)
    return [
        (verdict, opinion, ours.contradiction(verdict, opinion))
        for verdict, opinion in zip(theirs, opinions, strict=True)
    ]


def smallest(text: str, sort: str, folder: Path) -> str:
    """The smallest expression with a contradiction of the same sort."""

    def holds(options: list[str]) -> list[bool]:
        return [ours.same_sort(sort, found) for _, _, found in compare(options, folder)]

    return shrink(text, holds)


def run(count: int, seed: int, limit: int) -> int:
    """Compares so many, prints the first `limit` contradictions made small; returns the exit
    code: 1 if there was one."""
    if not judge.is_available():
        print("SKIPPED: nix is not installed")
        return 0
    kinds: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    wrong: list[tuple[str, str]] = []
    failing = crashed = done = 0
    spent = [0.0, 0.0, 0.0]
    with tempfile.TemporaryDirectory(prefix="nixlint-random-") as name:
        folder = Path(name)
        for start in range(0, count, BATCH):
            begin = time.perf_counter()
            texts = texts_of(seed, start, min(BATCH, count - start))
            generated = time.perf_counter()
            theirs = judge.judge_texts(texts, folder)
            judged = time.perf_counter()
            opinions = ours.evaluate_texts(texts, folder)
            spent[0] += generated - begin
            spent[1] += judged - generated
            spent[2] += time.perf_counter() - judged
            for text, verdict, opinion in zip(texts, theirs, opinions, strict=True):
                done += 1
                failing += verdict.error is not None
                crashed += verdict.error is None and verdict.printed is None
                kinds[opinion.kind] += 1
                if opinion.kind in (ours.UNKNOWN, ours.PARTLY):
                    reasons.update(set(printed.reasons(opinion.item)))
                found = ours.contradiction(verdict, opinion)
                if found:
                    wrong.append((text, found))
        for text, found in distinct(wrong, limit, folder):
            print(f"{found}\n    {text}")
    print(
        f"{done} expressions, seed {seed}: Nix fails at {failing}, "
        f"and {crashed} are not judged (they copy to the store, or Nix crashes)"
    )
    for kind, number in kinds.most_common():
        print(f"{number:7} {kind} ({number / max(done, 1):.1%})")
    for reason, number in reasons.most_common(25):
        print(f"{number:7} unknown: {reason[:100]}")
    print(f"{spent[0]:.0f} s to make, {spent[1]:.0f} s of Nix, {spent[2]:.0f} s of ours")
    print(f"{len(wrong)} contradictions")
    return 1 if wrong else 0


def distinct(wrong: list[tuple[str, str]], limit: int, folder: Path) -> list[tuple[str, str]]:
    """Contradictions made small, each once."""
    small: dict[str, str] = {}
    for text, found in sorted(wrong, key=lambda one: len(one[0]))[:limit]:
        reduced = smallest(text, found, folder)
        _, opinion, now = compare([reduced], folder)[0]
        small.setdefault(reduced, f"{now or found} (ours: {opinion.text[:120]})")
    return list(small.items())
