"""Navigation over small projects, in `fixtures/lsp/`: what is expected stands beside the input."""

from __future__ import annotations

from pathlib import Path

import pytest

from nixlint.ide.document import Document
from nixlint.ide.model import Change, RefusedError
from nixlint.ide.navigation.calls import CallEdge, incoming, outgoing, prepare_calls
from nixlint.ide.navigation.definition import declaration, definition
from nixlint.ide.navigation.lenses import complete, lenses
from nixlint.ide.navigation.links import document_links
from nixlint.ide.navigation.moves import will_move
from nixlint.ide.navigation.options import implementation, type_definition
from nixlint.ide.navigation.references import references
from nixlint.ide.navigation.rename import prepare_rename, rename
from nixlint.ide.navigation.workspace import Workspace
from nixlint.ide.navigation.workspace_symbols import match, workspace_symbols
from tests.navigation_harness import FIXTURES, Case, Opened, cases
from tests.oracles.rename import check_file


def params(feature: str) -> list[object]:
    return [pytest.param(case, id=case.id) for case in cases(feature)]


def lines(rows: list[str]) -> str:
    return "".join(f"{row}\n" for row in rows)


@pytest.mark.parametrize("case", params("definition"))
def test_definition(case: Case, tmp_path: Path) -> None:
    opened = case.open(tmp_path)
    ask = declaration if case.asked().get("ask") == "declaration" else definition
    found = ask(opened.workspace, opened.document, opened.offset)
    assert lines([opened.shown(link.name) for link in found]) == case.expected
    for link in found:
        assert link.start <= opened.offset <= link.end


@pytest.mark.parametrize("case", params("options"))
def test_options(case: Case, tmp_path: Path) -> None:
    opened = case.open(tmp_path)
    asks = {"implementation": implementation, "type": type_definition}
    ask = asks[case.asked()["ask"]]
    found = ask(opened.workspace, opened.document, opened.offset)
    assert lines([opened.shown(link.name) for link in found]) == case.expected
    for link in found:
        assert link.start <= opened.offset <= link.end


@pytest.mark.parametrize("case", params("references"))
def test_references(case: Case, tmp_path: Path) -> None:
    opened = case.open(tmp_path)
    found = references(opened.workspace, opened.document, opened.offset, True)
    uses = references(opened.workspace, opened.document, opened.offset, False)
    rows = [("  " if place in uses else "* ") + opened.shown(place) for place in found]
    assert lines(rows) == case.expected


@pytest.mark.parametrize("case", params("rename"))
def test_rename(case: Case, tmp_path: Path) -> None:
    opened = case.open(tmp_path)
    new = case.asked()["new"]
    if case.refused is not None:
        with pytest.raises(RefusedError) as refused:
            rename(opened.workspace, opened.document, opened.offset, new)
        assert str(refused.value) == case.refused
        return
    prepared = prepare_rename(opened.workspace, opened.document, opened.offset)
    assert prepared is not None
    start, end, name = prepared
    assert start <= opened.offset <= end
    assert name in opened.document.text[start:end]
    change = rename(opened.workspace, opened.document, opened.offset, new)
    assert opened.changed(change) == case.after()


@pytest.mark.parametrize("case", params("moves"))
def test_moves(case: Case, tmp_path: Path) -> None:
    opened = case.open(tmp_path)
    root = opened.workspace.root
    moves: list[tuple[str, str]] = []
    for key, value in case.asked().items():
        if key.startswith("move"):
            old, _, new = value.partition(" -> ")
            moves.append((f"{root}/{old}", f"{root}/{new}"))
    change: Change = will_move(opened.workspace, moves)
    assert opened.changed(change) == case.after()


@pytest.mark.parametrize("case", params("links"))
def test_links(case: Case, tmp_path: Path) -> None:
    opened = case.open(tmp_path)
    text = opened.document.text
    rows = [
        f"{text[link.start : link.end]} -> {link.url or opened.name(link.path)}"
        for link in document_links(opened.workspace, opened.document)
    ]
    assert lines(rows) == case.expected


@pytest.mark.parametrize("case", params("symbols"))
def test_symbols(case: Case, tmp_path: Path) -> None:
    opened = case.open(tmp_path)
    found = workspace_symbols(opened.workspace, case.asked()["query"])
    rows = [f"{one.kind} {one.name} ({one.container}) {opened.shown(one.place)}" for one in found]
    assert lines(rows) == case.expected


