"""The driver against Lark itself, run on the same grammar; and tokens against the text."""

from __future__ import annotations

import random
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from nixlint.syntax.dump import dump_json
from nixlint.syntax.lark_engine import LarkParseError, lark_tree
from nixlint.syntax.parser import parse
from nixlint.syntax.tree import Tree
from nixlint.text.source import decode
from tests.oracles import cases
from tests.oracles.corpus import directories_of, find_files

LEXICAL = ("path-trailing-slash", "nul-byte", "non-associative-operator-chain")
"""Mistakes that neither engine needs the grammar to find."""

LIMITS = ("unterminated-comment", "nesting-too-deep")
"""Mistakes that Lark has no idea of: it never sees the comment, and it knows no limit."""


def check(text: str) -> str:
    """How the two engines differ on a text, or an empty string."""
    tree = parse(text)
    if joined(tree) != text:
        return "the tokens do not give the text back"
    fatal = [error for error in tree.errors if error.fatal]
    try:
        other = lark_tree(text)
    except LarkParseError as error:
        return "" if fatal else f"only Lark refuses: {error}"
    refused = [error for error in fatal if error.rule not in LEXICAL]
    if any(error.rule in LIMITS for error in refused):
        return ""
    if refused:
        return f"only the driver refuses: {refused[0]}"
    if places(tree) != places(other):
        return f"different mistakes: {places(tree)} and {places(other)}"
    ours, theirs = (dump_json(Tree(text, each.root, each.tokens, [])) for each in (tree, other))
    if ours == theirs:
        return ""
    at = next(k for k, (x, y) in enumerate(zip(ours, theirs, strict=False)) if x != y)
    return f"driver: …{ours[at - 80 : at + 80]}\n    Lark: …{theirs[at - 80 : at + 80]}"


def joined(tree: Tree) -> str:
    """All tokens of a tree put together."""
    tokens = tree.tokens
    return "".join(tree.text[tokens.start(k) : tokens.end(k)] for k in range(len(tokens)))


def places(tree: Tree) -> dict[str, int]:
    """Where each rule complains first. (Of a long chain the driver mentions one operator.)"""
    first: dict[str, int] = {}
    for error in tree.errors:
        first[error.rule] = min(error.start, first.get(error.rule, error.start))
    return first


def check_file(path: Path) -> str:
    return check(decode(path.read_bytes()))


def run(arguments: list[str], sample: int, seed: int, processes: int) -> int:
    """Checks the fixtures, the recorded cases, and a sample of the corpus (0: all of it)."""
    paths = find_files([cases.ROOT / "fixtures"])
    recorded = cases.directory()
    if recorded is not None:
        paths += find_files([recorded])
    else:
        print("no recorded cases: set NIXLINT_CASES to their directory")
    corpus = find_files(directories_of(arguments))
    if 0 < sample < len(corpus):
        corpus = sorted(random.Random(seed).sample(corpus, sample))
    paths += corpus
    wrong = 0
    with ProcessPoolExecutor(processes) as pool:
        for path, complaint in zip(paths, pool.map(check_file, paths, chunksize=16), strict=True):
            if complaint:
                wrong += 1
                print(f"{path}: {complaint}")
    print(f"{len(paths)} files, {len(corpus)} of them from the corpus, {wrong} differences")
    return 1 if wrong else 0
