"""Real flakes, broken on purpose: is every mistake found, and at the right place?

A mutant is one change to a flake.nix that parses and about whose metadata nothing is wrong.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from nixlint.analysis.check_file import check_text
from nixlint.analysis.config import NEWEST_NIX
from nixlint.project.flake.file import FlakeFile, read_flake_file
from nixlint.syntax.parser import parse
from nixlint.text.source import decode
from nixlint.text.span import Span
from tests.rule_harness import rules_with

INPUTS_OF_EACH = 3


class Mutant:
    """A broken text, the rule that must find it, and where the finding must begin."""

    def __init__(self, kind: str, text: str, rule: str, start: int) -> None:
        self.kind = kind
        self.text = text
        self.rule = rule
        self.start = start


def replaced(text: str, span: Span, new: str) -> str:
    return text[: span.start] + new + text[span.end :]


def mutants(file: FlakeFile) -> list[Mutant]:
    """All mutants of a flake."""
    out: list[Mutant] = []
    text = file.tree.text
    root = file.root
    if root is None or file.problems or not file.complete:
        return out

    def add(kind: str, span: Span, new: str, rule: str, start: int | None = None) -> None:
        at = span.start if start is None else start
        out.append(Mutant(kind, replaced(text, span, new), rule, at))

    before = Span(root.start, root.start)
    add("a `let` around the flake", before, "let x = 1; in ", "flake-not-attrset")
    if file.outputs_span is not None and file.outputs is not None:
        add("`output`", file.outputs_span, "output", "flake-unsupported-attribute")
        before = Span(file.outputs.start, file.outputs.start)
        add("a `let` before the function", before, "let y = 1; in ", "flake-missing-outputs")
    for found in file.declared()[:INPUTS_OF_EACH]:
        url = found.url_span
        if url is None or found.url_is_path:
            continue
        whole = text[url.start : url.end]
        add("a computed url", url, whole + ' + ""', "flake-non-literal-metadata", url.start)
        add("a url without repository", url, '"github:x"', "invalid-flake-reference", url.start + 1)
        add("a list as url", url, "[ 1 ]", "flake-invalid-input-attribute")
        here = Span(url.end, url.end)
        if len(found.bindings) == 1 and text[found.span.start : found.span.end].count("\n") > 0:
            extra = '; inner.url = "github:o/inner"'
            rule = "flake-invalid-input-attribute"
            add("an input in an input", here, extra, rule, url.end + 2)
        formals = file.outputs_lambda.arg.formals if file.outputs_lambda is not None else None
        for formal in formals.items if formals is not None else []:
            if file.tree.text_of(formal.name) == found.name and len(found.bindings) == 1:
                start = formal.start - (found.span.end - found.span.start)
                start = start if formal.start > found.span.start else formal.start
                add("an input not declared", found.span, "", "implicit-flake-input", start)
    formals = file.outputs_lambda.arg.formals if file.outputs_lambda is not None else None
    if formals is not None and not formals.ellipsis:
        for formal in formals.items:
            if file.tree.text_of(formal.name) == "self":
                behind = re.compile(r"\s*,").match(text, formal.end)
                end = formal.end if behind is None else behind.end()
                rule = "flake-outputs-missing-argument"
                add("no `self`", Span(formal.start, end), "", rule, formals.start)
    return out


def is_found(mutant: Mutant) -> bool:
    """Whether the rule reports it at that place."""
    checked = check_text("flake.nix", mutant.text, rules_with(), NEWEST_NIX)
    return any(
        found.rule == mutant.rule and found.span.start == mutant.start
        for found in checked.diagnostics
    )


def run(directories: list[str]) -> int:
    """Breaks all flake.nix files in some directories; 0 if every mistake is found."""
    total: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for directory in directories:
        for path in sorted(Path(directory).rglob("flake.nix")):
            tree = parse(decode(path.read_bytes()))
            if tree.errors:
                continue
            for mutant in mutants(read_flake_file(tree, str(path))):
                total[mutant.kind] += 1
                if not is_found(mutant):
                    missed[mutant.kind] += 1
                    print(f"{path}: not found: {mutant.kind}")
    for kind, count in total.items():
        print(f"{count - missed[kind]:5} of {count:5}  {kind}")
    print(f"{total.total() - missed.total()} of {total.total()} found")
    return 1 if missed else 0
