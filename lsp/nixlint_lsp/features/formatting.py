"""Formatting by the configured command: `textDocument/formatting`.

The command reads the text from its standard input and writes the formatted one to its standard
output. Only the editor can name any command; a repository chooses among formatters that are known
(`config_lsp.FORMATTERS`), which are looked up on the PATH. Without a choice, `nixfmt` does it if
there is one. What goes wrong is logged, and the text stays as it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
from typing import Final

from lsprotocol import types

from nixlint.ide.changes.edits import edits_between
from nixlint.ide.document import Document
from nixlint_lsp.changes import text_edits
from nixlint_lsp.server import NixlintServer

log = logging.getLogger("nixlint.lsp")

DEFAULT: Final = "nixfmt"
SECONDS: Final = 10.0
"""So long a formatter may take."""
_MOST: Final = 500
"""Characters of a formatter's complaints that go to the log."""


class FormatError(Exception):
    """A formatter that did not do its work; the message says why."""


def command_of(server: NixlintServer) -> list[str] | None:
    """The command that formats; None when there is none."""
    settings = server.settings
    if settings.own_formatter is not None:
        return settings.own_formatter
    name, *arguments = settings.project.formatter or [DEFAULT]
    found = shutil.which(name)
    # A place that depends on where one is may be one in the repository.
    return [found, *arguments] if found is not None and os.path.isabs(found) else None


def register(server: NixlintServer) -> None:
    """Add the handler. Without a formatter nothing is announced, so that others may do it."""
    if command_of(server) is None:
        name = (server.settings.project.formatter or [DEFAULT])[0]
        log.info("formatting: there is no `%s`, and the editor names no command", name)
        return

    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    async def formatting(params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
        document = server.documents.get(params.text_document.uri)
        command = command_of(server)
        if document is None or command is None or not document.text.strip():
            return None
        try:
            formatted = await run_formatter(command, document)
        except FormatError as error:
            log.warning("formatting %s: %s", document.path or "a text without a file", error)
            return None
        if server.documents.opened_as(document) is None:
            # It was edited meanwhile.
            return None
        return text_edits(server.convert(document), edits_between(document.text, formatted))


async def run_formatter(command: list[str], document: Document) -> str:
    """The formatted text. Raises `FormatError`."""
    folder = os.path.dirname(document.path)
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=folder if os.path.isdir(folder) else None,
        )
    except (OSError, ValueError) as error:
        raise FormatError(f"`{command[0]}` cannot be started: {error}") from None
    data = document.text.encode("utf-8", "surrogateescape")
    try:
        output, complaints = await asyncio.wait_for(process.communicate(data), SECONDS)
    except TimeoutError:
        raise FormatError(f"`{command[0]}` takes longer than {SECONDS:g} seconds") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0:
        said = complaints.decode("utf-8", "replace").strip()[:_MOST]
        raise FormatError(f"`{command[0]}` ends with status {process.returncode}: {said}")
    try:
        formatted = output.decode("utf-8", "surrogateescape")
    except UnicodeDecodeError:
        raise FormatError(f"`{command[0]}` writes no UTF-8") from None
    if not formatted.strip():
        raise FormatError(f"`{command[0]}` writes nothing")
    return formatted
