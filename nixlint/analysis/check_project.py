"""Checking projects: the rules that need more than one file.

A project is looked at when its `flake.nix` or `flake.lock`, or what npins or niv have written, is
among the files to check; without a flake also for a `configuration.nix` or a `home.nix`.
What is found in a file is shown with that file, if it is among them, and goes through the same
comments and the same configuration as what is found in the file alone. Files that hold no Nix
code, such as `flake.lock`, are shown where `flake.nix` is checked.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from nixlint.analysis.check_file import Additional, RuleFailure
from nixlint.analysis.config import Config, ConfigError
from nixlint.analysis.discover import Target
from nixlint.analysis.outcome import UNREADABLE, FileOutcome, Problem
from nixlint.analysis.reading import ReadError, read_file
from nixlint.analysis.resolver import Resolver
from nixlint.analysis.run import Task, bug, process_file
from nixlint.diagnostics.model import Diagnostic, Note
from nixlint.project.disk_cache import key_of
from nixlint.project.settings import ProjectSettings, day_number
from nixlint.project.tree.walk import FLAKE, LOCK, MODULE_FILES, find_root
from nixlint.rules import registry
from nixlint.syntax.tree import Tree
from nixlint.text import disk
from nixlint.text.source import Source

if TYPE_CHECKING:
    from nixlint.analysis.apart import Apart
    from nixlint.analysis.cache import CheckCache
    from nixlint.project.project import Project
    from nixlint.rules.project_base import ProjectRule

TODAY: Final = "NIXLINT_TODAY"
"""The environment variable that says which day it is, as `YYYY-MM-DD`."""

PINS: Final = {"npins": ("default.nix", "sources.json"), "nix": ("sources.nix", "sources.json")}
"""What npins and niv write, by directory."""
SOURCES: Final = "sources.json"

APART_FROM: Final = 100
"""So many Nix files are worth a process of their own for some rules."""

Found = dict[str, list[Diagnostic]]
"""What a rule found, by absolute path."""
ProcessFiles = Callable[[list[Target], Task], Iterator[FileOutcome]]


def project_settings(config: Config) -> ProjectSettings:
    """What a configuration says about projects, with today's date."""
    settings = config.project if config.project is not None else ProjectSettings()
    if settings.today is None:
        settings.today = today()
    return settings


def today() -> int:
    """The current day in days since 1970-01-01, unless `NIXLINT_TODAY` names another."""
    parts = os.environ.get(TODAY, "").split("-")
    if len(parts) == 3 and all(part.isdecimal() for part in parts):
        try:
            return day_number(int(parts[0]), int(parts[1]), int(parts[2]))
        except (ValueError, OverflowError):
            pass
    return int(time.time()) // 86400


