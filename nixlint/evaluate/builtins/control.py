"""Builtins: import, errors, order of evaluation, types, and facts about Nix."""

from __future__ import annotations

from typing import Final

from nixlint.evaluate.builtins.arguments import (
    forced_attrs,
    forced_text,
    spread,
)
from nixlint.evaluate.builtins.closure import prim_generic_closure
from nixlint.evaluate.builtins.derivations import (
    prim_derivation,
    prim_derivation_strict,
    prim_placeholder,
)
from nixlint.evaluate.builtins.table import Table
from nixlint.evaluate.coerce import EMPTY, to_path, to_string
from nixlint.evaluate.files import STORE
from nixlint.evaluate.unknown_paths import possible_paths
from nixlint.evaluate.values import (
    ABORTED,
    ANY,
    ATTRS,
    BOOL,
    FALSE,
    FLOAT,
    INT,
    LAMBDA,
    LIST,
    NULL,
    PATH,
    PRIMOP,
    STRING,
    THROWN,
    TRUE,
    ApplyThunk,
    Code,
    Function,
    Machine,
    NixError,
    Value,
    VAttrs,
    VInt,
    VList,
    VPath,
    VPrimop,
    VString,
    VUnknown,
    boolean,
    unknown_at,
)

_KINDS: Final = (
    "thunk", "null", "bool", "int", "float", "string", "path", "list", "set", "lambda", "lambda",
    "unknown",
)  # fmt: skip


# Files.


def prim_import(m: Machine, args: list[Value], site: Code) -> Value:
    """`import path`."""
    given = args[0].force(m)
    if isinstance(given, VUnknown):
        known = m.import_unknown(given)
        if known is not None:
            return known
        if given.prefix:
            return _import_possible(m, given, site)
        return spread(given, prim_import, args, 0, site, ANY)
    path = to_path(m, given, site)
    if isinstance(path, VUnknown):
        return _import_possible(m, path, site) if path.prefix else path.derived(ANY)
    assert isinstance(path, VPath)
    if _is_derivation_file(path.path):
        return unknown_at("what is built from a derivation is not known", site)
    return m.import_file(path.path, site)


def _import_possible(m: Machine, path: VUnknown, site: Code) -> Value:
    """`import` of a path of which a part is unknown: one of the files that fit."""
    found = possible_paths(m, path)
    if not found:
        return path.derived(ANY)
    function = VPrimop("import", 1, prim_import, [])
    alternatives: list[Value] = []
    for one in found:
        alternatives.append(ApplyThunk(function, VPath(one), site))
    return VUnknown(path.reason, path.file, path.start, "", ANY, alternatives)