@pytest.mark.parametrize("case", params("calls"))
def test_calls(case: Case, tmp_path: Path) -> None:
    opened = case.open(tmp_path)
    rows: list[str] = []
    for item in prepare_calls(opened.workspace, opened.document, opened.offset):
        rows.append(f"{item.kind} {item.name} ({item.detail})")
        rows += edges(opened, "<-", incoming(opened.workspace, item))
        rows += edges(opened, "->", outgoing(opened.workspace, item))
    assert lines(rows) == case.expected


def edges(opened: Opened, arrow: str, found: list[CallEdge]) -> list[str]:
    return [
        f"{arrow} {edge.item.kind} {edge.item.name}: "
        + ", ".join(opened.shown(place) for place in edge.places)
        for edge in found
    ]


@pytest.mark.parametrize("case", params("lenses"))
def test_lenses(case: Case, tmp_path: Path) -> None:
    opened = case.open(tmp_path)
    rows: list[str] = []
    for lens in lenses(opened.workspace, opened.document):
        if not lens.title:
            assert complete(opened.workspace, opened.document, lens)
        line = opened.document.source.line_of(lens.start) + 1
        rows.append(f"{line}: {lens.title}")
        rows += [f"    {opened.shown(place)}" for place in lens.places]
    assert lines(rows) == case.expected


def test_matching_prefers_what_stands_together() -> None:
    exact = match("nginx", "services.nginx")
    inside = match("nginx", "services.xnginxy")
    apart = match("ngx", "services.nginx")
    assert exact is not None and inside is not None and apart is not None
    assert exact > inside > apart
    assert match("zzz", "services.nginx") is None
    assert match("", "anything") == 0


def everything(opened: Opened, offset: int) -> None:
    """Asks all there is to ask at an offset."""
    workspace, document = opened.workspace, opened.document
    for link in definition(workspace, document, offset):
        assert 0 <= link.start <= link.end <= len(document.text)
    declaration(workspace, document, offset)
    for place in references(workspace, document, offset, True):
        other = workspace.document(place.path)
        assert other is not None
        assert 0 <= place.start <= place.end <= len(other.text)
    for item in prepare_calls(workspace, document, offset):
        incoming(workspace, item)
        outgoing(workspace, item)
    try:
        change = rename(workspace, document, offset, "fresh")
    except RefusedError as refused:
        assert str(refused).endswith(".")
    else:
        for path in change.edits:
            assert workspace.contains(path)


@pytest.mark.parametrize(
    "name",
    [
        "rename/option",
        "rename/attribute-across-import",
        "rename/formal-at-callers",
        "definition/input-argument",
        "definition/option-in-submodule",
        "calls/function",
    ],
)
def test_half_a_file_is_no_trouble(name: str, tmp_path: Path) -> None:
    opened = Case(FIXTURES / name).open(tmp_path)
    text = opened.document.text
    for cut in range(0, len(text), 9):
        for broken in (text[:cut], text[:cut] + text[cut + 4 :]):
            document = Document(opened.path, broken)
            workspace = opened.workspace.changed({opened.path: document})
            at = Opened(workspace, opened.path, min(cut, len(broken)))
            everything(at, at.offset)
            everything(at, len(broken) * 2 // 3)
            lenses(workspace, document)
            document_links(workspace, document)
            workspace_symbols(workspace, "o")


def test_a_file_without_a_project(tmp_path: Path) -> None:
    path = tmp_path / "a.nix"
    path.write_text("let x = 1; in x\n", "utf-8")
    document = Document(str(path), path.read_text("utf-8"))
    workspace = Workspace("", {document.path: document})
    (link,) = definition(workspace, document, 14)
    assert link.name.start == 4
    assert list(rename(workspace, document, 4, "y").edits) == [str(path)]
    assert workspace_symbols(workspace, "x") == []


def test_files_come_and_go(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    (root / "a.nix").write_text("import ./b.nix\n", "utf-8")
    workspace = Workspace(str(root))
    document = workspace.document(str(root / "a.nix"))
    assert document is not None
    assert definition(workspace, document, 9) == []
    (root / "b.nix").write_text("1\n", "utf-8")
    workspace.forget_files()
    (link,) = definition(workspace, document, 9)
    assert link.target.path == str(root / "b.nix")
    assert [place.path for place in references(workspace, document, 9, True)] == [document.path]
    (root / "b.nix").unlink()
    workspace.forget_files()
    assert definition(workspace, document, 9) == []


def test_renaming_in_fixtures_changes_nothing_else() -> None:
    done = 0
    for path in sorted((FIXTURES.parent / "semantic").rglob("*.nix")):
        counts, wrong = check_file((str(path), 6, 1, False))
        assert not wrong
        done += counts["renamed, fresh"]
    assert done > 50
