"""The week: what was filled, what is to come outlined, and days on which the clock is changed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app import app
from chalicelib.core.run import RunError, RunStatus
from chalicelib.settings import Settings
from tests.web.building import NOW, Caller, World, ended_run, in_, installed
from tests.web.pages.browser import Browser, Page

HOUR = timedelta(hours=1)
ERROR = RunError(code="exit_code", detail="ended with exit code 3")


def day(page: Page, begin: str, end: str) -> str:
    """What stands below a day's heading."""
    return page.text.partition(f" {begin} ")[2].partition(f" {end} ")[0]


def table(page: Page) -> str:
    """What stands in the week's table."""
    return page.text.partition("As a table ")[2]


def test_what_was_is_filled_and_what_is_to_come_outlined(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created(name="hello", schedule={"type": "once", "at": in_(3 * 3600)})
    run = ended_run(made["id"], ann.id, NOW - 2 * HOUR, task_name="hello")
    world.store.insert_run(run)
    page = anns.get("/week")
    lines = [tag for name, tag in page.reader.tags if name == "a" and tag.get("class", "").startswith("line")]
    assert [(tag["class"], tag["href"]) for tag in lines] == [
        ("line behind good", f"/run/{run.id}"),
        ("line ahead busy", f"/task/{made['id']}"),
    ]
    assert "10:00 hello , succeeded" in page.text
    assert "15:00 hello , due" in page.text
    assert lines[0]["title"] == "2026-11-21 10:00:00.250 UTC: hello, succeeded"


def test_the_week_begins_with_monday_and_leads_to_its_neighbours(anns: Browser) -> None:
    page = anns.get("/week")
    assert "16 Nov to 22 Nov 2026" in page.text
    assert {"/week?from=2026-11-09", "/week?from=2026-11-23"} <= set(page.reader.links)
    other = anns.get("/week?from=2026-11-25")
    assert "23 Nov to 29 Nov 2026" in other.text
    assert "This week" in other.text


def test_dense_hours_are_counted_and_name_what_needs_attention(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created(name="often", schedule={"type": "interval", "every": 5, "unit": "minutes"})
    for n in range(1, 12):
        failed = {"status": RunStatus.FAILED, "error": ERROR} if n == 3 else {}
        run = ended_run(made["id"], ann.id, NOW - n * timedelta(minutes=5), task_name="often", **failed)
        world.store.insert_run(run)
    page = anns.get("/week")
    assert "11 runs, 1 failed, missed or waiting 11:45 often , failed" in page.text
    assert "12 due" in page.text
    assert "11 runs, 1 in trouble" in table(page)


def test_the_week_is_a_table_as_well(anns: Browser, ann: Caller) -> None:
    ann.created(schedule={"type": "cron", "expression": "30 6 * * *"})
    assert table(anns.get("/week?from=2026-11-23")).count("1 due") == 7


@pytest.mark.parametrize(
    ("week", "told", "cell"),
    [
        (
            "2026-03-23",
            "The clock goes forward from 02:00 to 03:00: the time between does not exist.",
            "does not exist",
        ),
        ("2026-10-19", "The clock goes back from 03:00 to 02:00: the time between comes twice.", "comes twice"),
    ],
)
def test_a_day_on_which_the_clock_changes_says_so(anns: Browser, week: str, told: str, cell: str) -> None:
    anns.cookies["zone"] = "mine:Europe/Paris"
    page = anns.get(f"/week?from={week}")
    assert told in page.text
    assert page.text.count("clock change") == 1
    assert cell in table(page)
    plain = anns.get("/week?from=2026-11-16").text
    assert "clock change" not in plain


def test_a_day_on_which_the_clock_of_a_task_changes_says_so_whatever_clock_is_shown(anns: Browser, ann: Caller) -> None:
    for zone in ("Europe/Paris", "Europe/Paris", "America/New_York", "UTC"):
        ann.created(schedule={"type": "cron", "expression": "0 9 * * *", "time_zone": zone})
    paris = anns.get("/week?from=2026-10-19")
    told = "Sunday, 25 October, where tasks of yours are (Europe/Paris): The clock goes back from 03:00 to 02:00"
    assert told in paris.text
    assert paris.text.count("The clock goes") == 1
    assert day(paris, "Sun 25", "00:00").startswith("clock change")
    york = anns.get("/week?from=2026-10-26")
    assert "(America/New_York): The clock goes back from 02:00 to 01:00" in york.text
    anns.post("/zone", {"choice": "mine", "mine": "Europe/Paris"})
    assert "tasks of yours" not in anns.get("/week?from=2026-10-19").text


def test_what_is_due_in_the_hour_that_comes_twice_stands_there_twice(anns: Browser, ann: Caller) -> None:
    ann.created(schedule={"type": "cron", "expression": "30 * * * *", "time_zone": "Europe/Paris"})
    anns.cookies["zone"] = "mine:Europe/Paris"
    told = table(anns.get("/week?from=2027-10-25"))
    assert "02:00 1 due 1 due 1 due 1 due 1 due 1 due 2 due (comes twice)" in told


def test_another_persons_runs_are_not_in_the_week(anns: Browser, bob: Caller, world: World) -> None:
    made = bob.created(name="not for ann")
    world.store.insert_run(ended_run(made["id"], bob.id, NOW - HOUR, task_name="not for ann"))
    assert "not for ann" not in anns.get("/week").html


@pytest.mark.parametrize(
    "given", ["yesterday", "2026-13-01", "0001-01-01", "9999-12-31", "2026-11-16T00:00", "1970-01-05"]
)
def test_a_day_that_is_none_is_refused_in_words(anns: Browser, given: str) -> None:
    page = anns.get(f"/week?from={given}")
    assert page.status == 422
    assert "must be a date" in page.text


@pytest.mark.parametrize("given", ["1970-01-12", "2099-12-20"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_first_and_the_last_week_are_weeks(anns: Browser, ann: Caller, given: str, zone: str) -> None:
    ann.created()
    anns.cookies["zone"] = f"mine:{zone}"
    page = anns.get(f"/week?from={given}")
    assert page.status == 200
    for link in page.reader.links:
        if link.startswith("/week"):
            assert anns.get(link).status == 200


def test_without_a_feed_the_week_says_so() -> None:
    world = installed(Settings(run_feed=False))
    ann = world.caller("ann")
    anns = Browser(app, session=world.session_of(ann))
    made = ann.created(name="hello")
    world.store.insert_run(
        ended_run(made["id"], ann.id, NOW - HOUR, task_name="hello", status=RunStatus.FAILED, error=ERROR)
    )
    page = anns.get("/week")
    assert "keeps no list of runs across tasks (RUN_FEED=off)" in page.text
    assert "11:00 hello , failed" in page.text
