"""flake.lock and the JSON reader: positions, follows paths, and files that people broke.

`fixtures/flakes/locks/NAME.json` is a lock; `NAME.txt` beside it says what is found: the usable
flag, each problem with its place (line and column from 1), then each node with what its inputs
lead to.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixlint.project.lock.flake_lock import FlakeLock, is_locked, read_lock
from nixlint.project.lock.json_text import MAX_DEPTH, JsonValue, read_json
from nixlint.text.source import Source, decode

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures/flakes/locks"
LOCKS = sorted(FIXTURES.glob("*.json"))
FEATURES = ["--extra-experimental-features", "nix-command flakes"]


def describe(lock: FlakeLock) -> str:
    """What the fixtures record of a lock."""
    source = Source(lock.path, lock.text)

    def at(offset: int) -> str:
        line, column = source.position(offset)
        return f"{line + 1}:{column + 1}"

    version = "?" if lock.version is None else str(lock.version)
    lines = [f"version {version}, {'usable' if lock.usable else 'refused'}"]
    for problem in lock.problems:
        span = f"{at(problem.span.start)}-{at(problem.span.end)}"
        fatal = "" if problem.fatal else " (not fatal)"
        lines.append(f"{span} {problem.kind}{fatal}: {problem.message}")
        for note in problem.notes:
            place = f"{at(note.span.start)} " if note.span is not None else ""
            lines.append(f"    {place}{note.message}")
    reachable = lock.reachable()
    for key, node in lock.nodes.items():
        marks = [] if key in reachable else ["unreachable"]
        marks += [] if node.is_flake else ["no flake"]
        marks += [] if node.parent is None else [f"parent {node.parent}"]
        marks += ["locked"] if node.is_locked else []
        path = lock.path_to(key)
        shown = "" if path is None else "/".join(path)
        lines.append(f"node {key} at {at(node.key_span.start)} /{shown} {' '.join(marks)}".rstrip())
        for name, edge in node.inputs.items():
            target = edge.target if isinstance(edge.target, str) else f"[{'/'.join(edge.target)}]"
            lines.append(f"    {name} = {target} -> {lock.target(key, name)}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_fixtures(path: Path, request: pytest.FixtureRequest) -> None:
    found = describe(read_lock(decode(path.read_bytes()), path.name))
    expected = path.with_suffix(".txt")
    if request.config.getoption("--update"):
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")


def judged_by_nix(path: Path) -> bool:
    """Whether Nix 2.8 can judge a lock: it sees no missing target of a follows path until it needs
    it, and never returns from a circle; where it differs otherwise the fixture's name says so.
    """
    lock = read_lock(decode(path.read_bytes()), path.name)
    kinds = {problem.kind for problem in lock.problems if problem.fatal}
    return not kinds & {"follows-missing", "follows-cycle"} and not path.stem.endswith("-2.8")


JUDGED = [path for path in LOCKS if judged_by_nix(path)]


@pytest.mark.nix
@pytest.mark.parametrize("path", JUDGED, ids=lambda path: path.stem)
def test_nix_refuses_the_same(path: Path, tmp_path: Path) -> None:
    """Nix reads a lock if and only if we call it usable."""
    lock = read_lock(decode(path.read_bytes()), path.name)
    (tmp_path / "flake.lock").write_bytes(path.read_bytes())
    (tmp_path / "flake.nix").write_text("{ outputs = _: { }; }")
    done = subprocess.run(
        ["nix", *FEATURES, "flake", "metadata", "--offline", f"path:{tmp_path}"],
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode == 0) == lock.usable, done.stderr


def test_positions() -> None:
    text = """{"nodes": {"a": {"locked": {"rev": "x", "type": "git"}, "original": {"type": "git"}},
      "root": {"inputs": {"b": "a", "c": ["b"]}}}, "root": "root", "version": 7}"""
    lock = read_lock(text, "flake.lock")
    node = lock.nodes["a"]
    span = node.span_of("locked", "rev")
    assert text[span.start : span.end] == '"x"'
    span = node.name_span_of("locked", "rev")
    assert text[span.start : span.end] == '"rev"'
    assert node.span_of("locked", "ref") == node.key_span
    assert text[node.key_span.start : node.key_span.end] == '"a"'
    edge = lock.nodes["root"].inputs["c"]
    assert text[edge.span.start : edge.span.end] == '["b"]'
    assert text[edge.name_span.start : edge.name_span.end] == '"c"'
    assert edge.follows == ["b"]
    span = lock.span_of("version")
    assert text[span.start : span.end] == "7"
    assert lock.resolve([]) == "root"
    assert lock.resolve(["c"]) == "a"
    assert lock.resolve(["c", "d"]) is None
    assert lock.target("root", "nothing") is None
    assert lock.target("nothing", "b") is None
    assert lock.usable


def resolve_like_nix(lock: FlakeLock, path: tuple[str, ...], active: frozenset[Any]) -> str | None:
    """The resolution as Nix writes it down: recursive, and nothing remembered."""
    if path in active:
        return None
    at = lock.root
    for name in path:
        edge = lock.nodes[at].inputs.get(name) if at in lock.nodes else None
        if edge is None:
            return None
        target = edge.target
        if isinstance(target, list):
            found = resolve_like_nix(lock, tuple(target), active | {path})
            if found is None:
                return None
            target = found
        at = target
    return at if at in lock.nodes else None


EDGE = st.sampled_from(["n0", "n1", "n2", "n3"]) | st.lists(st.sampled_from("abc"), max_size=3)
INPUTS = st.dictionaries(st.sampled_from("abc"), EDGE, max_size=3)


@given(st.lists(INPUTS, min_size=4, max_size=4), st.data())
def test_follows_paths(inputs: list[dict[str, Any]], data: st.DataObject) -> None:
    """Any graph of follows paths resolves as with Nix's own definition, in any order of asking."""
    nodes = {f"n{number}": {"inputs": edges} for number, edges in enumerate(inputs)}
    lock = read_lock(json.dumps({"nodes": nodes, "root": "n0", "version": 7}), "flake.lock")
    for _ in range(5):
        path = data.draw(st.lists(st.sampled_from("abc"), max_size=4))
        assert lock.resolve(path) == resolve_like_nix(lock, tuple(path), frozenset())
    kinds = {problem.kind for problem in lock.problems}
    dangling = [
        edge
        for key in lock.reachable()
        for edge in lock.nodes[key].inputs.values()
        if edge.follows is not None and lock.resolve(edge.follows) is None
    ]
    assert bool(dangling) == bool(kinds & {"follows-missing", "follows-cycle"})


