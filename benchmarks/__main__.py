"""`python -m benchmarks parse|startup|linear|evaluate|project|flakes|options|lsp|packages`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import evaluate, linear, parse, project, startup


def main(arguments: list[str] | None = None) -> int:
    """Run one benchmark; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    commands = parser.add_subparsers(dest="command", required=True)

    command = commands.add_parser(
        "parse", help="MB/s of nixlint, Lark, tree-sitter and Nix on the same files"
    )
    command.add_argument("paths", nargs="*", type=Path, metavar="FILE|DIR")
    command.add_argument("--rounds", type=int, default=7, help="at most so many (default 7)")
    command.add_argument(
        "--seconds", type=float, default=20.0, help="per engine, then it stops (default 20)"
    )
    command.add_argument(
        "--limit", type=int, default=40, help="take the largest so many files of DIRs (default 40)"
    )
    command.add_argument("--size", type=float, default=1.0, help="scale of the made-up corpus")
    command.add_argument("--engines", default="", help="comma-separated, default all")
    add_compiled(command)

    command = commands.add_parser("startup", help="checking one small file, against `import click`")
    command.add_argument("--rounds", type=int, default=15)
    add_compiled(command)

    command = commands.add_parser("linear", help="hard inputs: time for n and 2n")
    command.add_argument("--size", type=int, default=1_000_000, help="code points (default 1 MB)")
    command.add_argument("--only", default="", help="cases whose name contains this")
    command.add_argument(
        "--patience", type=float, default=120.0, help="seconds per case, then it has failed"
    )
    add_compiled(command)

    command = commands.add_parser("evaluate", help="the evaluator, against the real Nix")
    command.add_argument("--rounds", type=int, default=3, help="the best of so many (default 3)")
    command.add_argument("--size", type=float, default=1.0, help="scale of the programs")
    command.add_argument("--only", default="", help="programs whose name contains this")
    add_compiled(command)

    command = commands.add_parser("project", help="whole projects, cold and from the cache")
    command.add_argument("directories", nargs="*", type=Path, metavar="DIR")
    command.add_argument("--rounds", type=int, default=3, help="the best of so many (default 3)")
    command.add_argument(
        "--no-growth", action="store_true", help="leave out the generated projects"
    )
    add_compiled(command)

    command = commands.add_parser("flakes", help="checks of single flakes and their locks")
    command.add_argument("directories", nargs="+", type=Path, metavar="DIR")
    command.add_argument("--rounds", type=int, default=3, help="the best of so many (default 3)")
    add_compiled(command)

    command = commands.add_parser("options", help="the options of trees of modules, extracted")
    command.add_argument("trees", nargs="+", type=Path, metavar="TREE")
    command.add_argument("--rounds", type=int, default=5, help="the best of so many (default 5)")
    add_compiled(command)

    command = commands.add_parser("lsp", help="how long an editor waits")
    command.add_argument("project", type=Path, metavar="PROJECT")
    command.add_argument("--big", type=Path, metavar="FILE", help="type into this file, too")
    command.add_argument("--rounds", type=int, default=100, help="hovers, at least (default 100)")
    add_compiled(command)

    command = commands.add_parser("packages", help="how long packages take in an editor")
    command.add_argument("nixpkgs", type=Path, metavar="NIXPKGS")
    command.add_argument("--times", type=int, default=1, help="so many times as many packages")
    command.add_argument("--rounds", type=int, default=100, help="words (default 100)")
    add_compiled(command)

    options = parser.parse_args(arguments)
    if options.command == "packages":
        from benchmarks import packages

        return packages.run(options.nixpkgs, options.times, options.rounds, options.compiled)
    if options.command == "parse":
        return parse.run(
            options.paths,
            options.rounds,
            options.seconds,
            options.limit,
            options.size,
            options.compiled,
            [name for name in options.engines.split(",") if name],
        )
    if options.command == "startup":
        return startup.run(options.rounds, options.compiled)
    if options.command == "project":
        growth = not options.no_growth
        return project.run(options.directories, options.rounds, growth, options.compiled)
    if options.command == "flakes":
        return project.run_flakes(options.directories, options.rounds, options.compiled)
    if options.command == "options":
        return project.run_options(options.trees, options.rounds, options.compiled)
    if options.command == "lsp":
        from benchmarks import lsp

        return lsp.run(options.project, options.big, options.rounds, options.compiled)
    if options.command == "evaluate":
        return evaluate.run(options.rounds, options.size, options.only, options.compiled)
    return linear.run(options.size, options.only, options.patience, options.compiled)


def add_compiled(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--compiled",
        type=Path,
        metavar="DIR",
        help="a compiled nixlint, made by `python hatch_build.py --inplace DIR`",
    )


if __name__ == "__main__":
    sys.exit(main())
