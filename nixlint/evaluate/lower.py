"""From the syntax tree to expressions ready to be evaluated (`code.py`).

Names become places: how many frames up, and which slot there. A frame belongs to a function, a
`let`, a `rec` set or a `with`. Attribute paths (`a.b = 1; a.c = 2;`) are merged as Nix does.
The walk recurses: the parser bounds how deep expressions nest.
"""

from __future__ import annotations

from typing import Final

from nixlint.evaluate.code import (
    Arg,
    AttrsCode,
    Binds,
    Call,
    Const,
    FormalsLambda,
    HasAttr,
    IndentedText,
    LetCode,
    ListCode,
    PathCode,
    RecCode,
    SearchPath,
    Select,
    SelectPath,
    SimpleLambda,
    Slot,
    TooDeep,
    Undefined,
    WithCode,
    WithVariable,
    text_code,
)
from nixlint.evaluate.coerce import EMPTY, normal_path
from nixlint.evaluate.operation_code import (
    OP_ADD,
    OP_CONCAT,
    OP_DIVIDE,
    OP_MULTIPLY,
    OP_SUBTRACT,
    OP_UPDATE,
    Assert,
    Equal,
    If,
    Less,
    Logic,
    Negate,
    Not,
    Operation,
    Position,
)
from nixlint.evaluate.operators import LARGEST
from nixlint.evaluate.values import (
    PARSE_ERROR,
    PATH,
    UNDEFINED_VARIABLE,
    Code,
    CodeFile,
    NixError,
    Value,
    VFloat,
    VInt,
    VPath,
    VString,
    VUnknown,
)
from nixlint.syntax import nodes as n
from nixlint.syntax.strings import path_parts, static_name

FRAME_ARG: Final = 0
FRAME_SLOTS: Final = 1
FRAME_WITH: Final = 2


MAX_NESTED: Final = 20_000
"""How deep expressions may be nested: rows of operators nest without brackets."""


class Frame:
    """The names that a frame of variables has."""

    def __init__(self, kind: int, up: Frame | None) -> None:
        self.kind = kind
        self.up = up
        self.names: dict[str, int] = {}


