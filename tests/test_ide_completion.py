"""What is proposed: `fixtures/lsp/completion/`.

Lines of the expectation:

    replaces WORD              the text that every proposal replaces; nothing: an empty text
    has LABEL …                these are proposed
    lacks LABEL …              these are not
    only LABEL …               these are, in this order, and no others
    before LABEL LABEL …       the order of these
    text LABEL: TEXT           what is inserted, \\n for a line end
    nothing                    no proposals at all

With `snippets` as the first line the editor knows placeholders.
"""

from __future__ import annotations

import pytest

from nixlint.ide.completion.completion import complete, documentation
from nixlint.ide.document import Document
from nixlint.ide.model import Completion
from tests.answers_harness import Case, cases


def proposed(case: Case) -> list[Completion]:
    snippets = case.expected.startswith("snippets")
    found, _ = complete(case.document, case.offset, case.facts, snippets)
    return sorted(found, key=lambda each: (each.order, each.label))


@cases("completion")
def test_completion(case: Case) -> None:
    found = proposed(case)
    labels = [each.label for each in found]
    for line in case.expected.splitlines():
        word, _, rest = line.partition(" ")
        names = rest.split()
        if word == "replaces":
            assert {case.text[each.start : each.end] for each in found} == {rest}
        elif word == "has":
            assert [name for name in names if name not in labels] == []
        elif word == "lacks":
            assert [name for name in names if name in labels] == []
        elif word == "only":
            assert labels == names
        elif word == "before":
            assert [label for label in labels if label in names] == names
        elif word == "text":
            label, _, text = rest.partition(": ")
            texts = {each.label: each.text for each in found}
            assert texts[label].replace("\n", "\\n") == text
        elif word == "nothing":
            assert labels == []
        else:
            assert word == "snippets", f"{case.path}: what is `{line}`?"


@cases("completion")
def test_what_is_replaced_ends_at_the_cursor(case: Case) -> None:
    for each in proposed(case):
        assert each.start <= each.end == case.offset
        assert "\n" not in case.text[each.start : each.end]


@cases("completion")
def test_labels_are_proposed_once(case: Case) -> None:
    labels = [each.label for each in proposed(case)]
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize(
    ("data", "part"),
    [
        ("lib:mkIf", "lib.mkIf condition content"),
        ("lib:strings.hasPrefix", "begins with"),
        ("builtin:map", "map function list"),
        ("option:services.web.enable", "Whether to serve pages."),
        ("input:nixpkgs", "2026-01-31"),
        ("rule:unused-with", "What it does"),
        ("package::hello", "Version: `2.12.1`"),
        ("package:nixpkgs:python3Packages\nrequests", "HTTP library"),
    ],
)
def test_documentation_is_found_later(data: str, part: str) -> None:
    from tests.answers_harness import facts_for

    assert part in documentation(data, facts_for(Document("/project/a.nix", "")))


@pytest.mark.parametrize(
    "data",
    ["", "lib:nope", "option:nope", "builtin:", "rule:x", "odd", "package::", "package:x:hello"],
)
def test_unknown_documentation_is_empty(data: str) -> None:
    from tests.answers_harness import facts_for

    assert documentation(data, facts_for(Document("/project/a.nix", ""))) == ""
