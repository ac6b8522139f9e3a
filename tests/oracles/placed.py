"""`python -m tests.oracles placed DIR…`: how many files of repositories are placed.

A file is placed when nixlint says that something uses it, or that nothing does; the rest is
unknown, and never reported. Module files are those that look like modules. Repositories that build
no configurations (libraries) are told apart: nothing in them can be unused.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from nixlint.evaluate.evaluator import on_large_stack
from nixlint.project.modules.reach import UNKNOWN, reach_of
from nixlint.project.modules.shared import configurations_of
from nixlint.project.project import Project
from nixlint.rules.unused_files import looks_like_module

LIBRARY = "no configuration is found"


def run(directories: list[str], verbose: bool) -> int:
    """Prints the share of placed files of each repository, and of all that build configurations;
    returns 1 when that is below 95 %."""
    files: Counter[str] = Counter()
    modules: Counter[str] = Counter()
    libraries = 0
    for directory in directories:
        project = Project(str(Path(directory).resolve()))
        reach = reach_of(project, True)
        found = configurations_of(project)
        own: Counter[str] = Counter()
        own_modules: Counter[str] = Counter()
        for path in reach.files:
            state = reach.state_of(path)
            own[state] += 1
            tree = project.tree(path)
            if tree is not None and looks_like_module(tree):
                own_modules[state] += 1
                if verbose and state == UNKNOWN and not reach.silent:
                    print(f"  unknown: {path}: {reach.unknown.get(path, '')}")
        why = f": {reach.silent}" if reach.silent else ""
        print(
            f"{Path(directory).name}: {len(found.found)} configurations, modules "
            f"{_shares(own_modules)}, all files {_shares(own)}{why}"
        )
        if reach.silent == LIBRARY:
            libraries += 1
            continue
        files.update(own)
        modules.update(own_modules)
    print(f"{len(directories) - libraries} repositories with configurations, {libraries} without")
    print(f"modules {_shares(modules)}, all files {_shares(files)}")
    return 1 if modules and _placed(modules) < 0.95 else 0


def _placed(states: Counter[str]) -> float:
    total = sum(states.values())
    return 1 - states[UNKNOWN] / total if total else 1.0


def _shares(states: Counter[str]) -> str:
    counted = ", ".join(f"{number} {state}" for state, number in states.most_common())
    return f"{100 * _placed(states):.1f} % placed ({counted or 'none'})"


def run_on_large_stack(directories: list[str], verbose: bool) -> int:
    """As `run`, for repositories that are evaluated deeply."""
    result = on_large_stack(lambda: run(directories, verbose))
    assert isinstance(result, int)
    return result