class CheckedProject:
    """A project, and what its rules found.

    `shown` is how the user sees its root. `always` are rules that run unless they are ignored.
    `project` is the project if somebody has it already; what was found before may come from
    `cache`. `pause` is called between rules; what it raises ends the check. With `jobs` above 1,
    some rules may run in a process of their own.
    """

    def __init__(
        self,
        root: str,
        shown: str,
        config: Config,
        always: frozenset[str] = frozenset(),
        project: Project | None = None,
        cache: CheckCache | None = None,
        pause: Callable[[], None] | None = None,
        jobs: int = 1,
    ) -> None:
        self.shown = shown
        self.root = root
        self.settings = project_settings(config)
        self._project = project
        self._pause = pause
        self._jobs = jobs
        chosen = config.selection.enabled | (always - config.selection.ignored)
        self.names = registry.PROJECT & chosen
        self.findings: dict[str, list[Diagnostic]] = {}
        self.failures: list[RuleFailure] = []
        self.problems: list[Problem] = []
        """What is wrong with files that the configuration names."""
        self._failed: set[str] = set()
        self._rules: list[ProjectRule] | None = None
        self._begin(cache)

    @property
    def project(self) -> Project:
        """The project, made when it is needed first."""
        made = self._project
        if made is None:
            # What reads projects is not loaded where everything is known already.
            from nixlint.project.project import Project

            made = Project(self.root, self.settings)
            self._project = made
        return made

    def _begin(self, cache: CheckCache | None) -> None:
        """Take over what was found before, or run the rules and have it kept."""
        key = ""
        if cache is not None:
            from nixlint.analysis.cache import plain

            key = key_of(repr(plain([self.names, self.shown, self.settings])))
            known = cache.findings_of(self.root, key)
            if known is not None:
                self.findings = known
                return
        if cache is None and disk.recording() is not None:
            # Somebody else keeps the answers.
            self.run()
            return
        # What is recorded is also asked only once.
        record = disk.Record()
        since = time.time_ns()
        before = disk.record_into(record)
        try:
            self.run()
        finally:
            disk.record_into(before)
        if cache is not None and not self.failures and not self.problems:
            from nixlint.project.flake.value import was_cut_off

            if not was_cut_off(self.project):
                cache.keep_findings(self.root, key, since, record, self.findings)

    def run(self) -> None:
        """Run the rules. One that raises is reported once, and does not run again."""
        from nixlint.rules.project_base import ProjectRule

        if self._rules is None:
            self._rules = [
                rule
                for rule in map(registry.load_rule, registry.rule_names_of(self.names))
                if isinstance(rule, ProjectRule)
            ]
        apart = self._start_apart()
        found: dict[str, Found] = {}
        for rule in self._rules:
            if apart is None or not rule.runs_apart:
                self._run_rule(rule, found)
        if apart is not None:
            found.update(apart.results())
            for rule in self._rules:
                if rule.name not in found:
                    self._run_rule(rule, found)
        self.findings = {}
        for rule in self._rules:
            for path, diagnostics in found.get(rule.name, {}).items():
                self.findings.setdefault(path, []).extend(diagnostics)
        if self.settings.options or self.settings.sources:
            from nixlint.project.options.sources import problems_of

            self.problems = [
                Problem(UNREADABLE, self.shown_path(path), reason)
                for path, reason in problems_of(self.project)
            ]
        for diagnostics in self.findings.values():
            for diagnostic in diagnostics:
                diagnostic.notes = [self._with_shown_path(note) for note in diagnostic.notes]
                for fix in diagnostic.choices:
                    if fix.path is not None and os.path.isabs(fix.path):
                        fix.path = self.shown_path(fix.path)

    def _start_apart(self) -> Apart | None:
        """Has rules run in a process of their own, where that is worth it."""
        rules = [rule for rule in self._rules or [] if rule.runs_apart]
        if self._jobs < 2 or len(rules) == 0 or len(self.project.files) < APART_FROM:
            return None
        from nixlint.analysis.apart import Apart
        from nixlint.analysis.beside import can_fork
        from nixlint.project.modules.shared import configurations_of

        if not can_fork():
            return None
        configurations_of(self.project)
        return Apart(self.project, rules)

    def _run_rule(self, rule: ProjectRule, found: dict[str, Found]) -> None:
        """Runs a rule, unless it failed before."""
        from nixlint.rules.project_base import ProjectContext

        if rule.name in self._failed:
            return
        if self._pause is not None:
            self._pause()
        ctx = ProjectContext(self.project)
        try:
            rule.check_project(ctx)
        except Exception as error:
            self._failed.add(rule.name)
            self.failures.append(RuleFailure(rule.name, error))
        found[rule.name] = ctx.findings

    def additional_for(self, path: str) -> Additional:
        """What was found in the file at an absolute path."""
        found = self.findings.get(path, [])
        renew: Callable[[Tree], list[Diagnostic]] | None = None
        if path == os.path.join(self.root, FLAKE) or any(each.fix is not None for each in found):
            # Every fix is followed by a new look at the whole project.
            def look(tree: Tree) -> list[Diagnostic]:
                return self._renew(path, tree)

            renew = look
        return Additional(self.names, found, renew)

    def data_outcome(self, path: str, config: Config, shown: str) -> FileOutcome:
        """What there is to say about a file that holds no Nix code, such as `flake.lock`."""
        outcome = FileOutcome(shown)
        try:
            text = read_file(path)
        except ReadError as error:
            outcome.problems.append(Problem(UNREADABLE, shown, str(error)))
            return outcome
        outcome.checked = True
        outcome.source = Source(shown, text)
        settings = config.settings_for(path)
        kept: dict[tuple[int, int, str, str], Diagnostic] = {}
        for each in self.findings.get(path, []):
            if each.rule in settings.selection.enabled and each.span.end <= len(text):
                each.severity = settings.severities.get(each.rule, each.severity)
                kept.setdefault((each.span.start, each.span.end, each.rule, each.message), each)
        outcome.diagnostics = [kept[key] for key in sorted(kept)]
        return outcome

    def shown_path(self, path: str) -> str:
        """How the user sees the file at an absolute path."""
        relative = os.path.relpath(path, self.root)
        if relative.startswith(".."):
            return path
        return (f"{self.shown}/{relative}" if self.shown else relative).replace(os.sep, "/")

    def take_failures(self, outcome: FileOutcome) -> None:
        """Tell about rules that raised, once."""
        for failure in self.failures:
            outcome.problems.append(
                bug(outcome.path, f"the rule `{failure.rule}` failed", failure.error)
            )
        outcome.problems.extend(self.problems)
        self.failures = []
        self.problems = []

    def _renew(self, path: str, tree: Tree) -> list[Diagnostic]:
        if self.project.text(path) != tree.text:
            self.project.replace(path, tree)
            self.run()
        return self.findings.get(path, [])

    def _with_shown_path(self, note: Note) -> Note:
        if note.path is None or not os.path.isabs(note.path):
            return note
        return Note(note.message, note.span, self.shown_path(note.path))


