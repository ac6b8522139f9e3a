"""Compiles `nix.lark` to `nixlint/syntax/tables.bin` and `nixlint/syntax/ids.py`.

    python grammar/compile.py            write both
    python grammar/compile.py --check    exit 1 if what is there differs

The table is Lark's own LALR(1) table (`strict=True`: a conflict fails the build), renumbered, with
the chains of rules that build nothing (`simple → select → app → …`) followed ahead of time.
`nixlint/syntax/tables.py` reads the file back and documents its sections.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from lark import Lark
from lark.grammar import NonTerminal, Rule
from lark.lexer import Lexer
from lark.parsers.lalr_analysis import Shift

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from grammar.automata import Dfa, Nfa, PatternParser, determinize, minimize

HERE = Path(__file__).resolve().parent
GRAMMAR = HERE / "nix.lark"
SYNTAX = HERE.parent / "nixlint" / "syntax"

TRIVIA = ("WS", "COMMENT", "BLOCK_COMMENT", "SKIPPED")
FIRST_TRIVIA = 60
MODES = ("DEFAULT", "STRING", "IND_STRING", "IN_PATH")
PLAIN = "PLAIN"
PLAIN_LACKS = ("PATH", "URI")
"""The automaton for stretches known to hold neither; it keeps the lexer linear (see lexer.py)."""
MODE_PUSH = {mode: number + 1 for number, mode in enumerate(MODES)}
MODE_POP = 9


class NoLexer(Lexer):
    """Lark is only asked for its table here; tokens come from `nixlint/syntax/lexer.py`."""

    def __init__(self, conf: Any) -> None:
        pass

    def lex(self, *_: Any) -> Any:
        raise NotImplementedError


class Directives:
    """What the `//!` lines of the grammar say about the lexer's modes."""

    def __init__(self, text: str) -> None:
        self.members: dict[str, list[str]] = {mode: [] for mode in MODES}
        self.effects: dict[tuple[str, str], int] = {}
        defaults: dict[str, int] = {}
        mode = ""
        for line in text.splitlines():
            if line.startswith("//!"):
                words = line[3:].split()
                if words[0] == "mode":
                    mode = words[1]
                elif words[1] == "push":
                    defaults[words[0]] = MODE_PUSH[words[2]]
                elif words[1:] == ["pop"]:
                    defaults[words[0]] = MODE_POP
                elif words[1] == "also":
                    self.members[words[0]].extend(words[2:])
                elif words[1] == "in" and words[3] == "pop":
                    self.effects[words[2], words[0]] = MODE_POP
                else:
                    raise ValueError(f"unknown directive: {line}")
            elif mode and (match := re.match(r"([A-Z_]+):", line)):
                self.members[mode].append(match[1])
        for mode in MODES:
            for name, effect in defaults.items():
                self.effects.setdefault((mode, name), effect)


def load_lark(text: str) -> Lark:
    return Lark(text, parser="lalr", lexer=NoLexer, strict=True, keep_all_tokens=True)


