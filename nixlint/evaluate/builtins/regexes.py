"""Regular expressions as Nix has them: POSIX extended, the way C++ `std::regex` runs them.

A pattern is read into a small program for a backtracking machine, which tries paths in the order
that `std::regex` does: repetitions are greedy and stop at their first success, alternatives are
all tried, and the longest match wins, the first one of equals. Where Python's `re` certainly
gives the same, the pattern is translated for it, which is faster.

Patterns and subjects are narrowed texts (one character per byte, see `text_bytes.py`).
"""

from __future__ import annotations

import re
from typing import Final

from nixlint.evaluate.values import LARGE, Machine, OutOfBudget

EMPTY: Final = 0
SET: Final = 1
SEQUENCE: Final = 2
ALTERNATIVES: Final = 3
REPEAT: Final = 4
GROUP: Final = 5
BEGIN: Final = 6
END: Final = 7

UNBOUNDED: Final = -1
MAX_STATES: Final = 20_000
"""Larger programs are not run: `std::regex` has a limit of its own."""
MAX_NESTING: Final = 200

_SPECIAL: Final = "^$\\.*+?()[{|"
_NOT_NUL: Final = frozenset([chr(code) for code in range(1, 256)])


def _chars(first: int, last: int) -> frozenset[str]:
    return frozenset([chr(code) for code in range(first, last + 1)])


_UPPER: Final = _chars(65, 90)
_LOWER: Final = _chars(97, 122)
_DIGIT: Final = _chars(48, 57)
_SPACE: Final = frozenset(" \t\n\v\f\r")
_GRAPH: Final = _chars(33, 126)
_CLASSES: Final = {
    "alpha": _UPPER | _LOWER,
    "upper": _UPPER,
    "lower": _LOWER,
    "digit": _DIGIT,
    "d": _DIGIT,
    "alnum": _UPPER | _LOWER | _DIGIT,
    "w": _UPPER | _LOWER | _DIGIT | frozenset("_"),
    "xdigit": _DIGIT | _chars(65, 70) | _chars(97, 102),
    "space": _SPACE,
    "s": _SPACE,
    "blank": frozenset(" \t"),
    "punct": _GRAPH - _UPPER - _LOWER - _DIGIT,
    "graph": _GRAPH,
    "print": _chars(32, 126),
    "cntrl": _chars(0, 31) | frozenset("\x7f"),
}


class RegexError(Exception):
    """A pattern that Nix refuses."""


