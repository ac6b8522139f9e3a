"""What is known of the projects that the editor works on, kept up to date by a worker process.

Nobody waits for it: questions are answered from what is known already.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final

from nixlint.analysis.config import Overrides
from nixlint.ide.facts import ProjectFacts
from nixlint_lsp.documents import Documents
from nixlint_lsp.roots import is_project, root_for
from nixlint_lsp.scheduler import Debouncer
from nixlint_lsp.worker import GATHER
from nixlint_lsp.workers import Worker, WorkerError

log = logging.getLogger("nixlint.lsp")

QUIET: Final = 0.15
LONGEST: Final = 0.6
"""Seconds: a project is looked at when nobody typed for so long, or after so long anyway."""


class Projects:
    """The projects with open files, and those that lie at a workspace folder.

    `publish` is told about new facts of a project.
    """

    def __init__(
        self,
        worker: Worker,
        documents: Documents,
        publish: Callable[[ProjectFacts, bool], None],
    ) -> None:
        self.worker = worker
        self.documents = documents
        self.publish = publish
        self.overrides = Overrides()
        self.generation = 0
        self.folders: list[str] = []
        """The workspace folders, as absolute paths."""
        self.facts: dict[str, ProjectFacts] = {}
        """What is known, by root."""
        self._roots: dict[str, str] = {}
        self._dirty: dict[str, None] = {}
        self._debounce = Debouncer(self._start, QUIET, LONGEST)
        self._task: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """Whether there is something that was not looked at yet."""
        return bool(self._dirty) or (self._task is not None and not self._task.done())

    def root_of(self, path: str) -> str:
        """The root of the project that the file at an absolute path belongs to."""
        root = self._roots.get(path)
        if root is None:
            root = root_for(path, self.folders)
            self._roots[path] = root
        return root

    def facts_for(self, path: str) -> ProjectFacts | None:
        """What is known of the project of the file at an absolute path."""
        return self.facts.get(self.root_of(path)) if path else None

    def touch(self, path: str, soon: bool = False) -> None:
        """The file at an absolute path changed, in the editor or on disk."""
        if path:
            self.touch_root(self.root_of(path), soon)

    def touch_root(self, root: str, soon: bool = False) -> None:
        """Something changed in the project at an absolute directory."""
        # What was touched last is looked at first.
        self._dirty.pop(root, None)
        self._dirty[root] = None
        if soon:
            self._debounce.now()
        else:
            self._debounce.poke()

    def touch_all(self) -> None:
        """Anything may have changed: look at everything anew."""
        self._roots.clear()
        for folder in self.folders:
            if is_project(folder):
                self.touch_root(folder)
        for document in self.documents:
            self.touch(document.path)
        for root in self.facts:
            self.touch_root(root)

    def forget_roots(self) -> None:
        """Files came or went, and with them perhaps projects."""
        self._roots.clear()

    def close(self) -> None:
        """Stop."""
        self._debounce.cancel()
        if self._task is not None:
            self._task.cancel()

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while self._dirty:
            root, _none = self._dirty.popitem()
            if root not in self._wanted():
                self.facts.pop(root, None)
                continue
            await self._gather(root)

    def _wanted(self) -> set[str]:
        return {self.root_of(each.path) for each in self.documents if each.path} | {
            folder for folder in self.folders if is_project(folder)
        }

    async def _gather(self, root: str) -> None:
        texts: dict[str, str] = {}
        for document in self.documents:
            if document.path:
                document.remember()
                texts[document.path] = document.text
        arguments: dict[str, Any] = {
            "root": root,
            "texts": texts,
            "overrides": self.overrides,
            "generation": self.generation,
        }

        def early(facts: ProjectFacts) -> None:
            self._take(facts, False)

        try:
            facts = await self.worker.call(GATHER, arguments, early, first=True)
        except WorkerError as error:
            log.warning("looking at the project %s: the worker %s", root, error)
            return
        for failure in facts.failures:
            log.error("%s", failure)
        self._take(facts, True)

    def _take(self, facts: ProjectFacts, complete: bool) -> None:
        before = self.facts.get(facts.root)
        if not complete and before is not None:
            # The findings are new; all else stays as it was until it is known anew.
            before.diagnostics, before.rules = facts.diagnostics, facts.rules
            before.hashes.update(facts.hashes)
            facts = before
        self.facts[facts.root] = facts
        for document in self.documents:
            if document.path in facts.hashes:
                document.gathered(facts.hashes[document.path])
        self.publish(facts, complete)
