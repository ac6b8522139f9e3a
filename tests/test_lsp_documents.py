"""Texts of the editor: positions in three encodings and edits, against a naive model.

The model counts the units of one character after the other, and replaces whole texts.
"""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from lsprotocol.types import (
    Position,
    Range,
    TextDocumentContentChangePartial,
    TextDocumentContentChangeWholeDocument,
    TextDocumentItem,
)

from nixlint.text.source import line_starts
from nixlint_lsp.documents import Documents, LineIndex, OpenDocument
from nixlint_lsp.moving import Shift
from nixlint_lsp.positions import ENCODINGS, UTF8, UTF16, UTF32, Converter
from nixlint_lsp.uris import Uris

PIECES = ["a", " ", "\n", "\r", "\r\n", "\u2028", "\x85", "\f", "\v", "é", "€", "😀", "🂡", "\ufeff"]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
NUMBERS = st.integers(0, 12) | st.sampled_from([100, 2**31 - 1])
POSITIONS = st.builds(Position, NUMBERS, NUMBERS)


def naive_lines(text: str) -> list[tuple[int, int]]:
    """Start and end of each line, without what ends it."""
    lines: list[tuple[int, int]] = []
    start = at = 0
    while at < len(text):
        if text[at] in "\r\n":
            lines.append((start, at))
            at += 2 if text[at : at + 2] == "\r\n" else 1
            start = at
        else:
            at += 1
    lines.append((start, len(text)))
    return lines


def naive_units(character: str, encoding: str) -> int:
    number = ord(character)
    if encoding == UTF32:
        return 1
    if encoding == UTF16:
        return 2 if number > 0xFFFF else 1
    return 1 + (number > 0x7F) + (number > 0x7FF) + (number > 0xFFFF)


def naive_offset(text: str, position: Position, encoding: str) -> int:
    lines = naive_lines(text)
    if position.line >= len(lines):
        return len(text)
    at, end = lines[position.line]
    left = position.character
    while at < end and naive_units(text[at], encoding) <= left:
        left -= naive_units(text[at], encoding)
        at += 1
    return at


def naive_position(text: str, offset: int, encoding: str) -> tuple[int, int]:
    lines = naive_lines(text)
    line = max(number for number, (start, _end) in enumerate(lines) if start <= offset)
    start, end = lines[line]
    return line, sum(naive_units(each, encoding) for each in text[start : min(offset, end)])


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=TEXTS, position=POSITIONS)
def test_offset_of_a_position(encoding: str, text: str, position: Position) -> None:
    assert Converter(text, encoding).offset(position) == naive_offset(text, position, encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=TEXTS, data=st.data())
def test_position_of_an_offset(encoding: str, text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    convert = Converter(text, encoding)
    position = convert.position(offset)
    assert (position.line, position.character) == naive_position(text, offset, encoding)
    if text[max(0, offset - 1) : offset + 1] != "\r\n":
        assert convert.offset(position) == offset


@given(text=TEXTS, start=POSITIONS, end=POSITIONS)
def test_a_range_that_is_turned_round(text: str, start: Position, end: Position) -> None:
    convert = Converter(text, UTF16)
    low, high = convert.span(Range(start, end))
    assert low <= high
    assert convert.span(Range(end, start)) == (low, high)


@given(text=TEXTS, data=st.data())
def test_line_index(text: str, data: st.DataObject) -> None:
    index = LineIndex(text)
    for _edit in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, len(text)))
        new = text[:start] + data.draw(TEXTS) + text[end:]
        index.replaced(len(text), start, end, new)
        text = new
        expected = line_starts(text)
        assert [index.start(line) for line in range(len(index))] == expected
        at = data.draw(st.integers(0, len(text)))
        assert index.line_of(at) == max(n for n, start in enumerate(expected) if start <= at)
    assert index.starts() == line_starts(text)


