"""What the random expressions are made of: one function per way to write a value of a type.

Each takes the generator, the type, and the depth that is left, and returns text that stands
for itself (a literal, a name, or something in parentheses).
"""

from __future__ import annotations

from collections.abc import Callable

from tests.oracles.random_nix import (
    DRV_NAMES,
    ESCAPED,
    FLOATS,
    HASHES,
    INDENTED,
    INTS,
    JSONS,
    KEYS,
    PATHS,
    PIECES,
    REGEXES,
    TOMLS,
    URIS,
    VERSIONS,
    Generator,
    Type,
    key,
    quoted,
)

Maker = Callable[[Generator, Type, int], str]


def leaf(g: Generator, wanted: Type) -> str:
    """The simplest expressions of a type."""
    if wanted == "int":
        text = g.pick(INTS[:12] if g.chance(0.85) else INTS)
        return f"(-{text})" if g.chance(0.15) else text
    if wanted == "float":
        text = g.pick(FLOATS)
        return f"(-{text})" if g.chance(0.15) else text
    if wanted == "bool":
        return g.pick(("true", "false"))
    if wanted == "str":
        return string(g, 0)
    if wanted == "null":
        return "null"
    if wanted == "path":
        return g.pick(PATHS)
    if wanted == "any":
        return leaf(g, g.pick(("int", "str", "bool", "null", "float", ("list", "int"))))
    if wanted[0] == "list":
        return "[ " + "".join(leaf(g, wanted[1]) + " " for _ in range(g.below(4))) + "]"
    if wanted[0] == "set":
        return "{ " + "".join(f"{key(k)} = {leaf(g, t)}; " for k, t in wanted[1].items()) + "}"
    return f"({g.name()}: {leaf(g, wanted[2])})"


# Strings.


def string(g: Generator, depth: int) -> str:
    what = g.random.random()
    if what < 0.04:
        return g.pick(URIS)
    if what < 0.2:
        return indented(g, depth)
    parts: list[str] = []
    for _ in range(g.below(4)):
        which = g.random.random()
        if which < 0.65:
            parts.append(g.pick(PIECES).replace('"', '\\"'))
        elif which < 0.8 or depth <= 0:
            parts.append(g.pick(ESCAPED))
        else:
            parts.append("${" + g.of("str", depth - 1) + "}")
    return '"' + join(parts) + '"'


def join(parts: list[str]) -> str:
    """The pieces of a string; a `$` must not meet a `{`, nor a quote a quote, by chance."""
    text = ""
    for part in parts:
        if text.endswith("$") and part.startswith(("{", "${")):
            text += " "
        text += part
    return text


def indented(g: Generator, depth: int) -> str:
    parts: list[str] = []
    for _ in range(g.below(8)):
        if g.chance(0.15) and depth > 0:
            parts.append("${" + g.of("str", depth - 1) + "}")
        else:
            part = g.pick(INDENTED)
            if parts and parts[-1].endswith("'") and part.startswith("'"):
                parts.append(" ")
            parts.append(part)
    if parts and parts[-1].endswith(("'", "$", "\\")):
        parts.append(" ")
    return "''" + join(parts) + "''"


def string_literal(g: Generator, wanted: Type, depth: int) -> str:
    return string(g, depth)


def plus(g: Generator, wanted: Type, depth: int) -> str:
    if wanted == "path":
        return f"({g.of('path', depth)} + {quoted('/' + g.pick(('a', 'b/c', '../d', '')))})"
    if wanted == "str" and g.chance(0.1):
        return f"({g.of('str', depth)} + {{ outPath = {g.of('str', depth)}; }})"
    return f"({g.of(wanted, depth)} + {g.of(wanted, depth)})"


def any_string(g: Generator, wanted: Type, depth: int) -> str:
    """What takes anything and gives a string."""
    inner = g.type(2)
    what = g.pick(("toString", "toString", "builtins.toJSON", "builtins.toJSON", "builtins.typeOf",
                   "builtins.toXML"))  # fmt: skip
    if what == "builtins.toXML" and g.chance(0.5):
        what = "builtins.toJSON"
    return f"({what} {g.of(inner, depth)})"


