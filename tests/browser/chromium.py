"""A headless Chromium, told what to do over two pipes: JSON messages of the DevTools protocol with a NUL after each."""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.infra.stacks import alive, descendants

Message = dict[str, Any]
PROGRAM = "chromium"
MISSING = "There is no Chromium on the PATH: install it (Debian: apt-get install chromium), or run .ci/run, which does."
PATIENCE_SECONDS = 30
"""How long an answer may take before it is taken for lost; this machine may be busy."""
LEAVING_SECONDS = 10
"""Children notice a moment later that their parent has gone."""
FIRST_FREE = 10
"""Descriptors of ours get numbers from here on, so that none of them is 3 or 4, where Chromium expects its pipes."""
LAUNCH = "import os, sys; [os.dup2(int(sys.argv[n]), n + 2) for n in (1, 2)]; os.execvp(sys.argv[3], sys.argv[3:])"
OPTIONS = (
    *("--headless", "--remote-debugging-pipe", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    # It shows our own pages only, and its sandbox needs rights that root and containers do not have.
    "--no-sandbox",
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
    *("--disable-breakpad", "--disable-crash-reporter", "--no-proxy-server", "--password-store=basic"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


class Refused(Exception):
    """Chromium answered a call with an error."""


class Chromium:
    """One running Chromium with a profile of its own. `seen` are all events so far, in order."""

    def __init__(self, folder: Path) -> None:
        if shutil.which(PROGRAM) is None:
            raise FileNotFoundError(MISSING)
        self.seen: list[Message] = []
        self._unread = b""
        self._last_id = 0
        theirs_in, self._to = _pipe()
        self._from, theirs_out = _pipe()
        pipes = (str(theirs_in), str(theirs_out))
        self.process = subprocess.Popen(
            [sys.executable, "-c", LAUNCH, *pipes, PROGRAM, *OPTIONS, f"--user-data-dir={folder}/profile"],
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder)},
            pass_fds=(theirs_in, theirs_out),
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)

    def call(self, method: str, session: str | None = None, **parameters: Any) -> Message:
        """The result of a call, of the browser itself or of one page's session."""
        self._last_id += 1
        asked = {"id": self._last_id, "method": method, "params": parameters}
        self._send(asked if session is None else asked | {"sessionId": session})
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            message = self._next(until)
            if message.get("id") != self._last_id:
                self.seen.append(message)
            elif "error" in message:
                raise Refused(f"{method}: {message['error']}")
            else:
                return dict(message["result"])

    def event(self, wanted: Callable[[Message], bool], since: int) -> int:
        """Where the first event of some kind stands in `seen`, from a place on; waits for it."""
        until = time.monotonic() + PATIENCE_SECONDS
        place = since
        while True:
            while place == len(self.seen):
                self.seen.append(self._next(until))
            if wanted(self.seen[place]):
                return place
            place += 1

    def close(self) -> list[int]:
        """Ends it and whatever it has started; those that would not end."""
        started = [self.process.pid, *descendants(self.process.pid)]
        try:
            self._send({"id": 0, "method": "Browser.close"})
            self.process.wait(PATIENCE_SECONDS)
        finally:
            os.close(self._to)
            os.close(self._from)
            until = time.monotonic() + LEAVING_SECONDS
            while (left := [pid for pid in started if alive(pid)]) and time.monotonic() < until:
                time.sleep(0.05)
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            self.process.wait()
        return left

    def _send(self, message: Message) -> None:
        rest = json.dumps(message).encode() + b"\0"
        while rest:
            rest = rest[os.write(self._to, rest) :]

    def _next(self, until: float) -> Message:
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._from], [], [], max(0.0, until - time.monotonic()))
            piece = os.read(self._from, 1 << 16) if ready else b""
            if not piece:
                raise TimeoutError("Chromium has ended" if ready else f"nothing came for {PATIENCE_SECONDS} s")
            self._unread += piece
        first, _, self._unread = self._unread.partition(b"\0")
        return dict(json.loads(first))


def _pipe() -> tuple[int, int]:
    ends = os.pipe()
    reading, writing = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, FIRST_FREE) for end in ends)
    for end in ends:
        os.close(end)
    return reading, writing
