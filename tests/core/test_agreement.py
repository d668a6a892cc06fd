"""Cron against other ways to find the same: a second implementation, and looking at every minute."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim, CronSimError
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.schedule.cron import CronRule, cron_rule
from tests.core.building import START

ZONES = ["Europe/Berlin", "America/New_York", "UTC", "America/Havana", "Asia/Kolkata", "Pacific/Auckland"]
MINUTE = timedelta(minutes=1)


def field(low: int, high: int) -> st.SearchStrategy[str]:
    """One field of a cron expression."""
    number = st.integers(low, high)
    spans = st.tuples(number, number).map(sorted)
    return st.one_of(
        st.just("*"),
        st.integers(1, high).map(lambda n: f"*/{n}"),
        number.map(str),
        spans.map(lambda span: f"{span[0]}-{span[1]}"),
        st.lists(number, min_size=2, max_size=4, unique=True).map(lambda ns: ",".join(map(str, sorted(ns)))),
        # cronsim takes 0-0/1 for a star: see docs/time.md
        st.tuples(spans.filter(lambda span: span[0] < span[1]), st.integers(1, 9)).map(
            lambda x: f"{x[0][0]}-{x[0][1]}/{x[1]}"
        ),
    )


expressions = st.tuples(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6)).map(" ".join)
instants = st.integers(0, 4 * 365 * 24 * 60).map(lambda n: datetime(2025, 1, 1, tzinfo=UTC) + n * MINUTE)


def following(rule: CronRule, after: datetime) -> Iterator[datetime]:
    """The rule's instants after one."""
    instant = rule.next_after(after)
    while instant is not None:
        yield instant
        instant = rule.next_after(instant)


@given(expression=expressions, zone=st.sampled_from(ZONES), after=instants)
@settings(max_examples=300, deadline=None)
def test_agrees_with_cronsim(expression: str, zone: str, after: datetime) -> None:
    try:
        theirs = [x.astimezone(UTC) for x in islice(CronSim(expression, after.astimezone(ZoneInfo(zone))), 6)]
    except CronSimError:  # says no to what can never fire
        return
    assert list(islice(following(cron_rule(expression, zone), after), len(theirs))) == theirs


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_a_year_of_quarters_is_every_quarter_of_the_real_clock(zone: str) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    quarters = [start + n * timedelta(minutes=15) for n in range(1, 4 * 24 * 365)]
    assert list(islice(following(cron_rule("*/15 * * * *", zone), start), len(quarters))) == quarters


@pytest.mark.parametrize("seed", range(12))
def test_looking_at_every_minute_finds_the_same(seed: int) -> None:
    """A starred expression is due at every minute whose wall time matches, whatever the clock does."""
    chance = random.Random(seed)
    hours, step = sorted(chance.sample(range(24), 3)), chance.choice([7, 10, 20, 30])
    zone = chance.choice(["Europe/Paris", "Australia/Lord_Howe", "America/Havana", "Africa/Casablanca"])
    change = chance.choice([datetime(2026, 3, 7, tzinfo=UTC), datetime(2026, 4, 4, tzinfo=UTC), START])
    rule = cron_rule(f"*/{step} {','.join(map(str, hours))} * * *", zone)
    minutes = [change + n * MINUTE for n in range(1, 3 * 24 * 60)]
    local = [(minute, minute.astimezone(ZoneInfo(zone))) for minute in minutes]
    matching = [minute for minute, at in local if at.minute % step == 0 and at.hour in hours]
    assert list(islice(following(rule, change), len(matching))) == matching


def test_an_accepted_expression_is_answered_however_sparse() -> None:
    """Nothing that is accepted makes a request think for long: croniter gives up after fifty years."""
    for expression in ("0 0 29 2 1#1", "59 59 23 29 2 *", "0 0 31 2,4,6,9,11 *", "0 0 L 2 5#5"):
        rule = cron_rule(expression, "Europe/Berlin")
        assert rule.next_after(START) == rule.next_after(START)
