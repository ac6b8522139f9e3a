"""What expressions stand for, as far as one can tell without evaluating them.

A value here is a set that is written somewhere, a function, a path, the `config` of a module, or
the inputs of a flake; everything else is None, which means unknown. Nothing is guessed: a set
with computed names is *open*, and what may come from an unknown set is unknown itself.
"""

from __future__ import annotations

import os
from typing import Final

from nixlint.ide.knowledge.known import is_flake_outputs
from nixlint.ide.knowledge.views import Reader, View, file_at
from nixlint.semantic.model import (
    DEF_ARG,
    DEF_AT,
    DEF_BUILTIN,
    DEF_FORMAL,
    DEF_INHERIT,
    DEF_INHERIT_FROM,
    DEF_LET,
    DEF_REC,
    Definition,
    Reference,
)
from nixlint.semantic.shapes import called_name, is_module_body, name_of, strip
from nixlint.syntax.nodes import (
    UPDATE,
    AttrName,
    Binding,
    ExprAttrs,
    ExprBinOp,
    ExprCall,
    ExprIf,
    ExprLambda,
    ExprList,
    ExprPath,
    ExprSelect,
    ExprString,
    ExprVar,
    Formal,
    Inherit,
    Node,
    unparen,
)
from nixlint.syntax.strings import constant_text

MAX_DEPTH: Final = 40
CONFIGS: Final = ("config", "osConfig", "nixosConfig", "darwinConfig")
SYSTEMS: Final = ("nixosConfigurations", "darwinConfigurations", "homeConfigurations")
CALL_PACKAGE: Final = ("callPackage", "callPackages", "callPackageWith")
MODULE_LISTS: Final = ("imports", "modules", "sharedModules", "extraModules")
WILD: Final = "*"
"""The name in a path of options that users choose."""


FROM_FLAKE: Final = frozenset(("inputs", "self", "outputs"))
"""Arguments of modules that are the flake itself, or its inputs, wherever they are passed."""


class Value:
    """A value that is known to some degree."""

    def member(self, name: str) -> Member | Value | None:
        """What an attribute of it is; None when that is not known, or there is none."""
        return None

    @property
    def is_open(self) -> bool:
        """Whether it may have more attributes than are known."""
        return True


class Piece:
    """A part of a set: `names = node` in some file, or one name of an `inherit`."""

    def __init__(
        self, view: View, names: list[AttrName], node: Node | None, inherit: Inherit | None = None
    ) -> None:
        self.view = view
        self.names = names
        self.node = node
        self.inherit = inherit


class Member:
    """An attribute of a set: the pieces that make it, each with its own key first in `names`."""

    def __init__(self, name: str, pieces: list[Piece]) -> None:
        self.name = name
        self.pieces = pieces


