"""`python -m bench.fairness`: how late one owner's single task starts while another owner's ten thousand are due.

In the virtual-clock model: calls of a pass take 10 ms, one partition key is written a thousand times a second, and
Lambda's mapping of the queue begins with five batches and grows by 300 a minute. The runs of a batch share what a
function of so little memory has of a processor. "Alone" is the same world without the
crowd. Nothing is measured by this machine's clock, so the figures are the same on every one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.cold import at_its_share
from chalicelib.core import task as tasks
from chalicelib.core.instant import MILLISECOND, to_text
from chalicelib.core.message import decode_run, parts
from chalicelib.core.overview.costs import MEMORY
from chalicelib.core.run import AttemptStatus, Outcome
from chalicelib.core.schedule import first_from
from chalicelib.core.task import Channel, Task
from chalicelib.core.window import WINDOW, Entry, Kind, window_of
from chalicelib.ports import Control, Placed
from chalicelib.settings import Settings
from infra.simulation.conditions import Conditions, Ramp
from infra.simulation.report import percentile
from infra.simulation.world import World

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FIRST_DUE = START + timedelta(minutes=3)
"""The start of a window, far enough from the beginning that passes come regularly."""
CROWD = 10_000
CALL = timedelta(milliseconds=10)
"""What an answer of DynamoDB or SQS takes within a region, with what the client makes of it."""
HANDLING = timedelta(milliseconds=100)
"""How long a worker is busy with a short action, waiting for the most part: claim, read, perform, finish."""
OWN_PROCESSOR = timedelta(milliseconds=1.6)
"""What a run takes of a whole processor, as `bench/budgets/cpu.py` measures it for workers."""
WORST_PHASE = timedelta(seconds=14.5)
"""Passes at :14.5 and :44.5. The one 45 s before a minute ends too early to see it; the next comes 30 s later."""
HOURLY = timedelta(hours=1)
LONG_AFTER = timedelta(seconds=70)
"""By then the last of a crowd has started, also where each run takes ten seconds."""
LONGEST_PLANNED = timedelta(milliseconds=5)
"""More than a pass takes for an entry, with the time in which none is at work."""
EVERY_RUN = 1000
DONE = Outcome(status=AttemptStatus.SUCCEEDED)
NOBODY = Ramp(first=0, a_minute=1, most=0)
"""No batch is taken: what is sent stays in its queue."""
REALISTIC = Conditions(
    tick_phase=WORST_PHASE,
    call=CALL,
    ramp=Ramp(),
    handling=HANDLING,
    processor=at_its_share(OWN_PROCESSOR, MEMORY["light"]),
)


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Somebody with so many tasks on the same schedule. Ids sort by name, so that the last one's come last.

    `of` is whose tasks they are where somebody has tasks of several kinds; `more` is what else is said about each.
    """

    name: str
    tasks: int
    schedule: Mapping[str, Any]
    of: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Started:
    """How late an owner's runs started, in milliseconds, in order."""

    lateness_ms: Sequence[int] = field(default_factory=tuple)

    @property
    def most(self) -> timedelta:
        """The latest of all."""
        return max(self.lateness_ms) * MILLISECOND

    def seconds(self, percent: int) -> float:
        """So many of a hundred runs started no later."""
        return percentile(self.lateness_ms, percent) / 1000

    def __str__(self) -> str:
        p50, p99, most = map(self.seconds, (50, 99, 100))
        return f"p50 {p50:.2f} s, p99 {p99:.2f} s, max {most:.2f} s"


def once(due: datetime = FIRST_DUE) -> dict[str, Any]:
    """A schedule that is due one time."""
    return {"type": "once", "at": to_text(due)}


def every(duration: timedelta, due: datetime = FIRST_DUE) -> dict[str, Any]:
    """A schedule that is due again and again, from then on."""
    seconds = duration // timedelta(seconds=1)
    return {"type": "interval", "every": seconds, "unit": "seconds", "start_at": to_text(due)}


