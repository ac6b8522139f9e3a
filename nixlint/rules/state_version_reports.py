"""Reports of odd state versions."""

from __future__ import annotations

from nixlint.diagnostics.model import Note
from nixlint.project.modules.state_versions import (
    MISSING,
    MOVING,
    NO_RELEASE,
    TOO_NEW,
    TWICE,
    WRONG_KIND,
    StateVersionFault,
    state_version_faults,
)
from nixlint.rules.base import Rule
from nixlint.rules.option_reports import span_of
from nixlint.rules.project_base import ProjectContext
from nixlint.rules.unused_files import first_span


def report_faults(rule: Rule, ctx: ProjectContext, kinds: list[str]) -> None:
    """Reports the faults of some kinds."""
    if ctx.project.flake_is_broken:
        return
    for fault in state_version_faults(ctx.project):
        tree = ctx.project.tree(fault.place.path)
        span = span_of(ctx, fault.place)
        if fault.kind == MISSING and tree is not None:
            span = first_span(tree)
        if span is None or fault.kind not in kinds:
            continue
        notes: list[Note] = []
        if fault.other is not None:
            other = span_of(ctx, fault.other)
            if other is not None:
                where = fault.other.path
                notes.append(
                    Note("set here, too", other, where if where != fault.place.path else None)
                )
        names = list(dict.fromkeys(fault.configurations))
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        notes.append(Note(f"in {names[0]}{more}"))
        ctx.report(rule, fault.place.path, span, fault_message(fault), notes)


def fault_message(fault: StateVersionFault) -> str:
    """What is wrong, in one sentence."""
    name = fault.option
    if fault.kind == NO_RELEASE:
        return f'`{name}` is "{fault.shown}", which is no release'
    if fault.kind == TOO_NEW:
        return f'`{name}` is "{fault.shown}", which is not released yet'
    if fault.kind == WRONG_KIND:
        return f"`{name}` must be {fault.shown}"
    if fault.kind == MOVING:
        return f"`{name}` follows nixpkgs, but must stay as it was when the system was set up"
    if fault.kind == TWICE:
        return f"`{name}` is set more than once"
    return f"`{name}` is not set"
