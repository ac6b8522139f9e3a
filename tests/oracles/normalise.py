"""Brings what Nix 2.8 prints into an order that does not depend on memory addresses.

`nix-instantiate --parse` of that version prints formals and the bindings of `let … in` in the
order of the addresses of their names. Everything else is left exactly as it is, so that two
texts with the same result differ at most in that order.
"""

from __future__ import annotations

import re

_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_TOKEN = re.compile(rf'"\$\{{|{_STRING}|[(){{}}\[\];,]', re.DOTALL)
_ENTRY = re.compile(
    rf'inherit (?:[^ "]+|{_STRING})\Z|(?:[A-Za-z_][A-Za-z0-9_\'-]*|{_STRING}) = ', re.DOTALL
)
_CLOSERS = {"(": ")", "{": "}", "[": "]", '"${': "}"}


class _Group:
    """An open bracket; `parts` is what stands between its semicolons and commas so far."""

    def __init__(self, opener: str) -> None:
        self.opener = opener
        self.parts: list[list[str]] = [[]]
        self.separators: list[str] = []

    def add(self, text: str) -> None:
        self.parts[-1].append(text)

    def separate(self, separator: str) -> None:
        self.parts.append([])
        self.separators.append(separator)

    def texts(self) -> list[str]:
        return ["".join(part) for part in self.parts]

    def plain(self) -> str:
        texts = self.texts()
        out = [texts[0]]
        for separator, text in zip(self.separators, texts[1:], strict=True):
            out += [separator, text]
        return "".join(out)


def canonical(printed: str) -> str:
    """`printed` with the formals of every function and the bindings of every `let` sorted.

    Raises ValueError for text with unbalanced brackets.
    """
    stack = [_Group("")]
    at = 0
    while (found := _TOKEN.search(printed, at)) is not None:
        group = stack[-1]
        group.add(printed[at : found.start()])
        token = found[0]
        at = found.end()
        if token in _CLOSERS:
            stack.append(_Group(token))
        elif token in (";", ","):
            group.separate(token)
        elif token[0] == '"':
            group.add(token)
        else:
            stack.pop()
            if token != _CLOSERS.get(group.opener) or not stack:
                raise ValueError(f"unbalanced at {found.start()}")
            if group.opener == '"${':
                token = printed[found.start() : at + 1]
                at += 1
            inside = _inside(group, printed[at : at + 3])
            stack[-1].add(group.opener + inside + token)
    if len(stack) != 1:
        raise ValueError("unbalanced at the end")
    stack[0].add(printed[at:])
    return stack[0].plain()


def _inside(group: _Group, after: str) -> str:
    if group.opener == "{" and (after.startswith(": ") or after == " @ "):
        formals = [text.strip(" ") for text in group.texts()]
        named = sorted(text for text in formals if text != "...")
        return " " + ", ".join(named + ["..."] * formals.count("...")) + " "
    if group.opener == "(" and group.parts[0] and group.texts()[0].startswith("let "):
        return _let(group)
    return group.plain()


def _let(group: _Group) -> str:
    texts = group.texts()
    texts[0] = texts[0].removeprefix("let")
    entries: list[str] = []
    for number, text in enumerate(texts):
        if text.startswith(" in ") and not text.startswith(" in = "):
            body = "; ".join([text[4:], *(more.removeprefix(" ") for more in texts[number + 1 :])])
            return "let " + "".join(entry + "; " for entry in sorted(entries)) + "in " + body
        text = text.removeprefix(" ")
        if _ENTRY.match(text):
            entries.append(text)
        else:
            # The rest of a value `assert …; …`, which Nix prints without parentheses.
            entries[-1] += "; " + text
    raise ValueError("a `let` without `in`")
