"""What could be written at an offset.

Proposals carry the piece of text they replace: what is written of the word, up to the offset.
Documentation is looked up later (`documentation`), by the `data` of a proposal.
"""

from __future__ import annotations

import re
from typing import Final

from nixlint.analysis import explain
from nixlint.ide.completion import context as contexts
from nixlint.ide.completion import flake as complete_flake
from nixlint.ide.completion import options as complete_options
from nixlint.ide.completion import packages as complete_packages
from nixlint.ide.completion import paths as complete_paths
from nixlint.ide.completion.context import Context, context_at
from nixlint.ide.completion.proposals import KEYWORDS, LIKELY, LOCAL, RARE, USUAL, Proposals
from nixlint.ide.document import Document
from nixlint.ide.facts import ProjectFacts
from nixlint.ide.hovering import markdown
from nixlint.ide.knowledge import library
from nixlint.ide.knowledge.known import (
    BUILTIN,
    BUILTINS,
    CONFIG,
    INPUT,
    INPUTS,
    LIB,
    OPTIONS,
    PACKAGES,
    Attrs,
    Function,
    Known,
    Named,
    Resolver,
)
from nixlint.ide.knowledge.nearby import nearby
from nixlint.ide.knowledge.option_tree import config_path, option_place
from nixlint.ide.knowledge.scopes import Binder, names_of, scopes_around
from nixlint.ide.model import (
    ATTRIBUTE,
    FORMAL,
    FUNCTION,
    KEYWORD,
    LIBRARY,
    MODULE,
    RULE,
    VARIABLE,
    Completion,
)
from nixlint.ide.model import (
    BUILTIN as BUILTIN_KIND,
)
from nixlint.ide.model import (
    INPUT as INPUT_KIND,
)
from nixlint.rules import registry
from nixlint.semantic.builtins import global_names, member_names
from nixlint.semantic.model import DEF_ARG, DEF_AT, DEF_FORMAL
from nixlint.syntax.nodes import (
    Binding,
    ExprAttrs,
    ExprCall,
    ExprIf,
    ExprLambda,
    ExprLet,
    ExprOpHasAttr,
    ExprSelect,
    ExprWith,
    Inherit,
    Node,
    unparen,
)
from nixlint.syntax.strings import static_name

MODULE_ARGUMENTS: Final = {
    "config": "The values of all options.",
    "lib": "The library of nixpkgs.",
    "pkgs": "The packages of nixpkgs.",
    "options": "The declarations of all options.",
    "modulesPath": "The directory of the modules of NixOS.",
    "utils": "Functions of NixOS for its modules.",
    "specialArgs": "The arguments that the configuration gave to all modules.",
}
_DIRECTIVE: Final = re.compile(r"nixlint\s*:\s*ignore(?:-file)?\[([^\]\n]*)\Z")
_DIRECTIVE_WORD: Final = re.compile(r"nixlint\s*:\s*[\w-]*\Z")
_RULE_WORD: Final = re.compile(r"[\w-]*\Z")
_NOT_COMMON: Final = frozenset(
    ("derivationStrict", "scopedImport", "isNull", "break", "fetchMercurial", "fetchTree")
)


def complete(
    document: Document, offset: int, facts: ProjectFacts | None, snippets: bool = False
) -> tuple[list[Completion], bool]:
    """The proposals at an offset, and whether these are all of them.

    `snippets` says whether the editor understands placeholders.
    """
    context = context_at(nearby(document, offset), offset)
    proposals = Proposals(context, snippets)
    kind = context.kind
    if kind == contexts.COMMENT:
        _rules(context, proposals)
    elif kind == contexts.PATH:
        complete_paths.paths(context, proposals)
    elif kind == contexts.STRING:
        _in_string(context, proposals, facts)
    elif kind == contexts.SELECT:
        _selection(context, proposals, facts)
    elif kind == contexts.INHERIT:
        _inherited(context, proposals, facts)
    elif kind == contexts.KEY:
        _keys(context, proposals, facts)
    elif kind == contexts.FORMAL:
        _formals(context, proposals, facts)
    elif kind == contexts.EXPRESSION:
        complete_options.values(context, proposals, facts)
        _names(context, proposals, facts)
        _keywords(context, proposals)
    return proposals.items, proposals.complete


