"""Signatures and hints: `fixtures/lsp/signature/`, `fixtures/lsp/hints/`."""

from __future__ import annotations

from nixlint.ide.hovering.hints import hints
from nixlint.ide.hovering.signature import signature
from tests.answers_harness import Case, cases, position


@cases("signature")
def test_signature(case: Case) -> None:
    found = signature(case.document, case.offset)
    if case.expected == "nothing":
        assert found is None
        return
    assert found is not None
    start, end = found.parameters[found.active]
    shown = f"{found.label}\nnow {found.label[start:end]}"
    if found.documentation:
        shown += f"\n{found.documentation}"
    assert shown == case.expected


@cases("hints")
def test_hints(case: Case) -> None:
    found = hints(case.document, 0, len(case.text), case.facts)
    shown = [f"{position(case.document, each.offset)} {each.label}" for each in found]
    assert ("\n".join(shown) or "nothing") == case.expected


@cases("hints")
def test_only_hints_in_the_range_are_given(case: Case) -> None:
    every = hints(case.document, 0, len(case.text), case.facts)
    for each in every:
        found = hints(case.document, each.offset, each.offset, case.facts)
        assert each.label in [other.label for other in found]


@cases("hints")
def test_an_edited_file_has_no_hints_from_old_facts(case: Case) -> None:
    case.facts.hashes[case.document.path] = 0
    found = hints(case.document, 0, len(case.text), case.facts)
    assert not [each for each in found if each.label.startswith("overridden")]
