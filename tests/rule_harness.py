"""Rules on fixtures: what is expected stands beside the input. `tests/test_rules.py` runs it.

A fixture is `X.nix` below `fixtures/rules/THEME/RULE/` (any depth) or below
`fixtures/syntax/seed/` and `fixtures/syntax/recovery/`.
It is checked by the rules that are on by default and, below `fixtures/rules/`, by `RULE`.
The rules see the path of the file below the folder of the rule, so that a fixture about flakes
can be called `flake.nix`.

Expectations are marks in the file, or lines of a file `X.expect` beside it.

A mark is a comment on a line of its own, below the line it speaks about:

    let unused = 1; in 2
    #   ^^^^^^ unused-let-binding

The carets stand below the text that is flagged; if that reaches over several lines, below its
part on the first of them. `|` instead of carets is a span without width, in front of the text
above it. `# <- rule` flags something that starts where the `#` stands, however long it is.
`# ^^^ rule: words` also demands that the message contains `words`; `# ^^^ one, two` are two
findings. Marks are taken out before the file is checked: they may stand anywhere, even inside
strings, and disturb nothing. A file without marks asserts silence.

`X.expect` is for what marks cannot say (see `fixtures/syntax/README.md`).

A first line `# target-nix: 2.8` sets the version of Nix whose rules hold.

`X.fixed.nix` is the text (without marks) after all safe fixes, `X.unsafe.nix` the text after
unsafe ones too. Below `fixtures/rules/` they must exist if, and only if, these fixes change
something (in the case of `X.unsafe.nix`, something more than the safe ones).
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Final

from nixlint.analysis.check_file import Checked, RuleSet, check_text
from nixlint.analysis.config import NEWEST_NIX
from nixlint.analysis.fix import fix_text
from nixlint.analysis.selection import theme_of
from nixlint.diagnostics.model import Diagnostic
from nixlint.rules.registry import load_rule, rule_names
from nixlint.syntax.nodes import Binding, Node
from nixlint.text.source import Source, decode, encode, line_starts

FIXTURES: Final = Path(__file__).resolve().parent.parent / "fixtures"
RULE_FIXTURES: Final = FIXTURES / "rules"
SYNTAX_FIXTURES: Final = (FIXTURES / "syntax" / "seed", FIXTURES / "syntax" / "recovery")
DERIVED: Final = (".fixed.nix", ".unsafe.nix")

_NAMES = r"(?P<names>[a-z][a-z0-9-]*(?:\s*,\s*[a-z][a-z0-9-]*)*)(?::\s*(?P<words>\S.*?))?"
_CARETS = re.compile(r"^(?P<before>[ \t]*# *)(?P<carets>\^+|\|)\s+" + _NAMES + r"\s*$")
_ARROW = re.compile(r"^(?P<before>[ \t]*)#\s*<-\s+" + _NAMES + r"\s*$")
_TARGET = re.compile(r"\A# target-nix: (\d+)\.(\d+)[ \t]*$", re.MULTILINE)
_EXPECT = re.compile(r"^(\d+):(\d+)-(\d+):(\d+) ([a-z][a-z0-9-]*)(?: (.*))?$")

Place = tuple[int, int, int, int]
"""First line, first column, last line, last column; the end is exclusive. All from 0."""


class Expected:
    """One expected finding. `place` ends at -1:-1 when only the start is known."""

    def __init__(self, place: Place, rule: str, words: str) -> None:
        self.place = place
        self.rule = rule
        self.words = words

    def __repr__(self) -> str:
        return f"{show_place(self.place)} {self.rule} {self.words}".rstrip()

    def agrees(self, found: Diagnostic, source: Source, by_mark: bool) -> bool:
        """Whether the finding is this one. Marks only say where it ends on its first line."""
        place = place_of(found, source)
        if found.rule != self.rule or self.words not in found.message:
            return False
        if self.place[2] < 0:
            return place[:2] == self.place[:2]
        return (on_first_line(place, source) if by_mark else place) == self.place


class Case:
    """A fixture, read and parsed: its text without marks, and what is expected of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sidecar = path.with_suffix(".expect")
        self.by_mark = not self.sidecar.exists()
        self.raw = decode(path.read_bytes())
        self.rule = ""
        self.shown = path.name
        self.strict_fixes = False
        if path.is_relative_to(RULE_FIXTURES):
            _theme, self.rule, *rest = path.relative_to(RULE_FIXTURES).parts
            self.shown = "/".join(rest)
            self.strict_fixes = True
        self.keeps: list[str] = []
        self.resolves: list[str] = []
        self.text = self.raw
        self.expected: list[Expected] = []
        if self.by_mark:
            self.text, self.expected = read_marks(self.raw)
        else:
            self.read_sidecar()
        target = _TARGET.search(self.text)
        self.target_nix = (int(target[1]), int(target[2])) if target else NEWEST_NIX
        self.source = Source(self.shown, self.text)

    @property
    def id(self) -> str:
        return self.path.relative_to(FIXTURES).with_suffix("").as_posix()

    def read_sidecar(self) -> None:
        for line in self.sidecar.read_text("utf-8").splitlines():
            word, _, rest = line.partition(" ")
            if word == "keeps":
                self.keeps += rest.split()
            elif word == "resolves":
                self.resolves += rest.split()
            elif line and not line.startswith("#"):
                found = _EXPECT.match(line)
                assert found is not None, f"{self.sidecar}: not understood: {line}"
                first, start, last, end = (int(found[index]) - 1 for index in range(1, 5))
                self.expected.append(Expected((first, start, last, end), found[5], found[6] or ""))

    def rules(self) -> RuleSet:
        return rules_with(self.rule)

    def check(self) -> Checked:
        return check_text(self.shown, self.text, self.rules(), self.target_nix)

    def fixed(self, unsafe: bool) -> str:
        """The text after all fixes; every fix must do what it promises."""
        fixed = fix_text(self.shown, self.text, self.rules(), self.target_nix, unsafe)
        assert not fixed.problems, "\n".join(problem.message for problem in fixed.problems)
        return fixed.text

    def differences(self, found: list[Diagnostic]) -> list[str]:
        """One line for each expected finding that is not there, and each that is too much."""
        left = list(found)
        out: list[str] = []
        for expected in self.expected:
            for diagnostic in left:
                if expected.agrees(diagnostic, self.source, self.by_mark):
                    left.remove(diagnostic)
                    break
            else:
                out.append(f"missing    {expected}")
        for diagnostic in left:
            out.append(
                f"unexpected {show_place(place_of(diagnostic, self.source))} "
                f"{diagnostic.rule} {diagnostic.message}"
            )
        return out

    def update(self, found: list[Diagnostic]) -> None:
        """Rewrite the expectations (those that hold keep their words) and the fixed texts."""
        found = sorted(found, key=lambda each: (each.span.start, each.span.end, each.rule))
        words: dict[int, str] = {}
        left = list(found)
        for expected in self.expected:
            for diagnostic in left:
                if expected.rule == diagnostic.rule and expected.words in diagnostic.message:
                    words[id(diagnostic)] = expected.words
                    left.remove(diagnostic)
                    break
        if self.by_mark:
            self.path.write_bytes(encode(write_marks(self.source, found, words)))
        else:
            lines = [
                f"{show_place(place_of(each, self.source))} {each.rule} "
                f"{words.get(id(each), each.message)}".rstrip()
                for each in found
            ]
            old = self.sidecar.read_text("utf-8").splitlines()
            lines += [line for line in old if _EXPECT.match(line) is None]
            self.sidecar.write_text("".join(line + "\n" for line in lines), "utf-8")
        for suffix, wanted in self.derived_texts():
            path = self.derived(suffix)
            if wanted is None:
                path.unlink(missing_ok=True)
            elif self.strict_fixes or path.exists():
                path.write_bytes(encode(wanted))

    def derived(self, suffix: str) -> Path:
        return self.path.with_name(self.path.name.removesuffix(".nix") + suffix)

    def derived_texts(self) -> list[tuple[str, str | None]]:
        """The texts after fixing, by suffix; None where fixing changes nothing."""
        safe = self.fixed(unsafe=False)
        unsafe = self.fixed(unsafe=True)
        return [
            (DERIVED[0], safe if safe != self.text else None),
            (DERIVED[1], unsafe if unsafe != safe else None),
        ]


