"""One engine in a process of its own: `worker.py ENGINE`, driven by lines of JSON.

First line in: a list of file names. Out: `{"mode": …}`, or `{"missing": reason}` and the end.
Then for each line `round`: parses every file once, out: `{"seconds": …}`.
For the line `memory`, out: the peak of this process, and what it had before the first round, in
bytes. This file imports nothing of `benchmarks`, so that it runs with any nixlint.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
from collections.abc import Callable
from time import perf_counter

Engine = Callable[[str, bytes], object]


def nixlint_engine() -> tuple[str, Engine]:
    from nixlint.syntax.parser import parse
    from nixlint.text.build_info import build_mode

    def run(text: str, data: bytes) -> object:
        tree = parse(text)
        return tree, tree.comments()

    return build_mode(), run


def lark_engine() -> tuple[str, Engine]:
    from nixlint.syntax.lark_engine import parse_with_lark

    def run(text: str, data: bytes) -> object:
        return parse_with_lark(text)

    return "interpreted", run


def tree_sitter_engine() -> tuple[str, Engine]:
    import tree_sitter_nix
    from tree_sitter import Language, Parser

    parser = Parser(Language(tree_sitter_nix.language()))

    def run(text: str, data: bytes) -> object:
        return parser.parse(data)

    return "C", run


ENGINES = {"nixlint": nixlint_engine, "lark": lark_engine, "tree-sitter": tree_sitter_engine}


def peak() -> int:
    """The most memory this process ever had, in bytes."""
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size if sys.platform == "darwin" else size * 1024


def one_round(run: Engine, texts: list[tuple[str, bytes]]) -> float:
    """The seconds it takes to parse every text; freeing the trees does not count."""
    total = 0.0
    for text, data in texts:
        begin = perf_counter()
        tree = run(text, data)
        total += perf_counter() - begin
        del tree
    gc.collect()
    return total


def say(answer: dict[str, object]) -> None:
    print(json.dumps(answer), flush=True)


def main() -> None:
    names = json.loads(sys.stdin.readline())
    texts: list[tuple[str, bytes]] = []
    for name in names:
        with open(name, "rb") as file:
            data = file.read()
        texts.append((data.decode("utf-8", "surrogateescape"), data))
    try:
        mode, run = ENGINES[sys.argv[1]]()
    except ImportError as error:
        say({"missing": str(error)})
        return
    run("{ }", b"{ }")
    before = peak()
    say({"mode": mode})
    for line in sys.stdin:
        if line.strip() == "memory":
            say({"peak": peak(), "before": before})
        else:
            say({"seconds": one_round(run, texts)})


if __name__ == "__main__":
    main()
