"""An idle pass moves the watermark without taking the lease first: only where nobody was at the shard meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.adapters.memory import ManualClock, MemoryQueue, MemoryStore
from chalicelib.core.window import Entry, Kind
from chalicelib.engine.dispatcher import Dispatcher
from chalicelib.ports import Placed

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
WINDOW = timedelta(seconds=30)


class Watched(MemoryStore):
    """A store in which another pass begins while a window is being read, as often as it is told."""

    others = 0

    def window(self, start: datetime, shard: int, *, after: str | None, limit: int) -> list[Entry]:
        found = super().window(start, shard, after=after, limit=limit)
        if self.others:
            self.others -= 1
            assert self.take_lease(shard, "another", now=start, until=start + timedelta(hours=1)) is not None
        return found


@pytest.fixture
def store() -> Watched:
    return Watched()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def dispatcher(store: Watched, clock: ManualClock) -> Dispatcher:
    made = Dispatcher(store=store, queue=MemoryQueue(clock), clock=clock)
    made.handle(0)
    clock.advance(WINDOW)
    return made


def test_windows_that_hold_nothing_are_passed_by(store: Watched, dispatcher: Dispatcher) -> None:
    before = store.late(0, 1).control
    dispatcher.handle(0)
    after = store.late(0, 1).control
    assert before.through is not None
    assert (after.through, after.lease_until) == (before.through + WINDOW, before.lease_until)


def test_a_pass_that_began_meanwhile_keeps_the_shard(store: Watched, dispatcher: Dispatcher) -> None:
    before, store.others = store.late(0, 1).control, 1
    dispatcher.handle(0)
    after = store.late(0, 1).control
    assert (after.through, after.token) == (before.through, "another")


def test_a_window_that_holds_something_is_handled_with_the_lease(store: Watched, dispatcher: Dispatcher) -> None:
    before = store.late(0, 1).control
    assert before.through is not None
    entry = Entry(start=before.through + WINDOW, task_id="gone", kind=Kind.SCHEDULE, due_at=before.through + WINDOW)
    store.put_entries([Placed(entry=entry, shard=0, late=False)])
    dispatcher.handle(0)
    after = store.late(0, 1).control
    assert after.through == before.through + WINDOW
    assert after.lease_until != before.lease_until
