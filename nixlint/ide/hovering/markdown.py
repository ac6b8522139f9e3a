"""Answers as Markdown: options, inputs, functions, code."""

from __future__ import annotations

import re
from typing import Final

from nixlint.ide.document import Document
from nixlint.ide.facts import DefinitionFact, InputFact, OptionFact
from nixlint.ide.knowledge.library import Entry
from nixlint.ide.knowledge.reading import document_of
from nixlint.ide.model import Place
from nixlint.project.options.index import split_name
from nixlint.syntax.ids import T_BLOCK_COMMENT, T_WS

MAX_SHOWN: Final = 8
_LONG: Final = 100
_UNKNOWN: Final = "«unknown"
"""What stands for a part of a value that is not known."""
_TICKS: Final = re.compile("`+")
PRIORITIES: Final = {50: "mkForce", 100: "", 1000: "mkDefault", 1500: "the option's default"}


def code(text: str) -> str:
    """A block of Nix code."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}nix\n{text}\n{fence}"


def inline(text: str) -> str:
    """A piece of code in a line of text."""
    text = " ".join(text.split())
    ticks = max((len(found) for found in _TICKS.findall(text)), default=0)
    fence = "`" * (ticks + 1)
    if text.startswith("`") or text.endswith("`"):
        text = f" {text} "
    return f"{fence}{text}{fence}"


def short(text: str, limit: int = _LONG) -> str:
    """A text on one line, cut to a length."""
    cut = len(text) > 20 * limit
    line = " ".join((text[: 20 * limit] if cut else text).split())
    if len(line) > limit:
        return line[: limit - 1] + "…"
    return line + " …" if cut else line


def place(at: Place, root: str) -> str:
    """A place for people: the file from the root of the project on, and the line from 1."""
    path = at.path
    if root and path.startswith(root + "/"):
        path = path[len(root) + 1 :]
    document = document_of(at.path)
    if document is None:
        return inline(path)
    return inline(f"{path}:{document.source.line_of(at.start) + 1}")


def function(entry: Entry, called: str) -> str:
    """What a builtin or a function of `lib` does."""
    return f"{code(entry.signature(called))}\n{entry.text}"


def option(found: OptionFact, root: str, path: list[str | None] | None = None) -> str:
    """Everything about an option: type, default, description, declarations, definitions.

    With a `path` whose names users choose, only what is defined at that very path.
    """
    chosen = found.definitions
    values = found.values
    if path is not None and len(path) == len(found.loc) and None not in path:
        if path != found.loc:
            chosen = [each for each in chosen if split_name(each.path) == path]
            values = {}
    lines = [code(found.name)]
    facts: list[str] = []
    if found.type:
        facts.append(f"Type: {inline(found.type)}")
    if found.default is not None:
        facts.append(f"Default: {_value(found.default)}")
    if found.example is not None:
        facts.append(f"Example: {_value(found.example)}")
    if found.read_only:
        facts.append("Read-only")
    if facts:
        lines.append("  \n".join(facts))
    if found.description:
        lines.append(found.description.strip())
    where = [place(at, root) for at in found.declarations[:MAX_SHOWN]]
    where.extend(inline(text) for text in found.declared_in[:MAX_SHOWN] if text)
    if where:
        lines.append("Declared in " + ", ".join(dict.fromkeys(where)))
    if chosen:
        lines.append(definitions(chosen, root))
    values = {name: value for name, value in values.items() if _UNKNOWN not in value}
    different = sorted(set(values.values()))
    if len(different) == 1:
        lines.append(f"Value: {inline(short(different[0]))}")
    elif different:
        each_value = [
            f"- {inline(name)}: {inline(short(value))}"
            for name, value in sorted(values.items())[:MAX_SHOWN]
        ]
        lines.append("\n".join(["Value:", *each_value]))
    return "\n\n".join(lines)


def definitions(found: list[DefinitionFact], root: str) -> str:
    """Who defines an option, the strongest first."""
    order = sorted(found, key=lambda each: 10_000 if each.priority is None else each.priority)
    lines = ["Defined in:"]
    for each in order[:MAX_SHOWN]:
        line = f"- {place(each.place, root) if each.place is not None else inline(each.path)}"
        if each.value:
            line += f" as {inline(short(each.value))}"
        notes: list[str] = []
        if each.priority is not None and each.priority != 100:
            notes.append(priority(each.priority))
        if each.wins and len(found) > 1:
            notes.append("wins")
        elif not each.wins and any(other.wins for other in found):
            notes.append("overridden")
        if notes:
            line += f" ({', '.join(notes)})"
        lines.append(line)
    if len(order) > MAX_SHOWN:
        lines.append(f"- and {len(order) - MAX_SHOWN} more")
    return "\n".join(lines)


def priority(number: int) -> str:
    """A priority of definitions, and the function that gives it."""
    name = PRIORITIES.get(number, "")
    return (
        f"priority {number}, {inline(name) if name.startswith('mk') else name}"
        if name
        else (f"priority {number}")
    )


def _value(text: str) -> str:
    text = text.strip()
    return "\n" + code(text) if "\n" in text else inline(text)


def flake_input(found: InputFact) -> str:
    """What is known of an input of a flake: reference, locked revision, date and age."""
    lines = [f"**{found.name}**: input of this flake"]
    facts: list[str] = []
    if found.url:
        facts.append(f"Reference: {inline(found.url)}")
    if found.follows:
        facts.append(f"Follows: {inline(found.follows)}")
    if found.rev:
        facts.append(f"Locked revision: {inline(found.rev)}")
    if found.date:
        facts.append(f"Date: {found.date}{age(found.age_days)}")
    if not found.rev and not found.date and not found.follows:
        facts.append("Not in `flake.lock`")
    lines.append("  \n".join(facts))
    return "\n\n".join(line for line in lines if line)


def age(days: int | None) -> str:
    """An age in brackets, or nothing."""
    if days is None or days < 0:
        return ""
    if days == 0:
        return " (today)"
    return f" ({days} day{'s' if days != 1 else ''} old)"


def doc_comment(document: Document, start: int) -> str:
    """The text of the comment `/** … */` right above what starts at an offset; "" without one.

    The format is that of doc comments in nixpkgs: Markdown without the indentation.
    """
    tokens = document.tree.tokens
    index = tokens.index_at(start) - 1
    while index >= 0 and (tokens.kind(index) == T_WS or tokens.start(index) == tokens.end(index)):
        index -= 1
    if index < 0 or tokens.kind(index) != T_BLOCK_COMMENT:
        return ""
    text = document.text[tokens.start(index) : tokens.end(index)]
    if not text.startswith("/**") or text.startswith("/**/") or not text.endswith("*/"):
        return ""
    lines = text[3:-2].splitlines()
    margin = min((len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()), default=0)
    body = [lines[0].strip()] if lines else []
    body.extend(line[margin:].rstrip() for line in lines[1:])
    return "\n".join(body).strip()
