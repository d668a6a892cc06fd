"""How the installation is doing: how far passes have come, how full queues are, how far the auditor has looked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core.message import PassMessage
from chalicelib.core.window import BEHIND, WINDOW
from chalicelib.engine.requests.looking.condition import Condition
from chalicelib.ports import Audited, Hinting
from chalicelib.settings import Settings
from tests.web.building import NOW, World, installed

START = NOW.replace(second=0, microsecond=0)


@pytest.fixture
def world() -> World:
    return installed(Settings())


def condition(world: World, shards: int = 1) -> Condition:
    return Condition(store=world.store, queue=world.queue, clock=world.clock, chosen_shards=shards)


def handled(world: World, shard: int, **more: object) -> None:
    """Let passes of a shard have come up to the end of the window that began the test."""
    taken = world.store.take_lease(shard, "pass", now=NOW - WINDOW, until=NOW)
    assert taken is not None
    world.store.move(shard, taken.__class__(**vars(taken) | {"through": START} | more))


def test_a_shard_says_up_to_when_it_is_handled_and_when_it_is_behind(world: World) -> None:
    handled(world, 0)
    [shard] = condition(world).shards(limit=10).shards
    assert (shard.handled_until, shard.age, shard.behind) == (START + WINDOW, timedelta(0), False)
    world.clock.wait_until(START + WINDOW + BEHIND)
    [shard] = condition(world).shards(limit=10).shards
    assert (shard.age, shard.behind, shard.at_work) == (BEHIND, False, False)
    world.clock.advance(timedelta(milliseconds=1))
    assert condition(world).shards(limit=10).shards[0].behind


def test_a_pass_that_is_there_and_an_outage_that_is_made_up_for_are_told(world: World) -> None:
    handled(world, 0, lease_until=NOW + WINDOW, hinting=Hinting(since=NOW))
    [shard] = condition(world).shards(limit=10).shards
    assert (shard.at_work, shard.catching_up) == (True, True)


def test_shards_are_as_many_as_were_chosen_or_as_there_have_ever_been(world: World) -> None:
    assert condition(world, 3).shards(limit=10).count == 3
    assert [shard.handled_until for shard in condition(world, 3).shards(limit=10).shards] == [None] * 3
    world.store.shards_in_use(5)
    assert condition(world, 3).shards(limit=10).count == 5


@pytest.mark.parametrize(("first", "numbers"), [(0, [0, 1]), (2, [2, 3]), (4, [4]), (5, []), (99, []), (-7, [0, 1])])
def test_shards_are_looked_at_some_at_a_time(world: World, first: int, numbers: list[int]) -> None:
    found = condition(world, 5).shards(first=first, limit=2)
    assert ([shard.number for shard in found.shards], found.count) == (numbers, 5)


def test_looking_changes_nothing(world: World) -> None:
    condition(world, 7).shards(limit=10)
    assert world.store.shards_in_use(0) == 0


def test_queues_and_the_auditor_are_asked_how_far_they_are(world: World) -> None:
    assert condition(world).audited_until() is None
    world.store.put_audited(Audited(recorded=START))
    assert condition(world).audited_until() == START
    world.queue.send_passes([PassMessage(shard=0)])
    assert {depth.queue: depth.waiting for depth in condition(world).queues()}["passes"] == 1
