"""Every format, on findings that are data: `fixtures/reports/X.json`, in the JSON contract itself.

`X.nix` is the text they are about, `X.full` and so on is what each reporter prints.
`pytest tests/test_reports.py --update` rewrites the printed ones; read the difference.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from nixlint.analysis.outcome import UNREADABLE, FileOutcome, Problem, pack, unpack
from nixlint.diagnostics.model import Diagnostic, Edit, Fix, Note
from nixlint.report.base import Options, Totals
from nixlint.report.formats import FORMATS, make_reporter
from nixlint.text.source import Source, decode
from nixlint.text.span import Span

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "reports"
CASES = sorted(path.stem for path in FIXTURES.glob("*.nix"))
SCHEMA = json.loads((FIXTURES / "sarif.schema.json").read_text())
OFFICIAL_SCHEMA = os.environ.get("NIXLINT_SARIF_SCHEMA")
"""The path of the schema OASIS publishes, where someone has it."""


def span_of(source: Source, place: dict[str, Any]) -> Span:
    start, end = place["start"], place["end"]
    return Span(
        source.offset_of(start["line"] - 1, start["column"] - 1),
        source.offset_of(end["line"] - 1, end["column"] - 1),
    )


def outcome_of(name: str) -> FileOutcome:
    """The case, read back from the contract."""
    outcome = FileOutcome(f"{name}.nix")
    source = Source(outcome.path, decode((FIXTURES / f"{name}.nix").read_bytes()))
    outcome.checked = True
    outcome.source = source
    for item in json.loads((FIXTURES / f"{name}.json").read_text())["diagnostics"]:
        notes = []
        for note in item["notes"]:
            place = span_of(source, note["range"]) if note["range"] is not None else None
            if note["path"] not in (None, outcome.path):
                place = Span(0, 1)
            path = note["path"] if note["path"] != outcome.path else None
            notes.append(Note(note["message"], place, path))
        fix = None
        if item["fix"] is not None:
            edits = [Edit(span_of(source, e["range"]), e["text"]) for e in item["fix"]["edits"]]
            fix = Fix(item["fix"]["title"], edits, item["fix"]["applicability"])
        span = span_of(source, item["range"])
        found = Diagnostic(item["rule"], item["severity"], item["message"], span, notes, fix)
        outcome.diagnostics.append(found)
    return outcome


def report(
    form: str, *outcomes: FileOutcome, problems: list[Problem] | None = None, **options: bool
) -> str:
    """What a reporter prints about these files."""
    pieces: list[str] = []
    reporter = make_reporter(form, Options(**options), pieces.append)
    totals = Totals()
    totals.problems.extend(problems or [])
    for outcome in outcomes:
        totals.add(outcome)
        reporter.add(outcome)
    reporter.finish(totals)
    return "".join(pieces)


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "sarif"])
@pytest.mark.parametrize("name", CASES)
def test_snapshot(
    name: str, form: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    text = report(form, outcome_of(name))
    path = FIXTURES / f"{name}.{form}"
    if form != "json" and request.config.getoption("--update"):
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode()
    if form in ("full", "concise"):
        assert [line for line in text.split("\n") if line != line.rstrip()] == []
        assert "\x1b" not in text and "\r" not in text and "\0" not in text


@pytest.mark.parametrize("name", CASES)
def test_outcomes_survive_the_way_between_processes(name: str) -> None:
    outcome = outcome_of(name)
    again = unpack(pack(outcome))
    assert report("json", again) == report("json", outcome)
    assert report("full", again) == report("full", outcome)


def test_full_in_color(request: pytest.FixtureRequest) -> None:
    text = report("full", outcome_of("notes"), outcome_of("one-finding"), color=True)
    path = FIXTURES / "notes.color"
    if request.config.getoption("--update"):
        path.write_text(text)
    assert text == path.read_text()
    plain = report("full", outcome_of("notes"), outcome_of("one-finding"))
    assert re.sub(r"\x1b\[[0-9;]*m", "", text) == plain


def test_full_with_links() -> None:
    text = report("full", outcome_of("one-finding"), hyperlinks=True)
    assert re.search(r"error\[\x1b]8;;https://\S+expected-token\S*\x1b\\expected-token\x1b", text)


@pytest.mark.parametrize(
    ("names", "unsafe", "expected"),
    [
        (["clean"], False, "No problems in 1 file"),
        (["clean", "clean"], False, "No problems in 2 files"),
        ([], False, ""),
        (["notes"], False, "Found 1 problem (1 error) in 1 file"),
        (
            ["several-lines"],
            False,
            "Found 2 problems (1 warning, 1 hint) in 1 file; 1 can be fixed with --fix",
        ),
        (
            ["one-finding"],
            False,
            "Found 1 problem (1 error) in 1 file; 1 can be fixed with --fix --unsafe-fixes",
        ),
        (
            ["one-finding", "crlf"],
            False,
            "Found 4 problems (2 errors, 2 warnings) in 2 files; 1 can be fixed with --fix, "
            "1 more with --fix --unsafe-fixes",
        ),
        (
            ["one-finding", "crlf"],
            True,
            "Found 4 problems (2 errors, 2 warnings) in 2 files; "
            "2 can be fixed with --fix --unsafe-fixes",
        ),
    ],
)
def test_summary(names: list[str], unsafe: bool, expected: str) -> None:
    outcomes = [outcome_of(name) for name in names]
    text = report("full", *outcomes, unsafe_fixes=unsafe)
    assert text.rstrip("\n").split("\n")[-1] == expected
    assert "Found" not in report("full", *outcomes, quiet=True)


def test_summary_after_fixing() -> None:
    outcome = outcome_of("clean")
    outcome.fixed = {"unused-with": 2, "unused-rec": 1}
    assert report("full", outcome) == "Fixed 3 problems in 1 file\n"


def test_json_is_one_object_whatever_the_number_of_files() -> None:
    assert json.loads(report("json")) == {"version": 1, "diagnostics": []}
    both = json.loads(report("json", outcome_of("notes"), outcome_of("one-finding")))
    assert [item["path"] for item in both["diagnostics"]] == ["notes.nix", "one-finding.nix"]
    assert report("json", outcome_of("odd-characters")).isascii()


def test_json_ranges_count_code_points_from_one() -> None:
    found = json.loads(report("json", outcome_of("wide-and-tabs")))["diagnostics"]
    assert found[2]["range"] == {
        "start": {"line": 3, "column": 8},
        "end": {"line": 3, "column": 13},
    }


def test_json_drops_a_fix_it_cannot_express() -> None:
    outcome = outcome_of("clean")
    fix = Fix("Write a byte", [Edit(Span(0, 1), "\udcff")], "safe")
    outcome.diagnostics = [Diagnostic("x", "error", "\udcff", Span(0, 1), None, fix)]
    item = json.loads(report("json", outcome))["diagnostics"][0]
    assert item["fix"] is None
    assert item["message"] == "\N{REPLACEMENT CHARACTER}"


def sarif(*outcomes: FileOutcome, problems: list[Problem] | None = None) -> dict[str, Any]:
    """The log, valid by our schema and, where it is at hand, by the official one."""
    log = json.loads(report("sarif", *outcomes, problems=problems))
    jsonschema.Draft202012Validator(SCHEMA).validate(log)
    if OFFICIAL_SCHEMA:
        jsonschema.Draft4Validator(json.loads(Path(OFFICIAL_SCHEMA).read_text())).validate(log)
    assert isinstance(log, dict)
    return log


@pytest.mark.parametrize("name", CASES)
def test_sarif_snapshot(name: str, request: pytest.FixtureRequest) -> None:
    run = sarif(outcome_of(name))["runs"][0]
    assert run["columnKind"] == "unicodeCodePoints"
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    # The rules' own texts are their authors' business.
    text = json.dumps(run["results"], indent=1) + "\n"
    path = FIXTURES / f"{name}.sarif"
    if request.config.getoption("--update"):
        path.write_text(text)
    assert text == path.read_text()


def test_sarif_rules_explain_themselves() -> None:
    rules = sarif(outcome_of("one-finding"))["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["expected-token"]
    assert rules[0]["name"] == "ExpectedToken"
    assert "## Example" in rules[0]["help"]["markdown"]
    assert rules[0]["defaultConfiguration"] == {"level": "error", "enabled": True}


def test_sarif_fingerprints() -> None:
    """They survive a move to another line, and differ for equal lines."""
    first = outcome_of("github-escapes")
    moved = outcome_of("github-escapes")
    assert moved.source is not None
    moved.source = Source(moved.path, "\n\n" + moved.source.text)
    moved.diagnostics[0].span = Span(8, 9)
    moved.diagnostics[0].fix = None

    def prints(*outcomes: FileOutcome) -> list[str]:
        results = sarif(*outcomes)["runs"][0]["results"]
        return [result["partialFingerprints"]["primaryLocationLineHash"] for result in results]

    assert prints(first) == prints(moved)
    assert len(set(prints(first, first))) == 2


def test_sarif_tells_about_problems() -> None:
    problems = [Problem(UNREADABLE, "a.nix", "cannot read it")]
    invocation = sarif(problems=problems)["runs"][0]["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"] == [
        {"level": "error", "message": {"text": "a.nix: cannot read it"}}
    ]


def test_sarif_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def artifact(path: str) -> Any:
        outcome = FileOutcome(path)
        outcome.source = Source(path, "x\n")
        outcome.diagnostics = [Diagnostic("expected-token", "error", "m", Span(0, 1))]
        result = sarif(outcome)["runs"][0]["results"][0]
        return result["locations"][0]["physicalLocation"]["artifactLocation"]

    assert artifact("a b/ü%.nix") == {"uri": "a%20b/%C3%BC%25.nix", "uriBaseId": "%SRCROOT%"}
    assert artifact(f"{tmp_path}/x.nix") == {"uri": "x.nix", "uriBaseId": "%SRCROOT%"}
    assert artifact("/other/x.nix") == {"uri": "file:///other/x.nix"}
    assert artifact("b\udcff.nix")["uri"] == "b%FF.nix"


def test_github_paths_are_relative_to_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    assert "file=sub/github-escapes.nix," in report("github", outcome_of("github-escapes"))


def test_a_note_in_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("other.nix").write_text("{ b = 1; }\n")
    outcome = outcome_of("clean")
    notes = [Note("also here", Span(2, 3), "other.nix")]
    outcome.diagnostics = [Diagnostic("expected-token", "error", "m", Span(2, 3), notes)]
    frame = "note: also here\n --> other.nix:1:3\n  |\n1 | { b = 1; }\n  |   -\n"
    assert frame in report("full", outcome)
    note = json.loads(report("json", outcome))["diagnostics"][0]["notes"][0]
    assert note["path"] == "other.nix"
    assert note["range"]["start"] == {"line": 1, "column": 3}


def test_the_documented_json_is_what_is_printed() -> None:
    text = (FIXTURES.parent.parent / "docs" / "json.md").read_text()
    documented = json.loads(text.split("```json\n")[1].split("```")[0])
    outcome = outcome_of("one-finding")
    outcome.diagnostics[0].notes = [Note("the binding starts here", Span(4, 12))]
    printed = json.loads(report("json", outcome))
    documented["diagnostics"][0]["path"] = "one-finding.nix"
    documented["diagnostics"][0]["notes"][0]["path"] = "one-finding.nix"
    assert printed == documented
