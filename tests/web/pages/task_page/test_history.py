"""The page of a task: what was, and which of that is shown."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core.instant import to_text
from chalicelib.core.run import RunError, RunStatus
from tests.web.building import NOW, Caller, World, ended_run, in_
from tests.web.pages.browser import Browser
from tests.web.pages.task_page.reading import CRON, MINUTE, path_of, put_runs, runs_shown


def test_the_history_is_filtered_by_what_the_address_says(anns: Browser, ann: Caller, world: World) -> None:
    path = path_of(ann)
    task_id = path.rpartition("/")[2]
    runs = [
        ended_run(task_id, ann.id, NOW - n * MINUTE, status=RunStatus.FAILED if n % 2 else RunStatus.SUCCEEDED)
        for n in range(6)
    ]
    for run in runs:
        world.store.insert_run(run)
    page = anns.get(path)
    form = next(form for form in page.reader.forms if form.method == "get")
    assert form.offers["status"] == ["", *map(str, RunStatus)]
    failed = [run.id for run in runs if run.status is RunStatus.FAILED]
    assert runs_shown(anns.get(f"{path}?status=failed&from=&to=")) == failed
    assert runs_shown(anns.get(f"{path}?status=failed&status=succeeded")) == [run.id for run in runs]
    assert runs_shown(anns.get(f"{path}?from=2026-11-21T11:57&to=2026-11-21T11:59")) == [run.id for run in runs[2:4]]
    assert runs_shown(anns.get(f"{path}?from={in_(-120)}")) == [run.id for run in runs[:3]]
    page = anns.get(f"{path}?status=lost")
    assert "No such runs." in page.text
    assert path in page.reader.links
    assert next(f for f in page.reader.forms if f.method == "get").fields["status"] == "lost"


def test_filters_stay_when_older_runs_are_asked_for(anns: Browser, ann: Caller, world: World) -> None:
    path = path_of(ann)
    put_runs(world, path.rpartition("/")[2], *[RunStatus.FAILED, RunStatus.SUCCEEDED] * 30, each=MINUTE)
    seen: list[str] = []
    page = anns.get(f"{path}?status=failed&from=2026-11-21T11:10")
    while True:
        seen += runs_shown(page)
        older = [link for link in page.reader.links if "cursor=" in link and link.endswith("#history")]
        if not any("Older" in page.html[page.html.index(link.replace("&", "&amp;")) :][:400] for link in older):
            break
        page = anns.get(older[-1].removesuffix("#history"))
        assert page.status == 200
    assert len(seen) == len(set(seen)) == 25


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("from=yesterday", "from", "Must be a date and a time"),
        ("to=0001-01-01T00:00", "to", "Must be a date and a time"),
        ("to=9999-12-31T23:59", "to", "Must be a date and a time"),
        ("from=2026-11-21T11:00&to=2026-11-21T10:00", "to", "Must not lie before the beginning"),
        ("status=great", "status", "Must be one of"),
    ],
)
def test_a_filter_that_makes_no_sense_is_told_beside_its_field(
    anns: Browser, ann: Caller, query: str, field: str, said: str
) -> None:
    page = anns.get(f"{path_of(ann)}?{query}")
    assert page.status == 422
    assert said in page.said(field)


def test_a_local_time_of_a_filter_is_of_the_zone_that_is_shown(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created(schedule=CRON)
    runs = [ended_run(made["id"], ann.id, NOW - n * timedelta(hours=1)) for n in range(3)]
    for run in runs:
        world.store.insert_run(run)
    path = f"/task/{made['id']}"
    anns.post("/zone", {"choice": "task", "next": path})
    page = anns.get(f"{path}?from=2026-11-21T12:30")  # 11:30 in UTC
    assert runs_shown(page) == [runs[0].id]
    assert "Due from (Europe/Paris)" in page.text


def test_a_page_of_many_runs_with_errors_still_shows_their_ends(anns: Browser, ann: Caller, world: World) -> None:
    path = path_of(ann)
    error = RunError(code="exit_code", detail="ended with <3>")
    world.store.insert_run(ended_run(path.rpartition("/")[2], ann.id, NOW, status=RunStatus.FAILED, error=error))
    assert "Ended with <3> hello" in anns.get(path).text
    assert to_text(NOW) not in anns.get(path).text
