"""What to show about the word at an offset.

Only what is known is shown: a name's binding, what a builtin or a function of `lib` does, an
option with those who declare and define it, an input and its locked revision, a rule.
"""

from __future__ import annotations

from typing import Final

from nixlint.analysis import explain
from nixlint.analysis.directives import may_have_directives, read_directives
from nixlint.ide.document import Document
from nixlint.ide.facts import ProjectFacts
from nixlint.ide.hovering import markdown, packages
from nixlint.ide.knowledge import library
from nixlint.ide.knowledge.known import (
    BUILTIN,
    BUILTINS,
    CONFIG,
    INPUT,
    LIB,
    OPTIONS,
    PACKAGES,
    Known,
    Named,
    Resolver,
)
from nixlint.ide.knowledge.nearby import remember
from nixlint.ide.knowledge.nodes_at import path_to
from nixlint.ide.knowledge.option_tree import (
    config_path,
    enclosing_option,
    find_option,
    is_module,
    kinds_of,
    option_place,
)
from nixlint.ide.knowledge.scopes import Binder, lookup_in, makes_scope, names_of
from nixlint.ide.model import Hover, Place
from nixlint.semantic.builtins import is_global
from nixlint.semantic.model import (
    DEF_ARG,
    DEF_AT,
    DEF_FORMAL,
    DEF_INHERIT,
    DEF_INHERIT_FROM,
    DEF_LET,
    DEF_REC,
)
from nixlint.syntax.nodes import (
    AttrName,
    AttrPath,
    Binding,
    ExprAttrs,
    ExprLambda,
    ExprLegacyLet,
    ExprLet,
    ExprOpHasAttr,
    ExprSelect,
    ExprString,
    ExprVar,
    Formal,
    Inherit,
    Name,
    Node,
    unparen,
)
from nixlint.syntax.strings import quote_name, static_name

KINDS: Final = {
    DEF_LET: "`let` binding",
    DEF_REC: "attribute of a recursive set",
    DEF_ARG: "argument",
    DEF_FORMAL: "formal",
    DEF_AT: "argument set",
    DEF_INHERIT: "inherited from the scope outside",
    DEF_INHERIT_FROM: "inherited from a set",
}
_LONGEST: Final = 240


def hover(document: Document, offset: int, facts: ProjectFacts | None) -> Hover | None:
    """What to show about the place at an offset; None when nothing is known of it."""
    found = _rule_hover(document, offset)
    if found is not None:
        return found
    remember(document)
    path = path_to(document, offset)
    asked = Question(document, path, offset, facts)
    for node in reversed(path):
        if isinstance(node, ExprVar):
            return asked.variable(node)
        if isinstance(node, AttrName):
            return asked.attribute(node)
        if isinstance(node, Name):
            return asked.binder_name(node)
        if isinstance(node, ExprString):
            return asked.text(node)
        if isinstance(node, (Binding, Inherit, ExprAttrs, ExprLambda, ExprLet)):
            return None
    return None


def _rule_hover(document: Document, offset: int) -> Hover | None:
    """A rule named in a suppression comment."""
    if not may_have_directives(document.text):
        return None
    token = document.tree.tokens.index_at(offset)
    if not document.text.startswith(("#", "/*"), document.tree.tokens.start(token)):
        return None
    directives, _ = read_directives(document.tree, document.source)
    for directive in directives:
        for name, span in directive.names:
            if span.start <= offset <= span.end:
                try:
                    return Hover(explain.markdown(name), span.start, span.end)
                except KeyError:
                    return None
    return None