class RegexUnknownError(Exception):
    """A pattern whose meaning depends on the machine; the message says why."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Part:
    """A node of a pattern. `low`, `high` count repetitions; `group` is the number of a group."""

    def __init__(self, kind: int, parts: list[Part]) -> None:
        self.kind = kind
        self.parts = parts
        self.chars: frozenset[str] = frozenset()
        self.low = 0
        self.high = UNBOUNDED
        self.group = 0


class _Reader:
    """Reads a pattern; raises `RegexError` or `RegexUnknownError`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.groups = 0
        self.nesting = 0

    def whole(self) -> Part:
        made = self.alternatives()
        if self.at < len(self.text):
            raise RegexError
        return made

    def alternatives(self) -> Part:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise RegexUnknownError("the regular expression is nested too deeply")
        branches = [self.sequence()]
        while self.at < len(self.text) and self.text[self.at] == "|":
            self.at += 1
            branches.append(self.sequence())
        self.nesting -= 1
        return branches[0] if len(branches) == 1 else Part(ALTERNATIVES, branches)

    def sequence(self) -> Part:
        parts: list[Part] = []
        text = self.text
        while self.at < len(text):
            char = text[self.at]
            if char == "^" or char == "$":
                self.at += 1
                parts.append(Part(BEGIN if char == "^" else END, []))
                continue
            if char in "|)*+?{":
                break
            parts.append(self.quantified(self.atom(char)))
        return parts[0] if len(parts) == 1 else Part(SEQUENCE, parts)

    def atom(self, char: str) -> Part:
        text = self.text
        self.at += 1
        made = Part(SET, [])
        if char == "(":
            self.groups += 1
            number = self.groups
            made = Part(GROUP, [self.alternatives()])
            made.group = number
            if self.at >= len(text) or text[self.at] != ")":
                raise RegexError
            self.at += 1
        elif char == ".":
            made.chars = _NOT_NUL
        elif char == "[":
            made.chars = self.bracket()
        elif char == "\\":
            if self.at >= len(text) or text[self.at] not in _SPECIAL:
                raise RegexError
            made.chars = frozenset((text[self.at],))
            self.at += 1
        else:
            made.chars = frozenset((char,))
        return made

    def quantified(self, part: Part) -> Part:
        text = self.text
        while self.at < len(text):
            char = text[self.at]
            low, high = 0, UNBOUNDED
            if char == "+":
                low = 1
            elif char == "?":
                high = 1
            elif char == "{":
                self.at += 1
                low = self.number()
                high = low
                if self.at < len(text) and text[self.at] == ",":
                    self.at += 1
                    high = UNBOUNDED
                    if self.at < len(text) and text[self.at] in "0123456789":
                        high = self.number()
                        if high < low:
                            raise RegexError
                if self.at >= len(text) or text[self.at] != "}":
                    raise RegexError
            elif char != "*":
                break
            self.at += 1
            self.nesting += 1
            if self.nesting > MAX_NESTING * 4:
                raise RegexUnknownError("the regular expression is nested too deeply")
            made = Part(REPEAT, [part])
            made.low = low
            made.high = high
            part = made
        return part

    def number(self) -> int:
        start = self.at
        text = self.text
        while self.at < len(text) and text[self.at] in "0123456789":
            self.at += 1
        if self.at == start:
            raise RegexError
        if self.at - start > 6:
            raise RegexUnknownError("the regular expression counts too far")
        return int(text[start : self.at])

    def bracket(self) -> frozenset[str]:
        """The characters of `[…]`, from behind the `[`."""
        text = self.text
        negated = self.at < len(text) and text[self.at] == "^"
        if negated:
            self.at += 1
        chars: set[str] = set()
        last = ""
        """The character a range may start with."""
        first = True
        while True:
            if self.at >= len(text):
                raise RegexError
            char = text[self.at]
            self.at += 1
            if char == "]" and not first:
                break
            if char == "[" and self.at < len(text) and text[self.at] in ".:=":
                chars |= self.named_class()
                last = ""
                first = False
                continue
            if char == "[" and self.at >= len(text):
                raise RegexError
            following = text[self.at] if self.at < len(text) else ""
            if char == "-" and not first and following != "]":
                if last == "":
                    raise RegexUnknownError("the `-` in brackets has no clear meaning")
                end = following
                self.at += 1
                if end == "" or (end == "[" and self.at < len(text) and text[self.at] in ".:="):
                    raise RegexUnknownError("the range in brackets has no clear meaning")
                if end == "-":
                    raise RegexUnknownError("the `-` in brackets has no clear meaning")
                if ord(last) >= 128 or ord(end) >= 128:
                    raise RegexUnknownError("a range in brackets has characters beyond ASCII")
                if last > end:
                    raise RegexError
                chars |= _chars(ord(last), ord(end))
                last = ""
            else:
                chars.add(char)
                last = char
            first = False
        if negated:
            return frozenset([chr(code) for code in range(256) if chr(code) not in chars])
        return frozenset(chars)

    def named_class(self) -> frozenset[str]:
        kind = self.text[self.at]
        end = self.text.find(kind + "]", self.at + 1)
        if end < 0:
            raise RegexError
        name = self.text[self.at + 1 : end]
        self.at = end + 2
        if kind != ":":
            raise RegexUnknownError("collating elements depend on the locale")
        found = _CLASSES.get(name.lower())
        if found is None:
            raise RegexError
        return found


# Properties that decide which machine runs a pattern.


