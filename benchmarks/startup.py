"""`python -m benchmarks startup`: what does it cost to check one small file?

The whole command is timed, in turns with a bare Python and with `python -c 'import click'`.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks.modes import Modes, environment

SMALL_FILE = "{ pkgs }:\n{\n  environment.systemPackages = [ pkgs.git ];\n}\n"
BARE = "python -c pass"
CLICK = "python -c 'import click'"


def run(rounds: int, compiled: Path | None) -> int:
    """Measure and print; returns the exit code."""
    modes = Modes(compiled)
    with tempfile.TemporaryDirectory(prefix="nixlint-startup-") as folder:
        small = Path(folder) / "small.nix"
        small.write_text(SMALL_FILE, "utf-8")
        check = [sys.executable, "-m", "nixlint", "check", str(small)]
        best = environment(modes.best())
        commands = {
            BARE: ([sys.executable, "-c", "pass"], best),
            CLICK: ([sys.executable, "-c", "import click"], best),
        }
        for name, directory in (
            ("compiled", modes.compiled),
            ("interpreted", modes.interpreted),
        ):
            if directory is not None:
                commands[f"nixlint check, {name}"] = (check, environment(directory))
            else:
                print(f"missing: nixlint {name}")
        times = measure(commands, rounds, folder)
    if times is None:
        return 1
    print_table(times)
    return 0


def measure(
    commands: dict[str, tuple[list[str], dict[str, str]]], rounds: int, folder: str
) -> dict[str, list[float]] | None:
    """The seconds of every run of every command, or None when one fails."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, (command, variables) in commands.items():
            begin = perf_counter()
            done = subprocess.run(
                command, env=variables, cwd=folder, capture_output=True, text=True
            )
            seconds = perf_counter() - begin
            if done.returncode != 0:
                print(f"{name} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
                return None
            # The first run fills the caches of the file system and writes bytecode.
            if number > 0:
                times[name].append(seconds)
    return times


def print_table(times: dict[str, list[float]]) -> None:
    base = times[CLICK]
    print(f"{'':28} {'best ms':>8} {'median':>8} {'x click, best':>14} {'median':>8}")
    for name, seconds in times.items():
        best, median = min(seconds), statistics.median(seconds)
        print(
            f"{name:28} {best * 1000:8.1f} {median * 1000:8.1f} "
            f"{best / min(base):14.2f} {median / statistics.median(base):8.2f}"
        )
