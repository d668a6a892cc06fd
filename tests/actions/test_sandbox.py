"""What a command finds in the sandbox, what is kept of it, and that nothing of it is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from chalicelib.actions import sandbox

SANDBOX = Path(sandbox.__file__)
SECRET = "top-secret-4711"


def run(command: str | list[str], **event: Any) -> dict[str, Any]:
    return sandbox.run({"command": command, "timeout_seconds": 10} | event)


def python(program: str, *arguments: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", program, *arguments]


def processes_with(marker: str) -> list[int]:
    """The processes that have the marker among their arguments."""
    found = []
    for arguments in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if marker.encode() in arguments.read_bytes():
                found.append(int(arguments.parent.name))
        except OSError:  # gone meanwhile
            continue
    return found


def eventually(condition: Callable[[], bool]) -> bool:
    """Whether a condition comes true; looks often, and gives up only when something is wrong."""
    give_up_at = time.monotonic() + 10
    while time.monotonic() < give_up_at:
        if condition():
            return True
        time.sleep(0.01)
    return False


@pytest.fixture
def marker() -> Iterator[str]:
    """A word for the arguments of the processes of one test, which are ended however the test ends."""
    marker = f"marker-{uuid.uuid4()}"
    yield marker
    for pid in processes_with(marker):
        os.kill(pid, signal.SIGKILL)


# What a command is, and how it ends


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


# What a command finds


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


def test_a_command_has_no_privileges_and_cannot_gain_any() -> None:
    status = run("cat /proc/self/status")["output"]
    assert "NoNewPrivs:\t1\n" in status
    assert "CapEff:\t0000000000000000\n" in status


WORKER = f"""
import json, sys
sys.path.insert(0, {str(SANDBOX.parents[2])!r})
from chalicelib.actions import sandbox
print(json.dumps(sandbox.run(json.load(sys.stdin))))
"""

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


# What is kept of the output


def test_standard_output_and_error_are_kept_together_in_order() -> None:
    assert run("echo 1; echo 2 >&2; echo 3")["output"] == "1\n2\n3\n"


def test_output_that_is_no_text_is_kept_with_replacements() -> None:
    assert run(r"printf 'a\377\376b'")["output"] == "a��b"


def test_long_output_is_cut_and_does_not_hold_the_command_up() -> None:
    answer = run("head -c 3000000 /dev/zero | tr '\\0' x; echo written >&2; exit 5")
    assert (answer["exit_code"], answer["truncated"], answer["timed_out"]) == (5, True, False)
    assert len(answer["output"].encode()) <= 64 * 1024
    assert "only the first 65536 bytes are kept" in answer["output"]


LAST_WORDS = """
import fcntl, os, signal, time
fcntl.fcntl(1, fcntl.F_SETPIPE_SZ, 1 << 20)  # room for all of it
supervisor = os.getppid()
os.kill(supervisor, signal.SIGSTOP)  # which shall find the command ended and the pipe full
os.write(1, b"x" * 500_000)
if os.fork() == 0:
    while os.getppid() not in (1, supervisor):
        time.sleep(0.001)
    os.kill(supervisor, signal.SIGCONT)
