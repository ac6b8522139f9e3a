"""`python -m benchmarks lsp PROJECT`: how long an editor waits.

A session is replayed against the server, as a process of its own: a file of the project is opened,
a line is typed into it at the pace of a fast typist, and while the project is being analysed the
cursor rests here and there for hovers and completions. The same typing goes into a large file of
its own. `nil` and `nixd` replay the same where they are on the PATH.

All times are from the message that was sent to the one that came back, in milliseconds.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from time import sleep
from typing import Any

from benchmarks.lsp_client import Client
from benchmarks.lsp_pair import OPTION, RULE
from benchmarks.modes import Modes, environment

TYPED = "  programs.greeter = { enable = true; message = undefinedName; };"
"""The line that is typed; it ends with a name that nobody binds, so that something is found."""
PAUSES = (0.06, 0.09, 0.12, 0.05, 0.2, 0.08)
"""Seconds between keys, in turns."""
PEERS = {"nil": ["nil"], "nixd": ["nixd"]}


class Figures:
    """What a session gave, in seconds."""

    def __init__(self) -> None:
        self.first = float("nan")
        """From `initialized` to the first findings in the opened file."""
        self.project = float("nan")
        """From a change of flake.nix to what a rule about the project says of it."""
        self.first_project = float("nan")
        """From `initialized` to the first findings of rules about the project."""
        self.conflicts: list[float] = []
        """From changes in a module to what rules about the project say of them."""
        self.keys: list[float] = []
        self.hovers: list[float] = []
        self.completions: list[float] = []
        self.memory = 0
        self.project_memory = 0
        """After the changes in modules."""
        self.stop = float("nan")


def run(project: Path, big: Path | None, rounds: int, compiled: Path | None) -> int:
    """Measure and print; returns the exit code."""
    modes = Modes(compiled)
    best = environment(modes.best())
    mode = "compiled" if modes.compiled is not None else "interpreted"
    servers: dict[str, tuple[list[str], dict[str, str]]] = {
        f"nixlint, {mode}": ([sys.executable, "-m", "nixlint", "lsp"], best)
    }
    for name, command in PEERS.items():
        if shutil.which(name) is not None:
            servers[name] = (command, best)
        else:
            print(f"missing: {name} is not on the PATH")
    target = largest_module(project)
    print(f"project: {project.name}, {len(list(project.rglob('*.nix')))} files; opened: "
          f"{target.relative_to(project)}, {target.stat().st_size} bytes")  # fmt: skip
    modules = conflicting_modules(project, best)
    for name, (command, variables) in servers.items():
        figures = session(command, variables, project, target, rounds)
        if modules is not None and name not in PEERS:
            changing_session(command, variables, project, modules, rounds, figures)
        print_figures(name, figures)
        if big is not None:
            print_figures(
                f"{name}, {big.name}", session(command, variables, big.parent, big, rounds)
            )
    return 0


def largest_module(project: Path) -> Path:
    """A file to type in: the largest one below 20 kB that begins like a module."""
    found = [
        path
        for path in sorted(project.rglob("*.nix"))
        if path.stat().st_size < 20_000 and path.read_text("utf-8", "replace").startswith("{")
    ]
    if not found:
        raise SystemExit(f"{project} holds no module to type in")
    return max(found, key=lambda path: path.stat().st_size)


def session(
    command: list[str], variables: dict[str, str], folder: Path, path: Path, rounds: int
) -> Figures:
    """Replay one session."""
    figures = Figures()
    client = Client(command, variables, folder)
    try:
        text = path.read_text("utf-8")
        begin = client.start()
        uri = client.open(path, text)
        figures.first = client.published(uri, 0, lambda params: True) - begin
        lines = text.split("\n")
        # Questions come while the project is still being looked at.
        ask(client, uri, lines, figures, rounds)
        line = insertion_line(lines)
        version = 1
        for _ in range(max(1, rounds // 20)):
            version = type_line(client, uri, line, version, lines, figures)
            ask(client, uri, lines, figures, 5)
        if (folder / "flake.nix").is_file():
            figures.project = project_time(client, folder)
        figures.memory = client.memory()
    finally:
        figures.stop = client.stop()
    return figures


def insertion_line(lines: list[str]) -> int:
    """The line before which something can be typed: the last closing brace at the margin."""
    closing = [number for number, line in enumerate(lines) if line.startswith("}")]
    return closing[-1] if closing else len(lines) - 1


def type_line(
    client: Client, uri: str, line: int, version: int, lines: list[str], figures: Figures
) -> int:
    """Type a line key by key, wait for what is found in the end, and take the line out again.

    For each pause that is long enough the time from the key to the findings counts.
    """
    version += 1
    client.change(uri, version, (line, 0), (line, 0), "\n")
    sleep(0.5)
    for number, key in enumerate(TYPED):
        version += 1
        first = len(client.arrived)
        sent = client.change(uri, version, (line, number), (line, number), key)
        if number % 8 == 7 or number == len(TYPED) - 1:
            expected = version
            came = client.published(
                uri, first, lambda params, v=expected: params.get("version", v) >= v, 10
            )
            figures.keys.append(came - sent)
        else:
            sleep(PAUSES[number % len(PAUSES)])
    version += 1
    client.change(uri, version, (line, 0), (line + 1, 0), "")
    return version


def ask(client: Client, uri: str, lines: list[str], figures: Figures, count: int) -> None:
    """Hover and complete at random places, the same in every run."""
    chance = random.Random(len(lines))
    wordy = [number for number, line in enumerate(lines) if line.strip()]
    for _ in range(count):
        line = chance.choice(wordy)
        column = chance.randrange(len(lines[line]) + 1)
        where = {
            "textDocument": {"uri": uri},
            "position": {"line": line, "character": column},
        }
        figures.hovers.append(client.request("textDocument/hover", where)[1])
        figures.completions.append(client.request("textDocument/completion", where)[1])


def conflicting_modules(
    folder: Path, variables: dict[str, str]
) -> list[tuple[str, str, int, bool]] | None:
    """Two modules of the project that can be made to disagree; see `lsp_pair.py`."""
    command = [sys.executable, "-m", "benchmarks.lsp_pair", str(folder.resolve())]
    done = subprocess.run(command, env=variables, check=False, stdout=subprocess.PIPE)
    found = json.loads(done.stdout) if done.returncode == 0 else None
    if found is None:
        print("no two modules are found that can be made to disagree")
    return found


def changing_session(
    command: list[str],
    variables: dict[str, str],
    folder: Path,
    modules: list[tuple[str, str, int, bool]],
    rounds: int,
    figures: Figures,
) -> None:
    """Open two modules that disagree, and let one of them change its mind again and again: at
    random moments, so that the server may be busy with the change before, or sweep up."""
    client = Client(command, variables, folder)
    try:
        begin = client.start()
        uris = [client.open(Path(path), text) for path, text, _offset, _told in modules]
        watched = next(uri for uri, each in zip(uris, modules, strict=True) if each[3])
        figures.first_project = published_conflict(client, watched, 0, True) - begin
        _path, text, offset, _told = modules[1]
        line = text.count("\n", 0, offset)
        column = offset - (text.rfind("\n", 0, offset) + 1)
        chance = random.Random(0)
        old, new = "false", "true"
        for version in range(2, 2 + max(20, rounds // 4)):
            sleep(chance.choice((0.05, 0.3, 0.8, 1.2, 1.6, 2.5, 4.0)))
            first = len(client.arrived)
            sent = client.change(uris[1], version, (line, column), (line, column + len(old)), new)
            came = published_conflict(client, watched, first, new == "false")
            figures.conflicts.append(came - sent)
            old, new = new, old
        figures.project_memory = client.memory()
    finally:
        client.stop()


def published_conflict(client: Client, uri: str, first: int, wanted: bool) -> float:
    """When findings in a file came that tell of the conflict, or that do not any more."""

    def fits(params: dict[str, Any]) -> bool:
        told = any(
            each.get("code") == RULE and OPTION in each["message"] for each in params["diagnostics"]
        )
        return told == wanted

    return client.published(uri, first, fits, 30)


def project_time(client: Client, folder: Path) -> float:
    """From a change in flake.nix to what is said of it: an input that nobody uses is added."""
    path = folder / "flake.nix"
    text = path.read_text("utf-8")
    found = re.search(r"^  inputs(?= = \{\n|\.)", text, re.MULTILINE)
    if found is None:
        return float("nan")
    # Either into the set or before the first `inputs.name`.
    is_set = text.startswith(" = {", found.end())
    place = found.end() + len(" = {") if is_set else found.start()
    added = ' nobodys.url = "github:nobody/nothing"; '
    if not is_set:
        added = f" inputs.{added.strip()} "
    uri = client.open(path, text)
    client.published(uri, 0, lambda params: True, 20)
    sleep(3)
    line = text.count("\n", 0, place)
    column = place - (text.rfind("\n", 0, place) + 1)
    first = len(client.arrived)
    sent = client.change(uri, 2, (line, column), (line, column), added)
    rules = ("unused-flake-input", "flake-lock-out-of-sync")
    came = client.published(
        uri, first, lambda params: any(d.get("code") in rules and "nobodys" in d["message"]
                                       for d in params["diagnostics"]), 30
    )  # fmt: skip
    return came - sent


def print_figures(name: str, figures: Figures) -> None:
    print(f"\n{name}")
    print(f"  initialized to first findings {ms(figures.first)}")
    for what, times in (
        ("key to findings", figures.keys),
        ("hover", figures.hovers),
        ("completion", figures.completions),
    ):
        if times:
            ordered = sorted(times)
            p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
            print(f"  {what:29} {ms(p95)} p95, {ms(statistics.median(times))} median, "
                  f"{ms(ordered[-1])} at most, {len(times)} times")  # fmt: skip
    print(f"  change in flake.nix to project's findings {ms(figures.project)}")
    if figures.conflicts:
        times = sorted(figures.conflicts)
        print(f"  initialized to project's findings         {ms(figures.first_project)}")
        print(f"  change in a module to project's findings  {ms(statistics.median(times))} median, "
              f"{ms(times[-1])} at most, {len(times)} times")  # fmt: skip
    memory = max(figures.memory, figures.project_memory)
    print(f"  memory                        {memory / 1e6:8.1f} MB")
    print(f"  gone after exit               {ms(figures.stop)}")


def ms(seconds: float) -> str:
    return f"{seconds * 1000:8.1f} ms" if seconds == seconds else "       - ms"
