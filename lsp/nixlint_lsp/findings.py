"""What is found in the texts of the editor: by rules about files, and by rules about projects.

Open texts are checked here, large ones by a worker; files that are not open are checked by a
worker, a few at a time.
"""

from __future__ import annotations

import logging
import os
from typing import Any, Final

from nixlint.analysis.check_file import Additional
from nixlint.analysis.outcome import pack_additional, unpack_additional
from nixlint.diagnostics.model import Diagnostic, Note
from nixlint.ide.document import Document
from nixlint.ide.facts import ProjectFacts
from nixlint.project.project import LOCK
from nixlint.project.tree.walk import FLAKE
from nixlint.text.span import Span
from nixlint_lsp.documents import OpenDocument
from nixlint_lsp.server import NixlintServer
from nixlint_lsp.worker import CHECK, FILES
from nixlint_lsp.workers import WorkerError

log = logging.getLogger("nixlint.lsp")

PATIENCE: Final = 0.03
"""Seconds that checking a text may take between two requests; a worker does what takes longer."""
_BATCH: Final = 12

Fingerprint = tuple[object, ...]


class Known:
    """What was found in a version of a text."""

    def __init__(
        self, text: str, state: tuple[int, int], fingerprint: Fingerprint, found: list[Diagnostic]
    ) -> None:
        self.text = text
        self.state = state
        self.fingerprint = fingerprint
        self.found = found


class FileKnown:
    """What was found in a file that is not open. `text` is the hash of its text."""

    def __init__(
        self,
        stamp: tuple[int, int],
        state: tuple[int, int],
        fingerprint: Fingerprint,
        text: int,
        found: list[Diagnostic],
    ) -> None:
        self.stamp = stamp
        self.state = state
        self.fingerprint = fingerprint
        self.text = text
        self.found = found


