"""What we know about the terminal: colors, links, progress."""

from __future__ import annotations

import os
import sys
import time
from typing import IO, Final

from nixlint.analysis.outcome import Problem
from nixlint.report.style import CYAN, RED, YELLOW, Painter, printable

FIRST_AFTER: Final = 1.0
"""Seconds before a progress line appears."""
EVERY: Final = 0.1


def use_color(choice: str, stream: IO[str]) -> bool:
    """Whether to color: the flag decides, then NO_COLOR, then FORCE_COLOR, then the terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        if os.environ.get(name, "0") not in ("", "0"):
            return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def use_hyperlinks(stream: IO[str]) -> bool:
    """Whether to make links: only for people, at a terminal, and not in a log."""
    if os.environ.get("FORCE_HYPERLINK", "") not in ("", "0"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("CI")


def make_robust(stream: IO[str]) -> None:
    """Let a stream escape what its encoding cannot express, instead of failing."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


class Complaints:
    """Writes problems to stderr."""

    def __init__(self, color: bool, quiet: bool) -> None:
        self.painter = Painter(color, False)
        self.quiet = quiet

    def tell(self, problem: Problem) -> None:
        """Write one problem; remarks only when not quiet."""
        if not problem.fails and self.quiet:
            return
        paint = self.painter.paint
        label = paint("error", RED) if problem.fails else paint("warning", YELLOW)
        place = f"{printable(problem.path)}: " if problem.path else ""
        lines = [f"{label}: {place}{printable(problem.message)}"]
        lines += [f"  {paint('help', CYAN)}: {line}" for line in problem.detail.splitlines()]
        sys.stderr.write("\n".join(lines) + "\n")

    def remark(self, text: str) -> None:
        """Write what is being done, if it takes long."""
        sys.stderr.write(f"{self.painter.paint('note', CYAN)}: {printable(text)}\n")
        sys.stderr.flush()


class Progress:
    """A line on stderr that counts files, once a run takes longer than a second."""

    def __init__(self, total: int, enabled: bool) -> None:
        self.total = total
        self.enabled = enabled and sys.stderr.isatty()
        self.done = 0
        self.next_at = time.monotonic() + FIRST_AFTER
        self.shown = False

    def step(self) -> None:
        """One more file is done."""
        self.done += 1
        if not self.enabled:
            return
        now = time.monotonic()
        if now >= self.next_at:
            self.next_at = now + EVERY
            self.shown = True
            sys.stderr.write(f"\r\x1b[KChecking files: {self.done}/{self.total}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Remove the line, before something else is written."""
        if self.shown:
            self.shown = False
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
