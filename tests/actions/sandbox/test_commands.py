"""What a command is in the sandbox, how it ends, and what it finds there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from chalicelib.actions import sandbox
from tests.actions.sandbox.asking import SANDBOX, run


def test_a_shell_line_goes_through_the_shell_and_a_list_does_not() -> None:
    assert run("echo $((1 + 1)) && echo two")["output"] == "2\ntwo\n"
    assert run(["echo", "$((1 + 1))", "&&"])["output"] == "$((1 + 1)) &&\n"


@pytest.mark.parametrize(
    ("command", "exit_code"),
    [
        ("true", 0),
        ("exit 3", 3),
        ("kill -9 $$", 128 + signal.SIGKILL),
        ("kill -TERM $$", 128 + signal.SIGTERM),
        (["no-such-program"], 127),
        (["/etc/passwd"], 126),
        (["/"], 126),
    ],
)
def test_the_exit_code_is_kept_as_a_shell_would_give_it(command: str | list[str], exit_code: int) -> None:
    answer = run(command)
    assert (answer["exit_code"], answer["timed_out"], answer["error"]) == (exit_code, False, None)


def test_a_command_that_cannot_be_started_says_why_in_its_output() -> None:
    assert run(["no-such-program"])["output"] == (
        "the command could not be started: No such file or directory: no-such-program\n"
    )


@pytest.mark.parametrize("event", [{"command": ["echo", "a\0b"]}, {"command": "true", "env": {"A=B": "c"}}])
def test_what_no_system_can_start_is_an_error_of_the_sandbox(event: dict[str, Any]) -> None:
    answer = sandbox.run({"timeout_seconds": 10} | event)
    assert answer["exit_code"] is None
    assert "could not be started" in answer["error"]


def test_an_event_that_makes_no_sense_is_an_error_not_an_exception() -> None:
    assert "KeyError" in sandbox.run({"timeout_seconds": 10})["error"]


def test_it_runs_alone_with_the_standard_library_only_and_an_empty_environment() -> None:
    asked = json.dumps({"command": "echo alone", "timeout_seconds": 10}).encode()
    answer = subprocess.run(
        [sys.executable, "-I", "-S", str(SANDBOX)], input=asked, capture_output=True, env={}, cwd="/", check=True
    )
    assert json.loads(answer.stdout) == {
        "exit_code": 0,
        "output": "alone\n",
        "truncated": False,
        "timed_out": False,
        "error": None,
        "survivors": 0,
    }


def test_the_environment_is_clean_apart_from_the_tasks_own_variables() -> None:
    lines = run(["env"], env={"REGION": "eu", "LANG": "de_DE"})["output"].splitlines()
    names = {line.partition("=")[0] for line in lines} - {sandbox.LOADER_VARIABLE}
    assert names == {"PATH", "HOME", "TMPDIR", "LANG", "REGION"}
    assert {"REGION=eu", "LANG=de_DE"} <= set(lines)


def test_stdin_is_the_tasks_or_empty() -> None:
    assert run("cat", stdin="from the task: ☃\n")["output"] == "from the task: ☃\n"
    assert run("cat; echo end")["output"] == "end\n"


def test_a_command_that_does_not_read_its_stdin_is_not_held_up_by_it() -> None:
    assert run("exec <&-; echo done", stdin="x" * 200_000)["output"] == "done\n"


def test_the_folder_is_empty_private_and_the_commands_home() -> None:
    answer = run('ls -A; stat -c %a .; touch a; [ "$PWD" = "$HOME" ] && [ "$PWD" = "$TMPDIR" ] && ls')
    assert answer["output"] == "700\na\n"


def test_only_the_three_standard_descriptors_are_open() -> None:
    inherited = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(inherited, True)
    try:
        assert run("ls /proc/$$/fd")["output"].split() == ["0", "1", "2"]
    finally:
        os.close(inherited)


def test_limits_are_in_force() -> None:
    assert run("ulimit -c; ulimit -n; ulimit -f; ulimit -t", timeout_seconds=5)["output"].split() == [
        "0",
        "1024",
        str(512 * 1024 * 1024 // 512),
        str(5 * (os.cpu_count() or 1) + 10),
    ]
