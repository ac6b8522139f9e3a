"""Values as Nix prints them, read back, so that two printed values can be compared.

Understood are the output of `nix-instantiate --eval --strict`, of `:p` in `nix repl`, and of
`nixlint eval`, whose `«unknown: …»` agrees with everything.
"""

from __future__ import annotations

import re
from typing import Any

Item = tuple[str, Any]
"""The kind of a value (`scalar`, `string`, `list`, `set`, `function`, `derivation`, `repeated`,
`unknown`, `error`, `rest`), and what is in it."""

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_SPACE = re.compile(r"\s+")
_NAME = re.compile(r"[^\s=\"]\S*")
_SCALAR = re.compile(r"[^\s\[\]{};]+")
_FUNCTIONS = {
    "<LAMBDA>": "lambda",
    "<PRIMOP>": "primop",
    "<PRIMOP-APP>": "primop",
    "<CODE>": "code",
}
_REPEATED = ("<REPEAT>", "<CYCLE>")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NAN = ("nan", "-nan")
UNKNOWN = ("unknown", "no reason")


class UnreadableError(ValueError):
    """Text that no printer of values writes."""


class Reader:
    """Reads one value, or several in a row."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def skip(self) -> None:
        found = _SPACE.match(self.text, self.at)
        if found is not None:
            self.at = found.end()

    def complain(self, wanted: str) -> UnreadableError:
        return UnreadableError(f"{wanted} expected at {self.text[self.at : self.at + 40]!r}")

    def take(self, mark: str) -> bool:
        self.skip()
        if self.text.startswith(mark, self.at):
            self.at += len(mark)
            return True
        return False

    def value(self) -> Item:
        self.skip()
        text = self.text
        if self.at >= len(text):
            raise self.complain("a value")
        here = text[self.at]
        if here == '"':
            return "string", self.string()
        if here == "[":
            return self.list()
        if here == "{":
            return self.set()
        if here == "«":
            return self.marked()
        for word, kind in _FUNCTIONS.items():
            if self.take(word):
                return "function", kind
        for word in _REPEATED:
            if self.take(word):
                return "repeated", None
        found = _SCALAR.match(text, self.at)
        if found is None:
            raise self.complain("a value")
        self.at = found.end()
        word = found[0]
        return "scalar", "nan" if word in _NAN else word

    def string(self) -> str:
        found = _STRING.match(self.text, self.at)
        if found is None:
            raise self.complain("the end of a string")
        self.at = found.end()
        return _ESCAPED.sub(lambda one: _ESCAPES.get(one[1], one[1]), found[1])

    def marked(self) -> Item:
        """`«…»`, whose inside may hold the same marks."""
        begin = self.at
        depth = 0
        while self.at < len(self.text):
            here = self.text[self.at]
            self.at += 1
            if here == "«":
                depth += 1
            elif here == "»":
                depth -= 1
                if depth == 0:
                    break
        inside = self.text[begin + 1 : self.at - 1]
        word, _, rest = inside.partition(":")
        if word in ("unknown", "error"):
            return word, rest.strip()
        if inside == "repeated":
            return "repeated", None
        for mark in ("unknown", "error"):
            # A derivation is printed by its path, which may be what is not known.
            start = inside.find(f"«{mark}:")
            if start >= 0:
                return mark, inside[start + len(mark) + 2 :].rstrip("»").strip()
        kind = word.split()[0] if word else ""
        if kind == "derivation":
            return "derivation", inside.partition(" ")[2].strip().strip('"')
        if kind == "partially":
            kind = "primop"
        if kind.startswith("primop"):
            kind = "primop"
        if kind in ("lambda", "primop"):
            return "function", kind
        return "scalar", f"«{inside}»"

    def list(self) -> Item:
        self.at += 1
        items: list[Item] = []
        while not self.take("]"):
            items.append(self.value())
            if items[-1][0] == "unknown" and self.take("..."):
                items[-1] = "rest", items[-1][1]
        return "list", items

    def set(self) -> Item:
        self.at += 1
        items: dict[str, Item] = {}
        while not self.take("}"):
            self.skip()
            if self.text.startswith("«", self.at):
                _, reason = self.marked()
                self.take("...")
                self.take(";")
                items["\0rest"] = "rest", reason
                continue
            if self.text.startswith('"', self.at):
                name = self.string()
            else:
                found = self.text.find(" = ", self.at)
                if found < 0:
                    raise self.complain("`=`")
                name = self.text[self.at : found]
                self.at = found
            if not self.take("="):
                raise self.complain("`=`")
            items[name] = self.value()
            if not self.take(";"):
                raise self.complain("`;`")
        return "set", items


def read(text: str) -> Item:
    """The printed value. Raises `UnreadableError`."""
    reader = Reader(_COLOUR.sub("", text))
    item = reader.value()
    reader.skip()
    if reader.at != len(reader.text):
        raise reader.complain("the end")
    return item


def contains(item: Item, kind: str) -> bool:
    """Whether something of that kind is in it, at any depth."""
    stack = [item]
    while stack:
        one, inside = stack.pop()
        if one == kind:
            return True
        if one == "list":
            stack += inside
        elif one == "set":
            stack += inside.values()
    return False


def reasons(item: Item, kind: str = "unknown") -> list[str]:
    """The reasons of everything unknown in it (or what the errors in it say)."""
    kinds = ("unknown", "rest") if kind == "unknown" else (kind,)
    found: list[str] = []
    stack = [item]
    while stack:
        one, inside = stack.pop()
        if one in kinds:
            found.append(inside)
        elif one == "list":
            stack += inside
        elif one == "set":
            stack += inside.values()
    return found


def difference(theirs: Item, ours: Item, seen: list[Item] | None = None, path: str = "") -> str:
    """How our value contradicts theirs, or "". What we do not know contradicts nothing."""
    if seen is None:
        seen = []
    here = path or "the value"
    kind, inside = ours
    if kind == "unknown" or kind == "rest":
        return ""
    their_kind, their_inside = theirs
    if their_kind == "repeated":
        if kind == "repeated" or any(not difference(one, ours, list(seen)) for one in seen):
            return ""
        return f"{here}: is not what was printed before"
    if kind == "repeated":
        return ""
    if "derivation" in (kind, their_kind) and kind != their_kind:
        # Versions of Nix differ in whether they print the set.
        whole = inside if kind == "set" else their_inside
        if isinstance(whole, dict) and whole.get("type") == ("string", "derivation"):
            return ""
    if kind != their_kind:
        return f"{here}: {shown(theirs)} for Nix, {shown(ours)} for us"
    if kind == "list":
        seen.append(theirs)
        if inside and inside[-1][0] in ("unknown", "rest") and len(inside) != len(their_inside):
            # What else may be in the list is printed last.
            return ""
        if len(inside) != len(their_inside):
            return f"{here}: {len(their_inside)} elements for Nix, {len(inside)} for us"
        for number, (a, b) in enumerate(zip(their_inside, inside, strict=True)):
            found = difference(a, b, seen, f"{path}[{number}]")
            if found:
                return found
        return ""
    if kind == "set":
        seen.append(theirs)
        open_end = "\0rest" in inside
        missing = [name for name in their_inside if name not in inside]
        extra = [name for name in inside if name not in their_inside and name != "\0rest"]
        if "langVersion" in their_inside and "storeDir" in their_inside:
            # `builtins` itself: its names are those of the version of Nix.
            extra = []
        if extra or (missing and not open_end):
            return f"{here}: missing {missing}, too many {extra}"
        for name, a in their_inside.items():
            if name in inside:
                found = difference(a, inside[name], seen, f"{path}.{name}")
                if found:
                    return found
        return ""
    if inside != their_inside and "code" not in (inside, their_inside):
        return f"{here}: {shown(theirs)} for Nix, {shown(ours)} for us"
    return ""


def shown(item: Item) -> str:
    """A value for a message."""
    kind, inside = item
    text = repr(inside) if kind not in ("scalar", "function") else str(inside)
    text = text if len(text) < 120 else text[:117] + "…"
    return text if kind in ("scalar", "string") else f"{kind} {text}"
