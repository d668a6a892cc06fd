"""Weeks in every zone: each instant lies in one hour, and days on which the clock changes say what it does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.web.pages.charts.week import Week, empty_week, monday

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Paris",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "America/Santiago",
        "Asia/Beirut",
    ]
)


def week(first: str, zone: str) -> Week:
    return empty_week(date.fromisoformat(first), ZoneInfo(zone), NOW)


@given(zone=ZONES, number=st.integers(0, 3000))
def test_the_hours_of_a_week_cover_it_without_gap_or_overlap(zone: str, number: int) -> None:
    found = empty_week(monday(date(1990, 1, 1) + number * timedelta(days=7)), ZoneInfo(zone), NOW)
    edges = found.edges(found.begin)
    assert (edges[0], edges[-1]) == (found.begin, found.end)
    assert all(timedelta(0) < high - low <= timedelta(hours=1, minutes=30) for low, high in pairwise(edges))
    for at in edges[:-1]:
        hour = found.hour(at)
        assert hour is not None
        assert not hour.missing
    assert found.hour(found.begin - HOUR) is None
    assert found.hour(found.end) is None


@given(zone=ZONES, number=st.integers(0, 3000))
def test_only_days_whose_length_is_not_a_days_say_that_the_clock_changes(zone: str, number: int) -> None:
    found = empty_week(monday(date(1990, 1, 1) + number * timedelta(days=7)), ZoneInfo(zone), NOW)
    changed = [day for day in found.days if day.change]
    assert bool(changed) == (found.end - found.begin != timedelta(days=7))
    odd = [hour for day in found.days for hour in day.hours if hour.missing or hour.twice]
    assert {hour.day for hour in odd} <= {day.date for day in changed}


@pytest.mark.parametrize(
    ("zone", "first", "change", "missing", "twice"),
    [
        ("Europe/Paris", "2026-03-23", "forward from 02:00 to 03:00", [2], []),
        ("Europe/Paris", "2026-10-19", "back from 03:00 to 02:00", [], [2]),
        ("Australia/Lord_Howe", "2026-10-04", "forward from 02:00 to 02:30", [], []),
        ("Australia/Lord_Howe", "2026-04-05", "back from 02:00 to 01:30", [], [1]),
        ("America/Santiago", "2026-09-06", "forward from 00:00 to 01:00", [0], []),
    ],
)
def test_a_change_of_the_clock_is_said_in_words_and_marked(
    zone: str, first: str, change: str, missing: list[int], twice: list[int]
) -> None:
    found = empty_week(monday(date.fromisoformat(first)), ZoneInfo(zone), NOW)
    (day,) = (one for one in found.days if one.change)
    assert change in day.change
    assert [hour.hour for hour in day.hours if hour.missing] == missing
    assert [hour.hour for hour in day.hours if hour.twice] == twice


def test_edges_begin_with_the_hour_that_has_begun() -> None:
    found = week("2026-11-16", "UTC")
    assert found.edges(NOW + HOUR / 2)[:2] == (NOW, NOW + HOUR)
    assert len(found.edges(NOW)) == 12 + 24 + 1


def test_this_day_and_this_hour_are_marked() -> None:
    found = week("2026-11-16", "Asia/Tokyo")
    assert [(day.date.day, hour.hour) for day in found.days for hour in day.hours if hour.current] == [(21, 21)]
    assert [day.date.day for day in found.days if day.today] == [21]
