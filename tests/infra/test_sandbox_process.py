"""The sandbox in a child process: its answer, what it can see, and that it ends."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from infra.local.standins.sandbox_process import SandboxFailed, SandboxProcesses
from tests.infra.stacks import descendants


def command(line: str, timeout: int = 30) -> dict[str, Any]:
    return {"command": line, "timeout_seconds": timeout}


def test_a_command_is_performed(tmp_path: Path) -> None:
    answer = SandboxProcesses().invoke(command("echo hello; exit 3"), 30)
    assert (answer["output"], answer["exit_code"]) == ("hello\n", 3)


def test_a_sandbox_without_an_answer_is_given_up() -> None:
    with pytest.raises(SandboxFailed, match="no answer after 1 s"):
        SandboxProcesses().invoke(command("sleep 60", timeout=60), 1)


STOPPING = """
for above in $(awk '/^PPid/ {{print $2}}' /proc/$PPID/status) $PPID; do kill -STOP $above; done
echo $$ > {started}
exec sleep 60
"""


def test_a_command_that_stops_those_above_it_is_ended_when_its_sandbox_is_given_up(tmp_path: Path) -> None:
    started = tmp_path / "pid"
    with pytest.raises(SandboxFailed, match="no answer"):
        SandboxProcesses().invoke(command(STOPPING.format(started=started), timeout=60), 2)
    assert ends(int(started.read_text()))


def test_no_process_of_a_sandbox_has_anything_of_this_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    with at_work(tmp_path) as (_, pid):
        family = {pid, *descendants(os.getpid())}
        assert len(family) >= 3
        assert not [p for p in family if b"canary" in Path(f"/proc/{p}/environ").read_bytes()]


def test_ending_the_sandboxes_ends_their_commands(tmp_path: Path) -> None:
    with at_work(tmp_path) as (sandboxes, pid):
        sandboxes.end_all()
        assert ends(pid)


@contextmanager
def at_work(folder: Path) -> Iterator[tuple[SandboxProcesses, int]]:
    """Sandboxes, one of them at work on a command that does not end by itself, and that command's process."""
    sandboxes, started = SandboxProcesses(), folder / "pid"
    os.mkfifo(started)
    for path in (folder, started):  # the command gives up privileges
        path.chmod(0o777)
    event = command(f"echo $$ > {started}; exec sleep 60", timeout=60)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(sandboxes.invoke, event, 60)
        try:
            yield sandboxes, int(started.read_text())
        finally:
            sandboxes.end_all()
        with pytest.raises(SandboxFailed):
            answer.result()


def ends(pid: int) -> bool:
    """A sandbox that is ended ends its command by itself, which takes a moment."""
    until = time.monotonic() + 30
    while Path(f"/proc/{pid}").exists() and time.monotonic() < until:
        time.sleep(0.01)
    return time.monotonic() < until
