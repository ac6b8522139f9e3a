"""Cases of editors' questions: a text with the cursor as `$0`, and the answer beside it.

A case is `fixtures/lsp/FEATURE/NAME.nix` and `NAME.expected`. What is known of the project stands
in `fixtures/lsp/project.json`. The name of the case says what the file is: `module-…` and `home-…`
are modules of the configurations there, `flake-…` is the flake.nix, `path-…` lies where it is.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nixlint.ide.document import Document
from nixlint.ide.facts import (
    DefinitionFact,
    InputFact,
    OptionFact,
    OptionList,
    ProjectFacts,
    text_hash,
)
from nixlint.ide.model import Place
from nixlint.ide.packages.names import PackageList
from nixlint.ide.packages.reading import read_packages
from nixlint.project.options.index import split_name

FIXTURES = Path(__file__).parent.parent / "fixtures" / "lsp"
NIXPKGS = FIXTURES / "packages" / "nixpkgs"
"""A small source of packages, the input `nixpkgs` of the project."""
CURSOR = "$0"


class Case:
    """A document, the offset of the cursor (0 without one), and the answer that is expected."""

    def __init__(self, path: Path) -> None:
        self.path = path
        marked = path.read_text("utf-8")
        self.offset = max(0, marked.find(CURSOR))
        self.text = marked.replace(CURSOR, "", 1)
        self.expected = path.with_suffix(".expected").read_text("utf-8").strip()
        name = path.stem
        where = f"/project/{name}.nix"
        if name.startswith(("module-", "home-")):
            where = f"/project/modules/{name}.nix"
        elif name.startswith("flake-"):
            where = "/project/flake.nix"
        elif name.startswith("path-"):
            where = str(path)
        self.document = Document(where, self.text)
        self.facts = facts_for(self.document)


def cases(feature: str) -> pytest.MarkDecorator:
    """The parameter `case`: one for each fixture of a feature."""
    paths = sorted((FIXTURES / feature).glob("*.nix"))
    assert paths, f"no fixtures for {feature}"
    return pytest.mark.parametrize("case", [pytest.param(Case(p), id=p.stem) for p in paths])


def facts_for(document: Document) -> ProjectFacts:
    """The project of the fixtures, with a document as one of its files."""
    data: dict[str, Any] = json.loads((FIXTURES / "project.json").read_text("utf-8"))
    facts = ProjectFacts(data["root"])
    facts.options = {name: option_of(name, data["options"][name]) for name in data["options"]}
    for kind, found in data["elsewhere"].items():
        options = {name: option_of(name, {"kind": kind, **found[name]}) for name in found}
        facts.lists[kind] = OptionList(kind, text_hash(json.dumps(found)), options)
    for path, places in data["definitions"].items():
        facts.definitions[path] = [definition_of({"path": path, **each}) for each in places]
    for name, fields in data["inputs"].items():
        facts.inputs[name] = InputFact(name, None)
        for key, value in fields.items():
            setattr(facts.inputs[name], key, value)
    packages, _ = read_packages(str(NIXPKGS))
    facts.packages["nixpkgs"] = PackageList("nixpkgs", "the fixture", packages, True)
    for name, place in data["own packages"].items():
        facts.own_packages[name] = Place(*place)
    facts.used_packages = data["used packages"]
    facts.arguments = data["arguments"]
    facts.kinds = data["configurations"]
    facts.configurations = {name: [] for name in facts.kinds}
    name = document.path.rpartition("/")[2]
    if name.startswith("module-"):
        facts.configurations["host"].append(document.path)
    if name.startswith("home-"):
        facts.configurations["home"].append(document.path)
    facts.hashes[document.path] = text_hash(document.text)
    return facts


def option_of(name: str, fields: dict[str, Any]) -> OptionFact:
    option = OptionFact(name, split_name(name))
    for key, value in fields.items():
        if key != "definitions":
            setattr(option, key, value)
    option.definitions = [definition_of(each) for each in fields.get("definitions", [])]
    return option


def definition_of(fields: dict[str, Any]) -> DefinitionFact:
    definition = DefinitionFact(Place(*fields["place"]), fields["path"])
    for key in ("priority", "wins", "value", "configurations"):
        if key in fields:
            setattr(definition, key, fields[key])
    return definition


def position(document: Document, offset: int) -> str:
    """Line and column from 1."""
    line, column = document.source.position(offset)
    return f"{line + 1}:{column + 1}"
