"""The front door: what Lambda calls is what the rest of the system relies on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import app
from chalicelib.adapters.memory import ManualClock, MemoryQueue, MemoryStore
from chalicelib.bootstrap import whole as bootstrap
from chalicelib.core.run import AttemptStatus, Outcome, RunStatus
from chalicelib.settings import Settings
from tests.core.building import START, at, definition_json, once
from tests.engine.conftest import ANN

ROOT = Path(__file__).parents[1]


class Context:
    """As much of Lambda's context as Chalice looks at."""

    aws_request_id = "request"
    function_name = "punctual-local-light"


def records(bodies: dict[str, str], times: int = 1) -> dict[str, Any]:
    """An event of SQS."""
    return {
        "Records": [
            {"messageId": name, "body": body, "attributes": {"ApproximateReceiveCount": str(times)}}
            for name, body in bodies.items()
        ]
    }


@pytest.fixture
def queue() -> MemoryQueue:
    """The queue of a system in memory, installed for the handlers."""
    clock = ManualClock(START)
    queue = MemoryQueue(clock)
    done = Outcome(status=AttemptStatus.SUCCEEDED)
    bootstrap.use(
        bootstrap.assemble(
            Settings(),
            store=MemoryStore(),
            queue=queue,
            clock=clock,
            actions={"function": lambda action, timeout, context: done},
        )
    )
    return queue


def test_a_tick_leads_to_passes_and_a_message_to_a_run(queue: MemoryQueue) -> None:
    app.coordinator({"source": "aws.events", "detail": {}, **EVENT}, Context())
    assert len(queue.waiting("passes")) == 5
    assert app.dispatcher(records({"p": queue.waiting("passes")[0].body}), Context()) == {"batchItemFailures": []}

    system = bootstrap.system()
    task = system.catalog.create(ANN, definition_json(once(5)))
    body = queue.waiting("light")[0].body
    assert app.light(records({"good": body, "bad": "{"}), Context()) == {"batchItemFailures": []}
    run = system.reports.runs_of(ANN, task.id, limit=1).items[0]
    assert (run.status, run.started_at) == (RunStatus.SUCCEEDED, at(5))


def test_the_auditor_records_what_no_worker_could_handle(queue: MemoryQueue) -> None:
    system = bootstrap.system()
    task = system.catalog.create(ANN, definition_json(once(5)))
    queue.send("light-dead", queue.waiting("light")[0].body)
    app.auditor({"source": "aws.events", "detail": {}, **EVENT}, Context())
    run = system.reports.runs_of(ANN, task.id, limit=1).items[0]
    assert (run.status, run.error and run.error.code) == (RunStatus.LOST, "dead_letter")


EVENT: dict[str, Any] = {
    "version": "0",
    "account": "123456789012",
    "region": "us-east-1",
    "detail-type": "Scheduled Event",
    "time": "2026-03-02T09:00:00Z",
    "id": "1",
    "resources": [],
}


def test_one_message_that_fails_comes_again_and_its_neighbour_does_not(
    queue: MemoryQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = bootstrap.system()
    for seconds in (1, 2):
        system.catalog.create(ANN, definition_json(once(seconds)))
    first, second = (message.body for message in queue.waiting("light"))
    broken_task = json.loads(first)["task"]
    store = system.worker.store
    read = store.task

    def task(task_id: str) -> Any:
        if task_id == broken_task:
            raise RuntimeError("the store does not answer")
        return read(task_id)

    monkeypatch.setattr(store, "task", task)
    answer = app.light(records({"first": first, "second": second}), Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "first"}]}


def test_events_are_json_lines_with_their_fields_when_nobody_says_where_they_go() -> None:
    program = "import app; from chalicelib.logs import log; log('tick', passes=5)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    line = json.loads(done.stderr.splitlines()[-1])
    assert (line["action"], line["passes"], line["level"]) == ("tick", 5, "INFO")
