"""When projects are looked at, and when a look is broken off, with a worker that is none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest

from nixlint.ide.facts import ProjectFacts
from nixlint_lsp import projects as module
from nixlint_lsp.documents import Documents, OpenDocument
from nixlint_lsp.projects import Projects
from nixlint_lsp.uris import Uris
from nixlint_lsp.workers import BrokenOffError, Worker
from tests.running import write_tree


class SlowWorker:
    """Finds something after a while, and the rest after another."""

    def __init__(self, findings: float, rest: float) -> None:
        self.findings, self.rest = findings, rest
        self.start = 0.0
        self.provisional = False
        self.anew: list[bool] = []
        self.broken_off = 0
        self._look: asyncio.Task[None] | None = None

    async def up(self) -> None:
        await asyncio.sleep(self.start)

    async def call(
        self, _kind: str, arguments: dict[str, Any], early: Callable[[Any], None], first: bool
    ) -> ProjectFacts:
        self.anew.append(arguments["anew"])
        facts = ProjectFacts(arguments["root"])
        facts.provisional = self.provisional and not arguments["anew"]
        self._look = asyncio.create_task(self._wait(lambda: early(facts)))
        try:
            await self._look
        except asyncio.CancelledError:
            self.broken_off += 1
            raise BrokenOffError("") from None
        return facts

    async def _wait(self, early: Callable[[], None]) -> None:
        await asyncio.sleep(self.findings)
        early()
        await asyncio.sleep(self.rest)

    def break_off(self, _kind: str) -> None:
        assert self._look is not None
        self._look.cancel()


class Around:
    """Projects with one flake, and what was published: whether facts were complete."""

    def __init__(self, root: Path, worker: SlowWorker) -> None:
        self.root = str(root)
        self.published: list[bool] = []
        self.projects = Projects(
            cast(Worker, worker),
            Documents(Uris()),
            lambda _facts, complete: self.published.append(complete),
        )
        self.projects.folders = [self.root]

    async def type(self, seconds: float) -> None:
        """Type on and on."""
        for _ in range(int(seconds / 0.02)):
            self.projects.touch(f"{self.root}/a.nix")
            await asyncio.sleep(0.02)

    async def rest(self) -> None:
        while self.projects.busy:
            await asyncio.sleep(0.01)


def run(tmp_path: Path, worker: SlowWorker, use: Callable[[Around], Awaitable[None]]) -> Around:
    root = write_tree(tmp_path.resolve(), {"flake.nix": "{ }", "a.nix": "{ }"})

    async def whole() -> Around:
        around = Around(root, worker)
        await use(around)
        around.projects.close()
        return around

    return asyncio.run(whole())


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (
        ("QUIET", 0.03), ("LONGEST", 0.08), ("OLD_FINDINGS", 0.5), ("OLD_FACTS", 1.2),
        ("SECOND_LOOK", 0.3),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, seconds)


def test_a_change_breaks_off_the_look(tmp_path: Path) -> None:
    worker = SlowWorker(0.3, 0.3)

    async def use(around: Around) -> None:
        around.projects.touch(f"{around.root}/a.nix")
        await asyncio.sleep(0.15)
        around.projects.touch(f"{around.root}/a.nix")
        await around.rest()

    around = run(tmp_path, worker, use)
    assert worker.broken_off == 1
    assert around.published == [False, True]


def test_what_is_opened_is_looked_at_only_if_it_differs(tmp_path: Path) -> None:
    worker = SlowWorker(0.01, 0.01)

    async def use(around: Around) -> None:
        path = f"{around.root}/a.nix"
        around.projects.touch(path)
        await around.rest()
        looks = []
        for text in ("{ }", "{ } # edited"):
            around.projects.opened(OpenDocument(f"file://{path}", path, "nix", 1, text))
            await around.rest()
            looks.append(len(worker.anew))
        assert looks == [1, 2]

    run(tmp_path, worker, use)


def test_what_comes_while_the_worker_starts_is_looked_at_once(tmp_path: Path) -> None:
    worker = SlowWorker(0.2, 0.01)
    worker.start = 0.1

    async def use(around: Around) -> None:
        around.projects.touch_all(soon=True)
        await asyncio.sleep(0.02)
        around.projects.touch(f"{around.root}/a.nix")
        await around.rest()

    around = run(tmp_path, worker, use)
    assert worker.broken_off == 0
    assert around.published == [False, True]


def test_who_types_on_and_on_gets_findings(tmp_path: Path) -> None:
    worker = SlowWorker(0.2, 0.3)

    async def use(around: Around) -> None:
        await around.type(4)
        await around.rest()

    around = run(tmp_path, worker, use)
    # A look that is never left alone takes longer than the time between two changes.
    assert worker.broken_off >= 4
    assert around.published.count(False) >= 3
    assert around.published.count(True) >= 2 and around.published[-1]


def test_a_second_look_from_scratch(tmp_path: Path) -> None:
    worker = SlowWorker(0.01, 0.01)
    worker.provisional = True

    async def use(around: Around) -> None:
        around.projects.touch(f"{around.root}/a.nix")
        await asyncio.sleep(0.2)
        # Whoever goes on comes first.
        around.projects.touch(f"{around.root}/a.nix")
        await asyncio.sleep(0.2)
        assert worker.anew == [False, False]
        await asyncio.sleep(0.5)

    run(tmp_path, worker, use)
    assert worker.anew == [False, False, True]


def test_the_disk_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def ask(folder: str) -> bool:
        asked.append(folder)
        return True

    monkeypatch.setattr(module, "is_project", ask)

    async def use(around: Around) -> None:
        for _ in range(3):
            around.projects.touch(f"{around.root}/a.nix")
            await asyncio.sleep(0.1)
        assert asked == [around.root]
        around.projects.forget_roots()
        around.projects.touch(f"{around.root}/a.nix")
        await around.rest()

    run(tmp_path, SlowWorker(0, 0), use)
    assert len(asked) == 2
