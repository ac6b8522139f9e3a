"""Expressions ready to be evaluated.

`lower.py` makes them of the syntax tree, once per file: names are resolved to places in frames,
attribute paths are merged, literals are read. One class per construct; `eval` gives the value,
`thunk` the value to come.
"""

from __future__ import annotations

from typing import Final

from nixlint.evaluate.coerce import TextBuilder, normal_path, to_string
from nixlint.evaluate.values import (
    ANY,
    BOOL,
    FALSE,
    MISSING_ARGUMENT,
    NO_SLOTS,
    NOTHING,
    PATH,
    STRING,
    TRUE,
    UNDEFINED_VARIABLE,
    UNEXPECTED_ARGUMENT,
    Code,
    CodeFile,
    CodeThunk,
    Env,
    LambdaCode,
    Machine,
    NixError,
    Origin,
    OutOfBudget,
    PickThunk,
    Thunk,
    Value,
    VAttrs,
    VInt,
    VLambda,
    VList,
    VNull,
    VPath,
    VPrimop,
    VString,
    VUnknown,
    pick,
    type_error,
    unknown_at,
    wrong_type,
)
from nixlint.syntax.nodes import ExprIndString, Interpolated
from nixlint.syntax.strings import string_parts
from nixlint.text.arrays import i64

UNKNOWN_NAME: Final = "\0"
"""The name under which a set keeps an attribute whose name is not known, among its rest."""
PENDING: Final = Thunk()
"""What a slot holds before its frame is complete."""


class Const(Code):
    """A literal, or a builtin."""

    def __init__(self, file: CodeFile, start: i64, end: i64, value: Value) -> None:
        super().__init__(file, start, end)
        self.value = value

    def eval(self, m: Machine, env: Env) -> Value:
        return self.value

    def thunk(self, m: Machine, env: Env) -> Value:
        return self.value


class Arg(Code):
    """The argument of a function `x: …`, `level` frames up."""

    def __init__(self, file: CodeFile, start: i64, end: i64, level: i64) -> None:
        super().__init__(file, start, end)
        self.level: i64 = level

    def eval(self, m: Machine, env: Env) -> Value:
        return self.thunk(m, env).force(m)

    def thunk(self, m: Machine, env: Env) -> Value:
        left: i64 = self.level
        while left > 0:
            up = env.up
            assert up is not None
            env = up
            left -= 1
        return env.arg


class Slot(Code):
    """A variable in a frame with several, `level` frames up."""

    def __init__(self, file: CodeFile, start: i64, end: i64, level: i64, index: i64) -> None:
        super().__init__(file, start, end)
        self.level: i64 = level
        self.index: i64 = index

    def eval(self, m: Machine, env: Env) -> Value:
        left: i64 = self.level
        while left > 0:
            up = env.up
            assert up is not None
            env = up
            left -= 1
        return env.slots[self.index].force(m)

    def thunk(self, m: Machine, env: Env) -> Value:
        at = env
        left: i64 = self.level
        while left > 0:
            up = at.up
            assert up is not None
            at = up
            left -= 1
        value = at.slots[self.index]
        if value is PENDING:
            return CodeThunk(self, env)
        return value


class WithVariable(Code):
    """A name that only `with` supplies. `levels` leads to the sets, the innermost first."""

    def __init__(self, file: CodeFile, start: i64, end: i64, name: str, levels: list[int]) -> None:
        super().__init__(file, start, end)
        self.name = name
        self.levels = levels

    def eval(self, m: Machine, env: Env) -> Value:
        at = env
        walked = 0
        name = self.name
        for level in self.levels:
            while walked < level:
                up = at.up
                assert up is not None
                at = up
                walked += 1
            source = at.arg.force(m)
            if isinstance(source, VAttrs):
                found = source.get(name)
                if found is not None:
                    return found.force(m)
            elif isinstance(source, VUnknown):
                return source.pick(name).force(m)
            else:
                raise wrong_type(source, "a set", self)
        raise NixError(UNDEFINED_VARIABLE, f"undefined variable '{name}'", self.file, self.start)


