"""A process that performs commands as the `sandbox` function does, and has every secret there is to find."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aws_lambda_powertools

from chalicelib.actions import sandbox

ROOT = Path(sandbox.__file__).parents[2]
LIBRARIES = Path(aws_lambda_powertools.__file__).parents[1]
"""Where the log's formatter is; nothing else of it is loaded."""

HOST = f"""
import json, os, resource, socket, sys
from contextlib import suppress
sys.path[:0] = [{str(ROOT)!r}, {str(LIBRARIES)!r}]
from chalicelib.actions import machine, sandbox

asked = json.load(sys.stdin)
canary = asked["canary"]  # in memory
with open(canary, "w"):  # a name in the working directory
    pass
opened = os.open("secrets", os.O_RDWR | os.O_CREAT)
os.write(opened, canary.encode())
os.unlink("secrets")
near, far = socket.socketpair()
far.sendall(canary.encode())
for inherited in (opened, near.fileno()):
    os.set_inheritable(inherited, True)
hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
if asked["careless"]:
    sandbox.hide = lambda: None
if asked["hasty"]:
    sandbox.STRAYS_LIMIT = 0.0
    machine.BEGIN_LIMIT = asked["begin_limit"]


def strays():
    found = set()  # those of the test alone, for there are others at work
    for pid in machine.strays() if asked["marker"] else ():
        with suppress(OSError), open(f"/proc/{{pid}}/cmdline") as arguments:
            found |= {{pid}} if asked["marker"] in arguments.read() else set()
    return found


ours = machine.Machine(folders=asked["folders"], strays=strays)
for event in asked["events"]:
    print(json.dumps(machine.perform(event, ours)), flush=True)
"""
CREDENTIALS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)
"""What in an environment leads to credentials, or to the runtime that a function gets its invocations from."""


@dataclass(frozen=True, kw_only=True)
class Host:
    """How the process is started, and in which folder.

    `careless`: it does not hide; `hasty`: it takes no time to end what a command left, and `begin_limit` seconds before
    the next. `folders` are emptied, and what has `marker` among its arguments is ended, as all is on Lambda.
    """

    home: Path
    privileges: bool = True
    careless: bool = False
    hasty: bool = False
    begin_limit: float = 0.0
    folders: tuple[str, ...] = ()
    marker: str = ""
    canary: str = field(default_factory=lambda: f"canary-{uuid.uuid4().hex}")

    def perform(self, *commands: str | list[str]) -> list[dict[str, Any]]:
        """The answers to these commands, one after another."""
        answers, status = self.outcome(*commands)
        assert status == 0
        return answers

    def outcome(self, *commands: str | list[str]) -> tuple[list[dict[str, Any]], int]:
        """The answers that there are, and the status with which the process ended."""
        asked = {
            "canary": self.canary,
            "careless": self.careless,
            "hasty": self.hasty,
            "begin_limit": self.begin_limit,
            "folders": self.folders,
            "marker": self.marker,
            "events": [{"command": command, "timeout_seconds": 10} for command in commands],
        }
        said, status = (self._started if self.privileges else self._in_a_sandbox)(json.dumps(asked))
        return [json.loads(line) for line in said.splitlines()], status

    def found(self, output: str) -> bool:
        """Whether a command has come by a secret, or into the process that has it."""
        return self.canary in output or re.search(r"^got in$", output, re.MULTILINE) is not None

    def _started(self, asked: str) -> tuple[str, int]:
        done = subprocess.run(
            python(HOST),
            input=asked,
            env=self._environment(),
            cwd=self.home,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        return done.stdout, done.returncode

    def _in_a_sandbox(self, asked: str) -> tuple[str, int]:
        event = {"command": python(HOST), "stdin": asked, "env": self._environment()}
        answer = sandbox.run(event | {"timeout_seconds": 60, "output_limit": 1_000_000})
        return answer["output"], answer["exit_code"]

    def _environment(self) -> dict[str, str]:
        return dict.fromkeys(CREDENTIALS, self.canary)


def python(program: str, *arguments: str) -> list[str]:
    """An argv for a program in this Python, with its standard library and nothing else."""
    return [sys.executable, "-I", "-S", "-c", program, *arguments]