class SetValue(Value):
    """A set that is written out, perhaps in several pieces."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.entries: dict[str, Member] = {}
        self._open = False
        for piece in pieces:
            name = piece.view.name(piece.names[0])
            if name is None:
                self._open = True
                continue
            member = self.entries.get(name)
            if member is None:
                self.entries[name] = Member(name, [piece])
            else:
                member.pieces.append(piece)

    def member(self, name: str) -> Member | Value | None:
        return self.entries.get(name)

    @property
    def is_open(self) -> bool:
        return self._open


class UpdateValue(Value):
    """`left // right`."""

    def __init__(self, left: Value | None, right: Value | None) -> None:
        self.left = left
        self.right = right

    def member(self, name: str) -> Member | Value | None:
        if self.right is None:
            return None
        found = self.right.member(name)
        if found is not None:
            return found
        if self.right.is_open or self.left is None:
            return None
        return self.left.member(name)

    @property
    def is_open(self) -> bool:
        return self.left is None or self.right is None or self.left.is_open or self.right.is_open


class FunctionValue(Value):
    """A function that is written out."""

    def __init__(self, view: View, node: ExprLambda) -> None:
        self.view = view
        self.node = node


class PathValue(Value):
    """A path without interpolation; absolute."""

    def __init__(self, path: str) -> None:
        self.path = path


class ConfigValue(Value):
    """`config.a.b` of the configuration a module belongs to.

    `kind` is the name of the argument: `config`, `osConfig`, `options`.
    """

    def __init__(self, path: tuple[str, ...], kind: str) -> None:
        self.path = path
        self.kind = kind

    def member(self, name: str) -> Member | Value | None:
        return ConfigValue((*self.path, name), self.kind)


class InputsValue(Value):
    """All inputs of the flake in the directory `root`."""

    def __init__(self, root: str) -> None:
        self.root = root

    def member(self, name: str) -> Member | Value | None:
        return InputValue(self.root, name)


class InputValue(Value):
    """One input; the outputs of its flake are looked at by `Resolver`. `self` is the flake."""

    def __init__(self, root: str, name: str) -> None:
        self.root = root
        self.name = name


class Resolver:
    """Answers what expressions are.

    `read` gives other files (None: only this file is known); `root` is the directory of the
    flake, "" without one; `sources` says where inputs are on this machine.
    """

    def __init__(
        self, read: Reader | None = None, root: str = "", sources: dict[str, str] | None = None
    ) -> None:
        self.read = read
        self.root = root
        self.sources = sources if sources is not None else {}
        self._known: dict[int, Value | None] = {}
        self._kept: list[View] = []
        self._depth = 0

    # Expressions.

    def value(self, view: View, node: Node) -> Value | None:
        """What an expression is."""
        node = strip(node)
        key = id(node)
        if key in self._known:
            return self._known[key]
        if self._depth >= MAX_DEPTH:
            return None
        self._known[key] = None
        self._depth += 1
        try:
            found = self._value(view, node)
        finally:
            self._depth -= 1
        self._known[key] = found
        self._kept.append(view)
        return found

    def _value(self, view: View, node: Node) -> Value | None:
        if isinstance(node, ExprAttrs):
            return SetValue(pieces_of(view, node.binds))
        if isinstance(node, ExprVar):
            reference = view.model.reference_at(node.start)
            return self.of_reference(view, reference) if reference is not None else None
        if isinstance(node, ExprLambda):
            return FunctionValue(view, node)
        if isinstance(node, ExprPath):
            path = view.target(node)
            return PathValue(path) if path is not None else None
        if isinstance(node, ExprSelect):
            if node.default is not None:
                return None
            steps = self.along(view, self.value(view, node.base), node.path.names())
            return self.value_of(steps[-1])
        if isinstance(node, ExprCall):
            return self._call(view, node)
        if isinstance(node, ExprBinOp) and node.op == UPDATE:
            return UpdateValue(self.value(view, node.left), self.value(view, node.right))
        if isinstance(node, ExprIf):
            return None
        return None

    def _call(self, view: View, node: ExprCall) -> Value | None:
        loaded = self.loaded(view, node)
        if loaded is not None:
            path, given = loaded
            value = self.of_file(path)
            rest = len(node.args) - given
        else:
            name = called_name(node, view.text)
            if name == "recursiveUpdate" and len(node.args) == 2:
                return UpdateValue(self.value(view, node.args[0]), self.value(view, node.args[1]))
            value = self.value(view, node.fn)
            rest = len(node.args)
        while rest > 0:
            if not isinstance(value, FunctionValue):
                return None
            value = self.value(value.view, value.node.body)
            rest -= 1
        return value

    def loaded(self, view: View, node: ExprCall) -> tuple[str, int] | None:
        """The file that a call reads, and how many arguments it takes for that.

        For `import p` the value of the file is what is left of the call; `callPackage p { }`
        calls the function in it, and so takes only one.
        """
        fn = unparen(node.fn)
        name = name_of(fn, view.text)
        if name != "import" and name not in CALL_PACKAGE:
            return None
        if name == "import" and not is_import(view, fn):
            return None
        path = self.path_of(view, node.args[0])
        if path is None:
            return None
        found = file_at(path)
        return (found, 1) if found is not None else None

    def path_of(self, view: View, node: Node) -> str | None:
        """The absolute path that an expression is, where that is written out."""
        node = strip(node)
        if isinstance(node, ExprPath):
            return view.target(node)
        if isinstance(node, ExprBinOp):
            left = strip(node.left)
            right = strip(node.right)
            if isinstance(left, ExprPath) and isinstance(right, ExprString):
                base = view.target(left)
                tail = constant_text(right, view.text)
                if base is not None and tail is not None and tail.startswith("/"):
                    return os.path.normpath(base + tail)
            return None
        value = self.value(view, node)
        return value.path if isinstance(value, PathValue) else None

    def of_file(self, path: str) -> Value | None:
        """What the file at an absolute path is."""
        if self.read is None:
            return None
        view = self.read(path)
        return self.value(view, view.root) if view is not None else None

    # Names.

    def of_reference(self, view: View, reference: Reference) -> Value | None:
        """What a variable is."""
        definition = reference.definition
        if definition is None:
            found = self.through_with(view, reference)
            return self.value_of(found)
        return self.of_definition(view, definition)

    def through_with(self, view: View, reference: Reference) -> Member | Value | None:
        """What the `with`s around a variable supply for it, where that is sure."""
        for scope in reference.withs:
            node = scope.node
            attrs = getattr(node, "attrs", None)
            if not isinstance(attrs, Node):
                return None
            value = self.value(view, attrs)
            if value is None or isinstance(value, (ConfigValue, InputsValue)):
                return None
            found = value.member(reference.name)
            if found is not None:
                return found
            if value.is_open:
                return None
        return None

    def of_definition(self, view: View, definition: Definition) -> Value | None:
        """What a name is bound to."""
        kind = definition.kind
        if kind == DEF_LET or kind == DEF_REC:
            return self.value_of(Member(definition.name, pieces_of_definition(view, definition)))
        if kind == DEF_INHERIT:
            outer = view.model.reference_at(definition.node.start)
            return self.of_reference(view, outer) if outer is not None else None
        if kind == DEF_INHERIT_FROM:
            owner = definition.owner
            if isinstance(owner, Inherit) and owner.source is not None:
                source = self.value(view, owner.source)
                found = self.member(source, definition.name)
                return self.value_of(found)
            return None
        if kind == DEF_FORMAL or kind == DEF_AT or kind == DEF_ARG:
            return self._argument(view, definition)
        return None

    def _argument(self, view: View, definition: Definition) -> Value | None:
        function = definition.scope.node
        if not isinstance(function, ExprLambda):
            return None
        if is_flake_outputs(view.document, function):
            if definition.kind == DEF_FORMAL:
                return InputValue(view.folder, definition.name)
            return InputsValue(view.folder)
        if definition.kind != DEF_FORMAL:
            return None
        name = definition.name
        if name in FROM_FLAKE:
            if self.root and os.path.isfile(os.path.join(self.root, "flake.nix")):
                return InputsValue(self.root) if name == "inputs" else InputValue(self.root, "self")
            return None
        if name in CONFIGS or name == "options":
            prefix = module_prefix(view, function)
            return ConfigValue(prefix, name) if prefix is not None else None
        return None

    # Attributes.

    def member(self, value: Value | None, name: str) -> Member | Value | None:
        """What an attribute is."""
        if value is None:
            return None
        if isinstance(value, InputValue):
            return self._output(value, name)
        return value.member(name)

    def _output(self, value: InputValue, name: str) -> Member | Value | None:
        if value.name == "self":
            if name == "inputs":
                return InputsValue(value.root)
            if name == "outputs":
                return value
            flake = os.path.join(value.root, "flake.nix")
        else:
            source = self.sources.get(value.name, "")
            if not source:
                return None
            flake = os.path.join(source, "flake.nix")
        outputs = self.outputs_of(flake)
        return outputs.member(name) if outputs is not None else None

    def outputs_of(self, flake: str) -> Value | None:
        """The set that the `outputs` of the flake.nix at an absolute path make."""
        found = self.of_file(flake)
        if not isinstance(found, SetValue):
            return None
        function = self.value_of(found.member("outputs"))
        if not isinstance(function, FunctionValue):
            return None
        return self.value(function.view, function.node.body)

    def value_of(self, found: Member | Value | None) -> Value | None:
        """The value of an attribute."""
        if found is None or isinstance(found, Value):
            return found
        pieces = found.pieces
        if len(pieces) == 1 and len(pieces[0].names) == 1:
            piece = pieces[0]
            if piece.inherit is not None:
                return self._inherited(piece)
            return self.value(piece.view, piece.node) if piece.node is not None else None
        inner: list[Piece] = []
        for piece in pieces:
            if len(piece.names) > 1:
                inner.append(Piece(piece.view, piece.names[1:], piece.node))
                continue
            node = unparen(piece.node) if piece.node is not None else None
            if not isinstance(node, ExprAttrs):
                return None
            inner.extend(pieces_of(piece.view, node.binds))
        return SetValue(inner)

    def _inherited(self, piece: Piece) -> Value | None:
        assert piece.inherit is not None
        name = piece.view.name(piece.names[0])
        if name is None:
            return None
        if piece.inherit.source is None:
            reference = piece.view.model.reference_at(piece.names[0].start)
            return self.of_reference(piece.view, reference) if reference is not None else None
        return self.value_of(self.member(self.value(piece.view, piece.inherit.source), name))

    def along(
        self, view: View, value: Value | None, attrs: list[AttrName]
    ) -> list[Member | Value | None]:
        """What each component of a path leads to, from `value` on."""
        out: list[Member | Value | None] = []
        at: Value | None = value
        for index, attr in enumerate(attrs):
            name = view.name(attr)
            if index >= 2 and name == "config" and is_system_config(self, value, view, attrs):
                found: Member | Value | None = ConfigValue((), "config")
            else:
                found = self.member(at, name) if name is not None else None
            out.append(found)
            at = self.value_of(found)
        return out


def is_system_config(
    resolver: Resolver, value: Value | None, view: View, attrs: list[AttrName]
) -> bool:
    """Whether a path from `self` is `nixosConfigurations.NAME.config`."""
    if not isinstance(value, InputValue) or value.name != "self":
        return False
    return view.name(attrs[0]) in SYSTEMS and view.name(attrs[2]) == "config"


def pieces_of(view: View, binds: list[Node]) -> list[Piece]:
    """The bindings of a set as pieces."""
    out: list[Piece] = []
    for bind in binds:
        if isinstance(bind, Binding):
            out.append(Piece(view, bind.path.names(), bind.value))
        elif isinstance(bind, Inherit):
            for attr in bind.names:
                out.append(Piece(view, [attr], None, bind))
    return out


def pieces_of_definition(view: View, definition: Definition) -> list[Piece]:
    """The bindings that a `let` or a recursive set has for a name."""
    out: list[Piece] = []
    for node, owner in zip(definition.nodes(), definition.owners(), strict=True):
        if not isinstance(owner, Binding):
            if isinstance(owner, Inherit) and isinstance(node, AttrName):
                out.append(Piece(view, [node], None, owner))
            continue
        names = owner.path.names()
        for index, attr in enumerate(names):
            if attr is node:
                out.append(Piece(view, names[index:], owner.value))
    return out


def is_import(view: View, fn: Node) -> bool:
    """Whether a function named `import` is Nix's own."""
    text = view.slice(fn)
    if text == "builtins.import":
        return True
    if text != "import":
        return False
    reference = view.model.reference_at(fn.start)
    if reference is None or reference.definition is None:
        return False
    return reference.definition.kind == DEF_BUILTIN


