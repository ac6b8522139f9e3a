"""Gathers what is known of a whole project.

A worker keeps a `Gatherer` for each project and asks it again whenever something changes; texts
that are the same keep their trees. Open documents stand for the files on disk. One that does not
parse does not: until it does again, its last good text is looked at, so that a project does not
fall apart while somebody is typing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Final

from nixlint.analysis.check_project import PINS, CheckedProject, project_settings
from nixlint.analysis.config import Config, ConfigError, Overrides
from nixlint.analysis.resolver import FILE_NAMES, Resolver
from nixlint.diagnostics.model import Diagnostic
from nixlint.evaluate.evaluator import on_large_stack
from nixlint.ide.facts import ImportFact, InputFact, OptionList, ProjectFacts, text_hash
from nixlint.ide.gathering.kept import Kept, Recorded
from nixlint.ide.gathering.options import OptionGatherer, option_list
from nixlint.ide.gathering.packages import PackageGatherer
from nixlint.ide.model import Place
from nixlint.project.flake.value import evaluation_of, known_evaluation
from nixlint.project.lock.flake_lock import FlakeLock
from nixlint.project.modules.entry_points import expression_entries, module_entries
from nixlint.project.modules.model import DISABLED, Configuration
from nixlint.project.modules.places import exact_place
from nixlint.project.modules.reach import UNUSED
from nixlint.project.modules.shared import configurations_of, known_configurations
from nixlint.project.options.index import OptionIndex
from nixlint.project.options.sources import OptionSources, keep_sources, option_sources
from nixlint.project.project import Project
from nixlint.project.settings import date_text
from nixlint.project.store import find_source
from nixlint.project.tree.walk import FLAKE, find_root
from nixlint.rules.flake_inputs import reference_of, shown_ref
from nixlint.rules.project_base import ProjectContext
from nixlint.rules.unused_files import unused_files
from nixlint.syntax.parser import parse
from nixlint.text import disk

MAX_FILES: Final = 6000
"""With more Nix files than that, a project is not looked at as a whole."""
_ORDER: Final = {"certain": 0, "possible": 1, DISABLED: 2}


def root_for(path: str, folders: list[str] | None = None) -> str:
    """The root of the project that the file at an absolute path belongs to.

    That is the nearest directory with a `flake.nix`, else the nearest one at which configurations
    may begin, else the innermost of `folders` around it, else its own directory.
    """
    directory = os.path.dirname(path)
    found = find_root(directory)
    if found is not None:
        return found
    inside = [one for one in folders or [] if directory == one or directory.startswith(one + "/")]
    top = max(inside, key=len) if inside else directory
    at = directory
    while True:
        if is_project(at):
            return at
        above = os.path.dirname(at)
        if at == top or above == at or os.path.lexists(os.path.join(at, ".git")):
            return top
        at = above


def is_project(root: str) -> bool:
    """Whether there is anything at an absolute directory that rules about projects look at."""
    if os.path.isfile(os.path.join(root, FLAKE)):
        return True
    for folder, names in PINS.items():
        if all(os.path.isfile(os.path.join(root, folder, name)) for name in names):
            return True
    return bool(module_entries(root) or expression_entries(root)) or _names_entry_points(root)


def _names_entry_points(root: str) -> bool:
    """Whether a configuration file at an absolute directory says where evaluation begins."""
    if not any(os.path.isfile(os.path.join(root, name)) for name in FILE_NAMES):
        return False
    try:
        found = Resolver(Overrides()).for_directory(root).project
    except ConfigError:
        return False
    return found is not None and bool(found.entry_points)


def gather(root: str, overlays: dict[str, str], config: Config | None = None) -> ProjectFacts:
    """Everything known of the project at the absolute directory `root`.

    `overlays` are the texts of open documents, by absolute path; `config` is the configuration in
    force at the root, found there if it is None.
    """
    return Gatherer(root, config).update(overlays)


class Gatherer:
    """Gathers the facts of one project, again and again."""

    def __init__(self, root: str, config: Config | None = None) -> None:
        self.root = root
        self.config = config
        self._found_config: Config | None = None
        self._project: Project | None = None
        self._sources: tuple[tuple[object, ...], OptionSources] | None = None
        """The lists of options, and what they depend on."""
        self._sent: dict[str, tuple[OptionIndex, int]] = {}
        """The lists that the facts have had, by kind."""
        self._packages = PackageGatherer()
        self._good: dict[str, str] = {}
        """The last text of each open document that did parse."""
        self._kept: Kept | None = None
        """The evaluation of the look before, if there is one to be taken over."""
        self._provisional = False
        """Whether an evaluation was taken over after modules changed."""
        self._pause: Callable[[], None] | None = None
        self.evaluations = 0
        """How often evaluation was begun from scratch."""

    def forget(self) -> None:
        """Nothing is to be taken over from the look before but trees."""
        self._kept = None

    def update(
        self,
        overlays: dict[str, str],
        early: Callable[[ProjectFacts], None] | None = None,
        pause: Callable[[], None] | None = None,
    ) -> ProjectFacts:
        """The facts as they are now.

        `early`, if given, gets them when the diagnostics are there, and nothing else but what came
        along. `pause` is called often and may raise what is no `Exception`; that ends the update
        and leaves everything in order for the next one. Nothing else is ever raised: what goes
        wrong is in `failures`.
        """
        self._pause = pause
        facts = ProjectFacts(self.root)
        config = self._config(facts)
        texts = self._texts(overlays)
        if self._project is None:
            self._project = Project(self.root, project_settings(config))
            before = self._project
        else:
            before = self._project
            before.settings = project_settings(config)
        project = before.renewed(texts)
        self._project = project
        if not is_project(self.root) and not project.settings.entry_points:
            if project.is_repository:
                facts.files = project.files
            return facts
        state = _state_of_sources(project)
        if self._sources is not None and self._sources[0] == state:
            keep_sources(project, self._sources[1].renewed(project))
        record = disk.Record()
        since = time.time_ns()
        outside = disk.record_into(record)
        try:
            on_large_stack(lambda: self._gather(project, config, facts, early))
        finally:
            disk.record_into(outside)
            self._keep(project, record, since)
        facts.hashes = {path: text_hash(text) for path, text in project.texts.items()}
        facts.provisional = self._provisional
        self._sources = (state, option_sources(project))
        project.caches.clear()
        return facts

    def _keep(self, project: Project, record: disk.Record, since: int) -> None:
        """Keeps what was evaluated, and forgets what it was used for."""
        evaluation = known_evaluation(project)
        if evaluation is None:
            # Nothing was begun, so that what was kept is as good as before.
            return
        before = self._kept
        if before is not None and before.evaluation is evaluation:
            recorded = before.recorded
            recorded.add(record)
        else:
            recorded = Recorded(record, since)
        evaluation.evaluator.pause = None
        found = known_configurations(project)
        self._kept = Kept(project, evaluation, found, recorded)

    def _config(self, facts: ProjectFacts) -> Config:
        if self.config is not None:
            return self.config
        try:
            self._found_config = Resolver(Overrides()).for_directory(self.root)
        except ConfigError as error:
            facts.failures.extend(error.messages())
        if self._found_config is None:
            self._found_config = Resolver(Overrides(isolated=True)).for_directory(self.root)
        return self._found_config

    def _texts(self, overlays: dict[str, str]) -> dict[str, str]:
        """The texts that stand for files: those of the documents, as far as they parse."""
        out: dict[str, str] = {}
        for path, text in overlays.items():
            if not path.endswith(".nix"):
                out[path] = text
                continue
            if self._good.get(path) != text:
                if any(error.fatal for error in parse(text).errors):
                    if path in self._good:
                        out[path] = self._good[path]
                    continue
                self._good[path] = text
            out[path] = text
        for path in list(self._good):
            if path not in overlays:
                del self._good[path]
        return out

    def _gather(
        self,
        project: Project,
        config: Config,
        facts: ProjectFacts,
        early: Callable[[ProjectFacts], None] | None,
    ) -> None:
        facts.files = project.files
        if len(facts.files) > MAX_FILES:
            facts.silent = "the project has too many files to look at all of them"
            self._step(facts, "the inputs", lambda: _inputs(project, facts))
            return
        self._evaluate(project)
        self._step(facts, "the rules about projects", lambda: self._check(project, config, facts))
        self._step(facts, "the inputs", lambda: _inputs(project, facts))
        if early is not None:
            facts.hashes = {path: text_hash(text) for path, text in project.texts.items()}
            early(facts)
        self._step(facts, "the modules", lambda: _modules(project, facts))
        self._step(facts, "unused files", lambda: _unused(project, facts))
        self._step(facts, "options", lambda: OptionGatherer(project, facts).run())
        self._step(facts, "options from elsewhere", lambda: self._lists(project, facts))
        self._step(facts, "packages", lambda: self._packages.run(project, facts))

    def _evaluate(self, project: Project) -> None:
        """Takes over what was evaluated before, if possible, and else begins anew."""
        kept = self._kept
        before = dict(project.caches)
        if kept is not None:
            kept.evaluation.evaluator.pause = self._pause
            if kept.take_over(project):
                self._provisional = (
                    self._provisional
                    or kept.configurations is None
                    or (known_configurations(project) is not kept.configurations)
                )
                return
            kept.evaluation.evaluator.pause = None
            project.caches.clear()
            project.caches.update(before)
        self._kept = None
        self._provisional = False
        self.evaluations += 1
        evaluation_of(project).evaluator.pause = self._pause

    def _step(self, facts: ProjectFacts, what: str, work: Callable[[], None]) -> None:
        if self._pause is not None:
            self._pause()
        try:
            work()
        except Exception as error:
            # Only a bug can bring us here; the other facts must not suffer from it.
            facts.failures.append(f"gathering {what} failed: {type(error).__name__}: {error}")

    def _lists(self, project: Project, facts: ProjectFacts) -> None:
        """The options from elsewhere, of all kinds of configurations that there are."""
        sources = option_sources(project)
        for kind in sorted({*facts.kinds.values()} - {""}):
            found = sources.list_for(kind)
            if found is None:
                continue
            sent = self._sent.get(kind)
            if sent is not None and sent[0] is found:
                facts.lists[kind] = OptionList(kind, sent[1], None)
                continue
            facts.lists[kind] = option_list(kind, found)
            self._sent[kind] = (found, facts.lists[kind].digest)

    def _check(self, project: Project, config: Config, facts: ProjectFacts) -> None:
        checked = CheckedProject(self.root, self.root, config, project=project, pause=self._pause)
        facts.rules = checked.names
        for path, found in checked.findings.items():
            settings = config.settings_for(path)
            kept: dict[tuple[int, int, str, str], Diagnostic] = {}
            for each in found:
                if each.rule in settings.selection.enabled:
                    each.severity = settings.severities.get(each.rule, each.severity)
                    key = (each.span.start, each.span.end, each.rule, each.message)
                    kept.setdefault(key, each)
            if kept:
                facts.diagnostics[path] = [kept[key] for key in sorted(kept)]
        for failure in checked.failures:
            facts.failures.append(
                f"the rule `{failure.rule}` failed: {type(failure.error).__name__}: {failure.error}"
            )


def _inputs(project: Project, facts: ProjectFacts) -> None:
    """The inputs that `flake.nix` declares, and what the lock says about them."""
    flake = project.flake
    lock = project.lock
    for declared in flake.inputs.values() if flake is not None else []:
        if declared.name == "self":
            continue
        span = declared.name_span
        each = InputFact(declared.name, Place(project.flake_path, span.start, span.end))
        each.url = declared.url or ""
        reference = reference_of(declared)
        if declared.follows is not None:
            each.follows = declared.follows
        elif reference is not None:
            each.url = shown_ref(reference.attrs)
        facts.inputs[each.name] = each
    root = lock.root_node if lock is not None else None
    for name in root.inputs if root is not None else {}:
        facts.inputs.setdefault(name, InputFact(name, None))
    if lock is not None and lock.usable:
        for each in facts.inputs.values():
            _locked(project, lock, each)


def _locked(project: Project, lock: FlakeLock, each: InputFact) -> None:
    key = lock.target(lock.root, each.name)
    node = lock.nodes.get(key) if key is not None else None
    if node is None:
        return
    each.lock_place = Place(project.lock_path, node.key_span.start, node.key_span.end)
    each.lock_node = Place(project.lock_path, node.key_span.start, node.span.end)
    locked = node.locked or {}
    rev = locked.get("rev")
    each.rev = rev if isinstance(rev, str) else ""
    if not each.url and node.original is not None:
        each.url = shown_ref(node.original)
    modified = locked.get("lastModified")
    if isinstance(modified, int) and not isinstance(modified, bool):
        each.date = date_text(modified)
        today = project.settings.today
        if today is not None and each.date:
            each.age_days = max(0, today - modified // 86400)
    settings = project.settings
    found = find_source(
        each.name, locked, node.original or locked, settings.sources, settings.caches
    )
    each.source = found.path if found is not None else ""


def _modules(project: Project, facts: ProjectFacts) -> None:
    """The configurations, their modules, and who imports whom."""
    imports: dict[tuple[str, str, Place | None], ImportFact] = {}
    for configuration in configurations_of(project).found:
        files = {one.path for one in configuration.modules if one.certainty != DISABLED}
        facts.configurations[configuration.name] = sorted(files - {""})
        facts.kinds[configuration.name] = configuration.kind
        _imports(project, configuration, imports)
    facts.imports = list(imports.values())


def _imports(
    project: Project,
    configuration: Configuration,
    imports: dict[tuple[str, str, Place | None], ImportFact],
) -> None:
    for module in configuration.modules:
        for edge in module.edges:
            target = edge.module.path
            if not module.path or not target or target == module.path:
                continue
            place: Place | None = None
            if edge.place is not None:
                exact = exact_place(project, edge.place, target)
                place = Place(exact.path, exact.start, exact.end)
            key = (module.path, target, place)
            known = imports.get(key)
            if known is None:
                imports[key] = ImportFact(module.path, target, place, edge.certainty)
            elif _ORDER.get(edge.certainty, 2) < _ORDER.get(known.certainty, 2):
                known.certainty = edge.certainty


def _unused(project: Project, facts: ProjectFacts) -> None:
    if not configurations_of(project).found and project.flake is None:
        facts.silent = "no configuration is found"
        return
    reach, found = unused_files(ProjectContext(project))
    facts.silent = reach.silent
    facts.unused = [path for path in found if reach.state_of(path) == UNUSED]


def _state_of_sources(project: Project) -> tuple[object, ...]:
    """What the lists of options depend on."""
    settings = project.settings
    stamps: list[object] = []
    for path in settings.options.values():
        try:
            found = os.stat(path)
            stamps.append((path, found.st_mtime_ns, found.st_size))
        except OSError:
            stamps.append(path)
    return (
        project.text(project.flake_path),
        project.text(project.lock_path),
        sorted(settings.sources.items()),
        sorted(settings.options.items()),
        settings.caches,
        stamps,
    )