class Table:
    """Lark's parse table with everything renumbered to small integers."""

    def __init__(self, lark: Lark, names: list[str]) -> None:
        table = lark.parser.parser._parse_table
        self.terminals = {name: number for number, name in enumerate(names)}
        states = table.states
        order = self.reachable(table)
        number_of = {state: index for index, state in enumerate(order)}
        if len(order) > 254:
            raise ValueError("the parser's states no longer fit a byte")
        self.n_states = len(order)
        self.rules: list[Rule] = list(lark.rules)
        self.nonterminals: dict[str, int] = {}
        for rule in self.rules:
            self.nonterminals.setdefault(rule.origin.name, len(self.nonterminals))
        if len(self.nonterminals) > 32 or len(self.rules) > 254:
            raise ValueError("the parser's rules no longer fit a byte")
        rule_number = {rule: index for index, rule in enumerate(self.rules)}
        self.shift = bytearray(self.n_states * 64)
        self.reduce = bytearray(self.n_states * 64)
        self.goto = bytearray(self.n_states * 32)
        for state in order:
            row = number_of[state]
            for symbol, (kind, target) in states[state].items():
                if symbol in self.nonterminals:
                    self.goto[row * 32 + self.nonterminals[symbol]] = number_of[target] + 1
                elif kind is Shift:
                    self.shift[row * 64 + self.terminals[symbol]] = number_of[target] + 1
                else:
                    self.reduce[row * 64 + self.terminals[symbol]] = rule_number[target] + 1
        self.start = number_of[table.start_states["start"]]
        self.accept = number_of[table.end_states["start"]]
        self.lengths = bytes(len(rule.expansion) for rule in self.rules)
        self.heads = bytes(self.nonterminals[rule.origin.name] for rule in self.rules)
        self.actions = ["pass"]
        action_of_rule = []
        for rule in self.rules:
            name = action_name(rule)
            if name not in self.actions:
                self.actions.append(name)
            action_of_rule.append(self.actions.index(name))
        self.action_of_rule = bytes(action_of_rule)
        self.atoms = self.find_atoms()
        self.chain_rows, self.chain = self.follow_chains()

    @staticmethod
    def reachable(table: Any) -> list[Any]:
        """The states in the order of a breadth-first walk: the same at every run."""
        first = table.start_states["start"]
        order = [first]
        seen = {first}
        for state in order:
            for symbol in sorted(table.states[state], key=str):
                kind, target = table.states[state][symbol]
                if (kind is Shift) and target not in seen:
                    seen.add(target)
                    order.append(target)
        return order

    def find_atoms(self) -> bytes:
        """Per state: rule + 1 if the state holds nothing but one complete one-token rule."""
        out = bytearray(self.n_states)
        for state in range(self.n_states):
            row = slice(state * 64, state * 64 + 64)
            if any(self.shift[row]) or any(self.goto[state * 32 : state * 32 + 32]):
                continue
            rules = set(self.reduce[row]) - {0}
            if len(rules) == 1:
                rule = rules.pop()
                only = self.rules[rule - 1].expansion
                if len(only) == 1 and not isinstance(only[0], NonTerminal):
                    out[state] = rule
        return bytes(out)

    def follow_chains(self) -> tuple[bytes, bytes]:
        """Where a reduction ends up after all rules that build nothing.

        `rows[state*32 + nonterminal]` (two bytes, low first) names a row of `chain`;
        `chain[row*64 + lookahead]` is the state after reducing to the nonterminal on top of
        `state` and following every chain rule that the lookahead allows.
        """
        rows = bytearray(self.n_states * 32 * 2)
        unique: dict[bytes, int] = {bytes(64): 0}
        for state in range(self.n_states):
            for nonterminal in range(len(self.nonterminals)):
                first = self.goto[state * 32 + nonterminal]
                if not first:
                    continue
                row = bytearray(64)
                for lookahead in range(64):
                    here = first - 1
                    while True:
                        rule = self.reduce[here * 64 + lookahead]
                        if not rule or self.action_of_rule[rule - 1] or self.lengths[rule - 1] != 1:
                            break
                        here = self.goto[state * 32 + self.heads[rule - 1]] - 1
                    row[lookahead] = here
                number = unique.setdefault(bytes(row), len(unique))
                at = (state * 32 + nonterminal) * 2
                rows[at : at + 2] = number.to_bytes(2, "little")
        return bytes(rows), b"".join(unique)


def action_name(rule: Rule) -> str:
    """The alias written in the grammar, or `pass` for a rule that builds nothing."""
    if rule.alias:
        return str(rule.alias)
    if rule.options.expand1 and len(rule.expansion) == 1:
        return "pass"
    return str(rule.origin.name)


def terminal_names(lark: Lark) -> list[str]:
    """All terminals, numbered by their place in the list: `$END` first, trivia from 60."""
    text = GRAMMAR.read_text()
    declared = [m[1] for m in re.finditer(r"^([A-Z_]+):", text, re.M)]
    declared += re.findall(r"^%declare (.*)$", text, re.M)[0].split()
    plain = [n for n in declared if n not in TRIVIA]
    names = ["$END", *plain, "INVALID"]
    if len(names) > FIRST_TRIVIA:
        raise ValueError("too many terminals")
    names += [f"UNUSED_{n}" for n in range(len(names), FIRST_TRIVIA)]
    return names + list(TRIVIA)