class Editing(RuleBasedStateMachine):
    """One text under edits, and the naive model beside it."""

    @initialize(text=TEXTS, encoding=st.sampled_from(ENCODINGS))
    def open(self, text: str, encoding: str) -> None:
        self.documents = Documents(Uris())
        self.document = self.documents.open(TextDocumentItem("file:///a.nix", "nix", 1, text))
        self.encoding = encoding
        self.model = text
        self.snapshots = [(self.document.snapshot, text)]

    @rule(edits=st.lists(st.tuples(POSITIONS, POSITIONS, TEXTS), min_size=1, max_size=4))
    def edit(self, edits: list[tuple[Position, Position, str]]) -> None:
        changes = [
            TextDocumentContentChangePartial(Range(start, end), text) for start, end, text in edits
        ]
        for start, end, text in edits:
            first = naive_offset(self.model, start, self.encoding)
            last = naive_offset(self.model, end, self.encoding)
            low, high = min(first, last), max(first, last)
            self.model = self.model[:low] + text + self.model[high:]
        self.document.change(self.document.version + 1, changes, self.encoding)

    @rule(text=TEXTS)
    def replace(self, text: str) -> None:
        change = TextDocumentContentChangeWholeDocument(text)
        self.document.change(self.document.version + 1, [change], self.encoding)
        self.model = text

    @rule()
    def look(self) -> None:
        self.snapshots.append((self.document.snapshot, self.model))

    @invariant()
    def same(self) -> None:
        if hasattr(self, "document"):
            assert self.document.text == self.model
            assert self.document.index.starts() == line_starts(self.model)
            assert all(snapshot.text == text for snapshot, text in self.snapshots)


TestEditing = Editing.TestCase
TestEditing.settings = settings(max_examples=150, stateful_step_count=20)


def test_halves_of_a_character_come_together() -> None:
    document = OpenDocument("file:///a", "/a", "nix", 1, "x\ud83d")
    insert = TextDocumentContentChangePartial(Range(Position(0, 2), Position(0, 2)), "\ude00y")
    document.change(2, [insert], UTF16)
    assert document.text == "x😀y"
    assert Converter(document.text, UTF16).position(2) == Position(0, 3)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_half_a_character_in_a_text(encoding: str) -> None:
    convert = Converter("a\udc80b😀c", encoding)
    for offset in range(len(convert.text) + 1):
        assert convert.offset(convert.position(offset)) == offset


def test_line_separators_that_are_none() -> None:
    text = "a = ''\u2028\x0c\x0b\x1c\x85'';\nb = 1;\n"
    document = OpenDocument("file:///a", "/a", "nix", 1, text)
    change = TextDocumentContentChangePartial(Range(Position(1, 4), Position(1, 5)), "2")
    document.change(2, [change], UTF16)
    assert document.text == text.replace("b = 1", "b = 2")


def test_the_same_file_under_two_uris() -> None:
    documents = Documents(Uris())
    document = documents.open(TextDocumentItem("file:///a%20b/c%3A.nix", "nix", 1, "1"))
    assert document.path == "/a b/c:.nix"
    assert documents.opened("file:///a b/c:.nix") is document
    assert documents.at("/a b/c:.nix") is document
    assert documents.close("file:///a%20b/c:.nix") is document
    assert documents.get("file:///a%20b/c:.nix") is None


def test_a_text_without_a_file() -> None:
    documents = Documents(Uris())
    document = documents.open(TextDocumentItem("untitled:Untitled-1", "nix", 1, "1"))
    assert document.path == "" and document.is_nix
    assert documents.opened("untitled:Untitled-1") is document
    assert documents.at("") is None


@given(before=TEXTS, after=TEXTS, data=st.data())
def test_what_moves_keeps_its_text(before: str, after: str, data: st.DataObject) -> None:
    shift = Shift(before, after)
    start = data.draw(st.integers(0, len(before)))
    end = data.draw(st.integers(start, len(before)))
    moved = shift.span(start, end)
    if moved is not None:
        assert after[moved[0] : moved[1]] == before[start:end]
    assert Shift(before, before).span(start, end) == (start, end)


@given(before=TEXTS, at=st.integers(0, 100))
def test_what_an_edit_does_not_touch_moves(before: str, at: int) -> None:
    at = min(at, len(before))
    shift = Shift(before, before[:at] + "new" + before[at:])
    assert shift.span(0, at) == (0, at)
    if at < len(before):
        assert shift.span(at + 1, len(before)) == (at + 4, len(before) + 3)


@pytest.mark.timing
@pytest.mark.parametrize("filler", ["x = 1; # a\n", "x = 1; # é😀\n"])
def test_an_edit_of_a_large_text_is_cheap(filler: str) -> None:
    document = OpenDocument("file:///a", "/a", "nix", 1, filler * (1_000_000 // len(filler)))
    lines = len(document.index)
    begin = time.process_time()
    for number in range(200):
        line = lines // 2 + number % 7
        here = Position(line, 3)
        change = TextDocumentContentChangePartial(Range(here, here), "y")
        document.change(number, [change], UTF8)
    assert (time.process_time() - begin) / 200 < 0.01
