"""Results of checks, kept on disk from one run to the next.

A result is kept with everything that was asked of the disk for it (`text/disk.py`): the bytes of
files, what directories hold, where links lead, which files git tracks. It is given again only
when the same questions have the same answers, the same rules are asked, and the same nixlint asks
them. One entry holds all results of a repository.

Only checks are kept. What failed, or took so long that it was cut off, is not.
"""

from __future__ import annotations

import marshal
import os
import time
from typing import TYPE_CHECKING, Any, Final

from nixlint.analysis.config import Settings
from nixlint.analysis.discover import Target
from nixlint.analysis.outcome import (
    FileOutcome,
    Packed,
    pack,
    pack_diagnostic,
    unpack,
    unpack_diagnostic,
)
from nixlint.analysis.reading import ReadError, read_file
from nixlint.analysis.run import Task, process_file
from nixlint.project.disk_cache import DiskCache, code_key, key_of
from nixlint.project.tree.gitignore import repository_of
from nixlint.text import disk
from nixlint.text.source import Source, encode

if TYPE_CHECKING:
    from nixlint.diagnostics.model import Diagnostic

Question = tuple[str, str, str, disk.Stamp]
"""A question, the path it is about, the answer, and the stamp that came with it."""

SPEAKS: Final = ("nixlint", "deadnix")
"""Where a text holds one of these words, the rules that looked at it matter for what it gives."""


class Kept:
    """A result: `questions` were asked from the time `since` on (nanoseconds since 1970).

    `key` stands for everything else it depends on, `rules` for the rules about the project that
    looked, or is "" where they do not matter.
    """

    def __init__(
        self, key: str, rules: str, since: int, questions: list[Question], result: Any
    ) -> None:
        self.key = key
        self.rules = rules
        self.since = since
        self.questions = questions
        self.result = result
        self.holds: bool | None = None
        """Whether all answers are still the same, once that was found out."""


class Recorded:
    """An outcome, and what it depends on."""

    def __init__(self, outcome: FileOutcome, since: int, questions: list[Question]) -> None:
        self.outcome = outcome
        self.since = since
        self.questions = questions


class Processed:
    """The outcome of a file; `speaks` is what the function of that name says of it."""

    def __init__(self, found: Recorded, speaks: bool) -> None:
        self.found = found
        self.speaks = speaks


PackedResult = tuple[Packed, bool, int, list[Question]]
"""A `Processed` as plain data, which can travel between processes."""