def _nullable(part: Part) -> bool:
    """Whether it may match nothing."""
    kind = part.kind
    if kind == SET:
        return False
    if kind == SEQUENCE or kind == ALTERNATIVES:
        for one in part.parts:
            if _nullable(one) == (kind == ALTERNATIVES):
                return kind == ALTERNATIVES
        return kind == SEQUENCE
    if kind == REPEAT:
        return part.low == 0 or _nullable(part.parts[0])
    if kind == GROUP:
        return _nullable(part.parts[0])
    return True


def _firsts(part: Part) -> frozenset[str]:
    """The characters a match that is not empty may begin with."""
    if part.kind == SET:
        return part.chars
    if part.kind == SEQUENCE:
        found: frozenset[str] = frozenset()
        for one in part.parts:
            found |= _firsts(one)
            if not _nullable(one):
                break
        return found
    found = frozenset()
    for one in part.parts:
        found |= _firsts(one)
    return found


class _Traits:
    """What a walk over a pattern finds."""

    def __init__(self) -> None:
        self.choices = False
        """Alternatives of which more than one may match at the same place."""
        self.empty_loops = False
        """Repetitions of what may be empty."""
        self.nested = False
        """Repetitions without an end inside of each other."""
        self.unbounded = 0
        self.states = 0

    def walk(self, part: Part, loops: int, times: int) -> None:
        self.states += times
        if self.states > MAX_STATES:
            raise RegexUnknownError("the regular expression is too large")
        if part.kind == ALTERNATIVES:
            seen: frozenset[str] = frozenset()
            for one in part.parts:
                firsts = _firsts(one)
                if _nullable(one) or seen & firsts:
                    self.choices = True
                seen |= firsts
        if part.kind == REPEAT:
            inner = part.parts[0]
            if _nullable(inner):
                self.empty_loops = True
            count = max(part.low, part.high, 1)
            if part.high == UNBOUNDED:
                count += 1
                self.unbounded += 1
            if count > 4 or part.high == UNBOUNDED:
                loops += 1
                if loops > 1:
                    self.nested = True
            times *= count
        for one in part.parts:
            self.walk(one, loops, times)


# Translation for Python.


def _class_text(chars: frozenset[str]) -> str:
    if len(chars) == 1:
        return re.escape(min(chars))
    if len(chars) == 256:
        return "[\\x00-\\xff]"
    if not chars:
        return "(?!)"
    codes = sorted([ord(char) for char in chars])
    out = ["["]
    index = 0
    while index < len(codes):
        last = index
        while last + 1 < len(codes) and codes[last + 1] == codes[last] + 1:
            last += 1
        out.append(f"\\x{codes[index]:02x}")
        if last > index:
            out.append(f"-\\x{codes[last]:02x}")
        index = last + 1
    out.append("]")
    return "".join(out)


def _translate(part: Part, out: list[str]) -> None:
    kind = part.kind
    if kind == SET:
        out.append(_class_text(part.chars))
    elif kind == SEQUENCE:
        for one in part.parts:
            if one.kind == ALTERNATIVES:
                out.append("(?:")
                _translate(one, out)
                out.append(")")
            else:
                _translate(one, out)
    elif kind == ALTERNATIVES:
        for index, one in enumerate(part.parts):
            if index:
                out.append("|")
            _translate(one, out)
    elif kind == GROUP:
        out.append("(")
        _translate(part.parts[0], out)
        out.append(")")
    elif kind == REPEAT:
        out.append("(?:")
        _translate(part.parts[0], out)
        if part.high == UNBOUNDED:
            out.append(f"){{{part.low},}}")
        else:
            out.append(f"){{{part.low},{part.high}}}")
    elif kind == BEGIN:
        out.append("\\A")
    elif kind == END:
        out.append("\\Z")


# The machine.

_CHAR: Final = 0
_JUMP: Final = 1
_BOTH: Final = 2
_MORE: Final = 3
_SAVE: Final = 4
_AT_BEGIN: Final = 5
_AT_END: Final = 6
_ACCEPT: Final = 7


