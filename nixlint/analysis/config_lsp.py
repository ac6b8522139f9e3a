"""Reading the table `[lsp]` of `nixlint.toml`: what the language server offers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from nixlint.analysis.suggest import nearest

FEATURES: Final = (
    "diagnostics",
    "codeAction",
    "hover",
    "completion",
    "signatureHelp",
    "inlayHint",
    "documentLink",
    "definition",
    "references",
    "rename",
    "documentSymbol",
    "workspaceSymbol",
    "documentHighlight",
    "foldingRange",
    "selectionRange",
    "semanticTokens",
    "callHierarchy",
    "codeLens",
    "willRenameFiles",
    "formatting",
)
"""What can be switched off, under the names of the protocol."""
_KEYS: Final = ("features", "formatter")

Complain = Callable[[str, str, str], None]
"""Takes the table, the key, and what is wrong with its value."""


class LspTable:
    """What the table says. `formatter` is None when it does not name one."""

    def __init__(self) -> None:
        self.features: dict[str, bool] = {}
        self.formatter: list[str] | None = None


def read_lsp_table(value: Any, complain: Complain) -> LspTable:
    """Read the table, and complain about everything that is wrong in it."""
    table = LspTable()
    if not isinstance(value, dict):
        complain("", "lsp", 'must be a table, such as { formatter = ["nixfmt"] }')
        return table
    for key, content in value.items():
        if key == "features":
            table.features = read_features(content, complain)
        elif key == "formatter":
            table.formatter = read_formatter(content, complain)
        else:
            match = nearest(key, _KEYS)
            hint = f"did you mean `{match}`?" if match else f"known keys: {', '.join(_KEYS)}"
            complain("lsp", key, f"is no key of [lsp]: {hint}")
    return table


def read_features(value: Any, complain: Complain) -> dict[str, bool]:
    """Read which features are on."""
    if not isinstance(value, dict):
        complain("lsp", "features", "must be a table, such as { hover = false }")
        return {}
    found: dict[str, bool] = {}
    for name, on in value.items():
        if name not in FEATURES:
            match = nearest(name, FEATURES)
            hint = f"did you mean `{match}`?" if match else f"known are {', '.join(FEATURES)}"
            complain("lsp.features", name, f"is no feature: {hint}")
        elif not isinstance(on, bool):
            complain("lsp.features", name, "must be true or false")
        else:
            found[name] = on
    return found


def read_formatter(value: Any, complain: Complain) -> list[str] | None:
    """Read the command that formats standard input."""
    words = [value] if isinstance(value, str) else value
    if isinstance(words, list) and words and all(isinstance(w, str) and w for w in words):
        return words
    complain("lsp", "formatter", 'must be a command, such as ["nixfmt"]')
    return None
