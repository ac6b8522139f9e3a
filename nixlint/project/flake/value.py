"""What the outputs of a project's flake evaluate to, computed once for all who ask.

Ask on a large stack (`evaluator.on_large_stack`), and `renew` the evaluator before a new question.
"""

from __future__ import annotations

import os
import re
from typing import Final, cast

from nixlint.evaluate.code import origin_of
from nixlint.evaluate.values import VAttrs
from nixlint.project.flake.eval import FlakeEvaluation
from nixlint.project.project import Project
from nixlint.text import disk
from nixlint.text.span import Span

_KEY: Final = "flake-evaluation"
_NAME: Final = r"""(?:[A-Za-z_][A-Za-z0-9_'-]*|"[^"\\$\n]*")"""
_PATH: Final = re.compile(rf"{_NAME}(?:[ \t]*\.[ \t]*{_NAME})*")


class Place:
    """A span in a file of the project; `path` is absolute, offsets are code points."""

    def __init__(self, path: str, span: Span) -> None:
        self.path = path
        self.span = span


def evaluation_of(project: Project) -> FlakeEvaluation:
    """The evaluation of the project's flake, shared by all who ask for it."""
    known = project.caches.get(_KEY)
    if known is not None:
        return cast(FlakeEvaluation, known)
    evaluation = FlakeEvaluation(project)
    keep_evaluation(project, evaluation)
    return evaluation


def keep_evaluation(project: Project, evaluation: FlakeEvaluation) -> None:
    """Lets a project use an evaluation, which may be that of an earlier state of it as long as
    nothing was computed that would be different now."""
    evaluation.project = project
    overlay = evaluation.evaluator.files.overlay
    overlay.clear()
    text = project.text(project.flake_path)
    if text is not None:
        overlay[project.flake_path] = text
    for path, replaced in project.replaced.items():
        overlay[path] = overlay[disk.real(path)] = replaced
    project.caches[_KEY] = evaluation


def known_evaluation(project: Project) -> FlakeEvaluation | None:
    """The evaluation of the project's flake, if it was begun."""
    return cast("FlakeEvaluation | None", project.caches.get(_KEY))


def was_cut_off(project: Project) -> bool:
    """Whether an evaluation took too long, so that the next one may give something else."""
    known = project.caches.get(_KEY)
    return known is not None and cast(FlakeEvaluation, known).evaluator.timed_out


def set_cut_off(project: Project) -> None:
    """Notes that an evaluation took too long elsewhere."""
    evaluation_of(project).evaluator.timed_out = True


def place_of_attribute(project: Project, value: VAttrs, name: str) -> Place | None:
    """Where an attribute of a set is written: its name, or the path that ends in it.

    None when that is unknown, or not a file of the project.
    """
    found = origin_of(value.origin, name)
    if found is None:
        return None
    file, start = found
    path = file.real
    if not path.startswith(project.root + os.sep) or project.text(path) != file.text:
        return None
    match = _PATH.match(file.text, start)
    return Place(path, Span(start, match.end() if match is not None else start + 1))
