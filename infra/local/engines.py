"""Starts what stands in for DynamoDB and SQS, and points every client of this process at it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from infra.local.choices import Choices, Engine, Refused

REGION = "us-east-1"
START_SECONDS = 30.0
"""An engine that does not answer by then will not."""
STOP_SECONDS = 20.0
"""What an engine gets to save its state and end."""
DIE_WITH_PARENT = (
    "import ctypes, os, signal, sys;"
    "getattr(ctypes.CDLL(None), 'prctl', max)(1, signal.SIGTERM);"
    "os.getppid() == int(sys.argv[1]) and os.execv(sys.argv[2], sys.argv[2:])"
)
"""Runs a program that the kernel stops when this process dies, however it dies (PR_SET_PDEATHSIG is 1; Linux only)."""


class RunningEngine:
    """An engine that answers at `endpoint`."""

    def __init__(self, endpoint: str, process: subprocess.Popen[bytes] | None = None) -> None:
        self.endpoint = endpoint
        self.process = process

    def has_ended(self) -> bool:
        """Whether it was started here and is gone."""
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        """Lets an engine that was started here save its state and end."""
        if self.process is None:
            return
        with self.process:  # closes its pipes
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()


def start(choices: Choices) -> RunningEngine:
    """Starts the chosen engine, or checks that the given endpoint answers, and points clients at it."""
    if choices.engine is Engine.GIVEN:
        return RunningEngine(use_given(choices))
    engine = launch(choices)
    _use_only(engine.endpoint, os.environ)
    return engine


def launch(choices: Choices) -> RunningEngine:
    """Starts an engine in a process of its own, with its state in a folder of its own; `Refused` where it will not."""
    folder = choices.state_dir / f"{choices.engine}-{choices.stage}"
    if choices.fresh:
        shutil.rmtree(folder, ignore_errors=True)
    return (_start_moto if choices.engine is Engine.MOTO else _start_ministack)(choices, folder)


def use_given(choices: Choices) -> str:
    """Points clients at the endpoint that the caller gave, and checks that it answers."""
    if choices.endpoint is None:
        raise Refused("AWS_ENDPOINT_URL is not set: a part of the stack needs to know what to work with.")
    _use(choices.endpoint, os.environ)
    _check(choices.endpoint)
    return choices.endpoint


def _use(endpoint: str, environ: MutableMapping[str, str]) -> None:
    """Points clients at an endpoint that the caller chose, with the caller's credentials, or with any."""
    environ["AWS_ENDPOINT_URL"] = endpoint
    if "AWS_REGION" not in environ:
        environ.setdefault("AWS_DEFAULT_REGION", REGION)
    if "AWS_PROFILE" not in environ:
        environ.setdefault("AWS_ACCESS_KEY_ID", "local")
        environ.setdefault("AWS_SECRET_ACCESS_KEY", "local")


def _check(endpoint: str) -> None:
    """`Refused` where an endpoint does not answer as DynamoDB would."""
    config = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1})
    try:
        boto3.Session().client("dynamodb", endpoint_url=endpoint, config=config).list_tables(Limit=1)
    except ClientError as error:
        raise Refused(f"{endpoint} refuses to list its tables: {error.response['Error']['Code']}.") from error
    except (BotoCoreError, ValueError) as error:
        raise Refused(f"No AWS endpoint answers at {endpoint}: {_short(error)}.") from error


def _use_only(endpoint: str, environ: MutableMapping[str, str]) -> None:
    """Points clients at an engine of our own, whatever profile or account the caller's environment is set up for."""
    for name in environ.keys() - _without_aws(environ).keys():
        del environ[name]
    environ["AWS_REGION"] = REGION
    environ["AWS_EC2_METADATA_DISABLED"] = "true"
    environ["AWS_CONFIG_FILE"] = environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    _use(endpoint, environ)
    environ["AWS_DEFAULT_REGION"] = REGION


def _without_aws(environ: Mapping[str, str]) -> dict[str, str]:
    """An environment without whatever profile, account or endpoint it is set up for. Our own settings stay."""
    return {k: v for k, v in environ.items() if not k.startswith("AWS_") or k == "AWS_ACTIONS_ALLOWED"}


def _start_moto(choices: Choices, folder: Path) -> RunningEngine:
    with (choices.state_dir / "emulator.log").open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "infra.local.emulator", choices.stage, str(folder)],
            stdin=subprocess.PIPE,  # never written to: its end tells the emulator that this process is gone
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**_without_aws(os.environ), "PYTHONPATH": str(Path(__file__).parents[2])},
            start_new_session=True,  # Ctrl-C is for this process, which stops the emulator when all else is done
        )
    assert process.stdout is not None
    line = process.stdout.readline().decode().strip()
    if line.startswith("http"):
        return RunningEngine(line, process)
    with process:
        process.kill()
    raise Refused(line.removeprefix("refused ") or f"The emulator did not start; {errors.name} says why.")


def _start_ministack(choices: Choices, folder: Path) -> RunningEngine:
    port = _free_port()
    environ = {
        **_without_aws(os.environ),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "LOG_LEVEL": "WARNING",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(folder.resolve()),
        "IOT_MTLS_ENABLED": "0",  # a broker that would listen on every address of this machine
        "MINISTACK_REGION": REGION,
    }
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (choices.state_dir / "emulator.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", DIE_WITH_PARENT, str(os.getpid()), sys.executable, "-m", "ministack"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environ,
            start_new_session=True,
        )
    _wait_until_listening(process, port, log.name)
    return RunningEngine(f"http://127.0.0.1:{port}", process)


def _wait_until_listening(process: subprocess.Popen[Any], port: int, log: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    with process:
        process.kill()
    raise Refused(f"MiniStack did not start; {log} says why.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _short(error: Exception) -> str:
    return " ".join(str(error).split()).removesuffix(".")