class Question:
    """A question about one place of a document; `path` are the nodes around it."""

    def __init__(
        self, document: Document, path: list[Node], offset: int, facts: ProjectFacts | None
    ) -> None:
        self.document = document
        self.text_of_file = document.text
        self.path = path
        self.offset = offset
        self.facts = facts
        self.resolver = Resolver()

    def parent(self, node: Node) -> Node | None:
        """The node around one of the path."""
        for index, each in enumerate(self.path):
            if each is node:
                return self.path[index - 1] if index else None
        return None

    # Names.

    def variable(self, node: ExprVar) -> Hover | None:
        """A variable that is used."""
        name = self.document.text[node.start : node.end]
        found = lookup_in(self.document, self.path, node.start, name)
        if found.binder is not None:
            return self._bound(found.binder, node)
        if is_global(name):
            return self._named(self.resolver.found(self.document, found), name, node)
        known = self.resolver.found(self.document, found)
        shown = self._of_value(known, name) if known is not None else ""
        if shown and found.withs:
            lines = [shown]
            source = markdown.short(_slice(self.document, found.withs[0].attrs), 60)
            lines.append(f"from {markdown.inline(f'with {source}')}")
            return Hover("\n\n".join(line for line in lines if line), node.start, node.end)
        if found.withs:
            sources = ", ".join(
                markdown.inline(f"with {markdown.short(_slice(self.document, each.attrs), 60)}")
                for each in found.withs
            )
            text = f"{markdown.inline(name)}: may come from {sources}"
            return Hover(text, node.start, node.end)
        return None

    def binder_name(self, node: Name) -> Hover | None:
        """A formal, or another argument, where it is bound."""
        for each in reversed(self.path):
            if isinstance(each, ExprLambda):
                name = self.document.text[node.start : node.end]
                binder = names_of(self.document, each).get(name)
                return self._bound(binder, node) if binder is not None else None
        return None

    def _bound(self, binder: Binder, node: Node) -> Hover | None:
        """What a name is bound to."""
        document = self.document
        known = self.resolver.binder(document, binder)
        line = document.source.line_of(binder.node.start) + 1
        parts: list[str] = []
        named = self._text_of_named(known, binder.name) if isinstance(known, Named) else ""
        if not named or binder.kind == DEF_LET or binder.kind == DEF_REC:
            parts.append(markdown.code(shown_binding(document, binder.owner, binder.name)))
        if named:
            parts.append(named)
        parts.append(f"{KINDS[binder.kind]}, line {line}")
        doc = markdown.doc_comment(document, binder.owner.start)
        if not doc and isinstance(known, Known) and known.document is not None:
            doc = self._doc_of(known)
        if doc:
            parts.append(doc)
        if binder.kind == DEF_FORMAL and self.facts is not None and not named:
            what = self.facts.arguments.get(binder.name, "")
            if what and is_module(self.document, self.facts):
                parts.append(f"Module argument, from {what}")
        return Hover("\n\n".join(parts), node.start, node.end)

    def _doc_of(self, known: Known) -> str:
        """The comment above the binding that a value is written in."""
        if known.document is None or known.node is None:
            return ""
        return markdown.doc_comment(known.document, known.node.start)

    # Attributes.

    def attribute(self, node: AttrName) -> Hover | None:
        """A component of an attribute path, or a name that is inherited."""
        parent = self.parent(node)
        if isinstance(parent, Inherit):
            return self._inherited(parent, node)
        if not isinstance(parent, AttrPath):
            return None
        around = self.parent(parent)
        if isinstance(around, Binding):
            return self._key(around, node)
        if isinstance(around, (ExprSelect, ExprOpHasAttr)):
            return self._selected(around, node)
        return None

    def _inherited(self, bind: Inherit, node: AttrName) -> Hover | None:
        name = static_name(node, self.document.text)
        if name is None:
            return None
        if bind.source is None:
            found = lookup_in(self.document, self.path, node.start, name)
            if found.binder is not None:
                return self._bound(found.binder, node)
            return self._named(self.resolver.found(self.document, found), name, node)
        base = self.resolver.value(self.document, bind.source)
        option = self._option_of(self.resolver.attribute(base, name))
        if option:
            return Hover(option, node.start, node.end)
        return self._member(base, name, node)

    def _selected(self, around: ExprSelect | ExprOpHasAttr, node: AttrName) -> Hover | None:
        """`base.a.b`, with the offset in one of the names."""
        base = self.resolver.value(self.document, around.base)
        for each in around.path.names():
            name = static_name(each, self.document.text)
            if name is None:
                return None
            if each is node:
                known = self.resolver.attribute(base, name)
                option = self._option_of(known)
                if option:
                    return Hover(option, node.start, node.end)
                return self._member(base, name, node)
            base = self.resolver.attribute(base, name)
        return None

    def _member(self, base: Known | None, name: str, node: Node) -> Hover | None:
        """An attribute of something known."""
        known = self.resolver.attribute(base, name)
        if isinstance(known, Named):
            return self._named(known, name, node)
        first = self.resolver.member(base, name)
        if first is None:
            return None
        parts = [markdown.code(shown_binding(first.document, first.bind, name))]
        at = Place(first.document.path, first.node.start, first.node.end)
        if first.document is self.document:
            parts.append(f"attribute, line {self.document.source.line_of(at.start) + 1}")
        else:
            root = self.facts.root if self.facts is not None else ""
            parts.append(f"attribute in {markdown.place(at, root)}")
        doc = markdown.doc_comment(first.document, first.bind.start)
        if doc:
            parts.append(doc)
        return Hover("\n\n".join(parts), node.start, node.end)

    def _key(self, bind: Binding, node: AttrName) -> Hover | None:
        """A name that is being bound: an option of a module, an input, or any attribute."""
        found = self._input_key(bind, node)
        if found is None:
            found = self._option_key(node)
        if found is not None:
            return found
        around = self.parent(bind)
        if around is not None and makes_scope(around) and bind.path.first is node:
            name = static_name(node, self.document.text)
            binder = names_of(self.document, around).get(name) if name is not None else None
            if binder is not None:
                return self._bound(binder, node)
        doc = markdown.doc_comment(self.document, bind.start)
        if not doc:
            return None
        shown = markdown.code(shown_binding(self.document, bind, ""))
        return Hover(f"{shown}\n\n{doc}", node.start, node.end)

    # Options.

    def _option_key(self, node: AttrName) -> Hover | None:
        """A definition or declaration in a module."""
        if self.facts is None:
            return None
        index = next(i for i, each in enumerate(self.path) if each is node)
        where = option_place(self.document, self.path[: index + 1], self.facts)
        if where is None or not where.path:
            return None
        text = self._option_text(where.path)
        return Hover(text, node.start, node.end) if text else None

    def _option_of(self, known: Known | None) -> str:
        """What is known of `config.a.b`."""
        path = config_path(known)
        return self._option_text(list(path)) if path else ""

    def _option_text(self, path: list[str | None]) -> str:
        if self.facts is None:
            return ""
        kinds = kinds_of(self.facts, self.document.path)
        option = find_option(self.facts, path, kinds)
        name = ".".join(quote_name(each) for each in path if each is not None)
        others = self.facts.definitions.get(name) if all(path) else None
        if option is not None:
            text = markdown.option(option, self.facts.root, path)
            if others and not option.definitions:
                text += f"\n\n{markdown.definitions(others, self.facts.root)}"
            return text
        if others:
            shown = markdown.definitions(others, self.facts.root)
            return f"{markdown.code(name)}\n\n{shown}"
        outer = enclosing_option(self.facts, path, kinds)
        if outer is not None and outer[1] < len(path):
            option, _ = outer
            return f"inside of the value of {markdown.inline(option.name)}, {option.type}"
        return ""

    # Values everybody knows.

    def _named(self, known: Known | None, name: str, node: Node) -> Hover | None:
        if not isinstance(known, Named):
            return None
        text = self._text_of_named(known, name)
        return Hover(text, node.start, node.end) if text else None

    def _of_value(self, known: Known, name: str) -> str:
        if isinstance(known, Named):
            return self._text_of_named(known, name)
        if known.document is None or known.node is None:
            return ""
        shown = markdown.short(_slice(known.document, known.node), _LONGEST)
        return markdown.code(f"{name} = {shown}")

    def _text_of_named(self, known: Named, name: str) -> str:
        if known.kind == BUILTIN:
            entry = library.builtin_entry(known.path[0])
            return markdown.function(entry, name) if entry is not None else ""
        if known.kind == BUILTINS:
            entry = library.builtin_entry("builtins")
            return markdown.function(entry, name) if entry is not None else ""
        if known.kind == LIB:
            if not known.path:
                return "**lib**: the library of nixpkgs"
            entry = library.lib_entry(known.path)
            if entry is None:
                return ""
            return markdown.function(entry, ".".join(("lib", *known.path)))
        if known.kind == INPUT and self.facts is not None and len(known.path) == 1:
            found = self.facts.inputs.get(known.path[0])
            if found is not None:
                return markdown.flake_input(found)
            return "**self**: this flake" if known.path[0] == "self" else ""
        if known.kind in (CONFIG, OPTIONS):
            return self._option_of(known)
        if known.kind == PACKAGES and self.facts is not None:
            return packages.package(self.facts, known.path, known.source)
        return ""

    # Inputs.

    def _input_key(self, bind: Binding, node: AttrName) -> Hover | None:
        """`inputs.x`, `inputs.x.url`, and `x` or `x.url` in `inputs = { … }`."""
        name = self.input_name(node)
        if not name or self.facts is None:
            return None
        found = self.facts.inputs.get(name)
        return Hover(markdown.flake_input(found), node.start, node.end) if found else None

    def input_name(self, node: Node) -> str:
        """The input of flake.nix whose declaration a node is part of, or ""."""
        names = flake_path(self.document, self.path, node)
        return names[1] if len(names) >= 2 and names[0] == "inputs" else ""

    def text(self, node: ExprString) -> Hover | None:
        """The URL of an input, or the input that another one follows."""
        name = self.input_name(node)
        names = flake_path(self.document, self.path, None)
        if name and names[-1] == "follows":
            name = self.text_of_file[node.start : node.end].strip("'\"").split("/")[0]
        if not name or self.facts is None:
            return None
        found = self.facts.inputs.get(name)
        return Hover(markdown.flake_input(found), node.start, node.end) if found else None


