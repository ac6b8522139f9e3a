"""One run of `nixlint check`: discovery, checking, reporting, and the way out."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

from nixlint.analysis.config import Config, ConfigError, Overrides
from nixlint.analysis.discover import (
    Discovery,
    Target,
    config_problems,
    discover,
    leaves_out,
)
from nixlint.analysis.outcome import UNREADABLE, FileOutcome, Problem
from nixlint.analysis.resolver import Resolver
from nixlint.analysis.run import CHECK, DIFF, FIX, Task, process_text
from nixlint.cli.terminal import Complaints, Progress, make_robust, use_color, use_hyperlinks
from nixlint.report.base import Options, Totals, counted
from nixlint.report.formats import make_reporter
from nixlint.text.source import decode, encode

if TYPE_CHECKING:
    from nixlint.analysis.files_run import Run

PARALLEL_FROM = 200
"""Below so many files, starting processes costs more than it saves."""
FILES_PER_JOB = 50
KEPT_FROM = 20
"""Fewer files, without their project, are checked faster than it takes to look into the cache."""
PROJECT_FILES = (
    "/flake.nix", "/flake.lock", "/npins/default.nix", "/nix/sources.nix", "/sources.json",
    "/configuration.nix", "/home.nix", "/darwin-configuration.nix",
)  # fmt: skip
"""Where one of these is checked, its project is."""


class Request:
    """What the user asked for."""

    def __init__(self) -> None:
        self.paths: list[str] = ["."]
        self.fix = False
        self.diff = False
        self.unsafe_fixes: bool | None = None
        self.overrides = Overrides()
        self.stdin_filename: str | None = None
        self.output_format = "full"
        self.statistics = False
        self.color = "auto"
        self.quiet = False
        self.jobs: int | None = None
        self.cache = True
        self.cache_dir: str | None = None
        """The absolute directory of the cache, when the user names one."""

    @property
    def mode(self) -> str:
        """What to do with the files."""
        if self.diff:
            return DIFF
        return FIX if self.fix else CHECK


def may_show_project(target: Target) -> bool:
    """Whether a target may be a sign that there is a project to look at."""
    if target.path.endswith(PROJECT_FILES):
        return True
    settings = target.config.project
    return settings is not None and bool(settings.entry_points)


class Session:
    """Runs a request. Afterwards `failed` and `found` say how it went."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.mode = request.mode
        self.reads_stdin = request.paths == ["-"]
        self.totals = Totals()
        self.diffs = 0
        # A fixed text or a diff on stdout must stay alone there.
        alone = self.mode == DIFF or (self.reads_stdin and self.mode == FIX)
        self.out: TextIO = sys.stderr if alone else sys.stdout
        make_robust(sys.stdout)
        make_robust(sys.stderr)
        textual = request.output_format in ("full", "concise")
        options = Options(
            color=textual and use_color(request.color, self.out),
            hyperlinks=request.output_format == "full" and use_hyperlinks(self.out),
            unsafe_fixes=bool(request.unsafe_fixes),
            quiet=request.quiet,
        )
        self.reporter = make_reporter(
            request.output_format, options, self._write, request.statistics
        )
        self.complaints = Complaints(use_color(request.color, sys.stderr), request.quiet)
        self.progress = Progress(0, False)

    @property
    def failed(self) -> bool:
        """Whether something went wrong that is not a finding."""
        return self.totals.failed

    @property
    def found(self) -> bool:
        """Whether there is something to report: findings, or a difference with `--diff`."""
        return self.diffs > 0 if self.mode == DIFF else self.totals.findings > 0

    def run(self) -> None:
        """Do everything."""
        try:
            resolver = Resolver(self.request.overrides)
        except ConfigError as error:
            for problem in config_problems(error):
                self._complain(problem)
            if self.reads_stdin and self.mode == FIX:
                self._pass_on(b"")
            self._finish()
            return
        if self.reads_stdin:
            self._take(self._check_stdin(resolver))
        else:
            discovery = discover(self.request.paths, resolver)
            for problem in discovery.problems:
                self._complain(problem)
            self.progress = Progress(len(discovery.targets), not self.request.quiet)
            for outcome in self._outcomes(discovery, resolver):
                self._take(outcome)
                self.progress.step()
            self.progress.clear()
        self._finish()

    def _outcomes(self, discovery: Discovery, resolver: Resolver) -> Iterator[FileOutcome]:
        targets = discovery.targets
        run = self._run_of(targets)
        try:
            if any(may_show_project(target) for target in targets):
                yield from self._with_projects(run, targets, resolver)
            else:
                yield from run.outcomes(targets, run.task)
            run.finish()
        finally:
            run.close()

    def _with_projects(
        self, run: Run, targets: list[Target], resolver: Resolver
    ) -> Iterator[FileOutcome]:
        from nixlint.analysis.check_project import Projects
        from nixlint.project.disk_cache import choose, forget_choice
        from nixlint.project.notices import listen

        # What is read from sources of inputs is kept in the same place.
        choose(self._cache_directory())
        listen(None if self.request.quiet else self._announce)
        try:
            # Files are checked while the project is looked at.
            run.start(targets)
            projects = Projects(targets, resolver, run.cache, run.jobs)
            for problem in projects.problems:
                self._complain(problem)
            yield from projects.outcomes(targets, run.task, run.outcomes)
        finally:
            forget_choice()
            listen(None)

    def _announce(self, text: str) -> None:
        """Says what takes seconds."""
        self.progress.clear()
        self.complaints.remark(text)

    def _cache_directory(self) -> str | None:
        """Where things are kept; None where nothing is."""
        if not self.request.cache:
            return None
        from nixlint.project.disk_cache import default_directory

        return self.request.cache_dir or default_directory()

    def _run_of(self, targets: list[Target]) -> Run:
        from nixlint.analysis.files_run import Run

        task = Task(self.mode, self.request.unsafe_fixes)
        run = Run(task, self.request.overrides, self._jobs(len(targets)))
        if not self.request.cache or self.mode != CHECK or not _is_worth_keeping(targets):
            return run
        directory = self._cache_directory()
        if directory is not None:
            from nixlint.analysis.cache import CheckCache
            from nixlint.project.disk_cache import DiskCache

            run.cache = CheckCache(DiskCache(directory), targets)
        return run

    def _jobs(self, files: int) -> int:
        if self.request.jobs is not None:
            return min(self.request.jobs, files)
        if files < PARALLEL_FROM:
            return 1
        if hasattr(os, "sched_getaffinity"):
            processors = len(os.sched_getaffinity(0))
        else:
            processors = os.cpu_count() or 1
        return min(processors, files // FILES_PER_JOB)

    def _check_stdin(self, resolver: Resolver) -> FileOutcome:
        """Check the text from standard input; with `--fix`, write the fixed text to stdout."""
        from nixlint.analysis.reading import MAX_BYTES, too_large

        name = self.request.stdin_filename
        shown = name.replace(os.sep, "/") if name is not None else "<stdin>"
        outcome = FileOutcome(shown)
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            outcome.problems.append(Problem(UNREADABLE, shown, too_large(len(data))))
            if self.mode == FIX:
                self._pass_on(data)
            return outcome
        text = decode(data)
        directory, base = os.path.split(name if name is not None else "stdin.nix")
        path = os.path.join(os.path.realpath(directory), base)
        config = self._stdin_config(resolver, path, outcome)
        if config is not None:
            unsafe = self.request.unsafe_fixes
            allow = config.unsafe_fixes if unsafe is None else unsafe
            real = path if name is not None else None
            settings = config.settings_for(path)
            process_text(outcome, text, settings, self.mode, allow, None, real)
        if self.mode == FIX:
            changed = outcome.before is not None and outcome.source is not None
            fixed = outcome.source.text if changed and outcome.source is not None else text
            self._write_bytes(fixed)
        return outcome

    def _stdin_config(self, resolver: Resolver, path: str, outcome: FileOutcome) -> Config | None:
        """The configuration for standard input; None when it is broken or excludes the file."""
        try:
            config = resolver.for_directory(os.path.dirname(path))
        except ConfigError as error:
            outcome.problems.extend(config_problems(error))
            return None
        if self.request.stdin_filename is not None and config.force_exclude:
            if leaves_out(config, path):
                return None
        return config

    def _take(self, outcome: FileOutcome) -> None:
        """Count and report one file."""
        if outcome.problems or outcome.diagnostics or outcome.before is not None:
            self.progress.clear()
        self.totals.add(outcome)
        for problem in outcome.problems:
            self.complaints.tell(problem)
        if self.mode != DIFF:
            self.reporter.add(outcome)
        elif outcome.before is not None and outcome.source is not None:
            from nixlint.analysis.diff import unified_diff

            self.diffs += 1
            self._write_bytes(unified_diff(outcome.path, outcome.before, outcome.source.text))

    def _complain(self, problem: Problem) -> None:
        self.totals.problems.append(problem)
        self.complaints.tell(problem)

    def _finish(self) -> None:
        if self.mode != DIFF:
            self.reporter.finish(self.totals)
        elif not self.request.quiet:
            fixes = counted(self.totals.fixed, "problem")
            files = counted(self.totals.files_fixed, "file")
            self._write(f"Would fix {fixes} in {files}\n")

    def _write(self, text: str) -> None:
        self.out.write(text)

    def _pass_on(self, data: bytes) -> None:
        """Copy standard input as it is: whoever pipes a text through must get it back."""
        sys.stdout.flush()
        while data or (data := sys.stdin.buffer.read(1 << 20)):
            sys.stdout.buffer.write(data)
            data = b""
        sys.stdout.buffer.flush()

    def _write_bytes(self, text: str) -> None:
        """Write text to stdout as the bytes it was read from."""
        sys.stdout.flush()
        sys.stdout.buffer.write(encode(text))
        sys.stdout.buffer.flush()


def _is_worth_keeping(targets: list[Target]) -> bool:
    """Whether a cache pays."""
    if len(targets) >= KEPT_FROM:
        return True
    return any(target.path.endswith(PROJECT_FILES) for target in targets)
