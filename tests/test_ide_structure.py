"""Symbols, folds, selections, highlights and tokens: `fixtures/lsp/`."""

from __future__ import annotations

from itertools import pairwise

from nixlint.ide.model import Symbol
from nixlint.ide.structure.folding import folds
from nixlint.ide.structure.highlights import highlights
from nixlint.ide.structure.selection import selections
from nixlint.ide.structure.symbols import flat, symbols
from nixlint.ide.structure.tokens import MODIFIERS, TYPES, tokens
from tests.answers_harness import Case, cases, position


def listed(found: list[Symbol], depth: int = 0) -> list[str]:
    out: list[str] = []
    for symbol in found:
        detail = f" {symbol.detail}" if symbol.detail else ""
        out.append(f"{'  ' * depth}{symbol.name} [{symbol.kind}]{detail}")
        out.extend(listed(symbol.children, depth + 1))
    return out


@cases("symbols")
def test_symbols(case: Case) -> None:
    assert "\n".join(listed(symbols(case.document))) == case.expected


@cases("symbols")
def test_symbols_lie_inside_of_each_other(case: Case) -> None:
    for symbol in flat(symbols(case.document)):
        assert symbol.whole[0] <= symbol.own[0] <= symbol.own[1] <= symbol.whole[1]
        for child in symbol.children:
            assert symbol.whole[0] <= child.whole[0] <= child.whole[1] <= symbol.whole[1]


@cases("folding")
def test_folding(case: Case) -> None:
    shown = [f"{fold.first + 1}-{fold.last + 1} {fold.kind}" for fold in folds(case.document)]
    assert "\n".join(shown) == case.expected


@cases("selection")
def test_selection(case: Case) -> None:
    found = selections(case.document, case.offset)
    assert "\n".join(repr(case.text[start:end]) for start, end in found) == case.expected
    for (start, end), (outer_start, outer_end) in pairwise(found):
        assert outer_start <= start <= end <= outer_end
        assert (start, end) != (outer_start, outer_end)


@cases("highlights")
def test_highlights(case: Case) -> None:
    found = highlights(case.document, case.offset)
    shown = [
        f"{position(case.document, each.start)} {case.text[each.start : each.end]}"
        f" {'write' if each.write else 'read'}"
        for each in found
    ]
    assert ("\n".join(shown) or "nothing") == case.expected


@cases("tokens")
def test_tokens(case: Case) -> None:
    shown: list[str] = []
    for token in tokens(case.document):
        words = [case.text[token.start : token.end], TYPES[token.type]]
        words.extend(name for bit, name in enumerate(MODIFIERS) if token.modifiers >> bit & 1)
        shown.append(" ".join(words))
    assert "\n".join(shown) == case.expected


@cases("tokens")
def test_tokens_of_a_range_are_those_of_the_file_in_it(case: Case) -> None:
    every = tokens(case.document)
    middle = len(case.text) // 2
    parts = [*tokens(case.document, 0, middle), *tokens(case.document, middle, len(case.text))]
    assert {token.start for token in parts} == {token.start for token in every}
    for token in every:
        assert "\n" not in case.text[token.start : token.end]
