"""What is known of a project: `fixtures/lsp/gather`, a folder and `expected.txt` in each."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import pytest

from nixlint.ide.facts import DefinitionFact, ProjectFacts, text_hash
from nixlint.ide.gathering.gather import Gatherer, gather, is_project, root_for
from nixlint.ide.model import Place
from nixlint.text.source import Source
from tests.project_harness import TODAY
from tests.rule_harness import FIXTURES

CASES = sorted(path for path in (FIXTURES / "lsp" / "gather").iterdir())
EXPECTED = "expected.txt"


class Shown:
    """Writes facts down, with lines and columns from 1 and paths relative to the root."""

    def __init__(self, root: Path, facts: ProjectFacts) -> None:
        self.root = root
        self.facts = facts

    def path(self, path: str) -> str:
        return path.removeprefix(f"{self.root}/")

    def place(self, place: Place | None) -> str:
        if place is None:
            return "?"
        source = Source("", Path(place.path).read_text("utf-8"))
        line, column = source.position(place.start)
        text = source.text[place.start : place.end].partition("\n")[0]
        return f"{self.path(place.path)}:{line + 1}:{column + 1} `{text}`"

    def definition(self, one: DefinitionFact) -> str:
        wins = " wins" if one.wins else ""
        where = ", ".join(one.configurations)
        return f"    {self.place(one.place)} = {one.value} ({one.priority}{wins}; {where})"

    def lines(self) -> list[str]:
        facts = self.facts
        out = [f"file {self.path(path)}" for path in facts.files]
        for path, found in sorted(facts.diagnostics.items()):
            out += [f"finding {self.path(path)} {one.rule}: {one.message}" for one in found]
        for name, files in facts.configurations.items():
            shown = ", ".join(self.path(path) for path in files)
            out.append(f"configuration {name} ({facts.kinds[name]}): {shown}")
        for edge in facts.imports:
            target = self.path(edge.imported)
            out.append(f"import {target} at {self.place(edge.place)} ({edge.certainty})")
        out += [f"unused {self.path(path)}" for path in facts.unused]
        for name, option in sorted(facts.options.items()):
            out.append(f"option {name} ({option.kind}): {option.type}")
            out.append(f"  default {option.default}, example {option.example}")
            if option.description:
                out.append(f"  {option.description}")
            out += [f"  declared at {self.place(place)}" for place in option.declarations]
            out += [f"  {where} is {value}" for where, value in option.values.items()]
            out += [self.definition(one) for one in option.definitions]
        for kind, each in facts.lists.items():
            for name, option in sorted(each.options.items()):
                where = ", ".join(option.declared_in)
                out.append(f"listed {kind} {name}: {option.type}, from {where}")
        for name, definitions in sorted(facts.definitions.items()):
            out.append(f"definition {name}")
            out += [self.definition(one) for one in definitions]
        for name, own in facts.inputs.items():
            out.append(f"input {name} {own.url} at {self.place(own.place)}")
            out.append(f"  {own.rev} of {own.date}, {own.age_days} days old")
            out.append(f"  locked at {self.place(own.lock_place)}")
        for name, what in facts.arguments.items():
            out.append(f"argument {name}: {what}, {self.place(facts.argument_places.get(name))}")
        return out


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIXLINT_TODAY", TODAY)


def copied(name: str, tmp_path: Path) -> Path:
    root = (tmp_path / name).resolve()
    shutil.copytree(FIXTURES / "lsp" / "gather" / name, root)
    (root / EXPECTED).unlink(missing_ok=True)
    return root


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_case(case: Path, tmp_path: Path) -> None:
    root = copied(case.name, tmp_path)
    facts = gather(str(root), {})
    assert facts.failures == []
    facts = pickle.loads(pickle.dumps(facts))
    expected = (case / EXPECTED).read_text("utf-8")
    assert "\n".join([*Shown(root, facts).lines(), ""]) == expected


def test_open_documents_stand_for_files(tmp_path: Path) -> None:
    root = copied("flake", tmp_path)
    host = root / "hosts" / "box.nix"
    gatherer = Gatherer(str(root))
    facts = gatherer.update({})
    assert str(root / "modules" / "forgotten.nix") in facts.unused
    text = host.read_text().replace("./disks.nix", "./disks.nix ../modules/forgotten.nix")
    text = text.replace("8080", "8081")
    facts = gatherer.update({str(host): text})
    assert facts.unused == []
    assert facts.options["site.web.port"].values == {"nixosConfigurations.box": "8081"}
    assert facts.hashes[str(host)] == text_hash(text)
    # While it is broken, the last good text is what counts.
    facts = gatherer.update({str(host): text.replace("};", "}", 1) + "{"})
    assert facts.hashes[str(host)] == text_hash(text)
    assert facts.options["site.web.port"].values == {"nixosConfigurations.box": "8081"}
    # Closed without saving, the file counts again; and so does what happens on disk.
    assert len(gatherer.update({}).unused) == 1
    (root / "modules" / "forgotten.nix").unlink()
    assert gatherer.update({}).unused == []


def test_what_did_not_change_keeps_its_tree(tmp_path: Path) -> None:
    root = copied("flake", tmp_path)
    gatherer = Gatherer(str(root))
    gatherer.update({})
    project = gatherer._project
    assert project is not None
    paths = [str(root / "flake.nix"), str(root / "hosts" / "disks.nix")]
    before = [project.tree(path) for path in paths]
    gatherer.update({paths[1]: "{ }"})
    project = gatherer._project
    assert project is not None
    after = [project.tree(path) for path in paths]
    assert after[0] is before[0] and after[1] is not before[1]


def test_lists_of_options_travel_once(tmp_path: Path) -> None:
    root = copied("listed", tmp_path)
    gatherer = Gatherer(str(root))
    sizes: list[int] = []
    for _ in range(2):
        data = pickle.dumps(gatherer.update({}))
        facts = pickle.loads(data)
        option = facts.option("services.web.enable", frozenset(("nixos",)))
        assert option is not None and option.type == "boolean"
        assert facts.option("services.web.enable", frozenset(("homeManager",))) is None
        sizes.append(data.count(b"Whether to serve"))
    assert sizes == [1, 0]
    # Another list counts at once.
    listed = root / "options.json"
    listed.write_text(listed.read_text().replace("services.web.enable", "services.web.on"))
    facts = pickle.loads(pickle.dumps(gatherer.update({})))
    assert facts.option("services.web.on") is not None
    assert facts.option("services.web.enable") is None


def test_findings_come_early(tmp_path: Path) -> None:
    root = copied("flake", tmp_path)
    seen: list[tuple[int, int]] = []
    gatherer = Gatherer(str(root))
    facts = gatherer.update(
        {}, lambda early: seen.append((len(early.diagnostics), len(early.options)))
    )
    assert seen == [(len(facts.diagnostics), 0)]
    assert facts.diagnostics and facts.options


def test_severities_and_ignored_rules_of_the_configuration(tmp_path: Path) -> None:
    root = copied("flake", tmp_path)
    (root / "nixlint.toml").write_text('ignore = ["unused-flake-input"]\n')
    found = gather(str(root), {}).diagnostics
    assert "unused-flake-input" not in {one.rule for each in found.values() for one in each}
    (root / "nixlint.toml").write_text("ignore = [\n")
    facts = gather(str(root), {})
    assert facts.failures and "nixlint.toml" in facts.failures[0]
    assert facts.diagnostics


def test_a_project_with_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nixlint.ide.gathering.gather.MAX_FILES", 2)
    facts = gather(str(copied("flake", tmp_path)), {})
    assert facts.silent and not facts.diagnostics and not facts.options
    assert facts.inputs["nixpkgs"].date == "2026-05-28" and len(facts.files) == 5


def test_roots(tmp_path: Path) -> None:
    tmp_path = tmp_path.resolve()
    (tmp_path / "flake" / "below").mkdir(parents=True)
    (tmp_path / "flake" / "flake.nix").write_text("{ outputs = _: { }; }")
    (tmp_path / "plain" / "below").mkdir(parents=True)
    (tmp_path / "plain" / "configuration.nix").write_text("{ }")
    (tmp_path / "nothing" / "below").mkdir(parents=True)
    top = [str(tmp_path)]
    for folder, root in (("flake", "flake"), ("plain", "plain"), ("nothing", "")):
        path = str(tmp_path / folder / "below" / "x.nix")
        assert root_for(path, top) == str(tmp_path / root).rstrip("/")
    alone = str(tmp_path / "nothing" / "below")
    assert root_for(alone + "/x.nix") == alone
    assert is_project(str(tmp_path / "flake")) and not is_project(alone)
