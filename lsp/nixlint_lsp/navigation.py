"""What the features that look at all files of a project have in common."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from typing import Final
from weakref import WeakKeyDictionary

from lsprotocol import types

from nixlint.ide.document import Document
from nixlint.ide.facts import ProjectFacts
from nixlint.ide.model import Link, Place
from nixlint.ide.navigation.index import FileSummary
from nixlint.ide.navigation.workspace import Workspace
from nixlint_lsp.answers import nix_document
from nixlint_lsp.documents import OpenDocument
from nixlint_lsp.positions import Converter
from nixlint_lsp.roots import is_project
from nixlint_lsp.server import NixlintServer
from nixlint_lsp.worker import SUMMARIZE
from nixlint_lsp.workers import Worker, WorkerError

log = logging.getLogger("nixlint.lsp")

SLICE: Final = 0.015
PAUSE: Final = 0.02
"""Seconds: files are read in slices of the first length, with pauses of the second, so that
requests between them do not wait."""


class OpenTexts(Mapping[str, Document]):
    """The Nix files that are open, as they are at the moment, by their paths."""

    def __init__(self, server: NixlintServer) -> None:
        self._server = server

    def __getitem__(self, path: str) -> Document:
        found = self._server.documents.at(path)
        if found is None or not path.endswith(".nix"):
            raise KeyError(path)
        return found.snapshot

    def __iter__(self) -> Iterator[str]:
        return (each.path for each in self._server.documents if each.path.endswith(".nix"))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Navigation:
    """The workspaces of a session, by their roots."""

    def __init__(self, server: NixlintServer) -> None:
        self.server = server
        self.workspaces: dict[str, Workspace] = {}
        self._texts = OpenTexts(server)
        self._warming: set[str] = set()
        server.when_opened.append(self._opened)
        server.when_known.append(self._known)

    def workspace(self, path: str) -> Workspace:
        """The files of the project that the file at an absolute path belongs to."""
        return self.at(self.server.projects.root_of(path) if path else "")

    def at(self, root: str) -> Workspace:
        """The files of the project at an absolute directory; "" is no project."""
        found = self.workspaces.get(root)
        if found is None:
            deep = root in self.server.projects.folders or (bool(root) and is_project(root))
            found = Workspace(root, self._texts, deep=deep)
            self.workspaces[root] = found
        found.facts = self.server.projects.facts.get(root)
        return found

    def all(self) -> list[Workspace]:
        """The workspaces of all projects that the session knows."""
        roots = dict.fromkeys(self.server.projects.folders)
        for document in self.server.documents:
            if document.path:
                roots[self.server.projects.root_of(document.path)] = None
        return [self.at(root) for root in roots]

    def _opened(self, document: OpenDocument) -> None:
        if document.path.endswith(".nix"):
            self._warm(self.server.projects.root_of(document.path))

    def _known(self, facts: ProjectFacts, complete: bool) -> None:
        if complete:
            self._warm(facts.root)

    def _warm(self, root: str, again: bool = False) -> None:
        if root and root not in self._warming:
            self._warming.add(root)
            self.server.start_task(self._read_all(root, again), "reading the project")

    async def _read_all(self, root: str, again: bool) -> None:
        try:
            # What was just opened has its findings first.
            await asyncio.sleep(PAUSE * 10)
            known = self.at(root).is_ready
            while not self.at(root).warm(SLICE):
                await asyncio.sleep(PAUSE)
            await self._read_large(self.at(root), self.server.worker, again)
        finally:
            self._warming.discard(root)
        if (again or not known) and self._refreshes_lenses():
            await self.server.workspace_code_lens_refresh_async(None)

    def _refreshes_lenses(self) -> bool:
        """Whether the client asks for code lenses again when it is told to."""
        workspace = self.server.client_capabilities.workspace
        lenses = workspace.code_lens if workspace is not None else None
        return lenses is not None and bool(lenses.refresh_support)

    async def ready(self, path: str) -> Workspace:
        """The files of the project of a file, once all of them have been read; other requests
        are answered meanwhile."""
        found = self.workspace(path)
        await self.read(found)
        return found

    async def read(self, workspace: Workspace) -> None:
        """Reads all files of a project, if that was not done yet."""
        while not workspace.is_ready and not workspace.warm(SLICE):
            await asyncio.sleep(0)
        await self._read_large(workspace, self.server.file_worker)

    def is_read(self, workspace: Workspace) -> bool:
        """Whether all files have been read, so that a question is answered at once; if not, they
        are from now on."""
        if workspace.is_ready and not workspace.large():
            return True
        self._warm(workspace.root, again=True)
        return False

    async def _read_large(self, workspace: Workspace, worker: Worker, again: bool = True) -> None:
        """Has a worker sum up the files that take long. What it cannot do is done here, later."""
        for path, stamp in workspace.large(again):
            text = stamp.text if isinstance(stamp, Document) else None
            try:
                found = await worker.call(SUMMARIZE, {"path": path, "text": text})
            except WorkerError as error:
                log.warning("summing up %s: the worker %s", path, error)
                return
            if isinstance(found, FileSummary):
                workspace.adopt(path, stamp, found)

    # Converting.

    def place(self, place: Place) -> types.Location | None:
        """A place as the protocol has it."""
        convert = self.server.converter_for(place.path)
        if convert is None:
            return None
        span = convert.range(place.start, place.end)
        return types.Location(self.server.uri_of(place.path), span)

    def places(self, places: list[Place], own: Document | None = None) -> list[types.Location]:
        """Places as the protocol has them; those in files that cannot be read are left out.

        `own` is the text that was asked about, which need not be a file.
        """
        converters: dict[str, Converter | None] = {}
        out: list[types.Location] = []
        for place in places:
            if place.path not in converters:
                converters[place.path] = self._converter(place.path, own)
            convert = converters[place.path]
            if convert is not None:
                span = convert.range(place.start, place.end)
                out.append(types.Location(self._uri(place.path, own), span))
        return out

    def links(
        self, document: Document, found: list[Link], with_origin: bool
    ) -> list[types.Location] | list[types.LocationLink]:
        """Links as the protocol has them; plain locations for clients that know no better."""
        if not with_origin:
            return self.places([link.name for link in found], document)
        own = self.server.convert(document)
        out: list[types.LocationLink] = []
        for link in found:
            convert = self._converter(link.target.path, document)
            if convert is None:
                continue
            out.append(
                types.LocationLink(
                    target_uri=self._uri(link.target.path, document),
                    target_range=convert.range(link.target.start, link.target.end),
                    target_selection_range=convert.range(link.name.start, link.name.end),
                    origin_selection_range=own.range(link.start, link.end),
                )
            )
        return out

    def _converter(self, path: str, own: Document | None) -> Converter | None:
        if own is not None and path == own.path:
            return self.server.convert(own)
        return self.server.converter_for(path)

    def _uri(self, path: str, own: Document | None) -> str:
        if not path and own is not None:
            opened = self.server.documents.opened_as(own)
            return opened.uri if opened is not None else ""
        return self.server.uri_of(path)


_SESSIONS: WeakKeyDictionary[NixlintServer, Navigation] = WeakKeyDictionary()


def navigation_of(server: NixlintServer) -> Navigation:
    """The one of a session."""
    found = _SESSIONS.get(server)
    if found is None:
        found = Navigation(server)
        _SESSIONS[server] = found
    return found


class Question:
    """What a request is about: a place in an open Nix file of a project that has been read."""

    def __init__(self, workspace: Workspace, document: Document, offset: int) -> None:
        self.workspace = workspace
        self.document = document
        self.offset = offset


async def question(
    server: NixlintServer, document: types.TextDocumentIdentifier, position: types.Position
) -> Question | None:
    """Reads the project if need be; None when the text is not open, or was edited meanwhile."""
    found = nix_document(server, document.uri)
    if found is None:
        return None
    offset = server.convert(found).offset(position)
    workspace = await navigation_of(server).ready(found.path)
    if nix_document(server, document.uri) is not found:
        return None
    return Question(workspace, found, offset)
