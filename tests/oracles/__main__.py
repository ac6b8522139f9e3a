"""The commands of `python -m tests.oracles`."""

from __future__ import annotations

import argparse
import os
import sys

from tests.oracles import cases, corpus, upstream


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
    options = parser.parse_args()
    if options.command == "cases":
        return cases.run()
    if options.command == "corpus":
        return corpus.run(options.dirs, options.processes, options.verbose)
    if options.command == "upstream":
        return upstream.run(options.dirs)
    from tests.oracles import lark as lark_oracle

    return lark_oracle.run(options.dirs, options.sample, options.seed, options.processes)


if __name__ == "__main__":
    sys.exit(main())