def rules_with(*extra: str) -> RuleSet:
    """The rules that are on by default, and some more."""
    names = rule_names()
    enabled = [name for name in names if name in extra or load_rule(name).enabled]
    syntax = frozenset(name for name in names if theme_of(name) == "syntax")
    return RuleSet(enabled, frozenset(), {}, syntax)


def fixtures(*folders: Path) -> list[Path]:
    """All fixtures below some folders."""
    return sorted(
        path
        for folder in folders
        for path in folder.rglob("*.nix")
        if not path.name.endswith(DERIVED)
    )


def read_marks(raw: str) -> tuple[str, list[Expected]]:
    """Take the marks out of a text: the rest, and what they say."""
    kept: list[str] = []
    expected: list[Expected] = []
    for line in split_lines(raw):
        carets = _CARETS.match(line.rstrip("\r\n"))
        arrow = _ARROW.match(line.rstrip("\r\n"))
        found = carets or arrow
        if found is None or not kept:
            kept.append(line)
            continue
        row = len(kept) - 1
        start = len(found["before"])
        place = (row, start, -1, -1)
        if carets is not None:
            place = (row, start, row, start + carets["carets"].count("^"))
        for name in found["names"].split(","):
            expected.append(Expected(place, name.strip(), found["words"] or ""))
    return "".join(kept), expected


