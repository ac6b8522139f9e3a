"""`textDocument/documentSymbol`."""

from __future__ import annotations

from typing import Any, Final

from lsprotocol import types

from nixlint.ide.model import Symbol
from nixlint.ide.structure.symbols import symbols
from nixlint_lsp.answers import SYMBOL_KINDS, nix_document, plain_positions
from nixlint_lsp.positions import Converter
from nixlint_lsp.server import NixlintServer

MAX_DEPTH: Final = 60

Answer = list[dict[str, Any]] | list[types.SymbolInformation] | None


def register(server: NixlintServer) -> None:
    """Add the handler."""
    client = server.client_capabilities.text_document
    asked = client.document_symbol if client is not None else None
    nested = bool(asked is not None and asked.hierarchical_document_symbol_support)

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def of_document(params: types.DocumentSymbolParams) -> Answer:
        document = nix_document(server, params.text_document.uri)
        if document is None:
            return None
        convert = server.convert(document)
        found = symbols(document)
        return _nested(found, convert) if nested else _flat(found, convert, params)


def _nested(found: list[Symbol], convert: Converter) -> list[dict[str, Any]]:
    """The symbols as the protocol has them. Large files have ten thousand of them, and as many
    objects of lsprotocol would take four times as long."""
    position = plain_positions(convert)
    top: list[dict[str, Any]] = []
    stack = [(symbol, top, 0) for symbol in reversed(found)]
    while stack:
        symbol, into, depth = stack.pop()
        children: list[dict[str, Any]] = []
        made = {
            "name": symbol.name,
            "kind": SYMBOL_KINDS.get(symbol.kind, types.SymbolKind.Variable).value,
            "range": {"start": position(symbol.whole[0]), "end": position(symbol.whole[1])},
            "selectionRange": {"start": position(symbol.own[0]), "end": position(symbol.own[1])},
            "children": children,
        }
        if symbol.detail:
            made["detail"] = symbol.detail
        into.append(made)
        # What is nested too deeply for a message stands beside its parent.
        below = children if depth < MAX_DEPTH else into
        stack.extend((child, below, depth + 1) for child in reversed(symbol.children))
    return top


def _flat(
    found: list[Symbol], convert: Converter, params: types.DocumentSymbolParams
) -> list[types.SymbolInformation]:
    out: list[types.SymbolInformation] = []
    stack = [(symbol, "") for symbol in reversed(found)]
    while stack:
        symbol, container = stack.pop()
        place = types.Location(params.text_document.uri, convert.range(*symbol.whole))
        kind = SYMBOL_KINDS.get(symbol.kind, types.SymbolKind.Variable)
        made = types.SymbolInformation(place, symbol.name, kind)
        made.container_name = container or None
        out.append(made)
        stack.extend((child, symbol.name) for child in reversed(symbol.children))
    return out
