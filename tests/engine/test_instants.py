"""What an attempt keeps of its course: when its message was sent, when it was claimed, when its action itself began."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.instant import to_ms
from chalicelib.core.run import AttemptStatus, Outcome, Run
from chalicelib.core.task import Channel
from chalicelib.engine.deliveries import work_off
from chalicelib.engine.delivery import deliveries_of
from tests.core.building import at, every, once
from tests.engine.place import BACKENDS, Lines, Place, listening

SENT = at(-43.5)


@pytest.fixture
def lines() -> Iterator[Lines]:
    with listening() as kept:
        yield kept


@pytest.fixture(params=list(BACKENDS))
def place(request: pytest.FixtureRequest, lines: Lines) -> Place:
    return Place(request.param, lines)


def deliver(place: Place, body: str, attributes: Mapping[str, str]) -> None:
    event = {
        "Records": [{"messageId": "m", "body": body, "attributes": {"ApproximateReceiveCount": "1", **attributes}}]
    }
    assert work_off(place.system.worker, Channel.LIGHT, deliveries_of(event)).again == []


def only_run(place: Place, task: Any) -> Run:
    [run] = place.runs(task)
    return run


def test_dispatch_claim_and_start_are_kept(place: Place) -> None:
    def slowly(action: Mapping[str, Any], context: Mapping[str, str]) -> Outcome:
        place.clock.advance(timedelta(seconds=2))
        return Outcome(status=AttemptStatus.SUCCEEDED)

    place.performs["slow"] = slowly
    task = place.create("slow", once(5))
    place.clock.advance(timedelta(seconds=5))
    deliver(place, place.body(task, at(5)), {"SentTimestamp": str(to_ms(SENT))})
    [attempt] = only_run(place, task).attempts
    assert attempt.dispatched_at == SENT
    assert (attempt.started_at, attempt.begun_at, attempt.finished_at) == (at(5), at(5), at(7))


@pytest.mark.parametrize(
    "attributes", [{}, {"SentTimestamp": ""}, {"SentTimestamp": "soon"}, {"SentTimestamp": "9" * 30}]
)
def test_a_queue_that_does_not_say_when_it_was_sent_is_no_trouble(place: Place, attributes: dict[str, str]) -> None:
    task = place.create("x", every(5))
    place.clock.advance(timedelta(seconds=5))
    deliver(place, place.body(task, at(5)), attributes)
    [attempt] = only_run(place, task).attempts
    assert (attempt.dispatched_at, attempt.status) == (None, AttemptStatus.SUCCEEDED)
