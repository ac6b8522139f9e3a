"""`python -m benchmarks parse`: how fast is nixlint's parser, compared with others?

Every engine runs in a process of its own and parses the same files from memory, one round after
the other, so that a change in the machine's load hits all of them. The real Nix has no such
mode: it reads the files itself (`builtins.typeOf (import FILE)`, which forces the parser and
the resolution of names), and the time of a run on a trivial file is subtracted.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks import corpus
from benchmarks.modes import Modes, environment

WORKER = Path(__file__).resolve().parent / "worker.py"
MB = 1_000_000
COMPILED = "nixlint compiled"
INTERPRETED = "nixlint interpreted"
LARK = "Lark, same grammar"
TREE_SITTER = "tree-sitter-nix"
NIX = "Nix"
SHORT = {NIX: "Nix", TREE_SITTER: "tree-sitter", LARK: "Lark"}


class Engine:
    """What all engines share. `missing` says why it does not take part."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.missing = ""
        self.times: list[float] = []
        self.spent = 0.0
        self.memory = 0
        """The peak in bytes, over what the process had before parsing."""

    def start(self, files: list[Path]) -> None:
        """Get ready, or set `missing`."""

    def round(self) -> None:
        """Parse all files once, and note the time."""

    def stop(self) -> None:
        """Note the memory, and end."""