def documentation(data: str, facts: ProjectFacts | None) -> str:
    """The documentation of a proposal, Markdown; `data` is what the proposal carries."""
    kind, _, name = data.partition(":")
    if kind == "builtin":
        entry = library.builtin_entry(name)
        return markdown.function(entry, name) if entry is not None else ""
    if kind == "lib":
        entry = library.lib_entry(tuple(name.split(".")))
        return markdown.function(entry, f"lib.{name}") if entry is not None else ""
    if kind == "rule":
        try:
            return explain.rule_doc(name).text
        except KeyError:
            return ""
    if facts is None:
        return ""
    if kind.startswith("option"):
        option = complete_options.named_option(data, facts)
        return markdown.option(option, facts.root) if option is not None else ""
    if kind == "package":
        return complete_packages.documentation(name, facts)
    if kind == "input":
        found = facts.inputs.get(name)
        return markdown.flake_input(found) if found is not None else ""
    return ""


# Comments and strings.


def _rules(context: Context, proposals: Proposals) -> None:
    """Rules in a suppression comment, and the words before them."""
    text = context.document.text
    line = max(text.rfind("\n", 0, context.offset), context.offset - 500) + 1
    before = text[line : context.offset]
    found = _DIRECTIVE.search(before)
    if found is not None:
        word = _RULE_WORD.search(before)
        context.start = context.offset - len(word[0]) if word is not None else context.offset
        proposals.restart()
        used = set(found[1].replace(",", " ").split()) - {context.prefix}
        for name in registry.rule_names():
            if name not in used:
                proposals.add(name, RULE, data=f"rule:{name}")
        return
    word = _DIRECTIVE_WORD.search(before)
    if word is not None:
        start = re.search(r"[\w-]*\Z", before)
        context.start = context.offset - (len(start[0]) if start is not None else 0)
        proposals.restart()
        for label, what in (("ignore", "this line, or the next"), ("ignore-file", "the file")):
            if proposals.snippets:
                proposals.add(label, KEYWORD, f"{label}[${{1:rule}}]", what, snippet=True)
            else:
                proposals.add(label, KEYWORD, f"{label}[", what)


def _in_string(context: Context, proposals: Proposals, facts: ProjectFacts | None) -> None:
    """Inputs behind `follows`, the values of an option, paths; nothing in other texts."""
    if complete_flake.texts(context, proposals, facts):
        return
    text = context.document.text
    start = context.offset
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] in "._+-/"):
        start -= 1
    written = text[start : context.offset]
    if written.startswith(("./", "../")):
        context.start = start
        proposals.restart()
        complete_paths.paths(context, proposals)
        return
    if text[start - 1 : start] == '"':
        context.start = start
        proposals.restart()
        complete_options.texts(context, proposals, facts)


# Selections.


def _selection(context: Context, proposals: Proposals, facts: ProjectFacts | None) -> None:
    node = context.owner
    assert isinstance(node, (ExprSelect, ExprOpHasAttr))
    resolver = Resolver()
    known = resolver.value(context.document, node.base)
    for name in context.before():
        text = static_name(name, context.document.text)
        known = resolver.attribute(known, text) if text is not None else None
    _members(context, proposals, known, facts)


def _members(
    context: Context,
    proposals: Proposals,
    known: Known | None,
    facts: ProjectFacts | None,
    order: int = USUAL,
) -> None:
    """The attributes of something known."""
    if isinstance(known, Named):
        if known.kind == LIB:
            for name, entry in sorted(library.lib_members(known.path).items()):
                if entry is None:
                    proposals.attribute(name, MODULE, order=order + 1)
                else:
                    detail = entry.signature(name) if entry.parameters else entry.result
                    kind = FUNCTION if entry.parameters else LIBRARY
                    data = ".".join((*known.path, name))
                    proposals.attribute(name, kind, detail, order, f"lib:{data}")
        elif known.kind == BUILTINS:
            for name in sorted(member_names()):
                _builtin(proposals, name, order)
        elif known.kind in (CONFIG, OPTIONS) and facts is not None:
            path = config_path(known)
            if path is not None:
                complete_options.config_names(context, proposals, facts, path)
        elif known.kind == PACKAGES:
            complete_packages.names(context, proposals, known, facts)
        elif known.kind == INPUTS:
            for name in complete_flake.input_names(context.document, facts):
                proposals.attribute(name, INPUT_KIND, order=order, data=f"input:{name}")
        elif known.kind == INPUT and len(known.path) == 1:
            for name in ("outPath", "rev", "shortRev", "lastModified", "lastModifiedDate",
                         "narHash", "sourceInfo"):  # fmt: skip
                proposals.attribute(name, ATTRIBUTE, order=RARE)
            for name, text in complete_flake.OUTPUTS.items():
                proposals.add(name, ATTRIBUTE, documentation=text, order=order)
        return
    if isinstance(known, Attrs):
        for document, text, attr, bind in known.written():
            # Most of thousands of attributes do not fit, or are too many.
            if not proposals.wants(text):
                continue
            if attr.start <= context.start <= attr.end and document is context.document:
                continue
            value = bind.value if isinstance(bind, Binding) and bind.path.last is attr else None
            _member(proposals, text, value, order)
            if proposals.full:
                break
        for other in known.more:
            if isinstance(other, Named):
                _members(context, proposals, other, facts, order)


