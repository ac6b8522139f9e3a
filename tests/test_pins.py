"""Pins of npins, of niv and in code.

`fixtures/flakes/pins/*sources.json` and `*.nix` are read; what is found stands beside them, in a
file whose name ends in `.txt`: the problems, and for each pin what is known of it, with the text
of the places.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixlint.project.lock.pins import Pin, PinFile, read_pins
from nixlint.project.lock.pins_in_code import pins_in_code
from nixlint.syntax.parser import parse
from nixlint.text.source import Source, decode

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures/flakes/pins"
FILES = sorted([*FIXTURES.rglob("*sources.json"), *FIXTURES.glob("*.nix")])


def position(text: str, offset: int) -> str:
    line, column = Source("", text).position(offset)
    return f"{line + 1}:{column + 1}"


def describe_pin(pin: Pin, text: str) -> list[str]:
    shown = text[pin.name_span.start : pin.name_span.end]
    lines = [f"{position(text, pin.span.start)} {shown} [{pin.origin} {pin.kind}]".rstrip(" ")]
    facts = {
        "name": pin.name, "pinned": pin.pinned, "frozen": pin.frozen or None,
        "placeholder": pin.placeholder or None, "identity": pin.identity, "url": pin.url,
        "ref": pin.ref, "rev": pin.rev, "version": pin.version, "hash": pin.hash,
        "hash is no hash": pin.hash_error, "unknown": " ".join(sorted(pin.unknown)),
    }  # fmt: skip
    for name, value in facts.items():
        if value is not None and value != "":
            lines.append(f"    {name}: {value}")
    if pin.origin not in ("npins", "niv"):
        span = pin.span_of(pin.hash_attr or "rev")
        lines.append(f"    points at: {text[span.start : span.end]}")
    return lines


def describe(found: PinFile | None) -> str:
    if found is None:
        return "neither npins' nor niv's\n"
    version = "" if found.version is None else f" {found.version}"
    lines = [f"{found.tool}{version}"]
    for problem in found.problems:
        at = position(found.text, problem.span.start)
        shown = found.text[problem.span.start : problem.span.end].partition("\n")[0]
        lines.append(f"{at} {problem.kind}: {problem.message} [{shown}]")
    for pin in found.pins.values():
        lines.extend(describe_pin(pin, found.text))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FIXTURES)))
def test_fixtures(path: Path, request: pytest.FixtureRequest) -> None:
    text = decode(path.read_bytes())
    if path.suffix == ".nix":
        pins = pins_in_code(parse(text), path.name)
        found = "".join([line + "\n" for pin in pins for line in describe_pin(pin, text)])
    else:
        found = describe(read_pins(text, str(path.relative_to(FIXTURES))))
    expected = path.with_suffix(".txt")
    if request.config.getoption("--update"):
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")


@given(st.data())
def test_any_damage_is_survived(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["npins-7.sources.json", "niv.sources.json", "code.nix"]))
    text = (FIXTURES / name).read_text(encoding="utf-8")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 60)))
    text = text[:start] + data.draw(st.text('{}[],:"a7\\ \n;=', max_size=5)) + text[end:]
    if name == "code.nix":
        for pin in pins_in_code(parse(text), name):
            describe_pin(pin, text)
    else:
        for path in ("npins/sources.json", "nix/sources.json", "x.json"):
            describe(read_pins(text, path))


def test_positions() -> None:
    text = '{"pins": {"a": {"type": "Git", "repository": {"type": "GitHub", "owner": "o", "repo": "r"}, "revision": "x"}}, "version": 5}'  # noqa: E501
    found = read_pins(text, "npins/sources.json")
    assert found is not None
    pin = found.pins["a"]
    for name, value in (("revision", '"x"'), ("repository.owner", '"o"'), ("nothing", '"a"')):
        span = pin.span_of(name)
        assert text[span.start : span.end] == value
    assert [problem.kind for problem in found.problems] == ["invalid-rev"]
