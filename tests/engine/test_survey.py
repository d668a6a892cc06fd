"""One bounded look at an account's tasks: what they cost, what they name, and what is known of several accounts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core.overview import costs
from chalicelib.core.owed.auditing import UNDELIVERABLE
from chalicelib.core.people.usage import NOTHING
from chalicelib.core.run import RunStatus
from chalicelib.engine.requests.looking import survey
from chalicelib.engine.requests.looking.survey import Survey
from chalicelib.engine.requests.reports import Reports
from chalicelib.settings import Settings
from tests.web.building import NOW, Caller, World, ended_run, installed

ICS = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nDTSTART:20261201T080000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
CALL = {"type": "http", "method": "GET", "url": "https://example.com/", "headers": {"X-Key": {"secret": "key"}}}


@pytest.fixture
def world() -> World:
    return installed(Settings())


@pytest.fixture
def ann(world: World) -> Caller:
    return world.caller("ann")


def surveying(world: World) -> Survey:
    return Survey(store=world.store, quota=NOTHING)


def test_calendars_and_secrets_are_found_in_the_tasks_that_name_them(world: World, ann: Caller) -> None:
    ann.put("/api/calendars/holidays", ICS, headers={"Content-Type": "text/calendar"})
    ann.put("/api/secrets/key", {"value": "s3cret"})
    cron = {"type": "cron", "expression": "@daily", "exclude": [{"calendar": "holidays"}]}
    both = ann.created(name="both", schedule=cron, action=CALL)
    ann.created(name="neither")
    assert ann.user is not None
    found = surveying(world).of(ann.user)
    assert [task.id for task in found.by_calendar()["holidays"]] == [both["id"]]
    assert [task.id for task in found.by_secret()["key"]] == [both["id"]]
    assert found.complete


def test_no_more_tasks_are_looked_at_than_one_look_takes(
    world: World, ann: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "LOOKED_AT", 2)
    made = [ann.created()["id"] for _ in range(3)]
    assert ann.user is not None
    found = surveying(world).of(ann.user)
    assert ({task.id for task in found.tasks}, found.complete) == (set(sorted(made)[1:]), False)


def test_a_forecast_is_the_sum_of_what_the_tasks_answers_say(world: World, ann: Caller) -> None:
    made = [ann.created(), ann.created(state="paused")]
    assert ann.user is not None
    forecast = surveying(world).of(ann.user).forecast(NOW, feed=True, architecture=costs.ARM)
    assert (
        forecast.runs
        == pytest.approx(720)
        == pytest.approx(sum(one["cost_estimate"]["runs_per_month"] for one in made))
    )
    assert 0 < forecast.usd < 0.01


def test_somebody_elses_tasks_are_not_looked_at(world: World, ann: Caller) -> None:
    ann.created()
    bob = world.caller("bob").user
    assert bob is not None
    assert surveying(world).of(bob).tasks == ()


def test_who_uses_nothing_uses_nothing(world: World, ann: Caller) -> None:
    ann.created()
    used = surveying(world).used("ann", "bob")
    assert (used["ann"].tasks, used["bob"]) == (1, NOTHING)


def test_undelivered_runs_are_the_callers_and_no_others(world: World, ann: Caller) -> None:
    due = NOW - timedelta(hours=1)
    for number, owner in enumerate(("ann", "bob", "ann")):
        error = UNDELIVERABLE if number < 2 else None
        run = ended_run(f"t{number}", owner, due, status=RunStatus.LOST, error=error)
        world.store.insert_run(run)
    assert ann.user is not None
    found = Reports(store=world.store, run_feed=True).undelivered(ann.user, limit=10)
    assert [run.task_id for run in found.items] == ["t0"]
