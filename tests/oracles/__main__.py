"""The commands of `python -m tests.oracles`."""

from __future__ import annotations

import argparse
import os
import sys

from tests.oracles import cases, corpus, lib_model, upstream


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.oracles", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("cases", help="the recorded verdicts (NIXLINT_CASES)")
    whole = commands.add_parser("corpus", help="all .nix files of DIRS, against the installed Nix")
    whole.add_argument("-v", "--verbose", action="store_true", help="list files that agree, too")
    lark = commands.add_parser("lark", help="fixtures, cases, and a sample of DIRS, against Lark")
    lark.add_argument("--sample", type=int, default=300, help="files of DIRS; 0: all")
    lark.add_argument("--seed", type=int, default=0, help="which sample")
    for command in (whole, lark):
        command.add_argument("dirs", nargs="*", help="default: NIXLINT_CORPUS, colon-separated")
        command.add_argument("-j", "--processes", type=int, default=os.cpu_count() or 1)
    checkout = commands.add_parser("upstream", help="the language tests of Nix's own sources")
    checkout.add_argument("dirs", nargs="*", metavar="DIR", help="a checkout of NixOS/nix")
    flakes = commands.add_parser("flake-files", help="the outline of all flake.nix files of DIRS")
    flakes.add_argument("dirs", nargs="+", metavar="DIR")
    broken = commands.add_parser("flake-mutants", help="flake.nix files of DIRS, each broken")
    broken.add_argument("dirs", nargs="+", metavar="DIR")
    locks = commands.add_parser("project-mutants", help="flakes of DIRS, inputs or lock broken")
    locks.add_argument("dirs", nargs="+", metavar="DIR")
    locks.add_argument("--each", type=int, default=4, help="so many of a kind for each flake")
    refs = commands.add_parser("flake-refs", help="flake references of DIRS, against their locks")
    refs.add_argument("dirs", nargs="*", metavar="DIR", help="default: NIXLINT_CORPUS")
    tests = commands.add_parser(
        "evaluate-upstream", help="our evaluator on the tests of Nix's own sources"
    )
    tests.add_argument("dirs", nargs="*", metavar="DIR", help="a checkout of NixOS/nix")
    library = commands.add_parser(
        "lib-tests", help="our evaluator on the tests of nixpkgs' lib, against the installed Nix"
    )
    library.add_argument(
        "dirs", nargs="*", metavar="DIR", help="nix-community/nixpkgs.lib or its directory lib"
    )
    expressions = commands.add_parser(
        "random-expressions", help="our evaluator against the installed Nix"
    )
    expressions.add_argument("--count", type=int, default=10_000, help="how many (default 10,000)")
    expressions.add_argument("--seed", type=int, default=0, help="which")
    expressions.add_argument(
        "--shrink", type=int, default=40, help="make so many contradictions small (default 40)"
    )
    model = commands.add_parser("lib-model", help="our model of lib, against nixpkgs' lib")
    model.add_argument("lib", metavar="LIBDIR", help="a checkout of nix-community/nixpkgs.lib")
    model.add_argument("--record", action="store_true", help="rewrite calls.expected.json")
    models = commands.add_parser(
        "library-models", help="record what the libraries say (checkouts OWNER+NAME in DIRS)"
    )
    models.add_argument("dirs", nargs="+", metavar="DIR")
    merging = commands.add_parser(
        "merging", help="our merging of definitions, against nixpkgs' lib"
    )
    merging.add_argument("--lib", required=True, metavar="LIBDIR", help="lib of nixpkgs")
    merging.add_argument("--count", type=int, default=3000, help="how many sets of modules")
    merging.add_argument("--seed", type=int, default=0, help="which")
    merging.add_argument("--show", type=int, default=10, help="print so many contradictions")
    closures = commands.add_parser(
        "closures", help="the modules of configurations, against recorded ones"
    )
    closures.add_argument("records", metavar="RECORDS", help="a directory of records")
    closures.add_argument("checkouts", metavar="CHECKOUTS", help="repositories, as OWNER+NAME")
    closures.add_argument("-v", "--verbose", action="store_true", help="tell about more files")
    merging.add_argument("--record", metavar="DIR", help="write the sets and Nix's answers instead")
    options = parser.parse_args()
    if options.command == "merging":
        from tests.oracles import merging as merging_oracle

        if options.record:
            return merging_oracle.record(options.lib, options.count, options.seed, options.record)
        return merging_oracle.run(options.lib, options.count, options.seed, options.show)
    if options.command == "cases":
        return cases.run()
    if options.command == "corpus":
        return corpus.run(options.dirs, options.processes, options.verbose)
    if options.command == "library-models":
        from tests.oracles import library_models

        return library_models.run(options.dirs)
    if options.command == "upstream":
        return upstream.run(options.dirs)
    if options.command == "flake-mutants":
        from tests.oracles import flake_mutants

        return flake_mutants.run(options.dirs)
    if options.command == "project-mutants":
        from tests.oracles import project_mutants

        return project_mutants.run(options.dirs, options.each)
    if options.command == "flake-files":
        from tests.oracles import flake_files

        return flake_files.run(options.dirs)
    if options.command == "flake-refs":
        from tests.oracles import flake_refs

        return flake_refs.run(options.dirs)
    if options.command == "evaluate-upstream":
        from tests.oracles import upstream_evaluation

        return upstream_evaluation.run(options.dirs)
    if options.command == "lib-tests":
        from tests.oracles import lib_tests

        return lib_tests.run(options.dirs)
    if options.command == "random-expressions":
        from tests.oracles import random_expressions

        return random_expressions.run(options.count, options.seed, options.shrink)
    if options.command == "closures":
        from tests.oracles import closures as closures_oracle

        return closures_oracle.run(options.records, options.checkouts, options.verbose)
    if options.command == "lib-model":
        return lib_model.run(options.lib, options.record)
    from tests.oracles import lark as lark_oracle

    return lark_oracle.run(options.dirs, options.sample, options.seed, options.processes)


if __name__ == "__main__":
    sys.exit(main())
