"""Every refactoring at many places, judged by the installed Nix.

On real files the result must be one that Nix parses where it parsed the file, and where the
refactoring only writes the same thing differently, Nix must print the same tree. On random
expressions and on the programs of `fixtures/evaluate` the result must have the same value.
Moving expressions into files is judged by `extracted_files.py`.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections import Counter
from pathlib import Path

from nixlint.ide.changes.actions import proposals_at
from nixlint.ide.changes.edits import apply_edits
from nixlint.ide.document import Document
from nixlint.ide.refactor.base import SAME, Proposal
from nixlint.syntax.nodes import Node
from nixlint.text.source import decode
from tests.oracles import extracted_files, judge, nix
from tests.oracles.corpus import directories_of, find_files
from tests.oracles.extracted_files import moves_of
from tests.oracles.random_nix import Generator

LARGEST = 40_000
STRIDE = 1_000_003
_POSITION_MATTERS = re.compile(r"__curPos|unsafeGetAttrPos")
_LAMBDA = re.compile(r"«lambda[^»]*»")
_SPLIT_STRINGS = ("to-indented-string", "to-plain-string", "concat")
"""Nix prints the parts of a `''` string one by one."""


class Case:
    """A text, what a refactoring makes of it, and which one it was."""

    def __init__(self, where: str, before: str, after: str, proposal: Proposal) -> None:
        self.where = where
        self.before = before
        self.after = after
        self.proposal = proposal


def cases_of(where: str, text: str, each: int, chance: random.Random) -> list[Case]:
    """What is offered at so many places of a text; each result once."""
    document = Document(where, text)
    nodes: list[Node] = []
    stack: list[Node] = [document.tree.root]
    while stack:
        node = stack.pop()
        nodes.append(node)
        stack.extend(node.children())
    if len(nodes) > each:
        nodes = chance.sample(nodes, each)
    out: list[Case] = []
    seen = {text}
    for node in nodes:
        for start, end in ((node.start, node.start), (node.start, node.end)):
            for proposal, _ in proposals_at(document, start, end):
                after = apply_edits(text, proposal.edits)
                if after not in seen:
                    seen.add(after)
                    out.append(Case(where, text, after, proposal))
    return out


def run(dirs: list[str], files: int, each: int, count: int, seed: int, show: int) -> int:
    """Prints what was done and what went wrong; returns the exit code: 1 if something did."""
    if not judge.is_available():
        print("SKIPPED: nix is not installed")
        return 0
    chance = random.Random(seed)
    done: Counter[str] = Counter()
    names, counts = extracted_files.Names(), extracted_files.Counts()
    astray: list[tuple[str, extracted_files.Moved]] = []
    wrong: list[tuple[str, Case]] = []
    with tempfile.TemporaryDirectory(prefix="nixlint-refactor-") as name:
        folder = Path(name)
        if dirs:
            paths = find_files(directories_of(dirs))
            chance.shuffle(paths)
            for path in paths[:files]:
                text = decode(path.read_bytes())
                if len(text) <= LARGEST:
                    cases = cases_of(str(path), text, each, chance)
                    done.update(case.proposal.name for case in cases)
                    wrong += _parsed(cases, folder)
                    moves = moves_of(str(path), text, each, chance, names, counts)
                    astray += extracted_files.parsed(moves, folder)
        parsed = sum(done.values())
        texts = [_expression(seed * STRIDE + number) for number in range(count)]
        texts += [decode(path.read_bytes()) for path in programs()]
        cases = []
        for text in texts:
            if _POSITION_MATTERS.search(text) is None:
                cases += cases_of("expression.nix", text, each, chance)
        done.update(case.proposal.name for case in cases)
        wrong += _evaluated(cases, folder)
        moves = []
        for text in texts:
            if extracted_files.may_move(text):
                where = str(folder / "expression.nix")
                moves += moves_of(where, text, 8, chance, names, counts)
        astray += extracted_files.evaluated(moves, folder)
    for name, times in sorted(done.items()):
        print(f"{times:8} {name}")
    print(f"{parsed} results parsed by Nix, {len(cases)} evaluated; {len(wrong)} wrong")
    print(
        f"{counts.moved} expressions moved into files ({len(moves)} of them evaluated), "
        f"{counts.refused} refused; {len(astray)} wrong"
    )
    for reason, one in astray[:show]:
        print(f"\n{one.where}: {reason}\n  {one.written!r}\n  {one.made.text!r}")
        print(f"  {one.made.edit.text!r}")
    for reason, case in wrong[:show]:
        print(f"\n{case.where}: {case.proposal.title}: {reason}\n{_difference(case)}")
    return 1 if wrong or astray else 0


def programs() -> list[Path]:
    """The small programs with known values."""
    root = Path(__file__).parents[2] / "fixtures" / "evaluate"
    return [path for path in sorted(root.rglob("*.nix")) if path.stat().st_size < 4000]


def _expression(number: int) -> str:
    """A random expression, now and then inside of what refactorings are about."""
    generator = Generator(number)
    text = generator.expression()
    chance = random.Random(number)
    a, b = generator.expression(), generator.expression()
    form = chance.randrange(7)
    if form == 0:
        return f"let s = {{ a = {text}; b = {a}; }}; in with s; [ a b {{ inherit a; c = b; }} ]"
    if form == 1:
        return f"let x = {text}; y = [ x x ]; in {{ x = x; z.w = y; z.v = {{ u = {a}; }}; }}"
    if form == 2:
        return f"let s = rec {{ a = {text}; b = a; }}; in {{ a = s.a; inherit (s) b; }}"
    if form == 3:
        return f'let x = "p"; in [ ("a" + x + "b$" + "{{") (./. + "/c" == ./c) {text} ]'
    if form == 4:
        return f"(x: let y = x; in (z: [ y z (x == y) ]) {a}) ({b})"
    return text


def _parsed(cases: list[Case], folder: Path) -> list[tuple[str, Case]]:
    """What Nix makes of the texts of one file."""
    if not cases:
        return []
    paths: list[Path] = []
    for number, text in enumerate([cases[0].before, *(case.after for case in cases)]):
        path = folder / f"{number}.nix"
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        paths.append(path)
    answers = nix.ask(paths)
    before = answers[0]
    out: list[tuple[str, Case]] = []
    for case, answer in zip(cases, answers[1:], strict=True):
        name = case.proposal.name
        if name == "add-formal":
            continue
        if before.kind != answer.kind:
            out.append((f"Nix says {answer.message or answer.kind}", case))
        elif case.proposal.proof == SAME and name not in _SPLIT_STRINGS:
            if _sorted(before.printed) != _sorted(answer.printed):
                out.append(("Nix prints another tree", case))
    return out


def _sorted(printed: str | None) -> list[str]:
    """The words of a printed tree: Nix 2.8 prints formals and bindings in any order."""
    return sorted((printed or "").replace("(", " ").replace(")", " ").split())


def _evaluated(cases: list[Case], folder: Path) -> list[tuple[str, Case]]:
    """The texts whose value is another one afterwards."""
    texts = sorted({case.before for case in cases} | {case.after for case in cases})
    verdicts = dict(zip(texts, judge.judge_texts(texts, folder), strict=True))
    out: list[tuple[str, Case]] = []
    for case in cases:
        before, after = verdicts[case.before], verdicts[case.after]
        if before.printed is None and before.error is None:
            continue
        was, now = _value(before), _value(after)
        if "«repeated»" in was + now or case.proposal.name == "add-formal":
            # Nix prints a value once; where it was shared, it says so.
            continue
        if was != now:
            out.append((f"{was} became {now}", case))
    return out


def _value(verdict: judge.Verdict) -> str:
    """A value without the places of functions."""
    if verdict.printed is None:
        return "error"
    return _LAMBDA.sub("«lambda»", verdict.printed)


def _difference(case: Case) -> str:
    if len(case.before) < 400:
        return f"  {case.before}\n  {case.after}"
    edits = [
        f"  {case.before[edit.span.start : edit.span.end]!r} -> {edit.text!r}"
        for edit in case.proposal.edits
    ]
    return "\n".join(edits[:6])
