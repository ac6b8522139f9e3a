"""Silencing findings by comments, and finding the comments that silence nothing.

A comment on a line of code speaks about the findings that start on that line; one on a line of
its own about those that start on the next line of code.
What deadnix would skip is limited to what deadnix reports.
"""

from __future__ import annotations

from typing import Final

from nixlint.analysis import selection
from nixlint.analysis.directives import (
    DEADNIX,
    FILE,
    Directive,
    Malformed,
    may_have_directives,
    read_directives,
)
from nixlint.analysis.suggest import nearest
from nixlint.diagnostics.model import SAFE, UNSAFE, Diagnostic, Edit, Fix
from nixlint.syntax.tree import Tree
from nixlint.text.source import Source
from nixlint.text.span import Span

MALFORMED: Final = "malformed-suppression"
UNKNOWN: Final = "unknown-suppression"
UNUSED: Final = "unused-suppression"
OWN_RULES: Final = (MALFORMED, UNKNOWN, UNUSED)

_DEADNIX_RULES: Final = (
    "unused-let-",
    "unused-formal",
    "unused-at-binding",
    "unused-lambda-",
    "unused-module-argument",
)


class _Silencer:
    """One name in one comment: which rules it silences where, and whether it ever did."""

    def __init__(self, directive: Directive, index: int, rules: frozenset[str]) -> None:
        self.directive = directive
        self.index = index
        self.rules = rules
        self.used = False

    def silences(self, rule: str) -> bool:
        """Whether it speaks about that rule, in the places it speaks about."""
        if self.directive.kind == DEADNIX:
            return rule.startswith(_DEADNIX_RULES)
        return rule in self.rules


class _Silencers:
    """All of a file's, found by line."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.everywhere: list[_Silencer] = []
        self.by_line: dict[int, list[_Silencer]] = {}
        self.by_comment: dict[int, list[_Silencer]] = {}

    def add(self, silencer: _Silencer) -> None:
        directive = silencer.directive
        if directive.kind == FILE:
            self.everywhere.append(silencer)
        for line in directive.lines:
            self.by_line.setdefault(line, []).append(silencer)
        if directive.kind != DEADNIX:
            self.by_comment.setdefault(directive.comment.start, []).append(silencer)

    def silence(self, diagnostic: Diagnostic) -> bool:
        """Whether a comment silences the finding; remembers which ones did."""
        silenced = False
        line = self.source.line_of(diagnostic.span.start)
        for silencer in self.everywhere + self.by_line.get(line, []):
            if silencer.silences(diagnostic.rule):
                silencer.used = True
                silenced = True
        return silenced


def suppress(
    tree: Tree, diagnostics: list[Diagnostic], enabled: frozenset[str], broken: bool
) -> list[Diagnostic]:
    """The findings that no comment silences, and those about the comments themselves.

    `enabled` holds the rules that looked at the file: only for these can a comment be unused, and
    only those of `OWN_RULES` among them are reported. In a file with syntax errors most rules did
    not run, so no comment is called unused there.
    """
    if not may_have_directives(tree.text):
        return diagnostics
    source = Source("", tree.text)
    directives, malformed = read_directives(tree, source)
    if not directives and not malformed:
        return diagnostics
    silencers = _Silencers(source)
    own: list[Diagnostic] = []
    for directive in directives:
        if directive.kind == DEADNIX:
            silencers.add(_Silencer(directive, 0, frozenset()))
        for index, (name, span) in enumerate(directive.names):
            rules = _rules_of(name)
            if rules is not None:
                silencers.add(_Silencer(directive, index, rules))
            elif UNKNOWN in enabled:
                own.append(_unknown(directive, index, name, span, tree.text))
    if MALFORMED in enabled:
        own.extend(_malformed(item) for item in malformed)
    kept = [d for d in diagnostics + own if not silencers.silence(d)]
    if UNUSED in enabled and not broken:
        unused = _unused(silencers, tree, enabled)
        kept += [d for d in unused if not silencers.silence(d)]
    return kept


def _rules_of(name: str) -> frozenset[str] | None:
    """The rules a name in a comment stands for: a rule's name, a peer's, or a theme."""
    current = selection.current_names(name)
    if current:
        return frozenset(current)
    if name in selection.themes():
        return selection.expand(name)[1]
    return None


def _severity(rule: str) -> str:
    return selection.rule_of(rule).severity


def _malformed(item: Malformed) -> Diagnostic:
    return Diagnostic(MALFORMED, _severity(MALFORMED), item.message, item.span)


def _unknown(directive: Directive, index: int, name: str, span: Span, text: str) -> Diagnostic:
    if name in (selection.ALL, selection.DEFAULT):
        message = f"`{name}` is too much to ignore: name the rules, or exclude the file"
        return Diagnostic(UNKNOWN, _severity(UNKNOWN), message, span)
    match = nearest(name, [each for each in selection.all_selectors() if _rules_of(each)])
    message = f"unknown rule `{name}`"
    if match is not None:
        message += f": did you mean `{match}`?"
    if match is not None and match not in [known for known, _span in directive.names]:
        fix = Fix(f"Write `{match}`", [Edit(span, match)], UNSAFE)
    else:
        fix = Fix(f"Remove `{name}`", [_removal(directive, [index], text)], SAFE)
    return Diagnostic(UNKNOWN, _severity(UNKNOWN), message, span, None, fix)


def _unused(silencers: _Silencers, tree: Tree, enabled: frozenset[str]) -> list[Diagnostic]:
    """One finding per comment, about all its names that silenced nothing."""
    out: list[Diagnostic] = []
    for group in silencers.by_comment.values():
        unused = [s for s in group if not s.used and s.rules <= enabled and UNUSED not in s.rules]
        if not unused:
            continue
        directive = unused[0].directive
        names = [directive.names[s.index] for s in unused]
        shown = ", ".join(f"`{name}`" for name, _span in names)
        place = "in this file" if directive.kind == FILE else "here"
        verb = "finds" if len(names) == 1 else "find"
        message = f"nothing to ignore: {shown} {verb} nothing {place}"
        if len(names) == len(directive.names):
            span = directive.comment
        else:
            span = Span(names[0][1].start, names[-1][1].end)
        edit = _removal(directive, [s.index for s in unused], tree.text)
        fix = Fix(f"Remove {shown}", [edit], SAFE)
        out.append(Diagnostic(UNUSED, _severity(UNUSED), message, span, None, fix, "unnecessary"))
    return out


def _removal(directive: Directive, indices: list[int], text: str) -> Edit:
    """Take names out of the brackets, or the whole comment when none is left."""
    left = [name for i, (name, _span) in enumerate(directive.names) if i not in indices]
    if left:
        return Edit(directive.brackets, ", ".join(left))
    start, end = directive.comment.start, directive.comment.end
    line_start = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    alone_before = not text[line_start:start].strip()
    line_end = end
    while line_end < len(text) and text[line_end] in " \t":
        line_end += 1
    at_line_end = line_end == len(text) or text[line_end] in "\r\n"
    if alone_before and at_line_end:
        if text.startswith("\r\n", line_end):
            line_end += 1
        return Edit(Span(line_start, min(line_end + 1, len(text))), "")
    if at_line_end:
        while start > line_start and text[start - 1] in " \t":
            start -= 1
        return Edit(Span(start, end), "")
    # Code follows a block comment: its neighbors keep exactly one blank between them.
    blank_before = start == 0 or text[start - 1].isspace()
    return Edit(Span(start, line_end), "" if blank_before else " ")
