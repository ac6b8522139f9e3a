"""The extension in Visual Studio Code itself, as code-server in a headless Chromium.

Setting this up takes hundreds of megabytes, so it runs only on demand: `NIXLINT_CODE_SERVER` names
a directory whose `node_modules` hold code-server and playwright-core, and `npm run package` must
have built `lsp/vscode/nixlint.vsix`. CONTRIBUTING.md says how.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.editors_harness import command_under_test, copied_project, environment

ROOT = Path(__file__).resolve().parent.parent
EXTENSION = ROOT / "lsp/vscode"
PACKAGED = EXTENSION / "nixlint.vsix"
NODE_MODULES = os.environ.get("NIXLINT_CODE_SERVER")


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


@pytest.mark.skipif(NODE_MODULES is None, reason="NIXLINT_CODE_SERVER names no code-server")
def test_extension(tmp_path: Path) -> None:
    assert NODE_MODULES is not None
    assert PACKAGED.is_file(), "run `npm run package` in lsp/vscode first"
    project = copied_project(tmp_path)
    command = command_under_test(tmp_path / "bin")
    user = tmp_path / "user"
    (user / "User").mkdir(parents=True)
    settings = {
        "nixlint.command": [str(command), "lsp"],
        "security.workspace.trust.enabled": False,
        "workbench.startupEditor": "none",
    }
    (user / "User/settings.json").write_text(json.dumps(settings), "utf-8")
    surroundings = environment(tmp_path)
    server = ["node", f"{NODE_MODULES}/node_modules/code-server/out/node/entry.js"]
    where = ["--user-data-dir", str(user), "--extensions-dir", str(tmp_path / "extensions")]
    subprocess.run(
        [*server, *where, "--install-extension", str(PACKAGED)], env=surroundings, check=True
    )
    port = free_port()
    address = f"127.0.0.1:{port}"
    log = (tmp_path / "code-server.log").open("wb")
    running = subprocess.Popen(
        [*server, *where, "--auth", "none", "--bind-addr", address, str(project)],
        env=surroundings,
        stdout=log,
        stderr=log,
    )
    try:
        for _ in range(300):
            with socket.socket() as trying:
                if trying.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        picture = os.environ.get("NIXLINT_SCREENSHOT", str(tmp_path / "vscode.png"))
        done = subprocess.run(
            [
                "node",
                str(EXTENSION / "test/session.mjs"),
                f"http://{address}",
                str(project),
                picture,
            ],
            env=surroundings,
            capture_output=True,
            text=True,
            timeout=300,
        )
        seen = json.loads(done.stdout)
        assert "error" not in seen, seen["error"]
        assert any("`unused` is never used" in row for row in seen["problems"])
        assert "services.greeter.message" in seen["hover"]
        assert "What to say to visitors." in seen["hover"]
        assert any("remove `unused`" in row.lower() for row in seen["actions"])
        assert "unused" not in seen["text"]
    finally:
        running.terminate()
        running.wait(20)
        log.close()