def played(
    *owners: Owner,
    conditions: Conditions = REALISTIC,
    until: datetime = FIRST_DUE,
    plan: Callable[[World], object] = lambda world: None,
    shards: int = 1,
) -> dict[str, Started]:
    """How late everybody's runs started, by owner's name. The last due time is at `until`. `plan` may let more happen
    in the world."""
    world = _begun(conditions, shards)
    created = {owner.name: list(_create(world, owner)) for owner in owners}
    plan(world)
    world.play(until + LONG_AFTER)
    return {name: _started(world, task_ids) for name, task_ids in created.items()}


def sent(
    *owners: Owner, conditions: Conditions = REALISTIC, until: datetime = FIRST_DUE
) -> list[tuple[datetime, datetime, int]]:
    """What one shard's passes send for light runs: from when on it can be received, when its start is, and how many
    runs are in it."""
    world = _begun(replace(conditions, ramp=NOBODY), 1)
    created = sum(len(list(_create(world, owner))) for owner in owners)
    world.play(until + LONG_AFTER + created * LONGEST_PLANNED)
    light = Channel.LIGHT
    packed = [(one.available_at, parts(one.body)) for one in world.queue.waiting(light)]
    found = [(at, decode_run(runs[0], light).entry.start, len(runs)) for at, runs in packed]
    if sum(number for _, _, number in found) != created:
        raise RuntimeError(f"not all runs of {created} tasks were sent")
    return found


def _begun(conditions: Conditions, shards: int) -> World:
    """A world whose passes have come up to its start."""
    actions = dict.fromkeys(("function", "command"), lambda action, timeout, context: DONE)
    world = World(start=START, actions=actions, conditions=conditions, settings=Settings(shards=shards))
    for shard in range(shards):
        world.store.take_lease(shard, "before", now=START, until=START)
        world.store.move(shard, Control(through=window_of(START) - WINDOW, token="before", lease_until=START))
    return world


def _create(world: World, owner: Owner) -> Iterator[str]:
    """Put an owner's tasks there with their first entries, as if they had been created an hour ago."""
    created = START - timedelta(hours=1)
    document = {"name": owner.name, "action": {"type": "function", "name": "print_hello"}, "schedule": owner.schedule}
    definition = tasks.from_json({**document, **owner.more}, created)
    first = first_from(definition.schedule, created)
    if first is None:
        raise ValueError(f"{owner.name} is never due")
    for number in range(owner.tasks):
        shard = number % world.settings.shards
        task = Task(
            id=f"{owner.name}{number:05}",
            owner=owner.of or owner.name,
            shard=shard,
            definition=definition,
            created_at=created,
            updated_at=created,
            changed_at=created,
        )
        entry = Entry(start=first, task_id=task.id, kind=Kind.SCHEDULE, due_at=first)
        world.store.create_task(task, Placed(entry=entry, shard=shard, late=False))
        yield task.id


def _started(world: World, task_ids: Iterable[str]) -> Started:
    runs = [run for some in world.store.last_runs(list(task_ids), EVERY_RUN).values() for run in some]
    found = [run.lateness // MILLISECOND for run in runs if run.lateness is not None]
    if len(found) != len(runs) or not runs:
        raise ValueError("not everything that was recorded has started")
    return Started(lateness_ms=sorted(found))


def main() -> None:
    """Print the figures."""
    crowd = Owner(name="crowd", tasks=CROWD, schedule=every(HOURLY))
    quiet = Owner(name="quiet", tasks=1, schedule=once())
    alone = played(quiet)["quiet"]
    print(f"alone                          quiet: {alone}")
    for title, conditions in (
        ("fair", REALISTIC),
        ("plain order", replace(REALISTIC, fair=False)),
        ("fair, 10 s a run", replace(REALISTIC, handling=timedelta(seconds=10))),
        ("plain order, 10 s a run", replace(REALISTIC, fair=False, handling=timedelta(seconds=10))),
    ):
        found = played(crowd, quiet, conditions=conditions)
        print(f"{title:<30} quiet: {found['quiet']}\n{'':<30} crowd: {found['crowd']}")


if __name__ == "__main__":
    main()
