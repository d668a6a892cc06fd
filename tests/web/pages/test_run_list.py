"""The runs of an account across tasks: what is shown stands in the address, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from app import app
from chalicelib.core.people.account import Role
from chalicelib.core.run import RunError, RunStatus
from chalicelib.settings import Settings
from tests.web.building import NOW, Caller, World, ended_run, installed
from tests.web.pages.browser import Browser

MINUTE = timedelta(minutes=1)


def happened(world: World, task: Mapping[str, Any], owner: Caller, minutes_ago: float, **changes: Any) -> str:
    """Record a run of a task; its id."""
    run = ended_run(task["id"], owner.id, NOW - minutes_ago * MINUTE, task_name=task["name"], **changes)
    world.store.insert_run(run)
    return run.id


def test_runs_of_all_tasks_stand_newest_first(anns: Browser, ann: Caller, world: World) -> None:
    first, second = ann.created(name="first"), ann.created(name="second")
    older, newer = happened(world, first, ann, 2), happened(world, second, ann, 1)
    page = anns.get("/runs")
    assert page.text.index("second succeeded 120 ms late 220 ms") < page.text.index("first succeeded")
    assert {f"/run/{older}", f"/run/{newer}", f"/task/{first['id']}"} <= set(page.reader.links)


def test_a_filter_stands_in_the_address(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created()
    error = RunError(code="exit_code", detail="ended with exit code 3")
    failed = happened(world, made, ann, 1, status=RunStatus.FAILED, error=error)
    went_well = happened(world, made, ann, 2)
    page = anns.get("/runs")
    (chosen,) = {link for link in page.reader.links if link == "/runs?status=failed&status=lost&status=timed_out"}
    shown = anns.get(chosen)
    assert f"/run/{failed}" in shown.reader.links
    assert "Ended with exit code 3" in shown.text
    assert f"/run/{went_well}" not in shown.reader.links
    assert f"/run/{failed}" not in anns.get("/runs?status=succeeded").reader.links


@pytest.mark.parametrize("status", RunStatus)
def test_each_status_can_be_asked_for(anns: Browser, ann: Caller, world: World, status: RunStatus) -> None:
    made = ann.created()
    ids = {one: happened(world, made, ann, n + 1, status=one) for n, one in enumerate(RunStatus)}
    links = anns.get(f"/runs?status={status}").reader.links
    assert {one for one, run_id in ids.items() if f"/run/{run_id}" in links} == {status}


def test_many_runs_come_in_pages_and_none_twice(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created()
    ids = {happened(world, made, ann, n + 1) for n in range(120)}
    found: list[str] = []
    url = "/runs?status=succeeded"
    for _ in range(3):
        page = anns.get(url)
        found += {link.removeprefix("/run/") for link in page.reader.links if link.startswith("/run/")}
        older = [link for link in page.reader.links if "cursor=" in link and link.startswith("/runs")]
        url = older[-1] if older else ""
    assert url == ""
    assert sorted(found) == sorted(ids)
    assert "Newest runs" in page.text


def test_a_filter_that_matches_little_hands_back_where_to_go_on(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created()
    for n in range(620):
        happened(world, made, ann, n + 1)
    skipped = happened(world, made, ann, 700, status=RunStatus.SKIPPED)
    page = anns.get("/runs?status=skipped")
    assert "None of the runs that were looked at is like that. There are older ones." in page.text
    (older,) = {link for link in page.reader.links if "cursor=" in link and link.startswith("/runs")}
    assert f"/run/{skipped}" in anns.get(older).reader.links


def test_a_cursor_of_another_list_is_refused_as_a_page(anns: Browser) -> None:
    page = anns.get("/runs?cursor=nonsense")
    assert page.status == 422
    assert "Back to the dashboard" in page.text


def test_a_status_that_there_is_not_is_refused_in_words(anns: Browser) -> None:
    page = anns.get("/runs?status=splendid")
    assert page.status == 422
    assert "must be one of queued" in page.text


def test_an_admin_sees_somebody_elses_runs_and_nobody_else_does(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created(name="of ann")
    run_id = happened(world, made, ann, 1)
    root = world.caller("root", role=Role.ADMIN)
    roots = Browser(app, session=world.session_of(root))
    page = roots.get(f"/runs?owner={ann.id}")
    assert "Runs of ann" in page.text
    assert f"/run/{run_id}" in page.reader.links
    assert f"/runs?status=missed&owner={ann.id}" in page.reader.links
    assert f"/run/{run_id}" not in roots.get("/runs").reader.links
    assert anns.get("/runs?owner=root").status == 404
    assert anns.get("/runs?owner=nobody").status == 404
    assert anns.get(f"/runs?owner={ann.id}").status == 200


def test_an_account_without_runs_is_told_what_will_be_here(anns: Browser) -> None:
    assert "Nothing has run yet" in anns.get("/runs").text
    assert "No run is like that" in anns.get("/runs?status=failed").text


def test_without_a_feed_only_what_needs_attention_is_listed() -> None:
    world = installed(Settings(run_feed=False))
    ann = world.caller("ann")
    anns = Browser(app, session=world.session_of(ann))
    failed = happened(world, ann.created(), ann, 1, status=RunStatus.FAILED)
    page = anns.get("/runs")
    assert page.status == 200
    assert "There is no list of all runs here" in page.text
    assert "/tasks" in page.reader.links
    assert anns.get("/runs?status=succeeded").status == 200
    listed = anns.get(next(link for link in page.reader.links if link.startswith("/runs?status=failed&status=lost&")))
    assert f"/run/{failed}" in listed.reader.links