def string_call(g: Generator, wanted: Type, depth: int) -> str:
    def s() -> str:
        return g.of("str", depth)

    strings = ("list", "str")
    which = g.below(14)
    if which == 0:
        return f"(builtins.concatStringsSep {s()} {g.of(strings, depth)})"
    if which == 1:
        return f"(builtins.substring {g.of('int', 0)} {g.of('int', 0)} {s()})"
    if which in (2, 3):
        a, b = replacements(g)
        return f"(builtins.replaceStrings {a} {b} {s()})"
    if which == 4:
        return f'(builtins.hashString "{g.pick(HASHES)}" {s()})'
    if which == 5:
        return f"(baseNameOf {g.of(g.pick(('str', 'path')), depth)})"
    if which == 6:
        return f"(dirOf {s()})"
    if which == 7:
        return f"(builtins.parseDrvName {quoted(g.pick(DRV_NAMES))}).name"
    if which == 8:
        fallback = s()
        return f"(let m = {matched(g, depth)}; in if m == null || m == [ ] then {fallback} " \
               "else toString (builtins.head m))"  # fmt: skip
    if which == 9:
        return f"(builtins.concatStringsSep {s()} (map toString {g.of(('list', 'int'), depth)}))"
    if which == 10:
        return f"(builtins.unsafeDiscardStringContext {s()})"
    if which == 11:
        return f"(toString {{ __toString = self: {s()}; }})"
    if which == 12:
        return f"(toString {g.of('path', depth)})"
    return f"(builtins.foldl' (a: b: a + {s()} + b) {s()} {g.of(strings, depth)})"


def replacements(g: Generator) -> tuple[str, str]:
    count = g.below(3)
    more = 1 if g.chance(0.04) else 0
    a = "".join(quoted(g.pick((*PIECES[:12], ""))) + " " for _ in range(count))
    b = "".join(quoted(g.pick(PIECES)) + " " for _ in range(count + more))
    return f"[ {a}]", f"[ {b}]"


def matched(g: Generator, depth: int) -> str:
    return f'(builtins.match "{g.pick(REGEXES)}" {g.of("str", depth)})'


# Numbers.


def arithmetic(g: Generator, wanted: Type, depth: int) -> str:
    operator = g.pick(("+", "-", "*", "/", "+", "-"))
    left = right = wanted
    if wanted == "float" and g.chance(0.4):
        left, right = g.pick((("int", "float"), ("float", "int")))
    if g.chance(0.25):
        name = {"+": "add", "-": "sub", "*": "mul", "/": "div"}[operator]
        return f"(builtins.{name} {g.of(left, depth)} {g.of(right, depth)})"
    return f"({g.of(left, depth)} {operator} {g.of(right, depth)})"


def negation(g: Generator, wanted: Type, depth: int) -> str:
    return f"(-{g.of(wanted, depth)})"


def int_call(g: Generator, wanted: Type, depth: int) -> str:
    which = g.below(12)
    if which < 3:
        name = g.pick(("bitAnd", "bitOr", "bitXor"))
        return f"(builtins.{name} {g.of('int', depth)} {g.of('int', depth)})"
    if which == 3:
        return f"(builtins.length {g.of(('list', g.type(1)), depth)})"
    if which == 4:
        return f"(builtins.stringLength {g.of('str', depth)})"
    if which == 5:
        return f"(builtins.{g.pick(('ceil', 'floor'))} {g.of('float', depth)})"
    if which == 6:
        if g.chance(0.5):
            a, b = quoted(g.pick(VERSIONS)), quoted(g.pick(VERSIONS))
        else:
            a, b = g.of("str", depth), g.of("str", depth)
        return f"(builtins.compareVersions {a} {b})"
    if which == 7:
        return f"(builtins.foldl' (a: b: a {g.pick('+-*')} b) {g.of('int', 0)} " \
               f"{g.of(('list', 'int'), depth)})"  # fmt: skip
    if which == 8:
        n = g.below(12)
        if g.chance(0.5):
            return (
                f"(let f = n: if n < 2 then {g.of('int', 0)} else f (n - 1) + f (n - 2); in f {n})"
            )
        return f"(let f = n: if n <= 1 then 1 else n * f (n - 1); in f {n})"
    if which == 9:
        return f"(builtins.fromJSON {quoted(str(g.below(2000) - 1000))})"
    if which == 10:
        return f"(builtins.length (builtins.attrNames {g.of(('set', some_attrs(g)), depth)}))"
    return f"(let go = i: n: if i == 0 then n else go (i - 1) (n + {g.of('int', depth)}); in " \
           f"go {g.below(6)} {g.of('int', 0)})"  # fmt: skip


