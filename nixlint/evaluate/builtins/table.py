"""Collects builtins; see `scope.py` for all of them together."""

from __future__ import annotations

from nixlint.evaluate.values import Function, Value, VPrimop


class Table:
    """Collects builtins: `values` become the attributes of `builtins`."""

    def __init__(self) -> None:
        self.values: dict[str, Value] = {}

    def add(self, name: str, arity: int, function: Function) -> None:
        """A builtin function of so many arguments, which it gets unforced."""
        self.values[name] = VPrimop(name, arity, function, [])

    def constant(self, name: str, value: Value) -> None:
        """A builtin that is no function."""
        self.values[name] = value
