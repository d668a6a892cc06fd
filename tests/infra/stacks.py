"""Starts the local stack, or one part of it, as a person would: in a process of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-m", "infra.local"]
PATIENCE_SECONDS = 60


def part(*arguments: str, **chosen: str) -> subprocess.CompletedProcess[str]:
    """Runs to the end; what it printed and its exit status."""
    environment = {**os.environ, **chosen}
    return subprocess.run(
        [*PROGRAM, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


class Stack:
    """A running stack, or a part that stays."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self.url = self._ready()

    def _ready(self) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            found = re.search(r"ready at (http://\S+)", line)
            if found:
                return found[1]
        raise AssertionError(f"ended with status {self.process.wait()} after saying {self.lines}")

    def ask(self, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
        """The JSON answer of the API."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Token {token}"} if token else {})
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, content, headers, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return json.loads(answer.read() or b"null")

    def stop(self, number: int = signal.SIGINT) -> int:
        """Sends a signal and waits for the end; the exit status."""
        self.process.send_signal(number)
        self.lines += self.process.communicate(timeout=PATIENCE_SECONDS)[0].splitlines(keepends=True)
        return self.process.returncode

    def children(self) -> set[int]:
        """What it has started."""
        return set(descendants(self.process.pid))


def running(*arguments: str, **chosen: str) -> AbstractContextManager[Stack]:
    """A stack on a free port, which is gone afterwards whatever happens."""
    return running_in(ROOT, *arguments, **chosen)


@contextmanager
def running_in(place: Path, *arguments: str, **chosen: str) -> Iterator[Stack]:
    """The stack of a project that stands elsewhere."""
    environment = {**os.environ, "PORT": "0", **chosen}
    process = subprocess.Popen([*PROGRAM, *arguments], cwd=place, env=environment, stdout=subprocess.PIPE, text=True)
    with process:
        try:
            yield Stack(process)
        finally:
            process.kill()


def alive(pid: int) -> bool:
    """Whether a process is there and not only waiting to be buried."""
    return born(pid) is not None


def born(pid: int) -> int | None:
    """When a process was started, in ticks since the machine was: it tells it from a later one with the same number.
    None where there is none, or where it only waits to be buried."""
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except FileNotFoundError:
        return None
    return None if state == "Z" else int(rest[18])


def descendants(pid: int) -> Iterator[int]:
    """The processes that a process has started, and theirs."""
    for child in _children(pid):
        yield child
        yield from descendants(child)


def _children(pid: int) -> list[int]:
    """What each thread of a process has started; threads and processes may end while they are looked at."""
    found: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):
                found += map(int, (thread / "children").read_text(encoding="ascii").split())
    return found
