"""Random closed Nix expressions, mostly well-typed.

Everything follows from a seed. `Generator.expression()` picks a type and writes an expression of
that type; now and then another type is put where it does not belong, so that failures are
compared, too. The parts are in `random_parts.py`: one table of what makes which type.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, TypeVar

T = TypeVar("T")

Type = Any
"""`int`, `float`, `bool`, `str`, `null`, `path`, `any`, or `("list", T)`, `("set", {name: T})`,
`("fn", A, B)`."""

SCALARS = ("int", "float", "bool", "str", "null")
WEIGHTED = ("int",) * 5 + ("str",) * 5 + ("bool",) * 3 + ("float",) * 2 + ("null", "path", "any")
NAMES = ("a", "b", "c", "d", "x", "y", "z", "foo", "bar", "f", "g", "a'", "b-c", "_1")
KEYS = ("a", "b", "c", "x", "y", "foo", "bar", "a b", "1", "", "é", "a.b", "or", "if", "$", "name",
        "value", "b-c")  # fmt: skip
INTS = ("0", "1", "2", "3", "4", "5", "7", "10", "16", "42", "100", "255", "1000", "65536",
        "2147483647", "2147483648", "4294967296", "9007199254740993", "9223372036854775807",
        "007", "00")  # fmt: skip
FLOATS = ("0.0", "1.0", "1.5", "2.25", ".5", "0.1", "3.14159265", "1.0e10", "1.0e-5", "100000.0",
          "1000000.0", "1234567.8", "123456789.123", "1.0e300", "2.5e-300", "1.e3", "1.", "0.5E2",
          "9007199254740993.0", "12.3e+4", "0.000123456", "99999.95")  # fmt: skip
PIECES = ("a", "b", "abc", "foo bar", " ", "1", "12", "1.2.3", "-", "x-1.0", "é", "漢字", "😀", ".",
          "/", ",", "%", "'", "{", "}", "[a]", "true", "=", "<&>", "#", "\t", "A", "Zz", ":", "$",
          "//x", "/* */", "~", "@")  # fmt: skip
ESCAPED = ('\\"', "\\\\", "\\n", "\\t", "\\r", "\\${", "$$", "\\a", "\\$", "$${x}")
INDENTED = ("a", "b", "  ", "\n", "\n  ", "\n    ", "\n\t", "''$", "'''", "''\\n", "''\\t", "$$",
            "$", "'", "é", "''${", "\\n", '"', "x y", "\n\n", "''\\\\", "''\\$",
            "$${a}")  # fmt: skip
PATHS = ("./a", "./.", "../x", "/a/b", "/a/../b", "./a/./b/../c", "/.", "a/b", "./a.nix", "/a-1.2")
URIS = ("http://example.org/a?b=c", "x:y", "git+ssh://a.b/c")
VERSIONS = ("1.0", "2.3.4", "1.0pre1", "1.0-rc", "", "2.10", "2.9", "1a", "1.0.", "a", "0.0.1-x86")
DRV_NAMES = ("hello-1.0", "foo", "nix-2.3pre1-x", "a-b-1", "-1", "x-y", "", "foo-0a", "a--1")
REGEXES = ("a", "[a-z]+", "(a)(b)?", "([0-9]+)", "(.*)", "[[:alpha:]]*", "(x|y)*", "^a$", "a{1,2}",
           "", "([a-z]*)([0-9]*)", "[^a]", "\\\\.", "([^-]*)-(.*)", "[[:space:]]*(.*[^[:space:]])?",
           "(", "[", "é", ".", "(a|(b))+", "[[:digit:].]+", "a*?", "\\\\w", "*")  # fmt: skip
JSONS = ("1", "-0", "1.5", "1e3", "true", "null", '"a\\u00e9\\n"', "[1, 2, []]",
         '{"a": {"b": [1]}}', '{"a":1,"a":2}', "", "[1,]", "nul", "9223372036854775808",
         "-9223372036854775808", " [ ] ",
         '"\\ud83d\\ude00"', "1 2", '{"x": -1.0e-3}', "01", "'a'", "18446744073709551615", "-1",
         '"\\t"', '"a', '{"":{}}', "0.1", "1E400", "[[[[]]]]", "12345678901234567890123",
         '{"b":1,"a":2}')  # fmt: skip
TOMLS = ("a = 1", 'a = "x"\n[b]\nc = [1, 2]', "a.b.c = true", "x = 1.5",
         "[[t]]\na = 1\n[[t]]\na = 2", "a =", "a = 'raw\\n'", "a = {b = 1, c = []}", "a = 0x1F",
         "a = 1_000", "a=1\na=2",
         "a = inf", '"é" = """\nx"""', "", "a = 1e3", "a = -0")  # fmt: skip
HASHES = ("md5", "sha1", "sha256", "sha512", "sha3")


class Generator:
    """`ill` is how often something of another type takes the place of what belongs there."""

    def __init__(self, seed: int, ill: float = 0.012) -> None:
        self.random = random.Random(seed)
        self.ill = ill
        self.scope: list[tuple[str, Type]] = []

    def pick(self, choices: Sequence[T]) -> T:
        return choices[int(self.random.random() * len(choices))]

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def below(self, limit: int) -> int:
        return int(self.random.random() * limit)

    def name(self) -> str:
        return self.pick(NAMES)

    def type(self, depth: int = 2) -> Type:
        """Any type, nested at most so deep."""
        if depth <= 0 or self.chance(0.55):
            return self.pick(WEIGHTED)
        what = self.random.random()
        if what < 0.4:
            return "list", self.type(depth - 1)
        if what < 0.8:
            return "set", {self.pick(KEYS): self.type(depth - 1) for _ in range(self.below(4))}
        return "fn", self.type(depth - 1), self.type(depth - 1)

    def expression(self) -> str:
        """A closed expression."""
        self.scope = []
        depth = self.pick((1, 2, 3, 3, 4, 4, 5))
        return self.of("any" if self.chance(0.3) else self.type(), depth)

    def of(self, wanted: Type, depth: int) -> str:
        """An expression of that type, which needs no parentheses around it in a list, nested
        about `depth` levels deep."""
        from tests.oracles import random_parts

        if self.chance(self.ill):
            wanted = self.type(1)
        if self.scope and self.chance(0.3):
            known = [name for name, kind in self.scope if kind == wanted]
            if known:
                return self.pick(known)
        if depth <= 0:
            return random_parts.leaf(self, wanted)
        if self.chance(0.22):
            maker = self.pick(random_parts.WRAPPERS)
            return f"({maker(self, wanted, depth - 1)})"
        kind = wanted if isinstance(wanted, str) else wanted[0]
        maker = self.pick(random_parts.MAKERS[kind])
        return maker(self, wanted, depth - 1)

    def inside(self, names: list[tuple[str, Type]], wanted: Type, depth: int) -> str:
        """An expression that may use these names."""
        saved = self.scope
        shadowing = {name for name, _ in names}
        self.scope = [one for one in saved if one[0] not in shadowing] + names
        text = self.of(wanted, depth)
        self.scope = saved
        return text


def quoted(text: str) -> str:
    """A Nix string literal that means this text."""
    out = text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "\\${")
    out = out.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    return f'"{out}"'


def key(name: str) -> str:
    """An attribute name as it is written."""
    plain = name not in ("if", "or") and name.replace("-", "a").replace("'", "a").isidentifier()
    if plain and name.isascii() and name[0] not in "-'":
        return name
    return quoted(name)
