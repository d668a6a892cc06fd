"""`python -m bench.million`: how late a crowd's runs start that is too large to be played message by message.

In two stages, both exact for light runs of one length:
1. What is sent, and when: one shard with its share of the crowd, played by the engine itself in the model's world.
   Shards have nothing in common but tables and queue, and their passes come at the same time, so all are like that one.
2. What is started, and when: the messages of all shards in their order, ten messages a batch, by one mapping of the
   simulator with its ramp, and by environments that are cold or idle.
What shards do have in common are limits of the account: `--most` is how many batches these allow, and the most that
is written to a table within a second is printed. `--check` plays a smaller crowd both ways, and prints both.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any

from bench.cold import at_its_share, cold_start
from bench.fairness import CALL, FIRST_DUE, HANDLING, HOURLY, OWN_PROCESSOR, WORST_PHASE, Owner, every, played, sent
from chalicelib.core.instant import MILLISECOND
from chalicelib.core.overview.costs import MEMORY
from infra.simulation.conditions import NO_TIME, Conditions, Ramp
from infra.simulation.environments import Environments
from infra.simulation.mapping import BATCH, Done, Mapping

MILLION = 1_000_000
SHARDS = 64
SECOND = timedelta(seconds=1)
RAMP = Ramp()
PLANNING = timedelta(milliseconds=0.25)
"""The processor's time for an entry (`python -m bench cpu`), on a processor of its own."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """So many messages that can be received from an instant on, each of so many runs that are due at another."""

    available: datetime
    due: datetime
    runs: int
    number: int


