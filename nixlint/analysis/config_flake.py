"""Reading the tables `[sources]`, `[options]`, `[project]` and `[flake]` of `nixlint.toml`."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable
from typing import Any, Final

from nixlint.analysis.suggest import nearest
from nixlint.project.channels import fault_of
from nixlint.project.settings import OPTION_KINDS, REQUIRED_REFS, InputPolicy, ProjectSettings

Complain = Callable[[str, str, str], None]
"""Takes the table, the key, and what is wrong with its value."""

POLICY_KEYS: Final = (
    "max-age-days",
    "require-ref",
    "allowed-owners",
    "allowed-hosts",
    "allowed-refs",
)
FLAKE_KEYS: Final = (*POLICY_KEYS, "nixpkgs-keys", "caches", "channels", "inputs")
PROJECT_KEYS: Final = ("entry-points",)


class FlakeTables:
    """Checks the tables; relative paths start at the absolute directory `root`."""

    def __init__(self, root: str, complain: Complain) -> None:
        self.root = root
        self.complain = complain
        self.settings = ProjectSettings()

    def read_sources(self, table: Any) -> None:
        """Read `[sources]`: from inputs to the directories of their checkouts."""
        if not isinstance(table, dict):
            self.complain("", "sources", 'must be a table, such as { nixpkgs = "../nixpkgs" }')
            return
        for name, path in table.items():
            if isinstance(path, str) and path:
                self.settings.sources[name] = self._absolute(path)
            else:
                self.complain("sources", name, "must be the path of a directory")

    def read_options(self, table: Any) -> None:
        """Read `[options]`: from kinds of configurations to lists of their options."""
        if not isinstance(table, dict):
            self.complain("", "options", 'must be a table, such as { nixos = "options.json" }')
            return
        for name, path in table.items():
            if name not in OPTION_KINDS:
                match = nearest(name, tuple(OPTION_KINDS))
                known = ", ".join(OPTION_KINDS)
                hint = f"did you mean `{match}`?" if match else f"known keys: {known}"
                self.complain("options", name, f"is no key of [options]: {hint}")
            elif not isinstance(path, str) or not path:
                self.complain("options", name, "must be the path of a list of options in JSON")
            elif not os.path.isfile(self._absolute(path)):
                self.complain("options", name, f"names `{path}`, and there is no such file")
            else:
                self.settings.options[OPTION_KINDS[name]] = self._absolute(path)

    def read_project(self, table: Any) -> None:
        """Read `[project]`: where the configurations of a project without a flake begin."""
        example = '{ entry-points = ["hosts/box/configuration.nix"] }'
        if not isinstance(table, dict):
            self.complain("", "project", f"must be a table, such as {example}")
            return
        for key, value in table.items():
            if key not in PROJECT_KEYS:
                match = nearest(key, PROJECT_KEYS)
                hint = "did you mean `entry-points`?" if match else "the only key is `entry-points`"
                self.complain("project", key, f"is no key of [project]: {hint}")
            elif isinstance(value, dict):
                for name, paths in value.items():
                    if name in OPTION_KINDS:
                        self._entry_points("project.entry-points", name, paths, OPTION_KINDS[name])
                    else:
                        kinds = ", ".join(OPTION_KINDS)
                        message = f"is no kind of configuration: known are {kinds}"
                        self.complain("project.entry-points", name, message)
            else:
                self._entry_points("project", key, value, "")

    def _entry_points(self, table: str, key: str, value: Any, kind: str) -> None:
        """Read a list of files; each must be there."""
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            example = '["hosts/box/configuration.nix"]'
            self.complain(table, key, f"must be a list of paths, such as {example}")
            return
        for item in value:
            path = self._absolute(item)
            if os.path.isdir(path):
                path = os.path.join(path, "default.nix")
            if not path.startswith(os.path.join(self.root, "")):
                self.complain(table, key, f"names `{item}`, which is not below this directory")
            elif not os.path.isfile(path):
                self.complain(table, key, f"names `{item}`, and there is no such file")
            else:
                self.settings.entry_points.append((path, kind))

    def read_flake(self, table: Any) -> None:
        """Read `[flake]`."""
        if not isinstance(table, dict):
            self.complain("", "flake", "must be a table, such as { max-age-days = 90 }")
            return
        for key, value in table.items():
            if key == "inputs":
                self._inputs(value)
            elif key == "nixpkgs-keys":
                self.settings.nixpkgs_keys = self._strings("flake", key, value)
            elif key == "caches":
                paths = self._strings("flake", key, value)
                self.settings.caches = [self._absolute(path) for path in paths]
            elif key == "channels":
                self._channels(value)
            else:
                self._policy("flake", key, value, self.settings.policy, FLAKE_KEYS)

    def _channels(self, path: Any) -> None:
        """Read the file that completes the table of releases: JSON, or TOML by its name."""
        if not isinstance(path, str) or not path:
            self.complain("flake", "channels", "must be the path of a file")
            return
        try:
            with open(self._absolute(path), "rb") as file:
                data = file.read()
            text = data.decode("utf-8")
            table = tomllib.loads(text) if path.endswith(".toml") else json.loads(text)
        except OSError as error:
            self.complain("flake", "channels", f"`{path}` cannot be read: {error.strerror}")
            return
        except (ValueError, RecursionError) as error:
            kind = "TOML" if path.endswith(".toml") else "JSON"
            self.complain("flake", "channels", f"`{path}` is no {kind}: {error}")
            return
        fault = fault_of(table)
        if fault:
            self.complain("flake", "channels", f"in `{path}`, {fault}")
        else:
            self.settings.channels = table

    def _inputs(self, table: Any) -> None:
        if not isinstance(table, dict):
            self.complain("flake", "inputs", "must be a table with one table for each input")
            return
        for name, inner in table.items():
            where = f"flake.inputs.{name}"
            if not isinstance(inner, dict):
                self.complain("flake.inputs", name, "must be a table, such as { max-age-days = 9 }")
                continue
            policy = InputPolicy()
            for key, value in inner.items():
                self._policy(where, key, value, policy, POLICY_KEYS)
            self.settings.input_policies[name] = policy

    def _policy(
        self, table: str, key: str, value: Any, policy: InputPolicy, known: tuple[str, ...]
    ) -> None:
        if key == "max-age-days":
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                self.complain(table, key, "must be a number of days")
            else:
                policy.max_age_days = value
        elif key == "require-ref":
            if value in REQUIRED_REFS:
                policy.require_ref = value
            else:
                words = ", ".join(f'"{word}"' for word in REQUIRED_REFS)
                self.complain(table, key, f"must be one of {words}")
        elif key == "allowed-owners":
            policy.allowed_owners = self._strings(table, key, value)
        elif key == "allowed-hosts":
            policy.allowed_hosts = self._strings(table, key, value)
        elif key == "allowed-refs":
            policy.allowed_refs = self._strings(table, key, value)
        else:
            match = nearest(key, known)
            hint = f"did you mean `{match}`?" if match else f"known keys: {', '.join(known)}"
            self.complain(table, key, f"is no key of [{table}]: {hint}")

    def _strings(self, table: str, key: str, value: Any) -> list[str]:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return value
        self.complain(table, key, 'must be a list of strings, such as ["nixpkgs"]')
        return []

    def _absolute(self, path: str) -> str:
        return os.path.normpath(os.path.join(self.root, os.path.expanduser(path)))
