"""Diagnostics: the client asks for them, or gets them pushed when it cannot ask.

Files that hold no Nix code (`flake.lock`, `nixlint.toml`) are always pushed: nobody asks for them.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import math
import os
from typing import Final

from lsprotocol import types

from nixlint.diagnostics.model import ERROR, Diagnostic
from nixlint.ide.facts import ProjectFacts
from nixlint.text.source import Source
from nixlint.text.span import Span
from nixlint_lsp.documents import OpenDocument
from nixlint_lsp.findings import Findings
from nixlint_lsp.present import Presenter
from nixlint_lsp.scheduler import Debouncer
from nixlint_lsp.server import NixlintServer
from nixlint_lsp.workers import WorkerError

log = logging.getLogger("nixlint.lsp")

QUIET: Final = 0.01
LONGEST: Final = 0.25
"""Seconds: a text is checked when nobody typed for so long, or after so long anyway. While it is
being checked, edits only wait for the next check."""
POLLING: Final = 5.0
"""Who asks about the workspace again within so many seconds is waiting for something to change."""
PATIENCE: Final = 60.0
"""Seconds after which such a request is answered even if nothing has changed."""
_CONFIGURATION: Final = "configuration"


def register(server: NixlintServer) -> None:
    """Add the handlers that this client can use."""
    document = server.client_capabilities.text_document
    pulled = document is not None and document.diagnostic is not None
    diagnostics = Diagnostics(server, pulled)
    server.find_now = diagnostics.findings.now
    server.when_opened.append(diagnostics.opened)
    server.when_changed.append(diagnostics.changed)
    server.when_closed.append(diagnostics.closed)
    server.when_known.append(diagnostics.known)
    server.when_configured.append(diagnostics.configured)
    if not pulled:
        return
    options = types.DiagnosticOptions(
        inter_file_dependencies=True, workspace_diagnostics=True, identifier="nixlint"
    )

    @server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, options)
    async def of_document(
        params: types.DocumentDiagnosticParams,
    ) -> types.RelatedFullDocumentDiagnosticReport | types.RelatedUnchangedDocumentDiagnosticReport:
        return await diagnostics.of_document(params)

    @server.feature(types.WORKSPACE_DIAGNOSTIC)
    async def of_workspace(
        params: types.WorkspaceDiagnosticParams,
    ) -> types.WorkspaceDiagnosticReport:
        return await diagnostics.of_workspace(params)


class Diagnostics:
    """The diagnostics of one client; `pulled` says whether it asks for them."""

    def __init__(self, server: NixlintServer, pulled: bool) -> None:
        self.server = server
        self.pulled = pulled
        self.findings = Findings(server)
        self.presenter = Presenter(
            server.client_capabilities, pulled, server.uri_of, server.converter_for
        )
        self._debouncers: dict[str, Debouncer] = {}
        self._running: set[str] = set()
        self._news = asyncio.Event()
        """Is set when something has changed since the workspace was reported."""
        self._reported = -math.inf
        self._last: dict[str, tuple[int | None, list[types.Diagnostic]]] = {}
        """What was published last."""
        self._shown: dict[str, Fingerprints] = {}
        """What rules about projects found, by project, when the client was told to ask."""
        self._pushed: dict[str, dict[str, Fingerprints]] = {}
        """What was pushed about files that are not open: by project, by path."""

    @property
    def on(self) -> bool:
        """Whether anybody wants diagnostics."""
        return self.server.settings.enabled("diagnostics")

    # Pushing.

    def opened(self, document: OpenDocument) -> None:
        """A text was opened: it is checked at once."""
        self._news.set()
        if self._is_pushed(document):
            self._debouncers[document.uri] = Debouncer(
                lambda: self._start(document), QUIET, LONGEST
            )
            self._start(document)

    def changed(self, document: OpenDocument) -> None:
        """A text was edited."""
        self._news.set()
        debouncer = self._debouncers.get(document.uri)
        if debouncer is not None:
            debouncer.poke()

    def closed(self, document: OpenDocument) -> None:
        """A text was closed: what was pushed about it is taken back."""
        self._news.set()
        self.findings.forget(document)
        debouncer = self._debouncers.pop(document.uri, None)
        if debouncer is not None:
            debouncer.cancel()
            self._publish(document.uri, [])
            facts = self.server.facts_for(document.path)
            if facts is not None:
                self.known(facts, True)

    def known(self, facts: ProjectFacts, _complete: bool) -> None:
        """More is known about a project."""
        self._news.set()
        for document in self.server.documents:
            if document.uri in self._debouncers and document.path in facts.hashes:
                self._start(document)
        self.server.start_task(self._push_others(facts), "diagnostics of other files")
        shown = tuple(
            (path, fingerprints(found)) for path, found in sorted(facts.diagnostics.items())
        )
        if self.pulled and self._shown.get(facts.root) != shown:
            self._refresh()
        self._shown[facts.root] = shown

    def configured(self) -> None:
        """Settings or configuration files changed."""
        self._news.set()
        for document in self.server.documents:
            if document.uri in self._debouncers:
                self._start(document)
        self._push_configurations()
        if self.pulled:
            self._refresh()

    def _is_pushed(self, document: OpenDocument) -> bool:
        return not self.pulled or not document.is_nix

    def _start(self, document: OpenDocument) -> None:
        if document.uri not in self._running:
            self._running.add(document.uri)
            self.server.start_task(self._push(document), "diagnostics")

    async def _push(self, document: OpenDocument) -> None:
        """Check a text and publish what is found, until it is that of the newest version."""
        try:
            while self.server.documents.opened(document.uri) is document:
                text, version = document.text, document.version
                generation = self.server.checker.generation
                found = await self.findings.of(document) if self.on else []
                if self.server.documents.opened(document.uri) is not document:
                    return
                snapshot = document.snapshot
                if document.text is not text:
                    continue
                convert = self.server.convert(snapshot)
                items = self.presenter.items(document.path, document.uri, found, convert)
                self._publish(document.uri, items, version)
                if generation == self.server.checker.generation:
                    return
        finally:
            self._running.discard(document.uri)

    def _publish(self, uri: str, items: list[types.Diagnostic], version: int | None = None) -> None:
        if not self.presenter.versions:
            version = None
        if self._last.get(uri) == (version, items):
            return
        if items or version is not None:
            self._last[uri] = (version, items)
        else:
            self._last.pop(uri, None)
        self.server.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri, items, version)
        )

    # Pushing what is found in files that are not open.

    async def _push_others(self, facts: ProjectFacts) -> None:
        before = self._pushed.get(facts.root, {})
        now: dict[str, Fingerprints] = {}
        found = await self._found_in_others(facts) if self.on else {}
        if self.server.projects.facts.get(facts.root) is not facts:
            return
        for path, diagnostics in found.items():
            if self.server.documents.at(path) is not None:
                continue
            now[path] = fingerprints(diagnostics)
            if before.get(path) == now[path]:
                continue
            convert = self.server.converter_for(path)
            if convert is not None:
                uri = self.server.uri_of(path)
                self._publish(uri, self.presenter.items(path, uri, diagnostics, convert))
        for path in before:
            if path not in now and self.server.documents.at(path) is None:
                self._publish(self.server.uri_of(path), [])
        self._pushed[facts.root] = now

    async def _found_in_others(self, facts: ProjectFacts) -> dict[str, list[Diagnostic]]:
        """What rules about the project found in files that are not open."""
        out: dict[str, list[Diagnostic]] = {}
        code: list[str] = []
        for path in facts.diagnostics:
            if self.server.documents.at(path) is not None:
                continue
            if path.endswith(".nix"):
                code.append(path)
            elif not self.server.checker.leaves_out(path):
                kept = self.server.checker.kept(path, facts.diagnostics[path])
                if kept:
                    out[path] = kept
        if self.pulled or not code:
            return out
        try:
            known = await self.findings.in_files(code)
        except WorkerError as error:
            log.warning("checking files that are not open: the worker %s", error)
            return out
        for path, each in known.items():
            own = [one for one in each.found if one.rule in facts.rules]
            if own:
                out[path] = own
        return out

    def _push_configurations(self) -> None:
        """Show what is wrong with the configurations of open texts, where it is wrong."""
        before = self._pushed.get(_CONFIGURATION, {})
        now: dict[str, Fingerprints] = {}
        for document in self.server.documents if self.on else ():
            error = self.server.checker.broken_config(document.path) if document.path else None
            if error is None:
                continue
            path = os.path.abspath(error.path)
            if path in now:
                continue
            for message in error.messages():
                log.warning("%s", message)
            target = self.server.document_for(path)
            if target is None:
                continue
            source = target.source
            items = [_config_finding(source, line, message) for line, message in error.items]
            now[path] = fingerprints(items)
            if before.get(path) != now[path]:
                uri = self.server.uri_of(path)
                convert = self.server.convert(target)
                self._publish(uri, self.presenter.items(path, uri, items, convert))
        for path in before:
            if path not in now:
                self._publish(self.server.uri_of(path), [])
        self._pushed[_CONFIGURATION] = now

    # Being asked.

    def _refresh(self) -> None:
        workspace = self.server.client_capabilities.workspace
        known = workspace.diagnostics if workspace is not None else None
        if known is not None and known.refresh_support:
            self.server.workspace_diagnostic_refresh(None)

    async def of_document(
        self, params: types.DocumentDiagnosticParams
    ) -> types.RelatedFullDocumentDiagnosticReport | types.RelatedUnchangedDocumentDiagnosticReport:
        """The diagnostics of an open text."""
        document = self.server.documents.opened(params.text_document.uri)
        if document is None or not self.on or self._is_pushed(document):
            return types.RelatedFullDocumentDiagnosticReport(items=[])
        found, text = await self._of_newest(document)
        items = self.presenter.items(
            document.path, document.uri, found, self.server.convert(document.snapshot)
        )
        result = result_id(text, fingerprints(found))
        if result == params.previous_result_id:
            return types.RelatedUnchangedDocumentDiagnosticReport(result_id=result)
        return types.RelatedFullDocumentDiagnosticReport(items=items, result_id=result)

    async def _of_newest(self, document: OpenDocument) -> tuple[list[Diagnostic], str]:
        while True:
            text = document.text
            found = await self.findings.of(document)
            if text is document.text:
                return found, text

    async def of_workspace(
        self, params: types.WorkspaceDiagnosticParams
    ) -> types.WorkspaceDiagnosticReport:
        """The diagnostics of all files in the workspace."""
        previous = {each.uri: each.value for each in params.previous_result_ids}
        if previous:
            await self._wait_for_news()
        if not self.on:
            return types.WorkspaceDiagnosticReport([])
        self._news.clear()
        reports: list[types.WorkspaceDocumentDiagnosticReport] = []
        try:
            paths = await self.findings.files_below(self.server.projects.folders)
            for at in range(0, len(paths), _REPORTED_TOGETHER):
                part = await self._reports(paths[at : at + _REPORTED_TOGETHER], previous)
                if params.partial_result_token is None:
                    reports.extend(part)
                elif part:
                    self._send_part(params.partial_result_token, part)
        except WorkerError as error:
            log.warning("diagnostics of the workspace: the worker %s", error)
        self._reported = asyncio.get_running_loop().time()
        return types.WorkspaceDiagnosticReport(reports)

    async def _wait_for_news(self) -> None:
        """Some clients ask again and again; walking through all files each time is a waste."""
        if asyncio.get_running_loop().time() - self._reported < POLLING:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await self._news.wait()

    async def _reports(
        self, paths: list[str], previous: dict[str, str]
    ) -> list[types.WorkspaceDocumentDiagnosticReport]:
        """Reports about files, but none where nothing changed from nothing."""
        closed = [path for path in paths if self.server.documents.at(path) is None]
        known = await self.findings.in_files(closed)
        out: list[types.WorkspaceDocumentDiagnosticReport] = []
        for path in paths:
            document = self.server.documents.at(path)
            version: int | None = None
            if document is not None:
                found, text = await self._of_newest(document)
                version = document.version
                result = result_id(text, fingerprints(found))
            elif path in known:
                found = known[path].found
                result = result_id(str(known[path].text), fingerprints(found))
            else:
                continue
            uri = self.server.uri_of(path)
            if previous.get(uri) == result:
                out.append(
                    types.WorkspaceUnchangedDocumentDiagnosticReport(
                        uri=uri, result_id=result, version=version
                    )
                )
                continue
            if not found and uri not in previous:
                continue
            convert = self.server.converter_for(path)
            if convert is not None:
                items = self.presenter.items(path, uri, found, convert)
                out.append(
                    types.WorkspaceFullDocumentDiagnosticReport(
                        uri=uri, items=items, version=version, result_id=result
                    )
                )
        return out

    def _send_part(
        self, token: types.ProgressToken, part: list[types.WorkspaceDocumentDiagnosticReport]
    ) -> None:
        value = types.WorkspaceDiagnosticReportPartialResult(part)
        self.server.progress(types.ProgressParams(token, value))


_REPORTED_TOGETHER: Final = 48
Fingerprints = tuple[object, ...]


def fingerprints(found: list[Diagnostic]) -> Fingerprints:
    """What tells findings apart as far as a client sees them."""
    return tuple(
        (
            each.span.start,
            each.span.end,
            each.rule,
            each.severity,
            each.message,
            each.tag,
            tuple(
                (note.message, note.path, (note.span.start, note.span.end) if note.span else None)
                for note in each.notes
            ),
        )
        for each in found
    )


def result_id(text: str, what: Fingerprints) -> str:
    """The name of a result: another one when the text or the findings are others."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8)
    digest.update(repr(what).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _config_finding(source: Source, line: int, message: str) -> Diagnostic:
    number = max(0, min(line - 1, len(source.line_starts) - 1))
    start = source.line_starts[number]
    span = Span(start, start + len(source.line_text(number)))
    return Diagnostic("configuration", ERROR, message, span)
