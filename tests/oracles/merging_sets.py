"""Small random sets of modules, for the oracle of merging.

Each is a text in Nix, a function of `lib` to a list of modules, and the options to be looked at.
"""

from __future__ import annotations

import random
from typing import Final

FUNCTION: Final = "(x: x)"
SCALARS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "types.bool": (("true", "false"), ("1", '"true"', "null")),
    "types.int": (("1", "2", "-3"), ("1.5", '"1"', "true")),
    "types.float": (("1.5", "2.5"), ("1", '"x"')),
    "types.number": (("1", "1.0", "2.5"), ('"x"', "null")),
    "types.str": (('"a"', '"b"'), ("1", "./x", "null")),
    "types.nonEmptyStr": (('"a"', '"b"'), ('""', '" "')),
    "types.singleLineStr": (('"a"', '"a\\n"', '"b"'), ('"a\\nb"',)),
    '(types.strMatching "[a-c]+")': (('"a"', '"bc"'), ('"x"', "1")),
    '(types.enum [ "a" "b" 3 ])': (('"a"', '"b"', "3"), ('"c"', "4")),
    "types.port": (("80", "443"), ("70000", "-1", '"80"')),
    "types.ints.positive": (("1", "2"), ("0", "-1")),
    "(types.ints.between 1 5)": (("1", "5"), ("6",)),
    "types.path": (('"/a"', '"/b"', "/a"), ('"a"', "1")),
    "types.lines": (('"a"', '"b"'), ("1",)),
    "types.commas": (('"a"', '"b"'), ("[ ]",)),
    '(types.separatedString "-")': (('"a"', '"b"'), ("null",)),
    "types.raw": (("1", FUNCTION, "{ a = 1; }"), ()),
    "types.anything": (
        ("1", "2", '"a"', "{ a = 1; }", "{ b = { c = 2; }; }", "{ a = 2; }", "[ 1 ]"), (),
    ),
    "types.unspecified": (("1", "true", "[ 1 ]", "[ 2 ]", '"a"', '"b"', "{ a = 1; }"), ()),
    "types.attrs": (("{ a = 1; }", "{ b = 2; }", "{ a = mkForce 3; }"), ("1", "[ ]")),
    "types.boolByOr": (("true", "false"), ("1",)),
    "(types.uniq types.int)": (("1", "2"), ('"a"',)),
    "types.package": (('"/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-x"',), ('"x"', "1")),
    "types.deferredModule": (("{ a = 1; }", FUNCTION), ("1",)),
    "(types.functionTo types.int)": (("(x: 1)", "(x: 2)"), ("1",)),
    "(types.addCheck types.int (x: x > 1))": (("2", "3"), ("1", '"a"')),
}  # fmt: skip
"""Types, with values that fit and values that do not."""

NAMES: Final = ("a", "b", "c", "d")
CONDITIONS: Final = ("true", "false", "config.flag", "(!config.flag)", "config.off", "(1 == 1)")


class Kind:
    """A type and how to make values of it."""

    def __init__(self, text: str, name: str, inner: list[Kind]) -> None:
        self.text = text
        self.name = name
        self.inner = inner


