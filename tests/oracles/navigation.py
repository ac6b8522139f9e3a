"""Definition and references must agree, over real projects.

For a sample of the names in the files of a project, every place that `definition` gives must be a
word of the same name (a formal and the argument of its caller have the same name, too), and
`references` of that place must contain the name that was asked about.

Attributes, options and formals are also renamed, across files, to a fresh name, and back again:
every file must then be the program it was; so are the inputs of flakes. Refusals are counted, with
their reasons.
"""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from time import perf_counter

from nixlint.ide.document import Document
from nixlint.ide.gathering.gather import gather
from nixlint.ide.knowledge.reading import with_opened
from nixlint.ide.model import Change, Link, Place, RefusedError
from nixlint.ide.navigation.definition import definition
from nixlint.ide.navigation.references import references
from nixlint.ide.navigation.rename import rename
from nixlint.ide.navigation.rename_input import rename_input
from nixlint.ide.navigation.targets import FILE, INPUT, Finder
from nixlint.ide.navigation.workspace import Workspace
from nixlint.project.flake.file import read_flake_file
from nixlint.syntax.nodes import AttrName, ExprVar, Name, Node
from tests.oracles.corpus import directories_of
from tests.oracles.rename import FRESH, Form, applied

FRESH_INPUT = "fresh-input"


