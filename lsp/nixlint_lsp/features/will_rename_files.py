"""`workspace/willRenameFiles`: relative paths are corrected before files move."""

from __future__ import annotations

from lsprotocol import types

from nixlint.ide.navigation.moves import will_move
from nixlint_lsp.changes import workspace_edit
from nixlint_lsp.navigation import navigation_of
from nixlint_lsp.server import NixlintServer


def register(server: NixlintServer) -> None:
    """Add the handler."""
    navigation = navigation_of(server)
    file = types.FileOperationPatternKind.File
    folder = types.FileOperationPatternKind.Folder
    filters = [
        types.FileOperationFilter(types.FileOperationPattern("**/*", file), "file"),
        types.FileOperationFilter(types.FileOperationPattern("**/*", folder), "file"),
    ]

    @server.feature(
        types.WORKSPACE_WILL_RENAME_FILES, types.FileOperationRegistrationOptions(filters)
    )
    async def will_rename(params: types.RenameFilesParams) -> types.WorkspaceEdit | None:
        moves: list[tuple[str, str]] = []
        for one in params.files:
            old, new = server.path_of(one.old_uri), server.path_of(one.new_uri)
            if old is not None and new is not None:
                moves.append((old, new))
        if not moves:
            return None
        change = will_move(await navigation.ready(moves[0][0]), moves)
        return workspace_edit(server, change) if change.edits else None