class CheckCache:
    """The results of one repository. `targets` are the files to check, which say which it is."""

    def __init__(self, store: DiskCache, targets: list[Target]) -> None:
        self.store = store
        self._key = key_of("check", _scope_of(targets))
        self._code = code_key()
        self.files: dict[str, Kept] = {}
        self.projects: dict[str, Kept] = {}
        self._again = disk.Again()
        self._started = time.time_ns()
        self._git: dict[str, str] = {}
        self._indexes: dict[str, disk.Stamp] = {}
        self._settings: dict[int, tuple[Settings, str]] = {}
        self._rules: dict[frozenset[str], str] = {}
        self._changed = False
        self._read(self.files, self.projects)

    # Files.

    def outcome_of(self, target: Target) -> FileOutcome | None:
        """What a check of the file gave before, if that still holds."""
        kept = self.files.get(target.path)
        if kept is None or kept.key != self._file_key(target):
            return None
        if kept.rules and kept.rules != self._rules_key(target):
            return None
        if not self._holds(kept):
            return None
        outcome = unpack(kept.result)
        outcome.path = target.shown
        if outcome.diagnostics:
            try:
                text = read_file(target.path)
            except ReadError:
                return None
            if _answer(kept, disk.READ, target.path) != disk.digest(encode(text)):
                return None
            outcome.source = Source(target.shown, text)
        return outcome

    def knows(self, target: Target) -> bool:
        """Whether there probably is an outcome of a check of the file that still holds."""
        kept = self.files.get(target.path)
        return kept is not None and self._holds(kept)

    def keep_outcome(self, target: Target, found: Recorded, speaks: bool) -> None:
        """Keeps the outcome of a check, unless something went wrong."""
        outcome = found.outcome
        if not outcome.checked or outcome.problems:
            return
        packed = pack(outcome)
        # The text is on disk.
        result = (*packed[:2], None, *packed[3:])
        rules = self._rules_key(target) if speaks else ""
        kept = Kept(self._file_key(target), rules, found.since, found.questions, result)
        self.files[target.path] = kept
        self._changed = True

    def processed(self, target: Target, task: Task) -> FileOutcome:
        """Checks a file, or says what a check gave before."""
        known = self.outcome_of(target)
        if known is not None:
            return known
        found = recorded(target, task)
        self.keep_outcome(target, found, speaks(found.outcome))
        return found.outcome

    def _file_key(self, target: Target) -> str:
        settings = target.config.settings_for(target.path)
        known = self._settings.get(id(settings))
        if known is None:
            known = (settings, _settings_key(settings))
            self._settings[id(settings)] = known
        found = ""
        if target.additional is not None and target.additional.diagnostics:
            packed = [pack_diagnostic(each) for each in target.additional.diagnostics]
            found = repr(packed)
        return key_of(target.shown, known[1], found)

    def _rules_key(self, target: Target) -> str:
        if target.additional is None:
            return "alone"
        rules = target.additional.rules
        known = self._rules.get(rules)
        if known is None:
            known = key_of(*sorted(rules))
            self._rules[rules] = known
        return known

    # Projects.

    def findings_of(self, root: str, key: str) -> dict[str, list[Diagnostic]] | None:
        """What the rules about the project at `root` found before, if that still holds."""
        kept = self.projects.get(root)
        if kept is None or kept.key != key or not self._holds(kept):
            return None
        return {
            path: [unpack_diagnostic(each) for each in found] for path, found in kept.result.items()
        }

    def keep_findings(
        self,
        root: str,
        key: str,
        since: int,
        record: disk.Record,
        findings: dict[str, list[Diagnostic]],
    ) -> None:
        """Keeps what the rules about a project found."""
        result = {
            path: [pack_diagnostic(each) for each in found] for path, found in findings.items()
        }
        self.projects[root] = Kept(key, "", since, questions_of(record), result)
        self._changed = True

    # Asking again.

    def _holds(self, kept: Kept) -> bool:
        if kept.holds is None:
            kept.holds = self._ask_again(kept)
        return kept.holds

    def _ask_again(self, kept: Kept) -> bool:
        again = self._again
        doubtful = False
        for question, path, answer, stamp in kept.questions:
            if question == disk.GIT:
                if not self._git_holds(path, answer, stamp, kept.since):
                    return False
            elif not again.holds(question, path, answer, stamp, kept.since):
                return False
            if stamp != disk.NO_STAMP and not doubtful:
                settled = disk.is_settled(stamp, kept.since)
                doubtful = not settled or self._stamp(question, path) != stamp
        if doubtful:
            # Contents were compared; from now on their stamps will do.
            kept.questions = [
                (question, path, answer, self._stamp(question, path) if stamp[0] else stamp)
                for question, path, answer, stamp in kept.questions
            ]
            kept.since = self._started
            self._changed = True
        return True

    def _stamp(self, question: str, path: str) -> disk.Stamp:
        """The stamp that comes with an answer now; it is older than the answer."""
        if question != disk.GIT:
            return self._again.stamp(path)
        known = self._indexes.get(path)
        if known is None:
            from nixlint.project.tree.git_index import index_stamp

            known = index_stamp(path)
            self._indexes[path] = known
        return known

    def _git_holds(self, root: str, answer: str, stamp: disk.Stamp, since: int) -> bool:
        """Whether git still tracks the same files."""
        if stamp == self._stamp(disk.GIT, root) and disk.is_settled(stamp, since):
            return True
        known = self._git.get(root)
        if known is None:
            from nixlint.project.tree.git_index import index_answer

            known = index_answer(root)
            self._git[root] = known
        return known == answer

    # The disk.

    def save(self) -> None:
        """Writes what has changed, with what others wrote in the meantime."""
        if not self._changed:
            return
        self._changed = False
        files: dict[str, Kept] = {}
        projects: dict[str, Kept] = {}
        self._read(files, projects)
        files.update(self.files)
        projects.update(self.projects)
        data = (
            self._code,
            [_as_tuple(path, kept) for path, kept in files.items()],
            [_as_tuple(root, kept) for root, kept in projects.items()],
        )
        self.store.put(self._key, marshal.dumps(data))

    def _read(self, files: dict[str, Kept], projects: dict[str, Kept]) -> None:
        content = self.store.get(self._key)
        if content is None:
            return
        try:
            code, kept_files, kept_projects = marshal.loads(content)
            if code != self._code:
                return
            for path, *rest in kept_files:
                files[path] = Kept(*rest)
            for root, *rest in kept_projects:
                projects[root] = Kept(*rest)
        except (EOFError, ValueError, TypeError):
            files.clear()
            projects.clear()


