"""What there is to say about each input of a flake, for `nixlint inputs`."""

from __future__ import annotations

import os
from typing import Final

from nixlint.analysis.check_project import CheckedProject
from nixlint.analysis.config import Config
from nixlint.diagnostics.model import Diagnostic
from nixlint.project.flake.file import FlakeInput
from nixlint.project.lock.flake_lock import FlakeLock, LockNode
from nixlint.project.project import Project
from nixlint.project.settings import date_text
from nixlint.project.usage.inputs import InputUse, usage_of
from nixlint.rules.flake_inputs import reference_of, shown_ref
from nixlint.text.span import Span

OK: Final = "ok"
ALWAYS: Final = frozenset(("flake-input-unsupported-ref", "flake-superseded-input"))
"""Rules that are off in a check, but belong into a list of inputs."""


class InputReport:
    """One input of the root flake.

    `declared` is None for what only the lock knows, `node` for what is not locked. `url` is the
    reference as Nix writes it, or as `flake.nix` does where that cannot be read. `modified` is the
    time of the locked version in seconds since 1970, `age` in days; `overrides` are the inputs of
    the input that follow something, with what. `rules` are the rules that found something.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.declared: FlakeInput | None = None
        self.node: LockNode | None = None
        self.url = ""
        self.follows: str | None = None
        self.rev = ""
        self.nar_hash = ""
        self.modified: int | None = None
        self.age: int | None = None
        self.overrides: dict[str, str] = {}
        self.use: InputUse | None = None
        self.rules: list[str] = []

    @property
    def date(self) -> str:
        """The day of the locked version, `YYYY-MM-DD`, or nothing."""
        return date_text(self.modified) if self.modified is not None else ""

    @property
    def verdict(self) -> str:
        """`ok`, or the rules that found something."""
        return ", ".join(self.rules) if self.rules else OK


class InputsReport:
    """All inputs of a project, in the order of `flake.nix`, then those only the lock knows.

    `remarks` say what is wrong with the files themselves.
    """

    def __init__(self, root: str, shown: str, config: Config) -> None:
        self.checked = CheckedProject(root, shown, config, ALWAYS)
        self.project: Project = self.checked.project
        self.inputs: list[InputReport] = []
        self.remarks: list[str] = []
        self._build()

    def find(self, name: str) -> InputReport | None:
        """The input of that name."""
        for each in self.inputs:
            if each.name == name:
                return each
        return None

    def _build(self) -> None:
        project = self.project
        flake = project.flake
        lock = project.lock
        if flake is None:
            self.remarks.append("`flake.nix` cannot be read")
        elif project.flake_is_broken:
            self.remarks.append("`flake.nix` has syntax errors: what it says may be incomplete")
        elif not flake.complete:
            self.remarks.append("some inputs are computed: they cannot be told here")
        if lock is None:
            missing = project.lock_missing
            self.remarks.append(
                "there is no `flake.lock`" if missing else "`flake.lock` cannot be read"
            )
        elif not lock.usable:
            self.remarks.append("`flake.lock` is broken: `nixlint check flake.lock` says where")
        usage = usage_of(project, complete=True)
        for declared in flake.inputs.values() if flake is not None else []:
            if declared.name == "self":
                continue
            each = InputReport(declared.name)
            each.declared = declared
            self._declared(each, declared)
            each.use = usage.inputs.get(declared.name)
            self.inputs.append(each)
        known = {each.name for each in self.inputs}
        root = lock.root_node if lock is not None else None
        for name in root.inputs if root is not None else {}:
            if name not in known:
                self.inputs.append(InputReport(name))
        for each in self.inputs:
            if lock is not None:
                self._locked(each, lock)
            self._rules(each)

    def _declared(self, each: InputReport, declared: FlakeInput) -> None:
        if declared.follows is not None:
            each.follows = declared.follows
        else:
            reference = reference_of(declared)
            each.url = declared.url or ""
            if reference is not None:
                each.url = shown_ref(reference.attrs)
        for name, override in declared.inputs.items():
            if override.follows is not None:
                each.overrides[name] = override.follows
            elif override.url is not None:
                each.overrides[name] = override.url

    def _locked(self, each: InputReport, lock: FlakeLock) -> None:
        key = lock.target(lock.root, each.name)
        node = lock.nodes.get(key) if key is not None else None
        if node is None:
            return
        each.node = node
        locked = node.locked or {}
        each.rev = text_of(locked.get("rev"))
        each.nar_hash = text_of(locked.get("narHash"))
        if not each.url and node.original is not None:
            each.url = shown_ref(node.original)
        modified = locked.get("lastModified")
        if isinstance(modified, int) and not isinstance(modified, bool):
            each.modified = modified
            today = self.project.settings.today
            if today is not None and date_text(modified):
                each.age = max(0, today - modified // 86400)

    def _rules(self, each: InputReport) -> None:
        found: list[str] = []
        for diagnostic in self.checked.findings.get(self.project.flake_path, []):
            if each.declared is not None and _is_about(diagnostic, each.declared):
                found.append(diagnostic.rule)
        for diagnostic in self.checked.findings.get(self.project.lock_path, []):
            inside = each.node is not None and _inside(diagnostic.span, each.node.span)
            if inside or (each.declared is None and f"`{each.name}`" in diagnostic.message):
                found.append(diagnostic.rule)
        each.rules = list(dict.fromkeys(found))

    def shown_place(self, path: str, span: Span) -> str:
        """`path:line:column` as the user sees it."""
        line, column = self.project.source(path).position(span.start)
        return f"{self.checked.shown_path(path)}:{line + 1}:{column + 1}"


def shown_root(root: str) -> str:
    """How to show the root of a project: relative to the current directory, if below it."""
    relative = os.path.relpath(root)
    if relative == ".":
        return ""
    return root if relative.startswith("..") else relative.replace(os.sep, "/")


def text_of(value: object) -> str:
    return value if isinstance(value, str) else ""


def _is_about(diagnostic: Diagnostic, declared: FlakeInput) -> bool:
    spans = [node.span for node in declared.bindings] or [declared.name_span]
    return any(_inside(diagnostic.span, span) for span in spans)


def _inside(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end
