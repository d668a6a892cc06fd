"""A machine that performs one command after another: none meets anything of the one before."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from chalicelib.actions import machine, sandbox
from chalicelib.actions.unclean import NOT_CLEAN
from tests.actions.hosting import Host, python
from tests.actions.processes import eventually, processes_with


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder that is to be emptied, with what a command cannot have put there."""
    folder = tmp_path / "shared"
    folder.mkdir()
    return folder


LITTER = """
cd {shared}
echo secret > file; chmod 000 file
mkdir -p a/b/c; echo secret > a/b/c/file; chmod 000 a/b
ln -s /etc link; ln -s {elsewhere} kept; mkfifo pipe; touch -- -rf .hidden
ls -A | wc -l; echo secret > ~/home
"""


def test_a_command_finds_nothing_that_the_one_before_has_left(shared: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("kept")
    host = Host(home=tmp_path, folders=(str(shared),))
    litter = LITTER.format(shared=shared, elsewhere=elsewhere)
    first, second = host.perform(litter, f"ls -A {shared} ~; echo looked")
    assert first["output"] == "7\n"
    assert [line for line in second["output"].splitlines() if line and not line.endswith(":")] == ["looked"]
    assert list(shared.iterdir()) == []
    assert (elsewhere / "kept").read_text() == "kept"


def test_what_was_left_before_the_first_command_is_gone_as_well(shared: Path, tmp_path: Path) -> None:
    (shared / "left").write_text("by a process that was left")
    [answer] = Host(home=tmp_path, folders=(str(shared),)).perform(f"ls -A {shared}")
    assert answer["output"] == ""


def test_a_link_in_the_place_of_a_folder_is_not_followed(shared: Path, tmp_path: Path) -> None:
    (shared / "kept").write_text("kept")
    (tmp_path / "link").symlink_to(shared)
    assert machine.empty(str(tmp_path / "link")) == []
    assert (shared / "kept").read_text() == "kept"


def test_nothing_is_cleaned_on_a_machine_that_others_use_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.this_machine() == machine.Machine()
    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001")  # an emulator says so as well
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "punctual-dev-sandbox")
    monkeypatch.setenv("LAMBDA_TASK_ROOT", "/var/task")
    assert machine.this_machine() == machine.Machine()
    assert (machine.Machine().folders, machine.Machine().strays(), machine.Machine().objects()) == ((), set(), set())


def test_code_that_can_be_written_to_is_not_on_lambda_wherever_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(machine, "_ROOT", tmp_path)
    monkeypatch.setattr(machine, "TASK_ROOT", tmp_path)
    assert machine.this_machine() == machine.Machine()


def test_on_lambda_all_is_cleaned_that_commands_can_leave_something_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_ROOT", "TASK_ROOT"):
        monkeypatch.setattr(machine, name, Path("/is-not-there-and-so-cannot-be-written-to"))
    assert machine.this_machine() == machine.Machine(
        folders=("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue"),
        strays=machine.strays,
        objects=machine.shared_memory,
    )


SYSTEM_V = """
import ctypes
libc = ctypes.CDLL(None)
print("shm", libc.shmget(0, 4096, 0o600))
print("sem", libc.semget(0, 1, 0o600))
print("msg", libc.msgget(0, 0o600))
"""


def test_shared_memory_of_system_v_is_found_and_removed() -> None:
    answer = sandbox.run({"command": python(SYSTEM_V), "timeout_seconds": 10})
    made = {(kind, int(number)) for kind, number in map(str.split, answer["output"].splitlines())}
    assert len(made) == 3
    assert made <= machine.shared_memory()
    machine.remove(made)
    assert made.isdisjoint(machine.shared_memory())


MESSAGE_QUEUE = """
import ctypes, os
librt = ctypes.CDLL("librt.so.1", use_errno=True)
print(librt.mq_open(b"/left", os.O_CREAT | os.O_RDWR, 0o600, None), os.strerror(ctypes.get_errno()))
librt.mq_unlink(b"/left")
"""


def test_a_message_queue_which_would_stay_cannot_be_made() -> None:
    answer = sandbox.run({"command": python(MESSAGE_QUEUE), "timeout_seconds": 10})
    assert answer["output"] == "-1 Too many open files\n"


