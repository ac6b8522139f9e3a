"""Quick fixes, refactorings, and fixing everything: `textDocument/codeAction`."""

from __future__ import annotations

import os
from typing import Any

from lsprotocol import types

from nixlint.analysis.config import Settings
from nixlint.diagnostics.model import Diagnostic
from nixlint.ide.changes.actions import FIX_ALL, KINDS, LARGE, Action, actions_at, change_of
from nixlint.ide.document import Document
from nixlint.ide.model import Change, RefusedError
from nixlint_lsp.changes import makes_files, text_edits, workspace_edit
from nixlint_lsp.present import Presenter
from nixlint_lsp.server import NixlintServer


def register(server: NixlintServer) -> None:
    """Add the handlers."""
    announced: list[types.CodeActionKind | str] = [
        types.CodeActionKind(kind) for kind in KINDS[:-1]
    ]
    announced.append(KINDS[-1])
    options = types.CodeActionOptions(code_action_kinds=announced, resolve_provider=True)

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)
    def code_action(params: types.CodeActionParams) -> list[types.CodeAction] | None:
        opened = server.documents.opened(params.text_document.uri)
        if opened is None:
            return None
        document = opened.snapshot
        convert = server.convert(document)
        start, end = convert.span(params.range)
        findings = server.findings_for(document)
        only = params.context.only
        kinds = None if only is None else [_text(one) for one in only]
        facts = server.facts_for(document.path)
        found = actions_at(document, start, end, findings, kinds, facts)
        lazy = _resolves_edits(server)
        out: list[types.CodeAction] = []
        for action in found:
            if action.makes_file and not makes_files(server):
                continue
            if action.refused and not _shows_disabled(server):
                continue
            item = _item(server, document, params.text_document.uri, action)
            if action.refused:
                item.disabled = types.CodeActionDisabled(action.refused)
            elif not lazy:
                if action.kind == FIX_ALL and only is None and len(document.text) > LARGE:
                    # Too much work for something that nobody may want.
                    continue
                try:
                    item.edit = _edit_of(server, document, findings, action)
                except RefusedError:
                    continue
            out.append(item)
        return out

    @server.feature(types.CODE_ACTION_RESOLVE)
    def resolve(item: types.CodeAction) -> types.CodeAction:
        data: Any = item.data
        if item.edit is not None or not isinstance(data, dict):
            return item
        opened = server.documents.opened(str(data.get("uri")))
        if opened is None or opened.version != data.get("version"):
            raise RefusedError("The text has changed; ask again.")
        document = opened.snapshot
        findings = server.findings_for(document)
        key = data.get("key")
        item.edit = _edit(server, document, findings, key if isinstance(key, dict) else {})
        return item


def _text(kind: types.CodeActionKind | str) -> str:
    return kind.value if isinstance(kind, types.CodeActionKind) else kind


def _resolves_edits(server: NixlintServer) -> bool:
    """Whether the client asks for the edits of an action when it is chosen."""
    document = server.client_capabilities.text_document
    known = document.code_action if document is not None else None
    if known is None or known.resolve_support is None or not known.data_support:
        return False
    return "edit" in known.resolve_support.properties


def _shows_disabled(server: NixlintServer) -> bool:
    """Whether the client shows actions that cannot be done, with the reason."""
    document = server.client_capabilities.text_document
    known = document.code_action if document is not None else None
    return bool(known is not None and known.disabled_support)


def _item(server: NixlintServer, document: Document, uri: str, action: Action) -> types.CodeAction:
    presenter = Presenter(server.client_capabilities, False, server.uri_of, server.converter_for)
    about = presenter.items(document.path, uri, action.findings, server.convert(document))
    return types.CodeAction(
        title=action.title,
        kind=action.kind,
        diagnostics=about or None,
        is_preferred=True if action.preferred else None,
        data={"uri": uri, "version": document.version, "key": action.key},
    )


def _edit_of(
    server: NixlintServer, document: Document, findings: list[Diagnostic], action: Action
) -> types.WorkspaceEdit:
    """The edit of an action that was just found. Raises `RefusedError`."""
    if action.edits is None:
        return _edit(server, document, findings, action.key)
    change = Change()
    for edit in action.edits:
        change.add(document.path, edit)
    return _as_edit(server, document, change)


def _edit(
    server: NixlintServer, document: Document, findings: list[Diagnostic], key: dict[str, Any]
) -> types.WorkspaceEdit:
    """The edit of an action. Raises `RefusedError`."""
    facts = server.facts_for(document.path)
    change = change_of(document, findings, key, _settings(server, document), facts)
    return _as_edit(server, document, change)


def _as_edit(server: NixlintServer, document: Document, change: Change) -> types.WorkspaceEdit:
    if document.path:
        return workspace_edit(server, change)
    # A text without a file is known by its URI only.
    opened = server.documents.opened_as(document)
    edits = [edit for found in change.edits.values() for edit in found]
    uri = opened.uri if opened is not None else ""
    return types.WorkspaceEdit(changes={uri: text_edits(server.convert(document), edits)})


def _settings(server: NixlintServer, document: Document) -> Settings | None:
    path = document.path
    config = server.checker.config_for_directory(os.path.dirname(path) if path else "/")
    return config.settings_for(path) if config is not None else None
