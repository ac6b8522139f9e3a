"""`textDocument/definition`, `declaration`, `implementation` and `typeDefinition`.

The last two are about options: who sets them, and what their types are made of.
"""

from __future__ import annotations

from lsprotocol import types

from nixlint.ide.navigation.definition import declaration, definition
from nixlint.ide.navigation.options import implementation, type_definition
from nixlint.ide.navigation.packages import package_definition
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
    implements = client.implementation if client is not None else None
    types_of = client.type_definition if client is not None else None
    implementing_links = bool(implements is not None and implements.link_support)
    type_links = bool(types_of is not None and types_of.link_support)
    declaring_links = bool(declares is not None and declares.link_support)

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    async def define(params: types.DefinitionParams) -> Answer:
        asked = await question(server, params.text_document, params.position)
        if asked is None:
            return None
        answer = definition(asked.workspace, asked.document, asked.offset)
        if not answer:
            facts = server.facts_for(asked.document.path)
            answer = package_definition(asked.document, asked.offset, facts)
        return navigation.links(asked.document, answer, links) or None

    @server.feature(types.TEXT_DOCUMENT_DECLARATION)
    async def declare(params: types.DeclarationParams) -> Answer:
        asked = await question(server, params.text_document, params.position)
        if asked is None:
            return None
        answer = declaration(asked.workspace, asked.document, asked.offset)
        return navigation.links(asked.document, answer, declaring_links) or None

    @server.feature(types.TEXT_DOCUMENT_IMPLEMENTATION)
    async def implement(params: types.ImplementationParams) -> Answer:
        asked = await question(server, params.text_document, params.position)
        if asked is None:
            return None
        answer = implementation(asked.workspace, asked.document, asked.offset)
        return navigation.links(asked.document, answer, implementing_links) or None

    @server.feature(types.TEXT_DOCUMENT_TYPE_DEFINITION)
    async def define_type(params: types.TypeDefinitionParams) -> Answer:
        asked = await question(server, params.text_document, params.position)
        if asked is None:
            return None
        answer = type_definition(asked.workspace, asked.document, asked.offset)
        return navigation.links(asked.document, answer, type_links) or None
