"""Broken text: whatever it is, nixlint says something sensible, and soon.

`python -m tests.oracles.fuzz --files 300 DIR…` takes real files apart: every prefix, every
single token removed, and random damage. `NIXLINT_CORPUS` holds the directories when none are
given. `tests/test_fuzz.py` does the same to the fixtures.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from pathlib import Path
from time import perf_counter

from nixlint.analysis.check_file import RuleSet, check_text
from nixlint.analysis.config import NEWEST_NIX
from nixlint.rules.registry import rule_names, theme_of
from nixlint.syntax.nodes import Node
from nixlint.syntax.parser import parse
from nixlint.syntax.tree import Tree
from nixlint.text.source import decode

SLOW = 5.0
"""Seconds for one text of fuzzing size, at which something must be wrong."""
MUTATIONS = 200
PIECES = [
    "{", "}", "(", ")", "[", "]", ";", ":", ",", ".", "@", "?", "=", "==", "!", "-", "+", "++",
    "*", "/", "//", "<", ">", "<=", ">=", "&&", "||", "->", "|>", "<|", "...", "${", '"', "''",
    "''$", "''", "if", "then", "else", "let", "in", "rec", "with", "assert", "inherit", "or", "a",
    "b", "x1", "1", "1.5", "0x1", ".5", "./a", "a/b", "~/x", "<n/m>", "x:y", "#", "/*", "*/", "\\",
    "$", "$$", "'", "''${", "\0", "\r", "\ufeff", "\udcff", "é", "^", "%",
]  # fmt: skip


class FuzzError(Exception):
    """What went wrong with a text, and the text."""

    def __init__(self, what: str, text: str) -> None:
        super().__init__(what, text)
        self.what = what
        self.text = text


def check(text: str) -> None:
    """Parse a text and run all rules; raises `FuzzError` when an invariant does not hold."""
    begin = perf_counter()
    try:
        checked = check_text("example.nix", text, every_rule(), NEWEST_NIX)
        model = checked.ctx.model
    except Exception as error:
        raise FuzzError(f"{type(error).__name__}: {error}", text) from error
    seconds = perf_counter() - begin
    if checked.failures:
        failure = checked.failures[0]
        raise FuzzError(f"the rule {failure.rule} raised {failure.error!r}", text)
    for diagnostic in checked.diagnostics:
        if not 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text):
            raise FuzzError(f"outside of the text: {diagnostic!r}", text)
        fix = diagnostic.fix
        for edit in fix.edits if fix is not None else []:
            if not 0 <= edit.span.start <= edit.span.end <= len(text):
                raise FuzzError(f"an edit outside of the text: {diagnostic!r}", text)
    for reference in model.references:
        if not 0 <= reference.node.start <= reference.node.end <= len(text):
            raise FuzzError(f"a reference outside of the text: {reference.name}", text)
    complaint = structure(checked.tree)
    if complaint:
        raise FuzzError(complaint, text)
    if seconds > SLOW:
        raise FuzzError(f"took {seconds:.1f} s", text)


def structure(tree: Tree) -> str:
    """What is wrong with the tokens or the nodes of a tree; empty if nothing is."""
    tokens = tree.tokens
    at = 0
    for index in range(len(tokens)):
        start, end = tokens.start(index), tokens.end(index)
        if start != at or end < start:
            return f"token {index} is {start}-{end}, but the one before ends at {at}"
        at = end
    if at != len(tree.text):
        return f"the tokens end at {at} of {len(tree.text)}"
    stack: list[Node] = [tree.root]
    while stack:
        node = stack.pop()
        before = node.start
        for child in node.children():
            if child.start < before or child.end > node.end or child.end < child.start:
                return (
                    f"a {type(child).__name__} at {child.start}-{child.end} in a "
                    f"{type(node).__name__} at {node.start}-{node.end}, after {before}"
                )
            before = child.end
            stack.append(child)
    last = 0
    for comment in tree.comments():
        if comment.start < last or comment.end <= comment.start:
            return f"a comment at {comment.start}-{comment.end}, after {last}"
        last = comment.end
    return ""


@lru_cache(maxsize=1)
def every_rule() -> RuleSet:
    names = rule_names()
    syntax = frozenset(name for name in names if theme_of(name) == "syntax")
    return RuleSet(list(names), frozenset(), {}, syntax)


def prefixes(text: str, step: int = 1) -> Iterator[str]:
    """Every prefix, or every `step`th."""
    for end in range(0, len(text), step):
        yield text[:end]


def deletions(text: str) -> Iterator[str]:
    """The text without each of its tokens in turn; blanks and comments stay."""
    tokens = parse(text).tokens
    for index in range(len(tokens)):
        start, end = tokens.start(index), tokens.end(index)
        if end > start and not tokens.is_trivia(index):
            yield text[:start] + text[end:]


def mutations(text: str, count: int, rng: random.Random) -> Iterator[str]:
    """The text with tokens inserted, replaced, doubled, swapped or moved."""
    tokens = parse(text).tokens
    pieces = [text[tokens.start(i) : tokens.end(i)] for i in range(len(tokens))]
    pieces = [piece for piece in pieces if piece]
    for _ in range(count):
        out = list(pieces)
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(out) + 1)
            other = rng.randrange(len(out) + 1)
            action = rng.randrange(6)
            if action == 0:
                out.insert(at, rng.choice(PIECES))
            elif action == 1:
                out[at : at + 1] = [rng.choice(PIECES)]
            elif action == 2:
                out[at:at] = out[other : other + rng.randint(1, 8)]
            elif action == 3:
                del out[at : at + rng.randint(1, 8)]
            elif action == 4 and at < len(out) and other < len(out):
                out[at], out[other] = out[other], out[at]
            else:
                out.insert(
                    at, chr(rng.choice((34, 39, 36, 92, 47, 42, 35, 10, 13, 0, 0x2028, 233)))
                )
        yield "".join(out)


def take_apart(path: str, largest: int) -> tuple[int, float]:
    """Fuzz one file; returns how many texts were checked and the slowest one's seconds."""
    text = decode(Path(path).read_bytes())
    rng = random.Random(len(text))
    count = 0
    slowest = 0.0
    # Files too large for every prefix give as many of them as the largest others do.
    step = max(1, len(text) // largest)
    for source in (prefixes(text, step), deletions(text), mutations(text, MUTATIONS, rng)):
        for broken in source:
            begin = perf_counter()
            check(broken)
            slowest = max(slowest, perf_counter() - begin)
            count += 1
    return count, slowest


def sample(folders: list[Path], files: int, seed: int) -> list[str]:
    """Some `.nix` files of the folders, the same ones every time."""
    found = sorted(
        str(path)
        for folder in folders
        for path in folder.rglob("*.nix")
        if path.is_file() and not path.is_symlink()
    )
    return random.Random(seed).sample(found, min(files, len(found)))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.oracles.fuzz", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--files", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--largest", type=int, default=6000, help="so many prefixes per file")
    options = parser.parse_args()
    folders = options.folders or [
        Path(name) for name in os.environ.get("NIXLINT_CORPUS", "").split(os.pathsep) if name
    ]
    paths = sample(folders, options.files, options.seed)
    if not paths:
        print("no files: name directories, or set NIXLINT_CORPUS")
        return 2
    texts, slowest, failed = 0, 0.0, 0
    with ProcessPoolExecutor(options.jobs) as pool:
        jobs = {pool.submit(take_apart, path, options.largest): path for path in paths}
        for number, job in enumerate(as_completed(jobs), 1):
            path = jobs[job]
            try:
                count, worst = job.result()
            except FuzzError as broken:
                failed += 1
                print(f"{path}: {broken.what}\n{broken.text[-300:]!r}\n", flush=True)
            except BrokenProcessPool:
                print(f"a process died on {path}, or on one that ran beside it")
                return 1
            else:
                texts += count
                slowest = max(slowest, worst)
            if sys.stderr.isatty() or number % 25 == 0:
                print(f"{number} of {len(paths)} files, {texts} texts", file=sys.stderr)
    print(
        f"{len(paths)} files, {texts} broken texts, slowest {slowest * 1000:.0f} ms, {failed} bad"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
