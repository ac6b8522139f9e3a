"""Changes of files as workspace edits of the protocol."""

from __future__ import annotations

from lsprotocol import types

from nixlint.diagnostics.model import Edit
from nixlint.ide.model import Change, RefusedError
from nixlint_lsp.positions import Converter
from nixlint_lsp.server import NixlintServer


def text_edits(convert: Converter, edits: list[Edit]) -> list[types.TextEdit]:
    """Edits of a text, in order."""
    return [
        types.TextEdit(convert.range(edit.span.start, edit.span.end), edit.text)
        for edit in sorted(edits, key=lambda one: (one.span.start, one.span.end))
    ]


def makes_files(server: NixlintServer) -> bool:
    """Whether the client makes files as part of an edit."""
    workspace = server.client_capabilities.workspace
    known = workspace.workspace_edit if workspace is not None else None
    if known is None or not known.document_changes:
        return False
    return types.ResourceOperationKind.Create in (known.resource_operations or [])


def workspace_edit(server: NixlintServer, change: Change) -> types.WorkspaceEdit:
    """A change of several files; with the versions of open texts, if the client can have them.

    Raises `RefusedError` when the client cannot make the files that it needs.
    """
    workspace = server.client_capabilities.workspace
    known = workspace.workspace_edit if workspace is not None else None
    changes: list[
        types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile
    ] = []
    plain: dict[str, list[types.TextEdit]] = {}
    if change.files and not makes_files(server):
        raise RefusedError("The editor does not make files for language servers.")
    for path, text in change.files.items():
        uri = server.uri_of(path)
        changes.append(types.CreateFile(uri=uri))
        start = types.Position(0, 0)
        made = types.OptionalVersionedTextDocumentIdentifier(uri, None)
        whole = types.TextEdit(types.Range(start, start), text)
        changes.append(types.TextDocumentEdit(made, [whole]))
    for path, edits in change.edits.items():
        convert = server.converter_for(path)
        if convert is None:
            continue
        uri = server.uri_of(path)
        opened = server.documents.at(path)
        version = opened.version if opened is not None else None
        identifier = types.OptionalVersionedTextDocumentIdentifier(uri, version)
        done = text_edits(convert, edits)
        changes.append(types.TextDocumentEdit(identifier, list(done)))
        plain[uri] = done
    if known is None or not known.document_changes:
        return types.WorkspaceEdit(changes=plain)
    for old, new in change.moves:
        changes.append(types.RenameFile(server.uri_of(old), server.uri_of(new)))
    return types.WorkspaceEdit(document_changes=changes)
