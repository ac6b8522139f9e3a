"""`textDocument/rename` and `textDocument/prepareRename`."""

from __future__ import annotations

from lsprotocol import types

from nixlint.ide.navigation.rename import prepare_rename, rename
from nixlint_lsp.changes import text_edits, workspace_edit
from nixlint_lsp.navigation import navigation_of, question
from nixlint_lsp.server import NixlintServer


def register(server: NixlintServer) -> None:
    """Add the handlers."""
    navigation_of(server)

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    async def prepare(params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
        asked = await question(server, params.text_document, params.position)
        if asked is None:
            return None
        answer = prepare_rename(asked.workspace, asked.document, asked.offset)
        if answer is None:
            return None
        start, end, name = answer
        return types.PrepareRenamePlaceholder(
            server.convert(asked.document).range(start, end), name
        )

    @server.feature(types.TEXT_DOCUMENT_RENAME)
    async def give_name(params: types.RenameParams) -> types.WorkspaceEdit | None:
        asked = await question(server, params.text_document, params.position)
        if asked is None:
            return None
        change = rename(asked.workspace, asked.document, asked.offset, params.new_name)
        if asked.document.path:
            return workspace_edit(server, change)
        # A text without a file is known by its URI only.
        edits = text_edits(server.convert(asked.document), change.edits.get("", []))
        return types.WorkspaceEdit(changes={params.text_document.uri: edits})
