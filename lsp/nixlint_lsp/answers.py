"""What the features that answer questions about one text have in common."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Final

from lsprotocol import types

from nixlint.ide import model as kinds
from nixlint.ide.document import Document
from nixlint.ide.knowledge import reading
from nixlint_lsp.positions import Converter
from nixlint_lsp.server import NixlintServer

SYMBOL_KINDS: Final = {
    kinds.VARIABLE: types.SymbolKind.Variable,
    kinds.FUNCTION: types.SymbolKind.Function,
    kinds.FORMAL: types.SymbolKind.Variable,
    kinds.ATTRIBUTE: types.SymbolKind.Field,
    kinds.MODULE: types.SymbolKind.Module,
    kinds.OPTION: types.SymbolKind.Property,
    kinds.INPUT: types.SymbolKind.Package,
    kinds.STRING: types.SymbolKind.String,
    kinds.NUMBER: types.SymbolKind.Number,
    kinds.BOOLEAN: types.SymbolKind.Boolean,
    kinds.LIST: types.SymbolKind.Array,
    kinds.SET: types.SymbolKind.Object,
    kinds.NULL: types.SymbolKind.Null,
    kinds.PATH: types.SymbolKind.File,
}
COMPLETION_KINDS: Final = {
    kinds.VARIABLE: types.CompletionItemKind.Variable,
    kinds.FUNCTION: types.CompletionItemKind.Function,
    kinds.FORMAL: types.CompletionItemKind.Variable,
    kinds.ATTRIBUTE: types.CompletionItemKind.Field,
    kinds.KEYWORD: types.CompletionItemKind.Keyword,
    kinds.BUILTIN: types.CompletionItemKind.Function,
    kinds.LIBRARY: types.CompletionItemKind.Constant,
    kinds.MODULE: types.CompletionItemKind.Module,
    kinds.OPTION: types.CompletionItemKind.Property,
    kinds.INPUT: types.CompletionItemKind.Module,
    kinds.PACKAGE: types.CompletionItemKind.Constant,
    kinds.FILE: types.CompletionItemKind.File,
    kinds.FOLDER: types.CompletionItemKind.Folder,
    kinds.RULE: types.CompletionItemKind.EnumMember,
    kinds.STRING: types.CompletionItemKind.Value,
    kinds.NUMBER: types.CompletionItemKind.Value,
    kinds.BOOLEAN: types.CompletionItemKind.Value,
    kinds.NULL: types.CompletionItemKind.Value,
}


def nix_document(server: NixlintServer, uri: str) -> Document | None:
    """The open text of a URI if it is Nix code; None for others, such as `flake.lock`."""
    opened = server.documents.opened(uri)
    if opened is None:
        return None
    if opened.language == "nix" or opened.path.endswith(".nix"):
        return opened.snapshot
    return None


def read_open_documents(server: NixlintServer) -> None:
    """Lets answers see other files as the editor has them, not as they are on disk."""

    def find(path: str) -> Document | None:
        found = server.documents.at(path)
        return found.snapshot if found is not None else None

    reading.set_opened(find)


def marked(text: str, formats: object) -> types.MarkupContent:
    """Markdown, or the same as plain text for a client that does not know Markdown.

    `formats` is what the client said it understands.
    """
    known = list(formats) if isinstance(formats, list | tuple) else []
    if known and types.MarkupKind.Markdown not in known:
        lines = [line for line in text.splitlines() if not line.startswith("```")]
        return types.MarkupContent(types.MarkupKind.PlainText, "\n".join(lines))
    return types.MarkupContent(types.MarkupKind.Markdown, text)


def plain_positions(convert: Converter) -> Callable[[int], dict[str, int]]:
    """A quick way from offsets to positions as they are written in JSON, for very many of them."""
    if not convert.text.isascii():

        def slowly(offset: int) -> dict[str, int]:
            found = convert.position(offset)
            return {"line": found.line, "character": found.character}

        return slowly
    starts = convert.starts

    def quickly(offset: int) -> dict[str, int]:
        line = bisect_right(starts, offset) - 1
        return {"line": line, "character": offset - starts[line]}

    return quickly
