"""Performs one command where nothing of Punctual is: no credentials, no open files, nothing left behind.

`run` starts a *supervisor* (`supervisor.py`): a fresh interpreter with an empty environment, in a session of its
own. It starts the command, listens, stops it at its timeout, ends every process that came from it, wipes its folder
and answers. So the parent of a command never held a secret, commands may be performed side by side, and what a
command does to its own process tree ends with that tree.

Event: `{"command": "<shell line>" | ["argv", ..], "timeout_seconds": n, "env"?: {..}, "stdin"?: "..",
"output_limit"?: bytes}`. Answer: `{"exit_code": n | None, "output": "..", "truncated": bool, "timed_out": bool,
"error": None | "<sentence>", "survivors": n}`. The event may name a `"parent"`: the process that asks, without which
nothing is begun.

* A command ended by signal n has the exit code 128 + n, as in a shell. One that could not be started has 127 (no
  such program) or 126.
* `error` is set when the sandbox, not the command, is what failed.
* `survivors` counts processes that could not be ended, or 1 where that is not known: leave this machine then
  (`machine.py` does).

What a command finds: PATH, HOME, TMPDIR, LANG and the task's own variables; an empty folder as working directory,
HOME and TMPDIR; the task's stdin, or an empty one; no privileges, and no way to gain any (no sudo).

Standard library only, and nothing of its own package: the file also runs alone, as `python -I -S sandbox.py`.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

ANSWER_MARGIN = 10.0
"""Seconds beyond the timeout after which a supervisor is given up: 2 for TERM, 4 for ending, the rest for wiping."""
KILL_MARGIN = 3.0
"""Seconds that a supervisor which was given up gets to end its command and to wipe."""
ENDING_LIMIT = 4.0
"""Seconds spent on ending what a command left behind, before it is counted as having survived."""
STRAYS_LIMIT = 1.0
"""Seconds spent on ending what then got away from its supervisor."""
LOADER_VARIABLE = "LD_LIBRARY_PATH"
"""The one variable passed on: Lambda's interpreter does not start without it, and it is no secret."""
SIGNALLED = 128
"""Plus n: the exit code, as a shell gives it, of what signal n ended."""
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 1, 4, 36

_prctl: Callable[..., int] | None = getattr(ctypes.CDLL(None), "prctl", None)  # Linux only
_ROOT = Path(__file__).resolve().parents[2]
_SUPERVISOR = f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from chalicelib.actions.supervisor import main; main()"