class Outcome:
    """What happened in one project."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.slowest = 0.0


def look_at(job: tuple[str, int, int, int, bool]) -> Outcome:
    """Asks about some names of some files of a project."""
    root, files, each, seed, with_facts = job
    out = Outcome(root)
    facts = gather(root, {}) if with_facts else None
    workspace = Workspace(root, facts=facts)
    workspace.refresh()
    rng = random.Random(seed)
    paths = workspace.files()
    for path in rng.sample(paths, min(files, len(paths))):
        view = workspace.view(path)
        if view is None or any(error.fatal for error in view.document.tree.errors):
            continue
        words: list[Node] = []
        for node in view.nodes():
            if isinstance(node, AttrName):
                if view.name(node) is not None:
                    words.append(node)
            elif isinstance(node, (ExprVar, Name)):
                words.append(node)
        for node in rng.sample(words, min(each, len(words))):
            _ask(workspace, view.document, node, out)
        for node in rng.sample(words, min(each, len(words))):
            _rename(workspace, view.document, node, out)
    _rename_inputs(workspace, root, out)
    return out


def _rename_inputs(workspace: Workspace, root: str, out: Outcome) -> None:
    """Gives every input of the flake another name, and the old one again; every file must then
    be what it was, but for how `inherit` is written."""
    view = workspace.view(f"{root}/flake.nix")
    flake = read_flake_file(view.document.tree, view.path) if view is not None else None
    for name in list(flake.inputs) if flake is not None else []:
        try:
            change = rename_input(Finder(workspace), root, name, FRESH_INPUT)
        except RefusedError as refused:
            out.counts["refused: inputs"] += 1
            reason = re.sub(r"`[^`]*`", "`…`", str(refused))
            out.reasons[re.sub(r"\([^)]*\d\)", "(…)", reason)] += 1
            continue
        out.counts["renamed: inputs"] += 1
        after = _texts(workspace, change)
        with with_opened(after.get):
            changed = workspace.changed(
                {path: after[path] for path in after if path[-4:] == ".nix"}
            )
            try:
                again = rename_input(Finder(changed), root, FRESH_INPUT, name)
            except RefusedError as refused:
                out.wrong.append(f"{root}: input {name}: not back: {refused}")
                continue
        for path, document in after.items():
            before = workspace.document(path)
            back = Document(path, applied(document.text, again.edits.get(path, [])))
            same = before is not None and before.text == back.text
            if before is not None and not same and path.endswith(".nix"):
                same = str(Form(before, {})) == str(Form(back, {}))
            if not same:
                out.wrong.append(f"{path}: input {name}: another text afterwards")


def _ask(workspace: Workspace, document: Document, node: Node, out: Outcome) -> None:
    asked = Place(document.path, int(node.start), int(node.end))
    begin = perf_counter()
    links = definition(workspace, document, asked.start)
    out.counts["asked"] += 1
    out.counts["known" if links else "unknown"] += 1
    for link in links[:8]:
        other = workspace.document(link.name.path)
        if other is None:
            out.wrong.append(f"{_shown(document, asked)}: {link.name} cannot be read")
            continue
        if link.name.path != document.path:
            out.counts["in another file"] += 1
        if not _same_name(document, asked, other, link):
            out.wrong.append(f"{_shown(document, asked)}: leads to {_shown(other, link.name)}")
        if asked not in references(workspace, other, link.name.start, True):
            out.wrong.append(
                f"{_shown(document, asked)}: is no reference of {_shown(other, link.name)}"
            )
    out.slowest = max(out.slowest, perf_counter() - begin)


def _same_name(document: Document, asked: Place, other: Document, link: Link) -> bool:
    one = document.text[asked.start : asked.end].strip('"${} ')
    two = other.text[link.name.start : link.name.end].strip('"${} ')
    return one == two or link.name.start == link.name.end


def _rename(workspace: Workspace, document: Document, node: Node, out: Outcome) -> None:
    finder = Finder(workspace)
    view = workspace.view(document.path)
    word = finder.of_node(view, node) if view is not None else None
    if word is None or not word.targets or word.targets[0].kind in (FILE, INPUT):
        return
    old = word.targets[0].name
    kind = word.targets[0].kind
    try:
        change = rename(workspace, document, int(node.start), FRESH)
    except RefusedError as refused:
        out.counts[f"refused: {kind}"] += 1
        reason = re.sub(r"`[^`]*`", "`…`", str(refused))
        out.reasons[re.sub(r"\([^)]*\d\)", "(…)", reason)] += 1
        return
    out.counts[f"renamed: {kind}"] += 1
    if len(change.edits) > 1:
        out.counts["renamed across files"] += 1
    place = Place(document.path, int(node.start), int(node.end))
    after = workspace.changed(_texts(workspace, change))
    complaint = _back(workspace, after, change, old)
    if complaint:
        out.wrong.append(f"{_shown(document, place)}: renamed: {complaint}")


def _back(before: Workspace, after: Workspace, change: Change, old: str) -> str:
    """Gives the old name again; what is wrong, or ""."""
    start = -1
    where = ""
    for path in change.edits:
        document = after.document(path)
        start = document.text.find(FRESH) if document is not None else -1
        where = path
        if start >= 0:
            break
    document = after.document(where)
    if document is None or start < 0:
        return "the new name is nowhere"
    for path in change.edits:
        one, two = before.document(path), after.document(path)
        assert one is not None and two is not None
        if any(error.fatal for error in two.tree.errors):
            return f"{path} does not parse"
        try:
            if str(Form(one, {})) != str(Form(two, {}, old)):
                return f"{path} is another program"
        except RecursionError:
            return ""
    try:
        again = rename(after, document, start, old)
    except RefusedError:
        # `inherit x;` of a recursive set, once written out, may capture the old name.
        return ""
    texts = _texts(after, again)
    for path in change.edits:
        one, two = before.document(path), texts.get(path)
        if one is None or two is None:
            return f"{path} is not changed back"
        if str(Form(one, {})) != str(Form(two, {})):
            return f"{path} is another program afterwards"
    return ""


def _texts(workspace: Workspace, change: Change) -> dict[str, Document]:
    out: dict[str, Document] = {}
    for path, edits in change.edits.items():
        document = workspace.document(path)
        assert document is not None
        out[path] = Document(path, applied(document.text, edits))
    return out


def _shown(document: Document, place: Place) -> str:
    line, column = document.source.position(place.start)
    return f"{place.path}:{line + 1}:{column + 1} {document.text[place.start : place.end][:40]}"


def run(arguments: list[str], files: int, each: int, seed: int, facts: bool, processes: int) -> int:
    """Looks at every directory as a project; returns 1 if something is wrong."""
    directories = directories_of(arguments)
    if not directories:
        print("SKIPPED: no directories named, and NIXLINT_CORPUS is not set")
        return 0
    jobs = [(str(path.resolve()), files, each, seed, facts) for path in directories]
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    wrong = 0
    slowest = 0.0
    with ProcessPoolExecutor(processes or os.cpu_count()) as pool:
        for out in pool.map(look_at, jobs):
            counts += out.counts
            reasons += out.reasons
            wrong += len(out.wrong)
            slowest = max(slowest, out.slowest)
            for complaint in out.wrong:
                print(complaint)
    for reason, count in reasons.most_common(25):
        print(f"{count:6} {reason}")
    print(
        f"{len(jobs)} projects: " + ", ".join(f"{n} {what}" for what, n in sorted(counts.items()))
    )
    print(f"slowest question with its references: {slowest * 1000:.0f} ms; {wrong} wrong")
    return 1 if wrong else 0