def prim_scoped_import(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.scopedImport scope path`."""
    given = args[1].force(m)
    if isinstance(given, VUnknown):
        return spread(given, prim_scoped_import, args, 1, site, ANY)
    path = to_path(m, given, site)
    scope = forced_attrs(m, args[0], site)
    if isinstance(path, VUnknown):
        return path.derived(ANY)
    if isinstance(scope, VUnknown):
        return scope.derived(ANY)
    assert isinstance(path, VPath) and isinstance(scope, VAttrs)
    if _is_derivation_file(path.path):
        return unknown_at("what is built from a derivation is not known", site)
    return m.scoped_import(scope, path.path, site)


def _is_derivation_file(path: str) -> bool:
    return path.endswith(".drv") and path.startswith(STORE + "/")


# Errors.


def prim_throw(m: Machine, args: list[Value], site: Code) -> Value:
    """`throw message`."""
    raise NixError(THROWN, _message(m, args[0], site), site.file, site.start)


def prim_abort(m: Machine, args: list[Value], site: Code) -> Value:
    """`abort message`."""
    message = _message(m, args[0], site)
    raise NixError(
        ABORTED,
        f"evaluation aborted with the following error message: '{message}'",
        site.file,
        site.start,
    )


def _message(m: Machine, value: Value, site: Code) -> str:
    """The text of an error; with `…` for what is unknown."""
    text = to_string(m, value, site, False, True)
    if isinstance(text, VString):
        return text.text
    assert isinstance(text, VUnknown)
    return f"{text.prefix}…{text.suffix}"


def prim_try_eval(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.tryEval e`: `{ success, value }`; catches `throw` and `assert`."""
    depth = m.depth
    try:
        value = args[0].force(m)
    except NixError as error:
        if not error.catchable:
            raise
        m.depth = depth
        return VAttrs({"success": FALSE, "value": FALSE})
    cause: VUnknown | None = None
    if isinstance(value, VUnknown):
        cause = value
    elif isinstance(value, VList):
        if value.rest is not None:
            cause = value.rest[0]
    elif isinstance(value, VAttrs) and value.rest is not None:
        cause = value.rest[0]
    if cause is None:
        return VAttrs({"success": TRUE, "value": value})
    # What is unknown may fail, and then it is `false`.
    either = VUnknown(cause.reason, cause.file, cause.start, "", ANY, [value, FALSE])
    return VAttrs({"success": cause.derived(BOOL), "value": either})


def prim_add_error_context(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.addErrorContext text e`: `e`; the text is for error messages."""
    return args[1].force(m)


# Order of evaluation.


def prim_seq(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.seq a b`: `b`, after `a` was computed."""
    first = args[0].force(m)
    if isinstance(first, VUnknown):
        return _if_it_succeeds(m, first, args[1])
    return args[1].force(m)


def prim_deep_seq(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.deepSeq a b`: `b`, after `a` was computed with everything in it."""
    unknown = force_deep(m, args[0])
    if unknown is not None:
        return _if_it_succeeds(m, unknown, args[1])
    return args[1].force(m)


def _if_it_succeeds(m: Machine, cause: VUnknown, value: Value) -> Value:
    """The value, unless what is unknown before it fails."""
    return VUnknown(cause.reason, cause.file, cause.start, "", ANY, [value])


def force_deep(m: Machine, value: Value) -> VUnknown | None:
    """Computes a value with everything in it; returns something unknown in it, if there is."""
    unknown: VUnknown | None = None
    seen: set[int] = set()
    keep: list[Value] = []
    stack: list[Value] = [value]
    while stack:
        m.steps += 1
        if m.steps >= m.next_check:
            m.check()
        current = stack.pop().force(m)
        rest: list[VUnknown] | None = None
        if isinstance(current, VList):
            if id(current) in seen:
                continue
            rest = current.rest
            stack.extend(reversed(current.items))
        elif isinstance(current, VAttrs):
            if id(current) in seen:
                continue
            rest = current.rest
            for name in sorted(current.attrs, reverse=True):
                stack.append(current.attrs[name])
        elif isinstance(current, VUnknown):
            unknown = current
            continue
        else:
            continue
        seen.add(id(current))
        keep.append(current)
        if rest is not None:
            unknown = rest[0]
    return unknown


def prim_trace(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.trace message e`: `e`; nothing is printed."""
    args[0].force(m)
    return args[1].force(m)


def prim_trace_verbose(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.traceVerbose message e`: `e`; the message is computed only when asked for."""
    return args[1].force(m)


def prim_warn(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.warn message e`: `e`; nothing is printed."""
    forced_text(m, args[0], site)
    return args[1].force(m)


def prim_break(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.break e`: `e`."""
    return args[0].force(m)


# Types.


def prim_type_of(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.typeOf e`."""
    value = args[0].force(m)
    if isinstance(value, VUnknown):
        if value.shape == ANY:
            return spread(value, prim_type_of, args, 0, site, STRING)
        return VString(_KINDS[value.shape])
    return VString(_KINDS[value.kind])


def _is(m: Machine, args: list[Value], kind: int, function: Function, site: Code) -> Value:
    """Whether the argument is of that type; unknown if its type is."""
    value = args[0].force(m)
    if not isinstance(value, VUnknown):
        return boolean(value.kind == kind)
    if value.shape != ANY:
        return boolean(value.shape == kind)
    return spread(value, function, args, 0, site, BOOL)


def prim_is_null(m: Machine, args: list[Value], site: Code) -> Value:
    """`isNull e`."""
    return _is(m, args, NULL, prim_is_null, site)


def prim_is_int(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.isInt e`."""
    return _is(m, args, INT, prim_is_int, site)


def prim_is_float(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.isFloat e`."""
    return _is(m, args, FLOAT, prim_is_float, site)


def prim_is_bool(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.isBool e`."""
    return _is(m, args, BOOL, prim_is_bool, site)


def prim_is_string(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.isString e`."""
    return _is(m, args, STRING, prim_is_string, site)


def prim_is_path(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.isPath e`."""
    return _is(m, args, PATH, prim_is_path, site)


def prim_is_list(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.isList e`."""
    return _is(m, args, LIST, prim_is_list, site)


def prim_is_attrs(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.isAttrs e`."""
    return _is(m, args, ATTRS, prim_is_attrs, site)


def prim_is_function(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.isFunction e`: sets with `__functor` are none."""
    value = args[0].force(m)
    if value.kind == PRIMOP:
        return TRUE
    if isinstance(value, VUnknown) and value.shape == PRIMOP:
        return TRUE
    return _is(m, args, LAMBDA, prim_is_function, site)


# The world outside.


def prim_get_env(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.getEnv name`: empty in pure evaluation, otherwise unknown."""
    name = forced_text(m, args[0], site)
    if m.pure:
        return EMPTY
    shown = f'builtins.getEnv "{name.text}"' if isinstance(name, VString) else ""
    made = unknown_at("it depends on the environment", site, STRING)
    made.path = shown
    return made


def prim_get_flake(m: Machine, args: list[Value], site: Code) -> Value:
    """`builtins.getFlake url`."""
    forced_text(m, args[0], site)
    return unknown_at("the flake is fetched from elsewhere", site, ATTRS)


def _fact(reason: str, path: str, shape: int) -> VUnknown:
    """A constant that depends on who evaluates."""
    return VUnknown(reason, None, 0, path, shape)


def register(table: Table) -> None:
    """Adds the builtins of this room."""
    table.add("import", 1, prim_import)
    table.add("scopedImport", 2, prim_scoped_import)
    table.add("throw", 1, prim_throw)
    table.add("abort", 1, prim_abort)
    table.add("tryEval", 1, prim_try_eval)
    table.add("addErrorContext", 2, prim_add_error_context)
    table.add("seq", 2, prim_seq)
    table.add("deepSeq", 2, prim_deep_seq)
    table.add("trace", 2, prim_trace)
    table.add("traceVerbose", 2, prim_trace_verbose)
    table.add("warn", 2, prim_warn)
    table.add("break", 1, prim_break)
    table.add("typeOf", 1, prim_type_of)
    table.add("isNull", 1, prim_is_null)
    table.add("isInt", 1, prim_is_int)
    table.add("isFloat", 1, prim_is_float)
    table.add("isBool", 1, prim_is_bool)
    table.add("isString", 1, prim_is_string)
    table.add("isPath", 1, prim_is_path)
    table.add("isList", 1, prim_is_list)
    table.add("isAttrs", 1, prim_is_attrs)
    table.add("isFunction", 1, prim_is_function)
    table.add("genericClosure", 1, prim_generic_closure)
    table.add("derivation", 1, prim_derivation)
    table.add("derivationStrict", 1, prim_derivation_strict)
    table.add("placeholder", 1, prim_placeholder)
    table.add("getEnv", 1, prim_get_env)
    table.add("getFlake", 1, prim_get_flake)
    table.constant("storeDir", VString(STORE))
    table.constant("langVersion", VInt(6))
    table.constant(
        "nixVersion", _fact("it depends on the version of Nix", "builtins.nixVersion", STRING)
    )
    table.constant("currentTime", _fact("it depends on the time", "builtins.currentTime", INT))
    table.constant(
        "currentSystem",
        _fact("it depends on the machine that evaluates", "builtins.currentSystem", STRING),
    )
    table.constant("nixPath", _fact("it depends on NIX_PATH", "builtins.nixPath", LIST))
