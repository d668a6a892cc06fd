"""Plain expressions against croniter: what is stepped through here, it finds as well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from chalicelib.core.errors import Invalid
from chalicelib.core.schedule.cron import _croniter_stepper, cron_rule
from chalicelib.core.schedule.cron_text import MONTHS, WEEKDAYS
from chalicelib.core.schedule.plain_cron import plain_cron

START = datetime.fromisoformat("2025-01-01T00:00")


def field(low: int, high: int, names: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    """One field of an expression, written in any of the plain ways; and some that are not plain."""
    number = st.integers(low, high)
    spans = st.tuples(number, number).map(sorted).filter(lambda span: span[0] < span[1])
    value = number.map(str) if not names else st.one_of(number.map(str), st.sampled_from(names))
    part = st.one_of(
        value,
        spans.map(lambda span: f"{span[0]}-{span[1]}"),
        st.tuples(spans, st.integers(1, 70)).map(lambda x: f"{x[0][0]}-{x[0][1]}/{x[1]}"),
    )
    return st.one_of(
        st.just("*"),
        st.integers(1, 70).map(lambda n: f"*/{n}"),
        part,
        st.lists(part, min_size=2, max_size=4).map(",".join),
    )


FIELDS = (field(0, 59), field(0, 23), field(1, 31), field(1, 12, tuple(MONTHS)), field(0, 6, tuple(WEEKDAYS)))
expressions = st.one_of(
    st.tuples(*FIELDS).map(" ".join),
    st.tuples(field(0, 59), *FIELDS).map(" ".join),
    st.tuples(*FIELDS).map(lambda fields: " ".join(fields).upper()),
)
walls = st.integers(0, 8 * 365 * 24 * 3600).map(lambda n: START + timedelta(seconds=n))


@given(expression=expressions, wall=walls)
@example(expression="0 0 29 2 *", wall=datetime.fromisoformat("2096-02-29T00:00"))
@example(expression="59 59 23 31 12 *", wall=datetime.fromisoformat("2099-12-31T23:59:58"))
@example(expression="0 0 31 2,4 *", wall=START)
@example(expression="0 0 1 1 0", wall=datetime.fromisoformat("2025-12-31T23:59:59.999999"))
@settings(max_examples=500, deadline=None)
def test_a_plain_expression_steps_as_croniter_does(expression: str, wall: datetime) -> None:
    try:
        rule = cron_rule(expression, "UTC")
    except Invalid:
        assume(False)
    plain = plain_cron(rule.expression, either_day=rule.day_fields_are_ored)
    assert plain is not None, rule.expression
    theirs = _croniter_stepper(rule.expression, "", rule.day_fields_are_ored)
    for _ in range(4):
        expected = theirs(wall)
        found = plain.next_after(wall)
        assert found == (expected if expected is None or expected.year < 2100 else None)
        if found is None:
            return
        wall = found


@pytest.mark.parametrize(
    "expression",
    [
        "0 0 L * *",
        "0 0 * * 5#2",
        "0 0 * * L5",
        "H * * * *",
        "0 0 1 1 * 2030",
        "0 0 * * 7",
        "0 0 * * 5-7",
        "5/15 * * * *",
    ],
)
def test_what_is_not_plain_is_left_to_croniter(expression: str) -> None:
    assert plain_cron(expression, either_day=False) is None


@pytest.mark.parametrize(
    "expression", ["60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "9-5 * * * *", "", "* *"]
)
def test_what_no_clock_shows_is_not_plain(expression: str) -> None:
    assert plain_cron(expression, either_day=False) is None


def test_the_steps_of_a_plain_expression_are_in_order_and_few() -> None:
    plain = plain_cron("15,45 */10 9 * 1-3 mon", either_day=False)
    assert plain is not None
    steps = list(islice(_walk(plain.next_after, START), 4))
    assert [step.isoformat() for step in steps] == [
        "2025-01-06T09:00:15",
        "2025-01-06T09:00:45",
        "2025-01-06T09:10:15",
        "2025-01-06T09:10:45",
    ]


def _walk(step: Callable[[datetime], datetime | None], wall: datetime) -> Iterator[datetime]:
    while (found := step(wall)) is not None:
        yield found
        wall = found
