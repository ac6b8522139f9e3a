"""The configurations of a project, found once for all who ask."""

from __future__ import annotations

from typing import Final, cast

from nixlint.evaluate.evaluator import on_large_stack
from nixlint.project.flake.value import evaluation_of
from nixlint.project.modules.configurations import Configurations
from nixlint.project.project import Project

_KEY: Final = "configurations"


def configurations_of(project: Project) -> Configurations:
    """All configurations of the project; evaluated at the first call, on a large stack."""
    known = project.caches.get(_KEY)
    if known is not None:
        return cast(Configurations, known)
    found = Configurations(evaluation_of(project))
    on_large_stack(found.find)
    project.caches[_KEY] = found
    return found


def known_configurations(project: Project) -> Configurations | None:
    """All configurations of the project, if they were found already."""
    return cast("Configurations | None", project.caches.get(_KEY))


def keep_configurations(project: Project, found: Configurations) -> None:
    """Lets a project use configurations that were found before."""
    project.caches[_KEY] = found
