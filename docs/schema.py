"""The JSON schema of `nixlint.toml`, made from what reads that file.

Which keys, rules, levels and features there are is asked of the code; what a key is for stands
here. A key without a description here, or the other way round, is an error.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from nixlint.analysis import selection
from nixlint.analysis.config_file import keys as top_keys
from nixlint.analysis.config_flake import FLAKE_KEYS, POLICY_KEYS, PROJECT_KEYS
from nixlint.analysis.config_lsp import FEATURES, FORMATTERS, LSP_KEYS
from nixlint.analysis.links import HOME_PAGE
from nixlint.diagnostics.model import SEVERITIES
from nixlint.project.settings import OPTION_KINDS, REQUIRED_REFS

Schema = dict[str, Any]

ABOUT: Final = f"{HOME_PAGE}/blob/main/docs/configuration.md"
SELECTOR: Final[Schema] = {"$ref": "#/definitions/selector"}
PATH: Final[Schema] = {"type": "string", "minLength": 1}


def schema_text() -> str:
    """The schema as a file."""
    return json.dumps(schema(), indent=2) + "\n"


def schema() -> Schema:
    """The schema, in the draft that editors of TOML understand."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": f"{HOME_PAGE}/raw/main/nixlint.schema.json",
        "title": "The configuration of nixlint",
        "description": f"See {ABOUT}.",
        "definitions": {
            "selector": {
                "description": "A rule, a theme, a name that another tool has for a rule, "
                "`DEFAULT`, or `ALL`.",
                "type": "string",
                "enum": sorted(selection.all_selectors()),
            },
            "policy": _table(_policy(), POLICY_KEYS),
        },
        **_table(_top(), top_keys()),
    }


def _top() -> dict[str, Schema]:
    return {
        "select": _selectors("Which rules run, instead of the default ones."),
        "extend-select": _selectors("Rules that run in addition."),
        "ignore": _selectors("Rules that do not run."),
        "exclude": _strings("What is left out: patterns of .gitignore.", ["vendor/"]),
        "extend-exclude": _strings("More of what is left out.", ["generated/"]),
        "force-exclude": _flag(
            "Whether `exclude` and .gitignore also hold for named files.", False
        ),
        "respect-gitignore": _flag("Whether what git ignores is left out.", True),
        "unsafe-fixes": _flag("Whether `--fix` applies unsafe fixes, too.", False),
        "target-nix": {
            "description": "The version of Nix whose rules hold; the newest by default.",
            "type": "string",
            "pattern": "^[2-9]\\.[0-9]{1,3}(\\.[0-9]+)?$",
        },
        "per-file-ignores": {
            "description": "From patterns of .gitignore to the rules that do not run there.",
            "type": "object",
            "additionalProperties": {"type": "array", "items": SELECTOR},
        },
        "severity": {
            "description": "How severe the findings of rules are.",
            "type": "object",
            "propertyNames": SELECTOR,
            "additionalProperties": {"type": "string", "enum": list(SEVERITIES)},
        },
        "sources": {
            "description": "Where inputs lie on this machine: from their names, or references, to "
            "directories.",
            "type": "object",
            "additionalProperties": PATH,
        },
        "project": {
            "description": "Where else configurations begin.",
            **_table(_project(), PROJECT_KEYS),
        },
        "options": {
            "description": "Lists of options (options.json of the manual), by kind of "
            "configuration.",
            **_table(dict.fromkeys(OPTION_KINDS, PATH), OPTION_KINDS),
        },
        "flake": {
            "description": "What is demanded of the inputs of flakes.",
            **_table(_flake(), FLAKE_KEYS),
        },
        "lsp": {"description": "The language server.", **_table(_lsp(), LSP_KEYS)},
    }


def _project() -> dict[str, Schema]:
    files = {"type": "array", "items": PATH}
    return {
        "entry-points": {
            "description": "Files that are the one module of a configuration, or build some; a "
            "directory means its default.nix.",
            "oneOf": [files, _table(dict.fromkeys(OPTION_KINDS, files), OPTION_KINDS)],
        }
    }


def _policy() -> dict[str, Schema]:
    return {
        "max-age-days": {
            "description": "How old a locked input may be (flake-input-outdated).",
            "type": "integer",
            "minimum": 0,
        },
        "require-ref": {
            "description": "What a reference must name (flake-floating-ref).",
            "type": "string",
            "enum": list(REQUIRED_REFS),
        },
        "allowed-owners": _strings("Owners that inputs may come from.", ["NixOS", "nix-*"]),
        "allowed-hosts": _strings("Hosts that inputs may come from.", ["github.com"]),
        "allowed-refs": _strings("Branches and tags that inputs may name.", ["nixos-*"]),
    }


def _flake() -> dict[str, Schema]:
    return {
        **_policy(),
        "nixpkgs-keys": _strings("Which inputs are nixpkgs.", ["nixpkgs"]),
        "caches": _strings("Where else to look for the sources of locked inputs.", []),
        "channels": {"description": "A file that completes the table of releases.", **PATH},
        "inputs": {
            "description": "The same for single inputs.",
            "type": "object",
            "additionalProperties": {"$ref": "#/definitions/policy"},
        },
    }


def _lsp() -> dict[str, Schema]:
    formatter = {"type": "string", "enum": list(FORMATTERS)}
    return {
        "features": {
            "description": "Which features are on; all are by default.",
            **_table({name: {"type": "boolean", "default": True} for name in FEATURES}, FEATURES),
        },
        "formatter": {
            "description": "What formats files.",
            "oneOf": [
                formatter,
                {"type": "array", "items": formatter, "minItems": 1, "maxItems": 1},
            ],
        },
    }


def _table(properties: dict[str, Schema], keys: Iterable[str]) -> Schema:
    """A table with these keys and no others."""
    if set(properties) != set(keys):
        raise ValueError(f"docs/schema.py: wrong keys: {set(properties) ^ set(keys)}")
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _selectors(description: str) -> Schema:
    return {"description": description, "type": "array", "items": SELECTOR}


def _strings(description: str, example: list[str]) -> Schema:
    out: Schema = {"description": description, "type": "array", "items": {"type": "string"}}
    return {**out, "examples": [example]} if example else out


def _flag(description: str, default: bool) -> Schema:
    return {"description": description, "type": "boolean", "default": default}
