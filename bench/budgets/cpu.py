"""Processor time of a pass and of the workers, for a thousand runs. Their log lines are made, as on Lambda."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from bench.budgets.lines import counted_lines
from bench.budgets.loads import Schedules, begun, cron, due, hourly
from bench.budgets.processor import ROUNDS, Spent, least, spent
from bench.budgets.table import Row, row, short
from bench.installation import Installation
from chalicelib.core.task import Channel
from chalicelib.engine.coordinator import PASS_DELAYS
from chalicelib.engine.deliveries import work_off
from chalicelib.engine.delivery import Delivery

DUE = 1000
BATCH = 10
QUIET_SECONDS, MINUTE_SECONDS = 270, 60
"""After the first, nothing of the beginning is left."""


def rows() -> Iterator[Row]:
    """Each round has an installation of its own. Of distinct crons nothing is remembered, as in a new process."""
    value, more = least([_pass(hourly) for _ in range(ROUNDS)], DUE / 1000)
    yield row("dispatcher CPU per 1,000 due runs, intervals", value, **more)
    value, more = least([_pass(cron, forgetting=True) for _ in range(ROUNDS)], DUE / 1000)
    known, _ = least([_pass(cron) for _ in range(ROUNDS)], DUE / 1000)
    yield row("dispatcher CPU per 1,000 due runs, distinct crons", value, **more, when_remembered=short(known))
    value, more = least([_worked() for _ in range(ROUNDS)], DUE / 1000)
    yield row("worker CPU per 1,000 runs", value, **more)
    value, more = least([_idle() for _ in range(ROUNDS)], 1)
    yield row("CPU of an idle minute", value, **more)


def _pass(schedules: Schedules, *, forgetting: bool = False) -> Spent:
    """A pass with a thousand due runs before it."""
    place = due(DUE, schedules)
    if forgetting:
        _forget()
    with counted_lines():
        return spent(place.books, lambda: place.system.dispatcher.handle(0))


def _forget() -> None:
    """Empty whatever our own modules remember of earlier calls."""
    for name, module in list(sys.modules.items()):
        if name.startswith("chalicelib."):
            for found in list(vars(module).values()):
                if hasattr(found, "cache_clear"):
                    found.cache_clear()


def _worked() -> Spent:
    """A thousand runs in full batches that nobody waits for, handled one batch after the other."""
    place = due(DUE, hourly)
    place.system.dispatcher.handle(0)
    place.advance(90)
    batches = list(_batches(place))
    with counted_lines():
        return spent(place.books, lambda: [work_off(place.system.worker, Channel.LIGHT, batch) for batch in batches])


def _idle() -> Spent:
    """A minute in which nothing is due: a tick, and as many passes as it asks for."""
    place = begun()
    place.play(QUIET_SECONDS)

    def minute() -> None:
        place.system.coordinator.tick()
        for _ in PASS_DELAYS:
            place.advance(MINUTE_SECONDS / len(PASS_DELAYS))
            place.system.dispatcher.handle(0)

    with counted_lines():
        return spent(place.books, minute)


def _batches(place: Installation) -> Iterator[Sequence[Delivery]]:
    messages: list[dict[str, Any]] = place.received(str(Channel.LIGHT))
    found = [Delivery(id=one["MessageId"], body=one["Body"], times=1) for one in messages]
    runs = sum(len(one.parts()) for one in found)
    if runs != DUE:
        raise RuntimeError(f"{runs} runs came, and not {DUE}")
    for at in range(0, len(found), BATCH):
        yield found[at : at + BATCH]