class Undefined(Code):
    """A name that nothing supplies, or a place where an expression is missing."""

    def __init__(self, file: CodeFile, start: i64, end: i64, kind: str, message: str) -> None:
        super().__init__(file, start, end)
        self.kind = kind
        self.message = message

    def eval(self, m: Machine, env: Env) -> Value:
        raise NixError(self.kind, self.message, self.file, self.start)


class TooDeep(Code):
    """An expression that is nested too deeply."""

    def eval(self, m: Machine, env: Env) -> Value:
        raise OutOfBudget("an expression is nested too deeply")


class TextCode(Code):
    """A string with interpolations. `parts` are literals (`Const`) and expressions."""

    def __init__(self, file: CodeFile, start: i64, end: i64, parts: list[Code]) -> None:
        super().__init__(file, start, end)
        self.parts = parts

    def eval(self, m: Machine, env: Env) -> Value:
        builder = TextBuilder()
        for part in self.parts:
            value = part.eval(m, env)
            if isinstance(value, VString):
                builder.add(value.text, value.context)
            else:
                builder.add_value(to_string(m, value, part, False, True))
        return builder.finish(m, STRING)


class IndentedText(Code):
    """A `''` string. Its text is taken apart when it is needed first: modules hold long scripts
    that most configurations never look at. `inner` are its interpolations, in their order."""

    def __init__(
        self, file: CodeFile, start: i64, end: i64, node: ExprIndString, inner: list[Code]
    ) -> None:
        super().__init__(file, start, end)
        self.node = node
        self.inner = inner
        self.read: Code | None = None

    def eval(self, m: Machine, env: Env) -> Value:
        read = self.read
        if read is None:
            read = text_code(self.file, self.node, self.inner)
            self.read = read
        return read.eval(m, env)


def text_code(file: CodeFile, node: Interpolated, inner: list[Code]) -> Code:
    """The code of a string whose interpolations are lowered already."""
    parts: list[Code] = []
    literal: list[str] = []
    at = 0
    for part in string_parts(node, file.text):
        if part.node is None:
            literal.append(part.text)
            continue
        if literal:
            parts.append(Const(file, part.start, part.start, VString("".join(literal))))
            literal = []
        parts.append(inner[at])
        at += 1
    if not parts:
        return Const(file, node.start, node.end, VString("".join(literal)))
    if literal:
        parts.append(Const(file, node.end, node.end, VString("".join(literal))))
    return TextCode(file, node.start, node.end, parts)


class PathCode(Code):
    """A path with interpolations: `first` is its literal beginning."""

    def __init__(self, file: CodeFile, start: i64, end: i64, first: str, parts: list[Code]) -> None:
        super().__init__(file, start, end)
        self.first = first
        self.parts = parts

    def eval(self, m: Machine, env: Env) -> Value:
        builder = TextBuilder()
        builder.add(self.first, None)
        for part in self.parts:
            builder.add_value(to_string(m, part.eval(m, env), part, False, False))
        made = builder.finish(m, PATH)
        if isinstance(made, VString):
            if made.context is not None:
                raise type_error(
                    "a string that refers to a store path cannot be appended to a path", self
                )
            return VPath(normal_path(made.text))
        return made


class SearchPath(Code):
    """`<name>`."""

    def __init__(self, file: CodeFile, start: i64, end: i64, name: str) -> None:
        super().__init__(file, start, end)
        self.name = name

    def eval(self, m: Machine, env: Env) -> Value:
        return m.search_path(self.name, self)


class ListCode(Code):
    """`[ … ]`."""

    def __init__(self, file: CodeFile, start: i64, end: i64, items: list[Code]) -> None:
        super().__init__(file, start, end)
        self.items = items

    def eval(self, m: Machine, env: Env) -> Value:
        out: list[Value] = []
        for item in self.items:
            out.append(item.thunk(m, env))
        return VList(out)


