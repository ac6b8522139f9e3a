"""`python -m benchmarks project`, `flakes` and `options`: how long do whole projects take?

Each repository is checked as a user does it, `nixlint check .`: *cold* with an empty cache, and
*warm* when nothing has changed since. Wall time and processor time are the best of some rounds, and
stand beside what the same machine needs for `python -c 'import click'`, and for the real Nix to
parse the same files. Generated projects show how time grows with hosts and with modules.
`options` measures what a first check needs for the options of an input whose sources are there.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from time import perf_counter

from benchmarks.modes import Modes, environment

CLICK = [sys.executable, "-c", "import click"]
FLAKE_RULES = "flake,inputs"
HOSTS = (1, 2, 4, 8, 16, 32, 64)
MODULES = (50, 100, 200, 400, 800)
HOSTS_FOR_MODULES = 8
MODULES_FOR_HOSTS = 100
GOOD = (0, 1)
"""Exit codes of a check that worked."""


class Time:
    """Seconds: by the clock, and of the processors."""

    def __init__(self, wall: float, processor: float) -> None:
        self.wall = wall
        self.processor = processor

    def best(self, other: Time | None) -> Time:
        """The smaller ones of two measurements."""
        if other is None:
            return self
        return Time(min(self.wall, other.wall), min(self.processor, other.processor))


def run(directories: list[Path], rounds: int, growth: bool, compiled: Path | None) -> int:
    """Measure projects and print; returns the exit code."""
    variables, click = _begin(rounds, compiled)
    if click is None:
        return 1
    failed = False
    if directories:
        print(f"{'':32} {'files':>5} {'cold':>7} {'cpu':>7} {'x click':>8} {'x Nix':>6} "
              f"{'warm':>7} {'cpu':>7} {'x click':>8}")  # fmt: skip
    for directory in directories:
        failed = not _project(directory.resolve(), rounds, variables, click) or failed
    if growth:
        failed = not _growth("hosts", HOSTS, rounds, variables) or failed
        failed = not _growth("modules", MODULES, rounds, variables) or failed
    return 1 if failed else 0


def run_flakes(directories: list[Path], rounds: int, compiled: Path | None) -> int:
    """Measure checks of single flakes and print; returns the exit code."""
    variables, click = _begin(rounds, compiled)
    if click is None:
        return 1
    flakes = sorted(path for directory in directories for path in _flakes(directory))
    times: list[tuple[Time, Path]] = []
    for flake in flakes:
        command = [*_check("--no-cache"), "--select", FLAKE_RULES, flake.name]
        time = _best(command, flake.parent, variables, rounds, GOOD)
        if time is None:
            return 1
        times.append((time, flake))
    if not times:
        print("there is no flake.nix")
        return 1
    times.sort(key=lambda one: one[0].processor)
    for what, (time, flake) in (
        ("fastest", times[0]),
        ("median", times[len(times) // 2]),
        ("slowest", times[-1]),
    ):
        print(
            f"{what:8} {time.wall * 1000:7.0f} ms, processor {time.processor * 1000:7.0f} ms, "
            f"{time.processor / click.processor:5.2f} x click: {flake}"
        )
    return 0


def run_options(trees: list[Path], rounds: int, compiled: Path | None) -> int:
    """Measure how long the options of source trees take, and print; returns the exit code."""
    variables, click = _begin(rounds, compiled)
    if click is None:
        return 1
    for tree in trees:
        with tempfile.TemporaryDirectory(prefix="nixlint-options-") as folder:
            index = Path(folder) / "options.json"
            command = [sys.executable, "-m", "nixlint", "options", "build", "--source"]
            command += [str(tree.resolve()), "--output", str(index)]
            time = _best(command, Path(folder), variables, rounds)
            if time is None:
                return 1
            options = len(json.loads(index.read_text("utf-8")))
        print(
            f"{tree.name:32} {options:6} options {_ms(time.wall)} ms, "
            f"processor {_ms(time.processor)} ms, {time.processor / click.processor:5.1f} x click"
        )
    return 0


def _begin(rounds: int, compiled: Path | None) -> tuple[dict[str, str], Time | None]:
    """Says what is measured; the environment of the runs, and the time of `import click`."""
    modes = Modes(compiled)
    variables = environment(modes.best())
    print("nixlint is", "compiled" if modes.compiled is not None else "interpreted")
    click = _best(CLICK, Path("."), variables, rounds)
    if click is not None:
        print(
            f"import click: {click.wall * 1000:.0f} ms, processor {click.processor * 1000:.0f} ms"
        )
    return variables, click


def _flakes(directory: Path) -> list[Path]:
    return [path for path in directory.resolve().rglob("flake.nix") if path.is_file()]


def _check(*more: str) -> list[str]:
    return [sys.executable, "-m", "nixlint", "check", "--quiet", *more]


def _project(directory: Path, rounds: int, variables: dict[str, str], click: Time) -> bool:
    cold: Time | None = None
    warm: Time | None = None
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="nixlint-cache-") as cache:
            command = [*_check("--cache-dir", f"{cache}/nixlint"), "."]
            first = _timed(command, directory, variables, GOOD)
            second = _timed(command, directory, variables, GOOD)
        if first is None or second is None:
            return False
        cold, warm = first.best(cold), second.best(warm)
    assert cold is not None and warm is not None
    files = sorted(directory.rglob("*.nix"))
    nix = _nix(files, directory, variables)
    ratio = f"{cold.processor / nix.processor:6.2f}" if nix is not None else f"{'-':>6}"
    print(
        f"{directory.name:32} {len(files):5} {_ms(cold.wall)} {_ms(cold.processor)} "
        f"{cold.processor / click.processor:8.1f} {ratio} {_ms(warm.wall)} {_ms(warm.processor)} "
        f"{warm.processor / click.processor:8.1f}"
    )
    return True


def _nix(files: list[Path], directory: Path, variables: dict[str, str]) -> Time | None:
    """What the real Nix needs to parse files; None without Nix. It may refuse some of them."""
    program = shutil.which("nix-instantiate")
    if program is None or not files:
        return None
    total = Time(0.0, 0.0)
    for at in range(0, len(files), 200):
        names = [str(path) for path in files[at : at + 200]]
        time = _timed([program, "--parse", *names], directory, variables, (0, 1))
        if time is None:
            return None
        total = Time(total.wall + time.wall, total.processor + time.processor)
    return total


def _growth(what: str, sizes: tuple[int, ...], rounds: int, variables: dict[str, str]) -> bool:
    """Prints how the time of a generated project grows; a doubling should at most double it."""
    print(f"{what:>8} {'cold':>7} {'cpu':>7} {'growth':>7}")
    before: float | None = None
    for size in sizes:
        hosts = size if what == "hosts" else HOSTS_FOR_MODULES
        modules = size if what == "modules" else MODULES_FOR_HOSTS
        with tempfile.TemporaryDirectory(prefix="nixlint-growth-") as folder:
            write_project(Path(folder), hosts, modules)
            time = _best([*_check("--no-cache"), "."], Path(folder), variables, rounds, GOOD)
        if time is None:
            return False
        growth = f"{time.processor / before:7.2f}" if before is not None else ""
        print(f"{size:8} {_ms(time.wall)} {_ms(time.processor)} {growth}")
        before = time.processor
    return True


def write_project(root: Path, hosts: int, modules: int) -> None:
    """Writes a flake whose hosts share their modules; every module declares and sets options."""
    (root / "modules").mkdir(parents=True)
    (root / "hosts").mkdir()
    (root / "flake.nix").write_text(
        "{\n"
        '  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";\n'
        "  outputs = { nixpkgs, ... }: {\n"
        "    nixosConfigurations = builtins.mapAttrs (file: _: nixpkgs.lib.nixosSystem {\n"
        '      specialArgs = { hostName = nixpkgs.lib.removeSuffix ".nix" file; };\n'
        '      modules = [ (./hosts + "/${file}") ./modules ];\n'
        "    }) (builtins.readDir ./hosts);\n"
        "  };\n"
        "}\n"
    )
    names = [f"m{number}" for number in range(modules)]
    imports = "\n".join(f"    ./{name}.nix" for name in names)
    (root / "modules" / "default.nix").write_text(f"{{\n  imports = [\n{imports}\n  ];\n}}\n")
    for name in names:
        (root / "modules" / f"{name}.nix").write_text(_MODULE.replace("NAME", name))
    for number in range(hosts):
        chosen = [names[(number * 7 + step) % modules] for step in range(5)]
        body = "".join(f"  my.{name}.enable = true;\n" for name in dict.fromkeys(chosen))
        (root / "hosts" / f"h{number}.nix").write_text(
            "{ hostName, ... }:\n{\n  networking.hostName = hostName;\n" + body + "}\n"
        )


_MODULE = """\
{ config, lib, pkgs, ... }:
let
  cfg = config.my.NAME;