@dataclass
class Started:
    """What became of a crowd: runs by how many milliseconds late they started, and by the second in which they did."""

    late: Counter[int] = field(default_factory=Counter)
    by_second: Counter[datetime] = field(default_factory=Counter)
    most_at_work: int = 0

    def percentile(self, percent: float) -> float:
        """Seconds. As many of a hundred runs started no later."""
        rank, seen = max(1, -(-self.late.total() * percent // 100)), 0
        for milliseconds in sorted(self.late):
            seen += self.late[milliseconds]
            if seen >= rank:
                return milliseconds / 1000
        raise ValueError("nothing started")


def crowd(tasks: int, over: int) -> list[Owner]:
    """So many tasks that are due within so many seconds, evenly; 0: at one instant."""
    if not over:
        return [Owner(name="crowd", tasks=tasks, schedule=every(HOURLY))]
    shares = [tasks * (n + 1) // over - tasks * n // over for n in range(over)]
    return [
        Owner(name=f"crowd{n:03}", tasks=share, schedule=every(HOURLY, FIRST_DUE + n * SECOND))
        for n, share in enumerate(shares)
        if share
    ]


def dispatched(tasks: int, shards: int, over: int, conditions: Conditions) -> list[Sent]:
    """What all shards send, in the order in which it can be received. `tasks` is rounded to as many in each shard."""
    one = sent(*crowd(max(1, round(tasks / shards)), over), conditions=conditions, until=FIRST_DUE + over * SECOND)
    return [
        Sent(available=available, due=due, runs=runs, number=number * shards)
        for (available, due, runs), number in sorted(Counter(one).items(), key=_order)
    ]


def _order(sent: tuple[tuple[datetime, datetime, int], int]) -> tuple[datetime, datetime, int]:
    """Of what is sent for one second, full messages go first."""
    (available, due, runs), _ = sent
    return available, due, -runs


def taken(messages: Sequence[Sent], conditions: Conditions) -> Started:
    """How one mapping has them handled."""
    result, waiting = Started(), deque(messages)
    mapping, workers = Mapping(conditions.ramp), Environments(conditions.cold)
    ends: list[tuple[datetime, int, Done]] = []
    now = messages[0].available
    while waiting:
        next_at = mapping.takes_at(waiting[0].available)
        if next_at is None or (ends and ends[0][0] < max(next_at, now)):
            now, _, done = heappop(ends)
            done()
            continue
        now = max(next_at, now)
        batch = list(_received(waiting, now))
        ready, done = now + workers.begin(now), mapping.begin(1)
        ended = _start(result, batch, ready, conditions.processor) + conditions.handling
        result.most_at_work = max(result.most_at_work, mapping.at_work)
        mapping.look(waiting[0].available if waiting else None, now)
        heappush(ends, (ended, id(done), _both(done, workers, ended)))
    return result


def _received(waiting: deque[Sent], now: datetime) -> Iterator[Sent]:
    """A batch: what can be received, up to ten messages."""
    room = BATCH
    while room and waiting and waiting[0].available <= now:
        first = waiting.popleft()
        yield replace(first, number=min(room, first.number))
        if first.number > room:
            waiting.appendleft(replace(first, number=first.number - room))
        room -= min(room, first.number)


def _start(result: Started, batch: Iterable[Sent], ready: datetime, processor: timedelta) -> datetime:
    """Start the runs of a batch, one behind the other for the processor. When the last is through."""
    ended, turns = ready, count()
    for one in batch:
        for _ in range(one.number * one.runs):
            starts = max(ready, one.due) + next(turns) * processor
            result.late[(starts - one.due) // MILLISECOND] += 1
            result.by_second[starts.replace(microsecond=0)] += 1
            ended = max(ended, starts + processor)
    return ended


def _both(done: Done, workers: Environments, ended: datetime) -> Done:
    def end() -> None:
        done()
        workers.end(ended)

    return end


def conditions_of(
    *,
    handling: timedelta = HANDLING,
    ramp: Ramp = RAMP,
    warm: bool = False,
    whole_processor: bool = False,
) -> Conditions:
    """Passes at the worst moment, by a whole processor or by what 512 MB have of one; workers are cold, or warm."""
    return Conditions(
        tick_phase=WORST_PHASE,
        call=CALL,
        planning=PLANNING if whole_processor else at_its_share(PLANNING, MEMORY["dispatcher"]),
        handling=handling,
        processor=at_its_share(OWN_PROCESSOR, MEMORY["light"]),
        ramp=ramp,
        cold=NO_TIME if warm else cold_start("light"),
        fair=False,
    )


def figures(tasks: int, shards: int, over: int, conditions: Conditions) -> dict[str, Any]:
    """What came of a crowd, in numbers."""
    messages = dispatched(tasks, shards, over, conditions)
    started = taken(messages, conditions)
    sent_by = max(one.available for one in messages) - FIRST_DUE
    return {
        "runs": started.late.total(),
        "shards": shards,
        "p50": started.percentile(50),
        "p99": started.percentile(99),
        "max": started.percentile(100),
        "all_sent_after_s": round(sent_by / SECOND, 1),
        "batches_at_once": started.most_at_work,
        "starts_a_second": max(started.by_second.values()),
    }


def both_ways(tasks: int, shards: int, over: int, conditions: Conditions) -> Iterator[dict[str, Any]]:
    """The same crowd in one world with all its shards, message by message; and as it is done here."""
    until = FIRST_DUE + over * SECOND
    found = played(*crowd(tasks, over), conditions=conditions, until=until, shards=shards)
    late = sorted(one for started in found.values() for one in started.lateness_ms)
    world = Started(late=Counter(late))
    yield {"way": "one world", "runs": len(late)} | {f"p{p}": world.percentile(p) for p in (50, 99, 100)}
    started = taken(dispatched(tasks, shards, over, conditions), conditions)
    yield {"way": "two stages", "runs": started.late.total()} | {f"p{p}": started.percentile(p) for p in (50, 99, 100)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a JSON object for each number of shards, or the two of a check."""
    given = _parser().parse_args(arguments)
    conditions = conditions_of(
        handling=given.handling * SECOND,
        ramp=Ramp(first=given.first, a_minute=given.a_minute, most=given.most),
        warm=given.warm,
        whole_processor=given.whole_processor,
    )
    for shards in given.shards:
        lines: Iterable[dict[str, Any]] = (
            both_ways(given.runs, shards, given.over, conditions)
            if given.check
            else [figures(given.runs, shards, given.over, conditions)]
        )
        for line in lines:
            print(json.dumps(line), flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.million", description=__doc__)
    parser.add_argument("--runs", type=int, default=MILLION)
    parser.add_argument("--shards", type=int, nargs="+", default=[SHARDS])
    parser.add_argument("--over", type=int, default=60, help="seconds over which they are due (60); 0: at one instant")
    parser.add_argument("--handling", type=float, default=HANDLING / SECOND, help="seconds a worker has a run")
    parser.add_argument("--first", type=int, default=RAMP.first, help="batches that the mapping begins with")
    parser.add_argument("--a-minute", type=int, default=RAMP.a_minute, help="by how many it grows")
    parser.add_argument("--most", type=int, default=RAMP.most, help="batches at once")
    parser.add_argument("--warm", action="store_true", help="no cold starts")
    parser.add_argument("--whole-processor", action="store_true", help="dispatchers with 1,769 MB")
    parser.add_argument("--check", action="store_true", help="play it in one world as well")
    return parser


if __name__ == "__main__":
    main()
