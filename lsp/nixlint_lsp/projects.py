"""What is known of the projects that the editor works on, kept up to date by a worker process.

Nobody waits for it: questions are answered from what is known already. A look at a project that
is under way is broken off when something changes, but not forever: who types without a pause
also gets what is found now and then.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final

from nixlint.analysis.config import Overrides
from nixlint.analysis.reading import ReadError, read_file
from nixlint.ide.facts import ProjectFacts
from nixlint_lsp.documents import Documents, OpenDocument
from nixlint_lsp.roots import is_project, root_for
from nixlint_lsp.scheduler import Debouncer
from nixlint_lsp.worker import GATHER
from nixlint_lsp.workers import BrokenOffError, Worker, WorkerError

log = logging.getLogger("nixlint.lsp")

QUIET: Final = 0.15
LONGEST: Final = 0.6
"""Seconds: a project is looked at when nobody typed for so long, or after so long anyway."""
OLD_FINDINGS: Final = 2.5
OLD_FACTS: Final = 12.0
"""Seconds after which findings, and all other facts, are so old that a look is not broken off
before there are new ones."""
YOUNG: Final = 0.5
"""Seconds after which the first look at a project is not broken off any more."""
SECOND_LOOK: Final = 10.0
"""Seconds without a change after which a project is looked at from scratch, if the last look took
over what was evaluated before."""


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
        self._is_project: dict[str, bool] = {}
        self._debounce = Debouncer(self._start, QUIET, LONGEST)
        self._task: asyncio.Task[None] | None = None
        self._looking = ""
        """The root of the project that is looked at."""
        self._found: dict[str, float] = {}
        """When there were findings, by root; or when they were first asked for."""
        self._finished: dict[str, float] = {}
        """When there were complete facts, by root; or when they were first asked for."""
        self._began = 0.0
        """When the look under way began."""
        self._has_findings = False
        """Whether the look under way has given findings already."""
        self._again: asyncio.TimerHandle | None = None
        self._anew: set[str] = set()

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

    def opened(self, document: OpenDocument) -> None:
        """A text was opened. One that is the same as on disk is no reason to look again."""
        path = document.path
        if not path:
            return
        root = self.root_of(path)
        facts = self.facts.get(root)
        if (facts is not None or root == self._looking) and _is_saved(document):
            if facts is not None and path in facts.hashes:
                document.gathered(facts.hashes[path])
            return
        self.touch_root(root, soon=facts is None)

    def touch(self, path: str, soon: bool = False) -> None:
        """The file at an absolute path changed, in the editor or on disk."""
        if path:
            self.touch_root(self.root_of(path), soon)

    def touch_root(self, root: str, soon: bool = False) -> None:
        """Something changed in the project at an absolute directory."""
        # What was touched last is looked at first.
        self._dirty.pop(root, None)
        self._dirty[root] = None
        if self._again is not None:
            self._again.cancel()
            self._again = None
        if soon:
            self._debounce.now()
        else:
            self._debounce.poke()

    def touch_all(self, soon: bool = False) -> None:
        """Anything may have changed: look at everything anew."""
        self.forget_roots()
        for folder in self.folders:
            if self._is_one(folder):
                self.touch_root(folder, soon)
        for document in self.documents:
            self.touch(document.path)
        for root in self.facts:
            self.touch_root(root)

    def forget_roots(self) -> None:
        """Files came or went, and with them perhaps projects."""
        self._roots.clear()
        self._is_project.clear()

    def _is_one(self, folder: str) -> bool:
        """Whether there is a project at a folder."""
        found = self._is_project.get(folder)
        if found is None:
            found = is_project(folder)
            self._is_project[folder] = found
        return found

    def close(self) -> None:
        """Stop."""
        self._debounce.cancel()
        if self._again is not None:
            self._again.cancel()
        if self._task is not None:
            self._task.cancel()

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        elif self._may_break_off():
            self.worker.break_off(GATHER)

    def _may_break_off(self) -> bool:
        """Whether the look under way is better begun again. What is known must not get old while
        somebody types on and on."""
        root = self._looking
        if not self._dirty:
            # The look began after the last change.
            return False
        if root not in self._dirty:
            # What changed is another project; it is not worth while to do this one twice.
            return self._has_findings
        now = asyncio.get_running_loop().time()
        if root not in self.facts and now - self._began > YOUNG:
            # Something must be known first.
            return False
        if self._has_findings:
            return now - self._finished.get(root, now) < OLD_FACTS
        return now - self._found.get(root, now) < OLD_FINDINGS

    async def _run(self) -> None:
        while self._dirty:
            root, _none = self._dirty.popitem()
            if root not in self._wanted():
                self.facts.pop(root, None)
                continue
            self._looking = root
            self._began = asyncio.get_running_loop().time()
            self._has_findings = False
            try:
                await self._gather(root)
            finally:
                self._looking = ""

    def _wanted(self) -> set[str]:
        return {self.root_of(each.path) for each in self.documents if each.path} | {
            folder for folder in self.folders if self._is_one(folder)
        }

    async def _gather(self, root: str) -> None:
        # Texts that are opened while the process starts are looked at, too.
        await self.worker.up()
        self._dirty.pop(root, None)
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
            "anew": root in self._anew,
        }
        self._anew.discard(root)
        loop = asyncio.get_running_loop()
        self._found.setdefault(root, loop.time())
        self._finished.setdefault(root, loop.time())

        def early(facts: ProjectFacts) -> None:
            self._has_findings = True
            self._found[root] = loop.time()
            self._take(facts, False)
            if self._dirty and not self._debounce.waiting and self._may_break_off():
                self.worker.break_off(GATHER)

        try:
            facts = await self.worker.call(GATHER, arguments, early, first=True)
        except BrokenOffError:
            # What it was broken off for comes first.
            if root not in self._dirty:
                self._dirty = {root: None, **self._dirty}
            return
        except WorkerError as error:
            log.warning("looking at the project %s: the worker %s", root, error)
            return
        for failure in facts.failures:
            log.error("%s", failure)
        self._finished[root] = loop.time()
        self._take(facts, True)
        if facts.provisional and not self._dirty:
            self._again = loop.call_later(SECOND_LOOK, self._look_again, root)

    def _look_again(self, root: str) -> None:
        """Nobody does anything: look at the project from scratch."""
        self._again = None
        self._anew.add(root)
        self._dirty.setdefault(root, None)
        self._start()

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


def _is_saved(document: OpenDocument) -> bool:
    """Whether a text is what the disk holds."""
    try:
        return read_file(document.path) == document.text
    except ReadError:
        return False
