"""Completion of options: names in modules and behind `config`, and values by their types."""

from __future__ import annotations

import re
from typing import Final

from nixlint.ide.completion.context import Context
from nixlint.ide.completion.proposals import DONE, LIKELY, RARE, USUAL, Proposals, escaped
from nixlint.ide.facts import OptionFact, ProjectFacts
from nixlint.ide.knowledge.known import Resolver
from nixlint.ide.knowledge.option_tree import (
    ANY,
    ELEMENT,
    IN_CONFIG,
    IN_OPTIONS,
    OptionNode,
    OptionPlace,
    along,
    below,
    find_option,
    index_of,
    kinds_of,
    option_place,
    written_below,
)
from nixlint.ide.model import BOOLEAN, KEYWORD, NULL, OPTION, STRING
from nixlint.syntax.nodes import ExprAttrs
from nixlint.syntax.strings import quote_name, quote_string, static_name

_MODULE_KEYS: Final = {
    "imports": "Modules that this one includes.",
    "options": "Options that this module declares.",
    "config": "Definitions, where the module has `options` or `imports` beside them.",
}
_ENUM: Final = re.compile(r"one of (.*)")
_CHOICE: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_SKELETONS: Final = (
    (re.compile(r"^boolean"), "bool"),
    (re.compile(r"^(list of|non-empty list)"), "[ $1 ]"),
    (re.compile(r"^(lazy )?attribute set|^submodule|^open submodule|^JSON|^TOML|^YAML"), "{ $1 }"),
    (re.compile(r"^package"), "pkgs.$1"),
    (re.compile(r"^strings? concatenated|^lines"), "''$1''"),
    (re.compile(r"^(non-empty |single-line |optionally )?string"), '"$1"'),
)


def module_keys(
    context: Context, proposals: Proposals, facts: ProjectFacts | None
) -> OptionPlace | None:
    """Proposes options where a name is being bound in a module.

    Gives back where in the module that is; None when it is in none.
    """
    document = context.document
    path = context.path
    names = [static_name(name, document.text) for name in context.before()]
    # The nodes down to the set; the names of the binding itself come from `before`.
    end = next(i for i, node in enumerate(path) if node is context.owner) + 1
    if not isinstance(context.owner, ExprAttrs):
        return None
    where = option_place(document, path[:end], facts)
    if where is None:
        return None
    if not where.path and not names and context.owner is where.top:
        for key, text in _MODULE_KEYS.items():
            proposals.add(key, KEYWORD, documentation=text, order=RARE)
        if where.whole:
            return where
    full = [*where.path, *names]
    side = where.side
    if context.owner is where.top and names and not where.path:
        if names[0] in (IN_CONFIG, IN_OPTIONS):
            side, full = str(names[0]), full[1:]
        elif where.whole or names[0] == "imports":
            return where
    if facts is None:
        return where
    known = Resolver().value(document, context.owner)
    written = written_below(document, known, names)
    written.discard(context.prefix)
    proposed = dict(children(facts, full, kinds_of(facts, document.path)))
    for name, node in proposed.items():
        _propose(proposals, name, node, facts, document.path, name in written, side)
    return where


def config_names(
    context: Context, proposals: Proposals, facts: ProjectFacts, path: tuple[str, ...]
) -> None:
    """Proposes what is below a path of `config` or `options`."""
    kinds = kinds_of(facts, context.document.path)
    for name, node in children(facts, list(path), kinds):
        option = node.option(kinds)
        detail = option.type if option is not None else ""
        data = data_of(option, facts) if option is not None else ""
        proposals.attribute(name, OPTION, detail, LIKELY, data)


def children(
    facts: ProjectFacts, path: list[str | None], kinds: frozenset[str]
) -> list[tuple[str, OptionNode]]:
    """The names below a path, with those that somebody chose elsewhere for a `<name>`."""
    out: dict[str, OptionNode] = {}
    nodes, kinds = below(facts, path, kinds)
    for node in nodes:
        for name, child in node.children.items():
            if not child.fits(kinds) or name == ELEMENT:
                continue
            if name != ANY:
                known = out.get(name)
                if known is None or (known.option(kinds) is None and child.option(kinds)):
                    out[name] = child
                continue
            parts = [part for part in path if part is not None]
            if len(parts) == len(path):
                for chosen in sorted(index_of(facts).chosen.get(tuple(parts), ())):
                    out.setdefault(chosen, child)
    for node in along([index_of(facts).used], path):
        # What is set elsewhere in the project is a good guess where nothing says what there is.
        for name, child in node.children.items():
            if child.fits(kinds):
                out.setdefault(name, child)
    return sorted(out.items())


