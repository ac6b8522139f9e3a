"""Rules about a project as a whole: its flake, its lock, all of its files together.

They are documented and registered like all others. They run once for each project, and what they
find belongs to one of its files.
"""

from __future__ import annotations

from nixlint.diagnostics.model import Diagnostic, Fix, Note
from nixlint.project.flake.file import FlakeFile, FlakeInput
from nixlint.project.lock.flake_lock import FlakeLock, LockNode
from nixlint.project.project import Project
from nixlint.project.settings import ProjectSettings
from nixlint.rules.base import Rule
from nixlint.text.span import Span


class ProjectContext:
    """Everything about the project under check, and what was found in it.

    Paths are absolute; in notes, too: a note without a path lies in the same file as its finding.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.settings: ProjectSettings = project.settings
        self.findings: dict[str, list[Diagnostic]] = {}

    @property
    def flake(self) -> FlakeFile | None:
        """What `flake.nix` says; None when there is none, or Nix could not parse it."""
        return None if self.project.flake_is_broken else self.project.flake

    @property
    def lock(self) -> FlakeLock | None:
        """The lock, if there is one that can be used."""
        lock = self.project.lock
        return lock if lock is not None and lock.usable else None

    @property
    def flake_path(self) -> str:
        return self.project.flake_path

    @property
    def lock_path(self) -> str:
        return self.project.lock_path

    def inputs(self) -> list[FlakeInput]:
        """The inputs `flake.nix` declares, in the order of the text, without `self`.

        Those that are only named as an argument of `outputs` are not among them.
        """
        flake = self.flake
        if flake is None:
            return []
        return [each for each in flake.inputs.values() if not each.implicit and each.name != "self"]

    def locked(self, name: str) -> LockNode | None:
        """The node that an input of the root flake is locked to, `follows` resolved."""
        lock = self.lock
        if lock is None:
            return None
        key = lock.target(lock.root, name)
        return lock.nodes.get(key) if key is not None else None

    def report(
        self,
        rule: Rule,
        path: str,
        span: Span,
        message: str,
        notes: list[Note] | None = None,
        fix: Fix | None = None,
        tag: str = "",
        choices: list[Fix] | None = None,
    ) -> None:
        """Records a finding of `rule` in the file at `path`.

        A fix edits that file; only those of files with Nix code are offered. `choices` are other
        fixes, of any file of the project.
        """
        if not path.endswith(".nix"):
            fix = None
        found = Diagnostic(rule.name, rule.severity, message, span, notes, fix, tag)
        found.choices = choices if choices is not None else []
        self.findings.setdefault(path, []).append(found)


class ProjectRule(Rule):
    """The base of the rules about projects."""

    def __init__(self) -> None:
        super().__init__()
        self.whole_project = True
        self.runs_apart = False
        """Whether the rule takes its time, and asks for nothing that others ask for, too, but the
        configurations and what other such rules ask for: it may run in a process of its own."""

    def check_project(self, ctx: ProjectContext) -> None:
        """Looks at the whole project, once."""
