"""`textDocument/hover`."""

from __future__ import annotations

from lsprotocol import types

from nixlint.ide.hovering.hover import hover
from nixlint_lsp.answers import marked, nix_document, read_open_documents
from nixlint_lsp.server import NixlintServer


def register(server: NixlintServer) -> None:
    """Add the handler."""
    read_open_documents(server)
    client = server.client_capabilities.text_document
    formats = client.hover.content_format if client is not None and client.hover else None

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def of_place(params: types.HoverParams) -> types.Hover | None:
        document = nix_document(server, params.text_document.uri)
        if document is None:
            return None
        convert = server.convert(document)
        offset = convert.offset(params.position)
        found = hover(document, offset, server.facts_for(document.path))
        if found is None:
            return None
        return types.Hover(marked(found.markdown, formats), convert.range(found.start, found.end))
