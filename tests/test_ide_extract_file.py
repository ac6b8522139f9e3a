"""Moving expressions into files: `fixtures/lsp/extract-file`.

A case is a text with the place (`⟨…⟩`), and what becomes of it: the text and the new file, the
reason why it is refused, or `not offered`. A case called `flake-…` is a flake.nix.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from nixlint.ide.changes.actions import actions_at, change_of
from nixlint.ide.changes.edits import apply_edits
from nixlint.ide.document import Document
from nixlint.ide.model import RefusedError
from nixlint.ide.refactor.to_file import TITLE
from tests.rule_harness import FIXTURES
from tests.test_ide_actions import marked

CASES = sorted((FIXTURES / "lsp" / "extract-file").iterdir())
TAKEN = "taken.nix"
"""A file that is there already."""


def outcome(folder: Path, name: str, before: str) -> str:
    """What becomes of a text, as cases write it."""
    (folder / TAKEN).write_text("1")
    text, start, end = marked(before)
    path = str(folder / ("flake.nix" if name.startswith("flake-") else "file.nix"))
    document = Document(path, text)
    offered = [one for one in actions_at(document, start, end, []) if one.title == TITLE]
    if not offered:
        return "--- not offered\n"
    (action,) = offered
    assert action.makes_file
    try:
        change = change_of(document, [], action.key, None)
    except RefusedError as refused:
        assert action.refused == str(refused)
        return f"--- refused\n{refused}\n"
    assert not action.refused and list(change.edits) == [path]
    ((new, content),) = change.files.items()
    after = apply_edits(text, change.edits[path])
    return f"--- after\n{after}--- file {Path(new).relative_to(folder)}\n{content}"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, tmp_path: Path) -> None:
    text = path.read_text("utf-8").removeprefix("--- before\n")
    before, mark, after = text.partition("--- ")
    assert outcome(tmp_path, path.stem, before) == mark + after


def test_a_text_without_a_file_stays_whole() -> None:
    text, start, end = marked("{ a }: { x = ⟨[ a ]⟩; }")
    titles = [one.title for one in actions_at(Document("", text), start, end, [])]
    assert TITLE not in titles


def test_a_key_that_makes_no_sense() -> None:
    document = Document("/project/file.nix", "{ a = 1; }")
    for key in ({}, {"start": 0, "end": "1"}, {"start": 2, "end": 3}, {"start": 900, "end": 950}):
        with pytest.raises(RefusedError):
            change_of(document, [], {"do": "extract-to-file", **key}, None)
