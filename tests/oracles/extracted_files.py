"""Expressions moved into files of their own, judged by the installed Nix.

On real files Nix must parse both files, with every name bound, and must print the same for the new
file as for the expression as it stood, with the same arguments before it. On programs the value
must stay.
"""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Final

from nixlint.ide.document import Document
from nixlint.ide.model import RefusedError
from nixlint.ide.refactor.base import Site
from nixlint.ide.refactor.extract import without_parentheses
from nixlint.ide.refactor.to_file import NewFile, extract_to_file, movable
from nixlint.syntax.nodes import Binding, Node
from tests.oracles import judge, nix

_POSITION_MATTERS: Final = re.compile(r"__curPos|unsafeGetAttrPos|readDir|readFile|filterSource")


def write(path: Path, text: str) -> None:
    """Writes a text that may have come from bytes that are no UTF-8."""
    path.write_bytes(text.encode("utf-8", "surrogateescape"))


class Moved:
    """A text, where something moves, what it becomes, and the file that is new."""

    def __init__(self, where: str, before: str, written: str, made: NewFile) -> None:
        self.where = where
        self.before = before
        self.written = written
        """What moves, as it stood."""
        self.made = made
        edit = made.edit
        self.after = before[: edit.span.start] + edit.text + before[edit.span.end :]


class Names:
    """Gives every new file of a run a name of its own."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    def is_taken(self, path: str) -> bool:
        """Whether a path was given away, or may be one of the numbered files that Nix judges."""
        return path in self.taken or Path(path).stem.isdigit()


class Counts:
    """How many were moved, and how many were refused."""

    def __init__(self) -> None:
        self.moved = 0
        self.refused = 0


def moves_of(
    path: str, text: str, each: int, chance: random.Random, names: Names, counts: Counts
) -> list[Moved]:
    """What moves from so many places of the text of the file at a path."""
    document = Document(path, text)
    nodes: list[Node] = []
    stack: list[Node] = [document.tree.root]
    while stack:
        node = stack.pop()
        nodes.append(node)
        stack.extend(node.children())
    if len(nodes) > each:
        nodes = chance.sample(nodes, each)
    out: list[Moved] = []
    for node in nodes:
        end = node.start if isinstance(node, Binding) else node.end
        site = Site(document, node.start, end)
        found = movable(site) if site.path else None
        if found is None:
            continue
        try:
            made = extract_to_file(site, names.is_taken)
        except RefusedError:
            counts.refused += 1
            continue
        counts.moved += 1
        names.taken.add(made.path)
        moved = without_parentheses(site, found)
        out.append(Moved(path, text, text[moved.start : moved.end], made))
    return out


def parsed(moves: list[Moved], folder: Path) -> list[tuple[str, Moved]]:
    """What is wrong with moves from one file, as far as Nix parses it."""
    if not moves:
        return []
    texts = [moves[0].before]
    for one in moves:
        header, mark, _ = one.made.text.partition("}:\n\n")
        head = header + mark if one.made.text.startswith("{") and _is_header(header) else ""
        texts += [one.after, one.made.text, f"{head}{one.written}\n"]
    paths = [folder / f"parsed-{number}.nix" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        write(path, text)
    answers = nix.ask(paths)
    if answers[0].printed is None:
        return []
    out: list[tuple[str, Moved]] = []
    for number, one in enumerate(moves):
        after, made, plain = answers[3 * number + 1 : 3 * number + 4]
        for answer in (after, made):
            if answer.printed is None:
                out.append((f"Nix says {answer.message}", one))
                break
        else:
            if made.printed != plain.printed:
                out.append(("Nix prints another tree", one))
    return out


def _is_header(text: str) -> bool:
    return re.fullmatch(r"\{[\s\w',-]*", text) is not None


def evaluated(moves: list[Moved], folder: Path) -> list[tuple[str, Moved]]:
    """The moves after which a program has another value; their paths lie in `folder`."""
    for one in moves:
        write(Path(one.made.path), one.made.text)
    texts = sorted({one.before for one in moves} | {one.after for one in moves})
    verdicts = dict(zip(texts, judge.judge_texts(texts, folder), strict=True))
    out: list[tuple[str, Moved]] = []
    for one in moves:
        before, after = verdicts[one.before], verdicts[one.after]
        if before.printed is None and before.error is None:
            continue
        was, now = value(before), value(after)
        if "«repeated»" not in was + now and was != now:
            out.append((f"{was} became {now}", one))
    return out


def value(verdict: judge.Verdict) -> str:
    """A value without the places of functions."""
    if verdict.printed is None:
        return "error"
    return re.sub(r"«lambda[^»]*»", "«lambda»", verdict.printed)


def may_move(text: str) -> bool:
    """Whether the value of a program may be compared."""
    return _POSITION_MATTERS.search(text) is None
