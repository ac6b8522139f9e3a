"""Sessions over the wire, with the capabilities of real editors. Whatever the specification does
not allow is an error."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_lsp
from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities
from pytest_lsp.client import register_lsp_features

from tests.running import write_tree

pytestmark = [
    pytest.mark.filterwarnings("error::pytest_lsp.LspSpecificationWarning"),
    pytest.mark.asyncio,
]

FILES = {
    "flake.nix": """{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-24.05";
  inputs.other.url = "github:owner/repo";
  outputs = { self, nixpkgs, ... }: {
    nixosConfigurations.host = nixpkgs.lib.nixosSystem { modules = [ ./one.nix ./two.nix ]; };
  };
}
""",
    "one.nix": """{ lib, ... }:
{
  options.my.port = lib.mkOption { type = lib.types.port; };
  config.my.port = 1;
}
""",
    "two.nix": "{ ... }: { my.port = 2; }\n",
    "broken.nix": "{ a = 1; b = ; }\n",
}
PROFILES = {
    "visual-studio-code": "push",
    "neovim@0.7": "push",
    "neovim@0.11": "pull",
    "emacs": "push",
}


REFRESHES = (
    types.WORKSPACE_CODE_LENS_REFRESH,
    types.WORKSPACE_INLAY_HINT_REFRESH,
    types.WORKSPACE_SEMANTIC_TOKENS_REFRESH,
    types.WORKSPACE_FOLDING_RANGE_REFRESH,
)


class Client(LanguageClient):  # type: ignore[misc,unused-ignore]
    """A client with the capabilities of an editor, which lets servers register capabilities."""

    profile = ""
    root = Path()
    result: types.InitializeResult

    def __init__(self) -> None:
        super().__init__(converter_factory=default_converter)
        register_lsp_features(self)
        self.registered: list[str] = []

        @self.feature(types.CLIENT_REGISTER_CAPABILITY)  # type: ignore[untyped-decorator,unused-ignore]
        def register(params: types.RegistrationParams) -> None:
            self.registered.extend(each.method for each in params.registrations)

        for method in REFRESHES:
            self.feature(method)(lambda *_params: None)


@pytest_lsp.fixture(  # type: ignore[untyped-decorator,unused-ignore]
    scope="module",
    params=list(PROFILES),
    config=ClientServerConfig(
        server_command=[sys.executable, "-m", "nixlint", "lsp"], client_factory=Client
    ),
)
async def client(lsp_client: Client, request: Any, tmp_path_factory: Any) -> AsyncIterator[None]:
    root = write_tree(tmp_path_factory.mktemp("project").resolve(), FILES)
    lsp_client.profile = request.param
    lsp_client.root = root
    folder = types.WorkspaceFolder(root.as_uri(), "project")
    capabilities = client_capabilities(request.param)
    params = types.InitializeParams(capabilities, workspace_folders=[folder])
    lsp_client.result = await lsp_client.initialize_session(params)
    yield
    await lsp_client.shutdown_session()


async def until(look: Callable[[], Any]) -> Any:
    async with asyncio.timeout(20):
        while not (found := look()):
            await asyncio.sleep(0.02)
    return found


def open_text(client: Client, name: str, text: str | None = None) -> str:
    path: Path = client.root / name
    uri = path.as_uri()
    item = types.TextDocumentItem(uri, "nix", 1, text if text is not None else path.read_text())
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    return uri


def close_text(client: Client, uri: str) -> None:
    identifier = types.TextDocumentIdentifier(uri)
    client.text_document_did_close(types.DidCloseTextDocumentParams(identifier))


async def rules(client: Client, uri: str, wanted: set[str]) -> list[types.Diagnostic]:
    """Wait until these rules are among the diagnostics of a text, asked for or pushed."""
    found: list[types.Diagnostic] = []
    async with asyncio.timeout(20):
        while not wanted <= {str(each.code) for each in found} or (not wanted and found):
            await asyncio.sleep(0.02)
            if PROFILES[client.profile] == "pull":
                params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
                report = await client.text_document_diagnostic_async(params)
                found = list(getattr(report, "items", []))
            else:
                found = list(client.diagnostics.get(uri, found))
    return found


async def test_initialize(client: Client) -> None:
    capabilities = client.result.capabilities
    sync = capabilities.text_document_sync
    assert isinstance(sync, types.TextDocumentSyncOptions)
    assert sync.open_close and sync.change == types.TextDocumentSyncKind.Incremental
    pulled = PROFILES[client.profile] == "pull"
    assert (capabilities.diagnostic_provider is not None) == pulled
    expected = {"neovim@0.11": "utf-8", "emacs": "utf-32"}.get(client.profile, "utf-16")
    assert capabilities.position_encoding == expected


async def test_diagnostics_follow_edits(client: Client) -> None:
    text = "# \u2028😀\nlet\n  a = 1;\nin\n2\n"
    uri = open_text(client, "new.nix", text)
    (found,) = await rules(client, uri, {"unused-let-binding"})
    assert found.range == types.Range(types.Position(2, 2), types.Position(2, 3))
    assert found.source == "nixlint"
    document = types.VersionedTextDocumentIdentifier(version=2, uri=uri)
    change = types.TextDocumentContentChangePartial(
        types.Range(types.Position(4, 0), types.Position(4, 1)), "a"
    )
    client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))
    await rules(client, uri, set())
    close_text(client, uri)


async def test_syntax_errors(client: Client) -> None:
    uri = open_text(client, "broken.nix")
    found = await rules(client, uri, {"expected-token"})
    assert found[0].severity == types.DiagnosticSeverity.Error
    close_text(client, uri)


async def test_a_conflict_between_two_modules(client: Client) -> None:
    uri = open_text(client, "one.nix")
    found = await rules(client, uri, {"option-conflict"})
    (conflict,) = [each for each in found if each.code == "option-conflict"]
    two = (client.root / "two.nix").as_uri()
    document = client.capabilities.text_document if client.capabilities is not None else None
    push = document.publish_diagnostics if document is not None else None
    if push is not None and push.related_information:
        places = [each.location.uri for each in conflict.related_information or []]
        assert two in places
    close_text(client, uri)


async def test_the_flake(client: Client) -> None:
    uri = open_text(client, "flake.nix")
    await rules(client, uri, {"unused-flake-input"})
    close_text(client, uri)


async def test_files_that_are_not_open(client: Client) -> None:
    if PROFILES[client.profile] == "push":
        uri = (client.root / "flake.nix").as_uri()
        await until(
            lambda: any(e.code == "unused-flake-input" for e in client.diagnostics.get(uri, ()))
        )
        return
    report = await client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams([]))
    found = {
        each.uri: {item.code for item in each.items}
        for each in report.items
        if isinstance(each, types.WorkspaceFullDocumentDiagnosticReport)
    }
    assert "expected-token" in found[(client.root / "broken.nix").as_uri()]
    assert "unused-flake-input" in found[(client.root / "flake.nix").as_uri()]


async def test_files_are_watched_where_they_can_be(client: Client) -> None:
    workspace = client.capabilities.workspace if client.capabilities is not None else None
    watched = workspace.did_change_watched_files if workspace is not None else None
    if watched is not None and watched.dynamic_registration:
        method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        await until(lambda: method in client.registered)


async def test_nothing_pops_up(client: Client) -> None:
    assert client.messages == []
    assert client.error is None
