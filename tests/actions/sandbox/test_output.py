"""What is kept of the output of a command."""

from __future__ import annotations

from tests.actions.hosting import python
from tests.actions.sandbox.asking import run


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