def _propose(
    proposals: Proposals,
    name: str,
    node: OptionNode,
    facts: ProjectFacts,
    path: str,
    written: bool,
    side: str,
) -> None:
    option = node.option(kinds_of(facts, path))
    leaf = option is not None and not node.children
    order = DONE if written else LIKELY
    text = quote_name(name)
    if option is None:
        proposals.add(name, OPTION, text, "", DONE if written and leaf else LIKELY)
        return
    data = data_of(option, facts)
    snippet = side == IN_CONFIG and proposals.snippets
    if snippet and not proposals.context.followed_by("=.;"):
        body = f"{escaped(text)} = {skeleton(option)};$0"
        proposals.add(name, OPTION, body, option.type, order, True, data)
    else:
        proposals.add(name, OPTION, text, option.type, order, data=data)


def data_of(option: OptionFact, facts: ProjectFacts) -> str:
    """What finds the documentation of an option later: see `named_option`."""
    kind = "" if facts.options.get(option.name) is option else f"@{option.kind}"
    return f"option{kind}:{option.name}"


def named_option(data: str, facts: ProjectFacts) -> OptionFact | None:
    """The option of a proposal."""
    where, _, name = data.partition(":")
    _, at, kind = where.partition("@")
    if not at:
        return facts.options.get(name)
    found = facts.lists.get(kind)
    return found.options.get(name) if found is not None else None


def skeleton(option: OptionFact) -> str:
    """A value to begin with, as a snippet: by the type, else the default."""
    kind = option.type
    default = option.default.strip() if option.default is not None else ""
    for prefix in ("null or ", "signed "):
        kind = kind.removeprefix(prefix)
    choices = values_of(option)
    if kind.startswith("boolean"):
        return "${1|false,true|}" if default == "true" else "${1|true,false|}"
    if choices and not any(mark in "".join(choices) for mark in ",|"):
        return "${1|" + ",".join(escaped(each) for each in choices) + "|}"
    for pattern, text in _SKELETONS:
        if pattern.match(kind):
            return text.replace("$1", "${1}")
    if default and "\n" not in default and len(default) <= 40 and default != "null":
        return "${1:" + escaped(default) + "}"
    return "${1}"


def values_of(option: OptionFact) -> list[str]:
    """The values that the type of an option names, as Nix code."""
    kind = option.type
    out: list[str] = []
    if kind.startswith("null or "):
        kind = kind.removeprefix("null or ")
        out.append("null")
    if kind.startswith("boolean"):
        return ["true", "false", *out]
    found = _ENUM.match(kind)
    if found is None:
        return []
    return [quote_string(each[1]) for each in _CHOICE.finditer(found[1])] + out


def values(context: Context, proposals: Proposals, facts: ProjectFacts | None) -> None:
    """Proposes values where an option is being given one."""
    option = _option_around(context, facts)
    if option is None:
        return
    for text in values_of(option):
        kind = BOOLEAN if text in ("true", "false") else NULL if text == "null" else STRING
        proposals.add(text, kind, order=LIKELY, detail=option.name)
    default = option.default
    if default is not None and "\n" not in default and len(default) <= 60:
        proposals.add(default, STRING, order=USUAL, detail=f"default of {option.name}")


def texts(context: Context, proposals: Proposals, facts: ProjectFacts | None) -> None:
    """Proposes texts inside of a string that an option is given as its value."""
    option = _option_around(context, facts)
    if option is not None:
        for text in values_of(option):
            if text.startswith('"') and "\\" not in text:
                proposals.add(text[1:-1], STRING, order=LIKELY, detail=option.name)


def _option_around(context: Context, facts: ProjectFacts | None) -> OptionFact | None:
    if facts is None:
        return None
    where = option_place(context.document, context.path, facts)
    if where is None or where.side != IN_CONFIG or not where.path:
        return None
    path = where.path[:-1] if where.path[-1] == ELEMENT else where.path
    return find_option(facts, path, kinds_of(facts, context.document.path))