def float_call(g: Generator, wanted: Type, depth: int) -> str:
    if g.chance(0.3):
        return f"(builtins.fromJSON {quoted(g.pick(('1.5', '0.1', '1e3', '-2.5E-3', '1E400')))})"
    return f"({g.of('int', depth)} {g.pick('+-*/')} {g.of('float', depth)})"


# Booleans.


def comparison(g: Generator, wanted: Type, depth: int) -> str:
    kind = g.type(2)
    operator = g.pick(("==", "!=", "==", "!=", "<", "<=", ">", ">="))
    if operator[0] in "<>" and g.chance(0.93):
        kind = g.pick(("int", "float", "str", "path", ("list", "int"), ("list", "str")))
    left, right = g.of(kind, depth), g.of(kind, depth)
    if g.chance(0.2) and kind in ("int", "float"):
        right = g.of("float" if kind == "int" else "int", depth)
    if g.chance(0.2):
        right = left
    return f"({left} {operator} {right})"


def logic(g: Generator, wanted: Type, depth: int) -> str:
    if g.chance(0.25):
        return f"(!{g.of('bool', depth)})"
    return f"({g.of('bool', depth)} {g.pick(('&&', '||', '->'))} {g.of('bool', depth)})"


def bool_call(g: Generator, wanted: Type, depth: int) -> str:
    which = g.below(10)
    kind = g.type(1)
    if which < 2:
        name = g.pick(("isInt", "isFloat", "isBool", "isString", "isNull", "isList", "isAttrs",
                       "isFunction", "isPath"))  # fmt: skip
        name = name if name != "isNull" or g.chance(0.5) else "isList"
        return f"(builtins.{name} {g.of(g.type(1), depth)})"
    if which == 2:
        return f"(builtins.elem {g.of(kind, depth)} {g.of(('list', kind), depth)})"
    if which == 3:
        name = g.pick(("any", "all"))
        return f"(builtins.{name} {predicate(g, kind, depth)} {g.of(('list', kind), depth)})"
    if which == 4:
        return f"(builtins.hasAttr {quoted(g.pick(KEYS))} {g.of(('set', some_attrs(g)), depth)})"
    if which in (5, 6):
        path = ".".join(key(g.pick(KEYS)) for _ in range(1 + g.below(2)))
        if g.chance(0.15):
            path = "${" + g.of("str", depth) + "}"
        return f"({g.of(('set', some_attrs(g)), depth)} ? {path})"
    if which == 7:
        return f"({matched(g, depth)} != null)"
    if which == 8:
        return f"(builtins.lessThan {g.of('int', depth)} {g.of('int', depth)})"
    return f"(builtins.tryEval {g.of(g.type(1), depth)}).success"


def predicate(g: Generator, kind: Type, depth: int) -> str:
    name = g.name()
    return f"({name}: {g.inside([(name, kind)], 'bool', depth)})"


# Lists.


def list_literal(g: Generator, wanted: Type, depth: int) -> str:
    return "[ " + "".join(g.of(wanted[1], depth) + " " for _ in range(g.below(5))) + "]"


def concatenation(g: Generator, wanted: Type, depth: int) -> str:
    return f"({g.of(wanted, depth)} ++ {g.of(wanted, depth)})"


def function(g: Generator, kind: Type, result: Type, depth: int) -> str:
    name = g.name()
    return f"({name}: {g.inside([(name, kind)], result, depth)})"


