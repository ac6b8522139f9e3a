"""What one look at a project leaves for the next one.

Most of what is known of a project does not depend on the file that somebody edits. After each
look its evaluation is kept, with everything that was asked of the disk for it. The next look asks
the same questions again and takes the evaluation over if nothing but texts of modules changed: of
files that only the module system has read, so that nobody else has computed anything from them.
Those modules are called anew, and all configurations are collected anew from modules that were
called before.

What was loaded on behalf of the old text must not be left over. So a text that imports paths it
computes, or lists directories, is a reason to begin from scratch, and so are modules that nobody
imports any more, and paths that the text does not name any more. What a function of somebody else
loads for a module without being told a path is the one thing that cannot be seen here; facts that
were gathered in this way are `provisional`.
"""

from __future__ import annotations

from typing import Final

from nixlint.analysis.cache import plain
from nixlint.evaluate.evaluator import SECONDS
from nixlint.project.flake.eval import FlakeEvaluation
from nixlint.project.flake.value import keep_evaluation
from nixlint.project.modules.configurations import Configurations
from nixlint.project.modules.shared import configurations_of, keep_configurations
from nixlint.project.project import Project
from nixlint.project.tree.git_index import index_answer, index_stamp
from nixlint.syntax.ids import T_ID, T_PATH, T_PATH_STR
from nixlint.syntax.tree import Tree
from nixlint.text import disk

_LOADS: Final = frozenset(
    (
        "import", "scopedImport", "readDir", "fileset", "filesystem", "getFlake", "haumea",
        "importApply", "listFilesRecursive", "packagesFromDirectoryRecursive",
    )
)  # fmt: skip
"""Names of what loads files, or lists directories."""


class Recorded:
    """What was asked of the disk for something, from the time `since` on (nanoseconds)."""

    def __init__(self, record: disk.Record, since: int) -> None:
        self.answers = record.answers
        self.stamps = record.stamps
        self.since = since

    def add(self, later: disk.Record) -> None:
        """Adds what was asked later, when all that was asked before still held."""
        self.answers.update(later.answers)
        self.stamps.update(later.stamps)

    def changed_files(self) -> set[str] | None:
        """The files that were read and are different now; None if anything else changed."""
        again = disk.Again()
        changed: set[str] = set()
        for (question, path), answer in self.answers.items():
            stamp = self.stamps.get((question, path), disk.NO_STAMP)
            if question == disk.GIT:
                settled = stamp == index_stamp(path) and disk.is_settled(stamp, self.since)
                if not settled and index_answer(path) != answer:
                    return None
            elif not again.holds(question, path, answer, stamp, self.since):
                if question != disk.READ:
                    return None
                changed.add(path)
        return changed


class Kept:
    """The evaluation of a project, and what it depends on beside the texts of the project.

    `configurations` are None if the look was broken off before they were complete. The merged
    modules are not kept, as they are large; what was found out about single options is kept with
    the configurations.
    """

    def __init__(
        self,
        project: Project,
        evaluation: FlakeEvaluation,
        configurations: Configurations | None,
        recorded: Recorded,
    ) -> None:
        self.project = project
        self.evaluation = evaluation
        self.configurations = configurations
        self.recorded = recorded
        self.settings = plain(project.settings)

    def take_over(self, project: Project) -> bool:
        """Lets the project as it is now use what still holds; False if that is nothing.

        After True, the outermost configurations are found. Call it on a large stack.
        """
        changed = self._changes(project)
        if changed is None:
            return False
        ev = self.evaluation.evaluator
        # A broken look may have left it.
        ev.seconds = SECONDS
        ev.renew()
        alone = ev.modules_alone()
        modules: list[str] = []
        for path in changed:
            real = disk.real(path)
            if real in alone:
                if self._may_load(project, path):
                    return False
                modules.append(alone[real])
        reads = {disk.real(place): times for place, times in ev.files.reads.items()}
        for path in changed:
            real = disk.real(path)
            if reads.get(real, 0) != (1 if real in alone else 0):
                return False
        places = {ev.files.real(found) for found in modules}
        for found in modules:
            ev.forget_module(found)
        keep_evaluation(project, self.evaluation)
        before = self.configurations
        if before is not None and not modules:
            keep_configurations(project, before)
            return True
        found_again = before.again(places) if before is not None else None
        if found_again is not None:
            found_again.find()
            keep_configurations(project, found_again)
        else:
            found_again = configurations_of(project)
        there = {module.path for each in found_again.found for module in each.modules}
        return not ev.timed_out and there.issuperset(ev.modules_alone())

    def _changes(self, project: Project) -> set[str] | None:
        """The files whose texts changed; None if anything else did, or one of those on which
        everything depends."""
        if self.evaluation.evaluator.timed_out or plain(project.settings) != self.settings:
            return None
        asked = self.recorded.changed_files()
        if asked is None:
            return None
        old, new = self.project.replaced, project.replaced
        for path in old.keys() ^ new.keys():
            if not disk.is_file(path):
                return None
        texts = self.project.texts
        changed = {path for path in texts if project.text(path) != texts[path]}
        # Of open documents only the text counts.
        changed.update(path for path in asked if path not in texts)
        changed.update(
            path
            for path in old.keys() | new.keys()
            if path not in texts and old.get(path) != new.get(path)
        )
        if project.flake_path in changed or project.lock_path in changed:
            return None
        return changed

    def _may_load(self, project: Project, path: str) -> bool:
        """Whether the old text of a file may have loaded what the new one does not load, or one
        of them loads what cannot be told."""
        old, new = self.project.tree(path), project.tree(path)
        if old is None or new is None:
            return True
        before, now = _loaded_by(old), _loaded_by(new)
        return before is None or now is None or not before <= now


def _loaded_by(tree: Tree) -> set[str] | None:
    """The paths in a text, as they are written: all that it can load. None if it may load others,
    or list directories."""
    tokens = tree.tokens
    out: set[str] = set()
    imports = False
    for index in range(len(tokens)):
        if tokens.is_trivia(index):
            continue
        kind = tokens.kind(index)
        if kind == T_PATH:
            out.add(tree.text[tokens.start(index) : tokens.end(index)])
            imports = False
        elif imports:
            return None
        elif kind == T_PATH_STR:
            # An expression is part of a path.
            return None
        elif kind == T_ID:
            name = tree.text[tokens.start(index) : tokens.end(index)]
            if name in _LOADS:
                if name != "import":
                    return None
                imports = True
    return None if imports else out
