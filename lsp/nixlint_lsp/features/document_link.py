"""`textDocument/documentLink`."""

from __future__ import annotations

from lsprotocol import types

from nixlint.ide.navigation.links import document_links
from nixlint_lsp.answers import nix_document
from nixlint_lsp.navigation import navigation_of
from nixlint_lsp.server import NixlintServer


def register(server: NixlintServer) -> None:
    """Add the handler."""
    navigation = navigation_of(server)

    @server.feature(
        types.TEXT_DOCUMENT_DOCUMENT_LINK, types.DocumentLinkOptions(resolve_provider=False)
    )
    def link(params: types.DocumentLinkParams) -> list[types.DocumentLink] | None:
        document = nix_document(server, params.text_document.uri)
        if document is None:
            return None
        convert = server.convert(document)
        out: list[types.DocumentLink] = []
        for found in document_links(navigation.workspace(document.path), document):
            target = found.url or server.uri_of(found.path)
            out.append(types.DocumentLink(convert.range(found.start, found.end), target))
        return out
