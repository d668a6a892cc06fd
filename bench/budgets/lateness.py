"""Lateness in the virtual-clock model: how much later than due a run starts. No clock of this machine is asked.

Calls of a pass take 10 ms, one partition key is written a thousand times a second, a worker is busy for 100 ms with a
run, its batch's runs stand behind each other for 11 ms of processor each, and Lambda's mapping begins with five batches
and grows by 300 a minute. Under a steady load messages come up to 200 ms later than they should as well; in a burst
they wait for a worker anyhow. Cold starts are in the rows that say so (`bench/cold.py`), and nobody was there before;
in the others a worker is there as soon as the mapping asks for it. What the processor takes for a pass is in those of a
million, and said with the burst.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

from bench.budgets.table import Row, row
from bench.cold import ONE_PROCESSOR_MB, at_its_share, cold_start
from bench.fairness import (
    CROWD,
    FIRST_DUE,
    HOURLY,
    OWN_PROCESSOR,
    REALISTIC,
    START,
    Owner,
    Started,
    every,
    played,
)
from bench.million import MILLION, PLANNING, SHARDS, conditions_of, dispatched, taken
from bench.priorities import COMMAND, COMMANDS, crowd, single
from chalicelib.core.instant import to_text
from chalicelib.core.overview.costs import MEMORY
from infra.simulation.conditions import Conditions, Ramp
from infra.simulation.world import World

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
LONGER = 0.2 * SECOND
"""Twice as long as a worker is usually busy: what a burst's lateness depends on."""
LARGER = (512, ONE_PROCESSOR_MB)
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
ANY_SECOND = 29.5 * SECOND
"""A tick at this second, so much earlier or later: at any second of its minute."""
EVEN = replace(REALISTIC, tick_phase=PHASE)
COLD = replace(REALISTIC, cold=cold_start("light"), cold_pass=cold_start("dispatcher"))
PROVISIONED = Ramp(first=1000, a_minute=1000, most=20_000)
"""A mapping in provisioned mode with a hundred pollers of ten batches each."""


def rows() -> Iterator[Row]:
    """A thundering second, half an hour of a steady load, one late tick; the first two cold; and a million."""
    burst = _burst(REALISTIC)
    others = {what: _burst(conditions) for what, conditions in _others()}
    for percent in (50, 99):
        more = {what: started.seconds(percent) for what, started in others.items()}
        yield _row(f"lateness of a burst of 10,000, p{percent}", burst, percent, **more)
    cold = _burst(COLD)
    for percent in (50, 99):
        yield _row(f"lateness of a burst of 10,000, cold, p{percent}", cold, percent)
    yield _row("lateness of a steady load, p99", _steady(STEADY_FOR, _lose, jitter=JITTER), 99)
    erratic = _steady(STEADY_FOR, _lose, replace(COLD, tick_phase=ANY_SECOND), jitter=ANY_SECOND)
    yield _row("lateness of a steady load, cold, ticks at any second, p99", erratic, 99)
    yield _row("lateness when a tick comes 59 s late, p99", _steady(10 * MINUTE, partial(_delay, at=6)), 99)
    yield from _million()
    yield _overtaking()


def _others() -> Iterator[tuple[str, Conditions]]:
    """The same burst under other conditions, and by workers that have more memory, and more of a processor with it."""
    yield "with_200_ms_a_run", replace(REALISTIC, handling=LONGER)
    yield "with_a_pass_s_processor", replace(REALISTIC, planning=at_its_share(PLANNING, MEMORY["dispatcher"]))
    yield "without_the_processor", replace(REALISTIC, processor=timedelta(0))
    for megabytes in LARGER:
        yield f"with_{megabytes}_mb", replace(REALISTIC, processor=at_its_share(OWN_PROCESSOR, megabytes))


def _million() -> Iterator[Row]:
    """A million that are due evenly over a minute, by as many shards as keep up with them."""
    conditions = conditions_of()
    messages = dispatched(MILLION, SHARDS, 60, conditions)
    usual, provisioned = taken(messages, conditions), taken(messages, replace(conditions, ramp=PROVISIONED))
    for percent in (50, 99):
        more = {"with_provisioned_pollers": provisioned.percentile(percent), "batches": usual.most_at_work}
        name = f"lateness of a million in a minute, p{percent}"
        yield row(name, usual.percentile(percent), shards=SHARDS, runs=usual.late.total(), **more)


def _overtaking() -> Row:
    """One of high priority behind ten thousand low ones: the later of a light one, and a command whose places are all
    taken."""
    light = played(crowd("low"), single("high"))["zhigh"]
    command = played(crowd("low", more=COMMAND), single("high", COMMAND, after=5), conditions=COMMANDS)["zhigh"]
    seconds = {"light": light.most / SECOND, "command": command.most / SECOND}
    return row("lateness of high priority behind 10,000 low", max(seconds.values()), **seconds)


def _row(name: str, started: Started, percent: int, **more: float) -> Row:
    facts = {"max": started.most / SECOND, "runs": len(started.lateness_ms)} | more
    return row(name, started.seconds(percent), **facts)


def _burst(conditions: Conditions) -> Started:
    """Ten thousand that are due at the same instant."""
    started = played(Owner(name="crowd", tasks=CROWD, schedule=every(HOURLY)), conditions=conditions)["crowd"]
    if len(started.lateness_ms) != CROWD:
        raise RuntimeError(f"{len(started.lateness_ms)} runs of {CROWD} started")
    return started


def _steady(
    duration: timedelta,
    plan: Callable[[World], None],
    conditions: Conditions = EVEN,
    *,
    jitter: timedelta = timedelta(0),
) -> Started:
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
    conditions = replace(conditions, delivery=DELIVERY, tick_jitter=jitter)
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
