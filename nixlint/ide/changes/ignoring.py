"""Comments that silence findings: where to write them, or which one to extend."""

from __future__ import annotations

from nixlint.analysis.directives import FILE, LINE, Directive, read_directives
from nixlint.analysis.suppress import OWN_RULES
from nixlint.diagnostics.model import Diagnostic, Edit
from nixlint.ide.document import Document
from nixlint.ide.knowledge.nodes_at import path_in
from nixlint.syntax.ids import T_BLOCK_COMMENT, T_COMMENT
from nixlint.syntax.nodes import ExprIndString, ExprString, Interpolation
from nixlint.text.span import Span


def may_be_ignored(finding: Diagnostic, document: Document) -> bool:
    """Whether a comment can silence a finding: not in a file that does not parse, and not one
    about such comments."""
    if finding.rule in OWN_RULES or not document.path.endswith(".nix"):
        return False
    return not any(error.fatal for error in document.tree.errors)


def ignore_here(document: Document, finding: Diagnostic) -> Edit | None:
    """The edit that lets a comment silence a finding in its line; None when none can."""
    tree = document.tree
    source = document.source
    text = document.text
    line = source.line_of(finding.span.start)
    directives, _ = read_directives(tree, source)
    for directive in directives:
        if directive.kind == LINE and line in directive.lines:
            return _joined(directive, finding.rule)
    comment = f"# nixlint: ignore[{finding.rule}]"
    tokens = tree.tokens
    start = source.line_starts[line]
    if not _in_text(document, start):
        at = start
        while at < len(text) and text[at] in " \t":
            at += 1
        return Edit(Span(start, start), f"{text[start:at]}{comment}{_line_end(text)}")
    end = start + len(source.line_text(line))
    before = tokens.previous_solid(tokens.index_at(max(end - 1, 0)))
    if not _in_text(document, end) and not text[tokens.end(before) : end].strip():
        return Edit(Span(end, end), f" {comment}")
    return _in_interpolation(document, finding)


def _in_text(document: Document, offset: int) -> bool:
    """Whether an offset lies inside of a string or comment, where no comment can begin."""
    tokens = document.tree.tokens
    index = tokens.index_at(offset)
    if tokens.kind(index) in (T_COMMENT, T_BLOCK_COMMENT) and tokens.start(index) < offset:
        return True
    inside = False
    for node in path_in(document.tree, offset):
        if node.start < offset < node.end:
            if isinstance(node, (ExprString, ExprIndString)):
                inside = True
            elif isinstance(node, Interpolation):
                inside = False
    return inside


def _in_interpolation(document: Document, finding: Diagnostic) -> Edit | None:
    """A comment right behind the `${` around a finding, if both are on the same line."""
    source = document.source
    for node in reversed(path_in(document.tree, finding.span.start)):
        if isinstance(node, Interpolation) and node.start < finding.span.start:
            if source.line_of(node.start) == source.line_of(finding.span.start):
                at = node.start + 2
                return Edit(Span(at, at), f" /* nixlint: ignore[{finding.rule}] */ ")
    return None


def ignore_in_file(document: Document, finding: Diagnostic) -> Edit | None:
    """The edit that lets a comment silence a rule in the whole file."""
    text = document.text
    directives, _ = read_directives(document.tree, document.source)
    for directive in directives:
        if directive.kind == FILE:
            return _joined(directive, finding.rule)
    at = 0
    if text.startswith("\ufeff"):
        at = 1
    if text.startswith("#!", at):
        found = text.find("\n", at)
        at = len(text) if found < 0 else found + 1
    comment = f"# nixlint: ignore-file[{finding.rule}]{_line_end(text)}"
    if at == len(text) and at and not text.endswith("\n"):
        comment = _line_end(text) + comment
    return Edit(Span(at, at), comment)


def _joined(directive: Directive, rule: str) -> Edit | None:
    """One more name in a comment that is there."""
    if any(name == rule for name, _ in directive.names):
        return None
    end = directive.names[-1][1].end if directive.names else directive.brackets.start
    return Edit(Span(end, end), f", {rule}" if directive.names else rule)


def _line_end(text: str) -> str:
    at = text.find("\n")
    return "\r\n" if at > 0 and text[at - 1] == "\r" else "\n"