def root_functions(view: View) -> list[ExprLambda]:
    """The functions that a file is: `a: b: …` has two."""
    out: list[ExprLambda] = []
    node = strip(view.root)
    while isinstance(node, ExprLambda):
        out.append(node)
        node = strip(node.body)
    return out


def module_prefix(view: View, function: ExprLambda) -> tuple[str, ...] | None:
    """The options that `config` means in a function with such an argument.

    () for the module that a file is and for one that stands in a list of modules; None when the
    function is no module, or that of a submodule or something else nobody knows.
    """
    formals = function.arg.formals
    if formals is None:
        return None
    if any(each is function for each in root_functions(view)):
        return ()
    if not formals.ellipsis or not is_module_body(function.body, view.text):
        return None
    return () if in_module_list(view, function) else None


def in_module_list(view: View, node: Node) -> bool:
    """Whether an expression stands in `imports = [ … ]`, `modules = [ … ]`, or is a module that a
    flake exports."""
    at = view.parent(node)
    in_list = False
    while at is not None:
        if isinstance(at, Binding):
            names = [view.name(attr) for attr in at.path.names()]
            if in_list:
                return names[-1] in MODULE_LISTS
            return _exports_module(view, at, names)
        if isinstance(at, ExprList):
            if in_list:
                return False
            in_list = True
        elif isinstance(at, (ExprLambda, ExprAttrs, ExprSelect, AttrName, Formal)):
            return False
        elif isinstance(at, ExprCall):
            if called_name(at, view.text) not in ("optional", "optionals", "mkIf", "mkMerge"):
                return False
        at = view.parent(at)
    return False


def _exports_module(view: View, bind: Binding, names: list[str | None]) -> bool:
    """Whether a binding is `nixosModules.x = …`, or one in `nixosModules = { … }`."""
    if len(names) >= 2:
        return names[-2] is not None and names[-2].endswith("Modules")
    around = view.parent(bind)
    outer = view.parent(around) if around is not None else None
    if not isinstance(outer, Binding):
        return False
    last = view.name(outer.path.names()[-1])
    return last is not None and last.endswith("Modules")
