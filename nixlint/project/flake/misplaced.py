"""Inputs that have been put into other inputs by mistake, and what was probably meant.

Nix says of all of them that an attribute is a set where a string was expected.
"""

from __future__ import annotations

from typing import Final

from nixlint.diagnostics.model import UNSAFE, Edit, Fix, Note
from nixlint.project.flake.model import FlakeProblem
from nixlint.project.flake.outline import Entry
from nixlint.syntax.nodes import AttrName, Binding, Node
from nixlint.syntax.strings import quote_name, quote_string
from nixlint.text.span import Span

RULE: Final = "flake-invalid-input-attribute"
INPUT_KEYS: Final = ("url", "follows", "flake", "inputs")
REF_KEYS: Final = frozenset((*INPUT_KEYS, "type", "owner", "repo", "ref", "rev"))


def quote(name: str) -> str:
    """A name as one component of a path."""
    return quote_name(name)


def nested_inputs(entry: Entry) -> FlakeProblem | None:
    """The problem with an input called `inputs`, unless it is one."""
    if not entry.is_set:
        return None
    for name, child in entry.children.items():
        if name in REF_KEYS and (name != "inputs" or not looks_like_input(child)):
            return None
    if not any_input(entry):
        return None
    problem = FlakeProblem(
        RULE, "`inputs` stands inside `inputs`: remove one of them", entry.name_node.span
    )
    problem.notes.append(
        Note("these inputs are one level too deep: Nix takes `inputs` for the name of an input")
    )
    edits: list[Edit] = []
    for index, owner in enumerate(entry.owners):
        after = next_name(owner, entry.names[index])
        if after is None:
            return problem
        edits.append(Edit(Span(entry.names[index].start, after.start), ""))
    problem.fix = Fix("Remove the inner `inputs`", edits, UNSAFE)
    return problem


def any_input(entry: Entry) -> bool:
    return any(looks_like_input(child) for child in entry.children.values())


def looks_like_input(entry: Entry) -> bool:
    """Whether an attribute is a set with something in it that inputs have."""
    return entry.is_set and not REF_KEYS.isdisjoint(entry.children)


def next_name(owner: Node, name: Node) -> AttrName | None:
    """The name behind `name` in the path of a binding; None if there is none."""
    if not isinstance(owner, Binding):
        return None
    names = owner.path.names()
    for index in range(len(names) - 1):
        if names[index] is name:
            return names[index + 1]
    return None


def set_in_input(entry: Entry, above: Entry) -> FlakeProblem:
    """The problem with a set `entry` in the input `above`, whose attributes can be no sets."""
    name = quote(entry.name)
    outer = quote(above.name)
    span = entry.name_node.span
    if similar(entry.name, ["inputs"]):
        problem = FlakeProblem(RULE, f"an input has no attribute `{name}`", span)
        problem.notes.append(Note("did you mean `inputs`?"))
        if "inputs" not in above.children:
            edits = [Edit(each.span, "inputs") for each in entry.names]
            problem.fix = Fix("Rename to `inputs`", edits, UNSAFE)
        return problem
    if not looks_like_input(entry):
        message = f"`{name}` is a set, and the attributes of an input are strings or the like"
        problem = FlakeProblem(RULE, message, span)
        problem.notes.append(Note(f"in the input `{outer}`", above.name_node.span))
        return problem
    if only_follows(entry):
        message = f"an override of what `{outer}` uses stands in its `inputs`"
        problem = FlakeProblem(RULE, message, span)
        problem.notes.append(Note(f"write `{outer}.inputs.{name}.follows = …`"))
        edits = [Edit(Span(each.start, each.start), "inputs.") for each in entry.names]
        problem.fix = Fix(f"Make it `inputs.{name}`", edits, UNSAFE)
        return problem
    if says_nothing_else(above) and is_dotted_through(entry, above):
        whole = f"{above.name}.{entry.name}"
        message = f"a name with a dot in it needs quotes: {quote_string(whole)}"
        problem = FlakeProblem(RULE, message, Span(above.name_node.start, span.end))
        problem.notes.append(
            Note(f"without quotes this is an attribute `{name}` of the input `{outer}`")
        )
        edits = []
        for index, owner in enumerate(above.owners):
            after = next_name(owner, above.names[index])
            if after is None:
                return problem
            edits.append(Edit(Span(above.names[index].start, after.end), quote_string(whole)))
        problem.fix = Fix("Quote the name", edits, UNSAFE)
        return problem
    problem = FlakeProblem(RULE, f"the input `{name}` stands inside the input `{outer}`", span)
    if is_dotted_through(entry, above):
        problem.notes.append(
            Note(
                f"an input of its own is `inputs.{name}`, "
                f"an override of what `{outer}` uses is `inputs.{outer}.inputs.{name}`"
            )
        )
    elif above.sets:
        brace: int = above.sets[0].start
        message = f"did you close the brace of `{outer}`, which opens here?"
        problem.notes.append(Note(message, Span(brace, brace + 1)))
    return problem


def only_follows(entry: Entry) -> bool:
    return len(entry.children) == 1 and "follows" in entry.children


def says_nothing_else(above: Entry) -> bool:
    """Whether all that is said about an input is one set in it, always spelled with dots."""
    return len(above.children) == 1 and not above.sets and not above.dynamic


def is_dotted_through(entry: Entry, above: Entry) -> bool:
    """Whether one path names the one right behind the other."""
    for index, owner in enumerate(above.owners):
        if next_name(owner, above.names[index]) is entry.name_node:
            return True
    return False


def similar(name: str, known: list[str]) -> str:
    """The known name that was probably meant, or empty."""
    import difflib

    wanted = name.lower().replace("-", "").replace("_", "")
    for other in known:
        if wanted == other.lower():
            return other
    if wanted in _ALSO:
        return _ALSO[wanted] if _ALSO[wanted] in known else ""
    found = difflib.get_close_matches(wanted, known, n=1, cutoff=0.75)
    return found[0] if found else ""


_ALSO: Final = {"uri": "url", "follow": "follows", "config": "nixConfig", "overrides": "inputs"}