class Worker(Engine):
    """An engine that `worker.py` runs."""

    def __init__(self, name: str, kind: str, directory: Path | None, advice: str) -> None:
        super().__init__(name)
        self.kind = kind
        self.directory = directory
        self.advice = advice
        self.process: subprocess.Popen[str] | None = None

    def start(self, files: list[Path]) -> None:
        if self.directory is None:
            self.missing = self.advice
            return
        self.process = subprocess.Popen(
            [sys.executable, str(WORKER), self.kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(self.directory),
        )
        answer = self.ask(json.dumps([str(path) for path in files]))
        if "missing" in answer:
            self.missing = f"{answer['missing']} ({self.advice})"
        elif self.kind == "nixlint" and str(answer["mode"]) not in self.name:
            self.missing = f"{self.directory} is {answer['mode']}"

    def ask(self, line: str) -> dict[str, Any]:
        assert self.process is not None
        assert self.process.stdin is not None and self.process.stdout is not None
        print(line, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            return {"missing": f"its process ended with {self.process.wait()}"}
        out: dict[str, Any] = json.loads(answer)
        return out

    def round(self) -> None:
        answer = self.ask("round")
        if "missing" in answer:
            self.missing = str(answer["missing"])
            return
        self.times.append(answer["seconds"])
        self.spent += answer["seconds"]

    def stop(self) -> None:
        if self.process is None:
            return
        if not self.missing:
            answer = self.ask("memory")
            self.memory = int(answer["peak"] - answer["before"])
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


class Nix(Engine):
    """The real Nix, one process per round, and one for a trivial file before each."""

    def __init__(self) -> None:
        super().__init__(NIX)
        self.command = shutil.which("nix-instantiate")
        self.files: list[Path] = []
        self.trivial: Path | None = None
        self.starts: list[float] = []
        self.base_memory = 0

    def version(self) -> str:
        if self.command is None:
            return ""
        said = subprocess.run([self.command, "--version"], capture_output=True, text=True)
        return said.stdout.strip().rpartition(" ")[2]

    def accepts(self, path: Path) -> bool:
        """Whether Nix gets as far as the kind of the file's value."""
        return self.command is None or self.run([path])[0] == 0

    def start(self, files: list[Path]) -> None:
        if self.command is None:
            self.missing = "there is no nix-instantiate on the PATH"
            return
        self.files = files
        handle, name = tempfile.mkstemp(suffix=".nix")
        os.write(handle, b"1\n")
        os.close(handle)
        self.trivial = Path(name)

    def run(self, files: list[Path]) -> tuple[int, float, int]:
        """The exit code, the seconds and the peak memory of a run on some files."""
        assert self.command is not None
        paths = " ".join(f"(builtins.typeOf (import (/. + {quoted(path)})))" for path in files)
        begin = perf_counter()
        process = subprocess.Popen(
            [self.command, "--eval", "--strict", "--expr", f"[ {paths} ]"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        size = usage.ru_maxrss if sys.platform == "darwin" else usage.ru_maxrss * 1024
        return process.returncode, seconds, size

    def round(self) -> None:
        assert self.trivial is not None
        _, started, base = self.run([self.trivial])
        code, seconds, size = self.run(self.files)
        if code != 0:
            self.missing = "it failed on these files"
            return
        self.starts.append(started)
        self.times.append(seconds)
        self.spent += started + seconds
        self.base_memory = max(self.base_memory, base)
        self.memory = max(self.memory, size)

    def stop(self) -> None:
        if self.trivial is not None:
            self.trivial.unlink()
        if not self.starts:
            return
        start = min(self.starts)
        self.times = [max(seconds - start, 1e-9) for seconds in self.times]
        self.memory -= self.base_memory


def quoted(path: Path) -> str:
    escaped = str(path.resolve()).replace("\\", "\\\\").replace('"', '\\"').replace("${", "\\${")
    return f'"{escaped}"'


def run(
    paths: list[Path],
    rounds: int,
    seconds: float,
    limit: int,
    scale: float,
    compiled: Path | None,
    wanted: list[str],
) -> int:
    """Measure and print; returns the exit code."""
    with tempfile.TemporaryDirectory(prefix="nixlint-corpus-") as folder:
        if paths:
            files = corpus.largest(paths, limit)
            missing = [path for path in paths if not path.exists()]
            if missing or not files:
                print(f"not found: {missing[0]}" if missing else "no .nix files there")
                return 2
        else:
            files = corpus.make(Path(folder), scale)
        nix = Nix()
        engines = all_engines(Modes(compiled), nix)
        if wanted:
            engines = [e for e in engines if any(word in e.name.lower() for word in wanted)]
        kept = [path for path in files if nix not in engines or nix.accepts(path)]
        if not kept:
            print("Nix can evaluate none of these files")
            return 2
        size = sum(path.stat().st_size for path in kept)
        what = "given" if paths else "made up"
        print(f"{len(kept)} files ({what}), {size / MB:.2f} MB; Python {platform.python_version()}")
        if len(kept) < len(files):
            print(f"{len(files) - len(kept)} files left out: Nix cannot evaluate them on their own")
        measure(engines, kept, rounds, seconds)
    print_table(engines, size)
    for engine in engines:
        if engine.missing:
            print(f"missing: {engine.name}: {engine.missing}")
    if nix.times:
        print(f"Nix {nix.version()}; its start of {min(nix.starts) * 1000:.0f} ms is subtracted")
    return 0


def all_engines(modes: Modes, nix: Nix) -> list[Engine]:
    build = "give one with --compiled DIR, made by `python hatch_build.py --inplace DIR`"
    return [
        Worker(COMPILED, "nixlint", modes.compiled, build),
        Worker(INTERPRETED, "nixlint", modes.interpreted, "no sources"),
        Worker(LARK, "lark", modes.interpreted, "pip install lark"),
        Worker(TREE_SITTER, "tree-sitter", modes.best(), "pip install tree-sitter tree-sitter-nix"),
        nix,
    ]


def measure(engines: list[Engine], files: list[Path], rounds: int, seconds: float) -> None:
    """Let the engines take turns, until each had its rounds or has used up its time."""
    for engine in engines:
        engine.start(files)
    for _ in range(rounds):
        for engine in engines:
            if not engine.missing and engine.spent < seconds:
                engine.round()
    for engine in engines:
        engine.stop()


def print_table(engines: list[Engine], size: int) -> None:
    """One row per engine: speed, and how many times faster than the others it is."""
    best = {e.name: size / MB / min(e.times) for e in engines if e.times and not e.missing}
    others = [name for name in (NIX, TREE_SITTER, LARK) if name in best]
    head = [
        "",
        "MB/s best",
        "median",
        "rounds",
        *(f"x {SHORT[name]}" for name in others),
        "peak MB",
    ]
    rows = [head]
    for engine in engines:
        if engine.name not in best:
            continue
        speed = best[engine.name]
        median = size / MB / statistics.median(engine.times)
        row = [engine.name, f"{speed:.2f}", f"{median:.2f}", str(len(engine.times))]
        row += [f"{speed / best[name]:.2f}" for name in others]
        rows.append([*row, f"{engine.memory / MB:.1f}"])
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        print("  ".join(cells))
