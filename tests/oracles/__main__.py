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
    judged = commands.add_parser(
        "nix-closures", help="module closures of the projects DIRS, against the installed Nix"
    )
    judged.add_argument("dirs", nargs="+", metavar="DIR")
    judged.add_argument("--lib", required=True, metavar="LIBDIR", help="lib of nixpkgs")
    judged.add_argument(
        "--sources",
        action="append",
        default=[],
        metavar="DIR",
        help="checkouts OWNER+NAME of inputs that Nix takes instead of stubs",
    )
    judged.add_argument("--records", metavar="DIR", help="compare with recorded closures, too")
    judged.add_argument("--show", type=int, default=4, help="name so many files of a kind")
    merging = commands.add_parser(
        "merging", help="our merging of definitions, against nixpkgs' lib"
    )
    merging.add_argument("--lib", required=True, metavar="LIBDIR", help="lib of nixpkgs")
    merging.add_argument("--count", type=int, default=3000, help="how many sets of modules")
    merging.add_argument("--seed", type=int, default=0, help="which")
    merging.add_argument("--show", type=int, default=10, help="print so many contradictions")
    merging.add_argument(
        "--only", type=int, nargs="+", metavar="SET", help="compare only the sets of these numbers"
    )
    systems = commands.add_parser(
        "whole-systems", help="findings on configurations of home-manager, against the real Nix"
    )
    systems.add_argument("home_manager", metavar="HOME_MANAGER", help="a checkout")
    systems.add_argument("lib", metavar="LIBDIR", help="lib of nixpkgs")
    systems.add_argument("--count", type=int, default=200, help="how many configurations")
    systems.add_argument("--seed", type=int, default=0, help="which")
    systems.add_argument("--show", type=int, default=20, help="print so many differences")
    kept = commands.add_parser(
        "kept", help="facts after random edits of DIRS, against facts from scratch"
    )
    kept.add_argument("dirs", nargs="*", metavar="DIR")
    kept.add_argument("--count", type=int, default=40, help="edits of each (default 40)")
    kept.add_argument("--generated", type=int, default=0, help="so many generated projects, too")
    kept.add_argument("--seed", type=int, default=0, help="which edits")
    closures = commands.add_parser(
        "closures", help="the modules of configurations, against recorded ones"
    )
    closures.add_argument("records", metavar="RECORDS", help="a directory of records")
    closures.add_argument("checkouts", metavar="CHECKOUTS", help="repositories, as OWNER+NAME")
    closures.add_argument("-v", "--verbose", action="store_true", help="tell about more files")
    said = commands.add_parser(
        "project-findings", help="what rules about modules find in DIRS, to be read and compared"
    )
    said.add_argument("dirs", nargs="+", metavar="DIR")
    said.add_argument("--checkouts", help="a directory of sources of inputs, called OWNER+NAME")
    said.add_argument("--select", default="", metavar="RULES", help="default: the theme `modules`")
    said.add_argument("--without", action="append", default=[], metavar="NAME", help="skip a DIR")
    said.add_argument("--recorded", metavar="FILE", help="options of the checkout of nixpkgs")
    said.add_argument("--short", action="store_true", help="print only how many there are")
    placed = commands.add_parser("placed", help="files of DIRS that are used, unused, or unknown")
    placed.add_argument("dirs", nargs="+", metavar="DIR")
    placed.add_argument("-v", "--verbose", action="store_true", help="tell which are unknown")
    options_of = commands.add_parser(
        "option-index", help="the options of a tree of modules, against Nix or a recorded list"
    )
    options_of.add_argument(
        "tree", metavar="TREE", help="home-manager, nix-darwin, nixvim, nixpkgs"
    )
    options_of.add_argument("--lib", metavar="LIBDIR", help="lib of nixpkgs, for Nix")
    options_of.add_argument(
        "--nixpkgs", metavar="DIR", default="", help="for us: instead of models"
    )
    options_of.add_argument("--recorded", metavar="FILE", help="a list of options (.json[.gz])")
    options_of.add_argument("--show", type=int, default=10, help="print so many differences")
    merging.add_argument("--record", metavar="DIR", help="write the sets and Nix's answers instead")
    packages_of = commands.add_parser(
        "packages", help="the packages of a nixpkgs, against the installed Nix"
    )
    packages_of.add_argument("tree", metavar="NIXPKGS", help="a checkout")
    packages_of.add_argument("--sets", nargs="*", default=[], help="names of these sets as well")
    packages_of.add_argument("--every", type=int, default=4, help="describe every so many")
    packages_of.add_argument("--show", type=int, default=10, help="print so many of a kind")
    refactor = commands.add_parser(
        "refactor", help="every refactoring at many places, judged by the installed Nix"
    )
    refactor.add_argument("dirs", nargs="*", metavar="DIR", help="default: NIXLINT_CORPUS")
    refactor.add_argument("--files", type=int, default=300, help="so many files of DIRS")
    refactor.add_argument("--each", type=int, default=60, help="so many places in each")
    refactor.add_argument("--count", type=int, default=1000, help="so many expressions")
    refactor.add_argument("--seed", type=int, default=0, help="which")
    refactor.add_argument("--show", type=int, default=10, help="print so many mistakes")
    messages = commands.add_parser(
        "lsp-messages", help="broken and misplaced messages to the language server"
    )
    messages.add_argument("--count", type=int, default=10_000, help="how many (default 10,000)")
    messages.add_argument("--seed", type=int, default=0, help="which")
    halves = commands.add_parser(
        "while-broken", help="editors' questions about files of DIRS, cut at every 50th token"
    )
    halves.add_argument("dirs", nargs="+", metavar="DIR")
    halves.add_argument("--sample", type=int, default=300, help="files of DIRS; 0: all")
    halves.add_argument("--seed", type=int, default=0, help="which sample")
    halves.add_argument("--most", type=int, default=40, help="so many cuts of a file at most")
    halves.add_argument("--show", type=int, default=10, help="print so many that do not hold")
    halves.add_argument("-j", "--processes", type=int, default=os.cpu_count() or 1)
    renames = commands.add_parser("rename", help="names in files of DIRS get other names")
    renames.add_argument("dirs", nargs="*", help="default: NIXLINT_CORPUS, colon-separated")
    renames.add_argument("--sample", type=int, default=500, help="so many files; 0: all")
    renames.add_argument("--each", type=int, default=4, help="so many names in each file")
    uses = commands.add_parser(
        "references", help="definition, references and rename in the projects DIRS"
    )
    uses.add_argument("dirs", nargs="*", help="default: NIXLINT_CORPUS, colon-separated")
    uses.add_argument("--sample", type=int, default=25, help="so many files of each project")
    uses.add_argument("--each", type=int, default=8, help="so many names in each file")
    uses.add_argument("--facts", action="store_true", help="evaluate the projects first")
    for command in (renames, uses):
        command.add_argument("--seed", type=int, default=0, help="which sample")
        command.add_argument("-j", "--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if options.command == "rename":
        from tests.oracles import rename

        return rename.run(
            options.dirs, options.sample, options.each, options.seed, options.processes
        )
    if options.command == "references":
        from tests.oracles import navigation

        return navigation.run(
            options.dirs,
            options.sample,
            options.each,
            options.seed,
            options.facts,
            options.processes,
        )
    if options.command == "project-findings":
        from tests.oracles import project_findings

        return project_findings.run(
            options.dirs,
            options.checkouts,
            options.select,
            options.without,
            options.short,
            options.recorded,
        )
    if options.command == "placed":
        from tests.oracles import placed as placed_oracle

        return placed_oracle.run_on_large_stack(options.dirs, options.verbose)
    if options.command == "packages":
        from tests.oracles import packages

        return packages.run(options.tree, options.sets, options.every, options.show)
    if options.command == "lsp-messages":
        from tests.oracles import lsp_messages

        return lsp_messages.run(options.count, options.seed)
    if options.command == "merging":
        from tests.oracles import merging as merging_oracle

        if options.record:
            return merging_oracle.record(options.lib, options.count, options.seed, options.record)
        return merging_oracle.run(
            options.lib, options.count, options.seed, options.show, options.only
        )
    if options.command == "option-index":
        from tests.oracles import option_index

        return option_index.run(
            options.tree, options.lib, options.nixpkgs, options.recorded, options.show
        )
    if options.command == "refactor":
        from tests.oracles import refactorings

        return refactorings.run(
            options.dirs, options.files, options.each, options.count, options.seed, options.show
        )
    if options.command == "whole-systems":
        from tests.oracles import whole_systems

        return whole_systems.run(
            options.home_manager, options.lib, options.count, options.seed, options.show
        )
    if options.command == "while-broken":
        from tests.oracles import while_broken

        return while_broken.run(
            options.dirs,
            options.sample,
            options.seed,
            options.most,
            options.processes,
            options.show,
        )
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
    if options.command == "kept":
        from tests.oracles import kept as kept_oracle

        wrong = kept_oracle.run_generated(options.generated, options.seed)
        return kept_oracle.run(options.dirs, options.count, options.seed) or wrong
    if options.command == "closures":
        from tests.oracles import closures as closures_oracle

        return closures_oracle.run(options.records, options.checkouts, options.verbose)
    if options.command == "nix-closures":
        from tests.oracles import closures_nix

        return closures_nix.run(
            options.dirs, options.lib, options.sources, options.records, options.show
        )
    if options.command == "lib-model":
        return lib_model.run(options.lib, options.record)
    from tests.oracles import lark as lark_oracle

    return lark_oracle.run(options.dirs, options.sample, options.seed, options.processes)


if __name__ == "__main__":
    sys.exit(main())
