"""Definitions that change nothing: they repeat, they always lose, they outrank nobody.

Judged over all configurations of a project, for options that it declares itself. When a
configuration cannot be followed, or the module is one that the flake exports, nothing is said:
others may count on the definition.
"""

from __future__ import annotations

from typing import Final, cast

from nixlint.evaluate.evaluator import on_large_stack
from nixlint.evaluate.operators import YES, compare_equal
from nixlint.evaluate.values import (
    Code,
    NixError,
    OutOfBudget,
    VAttrs,
    VBool,
    VFloat,
    VInt,
    VList,
    VNull,
    VPath,
    VString,
)
from nixlint.project.modules.exports import exported_modules
from nixlint.project.modules.model import CERTAIN, Place
from nixlint.project.modules.option_findings import COMMON, OptionFindings, option_findings
from nixlint.project.modules.spots import Spot
from nixlint.project.modules.verdicts import KNOWN, Def, Merged
from nixlint.project.project import Project
from nixlint.text import disk

_KEY: Final = "option-usage"
PLAIN: Final = 100

Key = tuple[str, str, int]
"""The option, the file and the offset of a definition."""


class Use:
    """A definition, over all configurations it is part of."""

    def __init__(self, option: str, place: Place, priority: int) -> None:
        self.option = option
        self.place = place
        self.priority = priority
        self.configurations: list[str] = []
        self.alone = True
        """Whether no configuration has another definition of the option."""
        self.loses = True
        """Whether it is outranked in every configuration."""
        self.winner: Place | None = None
        self.twins: dict[Key, Place] | None = None
        """Equal definitions that stand beside it in every configuration."""


class OptionUsage:
    """The definitions of a project's own options."""

    def __init__(self, findings: OptionFindings) -> None:
        self.findings = findings
        self.uses: dict[Key, Use] = {}

    def collect(self) -> None:
        """Looks at all options. Call it on a large stack."""
        found = self.findings
        if found.configurations.failed or found.configurations.partial:
            return
        if any(found.has_gaps(configuration) for configuration, _ in found.sets):
            return
        for configuration, made in found.sets:
            for spot in made.spots():
                if spot.path[0] in COMMON or spot.problem is not None or spot.is_listed:
                    continue
                try:
                    self._spot(configuration.name, spot)
                except (NixError, OutOfBudget):
                    self._drop(spot)

    def _drop(self, spot: Spot) -> None:
        for key in [key for key in self.uses if key[0] == spot.name]:
            del self.uses[key]

    def _spot(self, configuration: str, spot: Spot) -> None:
        merged = spot.merged()
        own = [one for one in merged.all if not one.is_default]
        unsure = bool(spot.hole or spot.def_hole)
        for one in own:
            if one.place is None or one.priority is None or not one.file:
                unsure = True
        for one in own:
            if one.place is not None and one.priority is not None and one.file:
                self._use(configuration, spot, merged, own, one, unsure)

    def _use(
        self,
        configuration: str,
        spot: Spot,
        merged: Merged,
        own: list[Def],
        one: Def,
        unsure: bool,
    ) -> None:
        place = one.place
        assert place is not None and one.priority is not None
        key = (spot.name, place.path, place.start)
        use = self.uses.get(key)
        if use is None:
            use = Use(spot.name, place, one.priority)
            self.uses[key] = use
        use.configurations.append(configuration)
        if unsure or len(own) > 1:
            use.alone = False
        if unsure or not merged.survivors or one in merged.survivors:
            use.loses = False
        elif use.winner is None:
            use.winner = merged.survivors[0].place
        twins: dict[Key, Place] = {}
        if not unsure and merged.state == KNOWN and one in merged.survivors:
            for other in merged.survivors:
                if other is not one and other.place is not None and self._same(one, other):
                    other_key = (spot.name, other.place.path, other.place.start)
                    if other_key != key:
                        twins[other_key] = other.place
        before = use.twins
        if before is None:
            use.twins = twins
        else:
            use.twins = {name: where for name, where in before.items() if name in twins}

    def _same(self, one: Def, other: Def) -> bool:
        """Whether two definitions say the same, and one of them would do."""
        if one.certainty != CERTAIN or other.certainty != CERTAIN:
            return False
        ev = self.findings.ev
        value = ev.forced(one.value)
        if isinstance(value, (VList, VAttrs)) or not isinstance(
            value, (VBool, VInt, VFloat, VString, VPath, VNull)
        ):
            return False
        site = one_site(self.findings)
        return compare_equal(ev, value, ev.forced(other.value), site).answer == YES


def one_site(findings: OptionFindings) -> Code:
    """A place for evaluation that belongs to no file."""
    return findings.configurations.evaluation.site


def option_usage(project: Project) -> list[Use]:
    """All definitions of the project's own options; computed at the first call."""
    known = project.caches.get(_KEY)
    if known is not None:
        return cast("list[Use]", known)
    usage = OptionUsage(option_findings(project))
    on_large_stack(usage.collect)
    exported = exported_modules(project)
    out = [use for use in usage.uses.values() if disk.real(use.place.path) not in exported]
    project.caches[_KEY] = out
    return out