class Findings:
    """Finds, and remembers what was found."""

    def __init__(self, server: NixlintServer) -> None:
        self.server = server
        self._known: dict[str, Known] = {}
        self._files: dict[str, FileKnown] = {}

    def forget(self, document: OpenDocument) -> None:
        """A text was closed."""
        self._known.pop(document.uri, None)

    # Open texts.

    async def of(self, document: OpenDocument) -> list[Diagnostic]:
        """What is found in an open text as it is now."""
        additional, fingerprint = self.additional(document)
        known = self._remembered(document, fingerprint)
        if known is not None:
            return known
        server = self.server
        if not document.is_nix:
            found = self._data(document, additional)
        elif len(document.text) * server.checker.pace < PATIENCE:
            found = self._check(document.snapshot, additional)
        elif not server.file_worker.ready or not document.path:
            # Until the worker is there, this is still quicker.
            server.file_worker.start()
            found = self._check(document.snapshot, additional)
        else:
            return await self._check_elsewhere(document, additional, fingerprint)
        self._remember(document, document.text, fingerprint, found)
        return found

    def now(self, document: OpenDocument) -> list[Diagnostic]:
        """The same, at once."""
        additional, fingerprint = self.additional(document)
        known = self._remembered(document, fingerprint)
        if known is not None:
            return known
        if document.is_nix:
            found = self._check(document.snapshot, additional)
        else:
            found = self._data(document, additional)
        self._remember(document, document.text, fingerprint, found)
        return found

    def _remembered(
        self, document: OpenDocument, fingerprint: Fingerprint
    ) -> list[Diagnostic] | None:
        known = self._known.get(document.uri)
        if (
            known is not None
            and known.text is document.text
            and known.state == self.server.checker.state
            and known.fingerprint == fingerprint
        ):
            return known.found
        return None

    def _remember(
        self, document: OpenDocument, text: str, fingerprint: Fingerprint, found: list[Diagnostic]
    ) -> None:
        if self.server.documents.opened(document.uri) is document:
            state = self.server.checker.state
            self._known[document.uri] = Known(text, state, fingerprint, found)

    def _check(self, snapshot: Document, additional: Additional | None) -> list[Diagnostic]:
        checker = self.server.checker
        folders = self.server.projects.folders
        found = checker.check(snapshot, additional, folders[0] if folders else "/")
        for failure in checker.failures:
            log.error("%s", failure)
        checker.failures.clear()
        return found

    def _data(self, document: OpenDocument, additional: Additional | None) -> list[Diagnostic]:
        if additional is None or self.server.checker.leaves_out(document.path):
            return []
        return self.server.checker.kept(document.path, additional.diagnostics)

    async def _check_elsewhere(
        self, document: OpenDocument, additional: Additional | None, fingerprint: Fingerprint
    ) -> list[Diagnostic]:
        text = document.text
        item = (document.path, text, pack_additional(additional))
        try:
            results = await self.server.file_worker.call(CHECK, self._arguments(items=[item]))
        except WorkerError as error:
            log.warning("checking %s: the worker %s", document.path, error)
            return self._check(Document(document.path, text), additional)
        unpacked = unpack_additional(results[0][2])
        found = unpacked.diagnostics if unpacked is not None else []
        self._remember(document, text, fingerprint, found)
        return found

    def _arguments(self, **more: Any) -> dict[str, Any]:
        projects = self.server.projects
        return {
            "overrides": projects.overrides,
            "generation": projects.generation,
            "looks": self.server.checker.looks,
            **more,
        }

    # What rules about projects found.

    def additional(self, document: OpenDocument) -> tuple[Additional | None, Fingerprint]:
        """What rules about the project found in an open text, moved to where it is now; and what
        tells that from other findings."""
        path = document.path
        facts = self.server.facts_for(path)
        if facts is None:
            return None, ()
        shift = document.shift_from(facts.hashes.get(path, -1))
        if shift is None:
            return None, ()
        found: list[Diagnostic] = []
        for each in found_in(facts, path):
            moved = shift.diagnostic(each)
            if moved is not None:
                found.append(moved)
        # A finding that got lost on the way must not make a comment look useless.
        rules = facts.rules if shift.same else frozenset[str]()
        return Additional(rules, found), fingerprint_of(rules, found)

    # Files that are not open.

    async def in_files(self, paths: list[str]) -> dict[str, FileKnown]:
        """What is found in files that are not open, as they are on disk. What cannot be read is
        left out."""
        out: dict[str, FileKnown] = {}
        wanted: list[tuple[str, tuple[int, int], Additional | None, Fingerprint]] = []
        state = self.server.checker.state
        for path in paths:
            stamp = _stamp(path)
            if stamp is None:
                self._files.pop(path, None)
                continue
            additional, fingerprint = self._of_file(path)
            known = self._files.get(path)
            if (
                known is not None
                and known.stamp == stamp
                and known.state == state
                and known.fingerprint == fingerprint
            ):
                out[path] = known
            else:
                wanted.append((path, stamp, additional, fingerprint))
        for at in range(0, len(wanted), _BATCH):
            batch = wanted[at : at + _BATCH]
            items = [(path, None, pack_additional(more)) for path, _stamp, more, _print in batch]
            results = await self.server.worker.call(CHECK, self._arguments(items=items))
            for (path, stamp, _more, fingerprint), (_path, text, packed) in zip(
                batch, results, strict=True
            ):
                unpacked = unpack_additional(packed)
                if unpacked is not None:
                    known = FileKnown(stamp, state, fingerprint, text, unpacked.diagnostics)
                    self._files[path] = out[path] = known
        return out

    def _of_file(self, path: str) -> tuple[Additional | None, Fingerprint]:
        facts = self.server.facts_for(path)
        if facts is None:
            return None, ()
        found = found_in(facts, path)
        return Additional(facts.rules, found), fingerprint_of(facts.rules, found)

    async def files_below(self, folders: list[str]) -> list[str]:
        """The files below absolute directories that the command line would check."""
        found = await self.server.worker.call(FILES, self._arguments(folders=folders))
        return [path for path, _time, _size in found]


def found_in(facts: ProjectFacts, path: str) -> list[Diagnostic]:
    """What rules about a project found in one of its files; in flake.nix, also what they found in
    the lock about one of its inputs."""
    found = facts.diagnostics.get(path, [])
    if path != os.path.join(facts.root, FLAKE):
        return found
    lock = os.path.join(facts.root, LOCK)
    in_lock = facts.diagnostics.get(lock, [])
    if not in_lock:
        return found
    found = list(found)
    for each in facts.inputs.values():
        node = each.lock_node
        if each.place is None or node is None:
            continue
        for one in in_lock:
            inside = node.start <= one.span.start and one.span.end <= node.end
            said = any(
                other.rule == one.rule
                and other.span.start < each.place.end
                and each.place.start < other.span.end
                for other in found
            )
            if inside and not said:
                span = Span(each.place.start, each.place.end)
                notes = [Note("here in flake.lock", one.span, lock), *one.notes]
                found.append(
                    Diagnostic(one.rule, one.severity, one.message, span, notes, None, one.tag)
                )
    return found


def fingerprint_of(rules: frozenset[str], found: list[Diagnostic]) -> Fingerprint:
    """What tells findings of rules about projects from others."""
    return (
        rules,
        *(
            (each.span.start, each.span.end, each.rule, each.severity, each.message)
            for each in found
        ),
    )


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
