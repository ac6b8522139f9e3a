"""What one file does with the inputs of a flake.

A *carrier* is an expression whose value is the set of all inputs: the argument of `outputs`, a
variable `inputs`, a selection that ends in `.inputs`, or another name that some file gave to it.
Offsets are code points.
"""

from __future__ import annotations

import re
from typing import Final

from nixlint.project.flake.file import FlakeFile
from nixlint.semantic.model import DEF_ARG, DEF_AT, DEF_FORMAL, Definition, SemanticModel
from nixlint.semantic.shapes import name_of
from nixlint.syntax.nodes import (
    DYNAMIC_KEY,
    UPDATE,
    AttrName,
    AttrPath,
    Binding,
    ExprAssert,
    ExprBinOp,
    ExprCall,
    ExprIf,
    ExprLambda,
    ExprLet,
    ExprOpHasAttr,
    ExprParen,
    ExprPath,
    ExprSelect,
    ExprString,
    ExprVar,
    ExprWith,
    Formal,
    Inherit,
    Interpolated,
    Interpolation,
    Node,
    unparen,
)
from nixlint.syntax.strings import static_name, string_parts
from nixlint.text.span import Span


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GETTERS: Final = _words(
    "getAttr hasAttr attrByPath getAttrFromPath hasAttrByPath getAttrs attrVals"
)
"""Functions that take attributes by names that are values."""
WALKERS: Final = _words(
    "mapAttrs mapAttrs' mapAttrsToList concatMapAttrs filterAttrs filterAttrsRecursive "
    "attrValues attrNames foldlAttrs foldAttrs mapAttrsRecursive collect removeAttrs "
    "intersectAttrs attrsToList mapAttrsRecursiveCond pipe toJSON zipAttrs mergeAttrs"
)
"""Functions that go through all attributes."""
ARGUMENT_SETS: Final = _words("specialArgs extraSpecialArgs args moduleArgs extraArgs commonArgs")
"""What sets of arguments for modules are called."""
_FLAKE_URL: Final = re.compile(r"\bflake:([A-Za-z][\w-]*)")


class Mention:
    """One place where the name of an input stands."""

    def __init__(self, name: str, span: Span, how: str) -> None:
        self.name = name
        self.span = span
        self.how = how