class Instruction:
    """One step of a program: `target` and `other` are indices of instructions."""

    def __init__(self, op: int, chars: frozenset[str], target: int, other: int) -> None:
        self.op = op
        self.chars = chars
        self.target = target
        self.other = other


_NO_CHARS: Final[frozenset[str]] = frozenset()


class _Compiler:
    def __init__(self) -> None:
        self.code: list[Instruction] = []

    def emit(self, op: int, target: int = 0, other: int = 0) -> Instruction:
        if len(self.code) > MAX_STATES:
            raise RegexUnknownError("the regular expression is too large")
        made = Instruction(op, _NO_CHARS, target, other)
        self.code.append(made)
        return made

    def part(self, part: Part) -> None:
        kind = part.kind
        code = self.code
        if kind == SET:
            self.emit(_CHAR).chars = part.chars
        elif kind == SEQUENCE:
            for one in part.parts:
                self.part(one)
        elif kind == ALTERNATIVES:
            ends: list[Instruction] = []
            last = len(part.parts) - 1
            for index, one in enumerate(part.parts):
                if index < last:
                    split = self.emit(_BOTH, len(code) + 1)
                    self.part(one)
                    ends.append(self.emit(_JUMP))
                    split.other = len(code)
                else:
                    self.part(one)
            for jump in ends:
                jump.target = len(code)
        elif kind == GROUP:
            self.emit(_SAVE, part.group * 2)
            self.part(part.parts[0])
            self.emit(_SAVE, part.group * 2 + 1)
        elif kind == BEGIN:
            self.emit(_AT_BEGIN)
        elif kind == END:
            self.emit(_AT_END)
        elif kind == REPEAT:
            self.repeat(part)

    def repeat(self, part: Part) -> None:
        inner = part.parts[0]
        code = self.code
        for _ in range(part.low):
            self.part(inner)
        if part.high == UNBOUNDED:
            loop = len(code)
            more = self.emit(_MORE, loop + 1)
            self.part(inner)
            self.emit(_JUMP, loop)
            more.other = len(code)
            return
        optional: list[Instruction] = []
        for _ in range(part.high - part.low):
            more = self.emit(_MORE, len(code) + 1)
            optional.append(more)
            self.part(inner)
        for more in optional:
            more.other = len(code)


class Found:
    """A match: `spans[2 * i]` and `spans[2 * i + 1]` bound group i, -1 when it took no part."""

    def __init__(self, spans: list[int]) -> None:
        self.spans = spans