os._exit(0)
"""


def test_the_last_words_of_a_command_are_kept() -> None:
    answer = run(python(LAST_WORDS), output_limit=1_000_000)
    assert (len(answer["output"]), answer["truncated"]) == (500_000, False)


def test_the_event_may_ask_for_less_output() -> None:
    answer = run("head -c 3000 /dev/zero | tr '\\0' x", output_limit=1000)
    assert answer["truncated"]
    assert len(answer["output"]) == 1000


def test_endless_output_ends_with_the_timeout() -> None:
    answer = run("yes", timeout_seconds=0.3)
    assert (answer["timed_out"], answer["truncated"], answer["survivors"]) == (True, True, 0)


def test_output_before_the_timeout_is_kept() -> None:
    assert run("echo before; sleep 60; echo after", timeout_seconds=0.3)["output"] == "before\n"


# How it is stopped, and what is left


def test_a_polite_command_may_finish_when_it_is_told_to_stop() -> None:
    answer = run("trap 'echo cleaned up; exit 7' TERM; while :; do sleep 0.01; done", timeout_seconds=0.3)
    assert (answer["timed_out"], answer["exit_code"]) == (True, 7)
    assert answer["output"].endswith("cleaned up\n")


def test_a_deaf_command_is_killed_with_its_whole_group(marker: str) -> None:
    answer = run(f"trap '' TERM; sh -c 'sleep 60; : {marker}' & sleep 60; : {marker}", timeout_seconds=0.3)
    assert (answer["timed_out"], answer["exit_code"], answer["survivors"]) == (True, 128 + signal.SIGKILL, 0)
    assert processes_with(marker) == []


def test_a_command_that_stops_itself_is_ended_by_the_timeout() -> None:
    answer = run("kill -STOP $$", timeout_seconds=0.3)
    assert (answer["timed_out"], answer["exit_code"]) == (True, 128 + signal.SIGKILL)


def test_a_daemon_that_holds_the_pipe_open_holds_nothing_up_and_is_ended(marker: str) -> None:
    daemon = f"setsid sh -c 'trap \"\" TERM HUP; sleep 60; : {marker}' &"
    answer = run(f"({daemon}) ; sleep 60 & echo done")
    assert (answer["exit_code"], answer["output"], answer["timed_out"], answer["survivors"]) == (0, "done\n", False, 0)
    assert processes_with(marker) == []


def test_a_daemon_that_writes_for_ever_holds_nothing_up_and_is_ended(marker: str) -> None:
    answer = run(python("import os\nif os.fork(): os._exit(0)\nos.setsid()\nwhile True: print('x' * 1000)", marker))
    assert (answer["exit_code"], answer["timed_out"], answer["survivors"]) == (0, False, 0)
    assert processes_with(marker) == []


def test_a_command_that_closes_its_output_is_still_waited_for() -> None:
    assert run("exec >&- 2>&-; sleep 0.1; exit 4")["exit_code"] == 4


BOMB = """
import os, time
for _ in range(7):  # 128 processes, each in a session of its own
    os.fork()
    os.setsid() if os.getpid() != os.getsid(0) else None
print("x", flush=True)
time.sleep(60)
"""


def test_a_fork_bomb_is_ended_to_the_last_process(marker: str) -> None:
    answer = run(python(BOMB, marker), timeout_seconds=1)
    assert (answer["timed_out"], answer["survivors"]) == (True, 0)
    assert answer["output"].count("x") > 1
    assert processes_with(marker) == []


HYDRA = """
import fcntl, os, time
while True:  # keeps forty of itself alive: for each head that is cut off, whoever sees it first grows another
    for n in range(40):
        head = os.open(f"head{n}", os.O_CREAT | os.O_WRONLY)
        try:
            fcntl.flock(head, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(head)
            continue
        if os.fork():
            os.close(head)
"""


def test_a_bomb_that_forks_as_fast_as_it_is_killed_is_ended(marker: str) -> None:
    answer = run(python(HYDRA, marker), timeout_seconds=0.5)
    assert (answer["timed_out"], answer["survivors"]) == (True, 0)
    assert processes_with(marker) == []


FUGITIVE = """
import os
print("x", flush=True)
for _ in range(20_000):  # always another process of another session, never the same for long
    if os.fork():
        os._exit(0)
    os.setsid()
"""


def test_a_process_that_never_stays_the_same_is_caught(marker: str) -> None:
    answer = run(python(FUGITIVE, marker))
    assert (answer["exit_code"], answer["survivors"]) == (0, 0)
    assert processes_with(marker) == []


@pytest.mark.parametrize(
    "command",
    [
        "mkdir a; touch a/b; chmod 000 a .",
        "ln -s / root; ln -s .. up; touch -- -rf",
        "kill -9 $PPID; sleep 60",
    ],
)
def test_the_folder_is_gone_afterwards(
    command: str | list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    run(command)
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_gone_even_where_nobody_has_the_right_to_look_into_it() -> None:
    inner = {"command": "mkdir a; touch a/b; chmod 000 a .", "timeout_seconds": 10}
    worker = run(python(f"{WORKER}import os; print(os.listdir())"), stdin=json.dumps(inner))  # itself without rights
    answer, left = worker["output"].splitlines()
    assert json.loads(answer)["exit_code"] == 0
    assert left == "[]"


def test_wiping_does_not_follow_links(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("kept")
    run(f"ln -s {tmp_path} link; mkdir locked; ln -s {tmp_path} locked/link; chmod 000 locked")
    assert (tmp_path / "kept").read_text() == "kept"


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


def test_a_sandbox_that_is_told_to_stop_before_its_command_has_begun_leaves_nothing(tmp_path: Path) -> None:
    with alone("sleep 60", tmp_path) as process:
        assert eventually(lambda: list(tmp_path.iterdir()) != [])
        process.terminate()
    assert list(tmp_path.iterdir()) == []


def test_commands_side_by_side_do_not_end_each_other() -> None:
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda n: run(f"sleep 60 & sleep 0.{n}; exit {n}"), range(1, 5)))
    assert [answer["exit_code"] for answer in answers] == [1, 2, 3, 4]
