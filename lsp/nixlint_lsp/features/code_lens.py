"""`textDocument/codeLens` and `codeLens/resolve`.

The command of a lens is the one of Visual Studio Code that shows a list of places; other editors
show the title.
"""

from __future__ import annotations

from typing import Any, Final

from lsprotocol import types

from nixlint.ide.navigation.lenses import Lens, complete, lenses
from nixlint.ide.navigation.links import LARGEST
from nixlint_lsp.answers import nix_document
from nixlint_lsp.navigation import Navigation, navigation_of
from nixlint_lsp.server import NixlintServer

SHOW: Final = "editor.action.showReferences"


def register(server: NixlintServer) -> None:
    """Add the handlers."""
    navigation = navigation_of(server)

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions(resolve_provider=True))
    def find(params: types.CodeLensParams) -> list[types.CodeLens] | None:
        document = nix_document(server, params.text_document.uri)
        if document is None or len(document.text) > LARGEST:
            return None
        workspace = navigation.workspace(document.path)
        if not navigation.is_read(workspace):
            # Editors ask again, at the latest after the next keystroke.
            return None
        convert = server.convert(document)
        out: list[types.CodeLens] = []
        for lens in lenses(workspace, document):
            span = convert.range(lens.start, lens.end)
            made = types.CodeLens(span)
            if lens.title:
                made.command = _command(navigation, params.text_document.uri, span, lens)
            else:
                made.data = {"uri": params.text_document.uri, "option": list(lens.option)}
            out.append(made)
        return out

    @server.feature(types.CODE_LENS_RESOLVE)
    def resolve(item: types.CodeLens) -> types.CodeLens:
        data: Any = server.protocol.plain(item.data)
        if item.command is not None or not isinstance(data, dict):
            return item
        uri = str(data.get("uri"))
        option = data.get("option")
        document = nix_document(server, uri)
        if document is None or not isinstance(option, list) or not option:
            return item
        start, end = server.convert(document).span(item.range)
        lens = Lens(start, end, tuple(str(each) for each in option))
        if complete(navigation.workspace(document.path), document, lens):
            item.command = _command(navigation, uri, item.range, lens)
        return item


def _command(navigation: Navigation, uri: str, span: types.Range, lens: Lens) -> types.Command:
    if not lens.places:
        return types.Command(lens.title, "")
    places = navigation.places(lens.places)
    return types.Command(lens.title, SHOW, arguments=[uri, span.start, list(places)])
