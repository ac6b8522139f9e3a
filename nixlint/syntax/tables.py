"""The tables that drive the lexer and the parser, read from `tables.bin`.

`grammar/compile.py` writes that file; it documents how each section comes about.
"""

from __future__ import annotations

import os
from typing import Final

import nixlint

MAGIC: Final = b"nixlint tables 2\n"


class Tables:
    """All sections, as bytes.

    Parser: `shift[state*64 + terminal]` is the next state + 1 or 0, `reduce[…]` a rule + 1 or 0,
    `atoms[state]` the rule + 1 of a state that only completes a one-token rule;
    `lengths`, `heads` and `actions` describe the rules.
    `chain_rows[(state*32 + head)*2]` (two bytes, low first) is a row of `chain`, and
    `chain[row*64 + lookahead]` the state after a reduction to `head` on top of `state`.

    Lexer: `trans[state*256 + byte]` is the next state or 0, where one byte stands for each code
    point and all from 128 up mean the same; `accept[state]` a terminal or 255,
    `give_back[state]` the length of its trailing context; `starts[mode]` the first state;
    `effects[mode*64 + terminal]` is 0, 1 + the mode to push, or `MODE_POP`.
    """

    def __init__(self, data: bytes) -> None:
        if not data.startswith(MAGIC):
            raise ValueError("tables.bin does not belong to this version of nixlint")
        parts: list[bytes] = []
        at = len(MAGIC)
        while at < len(data):
            length = int.from_bytes(data[at : at + 4], "little")
            parts.append(data[at + 4 : at + 4 + length])
            at += 4 + length
        head = parts[0]
        self.n_states: int = head[0]
        self.start: int = head[1]
        self.accepting: int = head[2]
        self.shift: bytes = parts[1]
        self.reduce: bytes = parts[2]
        self.goto: bytes = parts[3]
        self.lengths: bytes = parts[4]
        self.heads: bytes = parts[5]
        self.actions: bytes = parts[6]
        self.atoms: bytes = parts[7]
        self.chain_rows: bytes = parts[8]
        self.chain: bytes = parts[9]
        self.trans: bytes = parts[10]
        self.accept: bytes = parts[11]
        self.give_back: bytes = parts[12]
        self.starts: bytes = parts[13]
        self.effects: bytes = parts[14]


_loaded: list[Tables] = []


def load_tables() -> Tables:
    """The tables, read from the installed package at the first call."""
    if not _loaded:
        path = os.path.join(nixlint.__path__[0], "syntax", "tables.bin")
        with open(path, "rb") as file:
            _loaded.append(Tables(file.read()))
    return _loaded[0]
