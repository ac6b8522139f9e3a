"""What is shown about a word: `fixtures/lsp/hover/`."""

from __future__ import annotations

from nixlint.ide.document import Document
from nixlint.ide.hovering.hover import hover
from tests.answers_harness import Case, cases


@cases("hover")
def test_hover(case: Case) -> None:
    found = hover(case.document, case.offset, case.facts)
    if case.expected == "nothing":
        assert found is None
        return
    assert found is not None
    about = case.text[found.start : found.end]
    assert f"about {about}\n\n{found.markdown}" == case.expected
    assert found.start <= case.offset <= found.end


@cases("hover")
def test_without_facts_nothing_is_invented(case: Case) -> None:
    found = hover(Document(case.document.path, case.text), case.offset, None)
    assert found is None or "Defined in" not in found.markdown
