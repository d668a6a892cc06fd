"""How a command is stopped, and that no process of it is left."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor

from tests.actions.hosting import python
from tests.actions.processes import processes_with
from tests.actions.sandbox.asking import run


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


def test_commands_side_by_side_do_not_end_each_other() -> None:
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda n: run(f"sleep 60 & sleep 0.{n}; exit {n}"), range(1, 5)))
    assert [answer["exit_code"] for answer in answers] == [1, 2, 3, 4]
