"""Configurations of home-manager with mistakes in them, for the oracle of whole systems."""

from __future__ import annotations

import json
import random
import re
from typing import Final

from nixlint.project.options.types import OptionType
from tests.oracles.home_manager_judge import Fact

CONFLICT: Final = "conflict"
SLIP: Final = "slip"
TYPE: Final = "type"
TWICE: Final = "declared-twice"
RENAMED: Final = "renamed"
REMOVED: Final = "removed"
READ_ONLY: Final = "read-only"
NOT_A_SET: Final = "not-a-set"
KINDS: Final = (CONFLICT, SLIP, TYPE, TWICE, RENAMED, REMOVED, READ_ONLY, NOT_A_SET)
HIDDEN: Final = frozenset((RENAMED, REMOVED))
"""What the manual's list does not show."""


class Line:
    """A definition, or a declaration, on a line of its own. `path` is the option."""

    def __init__(self, path: list[str], text: str) -> None:
        self.path = path
        self.text = text
        self.number = 0


class Fault:
    """A mistake: the option, its lines, and in which modules they are."""

    def __init__(self, kind: str, path: list[str], lines: list[tuple[int, Line]]) -> None:
        self.kind = kind
        self.path = path
        self.lines = lines


class System:
    """A configuration: the lines of its modules, and the mistakes in it."""

    def __init__(self, number: int, count: int) -> None:
        self.number = number
        self.modules: list[list[Line]] = [[] for _ in range(count)]
        self.faults: list[Fault] = []
        self.paths: list[list[str]] = []

    def takes(self, module: int, path: list[str]) -> bool:
        """Whether a module can define an option: nothing there leads to it, or through it."""
        for line in self.modules[module]:
            shorter = min(len(line.path), len(path))
            if line.path[:shorter] == path[:shorter]:
                return False
        return True

    def texts(self, faults: bool) -> list[str]:
        """The modules; each line of theirs gets its number."""
        out: list[str] = []
        faulty = {id(line) for fault in self.faults for _, line in fault.lines}
        for lines in self.modules:
            text = "{ config, lib, pkgs, ... }: {\n"
            options = [line for line in lines if line.text.startswith("options.")]
            others = [line for line in lines if not line.text.startswith("options.")]
            row = 2
            explicit = any(faults for _ in options)
            if explicit:
                for line in options:
                    text += f"  {line.text}\n"
                    line.number = row
                    row += 1
                text += "  config = {\n"
                row += 1
            for line in others:
                if id(line) in faulty and not faults:
                    continue
                text += f"  {line.text}\n"
                line.number = row
                row += 1
            out.append(text + ("  };\n}\n" if explicit else "}\n"))
        return out


class Values:
    """Makes values of types, as Nix code."""

    def __init__(self, facts: list[Fact]) -> None:
        self.children: dict[str, list[Fact]] = {}
        for fact in facts:
            self.children.setdefault(json.dumps(fact.loc[:-1]), []).append(fact)

    def of(self, kind: OptionType, loc: list[str], second: bool, depth: int = 0) -> str | None:
        """A value of a type at a path; another one if `second`. None if none is known."""
        if depth > 4:
            return None
        name = kind.kind
        parts = kind.parts
        if name == "leaf":
            return self._leaf(kind.value, second)
        if name == "enum":
            values = re.findall(r'"(?:[^"\\]|\\.)*"|[^\s\[\]]+', kind.value)
            return values[-1 if second else 0] if values else None
        if name == "nullOr":
            inner = self.of(parts[0], loc, second, depth + 1)
            return inner if inner is not None else "null"
        if name in ("listOf", "nonEmptyListOf"):
            inner = self.of(parts[0], [*loc, "*"], second, depth + 1)
            return f"[ ({inner}) ]" if inner is not None else None
        if name in ("attrsOf", "lazyAttrsOf"):
            inner = self.of(parts[0], [*loc, "<name>"], second, depth + 1)
            return f"{{ one = {inner}; }}" if inner is not None else None
        if name in ("either", "coercedTo"):
            for part in parts:
                inner = self.of(part, loc, second, depth + 1)
                if inner is not None:
                    return inner
            return None
        if name == "submodule":
            return self._submodule(loc, second, depth, bool(parts))
        return None

    def _submodule(self, loc: list[str], second: bool, depth: int, free: bool) -> str | None:
        made: list[str] = []
        for fact in self.children.get(json.dumps(loc), []):
            if not fact.visible or fact.internal or fact.read_only or len(made) >= 2:
                continue
            value = self.of(fact.parsed, fact.loc, second, depth + 1)
            if value is not None:
                made.append(f"{attribute(fact.loc[-1])} = {value};")
        if free and not made:
            return "{ }"
        return "{ " + " ".join(made) + " }" if made else None

    def _leaf(self, code: str, second: bool) -> str | None:
        between = re.search(r"between \(?(-?[\d.]+)\)? \(?(-?[\d.]+)\)?", code)
        if between is not None:
            return between.group(2 if second else 1).replace("-", "-") if between else None
        pairs = {
            "bool": ("true", "false"),
            "boolByOr": ("true", "false"),
            "int": ("3", "4"),
            "float": ("1.5", "2.5"),
            "number": ("1.5", "2"),
            "ints.unsigned": ("0", "7"),
            "ints.positive": ("1", "8"),
            "numbers.nonnegative": ("0", "2.5"),
            "numbers.positive": ("1", "2.5"),
            "str": ('"alpha"', '"beta"'),
            "nonEmptyStr": ('"alpha"', '"beta"'),
            "singleLineStr": ('"alpha"', '"beta"'),
            "attrs": ("{ a = 1; }", "{ a = 2; }"),
            "path": ('"/etc/alpha"', "/etc/beta"),
            "package": ("pkgs.coreutils", "pkgs.gnused"),
            "anything": ("1", '"x"'),
        }
        if code in pairs:
            return pairs[code][1 if second else 0]
        if code.startswith("(separatedString"):
            return '"beta"' if second else '"alpha"'
        if "attrsOf t" in code:
            return '{ key = "beta"; }' if second else '{ key = "alpha"; more = [ 1 ]; }'
        return "2" if second and code.startswith("(nullOr") else "1" if "oneOf" in code else None


