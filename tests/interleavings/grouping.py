"""Groups among interleaving processes: what their owner asks for, and what must hold of them at the end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from chalicelib.bootstrap.whole import System
from chalicelib.core.attempts.claim import START_WITHIN
from chalicelib.core.errors import NotFound
from chalicelib.core.groups.group import Group, GroupState
from chalicelib.core.run import ON_FAILURE, THEN, Run, RunStatus
from tests.core.building import at
from tests.faults.story import ANN
from tests.interleavings.world import World

SIZES = (1, 2, 3, 5, 45)
"""The last stands in two sections."""
RETRIES = ({"max_attempts": 8}, {"max_attempts": 1}, {"max_attempts": 2})


@dataclass
class Wishes:
    """What was asked for: the groups by the number of the wish, and when a cancelling was acknowledged."""

    groups: dict[int, str] = field(default_factory=dict)
    cancelled: list[tuple[str, datetime]] = field(default_factory=list)
    retried: list[str] = field(default_factory=list)


def tell_groups(world: World) -> Wishes:
    """Let the owner make groups, cancel and retry them, as the seed will have it."""
    wishes, draw = Wishes(), world.random
    for number in range(draw.randint(1, 3)):
        made = draw.uniform(1, 90)
        data = _group(world, number)
        world.ask(at(made), f"group-{number}", "create group", partial(_create, wishes, number, data))
        for _ in range(draw.choice([0, 0, 1, 2])):
            verb = draw.choice([_cancel, _retry, _retry])
            moment = at(made + draw.uniform(0.5, 120))
            world.ask(moment, f"group-{number}", verb.__name__, partial(verb, world, wishes, number))
    return wishes


def _group(world: World, number: int) -> dict[str, Any]:
    draw = world.random
    members = [_member(world, f"{number}-{index}") for index in range(draw.choice(SIZES))]
    followers = {name: _member(world, f"{number}-{name}") for name in ("then", "on_failure") if draw.random() < 0.8}
    return {"name": f"group-{number}", "members": members, "order": draw.choice(["parallel", "chain"])} | followers


def _member(world: World, name: str) -> dict[str, Any]:
    draw, kwargs = world.random, {}
    if draw.random() < 0.2:
        kwargs["fails"] = draw.choice([1, 1, 20])
    if draw.random() < 0.2:
        kwargs["seconds"] = draw.choice([1, 15])
    action = {"type": "function", "name": "print_hello", "kwargs": kwargs}
    return {"define": {"name": name, "action": action, "retry": draw.choice(RETRIES)}}


def _create(wishes: Wishes, number: int, data: dict[str, Any], system: System) -> None:
    wishes.groups[number] = system.groups.create(ANN, data).id


def _cancel(world: World, wishes: Wishes, number: int, system: System) -> None:
    group_id = _known(wishes, number)
    system.groups.cancel(ANN, group_id)
    wishes.cancelled.append((group_id, world.now))


def _retry(world: World, wishes: Wishes, number: int, system: System) -> None:
    group_id = _known(wishes, number)
    wishes.retried.append(group_id)
    system.groups.retry(ANN, group_id)


def _known(wishes: Wishes, number: int) -> str:
    if number not in wishes.groups:
        raise NotFound("its making was not acknowledged")
    return wishes.groups[number]


def at_rest(world: World) -> bool:
    """Whether no group is left to go on with."""
    return all(group.state is not GroupState.RUNNING and not _unswept(group) for group in world.store.all_groups())


def _unswept(group: Group) -> bool:
    return group.state is GroupState.CANCELLED and not group.swept


def broken_by_groups(world: World, wishes: Wishes) -> Iterator[str]:
    """What must not be."""
    by_group: defaultdict[str, list[Run]] = defaultdict(list)
    for run in world.runs().values():
        if run.part is not None:
            by_group[run.part.group_id].append(run)
    known = {group.id for group in world.store.all_groups()}
    yield from (f"G1 runs of {group_id}, which there is not" for group_id in by_group.keys() - known)
    for group in world.store.all_groups():
        yield from _broken(world, group, by_group[group.id])
    yield from _started_after(world, wishes)


def _broken(world: World, group: Group, runs: list[Run]) -> Iterator[str]:
    places = Counter((run.part.round, run.part.index) for run in runs if run.part is not None)
    yield from (f"G1 {group.id} has {many} runs of {place}" for place, many in places.items() if many > 1)
    if group.state is GroupState.RUNNING or _unswept(group):
        yield f"G2 {group.id} stays {group.state}, {group}"
    ends = Counter(one.state for one in world.store.moves[group.id])
    follows = Counter(index for _, index in places)
    followers = ((GroupState.SUCCEEDED, THEN, group.then), (GroupState.FAILED, ON_FAILURE, group.on_failure))
    for state, index, member in followers:
        wanted = ends[state] if member is not None else 0
        if follows[index] != wanted:
            yield f"G3 {group.id} was {state} {ends[state]} times, and {follows[index]} runs followed"
    succeeded = {run.part.index for run in runs if run.part and run.status is RunStatus.SUCCEEDED} - {THEN, ON_FAILURE}
    if group.state is GroupState.SUCCEEDED and len(succeeded) != group.total:
        yield f"G4 {group.id} succeeded, and of {group.total} members {sorted(succeeded)} have"
    if group.state is GroupState.FAILED and len(succeeded) == group.total:
        yield f"G4 {group.id} failed, and all its members have succeeded"


def _started_after(world: World, wishes: Wishes) -> Iterator[str]:
    """A start of a member after its group's cancelling was acknowledged."""
    runs = world.runs()
    for group_id, when in wishes.cancelled:
        for start in world.starts if group_id not in wishes.retried else ():
            run = runs.get((start.task_id, start.due_at))
            allowed = when + (START_WITHIN if start.process.slow else timedelta(0))
            if run is not None and run.part is not None and run.part.group_id == group_id and start.at > allowed:
                yield f"G5 {run.id} started at {start.at}, and its group was cancelled at {when}"