def build_automata(
    lark: Lark, directives: Directives, names: list[str]
) -> tuple[Dfa, list[int], list[tuple[int, int]]]:
    """One automaton with a first state per mode, and what its tags mean: (terminal, give back)."""
    patterns = {t.name: t.pattern for t in lark.terminals}
    tags: list[tuple[int, int]] = []
    dfa = Dfa()
    starts = []
    members = dict(directives.members)
    members[PLAIN] = [name for name in members["DEFAULT"] if name not in PLAIN_LACKS]
    for mode in (*MODES, PLAIN):
        nfa = Nfa()
        start = nfa.state()
        literal_first = sorted(members[mode], key=lambda n: patterns[n].type != "str")
        for name in literal_first:
            pattern = patterns[name]
            source = re.escape(pattern.value) if pattern.type == "str" else pattern.value
            inner = nfa.state()
            nfa.empty[start].append(inner)
            number = names.index(name)
            for end, given_back in PatternParser(nfa, source).top(inner):
                tag = (number, given_back)
                if tag not in tags:
                    tags.append(tag)
                final = nfa.state()
                nfa.empty[end].append(final)
                nfa.accepts[final] = tags.index(tag)
        starts.append(determinize(nfa, start, dfa))
    small, starts = minimize(dfa, starts)
    if len(small.rows) > 255:
        raise ValueError("the lexer's states no longer fit a byte")
    return small, starts, tags


def wide_rows(dfa: Dfa) -> bytes:
    """A row of 256 next states per state; all bytes from 128 up go where symbol 128 goes."""
    return b"".join(bytes(row[:128]) + bytes([row[128]]) * 128 for row in dfa.rows)


def sections(table: Table, lark: Lark, directives: Directives, names: list[str]) -> list[bytes]:
    dfa, starts, tags = build_automata(lark, directives, names)
    accept = bytes(255 if tag < 0 else tags[tag][0] for tag in dfa.tags)
    give_back = bytes(0 if tag < 0 else tags[tag][1] for tag in dfa.tags)
    effects = bytearray(len(MODES) * 64)
    for (mode, name), effect in directives.effects.items():
        effects[MODES.index(mode) * 64 + names.index(name)] = effect
    return [
        bytes([table.n_states, table.start, table.accept, len(names)]),
        bytes(table.shift),
        bytes(table.reduce),
        bytes(table.goto),
        table.lengths,
        table.heads,
        table.action_of_rule,
        table.atoms,
        table.chain_rows,
        table.chain,
        wide_rows(dfa),
        accept,
        give_back,
        bytes(starts),
        bytes(effects),
    ]


def ids_module(table: Table, names: list[str]) -> str:
    lines = [
        '"""Numbers of terminals, actions and nonterminals.',
        "",
        "Made by `grammar/compile.py`; do not edit.",
        '"""',
        "",
        "from __future__ import annotations",
        "",
        "from typing import Final",
        "",
    ]
    for number, name in enumerate(names):
        if not name.startswith("UNUSED"):
            lines.append(f"T_{name.replace('$', '')}: Final = {number}")
    lines.append(f"FIRST_TRIVIA: Final = {FIRST_TRIVIA}")
    shown = [f'"{"" if name.startswith("UNUSED") else name}"' for name in names]
    lines += ["", "TERMINALS: Final = (", *[f"    {name}," for name in shown], ")", ""]
    for number, mode in enumerate(MODES):
        lines.append(f"MODE_{mode}: Final = {number}")
    lines.append(f"MODE_{PLAIN}: Final = {len(MODES)}")
    lines.append(f"MODE_POP: Final = {MODE_POP}")
    lines.append("")
    for number, name in enumerate(table.actions):
        lines.append(f"A_{name.rstrip('_').upper()}: Final = {number}")
    lines.append("")
    for name, number in table.nonterminals.items():
        lines.append(f"N_{name.strip('_').upper()}: Final = {number}")
    return "\n".join(lines) + "\n"


def main() -> int:
    text = GRAMMAR.read_text()
    lark = load_lark(text)
    directives = Directives(text)
    names = terminal_names(lark)
    table = Table(lark, names)
    blob = b"nixlint tables 2\n" + b"".join(
        len(section).to_bytes(4, "little") + section
        for section in sections(table, lark, directives, names)
    )
    wanted = {
        SYNTAX / "tables.bin": blob,
        SYNTAX / "ids.py": ids_module(table, names).encode(),
    }
    if "--check" in sys.argv[1:]:
        stale = [p.name for p, data in wanted.items() if not p.exists() or p.read_bytes() != data]
        if stale:
            print(f"out of date: {', '.join(stale)}; run `python grammar/compile.py`")
            return 1
        return 0
    for path, data in wanted.items():
        path.write_bytes(data)
    print(
        f"{table.n_states} states, {len(table.rules)} rules, {len(table.chain) // 64} chain rows, "
        f"{len(blob)} bytes"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
