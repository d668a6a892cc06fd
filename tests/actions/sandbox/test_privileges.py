"""A command obtains no privileges, and nothing of the worker that it runs for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.actions import sandbox
from tests.actions.hosting import python
from tests.actions.sandbox.asking import WORKER, run

SECRET = "top-secret-4711"


def test_a_command_has_no_privileges_and_cannot_gain_any() -> None:
    status = run("cat /proc/self/status")["output"]
    assert "NoNewPrivs:\t1\n" in status
    assert "CapEff:\t0000000000000000\n" in status


PROBE = """
p=$$
while [ "$p" -gt 1 ]; do
  echo "at $p"
  tr '\\0' '\\n' < /proc/$p/environ
  cat /proc/$p/mem | head -c 100
  ls -l /proc/$p/fd/ /proc/$p/cwd
  p=$(awk '/^PPid:/ {print $2}' /proc/$p/status)
done
set
"""


def test_a_command_cannot_read_a_worker_that_has_privileges() -> None:
    event = {"command": PROBE, "timeout_seconds": 10, "env": {"MINE": "visible"}}
    worker = subprocess.run(
        python(WORKER),
        input=json.dumps(event),
        capture_output=True,
        text=True,
        check=True,
        env={"AWS_SECRET_ACCESS_KEY": SECRET},
    )
    output = json.loads(worker.stdout)["output"]
    supervisor, above = output.split("at ")[2:4]
    assert "MINE=visible" in output  # the probe does work on what it may read
    assert SECRET not in output
    assert supervisor.count("Permission denied") >= 3
    assert above.count("Permission denied") >= 3


def test_a_command_cannot_read_a_worker_that_has_none_either() -> None:
    inner = {"command": PROBE, "timeout_seconds": 10, "env": {"MINE": "visible"}}
    worker = run(python(WORKER), stdin=json.dumps(inner), env={"AWS_SECRET_ACCESS_KEY": SECRET})
    output = json.loads(worker["output"])["output"]
    supervisor, above = output.split("at ")[2:4]
    assert "MINE=visible" in output
    assert SECRET not in output
    assert supervisor.count("Permission denied") >= 3
    assert above.count("Permission denied") >= 3


def test_the_supervisor_takes_nothing_over_from_the_workers_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interpreter = tmp_path / "python"
    interpreter.write_text(f'#!/bin/sh\nenv > {tmp_path}/environment\nexec {sys.executable} "$@"\n')
    interpreter.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(interpreter))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    assert run("true")["exit_code"] == 0
    environment = (tmp_path / "environment").read_text()
    assert {line.partition("=")[0] for line in environment.splitlines()} <= {"PWD", "_", sandbox.LOADER_VARIABLE}
