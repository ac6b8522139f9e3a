"""Real processes: the server and its workers end when they should, and only then."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from nixlint.analysis.config import Overrides
from nixlint_lsp.worker import FILES, GATHER
from nixlint_lsp.workers import BrokenOffError, Worker, WorkerError
from tests.running import write_tree

SERVER = [sys.executable, "-m", "nixlint", "lsp"]
SOON = 1.0 + os.getloadavg()[0] / (os.cpu_count() or 1) / 2
"""A second, and more while the machine is busy with other things."""
FLAKE = "{ outputs = { self }: { x = 1; }; }\n"

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")


def send(stream: IO[bytes], message: object) -> None:
    data = json.dumps(message).encode()
    stream.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    length = 0
    while line := stream.readline().strip():
        name, _colon, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return json.loads(stream.read(length))


def answer_to(stream: IO[bytes], number: int) -> Any:
    while True:
        message = receive(stream)
        if message.get("id") == number and "method" not in message:
            return message


def children(process: int) -> list[int]:
    """The living children of a process."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == process and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def gone_within(processes: list[int], seconds: float) -> bool:
    """Whether processes end within so many seconds."""
    deadline = time.monotonic() + seconds
    while any(alive(each) for each in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def initialize(stream_in: IO[bytes], stream_out: IO[bytes], root: Path, parent: int) -> None:
    params = {"processId": parent, "rootUri": root.as_uri(), "capabilities": {}}
    send(stream_in, {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params})
    assert "result" in answer_to(stream_out, 1)
    send(stream_in, {"jsonrpc": "2.0", "method": "initialized", "params": {}})


class Running:
    """A server with a worker."""

    def __init__(self, root: Path, parent: int | None = None) -> None:
        self.process = subprocess.Popen(
            SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert self.process.stdin is not None and self.process.stdout is not None
        self.stdin, self.stdout = self.process.stdin, self.process.stdout
        initialize(self.stdin, self.stdout, root, parent if parent is not None else os.getpid())
        deadline = time.monotonic() + 20
        while not children(self.process.pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        self.workers = children(self.process.pid)
        assert self.workers

    @property
    def all(self) -> list[int]:
        return [self.process.pid, *self.workers]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    found = Running(write_tree(tmp_path, {"flake.nix": FLAKE}))
    yield found
    for each in found.all:
        if alive(each):
            os.kill(each, signal.SIGKILL)
    found.process.wait()
    for stream in (found.stdin, found.stdout, found.process.stderr):
        if stream is not None:
            try:
                stream.close()
            except BrokenPipeError:
                continue


def test_shutdown_and_exit(running: Running) -> None:
    send(running.stdin, {"jsonrpc": "2.0", "id": 2, "method": "shutdown"})
    assert answer_to(running.stdout, 2)["result"] is None
    send(running.stdin, {"jsonrpc": "2.0", "method": "exit"})
    assert gone_within(running.all, SOON)
    assert running.process.wait() == 0


def test_exit_alone(running: Running) -> None:
    send(running.stdin, {"jsonrpc": "2.0", "method": "exit"})
    assert gone_within(running.all, SOON)
    assert running.process.wait() == 1


def test_end_of_input(running: Running) -> None:
    running.stdin.close()
    assert gone_within(running.all, SOON)


def test_a_client_that_does_not_read(running: Running) -> None:
    for number in range(3000):
        message = {"jsonrpc": "2.0", "id": number + 10, "method": "x" * 100, "params": {}}
        send(running.stdin, message)
    send(running.stdin, {"jsonrpc": "2.0", "method": "exit"})
    assert gone_within(running.all, 10.0)


def test_the_server_is_killed(running: Running) -> None:
    os.kill(running.process.pid, signal.SIGKILL)
    assert gone_within(running.all, SOON)


def test_the_server_is_asked_to_end(running: Running) -> None:
    os.kill(running.process.pid, signal.SIGTERM)
    assert gone_within(running.all, SOON)


def test_the_client_dies_and_leaves_the_pipes_open(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as parent:
        found = Running(write_tree(tmp_path, {"flake.nix": FLAKE}), parent.pid)
        assert all(alive(each) for each in found.all)
        parent.kill()
        assert gone_within(found.all, SOON)
        found.process.wait()


def test_a_worker_that_dies_is_replaced(running: Running, tmp_path: Path) -> None:
    for each in running.workers:
        os.kill(each, signal.SIGKILL)
    item = {"uri": (tmp_path / "flake.nix").as_uri(), "languageId": "nix", "version": 1}
    params = {"textDocument": {**item, "text": FLAKE}}
    send(running.stdin, {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": params})
    deadline = time.monotonic() + 10
    while not [each for each in children(running.process.pid) if each not in running.workers]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    running.workers += children(running.process.pid)
    send(running.stdin, {"jsonrpc": "2.0", "id": 9, "method": "shutdown"})
    assert answer_to(running.stdout, 9)["result"] is None


def test_tcp(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*SERVER, "--tcp", "127.0.0.1:0"], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
    ) as process:
        assert process.stderr is not None
        line = process.stderr.readline().decode()
        found = re.search(r"listening on 127\.0\.0\.1:(\d+)", line)
        assert found is not None, line
        with socket.create_connection(("127.0.0.1", int(found[1]))) as connection:
            stream_in, stream_out = connection.makefile("wb"), connection.makefile("rb")
            initialize(stream_in, stream_out, tmp_path, os.getpid())
            stream_in.close()
            stream_out.close()
        assert gone_within([process.pid], SOON)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("0.0.0.0:9257", "loopback"),
        ("example.org:9257", "loopback"),
        ("9257", "HOST:PORT"),
        ("127.0.0.1:x", "HOST:PORT"),
        ("127.0.0.1:99999", "HOST:PORT"),
    ],
)
def test_tcp_on_this_machine_only(option: str, said: str) -> None:
    found = subprocess.run([*SERVER, "--tcp", option], capture_output=True, check=False)
    assert found.returncode == 2
    assert said in found.stderr.decode()


def test_the_log_goes_to_a_file(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [*SERVER, "--log-file", str(log), "--log-level", "debug"]
    found = subprocess.run(command, input=b"", capture_output=True, check=False)
    assert found.returncode == 1 and found.stderr == b"" and log.exists()
    command = [*SERVER, "--log-file", str(tmp_path / "no" / "log")]
    found = subprocess.run(command, input=b"", capture_output=True, check=False)
    assert found.returncode == 2 and b"cannot write" in found.stderr


def test_workers(tmp_path: Path) -> None:
    arguments = {"overrides": Overrides(), "generation": 1, "folders": [str(tmp_path)]}
    write_tree(tmp_path, {"a.nix": "1\n"})

    async def test() -> None:
        worker = Worker(time_limit=20)
        try:
            ((path, _time, size),) = await worker.call(FILES, arguments)
            assert (path, size) == (str(tmp_path.resolve() / "a.nix"), 2)
            with pytest.raises(WorkerError, match="unknown job"):
                await worker.call("nonsense", arguments)
            assert worker.process is not None
            first = worker.process.pid
            worker.process.send_signal(signal.SIGSTOP)
            worker.time_limit = 0.3
            with pytest.raises(WorkerError, match="took more than"):
                await worker.call(FILES, arguments)
            worker.time_limit = 20
            assert await worker.call(FILES, arguments)
            assert worker.process.pid != first and not alive(first)
            last = worker.process
        finally:
            worker.close()
        async with asyncio.timeout(SOON):
            await last.wait()
        with pytest.raises(WorkerError):
            await worker.call(FILES, arguments)

    asyncio.run(test())


SLOW = """\
{
  outputs = { self }: {
    nixosConfigurations = let f = n: if n < 2 then n else f (n - 1) + f (n - 2); in f 40;
  };
}
"""


def test_a_look_is_broken_off(tmp_path: Path) -> None:
    root = write_tree(tmp_path.resolve(), {"flake.nix": SLOW})
    arguments = {"overrides": Overrides(), "generation": 1, "root": str(root), "texts": {},
                 "anew": False}  # fmt: skip

    async def test() -> None:
        worker = Worker()
        try:
            await worker.call(FILES, {**arguments, "folders": [str(root)]})
            assert worker.process is not None
            process = worker.process.pid
            look = asyncio.create_task(worker.call(GATHER, arguments))
            await asyncio.sleep(0.8)
            worker.break_off(FILES)
            assert not look.done()
            worker.break_off(GATHER)
            started = time.monotonic()
            with pytest.raises(BrokenOffError):
                await look
            assert time.monotonic() - started < SOON
            # The next one is done, by the same process.
            (root / "flake.nix").write_text(FLAKE)
            facts = await worker.call(GATHER, arguments)
            assert facts.failures == [] and facts.files == [str(root / "flake.nix")]
            assert worker.process.pid == process
            last = worker.process
        finally:
            worker.close()
        async with asyncio.timeout(SOON):
            await last.wait()

    asyncio.run(test())