def list_call(g: Generator, wanted: Type, depth: int) -> str:
    item = wanted[1]
    other = g.type(1)
    which = g.below(15)
    if which < 3:
        return f"(map {function(g, other, item, depth)} {g.of(('list', other), depth)})"
    if which == 3:
        return f"(builtins.filter {predicate(g, item, depth)} {g.of(wanted, depth)})"
    if which == 4:
        return f"(builtins.genList {function(g, 'int', item, depth)} {g.below(6)})"
    if which == 5:
        return f"(builtins.concatLists {g.of(('list', wanted), depth)})"
    if which == 6:
        many = function(g, other, wanted, depth)
        return f"(builtins.concatMap {many} {g.of(('list', other), depth)})"
    if which == 7:
        return f"(let l = {g.of(wanted, depth)}; in if l == [ ] then [ ] else builtins.tail l)"
    if which == 8:
        names = list(dict.fromkeys(g.pick(KEYS) for _ in range(g.below(5))))
        inner = "".join(f"{key(name)} = {g.of(item, depth)}; " for name in names)
        return f"(builtins.attrValues {{ {inner}}})"
    if which == 9:
        return f"(builtins.partition {predicate(g, item, depth)} {g.of(wanted, depth)})" \
               f".{g.pick(('right', 'wrong'))}"  # fmt: skip
    if which == 10:
        name = g.pick(KEYS[:6])
        sets = "".join(f"{{ {key(name)} = {g.of(item, depth)}; }} " for _ in range(g.below(4)))
        return f"(builtins.catAttrs {quoted(name)} [ {sets}{{ }} ])"
    if which in (11, 12) and item in ("int", "float", "str"):
        less = g.pick(("builtins.lessThan", "(a: b: a < b)", "(a: b: a > b)"))
        return f"(builtins.sort {less} {g.of(wanted, depth)})"
    if which == 13:
        return f"(builtins.foldl' (a: b: [ b ] ++ a) [ ] {g.of(wanted, depth)})"
    if item == "str":
        return string_list(g, depth)
    return f"(map (a: a) {g.of(wanted, depth)})"


def string_list(g: Generator, depth: int) -> str:
    which = g.below(4)
    if which == 0:
        return f"(builtins.attrNames {g.of(('set', some_attrs(g)), depth)})"
    if which == 1:
        return f"(builtins.splitVersion {quoted(g.pick(VERSIONS))})"
    if which == 2:
        return f'(builtins.filter builtins.isString (builtins.split "{g.pick(REGEXES)}" ' \
               f"{g.of('str', depth)}))"  # fmt: skip
    return f"(map toString (builtins.attrValues {g.of(('set', some_attrs(g)), depth)}))"


# Sets.


def some_attrs(g: Generator) -> dict[str, Type]:
    return {g.pick(KEYS): g.type(1) for _ in range(g.below(4))}


def set_literal(g: Generator, wanted: Type, depth: int) -> str:
    """A set with exactly these attributes, each written in one of many ways."""
    recursive = g.chance(0.25)
    attrs = list(wanted[1].items())
    g.random.shuffle(attrs)
    lines: list[str] = []
    shown: list[tuple[str, Type]] = []
    names = [name for name, _ in attrs if name.isidentifier() and name.isascii()]
    hidden = [one for one in g.scope if one[0] not in names]
    for name, kind in attrs:
        written = key(name)
        available = hidden + shown if recursive else g.scope
        saved, g.scope = g.scope, available
        plain = (name, kind) in saved and name.isidentifier() and name.isascii()
        if plain and g.chance(0.5):
            lines.append(f"inherit {name};")
        elif g.chance(0.1):
            lines.append(f"inherit ({g.of(('set', {name: kind}), depth)}) {written};")
        elif g.chance(0.07) and not recursive:
            g.scope = saved
            lines.append(f"${{{g.of('null', 0)}}} = {g.of(kind, depth)};" if g.chance(0.2) else "")
            lines.append(f"${{{quoted(name)}}} = {g.of(kind, depth)};")
        elif isinstance(kind, tuple) and kind[0] == "set" and kind[1] and g.chance(0.4):
            for inner, inner_kind in kind[1].items():
                lines.append(f"{written}.{key(inner)} = {g.of(inner_kind, depth)};")
        else:
            lines.append(f"{written} = {g.of(kind, depth)};")
        g.scope = saved
        if recursive and name.isidentifier() and name.isascii() and name not in ("or", "if"):
            shown.append((name, kind))
    return f"{'rec ' if recursive else ''}{{ {' '.join(lines)} }}" if not recursive else (
        f"(rec {{ {' '.join(lines)} }})"
    )  # fmt: skip


