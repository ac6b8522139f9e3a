"""`textDocument/signatureHelp`."""

from __future__ import annotations

from lsprotocol import types

from nixlint.ide.hovering.signature import signature
from nixlint_lsp.answers import marked, nix_document, read_open_documents
from nixlint_lsp.positions import UTF16, units
from nixlint_lsp.server import NixlintServer


def register(server: NixlintServer) -> None:
    """Add the handler."""
    read_open_documents(server)
    client = server.client_capabilities.text_document
    asked = client.signature_help if client is not None else None
    about = asked.signature_information if asked is not None else None
    formats = about.documentation_format if about is not None else None
    information = about.parameter_information if about is not None else None
    offsets = bool(information is not None and information.label_offset_support)
    options = types.SignatureHelpOptions(trigger_characters=[" "])

    @server.feature(types.TEXT_DOCUMENT_SIGNATURE_HELP, options)
    def at_place(params: types.SignatureHelpParams) -> types.SignatureHelp | None:
        document = nix_document(server, params.text_document.uri)
        if document is None:
            return None
        found = signature(document, server.convert(document).offset(params.position))
        if found is None:
            return None
        label = found.label
        parameters: list[types.ParameterInformation] = []
        for start, end in found.parameters:
            text: str | tuple[int, int] = label[start:end]
            if offsets:
                # The specification counts these in UTF-16 units, whatever positions are in.
                text = (units(label[:start], UTF16), units(label[:end], UTF16))
            parameters.append(types.ParameterInformation(text))
        shown = types.SignatureInformation(label, parameters=parameters)
        if found.documentation:
            shown.documentation = marked(found.documentation, formats)
        return types.SignatureHelp([shown], active_signature=0, active_parameter=found.active)
