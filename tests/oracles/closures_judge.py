"""Asks the installed Nix for the modules of the configurations of a repository.

Nix evaluates the flake with nixpkgs' `lib` and with stubs for most inputs (`closures_judge.nix`).
Stubs have all names that the repository selects. What else a message of Nix says is missing
(names, arguments) or of the wrong type is added, and Nix is asked again.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final

from nixlint.project.flake.eval import MODEL_FOLDER
from nixlint.project.modules.configurations import OUTPUTS
from nixlint.project.project import Project
from nixlint.syntax.nodes import AttrPath, ExprOpHasAttr, ExprSelect, Inherit, Node
from nixlint.syntax.parser import parse_text
from tests.oracles import judge

PROGRAM: Final = Path(__file__).with_suffix(".nix")
LEARNED: Final = ("names", "members", "missed", "omitted", "plain", "stored", "overlays")
"""The parts of a request that messages of Nix add to."""
KINDS: Final = ("boolean", "list", "string", "integer")
"""The types that a stub may have instead of its own."""
TRIES: Final = 40
"""How often Nix is asked again for one answer."""
SECONDS: Final = 120
MEMORY: Final = 6 << 30
SYSTEMS: Final = (
    "x86_64-linux", "aarch64-linux", "i686-linux", "armv7l-linux", "riscv64-linux",
    "x86_64-darwin", "aarch64-darwin",
)  # fmt: skip
SETS: Final = (
    "nixosModules", "darwinModules", "homeModules", "homeManagerModules", "hmModules",
    "flakeModules", "overlays",
)  # fmt: skip
"""Outputs of flakes that are asked for all of their attributes."""

_NIXPKGS: Final = re.compile(r"nixpkgs(-unstable|-stable|\.lib)?|nixexprs.*")
_CHANNEL: Final = re.compile(r"nixpkgs/|nixexprs|/nixos-")
_NAME: Final = r"[A-Za-z_][A-Za-z0-9_'-]*"
_PATH: Final = re.compile(rf"{_NAME}(?:\.{_NAME})*")
_MISSING: Final = re.compile(r"error: attribute '([^']+)' missing")
_UNDEFINED: Final = re.compile(rf"error: undefined variable '({_NAME})'")
_ARGUMENT: Final = re.compile(rf"called without required argument '({_NAME})'")
_UNEXPECTED: Final = re.compile(rf"called with unexpected argument '({_NAME})'")
_TYPE: Final = re.compile(r"error: value is a set while an? (\w+) was expected")
_STORED: Final = re.compile(r"nixlint-stored (\S+)")
_TRACED: Final = re.compile(r"^trace: nixlint-(read|missing) (.*)$", re.MULTILINE)
_PLACE: Final = re.compile(r"at (/\S+?):(\d+):(\d+):")

NOT_TESTED: Final = frozenset(("if", "else", "or", "let", "in", "assert", *SYSTEMS))
"""Words that are no names of something of a wrong type."""

Json = Any


class NotJudgedError(Exception):
    """Nix cannot answer: the first line of its message."""


class Judge:
    """What Nix says about one repository; `sources` hold checkouts `owner+name` of inputs."""

    def __init__(self, root: str, lib: str, sources: list[str], entry: Json) -> None:
        self.root = root
        self.read: set[str] = set()
        """The Nix files that were read, relative to the root."""
        self.absent: set[str] = set()
        """Those that do not exist."""
        self.processes = 0
        lock = Path(root, "flake.lock")
        try:
            nodes = json.loads(lock.read_text("utf-8"))
        except (OSError, ValueError):
            # There is none, or it is encrypted.
            nodes = _unlocked(root)
        self.request: dict[str, Json] = {
            "root": root,
            "lib": lib,
            "entry": entry,
            "formats": os.path.join(MODEL_FOLDER, "formats.nix"),
            "homeManager": _source(sources, "nix-community", "home-manager"),
            "systems": SYSTEMS,
            "outputs": [output for output, _ in OUTPUTS] + ["colmena"],
            "inputs": _Lock(nodes, sources).inputs_of(nodes.get("root", "root"), 0),
            "names": sorted(_names(root) | set(SYSTEMS)),
            "sets": SETS,
            "members": sorted({"default"} | _names(root, SETS)),
            "missed": ["enable"],
            "stored": {},
            "overlays": False,
            "omitted": [],
            "plain": {"enable": "boolean"},
        }

    def ask(self, question: str, path: list[str], label: str = "", name: str = "") -> Json:
        """The answer to a question of the program; raises NotJudgedError."""
        request = self.request | {
            "question": question,
            "path": path or ["none"],
            "label": label,
            "name": name,
        }
        for _ in range(TRIES):
            request.update({key: self.request[key] for key in LEARNED})
            self.processes += 1
            done = self._run(request)
            message = re.sub(r"\x1b\[[0-9;]*m", "", done.stderr)
            self._traced(message)
            if done.returncode == 0:
                answer = json.loads(done.stdout)
                unknown = question == "names" and None in answer.values()
                if not unknown or not self._with_overlays():
                    return answer
            elif not self._learn(message):
                lacks = "missing" in _first_line(message)
                if not lacks or not self._with_overlays():
                    raise NotJudgedError(_first_line(message))
        raise NotJudgedError("Nix was asked too often")

    def _traced(self, message: str) -> None:
        """Takes the files that were read, and those that are missing."""
        for mark, file in _TRACED.findall(message):
            found = self.read if mark == "read" else self.absent
            found.add(os.path.relpath(os.path.realpath(file), self.root))

    def _with_overlays(self) -> bool:
        """Lets overlays count; False if they do already."""
        new = not self.request["overlays"]
        self.request["overlays"] = True
        return new

    def _run(self, request: Json) -> subprocess.CompletedProcess[str]:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "request.json")
            file.write_text(json.dumps(request), "utf-8")
            command = ["nix-instantiate", "--eval", "--strict", "--json", "--show-trace"]
            command += [str(PROGRAM), "--argstr", "request", str(file)]
            try:
                return subprocess.run(
                    command,
                    capture_output=True,
                    text=True,
                    errors="replace",
                    check=False,
                    env=judge.environment(),
                    timeout=SECONDS,
                    preexec_fn=_limit,
                )
            except subprocess.TimeoutExpired:
                raise NotJudgedError(f"Nix took more than {SECONDS} s") from None

    def _learn(self, message: str) -> bool:
        """Adds what a message says is missing; False if that is nothing new."""
        missing = _MISSING.search(message) or _UNDEFINED.search(message)
        if missing is not None:
            new = [self._add(key, missing[1]) for key in ("names", "members", "missed")]
            return any(new)
        argument = _ARGUMENT.search(message)
        if argument is not None:
            return self._add("names", argument[1])
        unexpected = _UNEXPECTED.search(message)
        if unexpected is not None:
            return self._add("omitted", unexpected[1])
        stored = _STORED.search(message)
        if stored is not None:
            return self._find_stored(stored[1])
        wrong = _TYPE.search(message)
        place = self._place(message[wrong.start() :]) if wrong is not None else None
        if wrong is None or place is None or wrong[1].lower() not in KINDS:
            return False
        new = [self._plain(name, wrong[1].lower()) for name in _tested(*place)]
        return any(new)

    def _add(self, key: str, name: str) -> bool:
        known = self.request[key]
        if name in known:
            return False
        known.append(name)
        return True

    def _plain(self, name: str, kind: str) -> bool:
        plain = self.request["plain"]
        if name in plain:
            return False
        plain[name] = kind
        self._add("missed", name)
        return True

    def _find_stored(self, wanted: str) -> bool:
        """Looks for the file or directory that Nix would copy to a place in the store."""
        name = wanted.rsplit("/", 1)[-1].partition("-")[2]
        found = sorted(Path(self.root).rglob(name))
        for path in [Path(self.root), *found] if name == Path(self.root).name else found:
            text = f'"${{/. + {json.dumps(str(path))}}}"'
            done = subprocess.run(
                ["nix-instantiate", "--eval", "--json", "--expr", text],
                capture_output=True,
                text=True,
                check=False,
                env=judge.environment(),
            )
            if done.returncode == 0 and json.loads(done.stdout) == wanted:
                self.request["stored"][wanted] = str(path)
                return True
        return False

    def _place(self, message: str) -> tuple[str, int, int] | None:
        """The first place in the repository that a message tells."""
        for path, line, column in _PLACE.findall(message):
            if path.startswith(self.root + "/"):
                return path, int(line), int(column)
        return None


class _Lock:
    """Where the inputs of a flake come from, as its lock says."""

    def __init__(self, lock: Json, sources: list[str]) -> None:
        self.nodes: dict[str, Json] = lock.get("nodes", {})
        self.root = lock.get("root", "root")
        self.sources = sources

    def inputs_of(self, name: str, depth: int) -> Json:
        node = self.nodes.get(name, {})
        out: dict[str, Json] = {}
        for input_name, target in node.get("inputs", {}).items():
            out[input_name] = self._input(self._node(target), depth)
        return out

    def _node(self, target: Json) -> str | None:
        """The node that a name, or a path of inputs from the root, leads to."""
        if isinstance(target, str):
            return target
        at: str | None = self.root
        for step in target:
            if at is None:
                return None
            following = self.nodes.get(at, {}).get("inputs", {}).get(step)
            at = None if following is None else self._node(following)
        return at

    def _input(self, name: str | None, depth: int) -> Json:
        """What stands for an input: a stub of a kind, or a source."""
        node = self.nodes.get(name or "", {})
        both = [node.get("original", {}), node.get("locked", {})]
        words = [
            str(one[key]).lower()
            for one in both
            for key in ("repo", "id", "url", "path")
            if key in one
        ]
        last = [word.removesuffix(".git").rsplit("/", 1)[-1] for word in words]
        owner = str(both[1].get("owner", "")).lower()
        if any(_NIXPKGS.fullmatch(word) for word in last) or any(
            word.startswith("http") and _CHANNEL.search(word) for word in words
        ):
            return {"kind": "nixpkgs"}
        if owner == "nix-systems":
            return {"kind": "systems", "set": str(both[1]["repo"])}
        if "home-manager" in last:
            return {"kind": "homeManager"}
        if "nix-darwin" in last or owner == "lnl7":
            return {"kind": "darwin"}
        place = None
        for one in both:
            place = place or _source(self.sources, one.get("owner", ""), one.get("repo", ""))
        if place is None or depth > 3:
            return {"kind": "stub"}
        if node.get("flake") is False or not Path(place, "flake.nix").is_file():
            return {"kind": "source", "place": place}
        return {"kind": "flake", "place": place, "inputs": self.inputs_of(name or "", depth + 1)}


def _unlocked(root: str) -> Json:
    """A lock with what the flake itself says of its inputs."""
    flake = Project(root).flake
    inputs = flake.inputs if flake is not None else {}
    nodes: dict[str, Json] = {"root": {"inputs": {name: name for name in inputs}}}
    for name, one in inputs.items():
        found = re.match(r"github:([^/]+)/([^/?]+)", one.url or "")
        told = {"owner": found[1], "repo": found[2]} if found else {"url": one.url or name}
        nodes[name] = {"locked": told}
    return {"root": "root", "nodes": nodes}


def _source(sources: list[str], owner: str, repo: str) -> str | None:
    """The checkout of a repository in one of the directories."""
    for folder in sources:
        wanted = f"{owner}+{repo}".lower()
        for name in os.listdir(folder):
            if name.lower() == wanted:
                return os.path.realpath(os.path.join(folder, name))
    return None


def _limit() -> None:
    """Gives Nix all of the stack, and not all of the memory."""
    soft = resource.getrlimit(resource.RLIMIT_STACK)[1]
    resource.setrlimit(resource.RLIMIT_STACK, (soft, soft))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _names(root: str, below: tuple[str, ...] = ()) -> set[str]:
    """The names that the Nix files below `root` select or inherit from something; only those
    of attributes of sets of the names `below`, if there are any."""
    out: set[str] = set()
    for path in Path(root).rglob("*.nix"):
        if not path.is_file():
            continue
        text = path.read_text("utf-8", "replace")
        tree = parse_text(text)
        stack: list[Node] = [tree.root]
        while stack:
            node = stack.pop()
            if isinstance(node, ExprSelect) and node.default is None:
                names = _path_names(text, node.path)
                start = next((at + 1 for at, one in enumerate(names) if one in below), len(names))
                out.update(names[start:] if below else names)
            elif isinstance(node, Inherit) and node.source is not None:
                if not below or text[node.source.start : node.source.end].endswith(below):
                    out |= {text[name.start : name.end] for name in node.names}
            elif isinstance(node, ExprOpHasAttr):
                stack.append(node.base)
                continue
            stack.extend(node.children())
    return {name for name in out if re.fullmatch(_NAME, name)}


def _path_names(text: str, path: AttrPath) -> list[str]:
    return [text[name.start : name.end].strip('"') for name in path.names()]


def _tested(path: str, line: int, column: int) -> set[str]:
    """The last names of what stands on the rest of a line: one of them has the wrong type."""
    text = Path(path).read_text("utf-8", "replace").split("\n")[line - 1][column - 1 :]
    text = re.split(r"\b(?:then|with)\b|[;{]", text)[0]
    paths = [found.split(".") for found in _PATH.findall(text)]
    selected = [path for path in paths if len(path) > 1 and path[0] not in ("lib", "builtins")]
    return {path[-1] for path in selected or paths} - NOT_TESTED


def _first_line(message: str) -> str:
    found = re.search(r"^error: (.*)$", message, re.MULTILINE)
    text = found[1] if found else (message.strip().splitlines() or ["no message"])[-1]
    place = _PLACE.search(message, found.start() if found else 0)
    return text[:200] + (f" ({place[1]}:{place[2]})" if place else "")
