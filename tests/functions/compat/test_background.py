"""`@background`: what comes from django-background-tasks, and what is different."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.functions import registry
from chalicelib.functions.compat import Unreachable, background
from tests.functions.compat.conftest import Kept

LATER = datetime(2099, 1, 1, tzinfo=UTC)


@pytest.fixture
def remind() -> Any:
    @background(schedule=60)
    def remind(user: str, times: int = 1) -> str:
        """Remind somebody."""
        return user * times

    return remind


def test_calling_it_has_it_called_later(remind: Any, within: Kept) -> None:
    called = remind("ann", times=2)
    assert within.one["action"] == {"type": "function", "name": "remind", "args": ["ann"], "kwargs": {"times": 2}}
    assert 0 < within.seconds_ahead <= 60
    assert called.task_id == "task1"


def test_now_is_the_plain_function_which_is_what_a_run_calls(remind: Any, within: Kept) -> None:
    assert remind.now("ann", 2) == "annann"
    found = registry.find("remind")
    assert found is not None
    assert found.call("ann") == "ann"
    assert (remind.__name__, within.tasks) == ("remind", [])


@pytest.mark.parametrize(
    ("schedule", "ahead"),
    [
        (lambda now: 5, 5),
        (lambda now: timedelta(minutes=2), 120),
        (lambda now: now + timedelta(hours=1), 3600),
        (lambda now: now.replace(tzinfo=None) + timedelta(hours=1), 3600),
        (lambda now: 0, 0),
    ],
)
def test_when_is_said_in_seconds_or_as_an_instant(remind: Any, within: Kept, schedule: Any, ahead: float) -> None:
    remind("ann", schedule=schedule(datetime.now(UTC)))
    assert ahead - 60 < within.seconds_ahead <= ahead + 0.001


def test_bare_it_is_called_as_soon_as_possible(within: Kept) -> None:
    @background
    def plain() -> None: ...

    plain()
    assert within.seconds_ahead <= 0.001


def test_priorities_and_names(remind: Any, within: Kept) -> None:
    remind("ann", priority=10, verbose_name="remind ann")
    remind("ann", priority=-10)
    assert [(task["name"], task["priority"]) for task in within.tasks] == [("remind ann", "high"), ("remind", "low")]


def test_again_and_again_from_elsewhere_is_a_task_with_an_interval(remind: Any, elsewhere: Kept) -> None:
    remind("ann", schedule=LATER, repeat=3600, repeat_until=LATER + timedelta(days=1))
    schedule = elsewhere.one["schedule"]
    assert (schedule["type"], schedule["every"], schedule["unit"]) == ("interval", 3600, "seconds")
    assert datetime.fromisoformat(schedule["end_at"]) - datetime.fromisoformat(schedule["start_at"]) == timedelta(
        days=1
    )


def test_again_and_again_within_a_run_is_refused_with_what_to_do(remind: Any, within: Kept) -> None:
    with pytest.raises(Unreachable, match=r"schedule=every"):
        remind("ann", repeat=60)
    assert within.tasks == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"repeat": 0.5}, "whole number of seconds"),
        ({"repeat_until": LATER}, "repeat= has to say how often"),
        ({"queue": "mail"}, "queue= has no meaning here"),
        ({"verbose_name": 5}, "verbose_name= takes a text of 1 to 100 printable characters, not 5"),
        ({"verbose_name": "a" * 101}, "verbose_name= takes a text"),
        ({"verbose_name": "a\n"}, "verbose_name= takes a text"),
        ({"user": {1}}, "is a set, and arguments must be JSON"),
        ({"user": "ann", "nobody": 1}, "unexpected keyword argument 'nobody'"),
    ],
)
def test_what_makes_no_sense_is_refused(remind: Any, within: Kept, options: dict[str, Any], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        remind(**({"user": "ann"} | options))
    assert within.tasks == []
