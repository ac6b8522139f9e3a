"""Renaming on real files: names get new ones, and nothing else may change.

Every definition of a sample of files is given a fresh name, and one that stands in the same file
already. The answer must be a refusal, or a text that is the same program: `form` writes a file down
with each variable as the scope that binds it, so that two texts that differ only in the names of
binders look alike. It shares no code with the check inside of `rename`. The installed Nix must
accept the result, too, where it accepted the file.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from nixlint.diagnostics.model import Edit
from nixlint.ide.document import Document
from nixlint.ide.model import RefusedError
from nixlint.ide.navigation.rename import rename
from nixlint.ide.navigation.workspace import Workspace
from nixlint.semantic.model import (
    DEF_BUILTIN,
    DEF_FORMAL,
    DEF_INHERIT,
    DEF_INHERIT_FROM,
    DEF_REC,
    Definition,
    Scope,
    SemanticModel,
)
from nixlint.syntax.nodes import (
    AttrName,
    Binding,
    ExprAttrs,
    ExprLambda,
    ExprLegacyLet,
    ExprLet,
    ExprSelect,
    ExprVar,
    Formal,
    Inherit,
    LambdaArg,
    Name,
    Node,
    unparen,
)
from nixlint.syntax.strings import static_name
from nixlint.text.source import decode
from tests.oracles.corpus import directories_of, find_files

LARGEST = 60_000
FRESH = "freshName'0"


class Form:
    """Writes a program down without the names of its binders: `renamed` maps the place of a
    binder to the name it had, and `FRESH` stands for `old` everywhere."""

    def __init__(self, document: Document, renamed: dict[int, str], old: str = "") -> None:
        self.old = old
        self.text = document.text
        self.model: SemanticModel = document.model
        self.renamed = renamed
        self.root = document.tree.root

    def __str__(self) -> str:
        return self.node(self.root.expr)

    def depth(self, scope: Scope | None) -> int:
        out = 0
        while scope is not None:
            out += 1
            scope = scope.parent
        return out

    def known(self, name: str) -> str:
        return self.old if self.old and name == FRESH else name

    def binder(self, definition: Definition) -> str:
        for node in definition.nodes():
            name = self.renamed.get(int(node.start))
            if name is not None:
                return name
        return self.known(definition.name)

    def variable(self, start: int) -> str:
        reference = self.model.reference_at(start)
        assert reference is not None
        found = reference.definition
        if found is None:
            depths = [self.depth(scope) for scope in reference.withs]
            return f"?{self.known(reference.name)}{depths}"
        if found.kind == DEF_BUILTIN:
            return f"!{found.name}"
        return f"{self.binder(found)}@{self.depth(found.scope)}"

    def name(self, attr: AttrName, scope: Scope | None) -> str:
        name = static_name(attr, self.text)
        if name is None:
            return "$" + (self.node(attr.inner) if attr.inner is not None else "")
        if int(attr.start) in self.renamed:
            return self.renamed[int(attr.start)]
        if scope is not None and name in scope.names:
            return self.binder(scope.names[name])
        return self.known(name)

    def binds(self, binds: list[Node], scope: Scope | None) -> str:
        rows: list[str] = []
        for bind in binds:
            if isinstance(bind, Binding):
                names = bind.path.names()
                path = [self.name(names[0], scope)]
                path += [self.name(attr, None) for attr in names[1:]]
                rows.append(f"{'.'.join(path)}={self.node(bind.value)}")
            elif isinstance(bind, Inherit):
                source = self.node(bind.source) if bind.source is not None else ""
                for attr in bind.names:
                    key = self.name(attr, scope)
                    if static_name(attr, self.text) is None:
                        rows.append(key)  # Nix refuses it; the rest of the file counts.
                    elif bind.source is None:
                        rows.append(f"{key}={self.variable(int(attr.start))}")
                    else:
                        name = self.known(static_name(attr, self.text) or "")
                        rows.append(f"{key}=({source}).{name}")
        return "{" + ";".join(sorted(rows)) + "}"

    def node(self, node: Node) -> str:
        node = unparen(node)
        if isinstance(node, ExprVar):
            return self.variable(int(node.start))
        if isinstance(node, ExprAttrs):
            scope = self.model.scope_for(node)
            return ("rec" if node.recursive else "") + self.binds(node.binds, scope)
        if isinstance(node, ExprLet):
            scope = self.model.scope_for(node)
            return f"let{self.binds(node.binds, scope)}in{self.node(node.body)}"
        if isinstance(node, ExprLegacyLet):
            return f"let{self.binds(node.binds, self.model.scope_for(node))}"
        if isinstance(node, ExprSelect):
            out = self.node(node.base)
            for attr in node.path.names():
                out = f"({out}).{self.name(attr, None)}"
            return out if node.default is None else f"{out} or {self.node(node.default)}"
        if isinstance(node, (Name, LambdaArg, Formal)):
            return self.argument(node)
        if isinstance(node, ExprLambda):
            return f"({self.argument(node.arg)}:{self.node(node.body)})"
        kind = type(node).__name__ + str(getattr(node, "op", ""))
        children = node.children()
        if not children:
            if isinstance(node, AttrName):
                return self.name(node, None)
            return kind + self.text[node.start : node.end]
        between: list[str] = []
        if kind in ("ExprString", "ExprIndString", "ExprPath", "ExprHPath"):
            at = node.start
            for child in children:
                between.append(self.text[at : child.start])
                at = child.end
            between.append(self.text[at : node.end])
        return f"{kind}({','.join([self.node(child) for child in children])}{between})"

    def argument(self, node: Node) -> str:
        if isinstance(node, Name):
            name = self.text[node.start : node.end]
            return self.renamed.get(int(node.start), self.known(name))
        if isinstance(node, Formal):
            default = f"?{self.node(node.default)}" if node.default is not None else ""
            return self.argument(node.name) + default
        assert isinstance(node, LambdaArg)
        parts = [self.argument(node.name)] if node.name is not None else []
        if node.formals is not None:
            items = sorted(self.argument(item) for item in node.formals.items)
            parts.append("{" + ",".join(items) + ("..." if node.formals.ellipsis else "") + "}")
        return "@".join(parts)


def check_file(job: tuple[str, int, int, bool]) -> tuple[Counter[str], list[str]]:
    """Renames some definitions of a file; returns how often what happened, and what is wrong."""
    path, each, seed, ask_nix = job
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    text = decode(Path(path).read_bytes())
    if len(text) > LARGEST:
        return counts, wrong
    document = Document(path, text)
    if any(error.fatal for error in document.tree.errors):
        return counts, wrong
    rng = random.Random(f"{seed}{len(text)}")
    found = [one for one in document.model.definitions if one.kind != DEF_BUILTIN]
    names = sorted({one.name for one in found} | {one.name for one in document.model.references})
    accepted = ask_nix and is_accepted(text)
    workspace = Workspace("")
    for definition in rng.sample(found, min(each, len(found))):
        offset = int(definition.node.start)
        while definition.kind == DEF_INHERIT:
            # On `inherit x;` the variable outside is what is renamed.
            outer = document.model.reference_at(int(definition.node.start))
            if outer is None or outer.definition is None:
                break
            definition = outer.definition
        for new in (FRESH, rng.choice(names)):
            if new == definition.name:
                continue
            try:
                change = rename(workspace, document, offset, new)
            except RefusedError as refused:
                counts["refused, fresh" if new == FRESH else "refused, taken"] += 1
                assert str(refused)
                continue
            except RecursionError:
                counts["too deep"] += 1
                continue
            counts["renamed, fresh" if new == FRESH else "renamed, taken"] += 1
            complaint = compare(document, change.edits.get(path, []), definition, new)
            if not complaint and accepted and not is_accepted(applied(text, change.edits[path])):
                complaint = "Nix refuses the result"
            if complaint:
                wrong.append(f"{path}: {definition.name} -> {new} at {offset}: {complaint}")
    return counts, wrong


def applied(text: str, edits: list[Edit]) -> str:
    """A text after edits that do not overlap."""
    for edit in sorted(edits, key=lambda each: (each.span.start, each.span.end), reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def compare(document: Document, edits: list[Edit], definition: Definition, new: str) -> str:
    """How the program changed, or ""."""
    text = applied(document.text, edits)
    after = Document(document.path, text)
    if any(error.fatal for error in after.tree.errors):
        return "does not parse"
    if new == FRESH:
        try:
            same = str(Form(document, {})) == str(Form(after, {}, definition.name))
        except RecursionError:
            return ""
        return "" if same else "another program"
    if definition.kind in (DEF_REC, DEF_FORMAL, DEF_INHERIT_FROM):
        # What selects the attribute, or passes the argument, has the new name, too; and on
        # `inherit (s) x;` the attribute of `s` is renamed, if it is known.
        return ""
    depth = Form(document, {}).depth(definition.scope)
    ordinal = document.model.scopes.index(definition.scope)
    if ordinal >= len(after.model.scopes):
        return "a scope is lost"
    scope = after.model.scopes[ordinal]
    found = scope.names.get(new)
    if found is None or Form(after, {}).depth(scope) != depth:
        return "" if len(after.model.scopes) != len(document.model.scopes) else "no new name"
    renamed = {int(node.start): definition.name for node in found.nodes()}
    try:
        if str(Form(document, {})) != str(Form(after, renamed)):
            return "another program"
    except RecursionError:
        return ""
    return ""


def is_accepted(text: str) -> bool:
    """Whether the installed Nix parses a text."""
    done = subprocess.run(
        ["nix-instantiate", "--parse", "-"],
        input=text.encode("utf-8", "surrogateescape"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode == 0


def run(arguments: list[str], sample: int, each: int, seed: int, processes: int) -> int:
    """Renames in a sample of the files below the directories; 1 if something went wrong."""
    directories = directories_of(arguments)
    if not directories:
        print("SKIPPED: no directories named, and NIXLINT_CORPUS is not set")
        return 0
    paths = [str(path) for path in find_files(directories)]
    if 0 < sample < len(paths):
        paths = sorted(random.Random(seed).sample(paths, sample))
    ask_nix = shutil.which("nix-instantiate") is not None
    jobs = [(path, each, seed, ask_nix) for path in paths]
    counts: Counter[str] = Counter()
    wrong = 0
    with ProcessPoolExecutor(processes or os.cpu_count()) as pool:
        for found, complaints in pool.map(check_file, jobs, chunksize=8):
            counts += found
            wrong += len(complaints)
            for complaint in complaints:
                print(complaint)
    shown = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
    print(f"{len(paths)} files: {shown}; {wrong} wrong" + ("" if ask_nix else " (without Nix)"))
    return 1 if wrong else 0
