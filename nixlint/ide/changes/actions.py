"""What can be done about a place in a file: fixes, comments that ignore, refactorings.

Offering is cheap; the edits are computed when somebody chooses, from a key of plain data. What is
offered keeps the meaning of the program, or says in its title that it may not.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any, Final

from nixlint.analysis.config import NEWEST_NIX, Settings
from nixlint.analysis.fix import fix_text
from nixlint.analysis.run import rule_set
from nixlint.analysis.verify import Change as TextChange
from nixlint.analysis.verify import harm
from nixlint.diagnostics.model import SAFE, Diagnostic, Edit, Fix
from nixlint.ide.changes.edits import edits_between
from nixlint.ide.changes.ignoring import ignore_here, ignore_in_file, may_be_ignored
from nixlint.ide.document import Document
from nixlint.ide.facts import ProjectFacts, text_hash
from nixlint.ide.knowledge.reading import document_of
from nixlint.ide.model import Change, RefusedError
from nixlint.ide.refactor import to_file
from nixlint.ide.refactor.base import EXTRACT, QUICK_FIX, Before, Proposal, Site, is_sound
from nixlint.rules.base import FileContext
from nixlint.syntax.parser import parse

FIX_ALL: Final = "source.fixAll.nixlint"
KINDS: Final = (
    QUICK_FIX,
    "refactor.extract",
    "refactor.inline",
    "refactor.rewrite",
    FIX_ALL,
)
"""All kinds of actions, in the words of the protocol."""

REFACTORINGS: Final = (
    "formal",
    "inherit",
    "attributes",
    "quotes",
    "strings",
    "concat",
    "withs",
    "extract",
    "inline",
)
"""The modules of `refactor/`, in the order in which they are offered."""
LARGE: Final = 30_000
"""In a text with more characters, refactorings are proved only when they are chosen."""

Key = dict[str, Any]


class Action:
    """Something that can be done. `key` is what `change_of` needs, as plain data for JSON.

    `findings` are what it is about; `preferred` says that it is what one would do.
    """

    def __init__(
        self,
        title: str,
        kind: str,
        key: Key,
        findings: list[Diagnostic] | None = None,
        preferred: bool = False,
        edits: list[Edit] | None = None,
    ) -> None:
        self.title = title
        self.kind = kind
        self.key = key
        self.findings = findings if findings is not None else []
        self.preferred = preferred
        self.edits = edits
        """What it changes in the document, if that is known already."""
        self.makes_file = False
        self.refused = ""
        """Why it cannot be done, for editors that show such actions."""


def actions_at(
    document: Document,
    start: int,
    end: int,
    findings: list[Diagnostic],
    only: list[str] | None = None,
    facts: ProjectFacts | None = None,
) -> list[Action]:
    """What can be done at a place, as far as its kind is one of `only`, or below one of them.

    `findings` is everything found in the document. Changes of other files need `facts`.
    """
    out: list[Action] = []
    here = [one for one in findings if one.span.start <= end and start <= one.span.end]
    if _wanted(QUICK_FIX, only):
        out += _fixes(document, here, findings)
        for one in here:
            out += _choices(document, one, facts)
    if _wanted(QUICK_FIX, only) or _wanted("refactor", only) or _asks(only, "refactor."):
        for proposal, own_key in proposals_at(document, start, end, only):
            about = [one for one in here if _is_about(one, proposal)]
            edits = proposal.edits if len(document.text) <= LARGE else None
            out.append(Action(proposal.title, proposal.kind, own_key, about, False, edits))
    if _wanted(EXTRACT, only):
        out += _to_file(document, start, end)
    if _wanted(QUICK_FIX, only):
        out += _ignores(document, here)
    if _wanted(FIX_ALL, only) and any(_is_safe(one) for one in findings):
        out.append(Action("Fix all that is safe to fix", FIX_ALL, {"do": "fix-all"}))
    return out


def change_of(
    document: Document,
    findings: list[Diagnostic],
    key: Key,
    settings: Settings | None,
    facts: ProjectFacts | None = None,
) -> Change:
    """What an action changes. Raises `RefusedError` if it cannot be done.

    `settings` are those of the file; they are needed for fixing everything.
    """
    what = key.get("do")
    if what == "fix":
        return _fix_change(document, findings, key, facts)
    if what == "fix-rule":
        return _one_file(document, _rule_edits(document, findings, str(key.get("rule"))))
    if what == "fix-all":
        return _one_file(document, fix_all_edits(document, findings, settings))
    if what == "ignore" or what == "ignore-file":
        return _one_file(document, _ignore_edits(document, findings, key))
    if what == "extract-to-file":
        return _file_change(document, key)
    if what == "refactor":
        return _one_file(document, _refactor_edits(document, key))
    raise RefusedError("There is no such action.")


def proposals_at(
    document: Document, start: int, end: int, only: list[str] | None = None
) -> list[tuple[Proposal, Key]]:
    """The refactorings at a place that keep the meaning, with the keys of their actions."""
    if any(error.fatal for error in document.tree.errors):
        return []
    site = Site(document, start, end)
    out: list[tuple[Proposal, Key]] = []
    offered: set[str] = set()
    before: Before | None = None
    for name in REFACTORINGS:
        for number, proposal in enumerate(_propose(name, site)):
            if proposal.title in offered or not _wanted(proposal.kind, only):
                # The same title is another way to do it, for when the first cannot be done.
                continue
            if before is None:
                before = Before(document)
                if before.refused:
                    return []
            if len(document.text) > LARGE or is_sound(document, proposal, before):
                offered.add(proposal.title)
                key: Key = {"do": "refactor", "module": name, "number": number}
                key.update(name=proposal.name, start=start, end=end)
                out.append((proposal, key))
    return out


def _propose(name: str, site: Site) -> list[Proposal]:
    if not site.path:
        return []
    found: list[Proposal] = import_module(f"nixlint.ide.refactor.{name}").propose(site)
    return found


def _wanted(kind: str, only: list[str] | None) -> bool:
    """Whether a kind is asked for; a dot separates a kind from those below it."""
    if only is None:
        return True
    return any(kind == one or kind.startswith(f"{one}.") or not one for one in only)


def _asks(only: list[str] | None, prefix: str) -> bool:
    return any(one.startswith(prefix) for one in only or [])


def _one_file(document: Document, edits: list[Edit]) -> Change:
    out = Change()
    for edit in sorted(edits, key=lambda one: (one.span.start, one.span.end)):
        out.add(document.path, edit)
    return out


# Fixes.


def _is_safe(finding: Diagnostic) -> bool:
    fix = finding.fix
    return fix is not None and bool(fix.edits) and fix.applicability == SAFE


def _fixes(document: Document, here: list[Diagnostic], findings: list[Diagnostic]) -> list[Action]:
    out: list[Action] = []
    counts: dict[str, int] = {}
    for one in findings:
        if _is_safe(one):
            counts[one.rule] = counts.get(one.rule, 0) + 1
    rules: set[str] = set()
    for one in here:
        fix = one.fix
        if fix is None or not fix.edits:
            continue
        key = {"do": "fix", **_key_of(one)}
        if fix.applicability == SAFE:
            out.append(Action(fix.title, QUICK_FIX, key, [one], True))
        else:
            out.append(Action(f"{fix.title} (may change meaning)", QUICK_FIX, key, [one]))
    for one in here:
        if counts.get(one.rule, 0) > 1 and one.rule not in rules and _is_safe(one):
            rules.add(one.rule)
            title = f"Fix all {counts[one.rule]} `{one.rule}` in this file"
            out.append(Action(title, QUICK_FIX, {"do": "fix-rule", "rule": one.rule}, [one]))
    return out


def _key_of(finding: Diagnostic) -> Key:
    at = [finding.span.start, finding.span.end]
    return {"rule": finding.rule, "at": at, "message": finding.message}


def _find(findings: list[Diagnostic], key: Key) -> Diagnostic | None:
    for one in findings:
        if all(key.get(name) == value for name, value in _key_of(one).items()):
            return one
    return None


def _harm(document: Document, edits: list[Edit], fixed: list[Diagnostic]) -> str | None:
    """What is wrong with edits, to be read after "it would"."""
    try:
        change = TextChange(document.text, edits)
    except ValueError:
        return "edit the same place twice"
    old = FileContext(document.path, document.tree, NEWEST_NIX)
    new = FileContext(document.path, parse(change.text), NEWEST_NIX)
    return harm(old, new, change, fixed)


def _choices(document: Document, finding: Diagnostic, facts: ProjectFacts | None) -> list[Action]:
    """The other ways to mend a finding, as far as the texts are those that they are meant for."""
    out: list[Action] = []
    for number, fix in enumerate(finding.choices):
        if _target(document, fix, facts) is not None:
            key: Key = {"do": "fix", "choice": number, **_key_of(finding)}
            title = fix.title
            if fix.applicability != SAFE:
                title += " (may change meaning)"
            out.append(Action(title, QUICK_FIX, key, [finding]))
    return out


def _target(document: Document, fix: Fix, facts: ProjectFacts | None) -> Document | None:
    """The text that a fix edits; None when it is not as it was when the fix was made."""
    if fix.path is None or fix.path == document.path:
        return document
    other = document_of(fix.path) if facts is not None else None
    if facts is None or other is None:
        return None
    return other if facts.hashes.get(fix.path) == text_hash(other.text) else None


def _fix_change(
    document: Document, findings: list[Diagnostic], key: Key, facts: ProjectFacts | None
) -> Change:
    found = _find(findings, key)
    fix = found.fix if found is not None else None
    number = key.get("choice")
    if found is not None and isinstance(number, int):
        fix = found.choices[number] if 0 <= number < len(found.choices) else None
    target = _target(document, fix, facts) if fix is not None else None
    if found is None or fix is None or target is None:
        raise RefusedError("The finding is not there any more.")
    alone = Diagnostic(found.rule, found.severity, found.message, found.span, None, fix)
    reason = _harm(target, fix.edits, [alone])
    if reason is not None:
        raise RefusedError(f"The fix was left out, because it would {reason}.")
    return _one_file(target, fix.edits)


def _rule_edits(document: Document, findings: list[Diagnostic], rule: str) -> list[Edit]:
    """The edits of all safe fixes of a rule that are clear of each other."""
    chosen: list[Diagnostic] = []
    edits: list[Edit] = []
    taken = -1
    fixable = [one for one in findings if one.rule == rule and _is_safe(one)]
    for one in sorted(fixable, key=_first_edit):
        assert one.fix is not None
        if _first_edit(one) > taken:
            chosen.append(one)
            edits += one.fix.edits
            taken = max(edit.span.end for edit in one.fix.edits)
    reason = _harm(document, edits, chosen) if edits else "change nothing"
    if reason is not None:
        raise RefusedError(f"The fixes were left out, because they would {reason}.")
    return edits


def _first_edit(finding: Diagnostic) -> int:
    assert finding.fix is not None
    return min(edit.span.start for edit in finding.fix.edits)


def fix_all_edits(
    document: Document, findings: list[Diagnostic], settings: Settings | None
) -> list[Edit]:
    """The edits that do all safe fixes until there is none left, as `nixlint check --fix` does.

    Of rules about projects, only fixes that are known already are done.
    """
    if settings is None:
        return []
    rules = rule_set(settings)
    text = document.text
    more = [one for one in findings if _is_safe(one) and one.rule not in rules.alone]
    edits: list[Edit] = []
    taken = -1
    for one in sorted(more, key=_first_edit):
        assert one.fix is not None
        if _first_edit(one) > taken and _harm(document, edits + one.fix.edits, [one]) is None:
            edits += one.fix.edits
            taken = max(edit.span.end for edit in one.fix.edits)
    if edits:
        text = TextChange(text, edits).text
    real = document.path if os.path.exists(document.path) else None
    fixed = fix_text(document.path, text, rules, settings.target_nix, False, None, real)
    return edits_between(document.text, fixed.text)


# Comments.


def _ignores(document: Document, here: list[Diagnostic]) -> list[Action]:
    out: list[Action] = []
    seen: set[tuple[str, int]] = set()
    rules: set[str] = set()
    for one in here:
        place = (one.rule, document.source.line_of(one.span.start))
        if place in seen or not may_be_ignored(one, document):
            continue
        seen.add(place)
        if ignore_here(document, one) is not None:
            title = f"Ignore `{one.rule}` here"
            out.append(Action(title, QUICK_FIX, {"do": "ignore", **_key_of(one)}, [one]))
    for one in here:
        if one.rule not in rules and may_be_ignored(one, document):
            rules.add(one.rule)
            title = f"Ignore `{one.rule}` in this file"
            out.append(Action(title, QUICK_FIX, {"do": "ignore-file", **_key_of(one)}, [one]))
    return out


def _ignore_edits(document: Document, findings: list[Diagnostic], key: Key) -> list[Edit]:
    found = _find(findings, key)
    edit: Edit | None = None
    if found is not None:
        find = ignore_here if key["do"] == "ignore" else ignore_in_file
        edit = find(document, found)
    if edit is None:
        raise RefusedError("There is no place for a comment here.")
    return [edit]


# Refactorings.


def _to_file(document: Document, start: int, end: int) -> list[Action]:
    """Moving an expression into a file; with the reason, if that cannot be."""
    site = Site(document, start, end)
    if not document.path or not site.path or to_file.movable(site) is None:
        return []
    key: Key = {"do": "extract-to-file", "start": start, "end": end}
    action = Action(to_file.TITLE, EXTRACT, key)
    action.makes_file = True
    if len(document.text) <= LARGE:
        try:
            _file_change(document, key)
        except RefusedError as refused:
            action.refused = str(refused)
    return [action]


def _file_change(document: Document, key: Key) -> Change:
    start, end = key.get("start"), key.get("end")
    if not isinstance(start, int) or not isinstance(end, int):
        raise RefusedError("There is no such action.")
    if not 0 <= start <= end <= len(document.text):
        raise RefusedError("The text has changed; ask again.")
    made = to_file.extract_to_file(Site(document, start, end), _is_taken)
    out = _one_file(document, [made.edit])
    out.files[made.path] = made.text
    return out


def _is_taken(path: str) -> bool:
    """Whether there is something at an absolute path, on disk or in the editor."""
    return os.path.lexists(path) or document_of(path) is not None


def _is_about(finding: Diagnostic, proposal: Proposal) -> bool:
    return finding.rule == "undefined-variable" and proposal.name == "add-formal"


def _refactor_edits(document: Document, key: Key) -> list[Edit]:
    module, number = key.get("module"), key.get("number")
    start, end = key.get("start"), key.get("end")
    if module in REFACTORINGS and isinstance(start, int) and isinstance(end, int):
        found = _propose(str(module), Site(document, start, end))
        if isinstance(number, int) and 0 <= number < len(found):
            for proposal in found[number:]:
                if proposal.name == key.get("name") and is_sound(document, proposal):
                    return proposal.edits
    raise RefusedError("This would change what the program means.")
