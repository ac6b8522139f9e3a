"""What the modules of a configuration depend on and what is plain to see in them.

`home-manager.users.x = import ./home/${config.networking.hostName}.nix` depends on the result of
merging all modules, and Nix can do it, as a user's configuration is evaluated on its own. Where an
option has one certain definition with a plain value, that value is taken; modules whose inner
configurations depend on `config` are called again with what is known in this way.
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
    """The plain values of one configuration. `everything` are its definitions."""

    def __init__(self, ev: Evaluator, arguments: Arguments, everything: list[Definition]) -> None:
        self.ev = ev
        self.arguments = arguments
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
            self._config = self._part(symbol, "config", self.everything, 0)
        return self._config

    def _part(
        self, symbol: VUnknown, path: str, definitions: list[Definition], level: int
    ) -> Value:
        """A part of `config`: its plain value, or unknown with what is known below."""
        flat = [done for one in definitions for done in discharged(self.ev, one)]
        if level > 0 and len(flat) == 1:
            only = flat[0]
            plain = isinstance(only.value, (VString, VBool, VInt))
            if plain and only.certainty == CERTAIN and only.priority == PLAIN_PRIORITY:
                return only.value
        made = VUnknown(symbol.reason, symbol.file, symbol.start, path, symbol.shape)
        if level < MAX_LEVELS:
            below: dict[str, Value] = {}
            for name, found in children(self.ev, flat).items():
                below[name] = LazyValue(self._maker(symbol, f"{path}.{name}", found, level + 1))
            made.children = below
        return made

    def _maker(
        self, symbol: VUnknown, path: str, definitions: list[Definition], level: int
    ) -> Callable[[], Value]:
        def make() -> Value:
            return self._part(symbol, path, definitions, level)

        return make
