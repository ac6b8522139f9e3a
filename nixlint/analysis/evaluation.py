"""Values for users: what `FILE#attr.path` evaluates to, and why parts of it are unknown.

Also what `nixlint eval` prints as JSON. Lines and columns count from 1, columns code points.
"""

from __future__ import annotations

import os
import re
from typing import Final

from nixlint.evaluate.evaluator import Evaluator, on_large_stack
from nixlint.evaluate.files import INEXACT, is_inexact
from nixlint.evaluate.show import MAX_DEPTH, Hole, show_all
from nixlint.evaluate.values import (
    NO_SLOTS,
    NOTHING,
    Code,
    CodeFile,
    Env,
    NixError,
    OutOfBudget,
    Value,
    VAttrs,
    VBool,
    VFloat,
    VInt,
    VLambda,
    VList,
    VNull,
    VPath,
    VString,
    VUnknown,
    pick,
)
from nixlint.syntax.strings import unescape
from nixlint.text.source import Source

_ATTRIBUTE = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^".\s][^".]*))\s*(?:\.|\Z)')
FLAKE_LEVELS: Final = 2
"""How much of a whole flake is printed when no attribute is named."""


class TargetError(Exception):
    """A request that makes no sense; the message says why."""


class Reason:
    """Why something is unknown: `path` in the value, and where that came in, if known."""

    def __init__(self, path: str, reason: str, error: bool) -> None:
        self.path = path
        self.reason = reason
        self.error = error
        """Whether Nix certainly fails there."""
        self.file = ""
        self.line = 0
        self.column = 0


class Evaluated:
    """A value as text, as data for JSON, and what is unknown of it."""

    def __init__(self, text: str, data: object, reasons: list[Reason]) -> None:
        self.text = text
        self.data = data
        self.reasons = reasons


class Request:
    """What to evaluate. `expression` replaces the text of a file; `names` are attributes to
    select; `args` are arguments for a function, as Nix expressions by name."""

    def __init__(self, path: str, names: list[str]) -> None:
        self.path = path
        self.names = names
        self.expression: str | None = None
        self.args: dict[str, str] = {}
        self.levels: int | None = None
        self.pure = False
        self.sources: dict[str, str] = {}


def split_target(target: str) -> tuple[str, list[str]]:
    """`FILE#a."b.c"` as file and names. Raises `TargetError`."""
    path, found, attributes = target.partition("#")
    names: list[str] = []
    if not found or not attributes:
        return path or ".", names
    at = 0
    while at < len(attributes):
        match = _ATTRIBUTE.match(attributes, at)
        if match is None:
            raise TargetError(f"`{attributes}` is no attribute path")
        names.append(unescape(match[1]) if match[1] is not None else match[2].strip())
        at = match.end()
    return path or ".", names


def evaluate(request: Request) -> Evaluated:
    """Evaluates what is asked for. Raises `TargetError` for files that are not there."""
    result = on_large_stack(_Evaluation(request).run)
    assert isinstance(result, Evaluated)
    return result


