"""Supervises one command: starts it, listens, stops it in time, and leaves nothing of it. See `sandbox.py`.

For a process that does nothing else: it gives up privileges, becomes the subreaper of all that comes from the command,
and ends every process below itself. Standard library only, apart from its two neighbours that need no more either.
"""

from __future__ import annotations

import json
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from chalicelib.actions.output import KeptOutput
from chalicelib.actions.sandbox import (
    ENDING_LIMIT,
    SIGNALLED,
    adopt,
    asked,
    control,
    end_descendants,
    failed,
    hide,
    names,
    passed_on,
    reap,
)

OUTPUT_LIMIT = 64 * 1024
"""Bytes kept when the event does not say; the same number as in `core.run`, which cannot be imported here."""
TERM_GRACE = 2.0
"""Seconds between TERM and KILL: time to flush and to remove a lock file."""
LISTENING = 0.02
"""Seconds between two looks at a silent command: the most that this adds to its duration."""
READING = 64 * 1024
"""Bytes of one read: what a pipe holds."""

NOT_STARTED, NOT_FOUND = 126, 127
"""Exit codes as a shell gives them."""

FILE_SIZE_LIMIT = 512 * 1024 * 1024
"""Bytes of one file: as much as Lambda's own temporary folder holds."""
OPEN_FILES_LIMIT = 1024
CPU_MARGIN = 10
"""Seconds of processor time beyond all that the timeout allows: a net under the timeout, not a second one."""
PROCESS_MARGIN = 512
"""Processes and threads beyond those its user already has, since the kernel counts by user. Root is not counted."""
PATH = "/usr/local/bin:/usr/bin:/bin:/var/lang/bin:/opt/bin"
"""The usual places, then Lambda's own (interpreters, layers)."""

PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 24, 38
CAPABILITIES = 64


def main() -> None:
    """One event as JSON on standard input, one answer as JSON on standard output. Dies with its parent, tidily."""
    sys.stdout.write(json.dumps(supervise(asked())))


def supervise(event: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to the event; whatever happens, no process of the command is left and its folder is gone."""
    _give_up_privileges()
    _limit(cpu_seconds=int(event["timeout_seconds"] * (os.cpu_count() or 1)) + CPU_MARGIN)
    try:
        return _perform(event)
    finally:
        end_descendants()
        wipe(event["folder"])


def _perform(event: Mapping[str, Any]) -> dict[str, Any]:
    output = KeptOutput(event.get("output_limit", OUTPUT_LIMIT))
    try:
        child = _start(event)
    except OSError as error:
        output.add(f"the command could not be started: {error.strerror}: {error.filename}\n".encode())
        return _answer(output, exit_code=NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_STARTED)
    except (ValueError, subprocess.SubprocessError) as error:
        return failed(f"the command could not be started: {error}")
    assert child.stdout is not None
    listener = _Listener(child.stdout.fileno(), output)
    timed_out = _watch(child, listener, float(event["timeout_seconds"]))
    survivors = end_descendants()
    listener.drain()
    child.stdout.close()
    return _answer(output, exit_code=_exit_code(child.returncode), timed_out=timed_out, survivors=survivors)


def _answer(output: KeptOutput, **known: Any) -> dict[str, Any]:
    text, truncated = output.text()
    blank = {"exit_code": None, "timed_out": False, "error": None, "survivors": 0}
    return blank | {"output": text, "truncated": truncated} | known


def _exit_code(status: int | None) -> int | None:
    return SIGNALLED - status if status is not None and status < 0 else status


def _start(event: Mapping[str, Any]) -> subprocess.Popen[bytes]:
    command: str | list[str] = event["command"]
    folder: str = event["folder"]
    base = {"PATH": PATH, "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8"}
    with tempfile.TemporaryFile() as stdin:
        stdin.write(event.get("stdin", "").encode())
        stdin.seek(0)
        return subprocess.Popen(
            ["/bin/sh", "-c", command] if isinstance(command, str) else command,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=base | passed_on() | dict(event.get("env", {})),
            cwd=folder,
            start_new_session=True,
        )


def _watch(child: subprocess.Popen[bytes], listener: _Listener, timeout: float) -> bool:
    """Listen until the command has ended, by itself or by TERM and then KILL; whether it had to be stopped."""
    stop_at = time.monotonic() + timeout
    stops = [(stop_at, signal.SIGTERM), (stop_at + TERM_GRACE, signal.SIGKILL)]
    give_up_at = stop_at + TERM_GRACE + ENDING_LIMIT
    timed_out = False
    while child.returncode is None and time.monotonic() < give_up_at:
        listener.listen(LISTENING)
        reap(child)
        if child.returncode is None and stops and time.monotonic() >= stops[0][0]:
            timed_out = True
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, stops.pop(0)[1])
    return timed_out


class _Listener:
    """Takes what a command writes from a pipe, without ever waiting for the pipe to be closed."""

    def __init__(self, pipe: int, output: KeptOutput) -> None:
        self._pipe = pipe
        self._output = output
        self._closed = False

    def listen(self, seconds: float) -> None:
        """Take what is there; if nothing is, wait so long for something."""
        if self._closed:
            time.sleep(seconds)
        elif select.select([self._pipe], [], [], seconds)[0]:
            written = os.read(self._pipe, READING)
            self._closed = not written
            self._output.add(written)

    def drain(self, most: int = 64) -> None:
        """Take what is still there. Bounded: a survivor might write for ever."""
        while most and not self._closed and select.select([self._pipe], [], [], 0)[0]:
            self.listen(0)
            most -= 1


def wipe(folder: str) -> None:
    """Remove the folder, also where the command took its own permissions away or nested it very deeply."""
    with suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if os.path.lexists(folder):
        for tool in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
            with suppress(OSError):
                subprocess.run([*tool, folder], env={"PATH": PATH}, capture_output=True, check=False)


def _give_up_privileges() -> None:
    """Become unreadable, the subreaper of all descendants, and unable to pass on a privilege (also root's own)."""
    hide()
    adopt()
    control(PR_SET_NO_NEW_PRIVS, 1)
    for capability in range(CAPABILITIES):
        control(PR_CAPBSET_DROP, capability)


def _limit(cpu_seconds: int) -> None:
    """Bound what this process, and each one that comes from it, may take of the machine."""
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: FILE_SIZE_LIMIT,
        resource.RLIMIT_NOFILE: OPEN_FILES_LIMIT,
        resource.RLIMIT_NPROC: _processes_allowed(),
        resource.RLIMIT_MSGQUEUE: 0,  # a message queue outlives whoever made it, and not every machine can list them
    }
    for what, wanted in limits.items():
        hard = resource.getrlimit(what)[1]
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(what, (most, most))


def _processes_allowed() -> int:
    mine = [name for name in filter(str.isdigit, names("/proc")) if _owner(f"/proc/{name}") == os.getuid()]
    return sum(len(names(f"/proc/{name}/task")) for name in mine) + PROCESS_MARGIN


def _owner(path: str) -> int | None:
    with suppress(OSError):
        return os.stat(path).st_uid
    return None
