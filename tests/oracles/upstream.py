"""Nix's own tests of its language, from a checkout of its sources."""

from __future__ import annotations

import re
from pathlib import Path

from nixlint.text.source import decode
from tests.oracles.corpus import NEWEST
from tests.oracles.normalise import canonical
from tests.oracles.verdict import Opinion

FOLDER = Path("tests/functional/lang")
_POSITION = re.compile(r"^\s*at (?:«stdin»|/pwd/lang/[^:]*):(\d+):(\d+):", re.MULTILINE)
_UNDEFINED = "undefined variable"
_PARSING = (
    "syntax error",
    "dynamic attributes not allowed",
    "path has a trailing slash",
    "because it contains null bytes",
)
"""Messages of `eval-fail-*` tests that come from the parser."""


def find(directory: Path) -> Path | None:
    """The folder with the tests in a checkout, or the directory itself."""
    for path in (directory / FOLDER, directory / "tests/lang", directory):
        if any(path.glob("parse-okay-*.nix")):
            return path
    return None


def check(path: Path) -> str:
    """What nixlint gets wrong about one test, or an empty string."""
    opinion = Opinion(decode(path.read_bytes()), NEWEST)
    name = path.name
    if name.startswith("parse-fail") or (name.startswith("eval-fail") and fails_early(path)):
        return check_failure(path, opinion)
    if opinion.error is not None:
        return f"refused: {opinion.error}"
    expected = path.with_suffix(".exp")
    if name.startswith("parse-okay") and expected.exists():
        return compare_print(opinion, decode(expected.read_bytes()).rstrip("\n"))
    return ""


def compare_print(opinion: Opinion, wanted: str) -> str:
    """The recorded line; its directory stands for the one that was current."""
    printed = opinion.printed("/pwd", "/fake-home")
    if canonical(printed) == canonical(wanted):
        return ""
    return f"prints\n    {printed}\n  not\n    {wanted}"


def fails_early(path: Path) -> bool:
    """Whether a test of evaluation already fails to parse."""
    recorded = path.with_suffix(".err.exp")
    message = decode(recorded.read_bytes()) if recorded.exists() else ""
    return "while calling" not in message and any(part in message for part in _PARSING)


def check_failure(path: Path, opinion: Opinion) -> str:
    recorded = path.with_suffix(".err.exp")
    message = decode(recorded.read_bytes()) if recorded.exists() else ""
    if _UNDEFINED in message:
        return "" if opinion.error is None else f"refused: {opinion.error}"
    if opinion.error is None:
        return f"accepted, but Nix says {message.strip()!r}"
    found = _POSITION.search(message)
    if found is not None and int(found[1]) not in opinion.lines:
        return f"error in line {sorted(opinion.lines)}, not {found[1]} ({opinion.error})"
    return ""


def run(arguments: list[str]) -> int:
    """Checks that they parse or fail as recorded, and what they print; returns the exit code."""
    directory = find(Path(arguments[0])) if arguments else None
    if directory is None:
        print("SKIPPED: name a checkout of Nix's sources")
        return 0
    wrong = 0
    total = 0
    for pattern in ("parse-okay-*.nix", "parse-fail-*.nix", "eval-okay-*.nix", "eval-fail-*.nix"):
        paths = sorted(directory.glob(pattern))
        total += len(paths)
        bad = 0
        for path in paths:
            complaint = check(path)
            if complaint:
                bad += 1
                print(f"{path.name}: {complaint}")
        print(f"{pattern}: {len(paths)} files, {bad} differences")
        wrong += bad
    print(f"{total} files, {wrong} differences")
    return 1 if wrong else 0
