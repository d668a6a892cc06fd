"""A restore, rehearsed: four tables as they were at one moment, in a stage of another name whose queues are empty.

The emulator copies the tables as its backups had them. What it cannot show is how long that takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.session import Session
from moto import mock_aws

from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.adapters.memory import ManualClock, MemoryQueue
from chalicelib.adapters.tables import TABLES
from chalicelib.bootstrap.whole import assemble
from chalicelib.core.run import AttemptStatus, Outcome, Run, RunStatus
from chalicelib.core.task import Channel, Task
from chalicelib.engine.deliveries import work_off
from chalicelib.engine.delivery import Delivery
from chalicelib.engine.passes import pass_over
from chalicelib.settings import Settings
from infra import resources
from infra.simulation.world import PASS_VISIBILITY, VISIBILITY
from tests.adapters.conftest import KEPT, new_session
from tests.core.building import START, at, definition_json, every, once
from tests.engine.conftest import ANN

DONE = Outcome(status=AttemptStatus.SUCCEEDED)
BACKUP, DISASTER, RESTORED, END = 615, 900, 1500, 2700
"""Seconds. At the backup the runs that are due half a minute later have been dispatched and have not begun."""


@dataclass
class Stage:
    """A stage with tables of its own in the emulator, and queues that are empty when it begins."""

    name: str
    clock: ManualClock
    session: Session

    def __post_init__(self) -> None:
        settings = Settings(stage=self.name)
        self.store, self.queue = WholeDynamoStore(settings, session=self.session), MemoryQueue(self.clock)
        actions = {"function": lambda action, timeout, context: DONE}
        self.system = assemble(settings, store=self.store, queue=self.queue, clock=self.clock, actions=actions)

    def create(self, schedule: dict[str, Any], **more: Any) -> Task:
        return self.system.catalog.create(ANN, definition_json(schedule, **more))

    def play(self, until: datetime) -> None:
        """Second by second: a tick every minute, an audit every five, and every message when it comes."""
        tick = audit = self.clock.now()
        while self.clock.now() < until:
            if self.clock.now() >= tick:
                self.system.coordinator.tick()
                tick += timedelta(minutes=1)
            if self.clock.now() >= audit:
                self.system.auditor.audit()
                audit += timedelta(minutes=5)
            while passes := self.queue.receive("passes", visibility=PASS_VISIBILITY):
                self._done("passes", passes, pass_over(self.system.dispatcher, _deliveries(passes)).again)
            while runs := self.queue.receive("light", visibility=VISIBILITY[Channel.LIGHT]):
                self._done("light", runs, work_off(self.system.worker, Channel.LIGHT, _deliveries(runs)).again)
            self.clock.advance(timedelta(seconds=1))

    def _done(self, queue: str, received: Any, again: list[str]) -> None:
        for one in received:
            if one.id not in again:
                self.queue.delete(queue, one.id)

    def runs(self, task: Task) -> list[Run]:
        page = self.store.runs_of(task.id, limit=1000, after=None, first=None, last=None)
        return list(reversed(page.items))


def _deliveries(received: Any) -> list[Delivery]:
    return [Delivery(id=one.id, body=one.body, times=one.times) for one in received]


@pytest.fixture
def session() -> Iterator[Session]:
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield new_session()


def names(stage: str) -> list[str]:
    return [Settings(stage=stage).table(table) for table in TABLES.values()]


def create_tables(dynamodb: Any, stage: str) -> None:
    for table in resources.tables(resources.load(stage)):
        dynamodb.create_table(**{name: table[name] for name in KEPT if name in table})


def back_up(dynamodb: Any, stage: str) -> list[str]:
    """All four tables at the same moment."""
    made = [dynamodb.create_backup(TableName=name, BackupName="rehearsal") for name in names(stage)]
    return [one["BackupDetails"]["BackupArn"] for one in made]


def restore(dynamodb: Any, backups: list[str], stage: str) -> None:
    for name, backup in zip(names(stage), backups, strict=True):
        dynamodb.restore_table_from_backup(TargetTableName=name, BackupArn=backup)


def recorded(runs: list[Run], due: datetime) -> list[Run]:
    """The records that a due time is in."""
    ranges = [run for run in runs if run.coalesced and run.coalesced.first <= due <= run.coalesced.last]
    return ranges + [run for run in runs if run.due_at == due and run not in ranges]


def test_a_restored_stage_owes_what_was_due_since_the_backup_and_nothing_is_doubled(session: Session) -> None:
    """What happens to each due time is in `docs/backup.md`."""
    clock, dynamodb = ManualClock(START), session.create_client("dynamodb")
    create_tables(dynamodb, "old")
    old = Stage("old", clock, session)
    everything = old.create(every(30), misfire={"catch_up": "all"})
    latest = old.create(every(30), misfire={"catch_up": "latest"})
    missed = old.create(every(30), misfire={"catch_up": "none"})
    later, between = old.create(once(2000)), old.create(once(700))
    old.play(at(BACKUP))
    backups = back_up(dynamodb, "old")
    old.play(at(DISASTER))
    after_backup = old.create(once(DISASTER + 600))
    clock.advance(at(RESTORED) - clock.now())
    restore(dynamodb, backups, "new")
    new = Stage("new", clock, session)
    new.play(at(END))

    dues = [at(30 * n) for n in range(END // 30 - 1)]
    for task in (everything, latest, missed):
        found = new.runs(task)
        assert [due for due in dues if len(recorded(found, due)) != 1] == []
        assert {run.status for run in found if run.due_at >= at(RESTORED)} == {RunStatus.SUCCEEDED}
    assert {run.status for run in new.runs(everything)} == {RunStatus.SUCCEEDED}
    since = [run.status for run in new.runs(missed) if at(BACKUP + 60) < run.due_at < at(RESTORED - 90)]
    assert set(since) == {RunStatus.MISSED}
    for task in (later, between):
        assert [run.status for run in new.runs(task)] == [RunStatus.SUCCEEDED]
    assert new.store.task(after_backup.id) is None


def test_what_was_on_its_way_at_the_backup_is_found_by_the_auditor(session: Session) -> None:
    clock, dynamodb = ManualClock(START), session.create_client("dynamodb")
    create_tables(dynamodb, "old")
    old = Stage("old", clock, session)
    task = old.create(once(BACKUP + 15))
    old.play(at(BACKUP))
    assert old.queue.waiting("light")
    backups = back_up(dynamodb, "old")
    restore(dynamodb, backups, "new")
    new = Stage("new", clock, session)
    new.play(at(BACKUP + 240))
    assert new.runs(task) == []
    new.play(at(BACKUP + 900))
    assert [(run.due_at, run.status) for run in new.runs(task)] == [(at(BACKUP + 15), RunStatus.SUCCEEDED)]
