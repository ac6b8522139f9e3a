"""`textDocument/prepareCallHierarchy`, `callHierarchy/incomingCalls` and `…/outgoingCalls`."""

from __future__ import annotations

from lsprotocol import types

from nixlint.ide.model import FUNCTION, MODULE, Place
from nixlint.ide.navigation.calls import CallItem, incoming, outgoing, prepare_calls
from nixlint_lsp.navigation import navigation_of, question
from nixlint_lsp.server import NixlintServer


def register(server: NixlintServer) -> None:
    """Add the handlers."""
    navigation = navigation_of(server)

    @server.feature(types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY)
    async def prepare(
        params: types.CallHierarchyPrepareParams,
    ) -> list[types.CallHierarchyItem] | None:
        asked = await question(server, params.text_document, params.position)
        if asked is None:
            return None
        items = prepare_calls(asked.workspace, asked.document, asked.offset)
        return [made for item in items if (made := _item(server, item)) is not None] or None

    @server.feature(types.CALL_HIERARCHY_INCOMING_CALLS)
    async def calls_in(
        params: types.CallHierarchyIncomingCallsParams,
    ) -> list[types.CallHierarchyIncomingCall] | None:
        item = _known(server, params.item)
        if item is None:
            return None
        out: list[types.CallHierarchyIncomingCall] = []
        for edge in incoming(await navigation.ready(item.own.path), item):
            made = _item(server, edge.item)
            if made is not None:
                out.append(types.CallHierarchyIncomingCall(made, _ranges(server, edge.places)))
        return out

    @server.feature(types.CALL_HIERARCHY_OUTGOING_CALLS)
    async def calls_out(
        params: types.CallHierarchyOutgoingCallsParams,
    ) -> list[types.CallHierarchyOutgoingCall] | None:
        item = _known(server, params.item)
        if item is None:
            return None
        out: list[types.CallHierarchyOutgoingCall] = []
        for edge in outgoing(await navigation.ready(item.own.path), item):
            made = _item(server, edge.item)
            if made is not None:
                out.append(types.CallHierarchyOutgoingCall(made, _ranges(server, edge.places)))
        return out


def _item(server: NixlintServer, item: CallItem) -> types.CallHierarchyItem | None:
    convert = server.converter_for(item.own.path)
    if convert is None:
        return None
    kind = types.SymbolKind.Function if item.kind == FUNCTION else types.SymbolKind.Module
    return types.CallHierarchyItem(
        name=item.name,
        kind=kind,
        uri=server.uri_of(item.own.path),
        range=convert.range(item.whole.start, item.whole.end),
        selection_range=convert.range(item.own.start, item.own.end),
        detail=item.detail,
    )


def _known(server: NixlintServer, item: types.CallHierarchyItem) -> CallItem | None:
    path = server.path_of(item.uri)
    convert = server.converter_for(path) if path is not None else None
    if path is None or convert is None:
        return None
    kind = FUNCTION if item.kind == types.SymbolKind.Function else MODULE
    whole = Place(path, *convert.span(item.range))
    own = Place(path, *convert.span(item.selection_range))
    return CallItem(item.name, kind, item.detail or "", whole, own)


def _ranges(server: NixlintServer, places: list[Place]) -> list[types.Range]:
    out: list[types.Range] = []
    for place in places:
        convert = server.converter_for(place.path)
        if convert is not None:
            out.append(convert.range(place.start, place.end))
    return out