class Maker:
    """Makes configurations with mistakes."""

    def __init__(self, facts: list[Fact], seed: int) -> None:
        self.random = random.Random(seed)
        self.facts = facts
        self.groups: dict[str, list[Fact]] = {}
        self.names: dict[str, set[str]] = {}
        self.taken: set[str] = set()
        """Paths of options, and all that lead to them."""
        for fact in facts:
            for length in range(1, len(fact.loc) + 1):
                self.taken.add(json.dumps(fact.loc[:length]))
            plain = fact.values and fact.visible and not fact.internal and not fact.read_only
            if plain and fact.loc[0] in ("programs", "services") and len(fact.loc) > 2:
                self.groups.setdefault(f"{fact.loc[0]}.{fact.loc[1]}", []).append(fact)
        self.renamed = [fact for fact in facts if self._is_alias(fact)]
        self.removed = [
            fact for fact in facts
            if not fact.visible and fact.type == "unspecified value" and not fact.description
            and not fact.has_default and fact.loc[0] in ("programs", "services")
        ]  # fmt: skip
        self.read_only = [
            fact for fact in facts
            if fact.read_only and fact.has_default and "<name>" not in fact.loc
            and fact.loc[0] in ("programs", "services", "home")
        ]  # fmt: skip

    def _is_alias(self, fact: Fact) -> bool:
        return (
            not fact.visible
            and fact.description.startswith("Alias of ")
            and not {"<name>", "*"} & set(fact.loc)
            and fact.type in ("boolean", "string", "null or string", "list of string")
        )

    def make(self, number: int) -> System:
        """One configuration."""
        pick = self.random
        system = System(number, pick.randint(2, 4))
        groups = pick.sample(sorted(self.groups), 12)
        used: list[tuple[Fact, int, str]] = []
        for group in groups[:8]:
            members = self.groups[group]
            chosen = pick.sample(members, min(len(members), pick.randint(1, 5)))
            for fact in members:
                if fact.loc[-1] == "enable" and len(fact.loc) == 3 and fact not in chosen:
                    chosen.append(fact)
            for fact in chosen:
                module = pick.randrange(len(system.modules))
                value = pick.choice(fact.values)
                if not system.takes(module, fact.loc):
                    continue
                used.append((fact, module, value))
                text = self._written(fact.loc, self._around(value))
                system.modules[module].append(Line(fact.loc, text))
                system.paths.append(fact.loc)
                self._twin(system, fact, module, value)
        self._faults(system, used, groups[8:])
        return system

    def _around(self, value: str) -> str:
        form = self.random.random()
        if form < 0.1:
            return f"lib.mkIf true ({value})"
        if form < 0.2:
            return f"lib.mkMerge [ ({value}) ]"
        return value

    def _twin(self, system: System, fact: Fact, module: int, value: str) -> None:
        """Sometimes another module defines it, too, as Nix allows."""
        pick = self.random
        if pick.random() > 0.25:
            return
        other = pick.choice([n for n in range(len(system.modules)) if n != module])
        if not system.takes(other, fact.loc):
            return
        second = pick.choice(fact.values)
        wrapped = pick.choice(
            [f"lib.mkDefault ({second})", f"lib.mkForce ({second})", f"lib.mkIf false ({second})",
             f"lib.mkOverride 90 ({second})"]
        )  # fmt: skip
        system.modules[other].append(Line(fact.loc, self._written(fact.loc, wrapped)))

    def _written(self, loc: list[str], value: str) -> str:
        names = [attribute(name) for name in loc]
        if len(names) == 3 and self.random.random() < 0.3:
            return f"{'.'.join(names[:2])} = {{ {'.'.join(names[2:])} = {value}; }};"
        return f"{'.'.join(names)} = {value};"

    # Mistakes.

    def _faults(self, system: System, used: list[tuple[Fact, int, str]], others: list[str]) -> None:
        pick = self.random
        touched = {json.dumps(path) for path in system.paths}
        fresh = [fact for group in others for fact in self.groups[group]]
        pick.shuffle(fresh)
        for kind in KINDS:
            for _ in range(2 if kind in (CONFLICT, SLIP, TYPE) else 1):
                fault = self._fault(system, kind, fresh, touched)
                if fault is not None and all(
                    system.takes(module, line.path) for module, line in fault.lines
                ):
                    system.faults.append(fault)
                    touched.add(json.dumps(fault.path))
                    for module, line in fault.lines:
                        system.modules[module].append(line)

    def _free(self, facts: list[Fact], touched: set[str]) -> Fact | None:
        for fact in facts:
            if json.dumps(fact.loc) not in touched:
                facts.remove(fact)
                return fact
        return None

    def _fault(
        self, system: System, kind: str, fresh: list[Fact], touched: set[str]
    ) -> Fault | None:
        pick = self.random
        modules = pick.sample(range(len(system.modules)), 2)
        if kind in (RENAMED, REMOVED, READ_ONLY):
            pool = {RENAMED: self.renamed, REMOVED: self.removed, READ_ONLY: self.read_only}[kind]
            fact = pick.choice(pool)
            value = '"x"'
            if kind != REMOVED:
                made = Values([]).of(fact.parsed, fact.loc, False)
                if made is None:
                    return None
                value = made
            return self._one(kind, fact.loc, value, modules[0])
        found = self._free(fresh, touched)
        if found is None:
            return None
        if kind == CONFLICT:
            if len(found.values) < 2:
                return None
            lines = [
                (module, Line(found.loc, self._written(found.loc, self._around(value))))
                for module, value in zip(modules, found.values, strict=False)
            ]
            return Fault(kind, found.loc, lines)
        if kind == SLIP:
            loc = self._misspelt(found.loc)
            return self._one(kind, loc, found.values[0], modules[0]) if loc is not None else None
        if kind == TYPE:
            value = pick.choice(['"wrong"', "1.25", "true", "[ 1.25 ]", "{ wrong = true; }", "-17"])
            return self._one(kind, found.loc, value, modules[0])
        if kind == TWICE:
            if found.loc[-1] == "enable":
                declared = 'lib.mkEnableOption "this";'
            else:
                declared = 'lib.mkOption { type = lib.types.int; description = "This."; };'
            names = ".".join(attribute(name) for name in found.loc)
            line = Line(found.loc, f"options.{names} = {declared}")
            return Fault(kind, found.loc, [(modules[0], line)])
        # A value instead of a set.
        loc = found.loc[:2]
        if any(json.loads(path)[:2] == loc for path in touched):
            return None
        for fact in list(fresh):
            if fact.loc[:2] == loc:
                fresh.remove(fact)
        return self._one(kind, loc, pick.choice(["true", '"on"', "[ ]"]), modules[0])

    def _one(self, kind: str, loc: list[str], value: str, module: int) -> Fault:
        text = self._written(loc, self._around(value))
        return Fault(kind, loc, [(module, Line(loc, text))])

    def _misspelt(self, loc: list[str]) -> list[str] | None:
        """The path with a slip in one of its names; None when the result exists, too."""
        pick = self.random
        for _ in range(10):
            at = pick.randrange(1, len(loc))
            name = loc[at]
            if len(name) < 4 or not name.isalpha():
                continue
            where = pick.randrange(len(name) - 1)
            form = pick.randrange(4)
            if form == 0:
                made = name[:where] + name[where + 1] + name[where] + name[where + 2 :]
            elif form == 1:
                made = name[:where] + name[where + 1 :]
            elif form == 2:
                made = name[: where + 1] + name[where:]
            else:
                letter = pick.choice("abcdefghijklmnopqrstuvwxyz")
                made = name[:where] + letter + name[where + 1 :]
            path = [*loc[:at], made, *loc[at + 1 :]]
            if made and made != name and json.dumps(path[: at + 1]) not in self.taken:
                return path
        return None


def attribute(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_][\w'-]*", name) else json.dumps(name)
