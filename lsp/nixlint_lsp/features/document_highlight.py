"""`textDocument/documentHighlight`."""

from __future__ import annotations

from lsprotocol import types

from nixlint.ide.structure.highlights import highlights
from nixlint_lsp.answers import nix_document
from nixlint_lsp.server import NixlintServer


def register(server: NixlintServer) -> None:
    """Add the handler."""

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    def at_place(params: types.DocumentHighlightParams) -> list[types.DocumentHighlight] | None:
        document = nix_document(server, params.text_document.uri)
        if document is None:
            return None
        convert = server.convert(document)
        found = highlights(document, convert.offset(params.position))
        return [
            types.DocumentHighlight(
                convert.range(each.start, each.end),
                types.DocumentHighlightKind.Write
                if each.write
                else types.DocumentHighlightKind.Read,
            )
            for each in found
        ] or None
