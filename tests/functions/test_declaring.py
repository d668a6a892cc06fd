"""What a function says of itself: its policies, its schedules, and that it wants to be told of its run."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from chalicelib.actions import function as actions
from chalicelib.core.run import AttemptStatus, Outcome
from chalicelib.functions import described, registry
from chalicelib.functions.declaring import Context, Due, cron, every, once
from chalicelib.functions.registry import Registered, function

CONTEXT: dict[str, Any] = {"task_id": "t1", "run_id": "t1-5", "due_at": "2026-11-21T02:30:00.000Z", "attempt": "2"}
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", {})


def known(name: str) -> Registered:
    found = registry.find(name)
    assert found is not None
    return found


def perform(name: str, *args: Any, timeout: timedelta = MINUTE, **more: Any) -> Outcome:
    return actions.perform({"type": "function", "name": name, "args": list(args)}, timeout, CONTEXT | more)


def test_a_function_with_policies_stays_a_plain_callable() -> None:
    @function(retries=2, timeout=300, overlap="skip", priority="high", schedule=every(hours=1))
    def report(x: int = 1) -> int:
        return x + 1

    assert report(1) == 2
    assert known("report").policies == {
        "retry": {"max_attempts": 3},
        "timeout_seconds": 300,
        "overlap": "skip",
        "priority": "high",
    }


def test_a_task_gets_what_it_does_not_say_itself() -> None:
    @function(retries=0, timeout=timedelta(minutes=2), overlap="queue")
    def report() -> None: ...

    filled = known("report").filled
    assert filled({"name": "a"}) == {
        "name": "a",
        "retry": {"max_attempts": 1},
        "timeout_seconds": 120,
        "overlap": "queue",
    }
    assert filled({"timeout_seconds": 5, "retry": {"backoff": "fixed"}}) == {
        "retry": {"max_attempts": 1, "backoff": "fixed"},
        "timeout_seconds": 5,
        "overlap": "queue",
    }
    assert filled({"retry": {"max_attempts": 7}})["retry"] == {"max_attempts": 7}
    assert filled({"retry": "nonsense"})["retry"] == "nonsense"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"retries": -1}, "from 0 to 19"),
        ({"retries": 20}, "from 0 to 19"),
        ({"retries": True}, "from 0 to 19"),
        ({"retries": "3"}, "from 0 to 19"),
        ({"timeout": 0}, "1 to 840 seconds"),
        ({"timeout": timedelta(hours=1)}, "1 to 840 seconds"),
        ({"timeout": "5"}, "1 to 840 seconds"),
        ({"timeout": float("nan")}, "1 to 840 seconds"),
        ({"overlap": "never"}, "allow, skip, queue, replace"),
        ({"priority": "urgent"}, "high, normal, low"),
        ({"schedule": 5}, "takes every(...), cron(...), once(...) or a list of them, not 5"),
        ({"schedule": "0 9 * * *"}, "takes every(...), cron(...), once(...)"),
        ({"schedule": [every(hours=1), every(hours=2)]}, "give each a name="),
        ({"schedule": [every(hours=1, name="x" * 99)]}, "100 printable characters"),
    ],
)
def test_what_makes_no_sense_is_refused_where_it_is_written(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(TypeError, match=words.replace("(", r"\(").replace(")", r"\)").replace(".", r"\.")):

        @function(**wrong)
        def report() -> None: ...

    assert registry.find("report") is None


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (every, "takes one of"),
        (lambda: every(minutes=1, hours=1), "takes one of"),
        (lambda: every(minutes=0), "at least 1"),
        (lambda: every(minutes=1.5), "at least 1"),
        (lambda: every(minutes=True), "at least 1"),
        (lambda: every(minutes=1, max_runs=3), "has no 'max_runs'"),
        (lambda: cron("0 9 * * *", short_months="skip"), "has no 'short_months'"),
        (lambda: once(datetime.fromisoformat("2026-01-01T00:00:00")), "with an offset"),
    ],
)
def test_a_schedule_that_makes_no_sense_is_refused_where_it_is_written(write: Callable[[], Due], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        write()


def test_schedules_are_written_as_the_api_has_them() -> None:
    paris = timezone(timedelta(hours=1))
    assert every(months=1, start_at="2026-01-31T09:00:00Z", short_months="skip", tz="Europe/Paris").schedule == {
        "type": "interval",
        "every": 1,
        "unit": "months",
        "time_zone": "Europe/Paris",
        "start_at": "2026-01-31T09:00:00Z",
        "short_months": "skip",
    }
    assert cron("0 9 * * *", jitter_seconds=60).schedule == {
        "type": "cron",
        "expression": "0 9 * * *",
        "time_zone": "UTC",
        "jitter_seconds": 60,
    }
    assert once(datetime(2026, 1, 1, 12, tzinfo=paris)).schedule == {"type": "once", "at": "2026-01-01T11:00:00.000Z"}


def test_several_schedules_have_names_that_stay() -> None:
    @function(name="clean", schedule=[every(hours=1), cron("0 9 * * 1", name="weekly", args=["all"])])
    def tidy(what: str = "some") -> None: ...

    assert list(known("clean").schedules) == ["clean", "clean.weekly"]
    assert described.to_json(known("clean"))["schedules"][1] == {
        "name": "clean.weekly",
        "schedule": {"type": "cron", "expression": "0 9 * * 1", "time_zone": "UTC"},
        "args": ["all"],
        "kwargs": {},
    }


# Being told


def test_a_function_is_told_of_its_run_if_it_asks() -> None:
    @function
    def told(x: int, ctx: Context) -> dict[str, Any]:
        ctx.logger.info("begun with %s", x)
        left = ctx.remaining()
        return {
            "run": ctx.run_id,
            "task": ctx.task_id,
            "due": ctx.due_at.isoformat(),
            "attempt": ctx.attempt,
            "left": timedelta(seconds=59) < left <= MINUTE,
            "deadline": timedelta(seconds=59) < ctx.deadline - datetime.now(UTC) <= MINUTE,
            "results": list(ctx.results),
        }

    outcome = perform("told", 5)
    assert outcome.status is AttemptStatus.SUCCEEDED, outcome
    assert outcome.output == "INFO begun with 5\n"
    assert outcome.result == {
        "run": "t1-5",
        "task": "t1",
        "due": "2026-11-21T02:30:00+00:00",
        "attempt": 2,
        "left": True,
        "deadline": True,
        "results": [],
    }


def test_one_that_follows_others_is_told_their_results_and_how_many_were_too_much() -> None:
    @function
    def total(ctx) -> Any:  # type: ignore[no-untyped-def]
        return [sum(ctx.results), ctx.left_out]

    assert perform("total", results=[1, 2, 3], left_out=4).result == [6, 4]
    assert perform("total").result == [0, 0]


def test_the_time_that_is_left_is_never_less_than_none() -> None:
    made = {"task_id": "", "run_id": "", "due_at": datetime.now(UTC), "attempt": 1, "deadline": datetime.now(UTC)}
    context = Context(**made, logger=None, ends=time.monotonic() - 5)  # type: ignore[arg-type]
    assert context.remaining() == timedelta(0)


def test_a_traceback_begins_with_the_function_also_where_it_is_told_of_its_run() -> None:
    @function
    def breaking(ctx: Context) -> None:
        raise ValueError("no")

    outcome = perform("breaking")
    assert "chalicelib" not in outcome.output
    assert 'raise ValueError("no")' in outcome.output


def _by_name(ctx): ...  # type: ignore[no-untyped-def]
def _by_class(told: Context) -> None: ...
def _or_none(told: Context | None = None) -> None: ...
def _own_meaning(ctx: str) -> None: ...
def _all(**ctx: Any) -> None: ...


@pytest.mark.parametrize(
    ("call", "parameter"),
    [(_by_name, "ctx"), (_by_class, "told"), (_or_none, "told"), (_own_meaning, None), (_all, None)],
)
def test_the_parameter_for_the_context_is_known_by_its_name_or_its_type(call: Any, parameter: str | None) -> None:
    function(call)
    one = known(call.__name__)
    assert one.context == parameter
    assert (parameter in one.signature.parameters) is False
    assert described.to_json(one)["takes_context"] is (parameter is not None)
    assert "Context" not in described.written(one)
