"""A session of pytest fails when its calls and the policies differ, in however many processes it ran."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONFTEST = """
import pytest
from tests.policies.plugin import Policies

def pytest_configure(config):
    config.pluginmanager.register(Policies(config), "policies")
"""
QUEUE = "arn:aws:sqs:us-east-1:123456789012:punctual-proof-passes"
MADE = """
from tests.policies.calls import Permission
from tests.policies.recording import Call, recorded

def test_a_call():
    recorded.add(Call("coordinator", Permission("{action}", "{queue}")))
"""


def session(folder: Path, action: str, *arguments: str) -> tuple[int, list[str]]:
    """The exit status of a session in which the coordinator makes one call, and what it printed."""
    (folder / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (folder / "test_made.py").write_text(MADE.format(action=action, queue=QUEUE), encoding="utf-8")
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--rootdir",
            ".",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:schemathesis",
            *arguments,
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout.splitlines()


@pytest.mark.parametrize("processes", ["-n0", "-n2"])
def test_a_call_that_no_policy_allows_fails_the_session(tmp_path: Path, processes: str) -> None:
    status, lines = session(tmp_path, "sqs:PurgeQueue", processes, "test_made.py")
    told = f"coordinator: sqs:PurgeQueue on {QUEUE} is called"
    assert status == 1
    assert any(line.startswith(told) for line in lines)
    assert re.search(r"1 passed, 1 error", lines[-1])


def test_a_part_of_the_suite_may_leave_grants_unused_and_all_of_it_may_not(tmp_path: Path) -> None:
    status, lines = session(tmp_path, "sqs:SendMessage", "-n0", "test_made.py")
    assert (status, "1 passed" in lines[-1]) == (0, True)
    status, lines = session(tmp_path, "sqs:SendMessage", "-n0")
    assert status == 1
    assert any(line.startswith("coordinator: CountTheShards allows dynamodb:GetItem on") for line in lines)
    assert not any(line.startswith("coordinator: SendPasses allows sqs:SendMessage") for line in lines)
