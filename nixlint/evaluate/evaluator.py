"""Evaluation as others use it: files and texts in, values out, never an exception.

An `Evaluator` owns the files it has read, the builtins, and the budget. What Nix refuses becomes
an unknown value whose `error` says so; what takes too long becomes unknown, too.
Evaluation recurses: call it through `on_large_stack`, which the doors of the command line and of
the project do.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Callable
from typing import Final

from nixlint.evaluate.builtins.scope import builtin_values
from nixlint.evaluate.coerce import normal_path
from nixlint.evaluate.files import ABSENT, DIRECTORY, FileError, SourceFiles
from nixlint.evaluate.lower import FRAME_SLOTS, Frame, Lowering
from nixlint.evaluate.values import (
    ATTRS,
    MISSING_FILE,
    NO_SLOTS,
    NOTHING,
    PARSE_ERROR,
    PATH,
    Code,
    CodeFile,
    CodeThunk,
    Env,
    Machine,
    NixError,
    OutOfBudget,
    Value,
    VAttrs,
    VPath,
    VPrimop,
    VString,
    VUnknown,
    pick,
    unknown_at,
)
from nixlint.syntax.checks import check_tree
from nixlint.syntax.parser import parse
from nixlint.syntax.tree import Tree
from nixlint.text import disk
from nixlint.text.source import decode

MAX_STEPS: Final = 20_000_000
MAX_DEPTH: Final = 60_000
SECONDS: Final = 20.0
STACK: Final = 512 * 1024 * 1024
"""Bytes of stack for `MAX_DEPTH` nested calls, of address space that is used only when needed."""

TARGET_NIX: Final = (2, 30)


_models: Final[dict[str, Tree]] = {}
"""The trees of our own models, by path. They are read for every project, and known to be right."""


def _model(path: str, text: str) -> Tree:
    tree = _models.get(path)
    if tree is None or tree.text != text:
        tree = parse(text)
        _models[path] = tree
    return tree


class Evaluator(Machine):
    """Evaluates files, each once.

    `pure` is evaluation as of flakes. `search_paths` are the known `<name>`s, absolute paths.
    """

    def __init__(
        self,
        files: SourceFiles | None = None,
        pure: bool = False,
        max_steps: int = MAX_STEPS,
        max_depth: int = MAX_DEPTH,
        seconds: float = SECONDS,
    ) -> None:
        super().__init__(
            files if files is not None else SourceFiles(), pure, max_steps, max_depth, seconds
        )
        self.search_paths: dict[str, str] = {}
        self.replaced: dict[str, Value] = {}
        """Values that stand for files, by path: what `import` of it gives."""
        self.find_tree: Callable[[str], Tree | None] | None = None
        """Gives the trees that somebody has already made, by real path."""
        self.eval_config: tuple[str, Value] = ("", NOTHING)
        """What a path in an unknown nixpkgs ends with, and what `import` of it gives."""
        self.remembered: dict[str, Value] = {}
        """Values that analyses make once and keep, by names of their own."""
        self._imports: dict[str, Value] = {}
        self._codes: dict[str, Code] = {}
        self._asked: set[str] = set()
        """The paths that expressions have imported."""
        self._places: dict[str, str] = {}
        """The files that imported paths led to."""
        self.globals = builtin_values(self)
        self.model_folders: tuple[str, ...] = ()
        """Directories (ending in `/`) whose files may use `__nixlint`; see `for_models`."""

    # Doors.

    def evaluate_file(self, path: str) -> Value:
        """The value of a file or directory; `path` is absolute."""
        site = Code(CodeFile(path, os.path.dirname(path), ""), 0, 0)
        try:
            return self.import_file(path, site).force(self)
        except (NixError, OutOfBudget) as error:
            return self.failed(error)

    def evaluate_text(self, text: str, path: str) -> Value:
        """The value of a text that is, or could be, the file at `path`."""
        try:
            code = self.lowered(text, path, path, None)
            return code.eval(self, Env(None, NOTHING, NO_SLOTS))
        except (NixError, OutOfBudget) as error:
            return self.failed(error)

    def forced(self, value: Value) -> Value:
        """The value, computed."""
        self.depth = 0
        try:
            return value.force(self)
        except (NixError, OutOfBudget) as error:
            return self.failed(error)

    def attribute(self, value: Value, name: str) -> Value:
        """The attribute of a value, computed."""
        self.depth = 0
        try:
            return pick(self, value.force(self), name, None).force(self)
        except (NixError, OutOfBudget) as error:
            return self.failed(error)

    def called(self, function: Value, arg: Value, site: Code) -> Value:
        """The function applied to an argument, computed."""
        self.depth = 0
        try:
            return function.force(self).call(self, arg, site)
        except (NixError, OutOfBudget) as error:
            return self.failed(error)

    def failed(self, error: NixError | OutOfBudget) -> VUnknown:
        """The unknown value that an error leaves."""
        self.depth = 0
        if isinstance(error, OutOfBudget):
            return VUnknown(error.message)
        value = VUnknown(f"evaluation fails: {error.message}", error.file, error.start)
        value.error = error
        return value

    def imported_files(self) -> set[str]:
        """The real paths of the files that were evaluated as code so far."""
        return {disk.real(self.files.real(path)) for path in self._codes}

    # What expressions ask for.

    def import_file(self, path: str, site: Code) -> Value:
        """`import path`. Raises `NixError` when the file is missing or does not parse."""
        self._asked.add(path)
        return self.import_module(path, site)

    def import_module(self, path: str, site: Code) -> Value:
        """The same for a module, which no expression imports; see `forget_module`."""
        stands_for = self.replaced.get(path)
        if stands_for is not None:
            return stands_for.force(self)
        known = self._imports.get(path)
        if known is None:
            code = self._code(path, site)
            if code is None:
                return unknown_at("the file is not on this machine", site)
            known = CodeThunk(code, Env(None, NOTHING, NO_SLOTS))
            self._imports[path] = known
        return known.force(self)

    def modules_alone(self) -> dict[str, str]:
        """The files that were evaluated as modules and by nobody else, by their real paths."""
        others = {self._places[path] for path in self._asked if path in self._places}
        return {
            disk.real(self.files.real(found)): found for found in self._codes if found not in others
        }

    def forget_module(self, found: str) -> None:
        """Lets a file out of `modules_alone` be read anew. Nothing else was computed from it, but
        by those who collect modules."""
        for path in [path for path, place in self._places.items() if place == found]:
            self._imports.pop(path, None)
            del self._places[path]
        del self._codes[found]
        self.files.reads.pop(self.files.real(found), None)

    def import_unknown(self, path: VUnknown) -> Value | None:
        """The function that builds configurations, from some nixpkgs."""
        ending, value = self.eval_config
        if ending and path.alternatives is None and path.suffix.endswith(ending):
            return value.force(self)
        return None

    def scoped_import(self, scope: VAttrs, path: str, site: Code) -> Value:
        """`builtins.scopedImport`."""
        if scope.rest is not None:
            return scope.rest[0].derived(-1)
        found = self._located(path, site)
        if found is None:
            return unknown_at("the file is not on this machine", site)
        frame = Frame(FRAME_SLOTS, None)
        slots: list[Value] = []
        for name, value in scope.attrs.items():
            frame.names[name] = len(slots)
            slots.append(value)
        text = self._read(found, site)
        code = self.lowered(text, found, self.files.real(found), frame)
        return code.eval(self, Env(None, NOTHING, slots))

    def copied_path(self, path: str, site: Code) -> Value:
        """The string a path becomes in `"${path}"`."""
        files = self.files
        if not files.exists(path):
            if self.foreign(path):
                return unknown_at("the path is not on this machine", site)
            raise NixError(MISSING_FILE, f"path '{path}' does not exist", site.file, site.start)
        shown = files.mount(files.real(path), os.path.basename(path) or "source")
        return VString(shown, frozenset((shown,)))

    def search_path(self, name: str, site: Code) -> Value:
        """`<name>`: known only where the configuration says."""
        first, slash, rest = name.partition("/")
        known = self.search_paths.get(first)
        if known is not None:
            return VPath(normal_path(f"{known}/{rest}") if slash else known)
        reason = f"`<{name}>` depends on NIX_PATH"
        return VUnknown(reason, site.file, site.start, f"<{name}>", PATH)

    # Files.

    def lowered(self, text: str, path: str, real: str, scope: Frame | None) -> Code:
        """A text as code. Raises `NixError` when Nix refuses to parse it."""
        file = CodeFile(path, os.path.dirname(path), text, real)
        if self.model_folders and path.startswith(self.model_folders):
            names = {**self.globals, "__nixlint": for_models()}
            return Lowering(file, names).lower_file(_model(path, text).root, scope)
        tree = self._tree(text, real)
        errors = tree.errors
        if not errors:
            errors = check_tree(tree, TARGET_NIX)
        for error in errors:
            if error.fatal:
                raise NixError(PARSE_ERROR, error.message, file, error.start)
        return Lowering(file, self.globals).lower_file(tree.root, scope)

    def _tree(self, text: str, real: str) -> Tree:
        if self.find_tree is not None and real:
            known = self.find_tree(real)
            if known is not None and known.text == text:
                return known
        return parse(text)

    def _code(self, path: str, site: Code) -> Code | None:
        found = self._located(path, site)
        if found is None:
            return None
        self._places[path] = found
        code = self._codes.get(found)
        if code is None:
            text = self._read(found, site)
            code = self.lowered(text, found, self.files.real(found), None)
            self._codes[found] = code
        return code

    def _located(self, path: str, site: Code) -> str | None:
        """The file that `import path` reads; None when it lies outside of what is known."""
        files = self.files
        try:
            found = files.resolve(path)
            if files.kind(found) == DIRECTORY:
                found = files.resolve(found.rstrip("/") + "/default.nix")
        except FileError as error:
            raise NixError(
                MISSING_FILE, f"'{path}': {error.message}", site.file, site.start
            ) from None
        if files.kind(found) == ABSENT:
            if self.foreign(found):
                return None
            raise NixError(MISSING_FILE, f"path '{found}' does not exist", site.file, site.start)
        return found

    def _read(self, path: str, site: Code) -> str:
        try:
            return decode(self.files.read(path))
        except FileError as error:
            raise NixError(
                MISSING_FILE, f"'{path}' {error.message}", site.file, site.start
            ) from None


def for_models() -> Value:
    """What models of libraries say with `__nixlint`: `unknown reason` and `open reason set`.

    An open set may have more attributes than those that are written.
    """
    return VAttrs(
        {
            "unknown": VPrimop("unknown", 1, _unknown, []),
            "open": VPrimop("open", 2, _open, []),
        }
    )


def _text(m: Machine, value: Value) -> str:
    forced = value.force(m)
    return forced.text if isinstance(forced, VString) else "it is not modelled"


def _unknown(m: Machine, args: list[Value], site: Code) -> Value:
    return VUnknown(_text(m, args[0]), site.file, site.start)


def _open(m: Machine, args: list[Value], site: Code) -> Value:
    known = args[1].force(m)
    if not isinstance(known, VAttrs):
        return known
    hidden = VUnknown(_text(m, args[0]), site.file, site.start, "", ATTRS)
    return VAttrs(known.attrs, [hidden], known.origin)


_local = threading.local()


class _Job:
    """A function to run on a large stack, and what it gave."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.work = work
        self.record = disk.recording()
        self.result: object = None
        self.error: BaseException | None = None

    def run(self) -> None:
        _local.large = True
        disk.record_into(self.record)
        try:
            self.result = self.work()
        except BaseException as error:
            self.error = error


def on_large_stack(work: Callable[[], object]) -> object:
    """Runs `work` on a thread whose stack holds the deepest evaluation; returns its result.

    What it raises is raised here. Inside such a thread it is called directly.
    """
    if getattr(_local, "large", False):
        return work()
    if sys.getrecursionlimit() < 1_000_000:
        sys.setrecursionlimit(1_000_000)
    job = _Job(work)
    # Evaluation allocates much and drops little of it: the collector finds nothing, often.
    thresholds = gc.get_threshold()
    if thresholds[0] > 0:
        gc.set_threshold(max(thresholds[0], 100_000), 50, 100)
    before = threading.stack_size(STACK)
    try:
        thread = threading.Thread(target=job.run, name="nixlint-evaluation", daemon=True)
        thread.start()
    finally:
        threading.stack_size(before)
    try:
        thread.join()
    finally:
        gc.set_threshold(*thresholds)
    if job.error is not None:
        raise job.error
    return job.result