class Binds:
    """The attributes of a set, or of a `let`: static names with what they are bound to.

    `sources[i]` is -1, or the number of the `inherit (from)` that supplies the name, and then
    `codes[i]` is where it is named. `outside[i]` says that `codes[i]` belongs to the surrounding
    scope (`inherit x;`).
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self.codes: list[Code] = []
        self.sources: list[int] = []
        self.outside: list[bool] = []
        self.froms: list[Code] = []
        self.dynamic_names: list[Code] = []
        self.dynamic_codes: list[Code] = []
        self.offsets: dict[str, int] = {}

    def fill(self, m: Machine, outer: Env, inner: Env, out: list[Value]) -> None:
        """The values of the static names, in order, put into `out`."""
        froms: list[Value] | None = None
        if self.froms:
            froms = []
            for code in self.froms:
                froms.append(code.thunk(m, inner))
        sources = self.sources
        outside = self.outside
        names = self.names
        for index, code in enumerate(self.codes):
            source = sources[index]
            if source >= 0:
                assert froms is not None
                out[index] = PickThunk(froms[source], names[index], code)
            elif outside[index]:
                out[index] = code.thunk(m, outer)
            else:
                out[index] = code.thunk(m, inner)


class AttrsCode(Code):
    """`{ … }`."""

    def __init__(self, file: CodeFile, start: i64, end: i64, binds: Binds) -> None:
        super().__init__(file, start, end)
        self.binds = binds
        self.origin = Origin(file, binds.offsets, None, None)
        self.simple = not binds.froms and not binds.dynamic_names

    def eval(self, m: Machine, env: Env) -> Value:
        binds = self.binds
        attrs: dict[str, Value] = {}
        if self.simple:
            codes = binds.codes
            for index, name in enumerate(binds.names):
                attrs[name] = codes[index].thunk(m, env)
            return VAttrs(attrs, None, self.origin)
        values: list[Value] = [NOTHING] * len(binds.names)
        binds.fill(m, env, env, values)
        for index, name in enumerate(binds.names):
            attrs[name] = values[index]
        return finish_set(m, self, binds, self.origin, attrs, env)


class RecCode(Code):
    """`rec { … }`."""

    def __init__(self, file: CodeFile, start: i64, end: i64, binds: Binds) -> None:
        super().__init__(file, start, end)
        self.binds = binds
        self.origin = Origin(file, binds.offsets, None, None)
        self.overrides = -1
        for index, name in enumerate(binds.names):
            if name == "__overrides":
                self.overrides = index

    def eval(self, m: Machine, env: Env) -> Value:
        binds = self.binds
        slots: list[Value] = [PENDING] * len(binds.names)
        inner = Env(env, NOTHING, slots)
        binds.fill(m, env, inner, slots)
        if self.overrides >= 0:
            # What refers to an attribute must see what overrides it.
            for index, code in enumerate(binds.codes):
                if binds.sources[index] < 0 and not binds.outside[index]:
                    slots[index] = CodeThunk(code, inner)
        attrs: dict[str, Value] = {}
        for index, name in enumerate(binds.names):
            attrs[name] = slots[index]
        origin: Origin | None = self.origin
        if self.overrides >= 0:
            overrides = slots[self.overrides].force(m)
            if not isinstance(overrides, VAttrs) or overrides.rest is not None:
                if isinstance(overrides, (VAttrs, VUnknown)):
                    return unknown_at("`__overrides` replaces unknown attributes", self)
                raise wrong_type(overrides, "a set", self)
            for index, name in enumerate(binds.names):
                replaced = overrides.attrs.get(name)
                if replaced is not None:
                    slots[index] = replaced
            attrs.update(overrides.attrs)
        if binds.dynamic_names:
            return finish_set(m, self, binds, self.origin, attrs, inner)
        return VAttrs(attrs, None, origin)


def finish_set(
    m: Machine, code: Code, binds: Binds, origin: Origin, attrs: dict[str, Value], env: Env
) -> Value:
    """Adds the attributes whose names are computed."""
    rest: list[VUnknown] = []
    index = 0
    offsets: dict[str, int] | None = None
    for name_code in binds.dynamic_names:
        value_code = binds.dynamic_codes[index]
        index += 1
        name_value = name_code.eval(m, env)
        if isinstance(name_value, VNull):
            continue
        name = attr_name(m, name_value, name_code)
        if name is None:
            # The attribute exists or not, under some name.
            hidden = unknown_at("the name of the attribute is unknown", name_code)
            # The value is kept under a name that no program can write.
            hidden.alternatives = [VAttrs({UNKNOWN_NAME: value_code.thunk(m, env)})]
            rest.append(hidden)
            continue
        if name in attrs:
            raise NixError(
                "duplicate-attribute",
                f"dynamic attribute '{name}' already defined",
                code.file,
                name_code.start,
            )
        attrs[name] = value_code.thunk(m, env)
        if offsets is None:
            offsets = {}
        offsets[name] = name_code.start
    if offsets is not None:
        origin = Origin(None, None, origin, Origin(code.file, offsets, None, None))
    return VAttrs(attrs, rest if rest else None, origin)


def attr_name(m: Machine, value: Value, site: Code) -> str | None:
    """A computed attribute name; None when it is unknown."""
    if isinstance(value, VString):
        return value.text
    if isinstance(value, VUnknown):
        return None
    raise wrong_type(value, "a string", site)


class LetCode(Code):
    """`let … in body`."""

    def __init__(self, file: CodeFile, start: i64, end: i64, binds: Binds, body: Code) -> None:
        super().__init__(file, start, end)
        self.binds = binds
        self.body = body

    def eval(self, m: Machine, env: Env) -> Value:
        slots: list[Value] = [PENDING] * len(self.binds.names)
        inner = Env(env, NOTHING, slots)
        self.binds.fill(m, env, inner, slots)
        return self.body.eval(m, inner)


class WithCode(Code):
    """`with attrs; body`."""

    def __init__(self, file: CodeFile, start: i64, end: i64, attrs: Code, body: Code) -> None:
        super().__init__(file, start, end)
        self.attrs = attrs
        self.body = body

    def eval(self, m: Machine, env: Env) -> Value:
        return self.body.eval(m, Env(env, self.attrs.thunk(m, env), NO_SLOTS))


class Select(Code):
    """`base.name`."""

    def __init__(self, file: CodeFile, start: i64, end: i64, base: Code, name: str) -> None:
        super().__init__(file, start, end)
        self.base = base
        self.name = name

    def eval(self, m: Machine, env: Env) -> Value:
        base = self.base.eval(m, env)
        if isinstance(base, VAttrs):
            found = base.attrs.get(self.name)
            if found is not None:
                return found.force(m)
        return pick(m, base, self.name, self).force(m)


class SelectPath(Code):
    """`base.a."b".${c}`, with or without `or`. A name is a `Const` if it is static."""

    def __init__(
        self,
        file: CodeFile,
        start: i64,
        end: i64,
        base: Code,
        names: list[Code],
        default: Code | None,
    ) -> None:
        super().__init__(file, start, end)
        self.base = base
        self.names = names
        self.default = default

    def eval(self, m: Machine, env: Env) -> Value:
        value = self.base.eval(m, env)
        default = self.default
        for name_code in self.names:
            name = attr_name(m, name_code.eval(m, env), name_code)
            if name is None:
                return self._by_unknown_name(m, env, value, name_code)
            if default is not None:
                if isinstance(value, VAttrs):
                    found = value.attrs.get(name)
                    if found is None:
                        perhaps = value.get(name)
                        if perhaps is None:
                            return default.eval(m, env)
                        return self._or(m, env, perhaps, name_code)
                    value = found.force(m)
                elif isinstance(value, VUnknown):
                    return self._or(m, env, value.pick(name), name_code)
                else:
                    return default.eval(m, env)
            else:
                value = pick(m, value, name, name_code).force(m)
        return value

    def _or(self, m: Machine, env: Env, found: Value, at: Code) -> Value:
        """Something that may be there, or else the default."""
        default = self.default
        assert default is not None
        seen = False
        for name_code in self.names:
            if name_code is at:
                seen = True
            elif seen:
                name = attr_name(m, name_code.eval(m, env), name_code)
                if name is None:
                    return unknown_at("the name of the attribute is unknown", name_code)
                found = PickThunk(found, name, name_code)
        first = found.force(m) if isinstance(found, VUnknown) else found
        reason = "it is not known whether the attribute exists"
        if isinstance(first, VUnknown):
            return VUnknown(
                first.reason, first.file, first.start, first.path, ANY,
                [first, default.thunk(m, env)],
            )  # fmt: skip
        return VUnknown(reason, self.file, self.start, "", ANY, [found, default.thunk(m, env)])

    def _by_unknown_name(self, m: Machine, env: Env, value: Value, name_code: Code) -> Value:
        """An attribute nobody knows the name of: one of those there are."""
        reason = "the name of the attribute is unknown"
        if isinstance(value, VAttrs) and value.rest is None and name_code is self.names[-1]:
            alternatives = list(value.attrs.values())
            if self.default is not None:
                alternatives.append(self.default.thunk(m, env))
            if len(alternatives) <= 256:
                return VUnknown(reason, name_code.file, name_code.start, "", ANY, alternatives)
        return unknown_at(reason, name_code)


class HasAttr(Code):
    """`base ? a.b`."""

    def __init__(self, file: CodeFile, start: i64, end: i64, base: Code, names: list[Code]) -> None:
        super().__init__(file, start, end)
        self.base = base
        self.names = names

    def eval(self, m: Machine, env: Env) -> Value:
        value = self.base.eval(m, env)
        last = len(self.names) - 1
        for index, name_code in enumerate(self.names):
            name = attr_name(m, name_code.eval(m, env), name_code)
            if isinstance(value, VUnknown):
                return value.derived(BOOL)
            if not isinstance(value, VAttrs):
                return FALSE
            if name is None:
                return unknown_at("the name of the attribute is unknown", name_code, BOOL)
            found = value.attrs.get(name)
            if found is None:
                perhaps = value.get(name)
                if perhaps is None:
                    return FALSE
                if isinstance(perhaps, VUnknown):
                    return perhaps.derived(BOOL)
                return unknown_at("it is not known whether the attribute exists", name_code, BOOL)
            if index < last:
                value = found.force(m)
        return TRUE


class Call(Code):
    """`function arg …`."""

    def __init__(
        self, file: CodeFile, start: i64, end: i64, function: Code, args: list[Code]
    ) -> None:
        super().__init__(file, start, end)
        self.function = function
        self.args = args

    def eval(self, m: Machine, env: Env) -> Value:
        function = self.function.eval(m, env)
        args = self.args
        if isinstance(function, VPrimop) and len(function.args) + len(args) == function.arity:
            values = function.args.copy()
            for arg in args:
                values.append(arg.thunk(m, env))
            return function.run(m, values, self)
        for arg in args:
            function = function.call(m, arg.thunk(m, env), self)
        return function


class SimpleLambda(LambdaCode):
    """`x: body`."""

    def __init__(self, file: CodeFile, start: i64, end: i64, name: str) -> None:
        super().__init__(file, start, end)
        self.name = name
        self.body: Code = Const(file, start, end, NOTHING)

    def eval(self, m: Machine, env: Env) -> Value:
        return VLambda(self, env)

    def thunk(self, m: Machine, env: Env) -> Value:
        return VLambda(self, env)

    def apply(self, m: Machine, env: Env, arg: Value, site: Code) -> Value:
        return self.body.eval(m, Env(env, arg, NO_SLOTS))

    def formals(self) -> dict[str, bool] | None:
        return None

    def formal_offset(self, name: str) -> int:
        return int(self.start)

    def accepts_more(self) -> bool:
        return True


class FormalsLambda(LambdaCode):
    """`{ a, b ? 1, ... }@args: body`. The formals have the first slots, `args` the last."""

    def __init__(
        self,
        file: CodeFile,
        start: i64,
        end: i64,
        names: list[str],
        offsets: list[int],
        ellipsis: bool,
        at_name: str | None,
    ) -> None:
        super().__init__(file, start, end)
        self.names = names
        self.offsets = offsets
        self.defaults: list[Code | None] = [None] * len(names)
        self.ellipsis = ellipsis
        self.at_name = at_name
        self.body: Code = Const(file, start, end, NOTHING)

    def eval(self, m: Machine, env: Env) -> Value:
        return VLambda(self, env)

    def thunk(self, m: Machine, env: Env) -> Value:
        return VLambda(self, env)

    def apply(self, m: Machine, env: Env, arg: Value, site: Code) -> Value:
        value = arg.force(m)
        names = self.names
        count = len(names)
        slots: list[Value] = [PENDING] * (count + 1)
        inner = Env(env, NOTHING, slots)
        slots[count] = value
        index = 0
        if isinstance(value, VAttrs):
            attrs = value.attrs
            used = 0
            for name in names:
                found = attrs.get(name)
                if found is not None:
                    slots[index] = found
                    used += 1
                else:
                    slots[index] = self._missing(m, inner, value, index, site)
                index += 1
            if not self.ellipsis and used < len(attrs):
                raise self._unexpected(attrs, site)
        elif isinstance(value, VUnknown):
            for name in names:
                default = self.defaults[index]
                found = value.pick(name)
                if default is not None and isinstance(found, VUnknown):
                    found = VUnknown(
                        found.reason, found.file, found.start, found.path, ANY,
                        [found, default.thunk(m, inner)],
                    )  # fmt: skip
                slots[index] = found
                index += 1
        else:
            raise wrong_type(value, "a set", site)
        return self.body.eval(m, inner)

    def _missing(self, m: Machine, inner: Env, value: VAttrs, index: int, site: Code) -> Value:
        default = self.defaults[index]
        name = self.names[index]
        found = value.get(name)
        if found is None:
            if default is not None:
                return default.thunk(m, inner)
            raise NixError(
                MISSING_ARGUMENT,
                f"function called without required argument '{name}'",
                site.file,
                site.start,
            )
        if default is None or not isinstance(found, VUnknown):
            return found
        return VUnknown(
            found.reason, found.file, found.start, found.path, ANY,
            [found, default.thunk(m, inner)],
        )  # fmt: skip

    def _unexpected(self, attrs: dict[str, Value], site: Code) -> NixError:
        for name in sorted(attrs):
            if name not in self.names:
                return NixError(
                    UNEXPECTED_ARGUMENT,
                    f"function called with unexpected argument '{name}'",
                    site.file,
                    site.start,
                )
        raise AssertionError("there is an argument too many")

    def formals(self) -> dict[str, bool] | None:
        out: dict[str, bool] = {}
        for index, name in enumerate(self.names):
            out[name] = self.defaults[index] is not None
        return out

    def formal_offset(self, name: str) -> int:
        for index, one in enumerate(self.names):
            if one == name:
                return self.offsets[index]
        return int(self.start)

    def accepts_more(self) -> bool:
        return self.ellipsis


def position_value(file: CodeFile, start: int) -> Value:
    """`{ file, line, column }`, as `__curPos` and `unsafeGetAttrPos` give it."""
    line = file.text.count("\n", 0, start) + 1
    begin = file.text.rfind("\n", 0, start) + 1
    column = len(file.text[begin:start].encode("utf-8", "surrogateescape")) + 1
    return VAttrs({"file": VString(file.path), "line": VInt(line), "column": VInt(column)})


def origin_of(origin: Origin | None, name: str) -> tuple[CodeFile, int] | None:
    """The file and offset where an attribute was written, if that is known."""
    while origin is not None:
        if origin.offsets is not None:
            offset = origin.offsets.get(name)
            if offset is None or origin.file is None:
                return None
            return origin.file, offset
        if origin.right is not None:
            found = origin_of(origin.right, name)
            if found is not None:
                return found
        origin = origin.left
    return None
