"""The `sandbox` function, in a child process with an empty environment for each invocation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from chalicelib.actions.sandbox import tell_to_stop

ROOT = Path(__file__).parents[3]
PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from chalicelib.actions.sandbox import main; main()"
END_SECONDS = 8.0
"""What a sandbox that is stopped gets to end its command and to tidy up."""


class SandboxFailed(Exception):
    """The sandbox did not answer: not in time, or not at all."""


class SandboxProcesses:
    """Performs sandbox events in child processes, and can end those that are still at it."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()

    def invoke(self, event: dict[str, Any], seconds: float) -> dict[str, Any]:
        """The answer to one event; `SandboxFailed` when there is none after that many seconds."""
        process = self._start()
        try:
            asked = json.dumps(event | {"parent": os.getpid()}).encode()
            answer, complaint = process.communicate(asked, seconds)
        except subprocess.TimeoutExpired as error:
            raise SandboxFailed(f"no answer after {seconds:.0f} s") from error
        finally:
            self._end(process)
        if process.returncode != 0:
            raise SandboxFailed(f"ended with status {process.returncode}: {_last_line(complaint)}")
        said: dict[str, Any] = json.loads(answer)
        return said

    def end_all(self) -> None:
        """Ends every sandbox that is still at work, with its command."""
        with self._lock:
            running = list(self._running)
        for process in running:
            tell_to_stop(process)
        for process in running:
            _wait_or_kill(process)

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", "-c", PROGRAM, str(ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={},
            cwd="/",
            start_new_session=True,
        )
        with self._lock:
            self._running.add(process)
        return process

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        if process.poll() is None:
            tell_to_stop(process)
            _wait_or_kill(process)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()
        with self._lock:
            self._running.discard(process)


def _wait_or_kill(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _last_line(complaint: bytes) -> str:
    return complaint.decode("utf-8", "replace").strip().rpartition("\n")[2][:200]
