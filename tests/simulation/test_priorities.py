"""What is of high priority overtakes a backlog of ten thousand within two seconds, and low is never starved (model).

What each mechanism is for, as the model shows it (`python -m bench.priorities` prints the figures):
- a queue of their own for light ones of high priority: nothing else waits there;
- a group of its own for what an owner has of each priority: without it, a command waits for the owner's whole crowd;
- a look ahead where a window has begun: without it, the last of ten thousand waits 12 s for the pages before it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bench.fairness import FIRST_DUE, Owner, every, once, played
from bench.priorities import COMMAND, COMMANDS, LATE, SECOND, crowd, single
from chalicelib.core.instant import to_text
from infra.simulation.conditions import Ramp

BOUND = 2 * SECOND
FEWER = 3000
"""Enough where a crowd holds what comes after it for longer than the bound."""


def test_high_and_normal_overtake_ten_thousand_low_ones_and_another_owners_low_one_does_not_wait_either() -> None:
    other = replace(single("low", of="other"), name="zzother")
    found = played(crowd("low"), single("high"), single("normal"), other)
    assert max(found[name].most for name in ("zhigh", "znormal", "zzother")) <= BOUND
    assert found["crowd"].most > BOUND


def test_high_overtakes_ten_thousand_normal_ones() -> None:
    found = played(crowd("normal"), single("high"))
    assert found["zhigh"].most <= BOUND < found["crowd"].most


def test_a_command_of_high_priority_overtakes_ten_thousand_low_ones_that_wait_already() -> None:
    found = played(crowd("low", more=COMMAND), single("high", COMMAND, after=5), conditions=COMMANDS)
    assert found["zhigh"].most <= BOUND
    assert found["crowd"].most > 20 * BOUND


def test_in_plain_order_the_model_has_that_command_wait_for_the_crowd() -> None:
    plain = replace(COMMANDS, fair=False)
    found = played(crowd("low", FEWER, COMMAND), single("high", COMMAND, after=5), conditions=plain)
    assert found["zhigh"].most > 2 * BOUND


def test_where_a_pass_comes_late_to_a_window_what_is_high_does_not_wait_for_its_pages() -> None:
    found = played(crowd("low", FEWER), single("high"), conditions=LATE)
    assert found["zhigh"].most <= 10 * SECOND + BOUND
    assert found["crowd"].most > found["zhigh"].most + BOUND


def test_more_high_commands_than_there_is_room_for_keep_no_low_one_waiting() -> None:
    """Twice as many as can be performed, for as long as one likes: their backlog is their own."""
    often = every(5 * SECOND) | {"end_at": to_text(FIRST_DUE + 20 * SECOND)}
    storm = Owner(name="storm", tasks=500, schedule=often, more={"priority": "high", **COMMAND})
    low = replace(single("low", COMMAND, of="storm"), tasks=20, schedule=once(FIRST_DUE + 15 * SECOND))
    narrow = replace(COMMANDS, ramp=Ramp(most=5))
    found = played(storm, low, conditions=narrow, until=FIRST_DUE + timedelta(seconds=60))
    assert found["zlow"].most <= BOUND
    assert found["storm"].most > 10 * BOUND


@pytest.mark.parametrize("more", [{}, COMMAND])
def test_low_is_in_time_where_nothing_else_waits(more: dict[str, object]) -> None:
    late = {priority: played(crowd(priority, 100, more)) for priority in ("low", "normal")}
    assert late["low"] == late["normal"]
