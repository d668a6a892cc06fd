"""Lateness in the virtual-clock model: how much later than due a run starts. No clock of this machine is asked.

Calls of a pass take 10 ms, one partition key is written a thousand times a second, a worker is busy for 100 ms with a
run, its batch's runs stand behind each other for 11 ms of processor each, and Lambda's mapping begins with five batches
and grows by 300 a minute. Under a steady load messages come up to
200 ms later than they should as well; in a burst they wait for a worker anyhow. Cold starts are not in it: a worker is
there as soon as the mapping asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

from bench.budgets.table import Row, row
from bench.fairness import (
    CROWD,
    FIRST_DUE,
    HOURLY,
    REALISTIC,
    START,
    WHOLE_PROCESSOR,
    Owner,
    Started,
    every,
    played,
    share,
)
from chalicelib.core.instant import to_text
from infra.simulation.conditions import Conditions
from infra.simulation.report import percentile
from infra.simulation.world import World

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
LONGER = 0.2 * SECOND
"""Twice as long as a worker is usually busy: what a burst's lateness depends on."""
LARGER = (512, WHOLE_PROCESSOR)
"""Megabytes of memory of a worker that is given more, and its share of a processor with it."""
DELIVERY = 0.2 * SECOND
STEADY_FOR, STEADY_EVERY = timedelta(minutes=30), 10
TASKS_A_SECOND = 10
JITTER = 20 * SECOND
LOST_EVERY = 7
"""Of so many ticks one is lost, never two in a row."""
LATE_BY = 59 * SECOND
PHASE = 30 * SECOND
"""The second of the minute at which ticks are sent where they are early and late: all of one minute stay within it."""


def rows() -> Iterator[Row]:
    """A thundering second, half an hour of a steady load, and one late tick."""
    burst = _burst(REALISTIC)
    others = {
        "with_200_ms_a_run": _burst(replace(REALISTIC, handling=LONGER)),
        "without_the_processor": _burst(replace(REALISTIC, processor=timedelta(0))),
    } | {f"with_{megabytes}_mb": _burst(replace(REALISTIC, processor=share(megabytes))) for megabytes in LARGER}
    for percent in (50, 99):
        more = {what: percentile(started.lateness_ms, percent) / 1000 for what, started in others.items()}
        yield _row(f"lateness of a burst of 10,000, p{percent}", burst, percent, **more)
    yield _row("lateness of a steady load, p99", _steady(STEADY_FOR, _lose, jitter=JITTER), 99)
    yield _row("lateness when a tick comes 59 s late, p99", _steady(10 * MINUTE, partial(_delay, at=6)), 99)


def _row(name: str, started: Started, percent: int, **more: float) -> Row:
    facts = {"max": started.most / SECOND, "runs": len(started.lateness_ms)} | more
    return row(name, percentile(started.lateness_ms, percent) / 1000, **facts)


def _burst(conditions: Conditions) -> Started:
    """Ten thousand that are due at the same instant."""
    started = played(Owner(name="crowd", tasks=CROWD, schedule=every(HOURLY)), conditions=conditions)["crowd"]
    if len(started.lateness_ms) != CROWD:
        raise RuntimeError(f"{len(started.lateness_ms)} runs of {CROWD} started")
    return started


def _steady(duration: timedelta, plan: Callable[[World], None], *, jitter: timedelta = timedelta(0)) -> Started:
    """Tasks that are due every ten seconds, evenly: so many in each second."""
    end = FIRST_DUE + duration
    owners = [
        Owner(
            name=f"at{second}",
            tasks=TASKS_A_SECOND,
            schedule=every(STEADY_EVERY * SECOND, FIRST_DUE + second * SECOND) | {"end_at": to_text(end)},
        )
        for second in range(STEADY_EVERY)
    ]
    conditions = replace(REALISTIC, delivery=DELIVERY, tick_phase=PHASE, tick_jitter=jitter)
    by_owner = played(*owners, conditions=conditions, until=end, plan=plan)
    found = [one for started in by_owner.values() for one in started.lateness_ms]
    expected = TASKS_A_SECOND * int(duration / SECOND)
    if abs(len(found) - expected) > len(owners) * TASKS_A_SECOND:
        raise RuntimeError(f"{len(found)} runs of about {expected} started")
    return Started(lateness_ms=sorted(found))


def _lose(world: World) -> None:
    """Every seventh tick does not come, as early or late as it would have been."""
    for minute in range(LOST_EVERY, int(STEADY_FOR / MINUTE), LOST_EVERY):
        _no_ticks(world, minute)


def _delay(world: World, *, at: int) -> None:
    """The tick of a minute comes when the next one is about to."""
    _no_ticks(world, at)
    world.at(START + at * MINUTE + PHASE + LATE_BY, world.system.coordinator.tick)


def _no_ticks(world: World, minute: int) -> None:
    """No tick comes in a minute since the start."""
    world.at(START + minute * MINUTE, partial(_turn, world, ticking=False))
    world.at(START + (minute + 1) * MINUTE, partial(_turn, world, ticking=True))


def _turn(world: World, *, ticking: bool) -> None:
    world.ticking = ticking
