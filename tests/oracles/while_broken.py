"""Editors' questions about half a file: every file is cut at every 50th token.

What must hold of the part before the cut, compared with the whole file:

- nothing raises;
- symbols: those whose name and `=` (or that are inherited) stand before the cut are still listed,
  at the same place;
- hover: about the last names before the cut as much is known, as long as their binder stands
  before the cut, too;
- completion at the cut: names in scope whose binder stands before the cut are proposed.

The exit code is 1 when something raises, or when less than `LEAST` of one of these holds.
"""

from __future__ import annotations

import random
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final

from nixlint.ide.completion import context as contexts
from nixlint.ide.completion.completion import complete
from nixlint.ide.completion.context import context_at
from nixlint.ide.document import Document
from nixlint.ide.hovering.hints import hints
from nixlint.ide.hovering.hover import hover
from nixlint.ide.hovering.signature import signature
from nixlint.ide.knowledge.nodes_at import path_to
from nixlint.ide.knowledge.scopes import lookup, names_of, scopes_around
from nixlint.ide.structure.folding import folds
from nixlint.ide.structure.highlights import highlights
from nixlint.ide.structure.selection import selections
from nixlint.ide.structure.symbols import flat, symbols
from nixlint.ide.structure.tokens import tokens
from nixlint.syntax.ids import T_END, T_ID
from nixlint.text.source import decode

EVERY: Final = 50
LARGEST: Final = 300_000
LEAST: Final = {"symbols": 0.97, "hover": 0.97, "completion": 0.97}
NAMES: Final = 6


class Result:
    """What was counted: for each question how many things were expected, and how many found."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.failures: list[str] = []
        self.examples: list[str] = []


def check_file(path: str, most: int) -> Result:
    """Cuts one file at every 50th token, but at most so many times, evenly spread."""
    result = Result()
    try:
        text = decode(Path(path).read_bytes())
    except OSError:
        return result
    if len(text) > LARGEST:
        return result
    whole = Document(path, text)
    if whole.tree.errors:
        return result
    row = whole.tree.tokens
    solid = [index for index in range(len(row)) if not row.is_trivia(index)]
    cuts = [row.start(index) for index in solid[EVERY::EVERY] if row.kind(index) != T_END]
    if len(cuts) > most:
        cuts = [cuts[number * len(cuts) // most] for number in range(most)]
    for cut in cuts:
        result.counts["cuts"] += 1
        try:
            _check(whole, cut, result)
        except Exception:
            result.failures.append(f"{path}: cut at {cut}\n{traceback.format_exc()}")
    return result


def _check(whole: Document, cut: int, result: Result) -> None:
    part = Document(whole.path, whole.text[:cut])
    _check_symbols(whole, part, cut, result)
    _check_hover(whole, part, cut, result)
    _check_completion(whole, part, cut, result)
    # Of the others only that they answer.
    signature(part, cut)
    highlights(part, cut)
    selections(part, cut)
    folds(part)
    tokens(part)
    hints(part, 0, cut, None)


def _check_symbols(whole: Document, part: Document, cut: int, result: Result) -> None:
    lost: list[str] = []
    listed = {(symbol.name, symbol.own) for symbol in flat(symbols(part))}
    for symbol in flat(symbols(whole)):
        if symbol.own[1] >= cut:
            continue
        rest = whole.text[symbol.own[1] : cut].lstrip()
        if symbol.own != symbol.whole and not rest.startswith("=") and symbol.detail != "input":
            continue
        result.counts["symbols expected"] += 1
        if (symbol.name, symbol.own) in listed:
            result.counts["symbols found"] += 1
        else:
            lost.append(symbol.name)
    if lost:
        words = f"{len(lost)} symbols lost, the first is {lost[0]}"
        result.examples.append(f"{whole.path}: cut at {cut}: {words}")


def _check_hover(whole: Document, part: Document, cut: int, result: Result) -> None:
    row = whole.tree.tokens
    index = row.index_at(cut) - 2
    left = NAMES
    while index > 0 and left > 0:
        if row.kind(index) == T_ID and row.end(index) < cut:
            left -= 1
            start = row.start(index)
            name = whole.text[start : row.end(index)]
            before = hover(whole, start, None)
            after = hover(part, start, None)
            binder = lookup(whole, start, name).binder
            if before is not None and binder is not None and binder.node.end < cut:
                result.counts["hover expected"] += 1
                mine = lookup(part, start, name).binder
                same = mine is not None and mine.node.start == binder.node.start
                if same and after is not None and after.start == before.start:
                    result.counts["hover found"] += 1
                else:
                    result.examples.append(f"{whole.path}: cut at {cut}: no hover on {name}")
        index -= 1


def _check_completion(whole: Document, part: Document, cut: int, result: Result) -> None:
    found, _ = complete(part, cut, None)
    if context_at(whole, cut).kind != contexts.EXPRESSION:
        return
    path = path_to(whole, cut)
    if path[-1].start != cut or whole.text[cut - 1] not in " \n\t([":
        # Only where an expression begins, and not in the word before.
        return
    labels = {each.label for each in found}
    expected: set[str] = set()
    for node in scopes_around(path, cut):
        for binder in names_of(whole, node).values():
            if binder.node.end < cut:
                expected.add(binder.name)
    result.counts["completion expected"] += len(expected)
    result.counts["completion found"] += len(expected & labels)
    if expected - labels:
        missing = ", ".join(sorted(expected - labels))
        result.examples.append(f"{whole.path}: cut at {cut}: not proposed: {missing}")


def run(dirs: list[str], sample: int, seed: int, most: int, processes: int, show: int) -> int:
    """Checks a sample of the .nix files of the directories, and prints the shares."""
    files = sorted(str(path) for each in dirs for path in Path(each).rglob("*.nix"))
    if sample and len(files) > sample:
        files = sorted(random.Random(seed).sample(files, sample))
    total = Result()
    with ProcessPoolExecutor(processes) as pool:
        for result in pool.map(check_file, files, [most] * len(files), chunksize=4):
            total.counts.update(result.counts)
            total.failures.extend(result.failures)
            total.examples.extend(result.examples)
    for failure in total.failures[:show]:
        print(failure)
    for example in total.examples[:show]:
        print(example)
    print(f"{len(files)} files, {total.counts['cuts']} cuts, {len(total.failures)} failures")
    bad = bool(total.failures)
    for name, least in LEAST.items():
        expected = total.counts[f"{name} expected"]
        share = total.counts[f"{name} found"] / expected if expected else 1.0
        bad = bad or share < least
        print(f"{name}: {share:.2%} of {expected} (at least {least:.0%})")
    return 1 if bad else 0