def update(g: Generator, wanted: Type, depth: int) -> str:
    left = {name: kind for name, kind in wanted[1].items() if g.chance(0.6)}
    right = {name: kind for name, kind in wanted[1].items() if name not in left or g.chance(0.3)}
    for name in right:
        if name in left and g.chance(0.5):
            left[name] = g.type(1)
    return f"({g.of(('set', left), depth)} // {g.of(('set', right), depth)})"


def set_call(g: Generator, wanted: Type, depth: int) -> str:
    kinds = list(wanted[1].values())
    which = g.below(5)
    if which == 0 and kinds and all(kind == kinds[0] for kind in kinds):
        start = ("set", dict.fromkeys(wanted[1], "int"))
        result = g.inside([("n", "str"), ("v", "int")], kinds[0], depth)
        return f"(builtins.mapAttrs (n: v: {result}) {g.of(start, depth)})"
    if which == 1:
        more = dict(wanted[1])
        extra = [name for name in KEYS[:8] if name not in more and g.chance(0.3)]
        for name in extra:
            more[name] = "int"
        removed = "".join(quoted(name) + " " for name in [*extra, "zzz"])
        return f"(builtins.removeAttrs {g.of(('set', more), depth)} [ {removed}])"
    if which == 2:
        pairs = "".join(
            f"{{ name = {quoted(name)}; value = {g.of(kind, depth)}; }} "
            for name, kind in wanted[1].items()
        )
        return f"(builtins.listToAttrs [ {pairs}])"
    if which == 3:
        other = ("set", dict.fromkeys([*wanted[1], "q"], "int"))
        return f"(builtins.intersectAttrs {g.of(other, depth)} {g.of(wanted, depth)})"
    return set_literal(g, wanted, depth)


def free_set(g: Generator, depth: int) -> str:
    """A set of whatever attributes it happens to have."""
    which = g.below(10)
    kind = g.type(1)
    if which == 0:
        body = g.inside([("n", "str"), ("v", ("list", kind))], g.type(1), depth)
        sets = "".join(
            g.of(("set", {g.pick(KEYS[:4]): kind, g.pick(KEYS[:4]): kind}), depth) + " "
            for _ in range(g.below(4))
        )
        return f"(builtins.zipAttrsWith (n: v: {body}) [ {sets}])"
    if which == 1:
        return (
            f"(builtins.groupBy {function(g, 'int', 'str', depth)} {g.of(('list', 'int'), depth)})"
        )
    if which == 2:
        return f"(builtins.functionArgs {formals_function(g, kind, depth)[0]})"
    if which == 3:
        return f"(builtins.parseDrvName {quoted(g.pick(DRV_NAMES))})"
    if which == 4:
        return f"(builtins.tryEval {g.of(kind, depth)})"
    if which == 5:
        return f"(builtins.fromTOML {quoted(g.pick(TOMLS))})"
    if which == 6:
        return f"(builtins.partition {predicate(g, kind, depth)} {g.of(('list', kind), depth)})"
    if which == 7:
        # Where an inherited name stands is told differently by different versions of Nix.
        name, value = g.pick(KEYS), g.of(kind, depth)
        space = g.pick((" ", "\n  ", "\t", " # é\n "))
        attrs = f"{{ zz = 1;{space}{key(name)} = {value}; }}"
        return f"(builtins.unsafeGetAttrPos {quoted(name)} {attrs})"
    if which == 8:
        return f"(builtins.mapAttrs (n: v: [ n v ]) {g.of(('set', some_attrs(g)), depth)})"
    return f"{{ ${{{g.of('str', depth)}}} = {g.of(kind, depth)}; }}"


# Functions.


def lambda_expression(g: Generator, wanted: Type, depth: int) -> str:
    return function(g, wanted[1], wanted[2], depth)


