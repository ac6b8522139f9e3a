"""JSON-RPC and the life of a session, on top of pygls.

Whatever arrives is answered as the specification says, and nothing of it can stop the server:
text that is no JSON, messages in the wrong order, unknown methods, wrong parameters. Texts that
the editor has open are kept in our own `Documents`, not in those of pygls.
"""

from __future__ import annotations

import contextvars
import json
import logging
import sys
from collections.abc import Callable, Generator
from typing import Any, Final, cast

from cattrs import Converter
from lsprotocol import types
from lsprotocol.types import (
    CANCEL_REQUEST,
    EXIT,
    INITIALIZE,
    SHUTDOWN,
    TEXT_DOCUMENT_DID_CHANGE,
    TEXT_DOCUMENT_DID_CLOSE,
    TEXT_DOCUMENT_DID_OPEN,
    WINDOW_WORK_DONE_PROGRESS_CANCEL,
    WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS,
    LSPErrorCodes,
    ResponseError,
    ResponseErrorMessage,
)
from pygls.exceptions import JsonRpcException, JsonRpcInternalError
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method

from nixlint_lsp.documents import Documents, OpenDocument
from nixlint_lsp.uris import Uris

log = logging.getLogger("nixlint.lsp")

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
NOT_INITIALIZED: Final = -32002
CANCELLED: Final = -32800
REQUEST_FAILED: Final = LSPErrorCodes.RequestFailed.value

Id = int | str


_DEEPEST: Final = 1000
_NAMING: Final = (CANCEL_REQUEST, WINDOW_WORK_DONE_PROGRESS_CANCEL)


def parse_json(data: bytes) -> Any:
    """What a JSON text says; raises `ValueError` or `RecursionError`.

    Evaluation raises the limit of recursion for its own large stack; here the stack is a small one.
    """
    limit = sys.getrecursionlimit()
    if limit <= _DEEPEST:
        return json.loads(data)
    sys.setrecursionlimit(_DEEPEST)
    try:
        return json.loads(data)
    finally:
        sys.setrecursionlimit(limit)


class RequestFailedError(JsonRpcException):  # type: ignore[misc,unused-ignore]
    """A request that cannot be answered; the message tells the user why."""

    CODE = REQUEST_FAILED
    MESSAGE = "Request failed"


