"""Findings as the diagnostics of the protocol, as far as the client understands them."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from lsprotocol import types

from nixlint.analysis.links import rule_url
from nixlint.diagnostics.model import ERROR, WARNING, Diagnostic, Note
from nixlint.rules import registry
from nixlint_lsp.positions import Converter

SOURCE: Final = "nixlint"
MOST: Final = 1000
"""An editor gets no more than so many diagnostics for one file."""

_SEVERITIES: Final = {
    ERROR: types.DiagnosticSeverity.Error,
    WARNING: types.DiagnosticSeverity.Warning,
}
_TAGS: Final = {
    "unnecessary": types.DiagnosticTag.Unnecessary,
    "deprecated": types.DiagnosticTag.Deprecated,
}


class Presenter:
    """Converts findings.

    `uri_of` gives the URI of a path, `converter_for` converts offsets in other files.
    """

    def __init__(
        self,
        capabilities: types.ClientCapabilities,
        pulled: bool,
        uri_of: Callable[[str], str],
        converter_for: Callable[[str], Converter | None],
    ) -> None:
        self.uri_of = uri_of
        self.converter_for = converter_for
        self.related = False
        self.links = False
        self.data = False
        self.versions = False
        self.tags: frozenset[types.DiagnosticTag] = frozenset()
        document = capabilities.text_document
        if document is None:
            return
        published = document.publish_diagnostics
        if published is not None:
            self.versions = bool(published.version_support)
        asked = document.diagnostic if pulled else None
        for known in (asked, published):
            # Many clients say only once what they do with diagnostics.
            if known is None:
                continue
            self.related = self.related or bool(known.related_information)
            self.links = self.links or bool(known.code_description_support)
            self.data = self.data or bool(known.data_support)
            if known.tag_support is not None:
                self.tags |= frozenset(known.tag_support.value_set)

    def items(
        self, path: str, uri: str, found: list[Diagnostic], convert: Converter
    ) -> list[types.Diagnostic]:
        """The diagnostics for findings in the file at a path ("" for none) with a URI."""
        if len(found) > MOST:
            found = sorted(found, key=_rank)[:MOST]
        return [self._item(path, uri, each, convert) for each in found]

    def _item(self, path: str, uri: str, each: Diagnostic, convert: Converter) -> types.Diagnostic:
        related: list[types.DiagnosticRelatedInformation] = []
        message = each.message
        for note in each.notes:
            place = self._place(path, uri, note, convert) if self.related else None
            if place is not None:
                related.append(types.DiagnosticRelatedInformation(place, note.message))
            else:
                message += f"\n{self._remark(path, note)}"
        tag = _TAGS.get(each.tag)
        return types.Diagnostic(
            range=convert.range(each.span.start, each.span.end),
            message=message,
            severity=_SEVERITIES.get(each.severity, types.DiagnosticSeverity.Hint),
            code=each.rule,
            code_description=self._link(each.rule),
            source=SOURCE,
            tags=[tag] if tag is not None and tag in self.tags else None,
            related_information=related or None,
            data={"rule": each.rule} if self.data else None,
        )

    def _link(self, rule: str) -> types.CodeDescription | None:
        if self.links and rule in registry.rule_names():
            return types.CodeDescription(rule_url(rule))
        return None

    def _place(self, path: str, uri: str, note: Note, convert: Converter) -> types.Location | None:
        """Where a note is; None when it has no place."""
        if note.span is None:
            return None
        if note.path is None or note.path == path:
            return types.Location(uri, convert.range(note.span.start, note.span.end))
        other = os.path.join(os.path.dirname(path), note.path)
        converter = self.converter_for(other)
        if converter is None:
            return None
        place = converter.range(note.span.start, note.span.end)
        return types.Location(self.uri_of(other), place)

    def _remark(self, path: str, note: Note) -> str:
        if note.path is None or note.path == path:
            return note.message
        return f"{note.path}: {note.message}"


def _rank(each: Diagnostic) -> tuple[int, int]:
    severity = _SEVERITIES.get(each.severity, types.DiagnosticSeverity.Hint)
    return severity.value, each.span.start
