"""flake.lock: its nodes, where they stand in the text, and what their inputs lead to.

Words: a *node* is an entry of `nodes`; an *input* of a node is either the key of another node or
a *follows path*, a list of input names counted from the root (`[]` is the root itself).
Rules from `src/libflake/lockfile.cc` of Nix 2.36. Nix 2.8 reads the same versions, 5 to 7, but
does not know `parent`, and recurses forever where follows paths run in a circle.
Offsets are code points.
"""

from __future__ import annotations

import gc
from typing import Final

from nixlint.diagnostics.model import Note
from nixlint.project.lock.json_text import (
    ARRAY,
    OBJECT,
    JsonError,
    JsonMember,
    JsonValue,
    read_json,
)
from nixlint.project.references.fetchers import Attr
from nixlint.text.span import Span

VERSIONS: Final = (5, 6, 7)
"""The versions of the format that Nix reads."""

SYNTAX: Final = "syntax"
CONFLICT: Final = "conflict"
DUPLICATE: Final = "duplicate-key"
VERSION: Final = "version"
SHAPE: Final = "shape"
MISSING_NODE: Final = "missing-node"
CYCLE: Final = "cycle"
FOLLOWS_MISSING: Final = "follows-missing"
FOLLOWS_CYCLE: Final = "follows-cycle"
UNREACHABLE: Final = "unreachable"

_KINDS_OF_JSON: Final = {"conflict": CONFLICT, "duplicate": DUPLICATE}
_MAX_SHOWN: Final = 8


class LockProblem:
    """What is wrong with a lock. `kind` is one of the constants above.

    With `fatal` Nix refuses to read the file.
    """

    __slots__ = ("kind", "message", "span", "notes", "fatal")

    def __init__(
        self, kind: str, message: str, span: Span, notes: list[Note] | None = None,
        fatal: bool = True,
    ) -> None:  # fmt: skip
        self.kind = kind
        self.message = message
        self.span = span
        self.notes: list[Note] = notes if notes is not None else []
        self.fatal = fatal

    def __repr__(self) -> str:
        return f"LockProblem({self.kind!r}, {self.message!r}, {self.span!r})"


class LockInput:
    """An input of a node. `target` is a node's key or a follows path; `span` is its place."""

    __slots__ = ("name", "name_span", "target", "span")

    def __init__(self, name: str, name_span: Span, target: str | list[str], span: Span) -> None:
        self.name = name
        self.name_span = name_span
        self.target = target
        self.span = span

    @property
    def follows(self) -> list[str] | None:
        """The follows path; None when the input has a node of its own."""
        return self.target if isinstance(self.target, list) else None


class LockNode:
    """An entry of `nodes`. `locked` and `original` are None when absent or no objects.

    `parent` is the follows path of the flake that a relative path counts from.
    """

    def __init__(self, member: JsonMember) -> None:
        self.key = member.key
        self.key_span = member.key_span
        self.span = member.value.span
        self.json = member.value
        self.inputs: dict[str, LockInput] = {}
        self.locked: dict[str, Attr] | None = None
        self.original: dict[str, Attr] | None = None
        self.is_flake = True
        self.parent: list[str] | None = None

    def span_of(self, *path: str) -> Span:
        """Where the value of, say, `("locked", "rev")` stands; the node's key when it is absent."""
        member = self.json.member_at(path)
        return self.key_span if member is None else member.value.span

    def name_span_of(self, *path: str) -> Span:
        """Where the last key of a path stands; the node's key when it is absent."""
        member = self.json.member_at(path)
        return self.key_span if member is None else member.key_span

    @property
    def is_locked(self) -> bool:
        """Whether Nix can fetch exactly this version again (see `is_locked`)."""
        return self.locked is not None and is_locked(self.locked)


