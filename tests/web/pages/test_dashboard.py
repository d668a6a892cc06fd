"""The dashboard: what needs attention, every task with its last run and its next, and how to begin."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.core.run import RunError, RunStatus
from tests.web.building import NOW, Caller, World, ended_run, in_
from tests.web.pages.browser import Browser, Page


def row(page: Page, name: str) -> str:
    """What stands in the table row of a task."""
    return page.text.partition(" Next run ")[2].partition(f"{name} ")[2]


def refresh(page: Page) -> str | None:
    """In how many seconds a page asks again, and where."""
    return next((tag["content"] for name, tag in page.reader.tags if tag.get("http-equiv") == "refresh"), None)


def test_the_root_leads_to_the_dashboard(anns: Browser) -> None:
    assert anns.get("/").url == "/dashboard"


def test_a_task_has_its_schedule_state_last_run_and_next(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created(schedule={"type": "interval", "every": 10, "unit": "minutes"})
    world.store.insert_run(ended_run(made["id"], ann.id, NOW - timedelta(minutes=1)))
    page = anns.get("/dashboard")
    assert row(page, "nightly report").startswith(
        "Every 10 minutes active succeeded 11:59:00 1 min ago 120 ms late 12:10:00 in 10 min"
    )
    assert f"/task/{made['id']}" in page.reader.links


def test_states_are_told_apart_in_words_and_counted(anns: Browser, ann: Caller, world: World) -> None:
    ann.created(name="goes on")
    ann.created(name="stands still", state="paused")
    ann.created(name="is over", schedule={"type": "once", "at": in_(1)})
    world.clock.advance(timedelta(seconds=2))
    page = anns.get("/dashboard")
    assert "3 in all: 1 active, 1 paused, 1 completed" in page.text
    assert row(page, "goes on").startswith("Every hour active never yet 13:00:00")
    assert row(page, "stands still").startswith("Every hour paused never yet none")
    assert row(page, "is over").partition("Z ")[2].startswith("completed never yet none")


def test_what_failed_stands_first_with_its_reason(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created()
    error = RunError(code="exit_code", detail="ended with exit code 3")
    failed = ended_run(made["id"], ann.id, NOW - timedelta(minutes=5), status=RunStatus.FAILED, error=error)
    world.store.insert_run(failed)
    page = anns.get("/dashboard")
    told = "Needs attention failed nightly report due 11:55:00 5 min ago Ended with exit code 3"
    assert page.text.index(told) < page.text.index("Tasks 1 in all")
    assert f"/run/{failed.id}" in page.reader.links


def test_nothing_needs_attention_where_all_went_well(anns: Browser, ann: Caller, world: World) -> None:
    world.store.insert_run(ended_run(ann.created()["id"], ann.id, NOW))
    assert "Needs attention" not in anns.get("/dashboard").text


def test_an_empty_dashboard_teaches_and_stays_as_it_is(anns: Browser, bob: Caller) -> None:
    bob.created(name="not for ann")
    page = anns.get("/dashboard")
    assert "A task says what should run, and when" in page.text
    assert "/task/create" in page.reader.links
    assert "not for ann" not in page.html
    assert refresh(page) is None


def test_many_tasks_come_in_pages(anns: Browser, ann: Caller) -> None:
    for number in range(53):
        ann.created(name=f"number {number:02}")
    first = anns.get("/dashboard")
    assert "50 on this page" in first.text
    (older,) = {link for link in first.reader.links if "cursor=" in link and "refresh" not in link}
    second = anns.get(older)
    names = [f"number {number:02}" for number in range(53)]
    shown = [name for page in (first, second) for name in names if name in page.text]
    assert sorted(shown) == names
    assert "Newest tasks" in second.text


def test_a_cursor_of_another_list_is_refused_as_a_page(anns: Browser) -> None:
    page = anns.get("/dashboard?cursor=nonsense")
    assert page.status == 422
    assert "Back to the dashboard" in page.text


def test_the_page_renews_itself_often_only_while_something_is_near(anns: Browser, ann: Caller) -> None:
    ann.created(schedule={"type": "interval", "every": 1, "unit": "hours"})
    assert refresh(anns.get("/dashboard?done=deleted")) == "30; url=/dashboard"
    ann.created(schedule={"type": "interval", "every": 30, "unit": "seconds"})
    page = anns.get("/dashboard")
    assert refresh(page) == "5; url=/dashboard"
    still = anns.get("/dashboard?refresh=off")
    assert "/dashboard?refresh=off" in page.reader.links
    assert refresh(still) is None
    assert "renew it by itself" in still.text


def test_a_notice_is_one_of_ours(anns: Browser) -> None:
    assert "The task was deleted." in anns.get("/dashboard?done=deleted").text
    assert "hacked" not in anns.get("/dashboard?done=hacked").html
