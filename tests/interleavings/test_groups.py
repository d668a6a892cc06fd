"""Histories with groups in them: however processes interleave, a group ends once and is followed once.

`SIMULATION_SEEDS=20000` tells more of them; a failure says which one it was.
"""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from chalicelib.core.groups.group import GroupState
from tests.core.building import at
from tests.faults.judging import unsettled, wrong
from tests.interleavings.chance import KINDS
from tests.interleavings.grouping import at_rest, broken_by_groups, tell_groups
from tests.interleavings.judging import PATIENCE, STEP, misled
from tests.interleavings.telling import belonging_to
from tests.interleavings.world import World

SEEDS = max(1, int(os.environ.get("SIMULATION_SEEDS", "2000")) // 125)
"""Histories of each kind."""
TOLD = ("calm", "trouble", "a bad day", "messages", "dying", "sleepy workers", "two at once", "more shards")


def told_with_groups(kind: str, seed: int) -> World:
    chance = replace(KINDS[kind], kind=f"{kind}, groups", seed=seed, tasks=(0, 1), crowd=0)
    world, until = World(chance), at(chance.end)
    with belonging_to(world):
        wishes = tell_groups(world)
        world.play(until)
        while world.now < until + PATIENCE and (world.restless() or not at_rest(world) or unsettled(world, until)):
            world.play(world.now + STEP)
        found = [*unsettled(world, until), *wrong(world), *broken_by_groups(world, wishes)]
        found += [line for path in world.store.paths.values() for line in misled(path)]
    assert found == [], f"{kind} {seed}\n{world.history()}\n" + "\n".join(found)
    return world


@pytest.mark.parametrize("kind", TOLD)
def test_however_processes_interleave_a_group_ends_once_and_is_followed_once(kind: str) -> None:
    for seed in range(SEEDS):
        told_with_groups(kind, seed)


def test_the_histories_hold_every_end_of_a_group() -> None:
    worlds = [told_with_groups(kind, seed) for kind in ("calm", "dying") for seed in range(12)]
    assert {group.state for world in worlds for group in world.store.all_groups()} == set(GroupState) - {
        GroupState.RUNNING
    }
    assert max(group.rounds for world in worlds for group in world.store.all_groups()) > 1
