"""`builtins.sort`: a stable merge sort whose comparisons may fail or be unknown.

Versions of Nix sort by different algorithms, which agree where the comparison is a strict weak
order. Where it certainly is none (`a <= b` with equal elements), the result is unknown.
"""

from __future__ import annotations

from typing import Final

from nixlint.evaluate.operation_code import condition
from nixlint.evaluate.operators import less
from nixlint.evaluate.values import (
    LIST,
    Code,
    Machine,
    NixError,
    Value,
    VBool,
    VPrimop,
    VUnknown,
    unknown_at,
)

FULL_CHECK: Final = 16
"""Lists up to this length have all their pairs compared, to be sure of the order."""


class Sorter:
    """One sort. `unknown` is set when a comparison was unknown."""

    def __init__(self, m: Machine, function: Value, site: Code) -> None:
        self.m = m
        self.function = function
        self.site = site
        self.unknown: VUnknown | None = None
        self.plain = isinstance(function, VPrimop) and function.name == "lessThan"
        """Whether the comparison is known to be an order."""

    def before(self, left: Value, right: Value) -> bool:
        """Whether `left` comes before `right`; false with `unknown` set if that is not known."""
        m = self.m
        if self.plain:
            verdict = less(m, left.force(m), right.force(m), self.site)
        else:
            verdict = self.function.call(m, left, self.site).call(m, right, self.site)
        answer = condition(m, verdict, self.site)
        if answer == 2:
            assert isinstance(verdict, VUnknown)
            self.unknown = verdict
            return False
        assert isinstance(verdict, VBool)
        return verdict.value

    def sorted(self, items: list[Value]) -> list[Value]:
        """The elements in order. Meaningless when `unknown` is set afterwards."""
        count = len(items)
        source = items.copy()
        target = items.copy()
        width = 1
        while width < count:
            start = 0
            while start < count:
                self.merge(source, target, start, min(start + width, count), width)
                if self.unknown is not None:
                    return source
                start += 2 * width
            source, target = target, source
            width *= 2
        self.check(source)
        return source

    def merge(
        self, source: list[Value], target: list[Value], start: int, middle: int, width: int
    ) -> None:
        """Merges two sorted runs that follow each other; of equals the left one goes first."""
        end = min(middle + width, len(source))
        left = start
        right = middle
        at = start
        while at < end:
            if right >= end:
                take_left = True
            elif left >= middle:
                take_left = False
            else:
                take_left = not self.before(source[right], source[left])
                if self.unknown is not None:
                    return
            if take_left:
                target[at] = source[left]
                left += 1
            else:
                target[at] = source[right]
                right += 1
            at += 1

    def check(self, items: list[Value]) -> None:
        """Sets `unknown` if the comparison contradicts itself on the sorted elements."""
        if self.plain or len(items) < 2:
            return
        depth = self.m.depth
        try:
            consistent = self.consistent(items)
        except NixError:
            # A comparison that a sort need not make.
            self.m.depth = depth
            consistent = False
        if not consistent and self.unknown is None:
            self.unknown = unknown_at(
                "the function that compares is no order, so that versions of Nix disagree",
                self.site,
                LIST,
            )

    def consistent(self, items: list[Value]) -> bool:
        """Whether later elements never come before earlier ones, and equals are equal to all."""
        count = len(items)
        steps: list[bool] = []
        for index in range(count - 1):
            if self.before(items[index + 1], items[index]):
                return False
            steps.append(self.before(items[index], items[index + 1]))
            if self.unknown is not None:
                return False
        if count > FULL_CHECK:
            return True
        for index in range(count):
            differs = False
            for other in range(index + 1, count):
                differs = differs or steps[other - 1]
                if self.before(items[other], items[index]):
                    return False
                if self.before(items[index], items[other]) != differs:
                    return False
        return self.unknown is None