def write_marks(source: Source, found: list[Diagnostic], words: dict[int, str]) -> str:
    """The text with one mark per finding below its line."""
    marks: dict[int, list[str]] = {}
    for diagnostic in found:
        row, start, _, end = on_first_line(place_of(diagnostic, source), source)
        line = source.line_text(row)
        text = words.get(id(diagnostic), "")
        tail = f"{diagnostic.rule}: {text}" if text else diagnostic.rule
        if start == 0:
            mark = f"# <- {tail}"
        else:
            margin = min(len(line) - len(line.lstrip(" ")), start - 1)
            carets = "^" * (end - start) or "|"
            mark = " " * margin + "#" + " " * (start - margin - 1) + carets + " " + tail
        marks.setdefault(row, []).append(mark)
    out: list[str] = []
    for row, line in enumerate(split_lines(source.text)):
        out.append(line)
        if row in marks and not line.endswith(("\n", "\r")):
            out.append("\n")
        out += [mark + "\n" for mark in marks.get(row, [])]
    return "".join(out)


def split_lines(text: str) -> list[str]:
    """The lines of a text as nixlint counts them, their ends included."""
    starts = [*line_starts(text), len(text)]
    return [text[start:end] for start, end in pairwise(starts) if start < end]


def place_of(diagnostic: Diagnostic, source: Source) -> Place:
    return source.position(diagnostic.span.start) + source.position(diagnostic.span.end)


def on_first_line(place: Place, source: Source) -> Place:
    """The part of a place that lies on its first line."""
    row, start, last, end = place
    return (row, start, row, end if last == row else len(source.line_text(row)))


def show_place(place: Place) -> str:
    row, start, last, end = place
    if last < 0:
        return f"{row + 1}:{start + 1}"
    return f"{row + 1}:{start + 1}-{last + 1}:{end + 1}"


def lost(case: Case, checked: Checked) -> list[str]:
    """What a sidecar says must survive and did not: bindings, and the meaning of variables."""
    keys: set[str] = set()
    stack: list[Node] = [checked.tree.root]
    while stack:
        node = stack.pop()
        if isinstance(node, Binding):
            keys.add(checked.tree.text_of(node.path))
        stack += node.children()
    out = [f"binding lost: {key}" for key in case.keeps if key not in keys]
    for name in case.resolves:
        uses = [each for each in checked.ctx.model.references if each.name == name]
        if not uses:
            out.append(f"use lost: {name}")
        elif any(each.definition is None for each in uses):
            out.append(f"not resolved: {name}")
    return out