def _member(proposals: Proposals, name: str, value: Node | None, order: int) -> None:
    value = unparen(value) if value is not None else None
    proposals.attribute(name, FUNCTION if isinstance(value, ExprLambda) else ATTRIBUTE, "", order)


def _builtin(proposals: Proposals, name: str, order: int) -> None:
    entry = library.builtin_entry(name)
    detail = ""
    if entry is not None:
        detail = entry.signature(name) if entry.parameters else entry.result
    proposals.add(name, BUILTIN_KIND, detail=detail, order=order, data=f"builtin:{name}")


# Names.


def _inherited(context: Context, proposals: Proposals, facts: ProjectFacts | None) -> None:
    bind = context.owner
    assert isinstance(bind, Inherit)
    if bind.source is not None and context.start <= bind.source.end:
        _names(context, proposals, facts)
        return
    text = context.document.text
    for name in bind.names:
        if not name.start <= context.start <= name.end:
            proposals.leave_out(static_name(name, text) or "")
    if bind.source is not None:
        _members(context, proposals, Resolver().value(context.document, bind.source), facts)
        return
    _names(context, proposals, facts)


def _names(context: Context, proposals: Proposals, facts: ProjectFacts | None) -> None:
    """The names in scope, the innermost first, then builtins."""
    document = context.document
    scopes = scopes_around(context.path, context.start)
    order = LOCAL
    for node in scopes:
        if isinstance(node, ExprWith):
            continue
        for binder in names_of(document, node).values():
            if not binder.node.start <= context.start <= binder.node.end:
                _bound(context, proposals, binder, order)
        order = min(order + 1, LIKELY)
    resolver = Resolver()
    for node in scopes:
        if isinstance(node, ExprWith):
            known = resolver.value(document, node.attrs)
            if isinstance(known, Attrs) or (
                isinstance(known, Named) and known.kind in (LIB, BUILTINS, CONFIG, PACKAGES)
            ):
                _members(context, proposals, known, facts, USUAL)
    for name in global_names():
        _builtin(proposals, name, RARE + 2 if name in _NOT_COMMON else RARE)


def _bound(context: Context, proposals: Proposals, binder: Binder, order: int) -> None:
    text = context.document.text
    kind = VARIABLE
    detail = ""
    owner = binder.owner
    if binder.kind in (DEF_FORMAL, DEF_ARG, DEF_AT):
        kind = FORMAL
        if binder.kind == DEF_FORMAL:
            detail = markdown.short(text[owner.start : owner.end], 60)
    elif isinstance(owner, Binding) and owner.path.rest is None:
        if isinstance(unparen(owner.value), ExprLambda):
            kind = FUNCTION
        detail = markdown.short(text[owner.value.start : owner.value.start + 80], 60)
    proposals.add(binder.name, kind, detail=detail if detail != binder.name else "", order=order)


def _keywords(context: Context, proposals: Proposals) -> None:
    """The keywords an expression may begin with, and those that continue the one around it."""
    start = context.start
    for node in reversed(context.path):
        if isinstance(node, ExprIf):
            if start >= node.cond.end > node.cond.start:
                proposals.add("then" if start < node.then_.start or (node.then_.end <= start
                              and node.then_.start == node.then_.end) else "else",
                              KEYWORD, order=KEYWORDS)  # fmt: skip
            break
        if isinstance(node, (Binding, ExprLambda)):
            break
    for word in ("let", "if", "with", "rec", "assert"):
        proposals.add(word, KEYWORD, order=KEYWORDS)
    if context.prefix:
        for node in context.path:
            if isinstance(node, ExprLet) and node.body.start >= start:
                proposals.add("in", KEYWORD, order=KEYWORDS)
            if isinstance(node, ExprIf):
                proposals.add("then", KEYWORD, order=KEYWORDS)
                proposals.add("else", KEYWORD, order=KEYWORDS)
        proposals.add("or", KEYWORD, order=KEYWORDS + 1)


# Bindings.


