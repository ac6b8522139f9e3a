"""What the modules of a configuration depend on and what is plain to see in them.

`home-manager.users.x = import ./home/${config.networking.hostName}.nix` depends on the result of
merging all modules, and Nix can do it, as a user's configuration is evaluated on its own. Where an
option has certain definitions with a plain value, or none and a plain default, that value is
taken; modules whose inner configurations depend on `config` are called again with what is known
in this way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nixlint.evaluate.evaluator import Evaluator
from nixlint.evaluate.lazy import LazyValue
from nixlint.evaluate.values import (
    Code,
    CodeFile,
    Value,
    VAttrs,
    VBool,
    VInt,
    VLambda,
    VList,
    VString,
    VUnknown,
)
from nixlint.project.modules.closure import SHORT_KEYS, Arguments
from nixlint.project.modules.definitions import (
    PLAIN_PRIORITY,
    Definition,
    at_path,
    children,
    discharged,
)
from nixlint.project.modules.model import CERTAIN, Module

MAX_LEVELS: Final = 6
"""How deep options lie whose values are looked up."""


class Settled:
    """The plain values of one configuration. `everything` are the definitions of `modules`."""

    def __init__(
        self,
        ev: Evaluator,
        arguments: Arguments,
        modules: list[Module],
        everything: list[Definition],
    ) -> None:
        self.ev = ev
        self.arguments = arguments
        self.modules = modules
        self.everything = everything
        self._config: Value | None = None
        self._again: dict[int, list[Definition]] = {}

    def settled(self, definitions: list[Definition], path: list[str]) -> list[Definition]:
        """The definitions at a path, with those made anew that depend on `config`."""
        open_modules = {id(one.module): one.module for one in definitions if self._is_open(one)}
        if not open_modules:
            return definitions
        out: list[Definition] = []
        replaced: set[int] = set()
        for one in definitions:
            known = id(one.module)
            if known in replaced:
                continue
            if known in open_modules:
                found = at_path(self.ev, self._called_again(one.module), path)
                if found:
                    replaced.add(known)
                    out.extend(found)
                    continue
            out.append(one)
        return out

    def _is_open(self, one: Definition) -> bool:
        """Whether a definition is unknown as it depends on the merged configuration."""
        if not isinstance(one.module.source, VLambda):
            return False
        if self._depends(self.ev.forced(one.value)):
            return True
        for done in discharged(self.ev, one):
            value = done.value
            if self._depends(value):
                return True
            imports = value.attrs.get("imports") if isinstance(value, VAttrs) else None
            if imports is None:
                continue
            listed = self.ev.forced(imports)
            if self._depends(listed):
                return True
            if isinstance(listed, VList):
                if any(self._depends(self.ev.forced(item)) for item in listed.items):
                    return True
        return False

    def _depends(self, value: Value) -> bool:
        return (
            isinstance(value, VUnknown)
            and value.error is None
            and value.reason in self.arguments.reasons
        )

    def _called_again(self, module: Module) -> list[Definition]:
        """What a module defines when it sees the plain values."""
        known = self._again.get(id(module))
        if known is not None:
            return known
        out: list[Definition] = []
        self._again[id(module)] = out
        function = module.source
        if not isinstance(function, VLambda):
            return out
        given = self.arguments.attrs_for(function)
        given.attrs["config"] = self._plain_config()
        made = self.ev.called(function, given, Code(CodeFile("", "/", ""), 0, 0))
        if not isinstance(made, VAttrs):
            return out
        if "config" in made.attrs or "options" in made.attrs:
            config = made.attrs.get("config")
        else:
            rest = {name: one for name, one in made.attrs.items() if name not in SHORT_KEYS}
            config = VAttrs(rest, made.rest, made.origin)
        if config is not None:
            out.append(Definition(module, config, module.certainty, PLAIN_PRIORITY, None))
        return out

    def _plain_config(self) -> Value:
        if self._config is None:
            symbol = self.arguments.known["config"]
            assert isinstance(symbol, VUnknown)
            declared: list[VAttrs] = []
            for module in self.modules:
                options = self.ev.forced(module.options) if module.options is not None else None
                if isinstance(options, VAttrs):
                    declared.append(options)
            self._config = self._part(symbol, "config", self.everything, declared, 0)
        return self._config

    def _part(
        self,
        symbol: VUnknown,
        path: str,
        definitions: list[Definition],
        declared: list[VAttrs],
        level: int,
    ) -> Value:
        """A part of `config`: its plain value, or unknown with what is known below."""
        flat = [done for one in definitions for done in discharged(self.ev, one)]
        if level > 0:
            plain = self._plain(flat) if flat else self._default(declared)
            if plain is not None:
                return plain
        made = VUnknown(symbol.reason, symbol.file, symbol.start, path, symbol.shape)
        if level < MAX_LEVELS:
            below: dict[str, Value] = {}
            defined = children(self.ev, flat)
            options = self._below(declared)
            for name in {**defined, **options}:
                make = self._maker(
                    symbol,
                    f"{path}.{name}",
                    defined.get(name, []),
                    options.get(name, []),
                    level + 1,
                )
                below[name] = LazyValue(make)
            made.children = below
        return made

    def _plain(self, definitions: list[Definition]) -> Value | None:
        """The value that definitions have together, if it is plain to see."""
        best: int | None = None
        for one in definitions:
            if one.priority is None:
                return None
            if one.certainty == CERTAIN and (best is None or one.priority < best):
                best = one.priority
        if best is None or best > PLAIN_PRIORITY:
            # Modules of others may well define something stronger.
            return None
        used = [one for one in definitions if one.priority is None or one.priority <= best]
        if any(one.certainty != CERTAIN for one in used):
            return None
        if len(used) == 1 and _is_plain(used[0].value):
            return used[0].value
        items: list[Value] = []
        for one in used:
            value = one.value
            if not isinstance(value, VList) or not self._is_plain_list(value):
                return None
            items.extend(value.items)
        # Lists are joined.
        return VList(items)

    def _is_plain_list(self, value: VList) -> bool:
        return not value.rest and all(_is_plain(self.ev.forced(item)) for item in value.items)

    def _default(self, declared: list[VAttrs]) -> Value | None:
        """The plain default of an option, if exactly one module declares it."""
        if len(declared) != 1 or not _is_option(declared[0]) or "apply" in declared[0].attrs:
            return None
        default = declared[0].attrs.get("default")
        value = self.ev.forced(default) if default is not None else None
        if isinstance(value, VList):
            return value if self._is_plain_list(value) else None
        return value if value is not None and _is_plain(value) else None

    def _below(self, declared: list[VAttrs]) -> dict[str, list[VAttrs]]:
        """What modules declare below a place, by name."""
        out: dict[str, list[VAttrs]] = {}
        for one in declared:
            if _is_option(one):
                continue
            for name, value in one.attrs.items():
                forced = self.ev.forced(value)
                if isinstance(forced, VAttrs):
                    out.setdefault(name, []).append(forced)
        return out

    def _maker(
        self,
        symbol: VUnknown,
        path: str,
        definitions: list[Definition],
        declared: list[VAttrs],
        level: int,
    ) -> Callable[[], Value]:
        def make() -> Value:
            return self._part(symbol, path, definitions, declared, level)

        return make


def _is_option(value: VAttrs) -> bool:
    return "_type" in value.attrs


def _is_plain(value: Value) -> bool:
    return isinstance(value, (VString, VBool, VInt))