class _Evaluation:
    def __init__(self, request: Request) -> None:
        self.request = request
        self.sources: dict[str, Source] = {}

    def run(self) -> Evaluated:
        request = self.request
        path = os.path.abspath(request.path)
        is_flake = request.expression is None and (
            os.path.basename(path) == "flake.nix" or os.path.isfile(os.path.join(path, "flake.nix"))
        )
        levels = request.levels
        if request.expression is None and not os.path.exists(path):
            raise TargetError(f"{request.path}: no such file or directory")
        if is_flake:
            root = path if os.path.isdir(path) else os.path.dirname(path)
            ev, value = self._flake(root)
            if levels is None and not request.names:
                levels = FLAKE_LEVELS
        else:
            ev = Evaluator(pure=request.pure)
            ev.search_paths = request.sources
            if request.expression is not None:
                value = ev.evaluate_text(request.expression, os.path.join(path, "expression"))
            else:
                value = ev.evaluate_file(path)
        value = self._selected(ev, value)
        shown = show_all(ev, value, True, MAX_DEPTH if levels is None else levels)
        data = _Data(ev, MAX_DEPTH if levels is None else levels).of(value, 0)
        return Evaluated(shown.text, data, [self._reason(ev, hole) for hole in shown.holes])

    def _flake(self, root: str) -> tuple[Evaluator, Value]:
        from nixlint.project.flake.eval import FlakeEvaluation
        from nixlint.project.project import Project
        from nixlint.project.settings import ProjectSettings

        settings = ProjectSettings()
        settings.sources = self.request.sources
        evaluation = FlakeEvaluation(Project(root, settings))
        ev = evaluation.evaluator
        value = ev.forced(evaluation.value)
        if not self.request.names and isinstance(value, VAttrs):
            # What every flake has besides its outputs says nothing.
            outputs = ev.attribute(value, "outputs")
            return ev, outputs
        return ev, value

    def _selected(self, ev: Evaluator, value: Value) -> Value:
        site = Code(CodeFile("", "/", ""), 0, 0)
        value = ev.forced(value)
        try:
            value = self._applied(ev, value, site)
            for name in self.request.names:
                if isinstance(value, VList) and name.strip("[]").isdigit():
                    index = int(name.strip("[]"))
                    if index < len(value.items):
                        value = value.items[index].force(ev)
                        continue
                value = self._applied(ev, pick(ev, value, name, None).force(ev), site)
        except (NixError, OutOfBudget) as error:
            return ev.failed(error)
        return value

    def _applied(self, ev: Evaluator, value: Value, site: Code) -> Value:
        """Functions of named arguments are called when all of those are given or have a default,
        as `nix-instantiate` does."""
        if not isinstance(value, VLambda):
            return value
        formals = value.code.formals()
        if formals is None:
            return value
        args: dict[str, Value] = {}
        for name, text in self.request.args.items():
            if name in formals or value.code.accepts_more():
                code = ev.lowered(text, os.path.abspath("expression"), "", None)
                args[name] = code.eval(ev, Env(None, NOTHING, NO_SLOTS))
        for name, has_default in formals.items():
            if name not in args and not has_default:
                return value
        return value.call(ev, VAttrs(args), site)

    def _reason(self, ev: Evaluator, hole: Hole) -> Reason:
        value = hole.value
        message = value.error.message if value.error is not None else value.reason
        reason = Reason(hole.path, message, value.error is not None)
        file = value.file
        if file is not None and file.text:
            real = file.real
            source = self.sources.get(real)
            if source is None:
                source = Source(real, file.text)
                self.sources[real] = source
            line, column = source.position(min(value.start, len(file.text)))
            reason.file = os.path.relpath(real) if real.startswith(os.getcwd() + "/") else real
            reason.line = line + 1
            reason.column = column + 1
        return reason


class _Data:
    """Values as data that JSON can hold."""

    def __init__(self, ev: Evaluator, levels: int) -> None:
        self.ev = ev
        self.levels = levels
        self.path: set[int] = set()

    def of(self, value: Value, depth: int) -> object:
        """The value; `{"unknown": reason}` where it is not known."""
        value = self.ev.forced(value)
        if isinstance(value, VNull):
            return None
        if isinstance(value, (VBool, VInt, VFloat)):
            return value.value
        if isinstance(value, (VString, VPath)):
            text = value.text if isinstance(value, VString) else value.path
            if is_inexact(text):
                return {"unknown": INEXACT}
            return text
        if isinstance(value, VUnknown):
            if value.error is not None:
                return {"error": value.error.message}
            return {"unknown": value.reason}
        if isinstance(value, (VList, VAttrs)):
            if depth >= self.levels or id(value) in self.path:
                return {"unknown": "it is nested too deeply"}
            self.path.add(id(value))
            made = self._nested(value, depth)
            self.path.discard(id(value))
            return made
        return {"function": True}

    def _nested(self, value: VList | VAttrs, depth: int) -> object:
        if isinstance(value, VList):
            items = [self.of(item, depth + 1) for item in value.items]
            if value.rest is not None:
                items.append({"rest": value.rest[0].reason})
            return items
        out = {name: self.of(value.attrs[name], depth + 1) for name in sorted(value.attrs)}
        if value.rest is not None:
            out["…"] = {"rest": value.rest[0].reason}
        return out
