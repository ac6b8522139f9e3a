"""`textDocument/completion` and `completionItem/resolve`."""

from __future__ import annotations

from typing import Final

from lsprotocol import types

from nixlint.ide.completion.completion import complete, documentation
from nixlint.ide.model import Completion
from nixlint_lsp.answers import COMPLETION_KINDS, marked, nix_document, read_open_documents
from nixlint_lsp.positions import Converter
from nixlint_lsp.server import NixlintServer

TRIGGERS: Final = [".", "/", "$", "{", "[", '"']


def register(server: NixlintServer) -> None:
    """Add the handlers."""
    read_open_documents(server)
    client = server.client_capabilities.text_document
    asked = client.completion if client is not None else None
    item = asked.completion_item if asked is not None else None
    snippets = bool(item is not None and item.snippet_support)
    formats = item.documentation_format if item is not None else None
    options = types.CompletionOptions(trigger_characters=TRIGGERS, resolve_provider=True)

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, options)
    def at_place(params: types.CompletionParams) -> types.CompletionList | None:
        document = nix_document(server, params.text_document.uri)
        if document is None:
            return None
        convert = server.convert(document)
        offset = convert.offset(params.position)
        context = params.context
        if context is not None and context.trigger_character in ("{", "$", "["):
            # These begin an interpolation or a suppression; elsewhere nobody wants a list yet.
            before = document.text[max(0, offset - 7) : offset]
            if not before.endswith(("${", "ignore[", "e-file[")):
                return None
        facts = server.facts_for(document.path)
        found, whole = complete(document, offset, facts, snippets)
        items = items_of(found, convert, document.path)
        return types.CompletionList(is_incomplete=not whole, items=items)

    @server.feature(types.COMPLETION_ITEM_RESOLVE)
    def resolve(found: types.CompletionItem) -> types.CompletionItem:
        data = found.data
        if isinstance(data, list) and len(data) == 2 and all(isinstance(x, str) for x in data):
            text = documentation(data[0], server.facts_for(data[1]))
            if text:
                found.documentation = marked(text, formats)
        return found


def items_of(found: list[Completion], convert: Converter, path: str) -> list[types.CompletionItem]:
    """Proposals for the file at an absolute path, as the protocol has them."""
    ranges: dict[tuple[int, int], types.Range] = {}
    out: list[types.CompletionItem] = []
    for each in found:
        place = ranges.get((each.start, each.end))
        if place is None:
            place = convert.range(each.start, each.end)
            ranges[each.start, each.end] = place
        item = types.CompletionItem(each.label)
        item.kind = COMPLETION_KINDS.get(each.kind, types.CompletionItemKind.Text)
        item.text_edit = types.TextEdit(place, each.text)
        item.sort_text = f"{each.order:02} {each.label}"
        if each.detail:
            item.detail = each.detail
        if each.documentation:
            item.documentation = each.documentation
        if each.snippet:
            item.insert_text_format = types.InsertTextFormat.Snippet
        if each.deprecated:
            item.deprecated = True
        if each.data:
            item.data = [each.data, path]
        out.append(item)
    return out
