"""Longest-match automata from the terminals of the grammar.

Only what `nix.lark` uses of the regular expressions is understood: literals, escapes, classes,
groups, `|`, `*`, `+`, `?`, `.`, and a lookahead `(?=…)` for fixed text at the end of an
alternative, which becomes trailing context: it must match, and is given back.
Anything else is refused, so that a terminal can never need backtracking.
"""

from __future__ import annotations

ALPHABET = 129
"""Code points 0 to 127, and one symbol (128) for every other."""

Symbols = frozenset[int]
EVERYTHING: Symbols = frozenset(range(ALPHABET))


class Nfa:
    """States are numbers; `edges[s]` are `(symbols, target)`, `empty[s]` are free moves."""

    def __init__(self) -> None:
        self.edges: list[list[tuple[Symbols, int]]] = []
        self.empty: list[list[int]] = []
        self.accepts: dict[int, int] = {}

    def state(self) -> int:
        self.edges.append([])
        self.empty.append([])
        return len(self.edges) - 1


class PatternParser:
    """Adds one pattern to an automaton; `tags` are numbered by `tag_for(given_back)`."""

    def __init__(self, nfa: Nfa, pattern: str) -> None:
        self.nfa = nfa
        self.pattern = pattern
        self.at = 0

    def fail(self, reason: str) -> ValueError:
        return ValueError(f"terminal /{self.pattern}/, at {self.at}: {reason}")

    def peek(self) -> str:
        return self.pattern[self.at] if self.at < len(self.pattern) else ""

    def top(self, start: int) -> list[tuple[int, int]]:
        """Parses all alternatives; returns `(end state, characters to give back)` of each."""
        ends = [self.sequence(start)]
        while self.peek() == "|":
            self.at += 1
            ends.append(self.sequence(start))
        if self.at != len(self.pattern):
            raise self.fail("unbalanced parenthesis")
        return ends

    def sequence(self, start: int) -> tuple[int, int]:
        here = start
        while self.peek() not in ("", "|", ")"):
            if self.pattern.startswith("(?=", self.at):
                self.at += 3
                length = 0
                while self.peek() != ")":
                    here = self.single(here)
                    length += 1
                self.at += 1
                if self.peek() not in ("", "|"):
                    raise self.fail("a lookahead must end its alternative")
                return here, length
            here = self.repeated(here)
        return here, 0

    def repeated(self, start: int) -> int:
        inner = self.nfa.state()
        self.nfa.empty[start].append(inner)
        end = self.atom(inner)
        char = self.peek()
        if char and char in "*+?":
            self.at += 1
            after = self.nfa.state()
            self.nfa.empty[end].append(after)
            if char in "*?":
                self.nfa.empty[inner].append(after)
            if char in "*+":
                self.nfa.empty[end].append(inner)
            return after
        return end

    def atom(self, start: int) -> int:
        if self.peek() != "(":
            return self.single(start)
        self.at += 1
        if self.pattern.startswith("?:", self.at):
            self.at += 2
        after = self.nfa.state()
        while True:
            end, given_back = self.sequence(start)
            if given_back:
                raise self.fail("a lookahead inside a group")
            self.nfa.empty[end].append(after)
            if self.peek() != "|":
                break
            self.at += 1
        if self.peek() != ")":
            raise self.fail("unbalanced parenthesis")
        self.at += 1
        return after

    def single(self, start: int) -> int:
        char = self.peek()
        if char == "[":
            symbols = self.char_class()
        elif char == ".":
            self.at += 1
            symbols = EVERYTHING - {10}
        elif char in "*+?(":
            raise self.fail(f"unexpected {char!r}")
        else:
            symbols = frozenset([self.escaped()])
        end = self.nfa.state()
        self.nfa.edges[start].append((symbols, end))
        return end

    def escaped(self) -> int:
        char = self.peek()
        self.at += 1
        if char == "\\":
            char = {"n": "\n", "r": "\r", "t": "\t"}.get(self.peek(), self.peek())
            self.at += 1
            if char.isalnum():
                raise self.fail(f"unknown escape \\{char}")
        return ord(char)

    def char_class(self) -> Symbols:
        self.at += 1
        negated = self.peek() == "^"
        if negated:
            self.at += 1
        members: set[int] = set()
        while self.peek() != "]":
            low = self.escaped()
            high = low
            if self.peek() == "-" and self.pattern[self.at + 1] != "]":
                self.at += 1
                high = self.escaped()
            members.update(range(low, high + 1))
        self.at += 1
        return EVERYTHING - members if negated else frozenset(members)


class Dfa:
    """`rows[s][symbol]` is the next state or 0 (dead); `tags[s]` the tag accepted in `s` or -1."""

    def __init__(self) -> None:
        self.rows: list[list[int]] = [[0] * ALPHABET]
        self.tags: list[int] = [-1]


def closure(nfa: Nfa, states: set[int]) -> frozenset[int]:
    pending = list(states)
    seen = set(states)
    while pending:
        for target in nfa.empty[pending.pop()]:
            if target not in seen:
                seen.add(target)
                pending.append(target)
    return frozenset(seen)


def determinize(nfa: Nfa, start: int, dfa: Dfa) -> int:
    """Adds the automaton that starts in `start` to `dfa`; returns its first state.

    Of several tags accepted in one state the lowest wins.
    """
    first = closure(nfa, {start})
    numbers = {first: len(dfa.rows)}
    pending = [first]
    dfa.rows.append([0] * ALPHABET)
    dfa.tags.append(-1)
    while pending:
        subset = pending.pop()
        number = numbers[subset]
        accepted = [nfa.accepts[s] for s in subset if s in nfa.accepts]
        dfa.tags[number] = min(accepted) if accepted else -1
        for symbol in range(ALPHABET):
            targets = {t for s in subset for symbols, t in nfa.edges[s] if symbol in symbols}
            if not targets:
                continue
            target = closure(nfa, targets)
            if target not in numbers:
                numbers[target] = len(dfa.rows)
                dfa.rows.append([0] * ALPHABET)
                dfa.tags.append(-1)
                pending.append(target)
            dfa.rows[number][symbol] = numbers[target]
    return numbers[first]


def minimize(dfa: Dfa, starts: list[int]) -> tuple[Dfa, list[int]]:
    """Moore's partition refinement; state 0 stays the dead state."""
    block = [0 if s == 0 else dfa.tags[s] + 2 for s in range(len(dfa.rows))]
    count = len(set(block))
    while True:
        signatures: dict[tuple[int, ...], int] = {}
        refined = []
        for state, row in enumerate(dfa.rows):
            signature = (block[state], *[block[t] for t in row])
            refined.append(signatures.setdefault(signature, len(signatures)))
        block = refined
        if len(signatures) == count:
            break
        count = len(signatures)
    small = Dfa()
    small.rows = [[0] * ALPHABET for _ in range(count)]
    small.tags = [-1] * count
    for state, row in enumerate(dfa.rows):
        small.rows[block[state]] = [block[t] for t in row]
        small.tags[block[state]] = dfa.tags[state]
    return small, [block[s] for s in starts]