class ModuleSets:
    """Makes sets of modules."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def pick(self, choices: tuple[str, ...] | list[str]) -> str:
        return self.random.choice(choices)

    # Types.

    def kind(self, depth: int) -> Kind:
        if depth <= 0 or self.chance(0.55):
            text = self.pick(list(SCALARS))
            return Kind(text, "scalar", [])
        name = self.pick(
            ["listOf", "attrsOf", "lazyAttrsOf", "nullOr", "either", "oneOf", "coercedTo",
             "submodule", "submodule", "attrTag", "nonEmptyListOf", "submoduleWith", "json"]
        )  # fmt: skip
        if name in ("listOf", "attrsOf", "lazyAttrsOf", "nullOr", "nonEmptyListOf"):
            inner = self.kind(depth - 1)
            return Kind(f"(types.{name} {inner.text})", name, [inner])
        if name == "either":
            pair = [self.kind(depth - 1), self.kind(depth - 1)]
            return Kind(f"(types.either {pair[0].text} {pair[1].text})", name, pair)
        if name == "oneOf":
            three = [self.kind(0), self.kind(0), self.kind(depth - 1)]
            text = " ".join(one.text for one in three)
            return Kind(f"(types.oneOf [ {text} ])", "either", three)
        if name == "coercedTo":
            if self.chance(0.5):
                source = Kind("types.int", "scalar", [])
                target = Kind("types.str", "scalar", [])
                return Kind("(types.coercedTo types.int toString types.str)", name,
                            [source, target])  # fmt: skip
            inner = self.kind(depth - 1)
            target = Kind(f"(types.listOf {inner.text})", "listOf", [inner])
            source = Kind("types.int", "scalar", [])
            text = f"(types.coercedTo types.int (x: [ ]) {target.text})"
            return Kind(text, name, [source, target])
        if name == "attrTag":
            pair = [self.kind(0), self.kind(0)]
            tags = " ".join(
                f"{tag} = mkOption {{ type = {one.text}; }};"
                for tag, one in zip(("t", "u"), pair, strict=True)
            )
            return Kind(f"(types.attrTag {{ {tags} }})", name, pair)
        if name == "json":
            return Kind("types.json", "json", [])
        return self.submodule(depth, name)

    def submodule(self, depth: int, name: str) -> Kind:
        inner = [self.kind(depth - 1), self.kind(depth - 1)]
        options = " ".join(
            f"options.{field} = {self.option(one, 0.6)};"
            for field, one in zip(("p", "q"), inner, strict=True)
        )
        extra = ""
        if self.chance(0.2):
            free = self.kind(0)
            extra = f" freeformType = types.attrsOf {free.text};"
        if self.chance(0.15):
            extra += ' config.p = mkDefault (throw "never");' if self.chance(0.1) else ""
        body = f"{{ name, config, ... }}: {{ {options} options.n = mkOption {{ type = types.str; "
        body += f"default = name; }};{extra} }}"
        if name == "submodule":
            return Kind(f"(types.submodule ({body}))", "submodule", inner)
        short = self.pick(["true", "false"])
        text = f"(types.submoduleWith {{ modules = [ ({body}) ]; "
        text += f"shorthandOnlyDefinesConfig = {short}; }})"
        return Kind(text, "submodule", inner)

    def option(self, kind: Kind, with_default: float) -> str:
        fields = [f"type = {kind.text};"]
        if self.chance(0.05):
            fields = []
        if self.chance(with_default):
            fields.append(f"default = {self.value(kind, 0.02, 1)};")
        if self.chance(0.05):
            fields.append("readOnly = true;")
        if self.chance(0.06):
            fields.append("apply = x: [ x ];")
        if self.chance(0.1):
            fields.append('description = "d";')
        if self.chance(0.05):
            fields.append("internal = true;")
        return f"mkOption {{ {' '.join(fields)} }}"

    # Values.

    def value(self, kind: Kind, wrong: float, depth: int) -> str:
        if kind.name == "scalar":
            good, bad = SCALARS[kind.text]
            if bad and self.chance(wrong):
                return self.pick(bad)
            return self.pick(good)
        if self.chance(wrong):
            return self.pick(["1", '"x"', "[ ]", "{ }", "null", FUNCTION])
        inner = kind.inner
        if kind.name in ("listOf", "nonEmptyListOf"):
            items = [self.wrapped(inner[0], wrong, depth + 1, 0.1)
                     for _ in range(self.random.randint(0, 3))]  # fmt: skip
            return f"[ {' '.join(items)} ]"
        if kind.name in ("attrsOf", "lazyAttrsOf"):
            names = self.random.sample(["x", "y", "z"], self.random.randint(0, 2))
            return self.set_of(names, inner[0], wrong, depth)
        if kind.name == "nullOr":
            return "null" if self.chance(0.25) else self.value(inner[0], wrong, depth)
        if kind.name == "either":
            return self.value(self.random.choice(inner), wrong, depth)
        if kind.name == "coercedTo":
            return self.value(inner[0 if self.chance(0.4) else 1], wrong, depth)
        if kind.name == "attrTag":
            index = 0 if self.chance(0.7) else 1
            return f"{{ {'tu'[index]} = {self.wrapped(inner[index], wrong, depth + 1, 0.1)}; }}"
        if kind.name == "json":
            return self.pick(["1", "null", '"a"', "{ a = 1; b = [ 1 ]; }", "{ a = 2; }", "[ 2 ]"])
        parts: list[str] = []
        for field, one in zip(("p", "q"), inner, strict=True):
            if self.chance(0.5):
                parts.append(f"{field} = {self.wrapped(one, wrong, depth + 1)};")
        if self.chance(0.08):
            parts.append(f"extra = {self.pick(['1', 'true', '[ ]'])};")
        text = f"{{ {' '.join(parts)} }}"
        if self.chance(0.1):
            return f"({{ config, ... }}: {{ config = {text}; }})"
        return text

    def set_of(self, names: list[str], inner: Kind, wrong: float, depth: int) -> str:
        parts = [f"{name} = {self.wrapped(inner, wrong, depth + 1)};" for name in names]
        return f"{{ {' '.join(parts)} }}"

    def wrapped(self, kind: Kind, wrong: float, depth: int, share: float = 0.3) -> str:
        """A value with properties around it."""
        text = self.value(kind, wrong, depth)
        layers = 0
        while self.chance(share) and layers < 3:
            layers += 1
            share *= 0.6
            text = self.property(text, kind, wrong, depth)
        return f"({text})" if layers or text.startswith(("-", "{ config")) else text

    def property(self, text: str, kind: Kind, wrong: float, depth: int) -> str:
        which = self.random.random()
        if which < 0.3:
            return f"mkIf {self.pick(CONDITIONS)} ({text})"
        if which < 0.42:
            return f"mkForce ({text})"
        if which < 0.58:
            return f"mkDefault ({text})"
        if which < 0.68:
            return f"mkOverride {self.pick(['10', '100', '1000', '1500', '60'])} ({text})"
        if which < 0.83:
            other = self.value(kind, wrong, depth)
            return f"mkMerge [ ({text}) ({other}) ]"
        return f"{self.pick(['mkBefore', 'mkAfter', 'mkOrder 700'])} ({text})"

    # Modules.

    def make(self) -> tuple[str, list[list[str]]]:
        """The text of a set, and the paths of its options."""
        wrong = self.pick(["0", "0", "0.05", "0.1"])
        bad = float(wrong)
        count = self.random.randint(1, 3)
        paths: list[list[str]] = []
        declared: list[str] = []
        kinds: list[Kind] = []
        for name in NAMES[:count]:
            path = [name] if self.chance(0.6) else ["g", name]
            kind = self.kind(2)
            paths.append(path)
            kinds.append(kind)
            dotted = ".".join(path)
            declared.append(f"options.{dotted} = {self.option(kind, 0.4)};")
            if self.chance(0.06):
                again = kind if self.chance(0.6) else self.kind(1)
                declared.append(f"\0options.{dotted} = {self.option(again, 0.2)};")
            if (kind.name == "submodule" and self.chance(0.15)) or self.chance(0.02):
                declared.append(f"\0options.{dotted}.r = mkOption {{ default = 1; }};")
        first = " ".join(one for one in declared if not one.startswith("\0"))
        modules = [
            f"{{ {first} }}",
            "{ options.flag = mkOption { type = types.bool; default = true; }; "
            "options.off = mkOption { type = types.bool; default = false; }; }",
        ]
        modules.extend(f"{{ {one[1:]} }}" for one in declared if one.startswith("\0"))
        paths.append(["flag"])
        self.add_special(modules, paths, kinds)
        for number in range(self.random.randint(1, 4)):
            modules.append(self.module(paths, kinds, bad, number))
        modules = [
            f"{{ config, ... }}: {one}"
            if "config." in one and one[0] == "{" and not one.startswith("{ config")
            else one
            for one in modules
        ]
        self.random.shuffle(modules)
        if self.chance(0.08):
            modules[-1] = f'{{ key = "k"; imports = [ ({modules[-1]}) ]; }}'
            modules.append('{ disabledModules = [ { key = "k"; } ]; }')
        if self.chance(0.05):
            modules.append(self.pick(
                ["{ freeformType = types.attrsOf types.int; }",
                 "{ freeformType = types.attrsOf types.anything; }",
                 "{ _module.check = false; }"]))  # fmt: skip
        body = "\n  ".join(f"({one})" for one in modules)
        return f"lib: with lib; [\n  {body}\n]", paths

    def add_special(self, modules: list[str], paths: list[list[str]], kinds: list[Kind]) -> None:
        dotted = " ".join(f'"{name}"' for name in paths[0])
        which = self.random.random()
        if which < 0.06:
            modules.append(f'(mkRenamedOptionModule [ "old" ] [ {dotted} ])')
            modules.append(f"{{ old = {self.value(kinds[0], 0.05, 1)}; }}")
            modules.append("{ options.warnings = mkOption { type = types.listOf types.str; }; }")
        elif which < 0.09:
            modules.append(f'(mkAliasOptionModule [ "alias" ] [ {dotted} ])')
            modules.append(f"{{ alias = {self.wrapped(kinds[0], 0.05, 1)}; }}")
            paths.append(["alias"])
        elif which < 0.12:
            modules.append('(mkRemovedOptionModule [ "gone" ] "It is gone.")')
            modules.append(
                "{ options.assertions = mkOption { type = types.listOf types.attrs; }; }"
            )
            paths.append(["gone"])
        elif which < 0.15:
            modules.append("{ _module.args.extra = 7; }")
            modules.append("({ extra, ... }: { options.x = mkOption { default = extra; }; })")
            paths.append(["x"])

    def module(self, paths: list[list[str]], kinds: list[Kind], wrong: float, number: int) -> str:
        parts: list[str] = []
        for path, kind in zip(paths, kinds, strict=False):
            if self.chance(0.65):
                parts.append(f"{'.'.join(path)} = {self.wrapped(kind, wrong, 1)};")
        if self.chance(0.04):
            parts.append(
                f"{self.pick(['typo', 'g.typo', 'typo.deep'])} = {self.pick(['1', '{ }'])};"
            )
        if self.chance(0.1):
            parts.append(
                "flag = " + self.pick(["false", "true", "mkDefault false", "mkForce true"]) + ";"
            )
        body = f"{{ {' '.join(parts)} }}"
        form = self.random.random()
        if form < 0.35:
            text = body
        elif form < 0.55:
            text = f"{{ config = {body}; }}"
        elif form < 0.65:
            text = f"{{ config = mkIf {self.pick(CONDITIONS)} {body}; }}"
        elif form < 0.72:
            other = self.pick(["flag = mkDefault true;", ""])
            text = f"{{ config = mkMerge [ {body} {{ {other} }} ]; }}"
        elif form < 0.77:
            text = f"{{ config = {self.pick(['mkForce', 'mkDefault'])} {body}; }}"
        elif form < 0.82:
            text = f"mkIf {self.pick(CONDITIONS)} {body}"
        elif form < 0.86:
            text = f"{{ imports = [ {{ config = {body}; }} ]; }}"
        elif form < 0.88:
            text = f"{{ config = {body}; stray = 1; }}"
        elif form < 0.91:
            text = f'{{ key = "same"; config = {body}; }}'
        else:
            text = body
        if "config." in text:
            return f"{{ config, ... }}: {text}"
        return f"{{ ... }}: {text}" if self.chance(0.2) else text