class NixlintProtocol(LanguageServerProtocol):  # type: ignore[misc,unused-ignore]
    """The protocol, with documents of our own and strict about the order of messages."""

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        self.uris = Uris()
        self.documents = Documents(self.uris)
        self.folders: dict[str, str] = {}
        """URI of each workspace folder → its name."""
        self.cancelled: set[Id] = set()
        """Requests that the client has taken back, maybe before they were looked at."""
        self.initialize_seen = False
        self.when_closed: Callable[[OpenDocument], None] = lambda _document: None
        """Is told about each text that was closed."""
        super().__init__(server, converter)

    @property
    def encoding(self) -> str:
        """How positions are counted: `utf-8`, `utf-16` or `utf-32`."""
        if self._workspace is None:
            return types.PositionEncodingKind.Utf16.value
        encoding = self._workspace.position_encoding
        return getattr(encoding, "value", encoding) or types.PositionEncodingKind.Utf16.value

    @property
    def shutting_down(self) -> bool:
        """Whether the client has asked the server to end."""
        return bool(self._shutdown)

    # What arrives.

    def receive(self, data: bytes | None) -> None:
        """Handle the bytes of one message; None stands for some that could not be read."""
        if data is None:
            self._refuse(None, PARSE_ERROR, "the header has no valid Content-Length")
            return
        try:
            message = parse_json(data)
        except (ValueError, RecursionError) as error:
            self._refuse(None, PARSE_ERROR, f"not valid JSON: {error}")
            return
        self.receive_message(message)

    def receive_message(self, message: object) -> None:
        """Handle one message. Never raises."""
        try:
            self._receive(message)
        except Exception:
            log.exception("handling a message failed")

    def _receive(self, message: object) -> None:
        if not isinstance(message, dict):
            self._refuse(None, INVALID_REQUEST, "a message must be an object")
            return
        has_id = "id" in message
        msg_id = message.get("id")
        if has_id and (not isinstance(msg_id, int | str) or isinstance(msg_id, bool)):
            if "method" in message:
                self._refuse(None, INVALID_REQUEST, "`id` must be an integer or a string")
            return
        method = message.get("method")
        if method is None and has_id and ("result" in message or "error" in message):
            self._receive_response(cast("Id", msg_id), message)
            return
        if message.get("jsonrpc") != self.VERSION or not isinstance(method, str):
            self._refuse(msg_id, INVALID_REQUEST, "neither a request nor a notification")
        elif has_id:
            self._receive_request(cast("Id", msg_id), method, message)
        else:
            self._receive_notification(method, message)

    def _receive_request(self, msg_id: Id, method: str, message: dict[str, Any]) -> None:
        if msg_id in self.cancelled:
            self.cancelled.discard(msg_id)
            self._refuse(msg_id, CANCELLED, "the request was cancelled")
        elif self._shutdown:
            self._refuse(msg_id, INVALID_REQUEST, "the server is shutting down")
        elif method == INITIALIZE and self.initialize_seen:
            self._refuse(msg_id, INVALID_REQUEST, "the server is initialized already")
        elif method != INITIALIZE and self._workspace is None:
            self._refuse(msg_id, NOT_INITIALIZED, "the server is not initialized")
        elif not self._knows(method):
            self._refuse(msg_id, METHOD_NOT_FOUND, f"unknown method `{method}`")
        else:
            request = self._structured(message, method)
            if request is None:
                self._refuse(msg_id, INVALID_PARAMS, f"these are no parameters of `{method}`")
                return
            if method == INITIALIZE:
                self.initialize_seen = True
            context = contextvars.copy_context()
            context.run(self._handle_request, msg_id, method, request.params)

    def _receive_notification(self, method: str, message: dict[str, Any]) -> None:
        if method == EXIT:
            self.lsp_exit()
            return
        if self._workspace is None or self._shutdown:
            return
        if method != CANCEL_REQUEST and not self._knows(method):
            if not method.startswith("$/"):
                log.debug("the notification %s is not known", method)
            return
        notification = self._structured(message, method)
        if notification is None:
            log.warning("a notification %s has parameters that are none", method)
            return
        if method in _NAMING and not isinstance(_named(notification.params), int | str):
            log.warning("a notification %s names nothing", method)
            return
        if method == CANCEL_REQUEST:
            self.cancelled.discard(notification.params.id)
            if notification.params.id in self._request_futures:
                self._handle_cancel_notification(notification.params.id)
            return
        context = contextvars.copy_context()
        context.run(self._handle_notification, method, notification.params)

    def _receive_response(self, msg_id: Id, message: dict[str, Any]) -> None:
        if msg_id not in self._result_types:
            log.debug("a response to a request that was never made")
            return
        expected = self._result_types.pop(msg_id)
        waiting = self._request_futures.get(msg_id)
        if waiting is not None and waiting.done():
            del self._request_futures[msg_id]  # cancelled meanwhile: nobody waits for the answer
            return
        error = message.get("error")
        if error is not None:
            code = error.get("code") if isinstance(error, dict) else None
            text = str(error.get("message", "")) if isinstance(error, dict) else str(error)
            found = ResponseError(code if isinstance(code, int) else REQUEST_FAILED, text)
            self._handle_response(msg_id, None, found)
            return
        try:
            message.setdefault("jsonrpc", self.VERSION)
            response = self._converter.structure(message, expected) if expected else None
            result = response.result if response is not None else message.get("result")
        except Exception:
            self._handle_response(msg_id, None, ResponseError(INVALID_PARAMS, "no valid result"))
            return
        self._handle_response(msg_id, result)

    def _knows(self, method: str) -> bool:
        return method in self.fm.builtin_features or method in self.fm.features

    def _structured(self, message: dict[str, Any], method: str) -> Any:
        """The message as an object of lsprotocol, or None when its parameters do not fit."""
        kind = self.get_message_type(method)
        if kind is None:
            return None
        if message.get("params") is None and "params" in message:
            message = {key: value for key, value in message.items() if key != "params"}
        try:
            return self._converter.structure(message, kind)
        except Exception:
            return None

    # What is sent.

    def _refuse(self, msg_id: object, code: int, message: str) -> None:
        """Answer with an error. Without an id that is all that the specification allows."""
        error = {"code": code, "message": message}
        self._write({"jsonrpc": self.VERSION, "id": msg_id, "error": error})

    def _send_data(self, data: Any) -> None:
        try:
            plain = self._converter.unstructure(data)
            self._write(plain)
        except Exception as error:
            log.exception("what was to be sent cannot be written as JSON")
            msg_id = getattr(data, "id", None)
            if msg_id is not None and not hasattr(data, "method"):
                found = JsonRpcInternalError(str(error)).to_response_error()
                self._write(
                    self._converter.unstructure(ResponseErrorMessage(id=msg_id, error=found))
                )

    def _write(self, message: object) -> None:
        if self.writer is not None:
            text = json.dumps(message, separators=(",", ":"), default=self._serialize_message)
            self.writer.write(text.encode("ascii"))

    # The life of a session.

    @lsp_method(INITIALIZE)
    def lsp_initialize(
        self, params: types.InitializeParams
    ) -> Generator[Any, Any, types.InitializeResult]:
        """Remember the folders, then go on as pygls does."""
        for folder in params.workspace_folders or []:
            self.folders[folder.uri] = folder.name
        if not self.folders and params.root_uri:
            self.folders[params.root_uri] = ""
        elif not self.folders and params.root_path:
            self.folders[self.uris.uri(params.root_path)] = ""
        params.root_uri = None
        params.root_path = None
        params.workspace_folders = None
        result = yield from super().lsp_initialize(params)
        return result

    @lsp_method(SHUTDOWN)
    def lsp_shutdown(self, *_args: object) -> Generator[Any, Any, None]:
        """Take back what is still being worked on."""
        current = self.msg_id
        for msg_id, future in list(self._request_futures.items()):
            if msg_id != current and not future.done():
                future.cancel()
        handler = self.fm.features.get(SHUTDOWN)
        if handler is not None:
            yield handler, (None,), None
        self._shutdown = True

    @lsp_method(EXIT)
    def lsp_exit(self, *_args: object) -> None:  # type: ignore[override]
        """End: with 0 after `shutdown`, with 1 without."""
        stop = getattr(self._server, "stop", None)
        if stop is not None:
            stop(0 if self._shutdown else 1)

    # Documents.

    @lsp_method(TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(
        self, params: types.DidOpenTextDocumentParams
    ) -> Generator[Any, Any, None]:
        """A text was opened."""
        self.documents.open(params.text_document)
        yield from self._user_handler(TEXT_DOCUMENT_DID_OPEN, params)

    @lsp_method(TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(
        self, params: types.DidChangeTextDocumentParams
    ) -> Generator[Any, Any, None]:
        """A text was edited. Of one that was never opened nothing is known."""
        found = self.documents.opened(params.text_document.uri)
        if found is None:
            log.warning("a text was changed that is not open")
            return
        found.change(params.text_document.version, params.content_changes, self.encoding)
        yield from self._user_handler(TEXT_DOCUMENT_DID_CHANGE, params)

    @lsp_method(TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(
        self, params: types.DidCloseTextDocumentParams
    ) -> Generator[Any, Any, None]:
        """A text was closed."""
        found = self.documents.close(params.text_document.uri)
        if found is None:
            log.warning("a text was closed that is not open")
            return
        self.when_closed(found)
        yield from self._user_handler(TEXT_DOCUMENT_DID_CLOSE, params)

    @lsp_method(WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def lsp_workspace__did_change_workspace_folders(
        self, params: types.DidChangeWorkspaceFoldersParams
    ) -> Generator[Any, Any, None]:
        """Folders were added or removed."""
        for folder in params.event.removed:
            self.folders.pop(folder.uri, None)
        for folder in params.event.added:
            self.folders[folder.uri] = folder.name
        yield from self._user_handler(WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, params)

    def _user_handler(self, method: str, params: object) -> Generator[Any, Any, None]:
        handler = self.fm.features.get(method)
        if handler is not None:
            yield handler, (params,), None

    def plain(self, value: object) -> object:
        """A value that pygls has turned into objects, as dictionaries and lists again."""
        if hasattr(value, "_asdict"):
            return {key: self.plain(each) for key, each in value._asdict().items()}
        if isinstance(value, list | tuple):
            return [self.plain(each) for each in value]
        return self._converter.unstructure(value)


def _named(params: object) -> object:
    """The request or the progress that a notification is about."""
    return getattr(params, "id", getattr(params, "token", None))