class Regex:
    """A compiled pattern."""

    def __init__(self, pattern: str) -> None:
        reader = _Reader(pattern)
        tree = reader.whole()
        self.groups = reader.groups
        traits = _Traits()
        traits.walk(tree, 0, 1)
        # Python would try exponentially many ways.
        self._costly = traits.nested or (traits.choices and traits.unbounded > 0)
        self._unbounded = traits.unbounded
        out: list[str] = []
        _translate(tree, out)
        self._python: re.Pattern[str] | None = None
        if not traits.empty_loops:
            try:
                self._python = re.compile("".join(out), re.DOTALL)
            except (re.error, OverflowError, RecursionError):
                self._python = None
        self._search_alike = not traits.choices
        compiler = _Compiler()
        compiler.part(tree)
        compiler.emit(_ACCEPT)
        self._code = compiler.code

    def _use_python(self, text: str) -> bool:
        if self._python is None:
            return False
        if self._costly and len(text) > 24:
            return False
        if self._unbounded == 0:
            return True
        return len(text) < (4096 if self._unbounded > 1 else 30_000)

    def match(self, m: Machine, text: str) -> Found | None:
        """The match of the whole text."""
        python = self._python
        if python is not None and self._use_python(text):
            found = python.fullmatch(text)
            return None if found is None else Found(self._spans(found))
        return self.run(m, text, 0, True, False)

    def find_all(self, m: Machine, text: str) -> list[Found]:
        """All matches from left to right, as `std::sregex_iterator` finds them."""
        out: list[Found] = []
        python = self._python
        if python is not None and self._search_alike and self._use_python(text):
            for one in python.finditer(text):
                out.append(Found(self._spans(one)))
            return out
        at = 0
        again = False
        while at <= len(text):
            found = self.run(m, text, at, False, again)
            if found is None:
                at += 1
                again = False
                continue
            out.append(found)
            again = found.spans[1] == found.spans[0]
            at = found.spans[1]
            if len(out) > LARGE:
                raise OutOfBudget("a string is split too often")
        return out

    def _spans(self, found: re.Match[str]) -> list[int]:
        spans: list[int] = []
        for index in range(self.groups + 1):
            first, last = found.span(index)
            spans.append(first)
            spans.append(last)
        return spans

    def run(self, m: Machine, text: str, start: int, whole: bool, not_empty: bool) -> Found | None:
        """The best match that begins at `start`."""
        code = self._code
        length = len(text)
        best: list[int] | None = None
        best_end = -1
        solutions = 0
        spans = [-1] * (2 * self.groups + 2)
        # Where a loop was entered the last time, and how often there.
        loop_at = [-1] * len(code)
        loop_count = [0] * len(code)
        # What to do when a path ends: (kind, a, b, c). Kinds: go on at instruction a with text
        # position b; the same if there was no solution since c; restore span a to b;
        # restore loop a to position b, count c.
        kinds: list[int] = [0]
        first: list[int] = [0]
        second: list[int] = [start]
        third: list[int] = [0]
        while kinds:
            kind = kinds.pop()
            pc = first.pop()
            at = second.pop()
            extra = third.pop()
            if kind == 2:
                spans[pc] = at
                continue
            if kind == 3:
                loop_at[pc] = at
                loop_count[pc] = extra
                continue
            if kind == 1 and solutions != extra:
                continue
            while True:
                m.steps += 1
                if m.steps >= m.next_check:
                    m.check()
                step = code[pc]
                op = step.op
                if op == _CHAR:
                    if at >= length or text[at] not in step.chars:
                        break
                    at += 1
                    pc += 1
                elif op == _JUMP:
                    pc = step.target
                elif op == _BOTH:
                    kinds.append(0)
                    first.append(step.other)
                    second.append(at)
                    third.append(0)
                    pc = step.target
                elif op == _MORE:
                    kinds.append(1)
                    first.append(step.other)
                    second.append(at)
                    third.append(solutions)
                    count = loop_count[pc]
                    if count == 0 or loop_at[pc] != at:
                        kinds.append(3)
                        first.append(pc)
                        second.append(loop_at[pc])
                        third.append(count)
                        loop_at[pc] = at
                        loop_count[pc] = 1
                        pc = step.target
                    elif count < 2:
                        kinds.append(3)
                        first.append(pc)
                        second.append(at)
                        third.append(count)
                        loop_count[pc] = count + 1
                        pc = step.target
                    else:
                        break
                elif op == _SAVE:
                    kinds.append(2)
                    first.append(step.target)
                    second.append(spans[step.target])
                    third.append(0)
                    spans[step.target] = at
                    pc += 1
                elif op == _AT_BEGIN:
                    if at != 0:
                        break
                    pc += 1
                elif op == _AT_END:
                    if at != length:
                        break
                    pc += 1
                else:
                    if whole and at != length:
                        break
                    if not_empty and at == start:
                        break
                    solutions += 1
                    if at > best_end:
                        best_end = at
                        best = spans.copy()
                    break
            if len(kinds) > 4_000_000:
                raise OutOfBudget("a regular expression needs too much memory")
        if best is None:
            return None
        best[0] = start
        best[1] = best_end
        return Found(best)


_CACHE: Final[dict[str, Regex]] = {}


def compiled(pattern: str) -> Regex:
    """The pattern, compiled once. Raises `RegexError` or `RegexUnknownError`."""
    known = _CACHE.get(pattern)
    if known is None:
        known = Regex(pattern)
        if len(_CACHE) >= 2000:
            _CACHE.clear()
        _CACHE[pattern] = known
    return known