in
{
  options.my.NAME = {
    enable = lib.mkEnableOption "NAME";
    port = lib.mkOption {
      type = lib.types.port;
      default = 8080;
      description = "Where NAME listens.";
    };
    settings = lib.mkOption {
      type = lib.types.attrsOf (lib.types.nullOr lib.types.str);
      default = { };
      description = "What NAME is told.";
    };
  };
  config = lib.mkIf cfg.enable {
    my.NAME.settings.listen = lib.mkDefault "localhost:${toString cfg.port}";
    environment.systemPackages = [ pkgs.hello ];
    systemd.services.NAME = {
      description = "NAME";
      wantedBy = [ "multi-user.target" ];
      serviceConfig.ExecStart = "${pkgs.hello}/bin/hello";
    };
  };
}
"""


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:7.0f}"


def _best(
    command: list[str],
    folder: Path,
    variables: dict[str, str],
    rounds: int,
    good: tuple[int, ...] = (0,),
) -> Time | None:
    best: Time | None = None
    for _ in range(rounds + 1):
        time = _timed(command, folder, variables, good)
        if time is None:
            return None
        best = time.best(best)
    return best


def _timed(
    command: list[str], folder: Path, variables: dict[str, str], good: tuple[int, ...]
) -> Time | None:
    """One run of a command, with all its processes; None (and a message) when it fails."""
    before = getrusage(RUSAGE_CHILDREN)
    begin = perf_counter()
    done = subprocess.run(command, env=variables, cwd=folder, capture_output=True, text=True)
    wall = perf_counter() - begin
    after = getrusage(RUSAGE_CHILDREN)
    if done.returncode not in good:
        print(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
        return None
    processor = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Time(wall, processor)