def formals_function(g: Generator, result: Type, depth: int) -> tuple[str, dict[str, Type]]:
    """A function of a set, and what it needs; defaults may use other formals."""
    names = list(dict.fromkeys(g.pick(("a", "b", "c", "x", "y")) for _ in range(g.below(4))))
    known: list[tuple[str, Type]] = []
    needs: dict[str, Type] = {}
    parts: list[str] = []
    for name in names:
        kind = g.type(1)
        if g.chance(0.4):
            parts.append(f"{name} ? {g.inside(list(known), kind, depth)}")
        else:
            parts.append(name)
            needs[name] = kind
        known.append((name, kind))
    g.random.shuffle(parts)
    if g.chance(0.35):
        parts.append("...")
    head = "{ " + ", ".join(parts) + " }"
    if g.chance(0.2):
        head = f"args@{head}" if g.chance(0.5) else f"{head}@args"
        known.append(("args", ("set", needs)))
    return f"({head}: {g.inside(known, result, depth)})", needs


def call_formals(g: Generator, wanted: Type, depth: int) -> str:
    text, needs = formals_function(g, wanted, depth)
    given = dict(needs)
    if g.chance(0.15):
        given[g.pick(("a", "b", "zz"))] = g.type(1)
    if given and g.chance(0.03):
        del given[g.pick(list(given))]
    return f"{text} {g.of(('set', given), depth)}"


# What can stand for a value of any type.


def condition(g: Generator, wanted: Type, depth: int) -> str:
    return f"if {g.of('bool', depth)} then {g.of(wanted, depth)} else {g.of(wanted, depth)}"


def let(g: Generator, wanted: Type, depth: int) -> str:
    """Each binding may use those before it, whatever the order in which they are written."""
    known: list[tuple[str, Type]] = []
    bindings: list[str] = []
    for _ in range(1 + g.below(3)):
        name = g.name()
        if any(name == one for one, _ in known):
            continue
        kind = g.type(2)
        bindings.append(f"{name} = {g.inside(list(known), kind, depth)};")
        known.append((name, kind))
    g.random.shuffle(bindings)
    return f"let {' '.join(bindings)} in {g.inside(known, wanted, depth)}"


def let_inherit(g: Generator, wanted: Type, depth: int) -> str:
    name = g.name()
    kind = g.type(1)
    source = g.of(("set", {name: kind}), depth)
    return f"let inherit ({source}) {name}; in {g.inside([(name, kind)], wanted, depth)}"


def legacy_let(g: Generator, wanted: Type, depth: int) -> str:
    return f"let {{ body = {g.of(wanted, depth)}; }}"


def with_(g: Generator, wanted: Type, depth: int) -> str:
    name = g.pick(("w1", "w2", "a", "x"))
    kind = wanted if g.chance(0.5) else g.type(1)
    bound = any(one == name for one, _ in g.scope)
    source = g.of(("set", {name: kind, "w3": "int"}), depth)
    known = [] if bound else [(name, kind)]
    return f"with {source}; {g.inside(known, wanted, depth)}"


def assertion(g: Generator, wanted: Type, depth: int) -> str:
    test = g.of("bool", depth) if g.chance(0.15) else "true"
    return f"assert {test}; {g.of(wanted, depth)}"


def applied(g: Generator, wanted: Type, depth: int) -> str:
    kind = g.type(2)
    return f"{function(g, kind, wanted, depth)} {g.of(kind, depth)}"


def functor(g: Generator, wanted: Type, depth: int) -> str:
    kind = g.type(1)
    body = g.inside([("self", "null")], ("fn", kind, wanted), depth)
    return f"{{ __functor = self: {body}; }} {g.of(kind, depth)}"


def selected(g: Generator, wanted: Type, depth: int) -> str:
    name = g.pick(KEYS)
    attrs = some_attrs(g)
    if g.chance(0.25):
        default = g.of(wanted, depth)
        attrs.pop(name, None)
        if g.chance(0.5):
            attrs[name] = wanted
        return f"{g.of(('set', attrs), depth)}.{key(name)} or {default}"
    attrs[name] = wanted
    if g.chance(0.2):
        return f"{g.of(('set', attrs), depth)}.${{{quoted(name)}}}"
    if g.chance(0.3):
        outer = g.pick(KEYS)
        return f"{g.of(('set', {outer: ('set', attrs)}), depth)}.{key(outer)}.{key(name)}"
    if g.chance(0.2):
        return f"builtins.getAttr {quoted(name)} {g.of(('set', attrs), depth)}"
    return f"{g.of(('set', attrs), depth)}.{key(name)}"


