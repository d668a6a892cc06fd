"""A stage: one installation at the emulator, and its processes, of which one is killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import botocore.session

from chalicelib.adapters.clock import SystemClock
from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.adapters.sqs import SqsQueue
from chalicelib.bootstrap.whole import System, assemble
from chalicelib.core.instant import to_text
from chalicelib.core.people.account import User
from chalicelib.core.run import Run
from chalicelib.core.task import Task
from chalicelib.settings import Settings
from infra import resources
from tests.faults.story import ANN
from tests.infra.stacks import PATIENCE_SECONDS, PROGRAM, ROOT, Stack, born, running
from tests.kills.proxy import Point, Proxy

LATER = [sys.executable, "-m", "tests.kills.later"]
ALL = {"catch_up": "all", "grace_seconds": 604_800}
"""However late, every due time starts: so whatever does not was lost."""

BURIAL_SECONDS = 30
"""Longer than a sandbox takes to end its command when its worker is gone; shorter than what is to be ended here."""


class Stage:
    """Tables and queues of its own, a file to which every action appends a line, and one person with tasks."""

    def __init__(self, endpoint: str, folder: Path) -> None:
        self.endpoint, self.folder = endpoint, folder
        self.settings = Settings(stage=f"kill{uuid.uuid4().hex}")
        self.declared = resources.load(self.settings.stage)
        self.dynamodb, self.sqs = _client("dynamodb"), _client("sqs")
        resources.create(self.declared, self.dynamodb, self.sqs)
        self.store = WholeDynamoStore(self.settings, session=_session())
        self.system = self._system()
        self.person: User = ANN
        self.store.create_user(ANN)  # a worker asks what the owner of a command may do
        self.file = folder / f"{self.settings.stage}.lines"
        self.file.touch()
        for path in (folder, self.file):  # a command gives up privileges
            path.chmod(0o777)

    def _system(self) -> System:
        queue = SqsQueue(self.settings, session=_session())
        return assemble(self.settings, store=self.store, queue=queue, clock=SystemClock(), actions={})

    def close(self) -> None:
        """Take tables and queues away."""
        for table in resources.tables(self.declared):
            self.dynamodb.delete_table(TableName=table["TableName"])
        for queue in resources.queues(self.declared):
            self.sqs.delete_queue(QueueUrl=self._url(queue["QueueName"]))

    def create(self, name: str, seconds: float, action: dict[str, Any], **more: Any) -> Task:
        """Define a task that is due once, in so many seconds, if `more` does not say otherwise."""
        return self.system.catalog.create(self.person, self.definition(name, seconds, action) | more)

    def definition(self, name: str, seconds: float, action: dict[str, Any]) -> dict[str, Any]:
        """The JSON of a task that is due once and gives up only when five attempts have failed."""
        schedule = {"type": "once", "at": in_(seconds)}
        retry = {"max_attempts": 5}
        return {"name": name, "schedule": schedule, "action": action, "retry": retry, "misfire": ALL}

    def function(self, name: str) -> dict[str, Any]:
        """An action that appends a word in the worker itself."""
        kwargs = {"path": str(self.file), "text": name}
        return {"type": "function", "name": "write_to_file", "kwargs": kwargs}

    def command(self, then: str = "true") -> dict[str, Any]:
        """An action that appends run and attempt in the sandbox, and goes on with another command."""
        return {"type": "command", "command": f'echo "$PUNCTUAL_RUN_ID $PUNCTUAL_ATTEMPT" >> {self.file}; {then}'}

    def lines(self) -> list[str]:
        """What actions have appended."""
        return self.file.read_text(encoding="utf-8").splitlines()

    def tasks(self) -> dict[str, Task]:
        """The person's tasks by id."""
        return {task.id: task for task in self.store.tasks_of(self.person.id, limit=100, after=None).items}

    def runs(self) -> dict[str, Run]:
        """Every run that is recorded, by id."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.settings.table("runs"), ConsistentRead=True)
        task_ids = {item["task_id"]["S"] for page in pages for item in page["Items"]}
        found = (
            self.store.runs_of(task_id, limit=100, after=None, first=None, last=None).items for task_id in task_ids
        )
        return {run.id: run for some in found for run in some}

    def waiting(self, *names: str) -> dict[str, int]:
        """How many messages are in each of those queues that are not empty, whether somebody has them or not."""
        kinds = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed")]
        found = {}
        for name in names:
            url = self._url(self.settings.queue(name))
            counts = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=kinds)["Attributes"]
            found[name] = sum(int(count) for count in counts.values())
        return {name: count for name, count in found.items() if count}

    def empty(self, name: str) -> None:
        """Take every message out of a queue."""
        self.sqs.purge_queue(QueueUrl=self._url(self.settings.queue(name)))

    @contextmanager
    def part(self, name: str, *, later: int, point: Point | None) -> Iterator[tuple[Proxy, subprocess.Popen[str]]]:
        """A part that works to its end, or to the point at which it is killed."""
        program = [*LATER, str(later), name] if later else [*PROGRAM, name]
        with self._proxy() as proxy:
            process = subprocess.Popen(program, cwd=ROOT, env=self.environment(proxy.endpoint), text=True)
            proxy.aim(process, point)
            with process:
                try:
                    yield proxy, process
                finally:
                    process.kill()

    @contextmanager
    def api(self) -> Iterator[tuple[Proxy, Stack]]:
        """The API, with a proxy that aims at it later."""
        with (
            self._proxy() as proxy,
            running("api", **self.environment(proxy.endpoint)) as stack,
        ):
            yield proxy, stack

    @contextmanager
    def _proxy(self) -> Iterator[Proxy]:
        with Proxy(self.endpoint) as proxy:
            yield proxy
            proxy.shutdown()

    def bury(self, proxy: Proxy) -> None:
        """Wait until nothing of a victim is left, and let its messages come back as if their visibility had ended."""
        proxy.wait()
        until = time.monotonic() + BURIAL_SECONDS
        while left := {pid for pid, at in proxy.family.items() if at is not None and born(pid) == at}:
            assert time.monotonic() < until, f"{left} outlive the worker that was killed"
            time.sleep(0.01)
        for handle, url in proxy.in_flight.items():
            self.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)

    def recover(self, later: int, *parts: str) -> None:
        """Start parts again, one after the other, by a clock that is ahead, and let them end."""
        ended = subprocess.run(
            [*LATER, str(later), *parts],
            cwd=ROOT,
            env=self.environment(self.endpoint),
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        print(ended.stderr)
        assert ended.returncode == 0, ended.stderr

    def environment(self, endpoint: str) -> dict[str, str]:
        """What a part is told, that is to work with this endpoint."""
        own = {"AWS_ENDPOINT_URL": endpoint, "STAGE": self.settings.stage, "TMPDIR": str(self.folder)}
        return {**os.environ, **own}

    def _url(self, name: str) -> str:
        return str(self.sqs.get_queue_url(QueueName=name)["QueueUrl"])

    def register(self) -> str:
        """Give the person an account; the token."""
        issued = self.system.accounts.register("eve", "correct horse battery", "eve@example.com")
        self.person = issued.user
        return issued.text


NewStage = Callable[[], AbstractContextManager[Stage]]


@contextmanager
def staged(endpoint: str, folder: Path) -> Iterator[Stage]:
    """A stage that is taken away afterwards."""
    stage = Stage(endpoint, folder)
    try:
        yield stage
    finally:
        stage.close()


def in_(seconds: float) -> str:
    """An instant as the API takes it."""
    return to_text(datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds))


@cache
def _session() -> Any:
    return botocore.session.get_session()


def _client(service: str) -> Any:
    return boto3.client(service)
