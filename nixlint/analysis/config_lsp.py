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
FORMATTERS: Final = {
    "nixfmt": [],
    "alejandra": ["--quiet", "-"],
    "nixpkgs-fmt": [],
}
"""The programs that a file of the project may choose, with the arguments that make them format
their standard input. Whoever opens a repository must not run a program that it names."""
LSP_KEYS: Final = ("features", "formatter")

Complain = Callable[[str, str, str], None]
"""Takes the table, the key, and what is wrong with its value."""


class LspTable:
    """What the table says. `formatter` is None when it does not name one; it begins with one of
    `FORMATTERS`."""

    def __init__(self) -> None:
        self.features: dict[str, bool] = {}
        self.formatter: list[str] | None = None


def read_lsp_table(value: Any, complain: Complain) -> LspTable:
    """Read the table, and complain about everything that is wrong in it."""
    table = LspTable()
    if not isinstance(value, dict):
        complain("", "lsp", 'must be a table, such as { formatter = "nixfmt" }')
        return table
    for key, content in value.items():
        if key == "features":
            table.features = read_features(content, complain)
        elif key == "formatter":
            table.formatter = _chosen_formatter(content, complain)
        else:
            match = nearest(key, LSP_KEYS)
            hint = f"did you mean `{match}`?" if match else f"known keys: {', '.join(LSP_KEYS)}"
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


def _chosen_formatter(value: Any, complain: Complain) -> list[str] | None:
    """Read which of the known formatters the project wants."""
    name = value[0] if isinstance(value, list) and len(value) == 1 else value
    if isinstance(name, str) and name in FORMATTERS:
        return [name, *FORMATTERS[name]]
    known = ", ".join(f"`{one}`" for one in FORMATTERS)
    complain(
        "lsp",
        "formatter",
        f"must be one of {known}: a repository must not say which program runs on the machine of "
        "its readers. Any other command belongs into the settings of the editor",
    )
    return None


def read_formatter(value: Any, complain: Complain) -> list[str] | None:
    """Read the command that formats standard input, as an editor names it."""
    words = [value] if isinstance(value, str) else value
    if isinstance(words, list) and words and all(isinstance(w, str) and w for w in words):
        return words
    complain("lsp", "formatter", 'must be a command, such as ["nixfmt"]')
    return None
