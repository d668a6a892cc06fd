"""However many runs a task has, its page and those of its runs need the same few reads: counted by the accounting stub,
behind the real adapters."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from chalice.test import Client

from app import app
from chalicelib.adapters.dynamo.run_items import run_item
from chalicelib.adapters.memory import ManualClock, MemorySecrets
from chalicelib.bootstrap import whole as bootstrap
from chalicelib.core.run import Run, RunStatus
from chalicelib.functions import registry
from chalicelib.settings import Settings
from tests.engine.place import OnStub
from tests.web.building import NOW, Caller, World, ended_run
from tests.web.pages.browser import Browser

MANY = 10_000


@dataclass
class Stub:
    """An installation over the stub, the page of a person with a task, and what was asked of DynamoDB since."""

    backend: OnStub
    browser: Browser
    caller: Caller
    clock: ManualClock

    def put(self, runs: list[Run]) -> None:
        """Store runs, as many as fit into a request at a time."""
        dynamodb = self.backend._dynamodb
        for at in range(0, len(runs), 25):
            rows = [{"PutRequest": {"Item": run_item(run, feed=False)}} for run in runs[at : at + 25]]
            dynamodb.batch_write_item(RequestItems={Settings().table("runs"): rows})

    def reads(self, url: str) -> Counter[str]:
        """How often each operation was called for a page, which must be one."""
        self.backend.books.reset()
        assert self.browser.get(url).status == 200
        return Counter(call[1] for call in self.backend.books.calls)


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Stub:
    clock = ManualClock(NOW)
    backend = OnStub(clock)
    settings = Settings()
    registry.load()
    system = bootstrap.assemble(
        settings, store=backend.store, queue=backend.queue, clock=clock, actions={}, secrets=MemorySecrets(clock)
    )
    bootstrap.use(system)
    ports: dict[str, Any] = {"store": backend.store, "queue": backend.queue}
    world = World(client=Client(app), clock=clock, **ports)
    ann = world.caller("ann")
    return Stub(backend=backend, browser=Browser(app, session=world.session_of(ann)), caller=ann, clock=clock)


def test_a_task_with_many_runs_is_shown_by_as_few_reads_as_one_with_a_few(stub: Stub) -> None:
    made = stub.caller.created(schedule={"type": "interval", "every": 5, "unit": "minutes"}, retention_days=90)
    path = f"/task/{made['id']}"
    runs = [
        ended_run(
            made["id"], "ann", NOW - n * timedelta(minutes=5), status=RunStatus.FAILED if n % 9 else RunStatus.SUCCEEDED
        )
        for n in range(1, MANY + 1)
    ]
    stub.put(runs[:30])
    few = stub.reads(path)
    stub.put(runs[30:])
    stub.clock.advance(timedelta(minutes=2))
    many = stub.reads(path)
    assert sum(many.values()) <= 14, many
    assert sum(many.values()) - sum(few.values()) <= 1, (few, many)  # the newest thousand: one page more at most
    assert "Counted over the newest 1,000 runs" in stub.browser.get(path).text
    again = stub.reads(path)  # nothing new has happened: nothing is counted again
    assert again["Query"] < many["Query"]
    assert stub.backend.books.units().read < 60
    filtered = stub.reads(f"{path}?status=lost")
    assert sum(filtered.values()) <= 24, filtered
    assert sum(stub.reads(f"/run/{runs[5000].id}").values()) <= 9


def test_the_reads_of_a_paused_task_with_alerts_and_skips_are_bounded_too(stub: Stub) -> None:
    notify = {"on": ["failed"], "webhook": "https://hooks.example.com/"}
    made = stub.caller.created(schedule={"type": "interval", "every": 5, "unit": "minutes"}, notify=notify)
    path = f"/task/{made['id']}"
    stub.put([ended_run(made["id"], "ann", NOW - n * timedelta(minutes=5)) for n in range(1, 1500)])
    for n in (1, 2, 3):
        stub.caller.post(f"/api/tasks/{made['id']}/skip", {"due_at": _text(n)})
    stub.browser.post(f"{path}/pause", {"reason": "x"})
    found = stub.reads(path)
    assert sum(found.values()) <= 20, found


def _text(n: int) -> str:
    return (NOW + n * timedelta(minutes=5)).isoformat()