HIDDEN = """
env -i setsid sh -c 'cd /; trap "" TERM HUP; echo > {ready}; while :; do sleep 0.1; done; : {marker}' >&- 2>&- &
while [ ! -e {ready} ]; do :; done
kill -9 $PPID
sleep 60
"""
"""Leaves a daemon with another session, no environment and closed pipes, after ending who would have ended it."""


def test_a_daemon_that_hides_and_ends_its_supervisor_is_ended(marker: str, tmp_path: Path) -> None:
    host = Host(home=tmp_path)
    [answer] = host.perform(HIDDEN.format(ready=tmp_path / "ready", marker=marker))
    assert "ended by signal 9" in answer["error"]
    assert answer["survivors"] == 0
    assert processes_with(marker) == []


ALL_ABOVE = """
env -i setsid sh -c 'cd /; trap "" TERM HUP; echo > {ready}; while :; do sleep 0.1; done; : {marker}' >&- 2>&- &
while [ ! -e {ready} ]; do :; done
host=$(awk '/^PPid/ {{print $2}}' /proc/$PPID/status)
kill -STOP $host
kill -9 $PPID
kill -9 $host
"""
"""The same, and also ends the process that would adopt the daemon."""


def test_a_daemon_that_ends_all_that_is_above_it_is_ended_before_the_next_command(marker: str, tmp_path: Path) -> None:
    line = ALL_ABOVE.format(ready=tmp_path / "ready", marker=marker)
    assert Host(home=tmp_path).outcome(line) == ([], -signal.SIGKILL)
    assert eventually(lambda: len(processes_with(marker)) == 1)  # the command itself ends a moment after its host
    assert set(processes_with(marker)) <= machine.strays()
    assert os.getpid() not in machine.strays()
    [answer] = Host(home=tmp_path, marker=marker, begin_limit=10.0, hasty=True).perform("echo performed")
    assert answer["output"] == "performed\n"
    assert processes_with(marker) == []


def test_a_machine_with_a_stray_that_stays_begins_nothing(marker: str, tmp_path: Path) -> None:
    assert Host(home=tmp_path).outcome(ALL_ABOVE.format(ready=tmp_path / "ready", marker=marker))[0] == []
    answers, status = Host(home=tmp_path, marker=marker, hasty=True).outcome(f"echo begun > {tmp_path}/begun")
    assert (answers, status) == ([], NOT_CLEAN)
    assert not (tmp_path / "begun").exists()


LISTENER = """
import os, socket, sys, time
if os.fork():
    os.wait()
    sys.exit()
os.setsid()
if os.fork():
    os._exit(0)
there = socket.socket(socket.AF_UNIX)
there.bind("\\0" + sys.argv[1])
there.listen()
time.sleep(60)
"""
TALKER = """
import socket, sys
there = socket.socket(socket.AF_UNIX)
print("met" if there.connect_ex("\\0" + sys.argv[1]) == 0 else "nobody there")
"""


def test_a_command_cannot_talk_to_a_daemon_of_the_one_before(marker: str, tmp_path: Path) -> None:
    _, second = Host(home=tmp_path).perform(python(LISTENER, marker), python(TALKER, marker))
    assert second["output"] == "nobody there\n"
    assert processes_with(marker) == []


def test_a_machine_with_a_survivor_answers_and_then_begins_nothing_more(marker: str, tmp_path: Path) -> None:
    host = Host(home=tmp_path, hasty=True)
    line = HIDDEN.format(ready=tmp_path / "ready", marker=marker)
    answers, status = host.outcome(line, f"echo begun > {tmp_path}/begun")
    assert [answer["survivors"] > 0 for answer in answers] == [True]
    assert status == NOT_CLEAN
    assert not (tmp_path / "begun").exists()


def test_a_survivor_that_goes_in_the_end_costs_no_machine(marker: str, tmp_path: Path) -> None:
    host = Host(home=tmp_path, hasty=True, begin_limit=5.0)
    first, second = host.perform(HIDDEN.format(ready=tmp_path / "ready", marker=marker), "echo performed")
    assert first["survivors"] > 0
    assert second["output"] == "performed\n"
    assert processes_with(marker) == []