class Entry:
    """What a name in a set or `let` is bound to: an expression, or a set put together."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.value: n.Node | None = None
        self.group: Group | None = None
        self.inherited: n.AttrName | None = None
        self.source = -1


class Group:
    """The bindings of a set, after attribute paths were taken apart and merged."""

    def __init__(self, recursive: bool, start: int, end: int) -> None:
        self.recursive = recursive
        self.start = start
        self.end = end
        self.entries: dict[str, Entry] = {}
        self.dynamic: list[tuple[n.Node, Entry]] = []
        self.froms: list[n.Node] = []


class Lowering:
    """Lowers one file. `globals` are the values of the names that are in scope everywhere."""

    def __init__(self, file: CodeFile, globals_: dict[str, Value]) -> None:
        self.file = file
        self.text = file.text
        self.globals = globals_
        self.depth = 0

    def lower_file(self, root: n.Root, scope: Frame | None) -> Code:
        """The expression of a file; `scope` holds the names that `scopedImport` adds."""
        return self.expr(root.expr, scope)

    # Expressions.

    def expr(self, node: n.Node, frame: Frame | None) -> Code:
        """The code of an expression in the scope of `frame`."""
        if self.depth >= MAX_NESTED:
            return TooDeep(self.file, node.start, node.end)
        self.depth += 1
        code = self._expr(node, frame)
        self.depth -= 1
        return code

    def _expr(self, node: n.Node, frame: Frame | None) -> Code:
        node = n.unparen(node)
        start, end = node.start, node.end
        if isinstance(node, n.ExprVar):
            return self.variable(self.text[start:end], node, frame)
        if isinstance(node, n.ExprSelect):
            return self._select(node, frame)
        if isinstance(node, n.ExprCall):
            args: list[Code] = []
            for arg in node.args:
                args.append(self.expr(arg, frame))
            return Call(self.file, start, end, self.expr(node.fn, frame), args)
        if isinstance(node, n.ExprAttrs):
            return self._attrs(node, frame)
        if isinstance(node, n.ExprLambda):
            return self._lambda(node, frame)
        if isinstance(node, (n.ExprString, n.ExprIndString)):
            return self._string(node, frame)
        if isinstance(node, (n.ExprPath, n.ExprHPath)):
            return self._path(node, frame)
        if isinstance(node, n.ExprBinOp):
            return self._binary(node, frame)
        return self._other(node, frame)

    def _other(self, node: n.Node, frame: Frame | None) -> Code:
        file = self.file
        start, end = node.start, node.end
        if isinstance(node, n.ExprInt):
            value = int(self.text[start:end])
            if value > LARGEST:
                return Undefined(file, start, end, PARSE_ERROR, "invalid integer")
            return Const(file, start, end, VInt(value))
        if isinstance(node, n.ExprFloat):
            return Const(file, start, end, VFloat(float(self.text[start:end])))
        if isinstance(node, n.ExprUri):
            return Const(file, start, end, VString(self.text[start:end]))
        if isinstance(node, n.ExprList):
            items: list[Code] = []
            for item in node.items:
                items.append(self.expr(item, frame))
            return ListCode(file, start, end, items)
        if isinstance(node, n.ExprIf):
            return If(
                file, start, end, self.expr(node.cond, frame), self.expr(node.then_, frame),
                self.expr(node.else_, frame),
            )  # fmt: skip
        if isinstance(node, n.ExprLet):
            inner = Frame(FRAME_SLOTS, frame)
            group = self._group(node.binds, False, start, end)
            binds = self._binds(group, frame, inner)
            return LetCode(file, start, end, binds, self.expr(node.body, inner))
        if isinstance(node, n.ExprWith):
            attrs = self.expr(node.attrs, frame)
            body = self.expr(node.body, Frame(FRAME_WITH, frame))
            return WithCode(file, start, end, attrs, body)
        if isinstance(node, n.ExprAssert):
            cond = self.expr(node.cond, frame)
            return Assert(file, start, end, cond, self.expr(node.body, frame))
        if isinstance(node, n.ExprOpHasAttr):
            base = self.expr(node.base, frame)
            return HasAttr(file, start, end, base, self._names(node.path, frame))
        if isinstance(node, n.ExprUnaryOp):
            operand = self.expr(node.operand, frame)
            if node.op == n.NOT:
                return Not(file, start, end, operand)
            rebound = self._rebound("__sub", node, frame)
            if rebound is not None:
                zero = Const(file, start, end, VInt(0))
                return Call(file, start, end, rebound, [zero, operand])
            return Negate(file, start, end, operand)
        if isinstance(node, n.ExprLegacyLet):
            group = self._group(node.binds, True, start, end)
            return Select(file, start, end, self._group_code(group, frame), "body")
        if isinstance(node, n.ExprSPath):
            name = self.text[start + 1 : end - 1]
            rebound = self._rebound("__findFile", node, frame)
            if rebound is not None:
                paths = self.variable("__nixPath", node, frame)
                wanted = Const(file, start, end, VString(name))
                return Call(file, start, end, rebound, [paths, wanted])
            return SearchPath(file, start, end, name)
        if isinstance(node, n.ExprPos):
            return Position(file, start, end)
        return Undefined(file, start, end, PARSE_ERROR, "syntax error")

    def variable(self, name: str, node: n.Node, frame: Frame | None) -> Code:
        """A use of a name."""
        file = self.file
        level = 0
        levels: list[int] = []
        at = frame
        while at is not None:
            if at.kind == FRAME_WITH:
                levels.append(level)
            else:
                index = at.names.get(name)
                if index is not None:
                    if at.kind == FRAME_ARG:
                        return Arg(file, node.start, node.end, level)
                    return Slot(file, node.start, node.end, level, index)
            level += 1
            at = at.up
        value = self.globals.get(name)
        if value is not None:
            return Const(file, node.start, node.end, value)
        if levels:
            return WithVariable(file, node.start, node.end, name, levels)
        # Nix refuses the whole file, whether the variable is needed or not.
        raise NixError(UNDEFINED_VARIABLE, f"undefined variable '{name}'", file, node.start)

    def _rebound(self, name: str, node: n.Node, frame: Frame | None) -> Code | None:
        """A name that operators stand for (`a - b` calls `__sub`), if the program rebinds it."""
        at = frame
        while at is not None:
            if name in at.names:
                return self.variable(name, node, frame)
            at = at.up
        return None

    def _select(self, node: n.ExprSelect, frame: Frame | None) -> Code:
        base = self.expr(node.base, frame)
        path = node.path
        file = self.file
        if node.default is None:
            static: list[str] = []
            for attr in path.names():
                name = static_name(attr, self.text)
                if name is None:
                    break
                static.append(name)
            else:
                # The place of a selection is where its last name stands.
                for index, attr in enumerate(path.names()):
                    base = Select(file, attr.start, attr.end, base, static[index])
                return base
        default = self.expr(node.default, frame) if node.default is not None else None
        names = self._names(path, frame)
        return SelectPath(file, node.start, node.end, base, names, default)

    def _names(self, path: n.AttrPath, frame: Frame | None) -> list[Code]:
        out: list[Code] = []
        for attr in path.names():
            out.append(self._name(attr, frame))
        return out

    def _name(self, attr: n.AttrName, frame: Frame | None) -> Code:
        """A name of an attribute path as code that gives a string."""
        name = static_name(attr, self.text)
        if name is not None:
            return Const(self.file, attr.start, attr.end, VString(name))
        inner = attr.inner
        if isinstance(inner, n.Interpolation):
            return self.expr(inner.expr, frame)
        if inner is not None:
            return self.expr(inner, frame)
        return Undefined(self.file, attr.start, attr.end, PARSE_ERROR, "syntax error")

    def _lambda(self, node: n.ExprLambda, frame: Frame | None) -> Code:
        formals = node.arg.formals
        name_node = node.arg.name
        at_name = self.text[name_node.start : name_node.end] if name_node is not None else None
        if formals is None:
            inner = Frame(FRAME_ARG, frame)
            simple = SimpleLambda(self.file, node.start, node.end, at_name or "")
            if at_name is not None:
                inner.names[at_name] = 0
            simple.body = self.expr(node.body, inner)
            return simple
        inner = Frame(FRAME_SLOTS, frame)
        names: list[str] = []
        offsets: list[int] = []
        for formal in formals.items:
            name = self.text[formal.name.start : formal.name.end]
            inner.names[name] = len(names)
            names.append(name)
            offsets.append(formal.name.start)
        if at_name is not None:
            inner.names[at_name] = len(names)
        made = FormalsLambda(
            self.file, node.start, node.end, names, offsets, formals.ellipsis, at_name
        )
        for index, formal in enumerate(formals.items):
            if formal.default is not None:
                made.defaults[index] = self.expr(formal.default, inner)
        made.body = self.expr(node.body, inner)
        return made

    # Literals.

    def _string(self, node: n.Interpolated, frame: Frame | None) -> Code:
        file = self.file
        start, end = node.start, node.end
        if node.parts is None and isinstance(node, n.ExprString):
            plain = self.text[start + 1 : end - 1]
            if "\\" not in plain and "\r" not in plain:
                return Const(file, start, end, VString(plain))
        inner: list[Code] = []
        for part in node.parts or ():
            assert isinstance(part, n.Interpolation)
            inner.append(self.expr(part.expr, frame))
        if isinstance(node, n.ExprIndString):
            return IndentedText(file, start, end, node, inner)
        return text_code(file, node, inner)

    def _path(self, node: n.Interpolated, frame: Frame | None) -> Code:
        file = self.file
        if isinstance(node, n.ExprHPath):
            reason = "the home directory depends on who evaluates"
            home = VUnknown(reason, file, node.start, self.text[node.start : node.end], PATH)
            return Const(file, node.start, node.end, home)
        first = ""
        parts: list[Code] = []
        literal: list[str] = []
        for part in path_parts(node, self.text):
            inner = part.node
            if not isinstance(inner, n.Interpolation):
                literal.append(part.text)
                continue
            text = "".join(literal)
            literal = []
            if not parts:
                first = self._beginning(text)
            elif text:
                parts.append(Const(file, part.start, part.start, VString(text)))
            parts.append(self.expr(inner.expr, frame))
        text = "".join(literal)
        if not parts:
            path = normal_path(self._beginning(text))
            return Const(file, node.start, node.end, VPath(path))
        if text:
            parts.append(Const(file, node.end, node.end, VString(text)))
        return PathCode(file, node.start, node.end, first, parts)

    def _beginning(self, text: str) -> str:
        """The literal beginning of a path, made absolute."""
        if text.startswith("/"):
            return text
        return self.file.base.rstrip("/") + "/" + text

    # Operators.

    def _binary(self, node: n.ExprBinOp, frame: Frame | None) -> Code:
        file = self.file
        start, end = node.start, node.end
        op = node.op
        left = self.expr(node.left, frame)
        right = self.expr(node.right, frame)
        if op == n.AND:
            return Logic(file, start, end, left, right, False, False)
        if op == n.OR:
            return Logic(file, start, end, left, right, True, True)
        if op == n.IMPL:
            return Logic(file, start, end, left, right, False, True)
        if op == n.EQ or op == n.NEQ:
            return Equal(file, start, end, left, right, op == n.NEQ)
        if op == n.PLUS:
            return Operation(file, start, end, OP_ADD, left, right)
        if op == n.UPDATE:
            return Operation(file, start, end, OP_UPDATE, left, right)
        if op == n.CONCAT:
            return Operation(file, start, end, OP_CONCAT, left, right)
        if op == n.PIPE_INTO:
            return Call(file, start, end, right, [left])
        if op == n.PIPE_FROM:
            return Call(file, start, end, left, [right])
        if op == n.LT or op == n.GT or op == n.LEQ or op == n.GEQ:
            return self._comparison(node, frame, left, right)
        name = "__sub" if op == n.MINUS else "__mul" if op == n.MUL else "__div"
        rebound = self._rebound(name, node, frame)
        if rebound is not None:
            return Call(file, start, end, rebound, [left, right])
        which = OP_SUBTRACT if op == n.MINUS else OP_MULTIPLY if op == n.MUL else OP_DIVIDE
        return Operation(file, start, end, which, left, right)

    def _comparison(self, node: n.ExprBinOp, frame: Frame | None, left: Code, right: Code) -> Code:
        file = self.file
        start, end = node.start, node.end
        swapped = node.op == n.GT or node.op == n.LEQ
        negated = node.op == n.LEQ or node.op == n.GEQ
        rebound = self._rebound("__lessThan", node, frame)
        if rebound is None:
            return Less(file, start, end, left, right, swapped, negated)
        args = [right, left] if swapped else [left, right]
        call = Call(file, start, end, rebound, args)
        return Not(file, start, end, call) if negated else call

    # Sets.

    def _attrs(self, node: n.ExprAttrs, frame: Frame | None) -> Code:
        return self._group_code(
            self._group(node.binds, node.recursive, node.start, node.end), frame
        )

    def _group_code(self, group: Group, frame: Frame | None) -> Code:
        if group.recursive:
            inner = Frame(FRAME_SLOTS, frame)
            binds = self._binds(group, frame, inner)
            return RecCode(self.file, group.start, group.end, binds)
        return AttrsCode(self.file, group.start, group.end, self._binds(group, frame, None))

    def _group(self, binds: list[n.Node], recursive: bool, start: int, end: int) -> Group:
        group = Group(recursive, start, end)
        self._merge(group, binds)
        return group

    def _merge(self, group: Group, binds: list[n.Node]) -> None:
        """Puts bindings into a group. The first of duplicates wins; Nix refuses them anyway."""
        for bind in binds:
            if isinstance(bind, n.Binding):
                self._place(group, bind.path.names(), bind.value, bind)
            elif isinstance(bind, n.Inherit):
                source = -1
                if bind.source is not None:
                    source = len(group.froms)
                    group.froms.append(bind.source)
                for attr in bind.names:
                    name = static_name(attr, self.text)
                    if name is None or name in group.entries:
                        continue
                    entry = Entry(attr.start)
                    entry.inherited = attr
                    entry.source = source
                    group.entries[name] = entry

    def _place(self, group: Group, names: list[n.AttrName], value: n.Node, bind: n.Node) -> None:
        last = len(names) - 1
        for index, attr in enumerate(names):
            name = static_name(attr, self.text)
            if name is None:
                entry = Entry(names[0].start)
                group.dynamic.append((attr, entry))
            else:
                found = group.entries.get(name)
                if found is None:
                    entry = Entry(names[0].start)
                    group.entries[name] = entry
                else:
                    entry = found
                    if index == last or entry.inherited is not None:
                        self._again(entry, value)
                        return
            if index == last:
                entry.value = value
                return
            if entry.group is None:
                entry.group = self._opened(entry, bind)
            group = entry.group

    def _opened(self, entry: Entry, bind: n.Node) -> Group:
        """The group to put more into: what was a literal set there becomes one."""
        value = entry.value
        if value is None:
            return Group(False, bind.start, bind.end)
        literal = n.unparen(value)
        entry.value = None
        if isinstance(literal, n.ExprAttrs):
            return self._group(literal.binds, literal.recursive, literal.start, literal.end)
        return Group(False, bind.start, bind.end)

    def _again(self, entry: Entry, value: n.Node) -> None:
        """A name bound once more: two literal sets become one."""
        literal = n.unparen(value)
        if entry.inherited is not None or not isinstance(literal, n.ExprAttrs):
            return
        if entry.group is None:
            first = n.unparen(entry.value) if entry.value is not None else None
            if not isinstance(first, n.ExprAttrs):
                return
            entry.group = self._opened(entry, literal)
        self._merge(entry.group, literal.binds)

    def _binds(self, group: Group, outer: Frame | None, inner: Frame | None) -> Binds:
        """The code of a group. `inner` is the frame its names make, None for a plain set."""
        scope = outer if inner is None else inner
        if inner is not None:
            for index, name in enumerate(group.entries):
                inner.names[name] = index
        binds = Binds()
        for source in group.froms:
            binds.froms.append(self.expr(source, scope))
        for name, entry in group.entries.items():
            binds.names.append(name)
            binds.offsets[name] = entry.start
            binds.sources.append(entry.source)
            inherited = entry.inherited
            if inherited is None:
                binds.outside.append(False)
                binds.codes.append(self._entry(entry, scope))
            elif entry.source >= 0:
                binds.outside.append(False)
                binds.codes.append(Const(self.file, inherited.start, inherited.end, EMPTY))
            else:
                binds.outside.append(inner is not None)
                binds.codes.append(self.variable(name, inherited, outer))
        for attr, entry in group.dynamic:
            assert isinstance(attr, n.AttrName)
            binds.dynamic_names.append(self._name(attr, scope))
            binds.dynamic_codes.append(self._entry(entry, scope))
        return binds

    def _entry(self, entry: Entry, scope: Frame | None) -> Code:
        if entry.group is not None:
            return self._group_code(entry.group, scope)
        assert entry.value is not None
        return self.expr(entry.value, scope)
