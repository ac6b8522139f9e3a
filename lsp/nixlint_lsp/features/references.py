"""`textDocument/references`."""

from __future__ import annotations

from lsprotocol import types

from nixlint.ide.navigation.references import references
from nixlint_lsp.navigation import navigation_of, question
from nixlint_lsp.server import NixlintServer


def register(server: NixlintServer) -> None:
    """Add the handler."""
    navigation = navigation_of(server)

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    async def refer(params: types.ReferenceParams) -> list[types.Location] | None:
        asked = await question(server, params.text_document, params.position)
        if asked is None:
            return None
        include = params.context.include_declaration
        found = references(asked.workspace, asked.document, asked.offset, include)
        return navigation.places(found, asked.document) or None