def _keys(context: Context, proposals: Proposals, facts: ProjectFacts | None) -> None:
    before = context.before()
    if complete_flake.keys(context, proposals, facts):
        pass
    elif complete_options.module_keys(context, proposals, facts) is None:
        _arguments(context, proposals)
    if not before:
        proposals.add("inherit", KEYWORD, order=KEYWORDS)
        if isinstance(context.owner, ExprLet):
            proposals.add("in", KEYWORD, order=KEYWORDS)
    elif isinstance(context.owner, (ExprAttrs, ExprLet)):
        # Further attributes of a set that is written in pieces.
        resolver = Resolver()
        known: Known | None = None
        if isinstance(context.owner, ExprAttrs):
            known = resolver.value(context.document, context.owner)
            names = before
        else:
            first = static_name(before[0], context.document.text)
            binder = names_of(context.document, context.owner).get(first or "")
            known = resolver.binder(context.document, binder) if binder is not None else None
            names = before[1:]
        for name in names:
            text = static_name(name, context.document.text)
            known = resolver.attribute(known, text) if text is not None else None
        if isinstance(known, Attrs) and not proposals.items:
            _members(context, proposals, known, facts, RARE)


def _arguments(context: Context, proposals: Proposals) -> None:
    """The formals of the function that a set is given to."""
    path = context.path
    index = next((i for i, node in enumerate(path) if node is context.owner), 0)
    call = path[index - 1] if index else None
    if not isinstance(call, ExprCall) or not isinstance(context.owner, ExprAttrs):
        return
    if context.before():
        return
    position = next((i for i, arg in enumerate(call.args) if arg is context.owner), -1)
    if position < 0:
        return
    text = context.document.text
    written = {
        static_name(bind.path.first, text)
        for bind in context.owner.binds
        if isinstance(bind, Binding) and not bind.start <= context.start <= bind.path.end
    }
    known = Resolver().value(context.document, call.fn)
    names: list[str] = []
    if isinstance(known, Named) and known.kind in (LIB, BUILTIN):
        entry = (
            library.lib_entry(known.path)
            if known.kind == LIB
            else library.builtin_entry(known.path[0])
        )
        if entry is not None and position < len(entry.parameters):
            shown = entry.parameters[position]
            if shown.startswith("{"):
                names = [word.strip() for word in shown.strip("{}").split(",")]
    elif isinstance(known, Function) and known.document is not None:
        node = known.node
        while isinstance(node, ExprLambda) and position > 0:
            node = unparen(node.body)
            position -= 1
        if isinstance(node, ExprLambda) and node.arg.formals is not None:
            source = known.document.text
            for formal in node.arg.formals.items:
                names.append(source[formal.name.start : formal.name.end])
    for name in names:
        if name and name != "…" and name not in written:
            proposals.add(name, ATTRIBUTE, order=LIKELY)


def _formals(context: Context, proposals: Proposals, facts: ProjectFacts | None) -> None:
    """Arguments where a function asks for them: those of modules, those of `outputs`."""
    node = context.owner
    text = context.document.text
    if isinstance(node, ExprLambda) and node.arg.formals is not None:
        for formal in node.arg.formals.items:
            if formal.default is not None and (
                formal.default.start <= context.start <= formal.default.end
            ):
                _names(context, proposals, facts)
                return
            if not formal.name.start <= context.start <= formal.name.end:
                proposals.leave_out(text[formal.name.start : formal.name.end])
    if complete_flake.formals(context, proposals, facts):
        return
    if not isinstance(node, ExprLambda):
        return
    index = next((i for i, each in enumerate(context.path) if each is node), 0)
    inside = [*context.path[: index + 1], node.body]
    asked = (
        {text[each.name.start : each.name.end] for each in node.arg.formals.items}
        if (node.arg.formals is not None)
        else set()
    )
    if asked.isdisjoint(("config", "options", "modulesPath")):
        if option_place(context.document, [*inside, *_set_below(node.body)], facts) is None:
            return
    for name, what in MODULE_ARGUMENTS.items():
        proposals.add(name, FORMAL, documentation=what, order=LIKELY)
    if facts is not None:
        for name, what in sorted(facts.arguments.items()):
            proposals.add(name, FORMAL, detail=markdown.short(what, 60), order=LIKELY)


def _set_below(node: Node) -> list[Node]:
    """The nodes from an expression down to the set that it gives."""
    out: list[Node] = []
    while not isinstance(node, ExprAttrs):
        children = node.children()
        if not children:
            return out
        node = children[-1]
        out.append(node)
    return out
