"""What completions are made with: filtering by what is written, limits, snippets."""

from __future__ import annotations

from typing import Final

from nixlint.ide.completion.context import Context
from nixlint.ide.model import Completion
from nixlint.syntax.strings import quote_name

LIMIT: Final = 500
"""So many proposals are sent at most; more come while typing."""

# Orders: the lowest comes first.
LOCAL: Final = 0
LIKELY: Final = 1
USUAL: Final = 3
RARE: Final = 5
KEYWORDS: Final = 6
DONE: Final = 8


class Proposals:
    """The proposals for one place; those that do not fit what is written are left out."""

    def __init__(self, context: Context, snippets: bool) -> None:
        self.context = context
        self.snippets = snippets
        self.items: list[Completion] = []
        self.complete = True
        self._prefix = context.prefix.lower()
        self._seen: set[str] = set()

    def restart(self) -> None:
        """The word that is being written begins somewhere else than it seemed."""
        self._prefix = self.context.prefix.lower()

    def leave_out(self, label: str) -> None:
        """Never proposes this one."""
        self._seen.add(label)

    @property
    def full(self) -> bool:
        """Whether there are as many proposals as are sent, and at least one more."""
        return not self.complete

    def wants(self, label: str) -> bool:
        """Whether a label fits, and was not proposed yet."""
        return label not in self._seen and self.fits(label)

    def fits(self, label: str) -> bool:
        """Whether the letters that are written appear in a label, in order."""
        prefix = self._prefix
        if not prefix:
            return True
        label = label.lower()
        if prefix in label:
            return True
        if label[:1] != prefix[0]:
            return False
        at = -1
        for char in prefix:
            at = label.find(char, at + 1)
            if at < 0:
                return False
        return True

    def add(
        self,
        label: str,
        kind: str,
        text: str = "",
        detail: str = "",
        order: int = USUAL,
        snippet: bool = False,
        data: str = "",
        documentation: str = "",
        deprecated: bool = False,
    ) -> None:
        """Adds a proposal; a label is proposed once, the first time."""
        if not self.wants(label):
            return
        if len(self.items) >= LIMIT:
            self.complete = False
            return
        self._seen.add(label)
        context = self.context
        self.items.append(
            Completion(
                label,
                kind,
                context.start,
                context.offset,
                text,
                detail,
                documentation,
                snippet,
                order,
                deprecated,
                data,
            )
        )

    def attribute(
        self, name: str, kind: str, detail: str = "", order: int = USUAL, data: str = ""
    ) -> None:
        """Adds an attribute, quoted where its name must be."""
        self.add(name, kind, quote_name(name), detail, order, data=data)


def escaped(text: str) -> str:
    """A text as it must stand in a snippet."""
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")
