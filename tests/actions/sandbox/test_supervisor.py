"""What becomes of a command whose supervisor, or worker, is gone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.actions import sandbox
from tests.actions.hosting import python
from tests.actions.processes import eventually, processes_with
from tests.actions.sandbox.asking import SANDBOX, WORKER, run


def test_a_command_that_kills_its_supervisor_is_an_error_and_leaves_nothing(marker: str) -> None:
    answer = run(f"sh -c 'sleep 60; : {marker}' & (setsid sh -c 'sleep 60; : {marker}' &) ; kill -9 $PPID; sleep 60")
    assert "ended by signal 9" in answer["error"]
    assert answer["survivors"] == 1  # a process that hides its environment would have got away
    assert eventually(lambda: processes_with(marker) == [])


def test_a_supervisor_that_does_not_answer_is_given_up(marker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "ANSWER_MARGIN", -9.5)
    answer = run(f"sleep 60; : {marker}")
    assert "did not answer in time" in answer["error"]
    assert processes_with(marker) == []


def test_a_command_does_not_outlive_a_worker_that_is_killed(marker: str, tmp_path: Path) -> None:
    event = {"command": f"trap '' TERM; echo begun > {tmp_path}/begun; sleep 60; : {marker}", "timeout_seconds": 30}
    worker = subprocess.Popen(python(WORKER), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    with worker:
        assert worker.stdin is not None
        worker.stdin.write(json.dumps(event).encode())
        worker.stdin.close()
        assert eventually((tmp_path / "begun").exists)
        worker.kill()
    assert eventually(lambda: processes_with(marker) == [])


ORPHANED = """#!/bin/sh
IFS= read -r event
exec 9> {ended}
kill -9 $PPID
while grep -q "^PPid:.$PPID$" /proc/$$/status; do :; done
exec {python} "$@" <<END
$event
END
"""
"""An interpreter that begins when whoever started it has asked, and has died before it could say whom to die with."""
ASKING = {
    "a sandbox": "sandbox.run(event)",
    "the local stack": "sandbox_process.SandboxProcesses().invoke(event, 30)",
}


@pytest.mark.parametrize("asking", ASKING)
def test_a_command_is_not_begun_for_somebody_who_died_a_moment_ago(asking: str, tmp_path: Path) -> None:
    interpreter = tmp_path / "python"
    ended = tmp_path / "ended"  # is closed when the last process that has it is gone
    os.mkfifo(ended)
    interpreter.write_text(ORPHANED.format(python=sys.executable, ended=ended))
    interpreter.chmod(0o700)
    worker = f"""
import sys
sys.path.insert(0, {str(SANDBOX.parents[2])!r})
from chalicelib.actions import sandbox
from infra.local.standins import sandbox_process
sys.executable = {str(interpreter)!r}
event = {{"command": "echo > {tmp_path}/begun", "timeout_seconds": 10}}
{ASKING[asking]}
"""
    process = subprocess.Popen(python(worker), stderr=subprocess.DEVNULL, env={"TMPDIR": str(tmp_path)})
    with process:
        ended.read_text()
    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / "begun").exists()


def alone(command: str, folder: Path) -> subprocess.Popen[bytes]:
    """The sandbox as a process of its own, given a command to perform in a folder below this one."""
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(SANDBOX)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env={"TMPDIR": str(folder)},
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps({"command": command, "timeout_seconds": 30}).encode())
    process.stdin.close()
    return process


def test_a_sandbox_that_is_told_to_stop_ends_its_command_and_tidies_up(marker: str, tmp_path: Path) -> None:
    with alone(f"trap '' TERM; touch begun; sleep 60; : {marker}", tmp_path) as process:
        assert eventually(lambda: list(tmp_path.glob("*/begun")) != [])
        process.terminate()
    assert process.returncode == 128 + signal.SIGTERM
    assert processes_with(marker) == []
    assert list(tmp_path.iterdir()) == []


def test_a_sandbox_that_is_told_to_stop_again_and_again_tidies_up_all_the_same(marker: str, tmp_path: Path) -> None:
    with alone(f"touch begun; sleep 60; : {marker}", tmp_path) as process:
        assert eventually(lambda: list(tmp_path.glob("*/begun")) != [])
        while process.poll() is None:
            process.terminate()
    assert process.returncode == 128 + signal.SIGTERM
    assert processes_with(marker) == []
    assert list(tmp_path.iterdir()) == []


def test_a_sandbox_that_is_told_to_stop_before_its_command_has_begun_leaves_nothing(tmp_path: Path) -> None:
    with alone("sleep 60", tmp_path) as process:
        assert eventually(lambda: list(tmp_path.iterdir()) != [])
        process.terminate()
    assert list(tmp_path.iterdir()) == []