class FlakeLock:
    """A lock. `usable` says whether Nix reads it; what could be read is there in any case."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.version: int | None = None
        self.root = "root"
        self.nodes: dict[str, LockNode] = {}
        self.problems: list[LockProblem] = []
        self.json: JsonValue | None = None
        self._resolved: dict[tuple[str, ...], str | None] = {}
        self._reached: dict[str, tuple[str, str] | None] | None = None

    @property
    def usable(self) -> bool:
        """Whether the text is a lock that Nix accepts."""
        return all(not problem.fatal for problem in self.problems)

    @property
    def root_node(self) -> LockNode | None:
        return self.nodes.get(self.root)

    def span_of(self, *path: str) -> Span:
        """Where the value that a path of keys leads to stands; an empty span when absent."""
        member = self.json.member_at(path) if self.json is not None else None
        return Span(0, 0) if member is None else member.value.span

    def target(self, node_key: str, input_name: str) -> str | None:
        """The key of the node that an input of a node leads to, follows paths resolved."""
        node = self.nodes.get(node_key)
        edge = node.inputs.get(input_name) if node is not None else None
        if edge is None:
            return None
        if isinstance(edge.target, list):
            return self.resolve(edge.target)
        return edge.target if edge.target in self.nodes else None

    def resolve(self, path: list[str]) -> str | None:
        """The key of the node that input names, counted from the root, lead to.

        Follows paths on the way are resolved, too. None when an input is missing on the way, or
        when the paths run in a circle.
        """
        wanted = tuple(path)
        if wanted in self._resolved:
            return self._resolved[wanted]
        # Each frame is a path, how many of its names are done, and the node they led to.
        frames: list[tuple[tuple[str, ...], int, str]] = [(wanted, 0, self.root)]
        active = {wanted}
        result: str | None = None
        returning = False
        while frames:
            names, done, at = frames.pop()
            if returning:
                returning = False
                if result is None:
                    self._resolved[names] = None
                    active.discard(names)
                    returning = True
                    continue
                done, at = done + 1, result
            while done < len(names):
                node = self.nodes.get(at)
                edge = node.inputs.get(names[done]) if node is not None else None
                if edge is None:
                    result, returning = None, True
                    break
                if isinstance(edge.target, list):
                    inner = tuple(edge.target)
                    if inner in self._resolved and self._resolved[inner] is not None:
                        at = self._resolved[inner] or ""
                        done += 1
                        continue
                    if inner in active or inner in self._resolved:
                        result, returning = None, True
                        break
                    frames.append((names, done, at))
                    frames.append((inner, 0, self.root))
                    active.add(inner)
                    break
                at = edge.target
                done += 1
            else:
                result, returning = (at if at in self.nodes else None), True
            if returning:
                self._resolved[names] = result
                active.discard(names)
        return result

    def reachable(self) -> set[str]:
        """The keys of the nodes that the root leads to, the root included."""
        return set(self._parents())

    def path_to(self, key: str) -> list[str] | None:
        """A path of input names from the root to a node; None when it is not reachable."""
        parents = self._parents()
        if key not in parents:
            return None
        out: list[str] = []
        step = parents[key]
        while step is not None:
            out.append(step[1])
            step = parents[step[0]]
        out.reverse()
        return out

    def _parents(self) -> dict[str, tuple[str, str] | None]:
        """For every reachable node the node and input that reach it first, in Nix's order."""
        if self._reached is not None:
            return self._reached
        reached: dict[str, tuple[str, str] | None] = {}
        todo: list[tuple[str, tuple[str, str] | None]] = []
        if self.root in self.nodes:
            todo.append((self.root, None))
        while todo:
            key, parent = todo.pop()
            if key in reached:
                continue
            reached[key] = parent
            edges = self.nodes[key].inputs
            for name in sorted(edges, reverse=True):
                target = edges[name].target
                if isinstance(target, str) and target in self.nodes:
                    todo.append((target, (key, name)))
        self._reached = reached
        return reached


def is_locked(attrs: dict[str, Attr]) -> bool:
    """Whether attributes name one version that can be fetched again.

    Forges need a commit hash (Nix 2.36 a narHash, too, or the setting
    `trust-tarballs-from-git-forges`, which is on by default), git and Mercurial a commit hash,
    archives, files and absolute paths a narHash; relative paths belong to the flake itself.
    """
    kind = attrs.get("type")
    rev = attrs.get("rev")
    if kind in ("github", "gitlab", "sourcehut", "git", "hg"):
        return isinstance(rev, str) and rev.strip("0") != ""
    if kind == "path":
        path = attrs.get("path")
        if isinstance(path, str) and not path.startswith("/"):
            return True
    return kind in ("tarball", "file", "path") and bool(attrs.get("narHash"))


