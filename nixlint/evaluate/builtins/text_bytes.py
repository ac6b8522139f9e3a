"""Strings as the bytes that Nix works on.

Nix counts bytes. A text of ASCII characters is its own bytes; any other one is turned into a
text with one character (below 256) per byte, and back.
"""

from __future__ import annotations


def narrow(text: str) -> str:
    """The bytes of a text in UTF-8, one character each. Lone surrogates are raw bytes."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def widen(narrowed: str) -> str:
    """The text of such bytes; bytes that are no UTF-8 become lone surrogates."""
    if narrowed.isascii():
        return narrowed
    return narrowed.encode("latin-1").decode("utf-8", "surrogateescape")


def to_bytes(text: str) -> bytes:
    """The bytes of a text."""
    return text.encode("utf-8", "surrogateescape")


def from_bytes(data: bytes) -> str:
    """The text of bytes; bytes that are no UTF-8 become lone surrogates."""
    return data.decode("utf-8", "surrogateescape")


def rejoined(text: str) -> str:
    """A text put together of pieces: halves of a character that meet become that character."""
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return widen(narrow(text))
    return text
