"""`textDocument/inlayHint`."""

from __future__ import annotations

from lsprotocol import types

from nixlint.ide.hovering.hints import hints
from nixlint_lsp.answers import nix_document
from nixlint_lsp.server import NixlintServer


def register(server: NixlintServer) -> None:
    """Add the handler."""

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    def in_range(params: types.InlayHintParams) -> list[types.InlayHint] | None:
        document = nix_document(server, params.text_document.uri)
        if document is None:
            return None
        convert = server.convert(document)
        start, end = convert.span(params.range)
        out: list[types.InlayHint] = []
        for found in hints(document, start, end, server.facts_for(document.path)):
            hint = types.InlayHint(convert.position(found.offset), found.label, padding_left=True)
            if found.tooltip:
                hint.tooltip = types.MarkupContent(types.MarkupKind.Markdown, found.tooltip)
            out.append(hint)
        return out
