"""The project that a command is about."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nixlint.analysis.config import Config


def project_at(path: str) -> tuple[str, Config] | None:
    """The root of the project that a path belongs to (absolute), and its configuration.

    That is the nearest directory with a `flake.nix`, one where configurations begin without a
    flake, or that of a configuration file which names entry points. None, and a message on
    standard error, when there is none, or the configuration is broken.
    """
    from nixlint.analysis.config import ConfigError, Overrides
    from nixlint.analysis.module_graph import configured_root, is_entry_folder
    from nixlint.analysis.resolver import Resolver
    from nixlint.project.tree.walk import find_root

    start = os.path.realpath(path)
    if not os.path.exists(start):
        print(f"error: {path}: no such file or directory", file=sys.stderr)
        return None
    folder = start if os.path.isdir(start) else os.path.dirname(start)
    root = find_root(folder)
    if root is None and is_entry_folder(folder):
        root = folder
    if root is None:
        root = configured_root(folder)
    if root is None:
        print(f"error: {path}: no `flake.nix` here, nor in a directory above", file=sys.stderr)
        return None
    try:
        return root, Resolver(Overrides()).for_directory(root)
    except ConfigError as error:
        for message in error.messages():
            print(f"error: {message}", file=sys.stderr)
        return None
