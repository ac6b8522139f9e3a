"""`textDocument/selectionRange`."""

from __future__ import annotations

from lsprotocol import types

from nixlint.ide.structure.selection import selections
from nixlint_lsp.answers import nix_document
from nixlint_lsp.server import NixlintServer


def register(server: NixlintServer) -> None:
    """Add the handler."""

    @server.feature(types.TEXT_DOCUMENT_SELECTION_RANGE)
    def at_places(params: types.SelectionRangeParams) -> list[types.SelectionRange] | None:
        document = nix_document(server, params.text_document.uri)
        if document is None:
            return None
        convert = server.convert(document)
        out: list[types.SelectionRange] = []
        for position in params.positions:
            offset = convert.offset(position)
            made: types.SelectionRange | None = None
            for start, end in reversed(selections(document, offset)[:MAX_DEPTH]):
                made = types.SelectionRange(convert.range(start, end), made)
            if made is None:
                made = types.SelectionRange(convert.range(offset, offset))
            out.append(made)
        return out


MAX_DEPTH = 200
"""A selection is nested in the message as deep as in the text; readers of JSON have limits."""