class Projects:
    """The projects among some targets, checked."""

    def __init__(
        self,
        targets: list[Target],
        resolver: Resolver,
        cache: CheckCache | None = None,
        jobs: int = 1,
    ) -> None:
        self.cache = cache
        self.by_root: dict[str, CheckedProject] = {}
        self.problems: list[Problem] = []
        self._named = {target.path for target in targets if is_data(target)}
        self._heads: dict[str, CheckedProject] = {}
        """The targets before whose outcomes those of files without code are shown."""
        self._owners: dict[str, CheckedProject | None] = {}
        """The projects of directories, as far as `_of` was asked."""
        # A flake shows its project best, so it comes first.
        for target in sorted(targets, key=_is_no_flake):
            root = root_of(target) or configured_root(target)
            if root is None or root in self.by_root:
                continue
            try:
                config = resolver.for_directory(root)
            except ConfigError:
                # Discovery has said so, and found no target there; it may have changed since.
                continue
            shown = target.shown
            for _level in range(os.path.relpath(target.path, root).count(os.sep) + 1):
                shown = os.path.dirname(shown)
            checked = CheckedProject(root, shown, config, cache=cache, jobs=jobs)
            self.by_root[root] = checked
            self._heads[target.path] = checked
        for target in targets:
            found = self._of(os.path.dirname(target.path))
            if found is not None:
                target.additional = found.additional_for(target.path)

    def _of(self, directory: str) -> CheckedProject | None:
        """The project a directory belongs to: the nearest one above."""
        passed: list[str] = []
        at = directory
        while at not in self._owners:
            passed.append(at)
            found = self.by_root.get(at)
            above = os.path.dirname(at)
            if found is not None or above == at or os.path.lexists(os.path.join(at, FLAKE)):
                self._owners[at] = found
            else:
                at = above
        owner = self._owners[at]
        for each in passed:
            self._owners[each] = owner
        return owner

    def outcomes(
        self, targets: list[Target], task: Task, process_files: ProcessFiles
    ) -> Iterator[FileOutcome]:
        """The outcomes of all targets in order, and those of files without code beside them."""
        others = process_files([target for target in targets if not self._is_ours(target)], task)
        for target in targets:
            if not self._is_ours(target):
                yield next(others)
                continue
            head = self._heads.get(target.path)
            if is_data(target):
                checked = head if head is not None else self._of(os.path.dirname(target.path))
                assert checked is not None
                outcome = checked.data_outcome(target.path, target.config, target.shown)
            else:
                cache = self.cache
                checks = cache.processed if cache is not None else process_file
                outcome = checks(target, task)
            if head is not None:
                for path in sorted(head.findings):
                    if not path.endswith(".nix") and path not in self._named:
                        data = head.data_outcome(path, target.config, head.shown_path(path))
                        if data.diagnostics or data.problems:
                            yield data
                head.take_failures(outcome)
            yield outcome

    def _is_ours(self, target: Target) -> bool:
        """Whether a target is not checked like any other file."""
        if target.path in self._heads:
            return True
        if target.additional is not None and target.additional.renew is not None:
            return True
        if os.path.basename(target.path) == FLAKE:
            return os.path.dirname(target.path) in self.by_root
        return is_data(target) and self._of(os.path.dirname(target.path)) is not None


def root_of(target: Target) -> str | None:
    """The root of the project a target is a sign of; None for any other file."""
    directory, name = os.path.split(target.path)
    if name in (FLAKE, LOCK):
        return directory
    if name in MODULE_FILES and find_root(directory) is None:
        # Without a flake, a configuration begins here.
        return directory
    above, folder = os.path.split(directory)
    return above if name in PINS.get(folder, ()) else None


def configured_root(target: Target) -> str | None:
    """The root of the project of which the configuration names the target as an entry point."""
    settings = target.config.project
    if settings is None:
        return None
    named = any(path == target.path for path, _kind in settings.entry_points)
    return target.config.root if named else None


def is_data(target: Target) -> bool:
    """Whether a target is a `flake.lock` or the like, which holds no Nix code."""
    return os.path.basename(target.path) in (LOCK, SOURCES) and root_of(target) is not None


def _is_no_flake(target: Target) -> bool:
    return os.path.basename(target.path) != FLAKE
