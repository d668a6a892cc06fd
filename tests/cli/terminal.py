"""A terminal with somebody in front of it: a pseudo-terminal that a command has for its own."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

OWN = """
import fcntl, os, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Makes the terminal the process's own, so that Ctrl-C there reaches it, also where the tests were started behind an
`&`, which has it ignored."""
PATIENCE_SECONDS = 120
CTRL_C = b"\x03"


@dataclass
class Terminal:
    """What a command shows, and what is typed at it."""

    process: subprocess.Popen[bytes]
    master: int
    shown: str = ""

    def until(self, text: str) -> str:
        """All that was shown by the time that a text is there."""
        while text not in self.shown:
            piece = self._piece()
            assert piece, f"ended without {text!r}: {self.shown!r}"
            self.shown += piece
        return self.shown

    def type(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def end(self) -> int:
        """The exit status, once the command has ended and all it said is shown."""
        while piece := self._piece():
            self.shown += piece
        return self.process.wait(PATIENCE_SECONDS)

    def _piece(self) -> str:
        ready, _, _ = select.select([self.master], [], [], PATIENCE_SECONDS)
        assert ready, f"nothing was shown for {PATIENCE_SECONDS} s after {self.shown!r}"
        try:
            return os.read(self.master, 65536).decode("utf-8", "replace")
        except OSError:  # the other end is closed
            return ""


@contextmanager
def terminal(*words: str, environment: Mapping[str, str]) -> Iterator[Terminal]:
    """`punctual` at a terminal of 100 columns; it is gone afterwards whatever happens."""
    master, slave = pty.openpty()
    program = [sys.executable, "-c", OWN, sys.executable, "-m", "punctual_cli", *words]
    given = {**os.environ, **environment, "TERM": "xterm", "COLUMNS": "100", "LINES": "40"}
    process = subprocess.Popen(program, stdin=slave, stdout=slave, stderr=slave, env=given, start_new_session=True)
    os.close(slave)
    try:
        yield Terminal(process=process, master=master)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()
        os.close(master)
