"""What happens around the texts: files on disk, folders, settings, the end of the client."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from typing import Final

from lsprotocol import types

from nixlint.analysis.resolver import FILE_NAMES
from nixlint_lsp.server import NixlintServer

log = logging.getLogger("nixlint.lsp")

WATCHED: Final = (
    "**/*.nix",
    "**/flake.lock",
    "**/{npins,nix}/sources.json",
    "**/{.nixlint,nixlint}.toml",
    "**/.gitignore",
)
"""The files whose changes matter, as patterns of the protocol."""
SECTION: Final = "nixlint"
PARENT_SECONDS: Final = 0.4
"""How often to look for the client's process, where it cannot be waited for."""


def register(server: NixlintServer) -> None:
    """Add the handlers."""
    feature = server.feature

    @feature(types.INITIALIZED)
    async def initialized(_params: types.InitializedParams) -> None:
        watch_parent(server)
        server.projects.touch_all(soon=True)
        await _register_dynamically(server)
        await _pull_settings(server)

    @feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        found = server.documents.opened(params.text_document.uri)
        if found is not None:
            server.tell(server.when_opened, found)
            server.projects.opened(found)

    @feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        found = server.documents.opened(params.text_document.uri)
        if found is not None:
            server.tell(server.when_changed, found)
            server.projects.touch(found.path)

    @feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        path = server.path_of(params.text_document.uri)
        if path is not None:
            # From now on the file on disk counts.
            server.projects.touch(path)

    @feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        path = server.path_of(params.text_document.uri)
        if path is not None and not _watches(server):
            # It may be a new file.
            server.projects.forget_roots()
            _files_changed(server, [(path, True)])

    @feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def files_changed(params: types.DidChangeWatchedFilesParams) -> None:
        changes: list[tuple[str, bool]] = []
        for change in params.changes:
            path = server.path_of(change.uri)
            if path is not None:
                changes.append((path, change.type == types.FileChangeType.Changed))
        _files_changed(server, changes)

    @feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def configured(params: types.DidChangeConfigurationParams) -> None:
        if not await _pull_settings(server):
            settings = params.settings
            plain = server.protocol.plain(settings)
            if isinstance(plain, dict) and SECTION in plain:
                plain = plain[SECTION]
            if isinstance(plain, dict) and plain:
                _use(server, plain)

    @feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders_changed(_params: types.DidChangeWorkspaceFoldersParams) -> None:
        server.projects.folders = server.folders()
        server.configure()
        server.projects.touch_all()
        server.tell(server.when_configured)


def _files_changed(server: NixlintServer, changes: list[tuple[str, bool]]) -> None:
    """Files changed on disk: for each its path, and whether it was there before and still is."""
    configured = False
    for path, merely_changed in changes:
        name = os.path.basename(path)
        configured = configured or name in FILE_NAMES or name == ".gitignore"
        if not merely_changed:
            server.projects.forget_roots()
            server.protocol.uris.forget()
            server.checker.look_again(server.checker.looks + 1)
    if configured:
        server.configure()
        server.projects.touch_all()
        server.tell(server.when_configured)
        return
    for path, merely_changed in changes:
        if merely_changed and server.documents.at(path) is not None and path.endswith(".nix"):
            # It was saved; what the editor shows is known already.
            continue
        server.projects.touch(path)
    if not all(merely_changed for _path, merely_changed in changes):
        # A path in an open text may have been missing, and is there now.
        server.tell(server.when_configured)


def _watches(server: NixlintServer) -> bool:
    workspace = server.client_capabilities.workspace
    watched = workspace.did_change_watched_files if workspace is not None else None
    return watched is not None and bool(watched.dynamic_registration)


async def _register_dynamically(server: NixlintServer) -> None:
    registrations: list[types.Registration] = []
    if _watches(server):
        watchers = [types.FileSystemWatcher(pattern) for pattern in WATCHED]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        registrations.append(
            types.Registration("nixlint-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        )
    workspace = server.client_capabilities.workspace
    told = workspace.did_change_configuration if workspace is not None else None
    if told is not None and told.dynamic_registration:
        section = types.DidChangeConfigurationRegistrationOptions(section=SECTION)
        registrations.append(
            types.Registration(
                "nixlint-settings", types.WORKSPACE_DID_CHANGE_CONFIGURATION, section
            )
        )
    if not registrations:
        return
    try:
        await server.client_register_capability_async(types.RegistrationParams(registrations))
    except Exception as error:
        log.warning("the client does not watch files: %s", error)


async def _pull_settings(server: NixlintServer) -> bool:
    """Ask the client for its settings; False when it cannot be asked."""
    workspace = server.client_capabilities.workspace
    if workspace is None or not workspace.configuration:
        return False
    params = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
    try:
        found = await server.workspace_configuration_async(params)
    except Exception as error:
        log.warning("the client does not tell its settings: %s", error)
        return True
    plain = server.protocol.plain(found[0]) if found else None
    if isinstance(plain, dict) and plain:
        _use(server, plain)
    return True


def _use(server: NixlintServer, raw: dict[str, object]) -> None:
    before = server.settings
    server.use_settings(raw)
    if before.same_as(server.settings):
        return
    server.projects.touch_all()
    server.tell(server.when_configured)


def watch_parent(server: NixlintServer) -> None:
    """End when the process of the client does."""
    process = server.process_id
    if process is None or process <= 1:
        return
    loop = asyncio.get_running_loop()
    if hasattr(os, "pidfd_open"):
        try:
            descriptor = os.pidfd_open(process)
        except ProcessLookupError:
            server.stop(1)
            return
        except OSError:
            pass
        else:
            loop.add_reader(descriptor, server.stop, 1)
            return

    def look() -> None:
        with contextlib.suppress(PermissionError):
            try:
                os.kill(process, 0)
            except (ProcessLookupError, OverflowError):
                server.stop(1)
                return
        loop.call_later(PARENT_SECONDS, look)

    look()