def flake_path(document: Document, path: list[Node], node: Node | None) -> list[str]:
    """The names that lead from the top of a flake.nix to a node of a path; [] in other files.

    With None the whole path is meant. A name that is computed is "".
    """
    if not document.path.endswith("/flake.nix"):
        return []
    out: list[str] = []
    for index, each in enumerate(path):
        after = path[index + 1] if index + 1 < len(path) else None
        if isinstance(each, Binding):
            for name in each.path.names():
                out.append(static_name(name, document.text) or "")
                if name is node or (after is each.path and any(name is part for part in path)):
                    return out
        elif isinstance(each, (ExprLambda, ExprLegacyLet)):
            return []
    return out


def shown_binding(document: Document, owner: Node, name: str) -> str:
    """A binding, formal or argument on one line, cut when it is long."""
    text = document.text
    if isinstance(owner, Binding):
        path = _slice(document, owner.path)
        value = unparen(owner.value)
        if isinstance(value, ExprLambda):
            return markdown.short(f"{path} = {head_of(document, value)}", _LONGEST)
        return markdown.short(f"{path} = {text[owner.value.start : owner.value.end]}", _LONGEST)
    if isinstance(owner, Inherit):
        source = f"({markdown.short(_slice(document, owner.source), 80)}) " if owner.source else ""
        return f"inherit {source}{name}"
    if isinstance(owner, Formal):
        return markdown.short(_slice(document, owner), _LONGEST)
    return markdown.short(_slice(document, owner), _LONGEST) + ":"


def head_of(document: Document, function: ExprLambda) -> str:
    """The arguments of a function, and of those it gives back."""
    words: list[str] = []
    node: Node = function
    while isinstance(node, ExprLambda):
        words.append(_slice(document, node.arg) + ":")
        node = unparen(node.body)
    return " ".join(words) + " …"


def _slice(document: Document, node: Node) -> str:
    return document.text[node.start : node.end]