def read_lock(text: str, path: str) -> FlakeLock:
    """Read a flake.lock. Never raises; what is wrong stands in `problems`, in order of the text."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _read(text, path)
    finally:
        if collecting:
            gc.enable()


def _read(text: str, path: str) -> FlakeLock:
    lock = FlakeLock(path, text)
    document = read_json(text)
    lock.json = document.value
    for error in document.errors:
        lock.problems.append(_of_json_error(error))
    if document.value is not None:
        _Builder(lock, broken=lock.problems != [] and not lock.usable).build(document.value)
    lock.problems.sort(key=_start_of)
    return lock


def _start_of(problem: LockProblem) -> int:
    return problem.span.start


def _of_json_error(error: JsonError) -> LockProblem:
    notes: list[Note] = []
    if error.first is not None:
        what = "first here" if error.kind == "duplicate" else "opened here"
        notes.append(Note(what, error.first))
    if error.kind == "conflict":
        notes.append(
            Note("keep one side, then run `nix flake lock` to bring it in line with flake.nix")
        )
    kind = _KINDS_OF_JSON.get(error.kind, SYNTAX)
    return LockProblem(kind, error.message, error.span, notes, kind != DUPLICATE)


class _Builder:
    """Makes the nodes of one lock; `broken` silences what a broken text may have swallowed."""

    def __init__(self, lock: FlakeLock, broken: bool) -> None:
        self.lock = lock
        self.broken = broken
        self.node = ""
        """The key of the node being read."""
        self.in_node: list[tuple[str, LockProblem]] = []

    def problem(
        self, kind: str, message: str, span: Span, notes: list[Note] | None = None,
        fatal: bool = True,
    ) -> None:  # fmt: skip
        if self.broken:
            return
        found = LockProblem(kind, message, span, notes, fatal)
        self.lock.problems.append(found)
        if self.node:
            self.in_node.append((self.node, found))

    def build(self, value: JsonValue) -> None:
        lock = self.lock
        if value.kind != OBJECT:
            self.problem(SHAPE, "a lock must be a JSON object", value.span)
            return
        if not self.read_version(value):
            return
        root = value.get("root")
        if root is None:
            self.problem(SHAPE, "the lock does not name its root", _opening(value))
        elif root.text is None:
            self.problem(SHAPE, "'root' must be a string, the key of a node", root.span)
        else:
            lock.root = root.text
        nodes = value.get("nodes")
        if nodes is None:
            self.problem(SHAPE, "the lock has no 'nodes'", _opening(value))
            return
        if nodes.kind != OBJECT:
            self.problem(SHAPE, "'nodes' must be an object", nodes.span)
            return
        for member in nodes.members.values():
            lock.nodes[member.key] = LockNode(member)
        if lock.root not in lock.nodes and root is not None and root.text is not None:
            self.problem(MISSING_NODE, f"there is no node '{lock.root}', the root", root.span)
        for key in lock.nodes:
            self.node = key
            self.read_node(lock.nodes[key])
        self.node = ""
        reached = lock.reachable()
        for key, problem in self.in_node:
            # Nix does not look at nodes that nothing leads to.
            problem.fatal = problem.fatal and key in reached
        self.check_nodes()
        self.check_edges()

    def read_version(self, value: JsonValue) -> bool:
        """Read `version`; False when nothing is known about the format."""
        lock = self.lock
        version = value.get("version")
        span = _opening(value)
        if version is not None:
            span = version.span
            number = version.scalar
            if isinstance(number, bool) or not isinstance(number, int):
                self.problem(VERSION, "'version' must be an integer", span)
                return True
            lock.version = number
        if lock.version in VERSIONS:
            return True
        known = f"{VERSIONS[0]} to {VERSIONS[-1]}"
        if lock.version is None:
            self.problem(VERSION, f"the lock does not say its version ({known} are known)", span)
            return True
        self.problem(VERSION, f"lock version {lock.version} is not supported (only {known})", span)
        return False

    def read_node(self, node: LockNode) -> None:
        value = node.json
        if value.kind != OBJECT:
            self.problem(SHAPE, f"node '{node.key}' must be an object", value.span)
            return
        is_root = node.key == self.lock.root
        node.original = self.read_attrs(node, "original", is_root)
        node.locked = self.read_attrs(node, "locked", is_root)
        if self.lock.version == 5 and node.locked is not None and value.get("info") is not None:
            info = self.read_attrs(node, "info", True)
            if info is not None:
                node.locked.update(info)
        flake = value.get("flake")
        if flake is not None and not is_root:
            if isinstance(flake.scalar, bool):
                node.is_flake = flake.scalar
            else:
                self.problem(SHAPE, "'flake' must be true or false", flake.span)
        parent = value.get("parent")
        if parent is not None and not is_root:
            node.parent = _texts(parent)
            if node.parent is None:
                self.problem(SHAPE, "'parent' must be a list of input names", parent.span)
        inputs = value.get("inputs")
        if inputs is not None:
            self.read_inputs(node, inputs)

    def read_attrs(self, node: LockNode, what: str, optional: bool) -> dict[str, Attr] | None:
        value = node.json.get(what)
        if value is None:
            if not optional:
                self.problem(SHAPE, f"node '{node.key}' has no '{what}'", node.key_span)
            return None
        if value.kind != OBJECT:
            self.problem(SHAPE, f"'{what}' must be an object", value.span)
            return None
        out: dict[str, Attr] = {}
        for key, member in value.members.items():
            scalar = member.value.scalar
            if isinstance(scalar, (str, bool, int)):
                out[key] = scalar
            elif isinstance(scalar, float) and scalar.is_integer():
                out[key] = int(scalar)
            else:
                self.problem(
                    SHAPE,
                    f"'{key}' must be a string, an integer or a boolean",
                    member.value.span,
                )
        if "type" not in out and what != "info":
            self.problem(SHAPE, f"'{what}' of node '{node.key}' has no 'type'", value.span)
        return out

    def read_inputs(self, node: LockNode, inputs: JsonValue) -> None:
        if inputs.kind != OBJECT:
            self.problem(SHAPE, f"'inputs' of node '{node.key}' must be an object", inputs.span)
            return
        for name, member in inputs.members.items():
            target: str | list[str] | None = member.value.text
            if target is None:
                target = _texts(member.value)
            if target is None:
                self.problem(
                    SHAPE,
                    f"input '{name}' must be the key of a node or a list of input names",
                    member.value.span,
                )
                continue
            node.inputs[name] = LockInput(name, member.key_span, target, member.value.span)

    def check_nodes(self) -> None:
        """Report nodes that are missing, that nothing leads to, or that lead back."""
        lock = self.lock
        if lock.root not in lock.nodes:
            return
        reached = lock.reachable()
        for key in lock.nodes:
            node = lock.nodes[key]
            if key not in reached:
                self.problem(
                    UNREACHABLE,
                    f"nothing leads to node '{key}'",
                    node.key_span,
                    fatal=False,
                )
                continue
            for edge in node.inputs.values():
                if not isinstance(edge.target, str):
                    continue
                if edge.target == lock.root:
                    self.problem(
                        CYCLE,
                        f"input '{self.shown(key, edge.name)}' leads back to the root; "
                        "that is written []",
                        edge.span,
                    )
                elif edge.target not in lock.nodes:
                    self.problem(
                        MISSING_NODE,
                        f"input '{self.shown(key, edge.name)}' names the node '{edge.target}', "
                        "which does not exist",
                        edge.span,
                    )
        self.check_circles(reached)

    def check_circles(self, reached: set[str]) -> None:
        """Report edges that close a circle of nodes."""
        lock = self.lock
        done: set[str] = set()
        path: set[str] = set()
        todo: list[tuple[str, bool]] = [(lock.root, False)]
        while todo:
            key, leaving = todo.pop()
            if leaving:
                path.discard(key)
                done.add(key)
                continue
            if key in done or key in path:
                continue
            path.add(key)
            todo.append((key, True))
            for edge in lock.nodes[key].inputs.values():
                if not isinstance(edge.target, str) or edge.target not in reached:
                    continue
                if edge.target in path and edge.target != lock.root:
                    self.problem(
                        CYCLE,
                        f"input '{self.shown(key, edge.name)}' leads back to node '{edge.target}'",
                        edge.span,
                        [Note("the node", lock.nodes[edge.target].key_span)],
                        fatal=False,
                    )
                elif edge.target != lock.root:
                    todo.append((edge.target, False))

    def check_edges(self) -> None:
        """Report follows paths that lead nowhere, each circle of them once."""
        lock = self.lock
        if lock.root not in lock.nodes:
            return
        known: set[int] = set()
        for key in lock._parents():
            for edge in lock.nodes[key].inputs.values():
                if not isinstance(edge.target, list) or lock.resolve(edge.target) is not None:
                    continue
                self.explain(key, edge, known)

    def explain(self, key: str, edge: LockInput, known: set[int]) -> None:
        """Say why a follows path leads nowhere, unless another edge is to blame."""
        lock = self.lock
        seen: dict[int, tuple[LockInput, str]] = {}
        at_edge, name = edge, self.shown(key, edge.name)
        while True:
            if id(at_edge) in known:
                return
            if id(at_edge) in seen:
                circle = list(seen.values())
                start = list(seen).index(id(at_edge))
                self.report_circle(circle[start:])
                known.update(seen)
                return
            seen[id(at_edge)] = (at_edge, name)
            assert isinstance(at_edge.target, list)
            stopped = self.where_stuck(at_edge.target)
            if stopped is None:
                known.update(seen)
                return
            node_key, index, next_edge = stopped
            if next_edge is None:
                known.update(seen)
                if node_key is None:
                    return
                self.report_missing(at_edge, name, index)
                return
            at_edge, name = next_edge, self.shown(node_key or lock.root, next_edge.name)

    def where_stuck(self, path: list[str]) -> tuple[str | None, int, LockInput | None] | None:
        """The node and name at which a path stops, and the follows path that is to blame.

        The node is None when it is a missing node, which is reported elsewhere.
        """
        lock = self.lock
        at = lock.root
        for index, name in enumerate(path):
            edge = lock.nodes[at].inputs.get(name)
            if edge is None:
                return at, index, None
            if isinstance(edge.target, list):
                found = lock.resolve(edge.target)
                if found is None:
                    return at, index, edge
                at = found
            elif edge.target in lock.nodes:
                at = edge.target
            else:
                return None, index, None
        return None

    def report_missing(self, edge: LockInput, name: str, index: int) -> None:
        assert isinstance(edge.target, list)
        shown = "/".join(edge.target)
        message = f"input '{name}' follows '{shown}', which does not exist"
        notes: list[Note] = []
        if index > 0:
            before = "/".join(edge.target[:index])
            notes.append(Note(f"'{before}' has no input '{edge.target[index]}'"))
        self.problem(FOLLOWS_MISSING, message, edge.span, notes)

    def report_circle(self, circle: list[tuple[LockInput, str]]) -> None:
        first, name = circle[0]
        if len(circle) == 1:
            self.problem(FOLLOWS_CYCLE, f"input '{name}' follows itself", first.span)
            return
        names = [name for _, name in circle[:_MAX_SHOWN]]
        dots = [] if len(circle) <= _MAX_SHOWN else ["…"]
        route = " → ".join([*names, *dots, circle[0][1]])
        notes = [
            Note(f"'{name}' follows '{'/'.join(edge.target)}'", edge.span)
            for edge, name in circle[1:_MAX_SHOWN]
        ]
        message = f"inputs follow each other in a circle: {route}"
        self.problem(FOLLOWS_CYCLE, message, first.span, notes)

    def shown(self, key: str, name: str) -> str:
        """The full name of an input of a node, as `nix` prints it."""
        return "/".join([*(self.lock.path_to(key) or []), name])


def _texts(value: JsonValue) -> list[str] | None:
    """The strings of an array; None when it is none, or holds something else."""
    if value.kind != ARRAY:
        return None
    out: list[str] = []
    for item in value.items:
        if item.text is None:
            return None
        out.append(item.text)
    return out


def _opening(value: JsonValue) -> Span:
    return Span(value.start, value.start + 1)
