"""Cron rules, by the tables of Debian's cron(8) and crontab(5)."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.errors import Invalid
from chalicelib.core.schedule.cron import CronRule, Fold, Gap, cron_rule


def local_times(rule: CronRule, after: str, count: int) -> list[str]:
    """The next matches as local wall-clock times with their offsets, without the year."""
    zone = ZoneInfo(rule.time_zone)
    instant: datetime | None = datetime.fromisoformat(after).replace(tzinfo=zone)
    found: list[str] = []
    while len(found) < count and instant is not None and (instant := rule.next_after(instant)) is not None:
        found.append(f"{instant.astimezone(zone):%m-%d %H:%M:%S%z}")
    return found


@pytest.mark.parametrize(
    ("expression", "zone", "after", "expected"),
    [
        # a fixed time inside the gap runs once, at the gap's end
        ("30 2 * * *", "Europe/Paris", "2026-03-28T12:00", ["03-29 03:00:00+0200", "03-30 02:30:00+0200"]),
        ("15,45 2 * * *", "Europe/Paris", "2026-03-28T12:00", ["03-29 03:00:00+0200", "03-30 02:15:00+0200"]),
        ("30 2 * * *", "America/New_York", "2026-03-07T12:00", ["03-08 03:00:00-0400", "03-09 02:30:00-0400"]),
        ("30 0 * * *", "America/Havana", "2026-03-07T12:00", ["03-08 01:00:00-0400", "03-09 00:30:00-0400"]),
        ("10 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00", ["10-04 02:30:00+1100", "10-05 02:10:00+1100"]),
        ("0 3 * * *", "Europe/Paris", "2026-03-28T12:00", ["03-29 03:00:00+0200", "03-30 03:00:00+0200"]),
        # a starred hour or minute follows the real clock over the gap
        ("0 */2 * * *", "Europe/Paris", "2026-03-28T23:00", ["03-29 00:00:00+0100", "03-29 04:00:00+0200"]),
        ("*/30 2 * * *", "Europe/Paris", "2026-03-28T12:00", ["03-30 02:00:00+0200", "03-30 02:30:00+0200"]),
        # a fixed time inside the fold runs once, the first time
        ("30 2 * * *", "Europe/Paris", "2026-10-24T12:00", ["10-25 02:30:00+0200", "10-26 02:30:00+0100"]),
        ("30 1 * * *", "America/New_York", "2026-10-31T12:00", ["11-01 01:30:00-0400", "11-02 01:30:00-0500"]),
        ("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00", ["04-05 01:45:00+1100", "04-06 01:45:00+1030"]),
        # a starred one follows the real clock through both passes
        (
            "*/30 * * * *",
            "Europe/Paris",
            "2026-10-25T01:45",
            [
                "10-25 02:00:00+0200",
                "10-25 02:30:00+0200",
                "10-25 02:00:00+0100",
                "10-25 02:30:00+0100",
                "10-25 03:00:00+0100",
            ],
        ),
        (
            "*/15 * * * *",
            "Australia/Lord_Howe",
            "2026-04-05T01:30",
            ["04-05 01:45:00+1100", "04-05 01:30:00+1030", "04-05 01:45:00+1030", "04-05 02:00:00+1030"],
        ),
        # a day that does not exist is a correction of the clock: nothing is made up for
        ("0 12 * * *", "Pacific/Apia", "2011-12-29T00:00", ["12-29 12:00:00-1000", "12-31 12:00:00+1400"]),
        # no clock changes
        ("30 2 * * *", "Asia/Kolkata", "2026-03-28T12:00", ["03-29 02:30:00+0530", "03-30 02:30:00+0530"]),
        # month ends, leap days, year ends, seconds first
        ("0 0 31 * *", "UTC", "2026-01-31T00:00", ["03-31 00:00:00+0000", "05-31 00:00:00+0000"]),
        ("0 0 29 2 *", "UTC", "2026-03-01T00:00", ["02-29 00:00:00+0000", "02-29 00:00:00+0000"]),
        ("59 59 23 31 12 *", "UTC", "2026-01-01T00:00", ["12-31 23:59:59+0000"]),
        ("30 * * * * *", "UTC", "2026-01-01T00:00:30", ["01-01 00:01:30+0000", "01-01 00:02:30+0000"]),
        # both day fields restricted: either
        ("0 0 13 * 5", "UTC", "2026-02-07T00:00", ["02-13 00:00:00+0000", "02-20 00:00:00+0000"]),
        # as AWS writes it: weekdays from Sunday = 1, a year at the end
        ("cron(0 9 ? * 2-6 *)", "UTC", "2026-02-06T10:00", ["02-09 09:00:00+0000", "02-10 09:00:00+0000"]),
        ("cron(15 10 ? * 6L 2026-2027)", "UTC", "2026-02-01T00:00", ["02-27 10:15:00+0000", "03-27 10:15:00+0000"]),
        ("cron(30 2 * * ? *)", "Europe/Paris", "2026-03-28T12:00", ["03-29 03:00:00+0200", "03-30 02:30:00+0200"]),
        # the last day, the last Friday, the second Monday, the weekday nearest to the 15th
        ("0 0 L * *", "UTC", "2026-02-01T00:00", ["02-28 00:00:00+0000", "03-31 00:00:00+0000"]),
        ("0 0 * * L5", "UTC", "2026-02-01T00:00", ["02-27 00:00:00+0000", "03-27 00:00:00+0000"]),
        ("0 0 * * 1#2", "UTC", "2026-02-01T00:00", ["02-09 00:00:00+0000", "03-09 00:00:00+0000"]),
        ("0 0 15W * *", "UTC", "2026-02-01T00:00", ["02-16 00:00:00+0000", "03-16 00:00:00+0000"]),
        ("@daily", "UTC", "2026-02-07T00:00", ["02-08 00:00:00+0000"]),
    ],
)
def test_runs_when_debians_cron_would(expression: str, zone: str, after: str, expected: list[str]) -> None:
    assert local_times(cron_rule(expression, zone), after, len(expected)) == expected


def test_a_gap_can_be_skipped_instead() -> None:
    rule = cron_rule("30 2 * * *", "Europe/Paris", gap=Gap.SKIP)
    assert local_times(rule, "2026-03-28T12:00", 1) == ["03-30 02:30:00+0200"]


def test_a_fold_can_run_twice_instead() -> None:
    rule = cron_rule("30 2 * * *", "Europe/Paris", fold=Fold.TWICE)
    assert local_times(rule, "2026-10-24T12:00", 2) == ["10-25 02:30:00+0200", "10-25 02:30:00+0100"]


@given(
    expression=st.sampled_from(["*/7 * * * *", "30 2 * * *", "0,30 1-3 * * *", "15 */2 * * *", "*/20 30 2 * * *"]),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "UTC"]),
    minutes=st.integers(0, 4 * 365 * 24 * 60),
)
@settings(max_examples=150, deadline=None)
def test_next_after_is_strictly_later_and_leaves_nothing_out(expression: str, zone: str, minutes: int) -> None:
    rule = cron_rule(expression, zone)
    start = datetime(2024, 1, 1, tzinfo=UTC).timestamp() + minutes * 60
    after = datetime.fromtimestamp(start, UTC)
    found = rule.next_after(after)
    assert found is not None
    assert found > after
    between = datetime.fromtimestamp((start + found.timestamp()) // 2, UTC)
    assert rule.next_after(between if between < found else after) == found


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("61 * * * *", "not a cron expression"),
        ("* * * *", "4 fields where five"),
        ("* * * * * * *", "7 fields where five"),
        ("", "no fields yet: write five"),
        ("0 10 ? * MON *", "like `0 10 * * MON`"),
        ("cron(0 10 * * *)", "not what AWS writes"),
        ("cron(0 10 * * * *)", "not what AWS writes"),
        ("rate(0 minutes)", "not what AWS writes"),
        ("50-10 * * * *", "the wrong way round"),
        ("0 0 * * 5-1", "the wrong way round"),
        ("0 0 * * sat-sun", "the wrong way round"),
        ("R * * * *", "is random"),
        ("0 R(0-5) * * *", "is random"),
        ("a b c d e", "not a cron expression"),
        ("\0 * * * *", "not a cron expression"),
        ("5" * 5000 + " * * * *", "longer than 256"),
    ],
)
def test_a_wrong_expression_is_refused_with_what_would_be_right(expression: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        cron_rule(expression, "UTC")
    assert [error.pointer for error in refused.value.errors] == ["/expression"]
    assert says in refused.value.errors[0].detail


@pytest.mark.parametrize(
    "zone", ["Mars/Phobos", "", "../../etc/passwd", "/etc/localtime", "Europe/Paris\0", "localtime", "x" * 500]
)
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(Invalid) as refused:
        cron_rule("* * * * *", zone)
    assert [error.code for error in refused.value.errors] == ["unknown_time_zone"]


def test_a_year_that_is_over_has_no_next() -> None:
    rule = cron_rule("cron(0 0 1 1 ? 2020)", "UTC")
    assert rule.next_after(datetime(2026, 1, 1, tzinfo=UTC)) is None


def test_h_is_the_same_for_a_task_and_another_for_another() -> None:
    after = datetime(2026, 1, 1, tzinfo=UTC)
    found = [cron_rule("H H * * *", "UTC", seed=f"task{n}").next_after(after) for n in range(20)]
    assert found == [cron_rule("H H * * *", "UTC", seed=f"task{n}").next_after(after) for n in range(20)]
    assert len(set(found)) > 10


def test_an_expression_that_never_fires_has_no_next() -> None:
    assert cron_rule("0 0 30 2 *", "UTC").next_after(datetime(2026, 1, 1, tzinfo=UTC)) is None
