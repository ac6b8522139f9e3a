"""What Nix's builtins and the functions of nixpkgs' `lib` do, in a sentence each.

The texts are in `data/`, read at the first question.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Final

_BUILTINS: Final = "builtins.txt"
_LIB: Final = "lib.txt"
_ARROW: Final = "→"
_BRACKETS: Final = {"(": ")", "{": "}", "[": "]"}

_read: dict[str, dict[str, Entry]] = {}
_groups: dict[str, list[str]] = {}
"""The groups of `lib`, each with its functions that are at the top of `lib`, too."""


class Entry:
    """A function, or a value without parameters.

    `name` is dotted below `builtins` or `lib`. `parameters` are as they are shown; one may be a
    set or a function. `result` says what comes out, `text` is Markdown.
    """

    def __init__(self, name: str, parameters: list[str], result: str, text: str) -> None:
        self.name = name
        self.parameters = parameters
        self.result = result
        self.text = text

    def signature(self, called: str) -> str:
        """The call and what it gives, the function being spelled `called`."""
        words = " ".join([called, *self.parameters])
        return f"{words} {_ARROW} {self.result}" if self.parameters else f"{words}: {self.result}"


def builtin_entry(name: str) -> Entry | None:
    """The builtin of that name; `__name` means the same as `name`."""
    table = _table(_BUILTINS)
    found = table.get(name)
    if found is None and name.startswith("__"):
        found = table.get(name[2:])
    return found


def lib_entry(path: tuple[str, ...]) -> Entry | None:
    """The function that a path below `lib` leads to: `("mkIf",)`, `("strings", "hasPrefix")`.

    Most functions are at the top of `lib` as well as in their group.
    """
    if not path:
        return None
    table = _table(_LIB)
    found = table.get(".".join(path))
    if found is None and len(path) == 2 and path[1] in _groups.get(path[0], ()):
        found = table.get(path[1])
    return found


def lib_members(path: tuple[str, ...]) -> dict[str, Entry | None]:
    """What is below a path in `lib`; None for a group. Empty when that is not known."""
    prefix = "".join(f"{name}." for name in path)
    out: dict[str, Entry | None] = {}
    for name, entry in _table(_LIB).items():
        if name.startswith(prefix):
            first, dot, _ = name[len(prefix) :].partition(".")
            if not dot:
                out[first] = entry
            else:
                out.setdefault(first, None)
    if not path:
        for group in _groups:
            out.setdefault(group, None)
    elif len(path) == 1:
        for name in _groups.get(path[0], ()):
            out.setdefault(name, lib_entry((name,)))
    return out


def _table(file: str) -> dict[str, Entry]:
    table = _read.get(file)
    if table is None:
        table = {}
        text = files("nixlint.ide").joinpath("data", file).read_text("utf-8")
        for line in text.splitlines():
            if line.startswith("["):
                group, _, names = line[1:].partition("]")
                _groups[group] = names.split()
            elif line and not line.startswith("#"):
                name, usage, text = line.split(" | ", 2)
                before, _, result = usage.partition(_ARROW)
                table[name] = Entry(name, split_words(before.strip()), result.strip(), text)
        _read[file] = table
    return table


def split_words(text: str) -> list[str]:
    """The words of a text, brackets with all that is in them being one word."""
    out: list[str] = []
    word = ""
    depth = 0
    for char in text:
        if char in _BRACKETS:
            depth += 1
        elif char in ")}]":
            depth -= 1
        if char == " " and depth == 0:
            if word:
                out.append(word)
            word = ""
        else:
            word += char
    if word:
        out.append(word)
    return out
