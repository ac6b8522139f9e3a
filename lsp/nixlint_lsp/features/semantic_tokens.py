"""`textDocument/semanticTokens/full`, `/full/delta` and `/range`."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

from lsprotocol import types

from nixlint.ide.document import Document
from nixlint.ide.structure.tokens import MODIFIERS, TYPES, Token, tokens
from nixlint_lsp.answers import nix_document
from nixlint_lsp.positions import units
from nixlint_lsp.server import NixlintServer

MAX_KEPT: Final = 32


class Sent:
    """What clients have, to tell them only what changed."""

    def __init__(self) -> None:
        self.count = 0
        self.by_uri: dict[str, tuple[str, list[int]]] = {}

    def keep(self, uri: str, data: list[int]) -> str:
        """Remembers what was sent, and gives it a name."""
        self.count += 1
        name = str(self.count)
        self.by_uri.pop(uri, None)
        self.by_uri[uri] = (name, data)
        while len(self.by_uri) > MAX_KEPT:
            del self.by_uri[next(iter(self.by_uri))]
        return name


def register(server: NixlintServer) -> None:
    """Add the handlers."""
    legend = types.SemanticTokensLegend(list(TYPES), list(MODIFIERS))
    sent = Sent()

    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, legend)
    def full(params: types.SemanticTokensParams) -> types.SemanticTokens | None:
        uri = params.text_document.uri
        document = nix_document(server, uri)
        if document is None:
            return None
        data = encoded(document, tokens(document), server.encoding)
        return types.SemanticTokens(data, sent.keep(uri, data))

    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA, legend)
    def delta(
        params: types.SemanticTokensDeltaParams,
    ) -> types.SemanticTokens | types.SemanticTokensDelta | None:
        uri = params.text_document.uri
        document = nix_document(server, uri)
        if document is None:
            return None
        before = sent.by_uri.get(uri)
        data = encoded(document, tokens(document), server.encoding)
        name = sent.keep(uri, data)
        if before is None or before[0] != params.previous_result_id:
            return types.SemanticTokens(data, name)
        return types.SemanticTokensDelta(changes(before[1], data), name)

    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE, legend)
    def in_range(params: types.SemanticTokensRangeParams) -> types.SemanticTokens | None:
        document = nix_document(server, params.text_document.uri)
        if document is None:
            return None
        start, end = server.convert(document).span(params.range)
        return types.SemanticTokens(
            encoded(document, tokens(document, start, end), server.encoding)
        )


def encoded(document: Document, found: list[Token], encoding: str) -> list[int]:
    """Tokens as five numbers each: lines and characters since the one before, length, type,
    modifiers."""
    out: list[int] = []
    text = document.text
    starts = document.source.line_starts
    plain = text.isascii()
    line = 0
    column = 0
    at_line = 0
    for token in found:
        if at_line + 1 < len(starts) and token.start >= starts[at_line + 1]:
            at_line = bisect_right(starts, token.start, lo=at_line) - 1
        begin = starts[at_line]
        if plain:
            here, length = token.start - begin, token.end - token.start
        else:
            here = units(text[begin : token.start], encoding)
            length = units(text[token.start : token.end], encoding)
        out.append(at_line - line)
        out.append(here - column if at_line == line else here)
        out.append(length)
        out.append(token.type)
        out.append(token.modifiers)
        line, column = at_line, here
    return out


def changes(before: list[int], after: list[int]) -> list[types.SemanticTokensEdit]:
    """What makes one row of numbers of another: at most one edit, of whole tokens."""
    low = min(len(before), len(after))
    first = 0
    while first < low and before[first : first + 500] == after[first : first + 500]:
        first += 500
    first = min(first, low)
    while first < low and before[first] == after[first]:
        first += 1
    first -= first % 5
    last = 0
    while last < low - first and before[-1 - last] == after[-1 - last]:
        last += 1
    last -= last % 5
    if first == len(before) == len(after):
        return []
    edit = types.SemanticTokensEdit(first, len(before) - last - first)
    edit.data = after[first : len(after) - last]
    return [edit]
