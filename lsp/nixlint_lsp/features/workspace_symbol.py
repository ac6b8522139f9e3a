"""`workspace/symbol`."""

from __future__ import annotations

from lsprotocol import types

from nixlint.ide.navigation.workspace_symbols import workspace_symbols
from nixlint_lsp.answers import SYMBOL_KINDS
from nixlint_lsp.navigation import navigation_of
from nixlint_lsp.server import NixlintServer


def register(server: NixlintServer) -> None:
    """Add the handler."""
    navigation = navigation_of(server)

    @server.feature(types.WORKSPACE_SYMBOL)
    async def find(params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol] | None:
        out: list[types.WorkspaceSymbol] = []
        for workspace in navigation.all():
            await navigation.read(workspace)
            for found in workspace_symbols(workspace, params.query):
                location = navigation.place(found.place)
                if location is None:
                    continue
                kind = SYMBOL_KINDS.get(found.kind, types.SymbolKind.Field)
                container = found.container or None
                out.append(
                    types.WorkspaceSymbol(
                        name=found.name, kind=kind, location=location, container_name=container
                    )
                )
        return out