class FileScan:
    """What was found in a file.

    `certain` are uses of inputs. `arguments` are formals of the name of an input that their
    function uses (`idle` those it does not use), `selections` attributes of that name of some
    argument: they mean the input only if all inputs are handed on, which is what `escapes` are.
    `computed` are selections by names that are values, with a pattern for the names they can have;
    `wholesale` is what goes through all inputs. `aliases` are other names for the set of inputs.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.certain: list[Mention] = []
        self.arguments: list[Mention] = []
        self.idle: list[Mention] = []
        self.selections: list[Mention] = []
        self.escapes: list[Span] = []
        self.computed: list[tuple[str | None, Span]] = []
        self.wholesale: list[Span] = []
        self.aliases: set[str] = set()


class Scanner:
    """Looks at one file, for the inputs `names`. `flake` is given for the flake's own file."""

    def __init__(
        self,
        path: str,
        model: SemanticModel,
        names: frozenset[str],
        carriers: set[str],
        flake: FlakeFile | None,
    ) -> None:
        self.out = FileScan(path)
        self.model = model
        self.text = model.tree.text
        self.names = names
        self.carriers = set(carriers)
        self.outputs = flake.outputs_lambda if flake is not None else None
        self.is_flake = flake is not None
        self.own: list[Definition] = []
        """What the set of inputs is bound to in `flake.nix`."""
        self.parents: dict[int, Node] = {}

    def scan(self) -> FileScan:
        root: Node = self.model.tree.root
        if self.is_flake:
            assert self.outputs is not None
            root = self.outputs
            self._outputs_arguments(self.outputs)
        nodes = self._walk(root)
        before = -1
        while before != len(self.carriers):
            # `let i = inputs; in i.x` can stand in any order.
            before = len(self.carriers)
            for node in nodes:
                if self._is_carrier(node):
                    self._name_again(node)
        for node in nodes:
            self._look_at(node)
        if "flake:" in self.text:
            for found in _FLAKE_URL.finditer(self.text):
                if found[1] in self.names and not self._in_comment(found.start()):
                    self._certain(found[1], Span(found.start(1), found.end(1)), "by `flake:…`")
        self.out.certain.sort(key=lambda each: each.span.start)
        return self.out

    def _outputs_arguments(self, function: ExprLambda) -> None:
        scope = self.model.scope_for(function)
        if scope is None:
            return
        for definition in scope.names.values():
            if definition.kind in (DEF_ARG, DEF_AT):
                self.own.append(definition)
                self.carriers.add(definition.name)
            elif definition.kind == DEF_FORMAL and definition.name in self.names:
                for reference in definition.references:
                    self._certain(definition.name, reference.node.span, "in `outputs`")

    def _walk(self, root: Node) -> list[Node]:
        """All nodes in order, their parents noted."""
        out: list[Node] = []
        stack: list[Node] = [root]
        while stack:
            node = stack.pop()
            out.append(node)
            children = node.children()
            for child in children:
                self.parents[id(child)] = node
            stack.extend(reversed(children))
        # Keeps the nodes alive, so that their identities stay theirs.
        self._nodes = out
        return out

    def _parent(self, node: Node) -> Node | None:
        """The node around, parentheses looked through."""
        at = self.parents.get(id(node))
        while isinstance(at, ExprParen):
            at = self.parents.get(id(at))
        return at

    # Carriers.

    def _is_carrier(self, node: Node) -> bool:
        """Whether a variable or a whole selection is the set of inputs."""
        if isinstance(node, ExprVar):
            return self.text[node.start : node.end] in self.carriers
        if isinstance(node, ExprSelect):
            names = node.path.names()
            last = static_name(names[len(names) - 1], self.text)
            return last is not None and last in self.carriers and node.default is None
        return False

    def _name_again(self, node: Node) -> None:
        """Notes a name that is given to a carrier."""
        at: Node | None = self._parent(node)
        while at is not None:
            if isinstance(at, Binding):
                names = at.path.names()
                name = static_name(names[len(names) - 1], self.text)
                if name is not None and name not in self.names:
                    self.carriers.add(name)
                    self.out.aliases.add(name)
                return
            if isinstance(at, Formal):
                self.carriers.add(self.text[at.name.start : at.name.end])
                return
            if not isinstance(at, (ExprBinOp, ExprIf, ExprLet, ExprWith, ExprAssert)):
                return
            if isinstance(at, ExprBinOp) and at.op != UPDATE:
                return
            at = self._parent(at)

    def _carrier_context(self, node: Node) -> None:
        """What happens to the set of inputs at a place where it stands as a whole."""
        at = self._parent(node)
        span = node.span
        if isinstance(at, ExprSelect) and unparen(at.base) is node:
            return
        if isinstance(at, ExprOpHasAttr) and unparen(at.base) is node:
            return
        if isinstance(at, Inherit):
            return
        if isinstance(at, ExprWith) and unparen(at.attrs) is node:
            return
        if isinstance(at, Binding):
            names = at.path.names()
            name = static_name(names[len(names) - 1], self.text)
            if name is None or name in ARGUMENT_SETS:
                self.out.escapes.append(span)
            return
        if isinstance(at, ExprCall) and unparen(at.fn) is not node:
            name = name_of(unparen(at.fn), self.text)
            if name in GETTERS:
                self.out.computed.append((self._literal_name(at), span))
            elif name in WALKERS:
                self.out.wholesale.append(span)
            else:
                self.out.escapes.append(span)
            return
        self.out.escapes.append(span)

    def _literal_name(self, call: ExprCall) -> str | None:
        """The pattern for `getAttr "name" inputs`."""
        for arg in call.args:
            arg = unparen(arg)
            if isinstance(arg, ExprString):
                return self._pattern(arg)
        return None

    # What stands in the file.

    def _look_at(self, node: Node) -> None:
        if isinstance(node, ExprVar):
            self._variable(node)
        elif isinstance(node, (ExprSelect, ExprOpHasAttr)):
            self._path(node)
        elif isinstance(node, Inherit):
            self._inherit(node)
        elif isinstance(node, ExprLambda) and node is not self.outputs:
            self._formals(node)
        if isinstance(node, (ExprVar, ExprSelect)) and self._is_carrier(node):
            self._carrier_context(node)

    def _variable(self, node: ExprVar) -> None:
        name = self.text[node.start : node.end]
        if name not in self.names:
            return
        reference = self.model.reference_at(node.start)
        if reference is None or reference.definition is not None:
            return
        for scope in reference.withs:
            inner = scope.node
            if isinstance(inner, ExprWith) and self._is_carrier(unparen(inner.attrs)):
                self._certain(name, node.span, "below `with inputs`")

    def _path(self, node: ExprSelect | ExprOpHasAttr) -> None:
        path: AttrPath = node.path
        base = unparen(node.base)
        known = self._is_carrier(base)
        first = True
        lock = False
        for attr in path.names():
            name = static_name(attr, self.text)
            if name is None:
                if known:
                    self.out.computed.append((self._pattern_of(attr), attr.span))
                known = False
            else:
                if name in self.names:
                    if known:
                        self._certain(name, attr.span, "in a selection")
                    elif lock:
                        self._certain(name, attr.span, "in the lock")
                    elif first and self._is_argument(base):
                        self.out.selections.append(Mention(name, attr.span, "is selected"))
                lock = name == "nodes"
                known = name in self.carriers
            first = False

    def _inherit(self, node: Inherit) -> None:
        if node.source is None:
            return
        source = unparen(node.source)
        known = self._is_carrier(source)
        argument = self._is_argument(source)
        for attr in node.names:
            name = static_name(attr, self.text)
            if name is not None and name in self.names:
                if known:
                    self._certain(name, attr.span, "in an `inherit`")
                elif argument:
                    self.out.selections.append(Mention(name, attr.span, "is inherited"))

    def _formals(self, node: ExprLambda) -> None:
        formals = node.arg.formals
        if formals is None:
            return
        scope = self.model.scope_for(node)
        if scope is None:
            return
        for formal in formals.items:
            name = self.text[formal.name.start : formal.name.end]
            if name not in self.names:
                continue
            definition = scope.names.get(name)
            if definition is not None and definition.references:
                how = "as an argument of a function"
                self.out.arguments.append(Mention(name, formal.name.span, how))
            else:
                self.out.idle.append(Mention(name, formal.name.span, "asks for it"))

    def _is_argument(self, node: Node) -> bool:
        """Whether an expression is a variable that its function got from outside."""
        if not isinstance(node, ExprVar):
            return False
        reference = self.model.reference_at(node.start)
        if reference is None or reference.definition is None:
            return False
        return reference.definition.kind in (DEF_ARG, DEF_AT, DEF_FORMAL)

    def _certain(self, name: str, span: Span, how: str) -> None:
        self.out.certain.append(Mention(name, span, how))

    def _in_comment(self, offset: int) -> bool:
        tokens = self.model.tree.tokens
        return tokens.is_trivia(tokens.index_at(offset))

    # Names that are values.

    def _pattern_of(self, attr: AttrName) -> str | None:
        """A regular expression for what a computed name can be; None when that is anything."""
        inner = attr.inner
        if attr.form == DYNAMIC_KEY and isinstance(inner, Interpolation):
            inner = unparen(inner.expr)
        return self._pattern(inner) if inner is not None else None

    def _pattern(self, node: Node) -> str | None:
        if not isinstance(node, Interpolated) or isinstance(node, ExprPath):
            return None
        out: list[str] = []
        for part in string_parts(node, self.text):
            out.append(re.escape(part.text) if part.node is None else ".*")
        return "".join(out)
