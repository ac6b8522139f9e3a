"""What nixlint's evaluator makes of expressions, in the terms of `printed.py` and `judge.py`."""

from __future__ import annotations

from pathlib import Path

from nixlint.evaluate.evaluator import Evaluator, on_large_stack
from nixlint.evaluate.show import show_all
from tests.oracles import printed
from tests.oracles.judge import Verdict
from tests.oracles.printed import Item

STEPS = 3_000_000
SECONDS = 10.0
KNOWN = "fully known"
PARTLY = "partly known"
UNKNOWN = "unknown"
FAILING = "failing"
SAME = ""

NEWER = ("integer overflow",)
"""Errors of later versions of Nix, in our words: the installed one computes something."""


class Opinion:
    """Our value, as text and read back; `crash` is an exception, which there must never be.

    A text that cannot be read back (a path with a space in it) is compared as it is.
    """

    def __init__(self, text: str, crash: str = "") -> None:
        self.text = text
        self.crash = crash
        self.item: Item = ("unknown", "crash")
        if not crash:
            try:
                self.item = printed.read(text)
            except printed.UnreadableError:
                self.item = ("unknown" if "«unknown" in text else "scalar", text)

    @property
    def kind(self) -> str:
        """How much is known."""
        if printed.contains(self.item, "error"):
            return FAILING
        if self.item[0] == "unknown":
            return UNKNOWN
        if printed.contains(self.item, "unknown") or printed.contains(self.item, "rest"):
            return PARTLY
        return KNOWN


def evaluate(evaluator: Evaluator, text: str, path: Path) -> Opinion:
    """The text as if it stood in that file. Call it on a large stack."""
    evaluator.renew()
    try:
        value = evaluator.evaluate_text(text, str(path))
        shown = show_all(evaluator, value).text
    except Exception as error:
        return Opinion("", f"{type(error).__name__}: {error}")
    return Opinion(shown)


def evaluate_texts(texts: list[str], folder: Path) -> list[Opinion]:
    """The opinions on expressions in the numbered files of a folder."""
    out: list[Opinion] = []

    def work() -> None:
        evaluator = Evaluator(max_steps=STEPS, seconds=SECONDS)
        for number, text in enumerate(texts):
            out.append(evaluate(evaluator, text, folder / f"{number}.nix"))

    on_large_stack(work)
    return out


def contradiction(theirs: Verdict, ours: Opinion) -> str:
    """What is wrong with our opinion, or `SAME`. A crash of Nix says nothing."""
    if ours.crash:
        return f"an exception: {ours.crash}"
    if theirs.printed is not None:
        if ours.kind == FAILING:
            messages = printed.reasons(ours.item, "error")
            if any(word in message for message in messages for word in NEWER):
                return SAME
            return f"only we fail: {messages[0]}"
        return printed.difference(printed.read(theirs.printed), ours.item)
    if theirs.error is not None and ours.kind == KNOWN:
        return f"only Nix fails: {theirs.error}"
    return SAME


def same_sort(one: str, other: str) -> bool:
    """Whether two contradictions are of the same sort, so that one may be the other, smaller."""
    for mark in ("only we fail", "only Nix fails", "an exception"):
        if one.startswith(mark) or other.startswith(mark):
            return one.startswith(mark) and other.startswith(mark)
    return bool(one) and bool(other)
