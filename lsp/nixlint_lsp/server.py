"""The language server: what features build on.

Requests are answered on the event loop from immutable snapshots (`documents.get`) and from what
is known of the project (`facts_for`), which another process finds out.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import logging
import os
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final, cast

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError
from pygls.lsp.server import LanguageServer

from nixlint import __version__
from nixlint.analysis.config_lsp import FEATURES, LspTable
from nixlint.analysis.reading import ReadError, read_file
from nixlint.diagnostics.model import Diagnostic
from nixlint.ide.document import Document
from nixlint.ide.facts import ProjectFacts
from nixlint.ide.model import RefusedError
from nixlint_lsp.checks import Checker
from nixlint_lsp.documents import Documents, OpenDocument
from nixlint_lsp.positions import Converter
from nixlint_lsp.projects import Projects
from nixlint_lsp.protocol import NixlintProtocol, RequestFailedError
from nixlint_lsp.settings import LspSettings, module_of, read_settings
from nixlint_lsp.workers import Worker

log = logging.getLogger("nixlint.lsp")

_ITEM_BACK: Final = (
    types.CODE_ACTION_RESOLVE,
    types.CODE_LENS_RESOLVE,
    types.COMPLETION_ITEM_RESOLVE,
    types.DOCUMENT_LINK_RESOLVE,
    types.INLAY_HINT_RESOLVE,
    types.WORKSPACE_SYMBOL_RESOLVE,
)
"""Requests that are answered with what was asked, if there is nothing to add."""


class NixlintServer(LanguageServer):  # type: ignore[misc,unused-ignore]
    """One session with one client."""

    protocol: NixlintProtocol

    def __init__(self) -> None:
        super().__init__("nixlint", __version__, protocol_cls=NixlintProtocol, max_workers=1)
        self.settings = LspSettings()
        self.exit_code: int | None = None
        self.stopped = asyncio.Event()
        self.checker = Checker()
        self.worker = Worker()
        """Looks at projects, and at files that are not open."""
        self.file_worker = Worker(niceness=0)
        """Looks at open files that are too large to be looked at between two requests."""
        self.projects = Projects(self.worker, self.documents, self._new_facts)
        self.when_opened: list[Callable[[OpenDocument], None]] = []
        """Who wants to know that a text was opened."""
        self.when_changed: list[Callable[[OpenDocument], None]] = []
        """Who wants to know that a text was edited."""
        self.when_closed: list[Callable[[OpenDocument], None]] = []
        """Who wants to know that a text was closed."""
        self.when_known: list[Callable[[ProjectFacts, bool], None]] = []
        """Who wants to know that facts are new, and whether they are complete."""
        self.when_configured: list[Callable[[], None]] = []
        """Who wants to know that settings or configuration files changed."""
        self.find_now: Callable[[OpenDocument], list[Diagnostic]] | None = None
        """Finds what there is in an open text; set by the feature `diagnostics`."""
        self._registering = ""
        self.failures: set[str] = set()
        """The kinds of bugs of ours that were met."""
        self._tasks: set[asyncio.Task[None]] = set()
        self.protocol.when_closed = lambda found: self.tell(self.when_closed, found)
        self.feature(types.INITIALIZE)(self._initialize)

    # What features use.

    @property
    def documents(self) -> Documents:
        """The texts that the editor has open."""
        return self.protocol.documents

    @property
    def encoding(self) -> str:
        """How the client counts characters: `utf-8`, `utf-16` or `utf-32`."""
        return self.protocol.encoding

    def facts_for(self, path: str) -> ProjectFacts | None:
        """What is known of the project that the file at an absolute path belongs to, or None."""
        return self.projects.facts_for(path)

    def findings_for(self, document: Document) -> list[Diagnostic]:
        """What is found in a snapshot of an open text, with fixes; nothing if it is outdated."""
        found = self.documents.opened_as(document)
        if found is None or self.find_now is None:
            return []
        return self.find_now(found)

    def convert(self, document: Document) -> Converter:
        """Converts between offsets in a document and positions."""
        return Converter(document.text, self.encoding, document.source.line_starts)

    def converter_for(self, path: str) -> Converter | None:
        """Converts offsets in the file at an absolute path, as the editor or the disk has it; None
        when it cannot be read."""
        document = self.document_for(path)
        return self.convert(document) if document is not None else None

    def document_for(self, path: str) -> Document | None:
        """The file at an absolute path, as the editor or the disk has it; None when it cannot be
        read."""
        found = self.documents.at(path)
        if found is not None:
            return found.snapshot
        try:
            return Document(path, read_file(path))
        except ReadError:
            return None

    def path_of(self, uri: str) -> str | None:
        """The absolute path of a URI, or None when it is no file."""
        return self.protocol.uris.path(uri)

    def uri_of(self, path: str) -> str:
        """The URI of an absolute path, as the client writes it."""
        found = self.documents.at(path)
        return found.uri if found is not None else self.protocol.uris.uri(path)

    # Features.

    @contextmanager
    def registering(self, name: str) -> Iterator[None]:
        """Handlers that are added meanwhile belong to the feature of that name."""
        self._registering = name
        try:
            yield
        finally:
            self._registering = ""

    def feature(self, feature_name: str, options: Any = None) -> Callable[[Any], Any]:
        """Add a handler, which takes the parameters, or `ls` and the parameters. It answers with
        nothing while its feature is switched off, and what it raises goes to the log; only
        `RefusedError` and `JsonRpcException` reach the client."""
        add = cast("Callable[[Any], Any]", super().feature(feature_name, options))
        name = self._registering

        def decorator(handler: Any) -> Any:
            add(self._guarded(name, feature_name, handler))
            return handler

        return decorator

    def _guarded(self, name: str, method: str, handler: Any) -> Any:
        def nothing(params: Any) -> Any:
            if method == types.TEXT_DOCUMENT_DIAGNOSTIC:
                return types.RelatedFullDocumentDiagnosticReport(items=[])
            if method == types.WORKSPACE_DIAGNOSTIC:
                return types.WorkspaceDiagnosticReport(items=[])
            return params if method in _ITEM_BACK else None

        # pygls would judge by annotations whether to hand over the server.
        parameters = inspect.signature(handler).parameters
        if next(iter(parameters), "") == "ls":
            handler = functools.partial(handler, self)

        if inspect.iscoroutinefunction(handler):

            async def answer_later(params: Any = None) -> Any:
                if name and not self.settings.enabled(name):
                    return nothing(params)
                try:
                    return await handler(params)
                except RefusedError as refused:
                    raise RequestFailedError(str(refused)) from None
                except JsonRpcException:
                    raise
                except Exception as error:
                    self.log_failure(method, error)
                    return nothing(params)

            return answer_later

        def answer(params: Any = None) -> Any:
            if name and not self.settings.enabled(name):
                return nothing(params)
            try:
                return handler(params)
            except RefusedError as refused:
                raise RequestFailedError(str(refused)) from None
            except JsonRpcException:
                raise
            except Exception as error:
                self.log_failure(method, error)
                return nothing(params)

        return answer

    def log_failure(self, what: str, error: BaseException) -> None:
        """Tell the log about a bug of ours, once for each kind."""
        key = f"{what}: {type(error).__name__}"
        if key not in self.failures:
            self.failures.add(key)
            log.error("%s failed", what, exc_info=error)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """To the log, and never to the user's screen."""
        if isinstance(error, JsonRpcException) and not isinstance(error, JsonRpcInternalError):
            log.info("a request was refused: %s", error)
        else:
            self.log_failure(getattr(source, "__name__", str(source)), error)

    # The life of a session.

    def _initialize(self, params: types.InitializeParams) -> None:
        self.use_settings(params.initialization_options)
        for name in FEATURES:
            if self.settings.enabled(name):
                self._register(name)
        if self.projects.folders:
            self.worker.start()
        # Loading all rules takes a while; the client has something to do, too.
        asyncio.get_running_loop().call_soon(self._warm_up)

    def _warm_up(self) -> None:
        if self.settings.enabled("diagnostics") and self.exit_code is None:
            try:
                self.checker.check(Document("", "{ }\n"), None, *self.projects.folders[:1])
            except Exception as error:
                self.log_failure("the first check", error)

    def _register(self, name: str) -> None:
        module = f"nixlint_lsp.features.{module_of(name)}"
        with self.registering(name):
            try:
                import_module(module).register(self)
            except Exception as error:
                self.log_failure(f"registering the feature {name}", error)

    def use_settings(self, raw: object) -> None:
        """Use what the editor says from now on."""
        self.settings = read_settings(raw, self.complain)
        self.projects.folders = self.folders()
        self.configure()

    def configure(self) -> None:
        """Read the configuration files anew."""
        overrides = self.settings.overrides
        folders = self.projects.folders
        path = overrides.config_path
        if path is not None and not os.path.isabs(path) and folders:
            overrides.config_path = os.path.join(folders[0], path)
        generation = self.checker.generation + 1
        self.checker.configure(overrides, generation)
        self.projects.overrides, self.projects.generation = overrides, generation
        self.settings.project = LspTable()
        for folder in folders:
            config = self.checker.config_for_directory(folder)
            if config is not None and config.lsp is not None:
                self.settings.project = config.lsp
                break

    def folders(self) -> list[str]:
        """The workspace folders, as absolute paths."""
        found = [self.protocol.uris.folder(uri) for uri in self.protocol.folders]
        return [path for path in found if path is not None]

    def _new_facts(self, facts: ProjectFacts, complete: bool) -> None:
        self.tell(self.when_known, facts, complete)

    def tell(self, listeners: list[Callable[..., None]], *arguments: object) -> None:
        """Call all who want to know."""
        for listener in listeners:
            try:
                listener(*arguments)
            except Exception as error:
                self.log_failure("a listener", error)

    def start_task(self, work: Coroutine[Any, Any, None], what: str) -> None:
        """Do something on the event loop, for whose result nobody waits."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(functools.partial(self._task_done, what))

    def _task_done(self, what: str, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.log_failure(what, error)

    def complain(self, message: str) -> None:
        """Tell the log about settings that cannot be understood."""
        log.warning("settings: %s", message)

    def stop(self, code: int) -> None:
        """End the session; `code` is what the process exits with."""
        if self.exit_code is None:
            self.exit_code = code
        self.projects.close()
        self.worker.close()
        self.file_worker.close()
        self.stopped.set()