def element(g: Generator, wanted: Type, depth: int) -> str:
    items = [g.of(wanted, depth) for _ in range(1 + g.below(3))]
    text = "[ " + " ".join(items) + " ]"
    if g.chance(0.4):
        return f"builtins.head {text}"
    return f"builtins.elemAt {text} {g.below(len(items))}"


def sequenced(g: Generator, wanted: Type, depth: int) -> str:
    name = g.pick(("seq", "deepSeq", "seq"))
    return f"builtins.{name} {g.of(g.type(2), depth)} {g.of(wanted, depth)}"


def folded(g: Generator, wanted: Type, depth: int) -> str:
    kind = g.type(1)
    body = g.inside([("acc", wanted), ("it", kind)], wanted, depth)
    return f"builtins.foldl' (acc: it: {body}) {g.of(wanted, depth)} {g.of(('list', kind), depth)}"


def tried(g: Generator, wanted: Type, depth: int) -> str:
    inner = g.of(wanted, depth)
    if g.chance(0.3):
        inner = g.pick((f"(throw {g.of('str', depth)})", f"(assert false; {inner})",
                        '(abort "x")'))  # fmt: skip
        return f"let t = builtins.tryEval {inner}; in if t.success then t.value else " \
               f"{g.of(wanted, depth)}"  # fmt: skip
    return f"(builtins.tryEval {inner}).value"


def thrown(g: Generator, wanted: Type, depth: int) -> str:
    """Mostly a lazy one, which nobody needs."""
    if g.chance(0.15):
        return g.pick(('throw "no"', 'abort "no"', "assert false; 1"))
    return f"(a: {g.of(wanted, depth)}) (throw {g.of('str', 0)})"


def recursive(g: Generator, wanted: Type, depth: int) -> str:
    return f"(rec {{ r = {g.of(wanted, depth)}; s = r; t = {{ inherit s; }}; }}).t.s"


def any_call(g: Generator, wanted: Type, depth: int) -> str:
    """Any function of Nix with any arguments. Most of these fail: then the place is shown where
    that can be caught."""
    name, arity = g.pick(FUNCTIONS)
    arguments = " ".join(g.of(g.type(1), min(depth, 1)) for _ in range(arity - g.chance(0.1)))
    call = f"builtins.{name} {arguments}"
    if wanted == "any":
        return f"(builtins.tryEval ({call}))" if g.chance(0.5) else f"({call})"
    return f"if (builtins.tryEval ({call})).success then {g.of(wanted, depth)} else " \
           f"{g.of(wanted, depth)}"  # fmt: skip


def any_of(g: Generator, wanted: Type, depth: int) -> str:
    """Something of a type that is not `any`."""
    kind = g.type(2)
    return g.of(kind if kind != "any" else "int", depth)


def typed_call(g: Generator, wanted: Type, depth: int) -> str:
    """Builtins whose results are of many types."""
    which = g.below(7)
    if which == 0:
        call = f"builtins.fromJSON {quoted(g.pick(JSONS))}"
    elif which == 1:
        call = f'builtins.split "{g.pick(REGEXES)}" {g.of("str", depth)}'
    elif which == 2:
        call = matched(g, depth)
    elif which == 3:
        call = f"builtins.fromJSON (builtins.toJSON {g.of(g.type(2), depth)})"
    elif which == 4:
        call = (
            "builtins.genericClosure { startSet = [ { key = 0; } ]; operator = it: if it.key > "
            f"{g.below(5)} then [ ] else [ {{ key = it.key + 1; "
            f"v = {g.of(g.type(1), depth)}; }} ]; }}"
        )
    else:
        call = free_set(g, depth)
    return f"({call})"


