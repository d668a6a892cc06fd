"""Functions of the unpacked package, each a process of its own that Lambda's own runtime drives.

Such a process sees what it would see in Lambda: the package as its folder, the runtime, Python's standard library and
Lambda's environment variables. It sees nothing of the repository and of what is installed for it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from queue import Empty
from shutil import copyfile
from typing import Any

from tests.deploy.runtime_api import RuntimeApi

RUNTIME = ("awslambdaric", "simplejson", "snapshot-restore-py")
"""What the folder /var/runtime has of its own."""
PROGRAM = """
import sys
sys.path[:0] = sys.argv[1:3]
del sys.argv[1:3]
from awslambdaric.__main__ import main
main(sys.argv)
"""
START_SECONDS = 60
ANSWER_SECONDS = 60
TICKS = os.sysconf("SC_CLK_TCK")


class FunctionFailed(AssertionError):
    """A function could not start, or raised instead of answering."""


def copy_runtime(into: Path) -> None:
    """Copy Lambda's runtime from what is installed; `PackageNotFoundError` where it is not."""
    for name in RUNTIME:
        for file in metadata.files(name) or ():
            if ".." not in file.parts and file.suffix != ".pyc":
                target = into / file
                target.parent.mkdir(parents=True, exist_ok=True)
                copyfile(str(file.locate()), target)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where functions run: the unpacked package, the runtime, and the AWS that they find there."""

    task: Path
    runtime: Path
    environment: dict[str, str]


@dataclass(kw_only=True)
class Function:
    """One deployed function. `handler` is its name in app.py, `name` its name in AWS."""

    handler: str
    name: str
    place: Place
    environment: dict[str, str] = field(default_factory=dict)
    init_seconds: float = 0.0
    """Of the processor, from the start of the process until it asked for its first event."""

    def start(self) -> None:
        """Start the process, and wait until it asks for an event."""
        self.log = self.place.task.parent / f"{self.handler}.log"
        self.api = RuntimeApi(self.name)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", PROGRAM, *self._path, f"app.{self.handler}"],
                cwd=self.place.task,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + START_SECONDS
        while not self.api.started.wait(0.02):
            if self.process.poll() is not None or time.monotonic() > until:
                raise FunctionFailed(f"{self.handler} did not start: {self.api.failures or self.said()}")
        self.init_seconds = _processor_seconds(self.process.pid)

    def invoke(self, event: Any) -> Any:
        """What the function makes of an event."""
        try:
            well, answer = self.api.ask(event, ANSWER_SECONDS)
        except Empty:
            raise FunctionFailed(f"{self.handler} did not answer: {self.said()}") from None
        if not well:
            raise FunctionFailed(f"{self.handler} raised {answer}")
        return answer

    def said(self) -> str:
        """What the function wrote into its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()
        self.api.stop()

    @property
    def _path(self) -> tuple[str, str]:
        return str(self.place.task), str(self.place.runtime)

    def _environment(self) -> dict[str, str]:
        """What Lambda sets, and what the template does."""
        return {
            "_HANDLER": f"app.{self.handler}",
            "AWS_LAMBDA_RUNTIME_API": self.api.address,
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{self.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "2026/03/02/[$LATEST]0123456789abcdef0123456789abcdef",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info[0]}.{sys.version_info[1]}",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_SESSION_TOKEN": "testing",
            "LAMBDA_TASK_ROOT": str(self.place.task),
            "LAMBDA_RUNTIME_DIR": str(self.place.runtime),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            **self.place.environment,
            **self.environment,
        }


def _processor_seconds(pid: int) -> float:
    """Of user and system, by a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
