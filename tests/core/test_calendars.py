"""Spans of calendar events; and recurrences, with dateutil as a second opinion."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.calendars.recurrence import Effort, Frequency, Recurrence, TooMuchWork, days_of
from chalicelib.core.calendars.spans import Event, Repeat, Span, spans_of
from chalicelib.core.errors import Invalid

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PARIS = ZoneInfo("Europe/Paris")
THEIRS = {
    Frequency.DAILY: rrule.DAILY,
    Frequency.WEEKLY: rrule.WEEKLY,
    Frequency.MONTHLY: rrule.MONTHLY,
    Frequency.YEARLY: rrule.YEARLY,
}
WEEKDAYS = (rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU)


def local(month: int, day: int, hour: int = 0, year: int = 2026) -> datetime:
    """A time by a clock whose zone stands beside it."""
    return datetime.combine(date(year, month, day), time(hour))


def event(*repeats: Repeat, start: datetime | None = None, **more: Any) -> Event:
    """An hour in Paris, from nine o'clock on the second of March."""
    given: dict[str, Any] = {"start": start or local(3, 2, 9), "length": HOUR, "zone": PARIS, "repeats": repeats} | more
    return Event(**given)


def shown(spans: tuple[Span, ...]) -> list[str]:
    return [f"{begin:%Y-%m-%d %H:%M}/{end - begin}" for begin, end in spans]


def test_an_event_keeps_its_local_time_when_clocks_change() -> None:
    weekly = Repeat(rule=Recurrence(frequency=Frequency.WEEKLY, count=5))
    assert shown(spans_of([event(weekly)], NOW)) == [
        "2026-03-02 08:00/1:00:00",
        "2026-03-09 08:00/1:00:00",
        "2026-03-16 08:00/1:00:00",
        "2026-03-23 08:00/1:00:00",
        "2026-03-30 07:00/1:00:00",
    ]


def test_a_whole_day_is_as_long_as_that_day() -> None:
    spring = event(start=local(3, 29), length=DAY, whole_days=True)
    assert shown(spans_of([spring], NOW)) == ["2026-03-28 23:00/23:00:00"]


def test_what_touches_is_joined_and_an_endless_row_of_days_is_one_span_of_ten_years() -> None:
    daily = Repeat(rule=Recurrence(frequency=Frequency.DAILY))
    always = event(daily, start=local(3, 3), length=DAY, whole_days=True)
    ((begin, end),) = spans_of([always], NOW)
    assert (begin, end) == (datetime(2026, 3, 2, 23, tzinfo=UTC), NOW + timedelta(days=3653))


def test_times_are_added_and_taken_away() -> None:
    three = Repeat(rule=Recurrence(frequency=Frequency.DAILY, count=4), until=local(3, 4, 9))
    mixed = event(
        three,
        also=((local(4, 1, 12), 2 * HOUR),),
        without=frozenset({local(3, 3, 9)}),
        days_without=frozenset({date(2026, 4, 2)}),
    )
    assert shown(spans_of([mixed], NOW)) == [
        "2026-03-02 08:00/1:00:00",
        "2026-03-04 08:00/1:00:00",
        "2026-04-01 10:00/2:00:00",
    ]


def test_what_is_long_past_or_has_no_length_is_no_span() -> None:
    assert spans_of([event(start=local(1, 1, year=2020)), event(length=timedelta(0))], NOW) == ()


@pytest.mark.parametrize(
    ("events", "says"),
    [
        ([event(Repeat(rule=Recurrence(frequency=Frequency.DAILY)))], "separate spans"),
        ([event(Repeat(rule=Recurrence(frequency=Frequency.DAILY)))] * 50, "times in ten years"),
        ([event(Repeat(rule=Recurrence(frequency=Frequency.DAILY, months=(2,), month_days=(30,))))] * 100, "too long"),
    ],
)
def test_too_much_is_refused(events: list[Event], says: str) -> None:
    with pytest.raises(Invalid, match=says):
        spans_of(events, NOW)


def test_a_rule_that_never_comes_costs_no_more_than_it_may() -> None:
    never = Recurrence(frequency=Frequency.YEARLY, months=(2,), month_days=(30,))
    effort = Effort(1000)
    assert list(days_of(never, date(1900, 1, 1), date(2026, 1, 1), date(2036, 1, 1), effort)) == []
    assert effort.left > 900
    every_day = Recurrence(frequency=Frequency.DAILY, months=(2,), month_days=(30,))
    with pytest.raises(TooMuchWork):
        list(days_of(every_day, date(1900, 1, 1), date(2026, 1, 1), date(2036, 1, 1), Effort(1000)))


def some(low: int, high: int) -> st.SearchStrategy[tuple[int, ...]]:
    numbers = st.integers(low, high).filter(lambda n: n != 0)
    return st.lists(numbers, max_size=3, unique=True).map(tuple)


@st.composite
def rules(draw: st.DrawFn) -> Recurrence:
    frequency = draw(st.sampled_from(Frequency))
    coarse = frequency in (Frequency.MONTHLY, Frequency.YEARLY)
    # dateutil lets only those through that fit both where weekdays with and without a number stand together.
    ordinals = draw(st.sampled_from([(0,), (1, 2, -1)])) if coarse else (0,)
    weekdays = st.lists(st.tuples(st.sampled_from(ordinals), st.integers(0, 6)), max_size=3, unique=True).map(tuple)
    return Recurrence(
        frequency=frequency,
        interval=draw(st.integers(1, 5)),
        count=draw(st.none() | st.integers(1, 30)),
        months=draw(some(1, 12)),
        month_days=draw(some(-31, 31)),
        year_days=draw(some(-366, 366)) if frequency is Frequency.YEARLY else (),
        weekdays=draw(weekdays),
        positions=draw(some(-3, 3)) if coarse else (),
        week_start=draw(st.sampled_from([0, 6])),
    )


def dateutils(rule: Recurrence, first: date, low: date, high: date) -> list[date]:
    """The same days by dateutil, which knows no bound but the number of days it finds."""
    found = rrule.rrule(
        THEIRS[rule.frequency],
        dtstart=datetime.combine(first, datetime.min.time()),
        interval=rule.interval,
        count=rule.count,
        wkst=WEEKDAYS[rule.week_start],
        until=None if rule.count is not None else datetime.combine(high, datetime.min.time()),
        bymonth=rule.months or None,
        bymonthday=rule.month_days or None,
        byyearday=rule.year_days or None,
        byweekday=[WEEKDAYS[day](n) if n else WEEKDAYS[day] for n, day in rule.weekdays] or None,
        bysetpos=rule.positions or None,
    )
    days: list[date] = []
    with suppress(ValueError):  # where its week reaches into the year 10000
        days.extend(at.date() for at in found)
    return [day for day in days if low <= day <= high]


@settings(max_examples=50, deadline=None)
@given(rule=rules(), first=st.dates(date(9980, 1, 1), date(9984, 12, 31)), skip=st.integers(0, 900))
def test_recurrences_agree_with_dateutil(rule: Recurrence, first: date, skip: int) -> None:
    # Near the last year that there is: dateutil looks no further, and a rule that never comes costs it no minute.
    low, high = first + skip * DAY, date(9998, 12, 31)
    assert list(days_of(rule, first, low, high, Effort(10**6))) == dateutils(rule, first, low, high)