def beside(g: Generator, wanted: Type, depth: int) -> str:
    """A value, after another one that is computed and dropped."""
    return f"builtins.deepSeq {typed_call(g, 'any', depth)} {g.of(wanted, depth)}"


def scoped(g: Generator, wanted: Type, depth: int) -> str:
    """Nested scopes that hide each other."""
    name = g.name()
    kind = g.type(1)
    inner = g.inside([(name, kind)], wanted, depth)
    first, second, third = g.of(g.type(1), 0), g.of(kind, depth), g.of(g.type(1), 0)
    return g.pick((
        f"let {name} = {first}; in let {name} = {second}; in {inner}",
        f"({name}: ({name}: {inner}) {second}) {first}",
        f"let {name} = {second}; in with {{ {name} = {third}; }}; {inner}",
        f"with {{ {name} = {first}; }}; let {name} = {second}; in {inner}",
        f"with {{ {name} = {third}; }}; with {{ {name} = {second}; }}; {inner}"
        if all(one != name for one, _ in g.scope) else f"let {name} = {second}; in {inner}",
    ))  # fmt: skip


WRAPPERS: tuple[Maker, ...] = (
    condition, let, let, let_inherit, legacy_let, with_, assertion, applied, applied, call_formals,
    call_formals, functor, selected, selected, element, sequenced, folded, tried, thrown, recursive,
    scoped, scoped, any_call, beside, beside,
)  # fmt: skip

MAKERS: dict[str, tuple[Maker, ...]] = {
    "int": (arithmetic, arithmetic, negation, int_call, int_call, int_call),
    "float": (arithmetic, arithmetic, negation, float_call),
    "bool": (comparison, comparison, logic, bool_call, bool_call),
    "str": (string_literal, string_literal, plus, any_string, any_string, string_call, string_call,
            string_call),
    "null": (lambda g, wanted, depth: "null",),
    "path": (lambda g, wanted, depth: leaf(g, "path"), plus),
    "list": (list_literal, list_literal, concatenation, list_call, list_call, list_call),
    "set": (set_literal, set_literal, set_literal, update, set_call, set_call),
    "fn": (lambda_expression,),
    "any": (typed_call, typed_call, typed_call, any_call, any_of, any_of),
}  # fmt: skip

FUNCTIONS = (
    ("add", 2), ("sub", 2), ("mul", 2), ("div", 2), ("all", 2), ("any", 2), ("attrNames", 1),
    ("attrValues", 1), ("baseNameOf", 1), ("bitAnd", 2), ("bitOr", 2), ("bitXor", 2),
    ("catAttrs", 2), ("ceil", 1), ("compareVersions", 2), ("concatLists", 1), ("concatMap", 2),
    ("concatStringsSep", 2), ("deepSeq", 2), ("dirOf", 1), ("elem", 2), ("elemAt", 2),
    ("filter", 2), ("floor", 1), ("foldl'", 3), ("fromJSON", 1), ("fromTOML", 1),
    ("functionArgs", 1), ("genList", 2), ("genericClosure", 1), ("getAttr", 2), ("getContext", 1),
    ("groupBy", 2), ("hasAttr", 2), ("hasContext", 1), ("hashString", 2), ("head", 1),
    ("intersectAttrs", 2), ("isAttrs", 1), ("isBool", 1), ("isFloat", 1), ("isFunction", 1),
    ("isInt", 1), ("isList", 1), ("isNull", 1), ("isPath", 1), ("isString", 1), ("length", 1),
    ("lessThan", 2), ("listToAttrs", 1), ("map", 2), ("mapAttrs", 2), ("match", 2),
    ("parseDrvName", 1), ("partition", 2), ("removeAttrs", 2), ("replaceStrings", 3), ("seq", 2),
    ("sort", 2), ("split", 2), ("splitVersion", 1), ("stringLength", 1), ("substring", 3),
    ("tail", 1), ("throw", 1), ("toJSON", 1), ("toString", 1), ("toXML", 1), ("tryEval", 1),
    ("typeOf", 1), ("unsafeDiscardStringContext", 1), ("zipAttrsWith", 2), ("abort", 1),
    ("addErrorContext", 2), ("unsafeGetAttrPos", 2),
)  # fmt: skip