def recorded(target: Target, task: Task) -> Recorded:
    """Checks a file, and notes what that depends on."""
    record = disk.Record()
    since = time.time_ns()
    before = disk.record_into(record)
    try:
        outcome = process_file(target, task)
    finally:
        disk.record_into(before)
    return Recorded(outcome, since, questions_of(record))


def pack_recorded(found: Recorded) -> PackedResult:
    """What a check gave, fit to travel."""
    return pack(found.outcome), speaks(found.outcome), found.since, found.questions


def unpack_recorded(result: PackedResult) -> Processed:
    """The inverse of `pack_recorded`."""
    packed, speaking, since, questions = result
    return Processed(Recorded(unpack(packed), since, questions), speaking)


def speaks(outcome: FileOutcome) -> bool:
    """Whether rules that look at the project matter for what else is found: the text may hold
    comments for linters, or is broken."""
    return (
        outcome.source is None
        or outcome.broken
        or any(word in outcome.source.text for word in SPEAKS)
    )


def questions_of(record: disk.Record) -> list[Question]:
    """What was recorded, as plain data."""
    stamps = record.stamps
    return [
        (question, path, answer, stamps.get((question, path), disk.NO_STAMP))
        for (question, path), answer in record.answers.items()
    ]


def plain(value: object) -> object:
    """A value of a configuration as data that looks the same for equal values."""
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, dict):
        return ["dict", *sorted(([repr(key), plain(one)] for key, one in value.items()), key=repr)]
    if isinstance(value, (set, frozenset)):
        return ["set", *sorted((plain(one) for one in value), key=repr)]
    if isinstance(value, (list, tuple)):
        return ["list", *(plain(one) for one in value)]
    fields = [name for name in dir(value) if not name.startswith("_")]
    return [
        type(value).__name__,
        *(
            [name, plain(getattr(value, name))]
            for name in fields
            if not callable(getattr(value, name))
        ),
    ]


def _settings_key(settings: Settings) -> str:
    chosen = settings.selection
    return repr(
        (
            sorted(chosen.enabled),
            sorted(chosen.ignored),
            sorted(settings.severities.items()),
            settings.target_nix,
        )
    )


def _answer(kept: Kept, question: str, path: str) -> str:
    for asked, about, answer, _stamp in kept.questions:
        if asked == question and about == path:
            return answer
    return ""


def _as_tuple(name: str, kept: Kept) -> tuple[object, ...]:
    return (name, kept.key, kept.rules, kept.since, kept.questions, kept.result)


def _scope_of(targets: list[Target]) -> str:
    if not targets:
        return ""
    directory = os.path.dirname(targets[0].path)
    return repository_of(directory) or directory
