"""Values that Python code makes when they are needed."""

from __future__ import annotations

from collections.abc import Callable

from nixlint.evaluate.values import Machine, Thunk, Value


class LazyValue(Thunk):
    """A value that a function without arguments makes when it is forced the first time."""

    def __init__(self, make: Callable[[], Value]) -> None:
        super().__init__()
        self.make: Callable[[], Value] | None = make

    def compute(self, m: Machine) -> Value:
        make = self.make
        assert make is not None
        return make().force(m)

    def done(self) -> None:
        self.make = None
