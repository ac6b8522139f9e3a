"""Checking one text: parse, run the rules, silence, sort.

The tree sorts its nodes by kind once (`Tree.nodes`), so a node no rule asks for costs no more than
that; calls are sorted by what is called, too (`FileContext.calls`).
A file with syntax errors is only checked by the rules of the theme `syntax`: what the others would
say about half a tree is noise.
This file is compiled.
"""

from __future__ import annotations

from collections.abc import Callable

from nixlint.diagnostics.model import Diagnostic
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.registry import ON_DEMAND, PROJECT, load_rule
from nixlint.syntax.checks import check_tree
from nixlint.syntax.errors import ParseError
from nixlint.syntax.nodes import N_KINDS
from nixlint.syntax.parser import parse
from nixlint.syntax.tree import Tree


class RuleSet:
    """The rules that run on a file, by the kinds of nodes they look at.

    `enabled` are their names, in the order to run them; `ignored` those switched off on purpose,
    which matters for the errors of the parser: they are reported whatever was selected, unless
    ignored. `severities` replaces what the rules say themselves. `syntax` names the rules of that
    theme.
    """

    def __init__(
        self,
        enabled: list[str],
        ignored: frozenset[str],
        severities: dict[str, str],
        syntax: frozenset[str],
    ) -> None:
        self.enabled = frozenset(enabled)
        self.ignored = ignored
        self.severities = severities
        alone = [name for name in enabled if name not in PROJECT]
        self.alone = frozenset(alone)
        """Those of `enabled` that need nothing but the file."""
        looking = [name for name in alone if name not in ON_DEMAND]
        self.all_rules = Dispatch([load_rule(name) for name in looking])
        self.syntax_rules = Dispatch([load_rule(name) for name in looking if name in syntax])


class Dispatch:
    """Rules by the kind of node they want; None where nobody does."""

    def __init__(self, rules: list[Rule]) -> None:
        self.by_kind: list[list[Rule] | None] = [None] * N_KINDS
        self.whole_file: list[Rule] = []
        for rule in rules:
            if rule.whole_file:
                self.whole_file.append(rule)
            for kind in rule.kinds:
                wanted = self.by_kind[kind]
                if wanted is None:
                    wanted = []
                    self.by_kind[kind] = wanted
                wanted.append(rule)


class Additional:
    """What rules about the whole project found in a text.

    `rules` are the rules that looked, `diagnostics` what they found. `renew` finds it anew when
    the text has changed; where it is None, findings can only be moved along.
    """

    def __init__(
        self,
        rules: frozenset[str],
        diagnostics: list[Diagnostic],
        renew: Callable[[Tree], list[Diagnostic]] | None = None,
    ) -> None:
        self.rules = rules
        self.diagnostics = diagnostics
        self.renew = renew

    def of(self, tree: Tree) -> list[Diagnostic]:
        """The findings in the text of a tree."""
        if self.renew is not None:
            return self.renew(tree)
        size = len(tree.text)
        return [each for each in self.diagnostics if each.span.end <= size]


class RuleFailure:
    """A rule that raised: a bug of nixlint."""

    def __init__(self, rule: str, error: Exception) -> None:
        self.rule = rule
        self.error = error


class Checked:
    """What checking one text gave."""

    def __init__(self, ctx: FileContext) -> None:
        self.ctx = ctx
        self.diagnostics: list[Diagnostic] = []
        self.failures: list[RuleFailure] = []
        self.broken = False
        """Whether Nix would refuse the text."""

    @property
    def tree(self) -> Tree:
        return self.ctx.tree


def check_text(
    path: str,
    text: str,
    rules: RuleSet,
    target_nix: tuple[int, int],
    additional: Additional | None = None,
    real_path: str | None = None,
    parsed: Tree | None = None,
) -> Checked:
    """Check a text. `path` is what messages and rules call the file, `real_path` where it lies on
    disk. `additional` is None when nobody looked at the project, `parsed` the tree of the text if
    somebody has it already. Never raises."""
    tree = parsed if parsed is not None else parse(text)
    ctx = FileContext(path, tree, target_nix, real_path)
    checked = Checked(ctx)
    _report_errors(checked, tree.errors, rules)
    # Sorted once for all who ask below.
    _ = tree.index
    if not checked.broken:
        # What Nix checks of the meaning while parsing; in half a tree it would guess.
        _report_errors(checked, check_tree(tree, target_nix), rules)
    _run(checked, rules.syntax_rules if checked.broken else rules.all_rules)
    tree.drop_index()
    diagnostics = ctx.diagnostics
    looked = rules.alone
    if additional is not None and not checked.broken:
        looked = looked | (additional.rules & rules.enabled)
        for diagnostic in additional.of(tree):
            if diagnostic.rule in rules.enabled:
                diagnostics.append(diagnostic)
    if "nixlint" in text or "deadnix" in text:
        # Loaded only now: few files speak to a linter.
        from nixlint.analysis.suppress import suppress

        diagnostics = suppress(tree, diagnostics, looked, checked.broken)
    checked.diagnostics = _graded(diagnostics, rules.severities)
    return checked


def with_findings(
    diagnostics: list[Diagnostic],
    more: list[Diagnostic],
    enabled: frozenset[str],
    severities: dict[str, str],
) -> list[Diagnostic]:
    """What `check_text` gives for a text when rules about the project have found `more`, if it
    gives `diagnostics` without them. The text is not broken and says nothing to linters."""
    added = [each for each in more if each.rule in enabled]
    return _graded(diagnostics + added, severities)


def _graded(diagnostics: list[Diagnostic], severities: dict[str, str]) -> list[Diagnostic]:
    """The findings with the severities the user wants, in the order of the text."""
    for diagnostic in diagnostics:
        severity = severities.get(diagnostic.rule)
        if severity is not None:
            diagnostic.severity = severity
    return _sorted(diagnostics)


def _report_errors(checked: Checked, errors: list[ParseError], rules: RuleSet) -> None:
    """Turn the errors of the parser into findings of the rules that document them."""
    for error in errors:
        if error.fatal:
            checked.broken = True
            if error.rule in rules.ignored:
                continue
        elif error.rule not in rules.enabled:
            continue
        try:
            load_rule(error.rule).explain_error(error, checked.ctx)
        except Exception as failure:
            checked.failures.append(RuleFailure(error.rule, failure))


def _run(checked: Checked, dispatch: Dispatch) -> None:
    """Run the rules. One that raises is reported once, and does not run again on this file."""
    ctx = checked.ctx
    failed: set[str] = set()
    for rule in dispatch.whole_file:
        try:
            rule.check_file(ctx)
        except Exception as error:
            failed.add(rule.name)
            checked.failures.append(RuleFailure(rule.name, error))
    for kind, wanted in enumerate(dispatch.by_kind):
        if wanted is None:
            continue
        nodes = ctx.tree.nodes(kind)
        if not nodes:
            continue
        for rule in wanted:
            if rule.name in failed:
                continue
            try:
                for node in nodes:
                    rule.check(node, ctx)
            except Exception as error:
                failed.add(rule.name)
                checked.failures.append(RuleFailure(rule.name, error))


def _sorted(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """The findings in the order of the text, each once."""
    if not diagnostics:
        return diagnostics
    keyed: dict[tuple[int, int, str, str], Diagnostic] = {}
    for d in diagnostics:
        key = (d.span.start, d.span.end, d.rule, d.message)
        if key not in keyed:
            keyed[key] = d
    out: list[Diagnostic] = []
    for key in sorted(keyed):
        out.append(keyed[key])
    return out
