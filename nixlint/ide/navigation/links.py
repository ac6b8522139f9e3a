"""Pieces of a file that lead somewhere with one click: paths, and references to flakes."""

from __future__ import annotations

import os
from typing import Final
from urllib.parse import quote, unquote

from nixlint.ide.document import Document
from nixlint.ide.knowledge.views import file_at
from nixlint.ide.navigation.targets import flake_of_input
from nixlint.ide.navigation.workspace import Workspace
from nixlint.project.flake.file import read_flake_file
from nixlint.project.flake.model import FlakeInput
from nixlint.project.references.flake_ref import (
    FlakeRef,
    FlakeRefError,
    parse_flake_ref,
    ref_from_attrs,
)

LARGEST: Final = 250_000
"""Larger texts have no links: editors ask after every keystroke."""
_HOSTS: Final = {"github": "github.com", "gitlab": "gitlab.com", "sourcehut": "git.sr.ht"}
_TREES: Final = {"github": "/tree/", "gitlab": "/-/tree/", "sourcehut": "/tree/"}


class DocumentLink:
    """A piece of the file, and the file (an absolute path) or web page (a URL) it leads to."""

    def __init__(self, start: int, end: int, path: str = "", url: str = "") -> None:
        self.start = start
        self.end = end
        self.path = path
        self.url = url


def document_links(workspace: Workspace, document: Document) -> list[DocumentLink]:
    """All links of a file, in the order of the text."""
    out: list[DocumentLink] = []
    summary = None
    if len(document.text) <= LARGEST:
        summary = workspace.summary(document.path)
    if summary is not None:
        for use in summary.paths:
            target = file_at(use.target)
            if target is not None:
                out.append(DocumentLink(use.start, use.end, path=target))
    if os.path.basename(document.path) == "flake.nix":
        out += _flake_links(workspace, document)
    out.sort(key=lambda link: link.start)
    return out


def _flake_links(workspace: Workspace, document: Document) -> list[DocumentLink]:
    out: list[DocumentLink] = []
    folder = os.path.dirname(document.path)
    for found in read_flake_file(document.tree, document.path).inputs.values():
        span = found.url_span
        if span is None and found.attrs:
            span = found.attr_spans.get("repo") or found.attr_spans.get("url")
            url = _page(found, _locked(workspace, found.name))
            if span is not None and url:
                out.append(DocumentLink(span.start, span.end, url=url))
            continue
        if span is None or found.url is None or found.url_is_path:
            continue
        start, end = span.start, span.end
        if document.text[start : start + 1] == '"' and end - start > 1:
            start, end = start + 1, end - 1
        local = flake_of_input(workspace, folder, found.name, found.url)
        if found.url.startswith(("path:", ".", "/")):
            if local is not None:
                out.append(DocumentLink(start, end, path=local))
            continue
        url = _page(found, _locked(workspace, found.name))
        if url:
            out.append(DocumentLink(start, end, url=url))
    return out


def _locked(workspace: Workspace, name: str) -> str:
    facts = workspace.facts
    known = facts.inputs.get(name) if facts is not None else None
    return known.rev if known is not None else ""


def _page(found: FlakeInput, rev: str) -> str:
    try:
        if found.attrs:
            ref = ref_from_attrs(found.attrs)
        else:
            ref = parse_flake_ref(found.url or "")
    except FlakeRefError:
        return ""
    return web_page(ref, rev)


def web_page(ref: FlakeRef, rev: str = "") -> str:
    """The web page of a flake reference, at the commit `rev` if that is given; "" if it has
    none."""
    kind = ref.kind
    if kind in _HOSTS:
        host = ref.host or _HOSTS[kind]
        out = f"https://{host}/{quote(unquote(ref.owner), safe='/~')}/{quote(ref.repo)}"
        version = rev or ref.rev or ref.ref
        if version:
            out += _TREES[kind] + quote(version, safe="/")
            if ref.dir:
                out += "/" + quote(ref.dir)
        return out
    if kind in ("git", "tarball", "file") and ref.url.startswith(("https://", "http://")):
        return ref.url
    return ""
