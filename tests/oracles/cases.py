"""The recorded verdicts of Nix 2.8 and of Nix 2026 on over a thousand small files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from nixlint.text.source import decode
from tests.oracles.normalise import canonical
from tests.oracles.verdict import Opinion

ROOT = Path(__file__).resolve().parents[2]
DIALECTS = {(2, 8): "Nix 2.8", (2, 36): "Nix 2026"}

END_OF_FILE_2_8 = "unexpected end of file"
"""Where 2.8 points at the last token that it read, and not at the end."""


def directory() -> Path | None:
    """`NIXLINT_CASES`, or `shared/cases` beside the repository; None if there is nothing."""
    named = os.environ.get("NIXLINT_CASES")
    path = Path(named) if named else ROOT.parent / "shared" / "cases"
    return path if (path / "verdicts.jsonl").is_file() else None


def load(cases: Path) -> list[dict[str, Any]]:
    """The records, one for each file."""
    with open(cases / "verdicts.jsonl", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def expectation(record: dict[str, Any], nix_version: tuple[int, int]) -> dict[str, Any]:
    """`kind`, `parse` or `error` and `pos`, of one version.

    A variable without definition is no concern of the parser.
    """
    if nix_version == (2, 8):
        kind = "ok" if record["syntax_ok"] else record["kind"]
        return {**record, "kind": kind}
    newest: dict[str, Any] = dict(record["nix2026"])
    if newest["ok"]:
        return {**newest, "kind": "ok"}
    message = newest["error"]
    if message.startswith("attribute '") and "already defined" in message:
        kind = "duplicate-attr"
    else:
        kind = "duplicate-formal" if message.startswith("duplicate formal") else "syntax"
    return {**newest, "kind": kind}


def compare(record: dict[str, Any], text: str, nix_version: tuple[int, int]) -> str:
    """What is wrong with nixlint's verdict on one case, or an empty string."""
    expected = expectation(record, nix_version)
    opinion = Opinion(text, nix_version)
    if opinion.kind != expected["kind"]:
        return f"is {opinion.kind} ({opinion.error}), not {expected['kind']}"
    if opinion.error is None:
        printed = opinion.printed("/base/dir", "/HOME")
        wanted = expected["parse"]
        if printed != wanted and canonical(printed) != canonical(wanted):
            return f"prints\n    {printed}\n  not\n    {wanted}"
        return ""
    line = expected["pos"]["line"]
    if nix_version == (2, 8) and END_OF_FILE_2_8 in expected["error"]:
        found = {expectation(record, (2, 36)).get("pos", {"line": line})["line"]}
        if opinion.lines != found and line not in opinion.lines:
            return f"error in line {opinion.lines}, not {found} ({opinion.error})"
        return ""
    if line not in opinion.lines:
        return f"error in line {opinion.lines}, not {line} ({opinion.error})"
    return ""


def run() -> int:
    """Compares all; prints what differs; returns the exit code."""
    cases = directory()
    if cases is None:
        print("SKIPPED: no recorded cases; set NIXLINT_CASES to their directory")
        return 0
    wrong = 0
    records = load(cases)
    for record in records:
        text = decode((cases / record["file"]).read_bytes())
        for nix_version, name in DIALECTS.items():
            complaint = compare(record, text, nix_version)
            if complaint:
                wrong += 1
                print(f"{record['file']} ({name}): {complaint}")
    print(f"{len(records)} files, {len(DIALECTS)} dialects, {wrong} differences")
    return 1 if wrong else 0
