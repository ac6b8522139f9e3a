"""`textDocument/definition` and `textDocument/declaration`."""

from __future__ import annotations

from lsprotocol import types

from nixlint.ide.navigation.definition import declaration, definition
from nixlint_lsp.navigation import navigation_of, question
from nixlint_lsp.server import NixlintServer

Answer = list[types.Location] | list[types.LocationLink] | None


def register(server: NixlintServer) -> None:
    """Add the handlers."""
    navigation = navigation_of(server)
    client = server.client_capabilities.text_document
    defines = client.definition if client is not None else None
    declares = client.declaration if client is not None else None
    links = bool(defines is not None and defines.link_support)
    declaring_links = bool(declares is not None and declares.link_support)

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    async def define(params: types.DefinitionParams) -> Answer:
        asked = await question(server, params.text_document, params.position)
        if asked is None:
            return None
        answer = definition(asked.workspace, asked.document, asked.offset)
        return navigation.links(asked.document, answer, links) or None

    @server.feature(types.TEXT_DOCUMENT_DECLARATION)
    async def declare(params: types.DeclarationParams) -> Answer:
        asked = await question(server, params.text_document, params.position)
        if asked is None:
            return None
        answer = declaration(asked.workspace, asked.document, asked.offset)
        return navigation.links(asked.document, answer, declaring_links) or None