def run(event: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of a supervisor of its own for this command. Never raises for what the command does."""
    hide()
    folder = tempfile.mkdtemp(prefix="punctual-")
    try:
        return _supervised(dict(event) | {"folder": folder, "parent": os.getpid()})
    finally:
        if os.path.lexists(folder):  # something, perhaps the command, ended the supervisor
            _end_strays(folder)
            shutil.rmtree(folder, ignore_errors=True)


def run_alone(event: Mapping[str, Any]) -> dict[str, Any]:
    """The same in a process without any other child: also what got away from its supervisor is ended, and counted."""
    adopt()
    try:
        answer = run(event)
    finally:
        survivors = end_descendants(STRAYS_LIMIT)
    return answer | {"survivors": survivors}


def failed(sentence: str, *, survivors: int = 0) -> dict[str, Any]:
    """The answer when the sandbox, not the command, is what failed."""
    blank = {"exit_code": None, "output": "", "truncated": False, "timed_out": False}
    return blank | {"error": sentence, "survivors": survivors}


def hide() -> None:
    """Keep other processes of the same user from reading this one's environment, memory and open files."""
    control(PR_SET_DUMPABLE, 0)


def adopt() -> None:
    """Become the parent of every orphan below, so that no process of a command can leave the family of this one."""
    control(PR_SET_CHILD_SUBREAPER, 1)


def control(option: int, value: int) -> None:
    """Ask the kernel for something about this process; where it will not, there is nothing to be had."""
    if _prctl:
        _prctl(option, value, 0, 0, 0)


def passed_on() -> dict[str, str]:
    """All that a sandbox takes over from the environment around it."""
    return {LOADER_VARIABLE: os.environ[LOADER_VARIABLE]} if LOADER_VARIABLE in os.environ else {}


def leave(number: int, frame: object) -> None:
    """Handles a signal by ending the process as if it had asked to, so that everything is still tidied up. Another one
    must not break that off: the kernel sends one for each thread of a parent that dies."""
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(SIGNALLED + number)


def main() -> None:
    """One event as JSON on standard input, one answer as JSON on standard output. TERM, or its parent's death, ends it
    and its command, tidily."""
    sys.stdout.write(json.dumps(run_alone(asked())))


def asked() -> dict[str, Any]:
    """The event on standard input, from a parent whose death ends this process from now on.

    The kernel does not tell of a death before it was asked to. Where the event names its parent, that one must be it
    still: nobody would stop what was begun, nor hear the answer.
    """
    signal.signal(signal.SIGTERM, leave)
    control(PR_SET_PDEATHSIG, signal.SIGTERM)
    event: dict[str, Any] = json.loads(sys.stdin.buffer.read())
    if event.pop("parent", os.getppid()) != os.getppid():
        raise SystemExit("whoever asked is gone")
    return event


def tell_to_stop(process: subprocess.Popen[bytes]) -> None:
    """TERM, and CONT: a process that its command has stopped would not hear of the first."""
    process.terminate()
    process.send_signal(signal.SIGCONT)


def end_descendants(limit: float = ENDING_LIMIT) -> int:
    """Stop and then kill all that came from this process, until nothing is left; how many would not go in `limit` s.

    For a process that adopts its orphans: it is an ancestor of them all, also of those that left group and session.
    Without children there are no descendants.
    """
    end(descendants, limit, while_there_are=reap)
    return len(descendants()) if reap() else 0


def end(find: Callable[[], set[int]], limit: float, *, while_there_are: Callable[[], object]) -> None:
    """Kill what is found, again and again. It is stopped first, or a bomb would fork faster than it is killed."""
    give_up_at = time.monotonic() + limit
    while while_there_are() and time.monotonic() < give_up_at:
        stopped: set[int] = set()
        while (running := find() - stopped) and time.monotonic() < give_up_at:
            _signal(running, signal.SIGSTOP)
            stopped |= running
        _signal(find(), signal.SIGKILL)
        time.sleep(0.001)


def reap(child: subprocess.Popen[bytes] | None = None) -> bool:
    """Take the exit status of each child that ended, the command's or an adopted orphan's; whether any is left."""
    try:
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if child and ended[0] == child.pid:
                child.returncode = os.waitstatus_to_exitcode(ended[1])
    except ChildProcessError:
        return False
    return True


def descendants() -> set[int]:
    """All living processes that came from this one, however far down."""
    parents: dict[int, int] = {}
    for name in filter(str.isdigit, names("/proc")):
        with suppress(OSError), open(f"/proc/{name}/stat", "rb") as stat:
            state, parent = stat.read().rpartition(b")")[2].split()[:2]
            if state != b"Z":
                parents[int(name)] = int(parent)
    found = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {os.getpid()}


def names(folder: str) -> Sequence[str]:
    """What is in a folder; nothing where nobody may look."""
    with suppress(OSError):
        return os.listdir(folder)
    return ()


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _supervised(event: dict[str, Any]) -> dict[str, Any]:
    supervisor = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _SUPERVISOR],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=passed_on(),
        cwd="/",
        start_new_session=True,
    )
    with supervisor:
        try:
            answer, complaint = supervisor.communicate(json.dumps(event).encode(), _waiting(event))
        except subprocess.TimeoutExpired:
            _give_up(supervisor)
            return failed("the sandbox did not answer in time and was given up", survivors=1)
        except BaseException:  # whoever asked is being ended: so is what was asked
            _give_up(supervisor)
            raise
    try:
        return dict(json.loads(answer))
    except ValueError:
        return failed(_why(supervisor.returncode, complaint), survivors=1)


def _end_strays(folder: str) -> None:
    """Kill what was started with this folder as HOME or TMPDIR. What hides its environment gets away."""
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if f"={folder}\0".encode() in environment.read_bytes():
                os.kill(int(environment.parent.name), signal.SIGKILL)


def _waiting(event: Mapping[str, Any]) -> float:
    return float(event["timeout_seconds"]) + ANSWER_MARGIN


def _give_up(supervisor: subprocess.Popen[bytes]) -> None:
    tell_to_stop(supervisor)
    try:
        supervisor.wait(KILL_MARGIN)
    except subprocess.TimeoutExpired:
        supervisor.kill()


def _why(status: int, complaint: bytes) -> str:
    if status < 0:
        return f"the sandbox was ended by signal {-status}, perhaps by the command or for lack of memory"
    last_line = complaint.decode("utf-8", "replace").strip().rpartition("\n")[2]
    return f"the sandbox ended with status {status} and no answer: {last_line[:200]}"


if __name__ == "__main__":
    main()
