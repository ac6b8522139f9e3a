"""`textDocument/foldingRange`."""

from __future__ import annotations

from lsprotocol import types

from nixlint.ide.structure.folding import COMMENT, folds
from nixlint_lsp.answers import nix_document
from nixlint_lsp.server import NixlintServer


def register(server: NixlintServer) -> None:
    """Add the handler."""
    client = server.client_capabilities.text_document
    asked = client.folding_range if client is not None else None
    limit = asked.range_limit if asked is not None and asked.range_limit else 5000

    @server.feature(types.TEXT_DOCUMENT_FOLDING_RANGE)
    def of_document(params: types.FoldingRangeParams) -> list[types.FoldingRange] | None:
        document = nix_document(server, params.text_document.uri)
        if document is None:
            return None
        out: list[types.FoldingRange] = []
        for fold in folds(document)[:limit]:
            made = types.FoldingRange(fold.first, fold.last)
            if fold.kind == COMMENT:
                made.kind = types.FoldingRangeKind.Comment
            out.append(made)
        return out
