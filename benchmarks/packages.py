"""`python -m benchmarks packages NIXPKGS`: how long packages take in an editor.

A project whose nixpkgs is a checkout is opened; prefixes of its packages are completed below `with
pkgs;` and behind `pkgs.`, and packages are shown, by a server that is a process of its own. With
`--times` the source is so many times as large: each package gets brothers of other names.
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import monotonic, sleep

from benchmarks.lsp_client import Client
from benchmarks.modes import Modes, environment

TEXT = "{ pkgs, ... }:\n{\n  environment.systemPackages = with pkgs; [ @ ];\n  x = pkgs.@;\n}\n"
FLAKE = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { self, nixpkgs }: { };
}
"""
PATIENCE = 60.0


def run(nixpkgs: Path, times: int, rounds: int, compiled: Path | None) -> int:
    """Measure and print; returns the exit code."""
    modes = Modes(compiled)
    mode = "compiled" if modes.compiled is not None else "interpreted"
    with tempfile.TemporaryDirectory(prefix="nixlint-packages-") as name:
        folder = Path(name).resolve()
        root = folder / "project"
        root.mkdir()
        source = enlarged(nixpkgs.resolve(), times, folder) if times > 1 else nixpkgs.resolve()
        (root / "flake.nix").write_text(FLAKE)
        (root / "nixlint.toml").write_text(f'[sources]\nnixpkgs = "{source}"\n')
        (root / "host.nix").write_text(TEXT.replace("@", ""))
        variables = environment(modes.best()) | {"NIXLINT_CACHE_DIR": str(folder / "cache")}
        print(f"nixlint, {mode}")
        for what in ("first session", "from the cache"):
            session(what, variables, root, names_of(nixpkgs), rounds)
    return 0


def names_of(nixpkgs: Path) -> list[str]:
    """Names of packages, to complete the beginnings of."""
    text = (nixpkgs / "pkgs/top-level/all-packages.nix").read_text("utf-8", "replace")
    return re.findall(r"^  ([A-Za-z][\w-]+) = callPackage", text, re.MULTILINE)


def enlarged(nixpkgs: Path, times: int, folder: Path) -> Path:
    """A source with so many times as many packages, as `pkgs/by-name` has them."""
    out = folder / "nixpkgs"
    (out / "pkgs/top-level").mkdir(parents=True)
    text = (nixpkgs / "pkgs/top-level/all-packages.nix").read_text("utf-8", "replace")
    (out / "pkgs/top-level/all-packages.nix").write_text(text)
    for number in range(1, times):
        for name in names_of(nixpkgs):
            (out / f"pkgs/by-name/{name[:2].lower()}/{name}-{number}").mkdir(parents=True)
    return out


def session(
    what: str, variables: dict[str, str], root: Path, names: list[str], rounds: int
) -> None:
    """Opens the project, waits for packages, asks, and prints what that took."""
    client = Client([sys.executable, "-m", "nixlint", "lsp"], variables, root)
    try:
        begin = client.start()
        before = client.memory()
        uri = client.open(root / "host.nix", TEXT.replace("@", ""))
        known, early = until_known(client, uri, begin)
        chance = random.Random(1)
        completions: list[float] = []
        hovers: list[float] = []
        version = 1
        for _ in range(rounds):
            name = chance.choice(names)
            word = name[: chance.randrange(4)]
            for line, column in ((2, 44), (3, 11)):
                version += 1
                client.change(uri, version, (line, column), (line, column), word)
                where = position(uri, line, column + len(word))
                completions.append(client.request("textDocument/completion", where)[1])
                end = (line, column + len(word))
                client.change(uri, version, (line, column), end, name)
                where = position(uri, line, column + 1)
                hovers.append(client.request("textDocument/hover", where)[1])
                client.change(uri, version, (line, column), (line, column + len(name)), "")
        print(
            f"  {what}: known after {known:.2f} s; longest answer until then {early * 1e3:.1f} ms\n"
            f"    completion: {shown(completions)}; hover: {shown(hovers)}\n"
            f"    memory: {before / 1e6:.0f} MB at the start, {client.memory() / 1e6:.0f} MB then"
        )
    finally:
        client.stop()


def position(uri: str, line: int, column: int) -> dict[str, object]:
    """The parameters of a question."""
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": column}}


def until_known(client: Client, uri: str, begin: float) -> tuple[float, float]:
    """Seconds until packages are proposed, and of the longest answer meanwhile."""
    longest = 0.0
    while monotonic() - begin < PATIENCE:
        found, took = client.request("textDocument/completion", position(uri, 3, 11))
        longest = max(longest, took)
        if found is not None and len(found["items"]) > 50:
            return monotonic() - begin, longest
        sleep(0.02)
    raise SystemExit("no packages are proposed")


def shown(times: list[float]) -> str:
    """The middle, the 95th of a hundred, and the longest, in milliseconds."""
    ordered = sorted(times)
    high = ordered[int(len(ordered) * 0.95)]
    return f"{median(ordered) * 1e3:.1f}, p95 {high * 1e3:.1f}, max {ordered[-1] * 1e3:.1f} ms"
