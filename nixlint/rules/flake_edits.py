"""Writing into the inputs of a `flake.nix`."""

from __future__ import annotations

from nixlint.diagnostics.model import Edit
from nixlint.project.flake.file import FlakeFile, FlakeInput
from nixlint.rules.removal import is_blank, line_end, line_start
from nixlint.syntax.nodes import Binding, ExprAttrs, unparen
from nixlint.syntax.strings import quote_name, quote_string, static_name
from nixlint.text.span import Span


def insert_follows(
    flake: FlakeFile, each: FlakeInput, wanted: list[tuple[str, str]]
) -> Edit | None:
    """Lets inputs of an input of the root flake follow others: `(input, path)` pairs.

    The lines go where the input's other lines are, written as those are: into its own set, or
    below its last binding. None when there is no place for them.
    """
    if not each.bindings or not wanted:
        return None
    text = flake.tree.text
    for node in each.bindings:
        if isinstance(node, Binding) and is_whole(node, each, text):
            value = unparen(node.value)
            if isinstance(value, ExprAttrs) and not value.recursive:
                return into_set(value, wanted, text)
    last = each.bindings[len(each.bindings) - 1]
    if not isinstance(last, Binding):
        return None
    prefix = ""
    for attr in last.path.names():
        if static_name(attr, text) == each.name:
            prefix = text[last.start : attr.end]
            break
    if not prefix:
        return None
    lines = [f"{prefix}.{line_of(name, path, True)}" for name, path in wanted]
    return below(last.start, last.end, lines, text)


def is_whole(node: Binding, each: FlakeInput, text: str) -> bool:
    """Whether a binding is that of the input itself, `name = { … };`."""
    names = node.path.names()
    return static_name(names[len(names) - 1], text) == each.name


def line_of(name: str, path: str, full: bool) -> str:
    start = "inputs." if full else ""
    return f"{start}{quote_name(name)}.follows = {quote_string(path)};"


def into_set(value: ExprAttrs, wanted: list[tuple[str, str]], text: str) -> Edit | None:
    """Into `{ url = …; }`, or into its `inputs = { … };` if it has one."""
    for bind in value.binds:
        if isinstance(bind, Binding) and bind.path.rest is None:
            inner = unparen(bind.value)
            if static_name(bind.path.first, text) == "inputs" and isinstance(inner, ExprAttrs):
                return at_end(inner, [line_of(name, path, False) for name, path in wanted], text)
    return at_end(value, [line_of(name, path, True) for name, path in wanted], text)


def at_end(value: ExprAttrs, lines: list[str], text: str) -> Edit | None:
    """At the end of a set."""
    if value.binds:
        last = value.binds[len(value.binds) - 1]
        return below(last.start, last.end, lines, text)
    brace: int = value.end - 1
    if brace <= value.start or text[brace] != "}" or text[value.start] != "{":
        return None
    if not is_blank(text, value.start + 1, brace):
        return None
    return Edit(Span(value.start + 1, brace), " " + " ".join(lines) + " ")


def below(start: int, end: int, lines: list[str], text: str) -> Edit:
    """Behind what stands between two offsets: on lines of its own if that has lines of its own,
    after a comment that follows it."""
    first = line_start(text, start)
    rest_start = end
    rest_end = line_end(text, end)
    rest = text[rest_start:rest_end].strip()
    if not is_blank(text, first, start) or (rest and not rest.startswith("#")):
        return Edit(Span(end, end), " " + " ".join(lines))
    indentation = text[first:start]
    newline = "\r\n" if text[rest_end : rest_end + 2] == "\r\n" else "\n"
    return Edit(Span(rest_end, rest_end), "".join([newline + indentation + line for line in lines]))