def test_what_is_locked() -> None:
    rev = "0123456789012345678901234567890123456789"
    assert is_locked({"type": "github", "rev": rev})
    assert not is_locked({"type": "github", "narHash": "sha256-x"})
    assert not is_locked({"type": "git", "rev": "0" * 40})
    assert is_locked({"type": "tarball", "narHash": "sha256-x"})
    assert not is_locked({"type": "path", "path": "/a"})
    assert is_locked({"type": "path", "path": "./a"})
    assert not is_locked({"type": "indirect", "id": "nixpkgs"})


def plain(value: JsonValue) -> Any:
    """A value as Python's own reader has it."""
    if value.kind == "object":
        return {key: plain(member.value) for key, member in value.members.items()}
    if value.kind == "array":
        return [plain(item) for item in value.items]
    return value.scalar


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(JSON, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_reads_as_python_does(value: Any, indent: int | str | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    document = read_json(text)
    assert document.errors == []
    assert document.value is not None
    assert plain(document.value) == value
    check_places(document.value, text)


def check_places(value: JsonValue, text: str) -> None:
    """Every span holds the text of exactly its value."""
    piece = text[value.start : value.end]
    assert json.loads(piece) == plain(value)
    for member in value.members.values():
        assert json.loads(text[member.key_start : member.key_end]) == member.key
        check_places(member.value, text)
    for item in value.items:
        check_places(item, text)


@given(st.text(max_size=40) | st.text('{}[],:"\\u0e+-.1truefalsnl <>=|\n', max_size=40))
def test_accepts_what_python_accepts(text: str) -> None:
    document = read_json(text)
    fatal = [error for error in document.errors if error.kind != "duplicate"]
    for error in document.errors:
        assert 0 <= error.span.start <= error.span.end <= len(text)
    try:
        expected = json.loads(text)
    except ValueError:
        assert fatal
        return
    if any(word in text for word in ("NaN", "Infinity", "<<<<<<<")) or "\\ud" in text.lower():
        return
    assert not fatal or "\ud800" <= max(text) <= "\udfff"
    assert document.value is not None
    if not fatal:
        assert plain(document.value) == expected


@given(st.data())
def test_any_damage_is_survived(data: st.DataObject) -> None:
    """Cut, doubled or replaced at any place: a lock, or problems, but never an exception."""
    text = (FIXTURES / "follows.json").read_text(encoding="utf-8")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    text = text[:start] + data.draw(st.text('{}[],:"a7\\ \n', max_size=5)) + text[end:]
    lock = read_lock(text, "flake.lock")
    describe(lock)
    try:
        json.loads(text)
    except ValueError:
        assert not lock.usable
        assert lock.problems


def test_deep_nesting_is_bounded() -> None:
    document = read_json("[" * 1_000_000)
    assert [error.message for error in document.errors] == [f"nested more than {MAX_DEPTH} deep"]
    assert read_json("[" * MAX_DEPTH + "]" * MAX_DEPTH).errors == []
    assert not read_lock('{"a":' * 200_000, "flake.lock").usable


def large_lock(count: int) -> str:
    nodes: dict[str, Any] = {"root": {"inputs": {f"i{n}": f"i{n}" for n in range(count)}}}
    for n in range(count):
        attrs = {"type": "github", "owner": "owner", "repo": f"repo{n}", "rev": "0" * 39 + "1"}
        target = [f"i{n - 1}", "next"] if n else ["i0"]
        nodes[f"i{n}"] = {"inputs": {"next": target}, "locked": attrs, "original": attrs}
    return json.dumps({"nodes": nodes, "root": "root", "version": 7}, indent=2)


def test_many_inputs() -> None:
    """10,000 inputs, each following the follows path of the one before."""
    lock = read_lock(large_lock(10_000), "flake.lock")
    assert lock.problems == []
    assert lock.resolve(["i9999", "next"]) == "i0"


def test_a_long_circle() -> None:
    count = 5_000
    inputs = {f"i{n}": [f"i{(n + 1) % count}"] for n in range(count)}
    lock = read_lock(
        json.dumps({"nodes": {"root": {"inputs": inputs}}, "root": "root", "version": 7}), "x"
    )
    assert [problem.kind for problem in lock.problems] == ["follows-cycle"]
    assert len(lock.problems[0].message) < 300


@pytest.mark.timing
def test_time_is_linear() -> None:
    """Four times the text takes about four times as long, whatever it holds."""

    def cost(text: str) -> float:
        start = time.process_time()
        read_lock(text, "flake.lock")
        return time.process_time() - start

    shapes = [
        (large_lock(2_000), large_lock(8_000)),
        (large_lock(2_000)[:-3], large_lock(8_000)[:-3]),
        ('["' + "a" * 500_000, '["' + "a" * 2_000_000),
        ('["' + "\\n" * 250_000, '["' + "\\n" * 1_000_000),
        ("<<<<<<< a\n" * 20_000, "<<<<<<< a\n" * 80_000),
        ("[1 " * 50_000, "[1 " * 200_000),
        (" " * 500_000 + "x", " " * 2_000_000 + "x"),
        ("[" + " " * 500_000 + "1 2", "[" + " " * 2_000_000 + "1 2"),
    ]
    for small, large in shapes:
        few = min(cost(small) for _ in range(2))
        assert cost(large) < 12 * few + 0.1
