"""Checking or fixing files, one after the other.

`parallel.py` does the same with several processes.
"""

from __future__ import annotations

import os
from typing import Final

from nixlint.analysis import selection
from nixlint.analysis.check_file import Additional, Checked, RuleSet, check_text
from nixlint.analysis.config import Settings
from nixlint.analysis.discover import Target
from nixlint.analysis.links import HOME_PAGE
from nixlint.analysis.outcome import INTERNAL, UNREADABLE, FileOutcome, Problem
from nixlint.analysis.reading import ReadError, WriteError, read_file, write_file
from nixlint.rules import registry
from nixlint.text.source import Source

CHECK: Final = "check"
FIX: Final = "fix"
DIFF: Final = "diff"


class Task:
    """What to do with files: `CHECK`, `FIX` (and write), or `DIFF` (fix, but do not write).

    `unsafe` is None when the configuration decides whether unsafe fixes count.
    """

    def __init__(self, mode: str, unsafe: bool | None = None) -> None:
        self.mode = mode
        self.unsafe = unsafe


_rule_sets: dict[tuple[frozenset[str], frozenset[str], tuple[tuple[str, str], ...]], RuleSet] = {}


def rule_set(settings: Settings) -> RuleSet:
    """The rules for some settings, made once."""
    chosen = settings.selection
    key = (chosen.enabled, chosen.ignored, tuple(sorted(settings.severities.items())))
    rules = _rule_sets.get(key)
    if rules is None:
        names = registry.rule_names()
        enabled = [name for name in names if name in chosen.enabled]
        syntax = frozenset(name for name in names if selection.theme_of(name) == "syntax")
        rules = RuleSet(enabled, chosen.ignored, settings.severities, syntax)
        _rule_sets[key] = rules
    return rules


def process_file(target: Target, task: Task) -> FileOutcome:
    """Check or fix a file. Never raises: what goes wrong is in the outcome.

    What rules about its project found in the file is in `target.additional`.
    """
    outcome = FileOutcome(target.shown)
    try:
        text = read_file(target.path)
    except ReadError as error:
        outcome.problems.append(Problem(UNREADABLE, target.shown, str(error)))
        return outcome
    unsafe = target.config.unsafe_fixes if task.unsafe is None else task.unsafe
    settings = target.config.settings_for(target.path)
    real = target.path
    process_text(outcome, text, settings, task.mode, unsafe, target.additional, real)
    if task.mode == FIX and outcome.before is not None:
        assert outcome.source is not None
        try:
            write_file(target.path, outcome.before, outcome.source.text, target.root)
        except WriteError as error:
            # The file stays as it is, so its findings are those of the text it has.
            outcome = FileOutcome(target.shown)
            process_text(outcome, text, settings, CHECK, unsafe, target.additional, real)
            outcome.problems.append(Problem(UNREADABLE, target.shown, str(error)))
    return outcome


def process_text(
    outcome: FileOutcome,
    text: str,
    settings: Settings,
    mode: str,
    unsafe: bool,
    additional: Additional | None = None,
    real_path: str | None = None,
) -> None:
    """Check or fix a text, and put everything there is to say into `outcome`.

    `additional` and `real_path` are those of `check_text`.
    """
    path = outcome.path
    try:
        rules = rule_set(settings)
        if mode == CHECK:
            checked = check_text(path, text, rules, settings.target_nix, additional, real_path)
        else:
            from nixlint.analysis.fix import fix_text

            fixed = fix_text(path, text, rules, settings.target_nix, unsafe, additional, real_path)
            checked = fixed.checked
            outcome.fixed = fixed.applied
            outcome.problems.extend(fixed.problems)
            if fixed.text != text:
                outcome.before = text
                text = fixed.text
    except Exception as error:
        # Only a bug can bring us here. The other files must not suffer from it.
        outcome.problems.append(bug(path, "checking this file failed", error))
        return
    outcome.checked = True
    outcome.broken = checked.broken
    outcome.source = Source(path, text)
    outcome.diagnostics = checked.diagnostics
    outcome.problems.extend(_failures(path, checked))


def _failures(path: str, checked: Checked) -> list[Problem]:
    return [
        bug(path, f"the rule `{failure.rule}` failed", failure.error)
        for failure in checked.failures
    ]


def bug(path: str, message: str, error: Exception) -> Problem:
    """A problem that is our fault, with what we need to find it."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    place = ""
    if frames:
        name = os.path.basename(frames[-1].filename)
        place = f" ({name}, line {frames[-1].lineno})"
    reason = f"{type(error).__name__}: {error}".rstrip(": ")
    advice = f"This is a bug of nixlint. Please report it: {HOME_PAGE}/issues"
    return Problem(INTERNAL, path, f"{message}: {reason}{place}", advice)
