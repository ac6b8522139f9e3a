"""Bytes that are not UTF-8.

## What it does
Reports the first place of a file where its bytes are not UTF-8 (shown as `�` below).

## Why it matters
Nix passes the bytes on unchanged; editors, terminals, JSON and other tools replace them or refuse
the file.
Most often the file is encoded in Latin-1.

## Example
```nix
{ city = "K�ln"; }
```

## Use instead
```nix
{ city = "Köln"; }
```

## Fix safety
None: which characters were meant is not known.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING
from nixlint.rules.base import FileContext, Rule
from nixlint.text.span import Span


class InvalidUtf8(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "invalid-utf8"
        self.severity = WARNING
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        text = ctx.text
        if text.isascii():
            return
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            start = error.start
            end = start
            while end < len(text) and is_undecoded(text[end]):
                end += 1
            shown = " ".join([f"0x{ord(char) - 0xDC00:02X}" for char in text[start:end][:4]])
            total = count_undecoded(text, start)
            more = f" ({total} such bytes in this file)" if total > end - start else ""
            ctx.report(self, Span(start, end), f"not UTF-8: {shown}{more}")


def is_undecoded(char: str) -> bool:
    """Whether the character stands for a byte that could not be decoded (PEP 383)."""
    return 0xDC80 <= ord(char) <= 0xDCFF


def count_undecoded(text: str, start: int) -> int:
    """How many such characters there are from `start` on."""
    count = 0
    for char in text[start:]:
        if is_undecoded(char):
            count += 1
    return count
