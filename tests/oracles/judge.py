"""What the real Nix computes for many files, quickly: one `nix repl` reads them all.

An evaluation that fails does not end a `nix repl`, so that a file costs a fraction of a
millisecond, and a process only a hundred files or more.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.oracles import printed

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_MARK = "@@nixlint-"
_NO_STORE = "is not supported by store 'dummy'"
"""What Nix says when an expression writes to the store: then we learn nothing."""
_ENVIRONMENT = {"NIX_REMOTE": "dummy://", "NO_COLOR": "1", "TERM": "dumb", "NIX_PATH": ""}


class Verdict:
    """What Nix says: `printed`, a value, or `error`, a message. Both None: it crashed."""

    def __init__(self, printed: str | None, error: str | None) -> None:
        self.printed = printed
        self.error = error

    def __repr__(self) -> str:
        return self.printed if self.printed is not None else f"error: {self.error}"


def is_available() -> bool:
    return shutil.which("nix") is not None


def environment() -> dict[str, str]:
    """Nix without a store, a search path, and the user's configuration."""
    out = dict(os.environ)
    out.update(_ENVIRONMENT)
    return out


def judge_files(paths: list[Path], seconds: float = 60.0, forced: bool = True) -> list[Verdict]:
    """The value of each file, computed deeply, in the order of the paths."""
    verdicts: list[Verdict] = []
    while len(verdicts) < len(paths):
        rest = paths[len(verdicts) :]
        answers = _one_process(rest, seconds, forced)
        verdicts += answers
        if len(answers) < len(rest):
            # The process ended at the next file: a stack overflow, or no end of it.
            verdicts.append(Verdict(None, None))
    for number, verdict in enumerate(verdicts):
        if verdict.printed is not None and not _is_readable(verdict.printed):
            # `nix repl` fails to print a set that only looks like a derivation.
            alone = judge_alone(paths[number], seconds)
            readable = alone.printed is None or _is_readable(alone.printed)
            verdicts[number] = alone if readable else Verdict(None, None)
    return verdicts


def _is_readable(text: str) -> bool:
    try:
        printed.read(text)
    except printed.UnreadableError:
        return False
    return True


def judge_alone(path: Path, seconds: float = 60.0) -> Verdict:
    """What `nix-instantiate --eval --strict` says of a file."""
    try:
        result = subprocess.run(
            ["nix-instantiate", "--eval", "--strict", str(path)],
            capture_output=True,
            check=False,
            env=environment(),
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return Verdict(None, None)
    if result.returncode == 0:
        return Verdict(result.stdout.decode("utf-8", "surrogateescape").strip(), None)
    message = result.stderr.decode("utf-8", "surrogateescape")
    found = re.search(r"^error: (.*)$", message, re.MULTILINE)
    return Verdict(None, found[1] if found else None)


def _one_process(paths: list[Path], seconds: float, forced: bool) -> list[Verdict]:
    with tempfile.TemporaryDirectory() as name:
        # Short lines: what is longer than the terminal is wide, readline would cut.
        table = Path(name, "table.nix")
        files = " ".join(f"(/. + {json.dumps(str(path.absolute()))})" for path in paths)
        force = "builtins.deepSeq it it" if forced else "it"
        table.write_text(
            f"n: let it = import (builtins.elemAt [ {files} ] n); in {force}", encoding="utf-8"
        )
        lines = [f"it = import {table}"]
        for number in range(len(paths)):
            lines += [f":p it {number}", f'"{_MARK}{number}@@"']
        process = subprocess.Popen(
            ["nix", "--extra-experimental-features", "nix-command flakes", "repl"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment(),
        )
        try:
            out, _ = process.communicate("\n".join([*lines, ""]).encode(), timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            out, _ = process.communicate()
    return _split(out.decode("utf-8", "surrogateescape"), len(paths))


def _split(text: str, count: int) -> list[Verdict]:
    """The parts of the output between the marks."""
    verdicts: list[Verdict] = []
    at = 0
    text = _COLOUR.sub("", text)
    for number in range(count):
        mark = f'"{_MARK}{number}@@"'
        # The mark is echoed behind the prompt, then printed on a line of its own.
        end = text.find(f"\nnix-repl> {mark}\n{mark}\n", at)
        if end < 0:
            break
        end += len("\nnix-repl> ")
        verdicts.append(_verdict(text[at:end]))
        at = end + 2 * len(mark) + 1
    return verdicts


def _verdict(part: str) -> Verdict:
    """`part` ends with the prompt for the mark; before that stands the answer."""
    body = part.rpartition("\nnix-repl> ")[0]
    _, echo, answer = body.rpartition("\nnix-repl> :p it ")
    body = answer.partition("\n")[2].strip("\n ")
    if not echo:
        raise RuntimeError(f"nix repl said {part!r}")
    while body.startswith("trace: "):
        body = body.partition("\n")[2]
    if _NO_STORE in body:
        return Verdict(None, None)
    if body.startswith("error:"):
        return Verdict(None, body[len("error:") :].strip().split("\n")[0])
    found = re.search(r"^error: (.*)$", body, re.MULTILINE)
    if found is not None and not body.startswith(('"', "[", "{")):
        return Verdict(None, found[1])
    return Verdict(body, None)


def judge_texts(texts: list[str], folder: Path) -> list[Verdict]:
    """The values of expressions, which are written to numbered files of `folder`."""
    paths: list[Path] = []
    for number, text in enumerate(texts):
        path = folder / f"{number}.nix"
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        paths.append(path)
    return judge_files(paths)
