"""An AWS of its own on this machine: MiniStack, which asks for credentials and enforces policies (`AUTH=true`).

It creates stacks from templates, fires rules, reads queues for functions, and runs the functions of a package as
processes of its own, each with the credentials of its role. What it does not do: its mappings read queues without
asking whether the role may (`sqs:ReceiveMessage` and its companions are not proven here), and rules fire on time.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from infra.local.engines import DIE_WITH_PARENT
from tests.infra.stacks import alive, descendants

ROOT = Path(__file__).parents[2]
REGION = "us-east-1"
OPERATOR = {"AWS_ACCESS_KEY_ID": "AKIAOPERATOR00000000", "AWS_SECRET_ACCESS_KEY": "of-whoever-deploys"}
"""MiniStack takes the credentials that are in its environment for those of the account's root."""
START_SECONDS = 60
STOP_SECONDS = 10


class Emulator:
    """A running MiniStack; all that it keeps is in a folder of its own. Without `auth`, everybody may do anything."""

    def __init__(self, folder: Path, *, auth: bool = True) -> None:
        self.log = folder / "ministack.log"
        port = _free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        program = [sys.executable, "-m", "tests.deployed.as_aws"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", DIE_WITH_PARENT, str(os.getpid()), *program],
                cwd=ROOT,
                env=_environment(folder, port, auth=auth),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_for(port)

    def client(self, service: str) -> Any:
        """A client of a service, with the credentials of whoever deploys."""
        session = boto3.Session(OPERATOR["AWS_ACCESS_KEY_ID"], OPERATOR["AWS_SECRET_ACCESS_KEY"], region_name=REGION)
        config = Config(read_timeout=300, retries={"total_max_attempts": 1})
        return session.client(service, endpoint_url=self.endpoint, config=config)

    def environment(self) -> dict[str, str]:
        """What whoever deploys has in the environment."""
        return {**OPERATOR, "AWS_ENDPOINT_URL": self.endpoint, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}

    def close(self) -> list[int]:
        """End it and all that it has started; the processes that are left."""
        started = [self.process.pid, *descendants(self.process.pid)]
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pid in filter(alive, started):
            os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + STOP_SECONDS
        while any(map(alive, started)) and time.monotonic() < until:
            time.sleep(0.05)
        return [pid for pid in started if alive(pid)]

    def _wait_for(self, port: int) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        self.close()
        raise AssertionError(
            f"MiniStack did not start: {self.log.read_text(encoding='utf-8', errors='replace')[-2000:]}"
        )


def _environment(folder: Path, port: int, *, auth: bool) -> dict[str, str]:
    temporary = folder / "tmp"
    temporary.mkdir()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return inherited | {
        **OPERATOR,
        "AUTH": str(auth).lower(),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",  # a broker that would listen on all addresses of this machine
        "LOG_LEVEL": "INFO",
        "MINISTACK_REGION": REGION,
        "STATE_DIR": str(folder / "state"),
        "TMPDIR": str(temporary),
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
