"""The tutorial, step by step, as it stands there: in a copy of the checkout, with a stack of its own.

A block with the name of a file becomes that file. A block of `sh` is executed, one that says `background` stays; a
block of `text` holds what the one before it prints: each line of it, in this order. Ports are other ones, because those
of the tutorial may be taken.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.docs.blocks import Block, blocks_of
from tests.infra.stacks import ROOT

NEEDED = ("app.py", "Makefile", "requirements-dev.lock", "requirements.txt", "pyproject.toml")
FOLDERS = ("chalicelib", "infra", "sdk", ".chalice")
PATIENCE_SECONDS = 120
OWN_PORTS = ("8000", "8001")


def copied(folder: Path) -> Path:
    """The checkout, as far as it is needed to run Punctual, with the environment that these tests run in."""
    environment = Path(sys.prefix)
    assert filecmp.cmp(environment / "made-from", ROOT / "requirements-dev.lock"), (
        "make would set up another environment"
    )
    for name in NEEDED:
        shutil.copy(ROOT / name, folder / name)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "deployments"))
    (folder / ".venv").symlink_to(environment)
    return folder


def shell_in(folder: Path, port: str) -> Mapping[str, str]:
    """The environment of a shell in which `pip install ./sdk` was done."""
    program = folder / "bin" / "punctual"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nPYTHONPATH={folder}/sdk/src exec {sys.executable} -m punctual_cli "$@"\n')
    program.chmod(0o755)
    known = {name: value for name, value in os.environ.items() if not name.startswith(("PUNCTUAL_", "MAKE", "XDG_"))}
    return known | {"PATH": f"{program.parent}:{os.environ['PATH']}", "HOME": str(folder), "PORT": port}


def free_ports() -> list[str]:
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return [str(each.getsockname()[1]) for each in (one, other)]


class Reader:
    """Somebody who does what the tutorial says."""

    def __init__(self, folder: Path, ports: list[str]) -> None:
        self.folder, self.ports, self.shell = (
            folder,
            dict(zip(OWN_PORTS, ports, strict=True)),
            shell_in(folder, ports[0]),
        )
        self.started: list[subprocess.Popen[str]] = []
        self.said = ""

    def does(self, block: Block) -> None:
        text = block.text
        for written, own in self.ports.items():
            text = text.replace(f"127.0.0.1:{written}", f"127.0.0.1:{own}").replace(
                f'"127.0.0.1", {written}', f'"127.0.0.1", {own}'
            )
        if block.language == "text":
            self._compares(text)
        elif block.file == "background":
            self._starts(text, self.ports[OWN_PORTS[len(self.started)]])
        elif block.file is not None:
            (self.folder / block.file).write_text(text, encoding="utf-8")
        else:
            assert block.language == "sh", f"a block of {block.language} that is neither a file nor executed"
            self._types(text)

    def _types(self, text: str) -> None:
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", text],
            cwd=self.folder,
            env=self.shell,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        self.said = done.stdout
        assert done.returncode == 0, f"{text}\n{done.stdout}"

    def _starts(self, text: str, port: str) -> None:
        self.started.append(
            subprocess.Popen(
                ["bash", "-c", text],
                cwd=self.folder,
                env=self.shell,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        )
        until = time.monotonic() + PATIENCE_SECONDS
        while not _answers(int(port)):
            assert self.started[-1].poll() is None, self.started[-1].communicate()[0]
            assert time.monotonic() < until, f"nothing answers after {text}"
            time.sleep(0.1)

    def _compares(self, text: str) -> None:
        at = 0
        for line in text.splitlines():
            found = self.said.find(line, at)
            assert found >= 0, f"{line!r} is not said, or not in this place:\n{self.said}"
            at = found + len(line)

    def stops(self) -> None:
        """As Ctrl-C does, and then whatever is left."""
        for process in self.started[::-1]:
            for number in (signal.SIGINT, signal.SIGKILL):
                try:
                    os.killpg(process.pid, number)
                    process.communicate(timeout=30)
                except (ProcessLookupError, subprocess.TimeoutExpired):
                    continue


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


@contextmanager
def reader(folder: Path) -> Iterator[Reader]:
    made = Reader(copied(folder), free_ports())
    try:
        yield made
    finally:
        made.stops()


def test_every_step_of_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    with reader(tmp_path) as somebody:
        for block in blocks_of("tutorial.md"):
            somebody.does(block)
    assert len(somebody.started) == 2
