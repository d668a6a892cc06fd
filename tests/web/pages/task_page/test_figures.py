"""The page of a task: how it has done, and what it costs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from chalicelib.core.run import RunStatus
from tests.web.building import HOURLY, NOW, Caller, World, ended_run
from tests.web.pages.browser import Browser, Page
from tests.web.pages.task_page.reading import CRON, MINUTE, path_of, put_runs, section


def test_figures_say_over_how_many_runs_they_are(anns: Browser, ann: Caller, world: World) -> None:
    path = path_of(ann)
    assert "No run has been recorded yet." in section(anns.get(path), "figures")
    put_runs(world, path.rpartition("/")[2], *[RunStatus.SUCCEEDED] * 3, RunStatus.FAILED, RunStatus.SKIPPED)
    said = section(anns.get(path), "figures")
    assert "Counted over all 5 runs that are kept. Days of UTC." in said
    assert "Success rate 75.0 %" in said
    assert "Duration p50 220 ms p95 220 ms" in said
    assert "Lateness p50 120 ms p95 120 ms" in said
    assert "100 ms to 300 ms 5" in said


def test_a_rate_is_all_of_a_hundred_only_where_nothing_failed(anns: Browser, ann: Caller, world: World) -> None:
    path = path_of(ann)
    statuses = [RunStatus.SUCCEEDED] * 999
    put_runs(world, path.rpartition("/")[2], *statuses, each=MINUTE)
    assert "Success rate 100 %" in anns.get(path).text
    put_runs(world, path.rpartition("/")[2], RunStatus.FAILED, each=timedelta(seconds=1))
    world.clock.advance(2 * MINUTE)
    assert "Success rate 99.9 %" in anns.get(path).text


def test_only_the_newest_thousand_runs_are_counted_and_the_page_says_so(
    anns: Browser, ann: Caller, world: World
) -> None:
    path = path_of(ann, retention_days=90)
    put_runs(world, path.rpartition("/")[2], *[RunStatus.SUCCEEDED] * 1200, each=10 * MINUTE)
    page = anns.get(path)
    assert "Counted over the newest 1,000 runs, since 14 Nov 13:20:00." in page.text
    days = strip(page)
    assert days[-8:-6] == ["Sat 14 Nov: 64 succeeded, and more that were not counted", "Sun 15 Nov: 144 succeeded"]


def strip(page: Page) -> list[str]:
    """What each day of the strip says."""
    start = page.html.index('<ol class="days"')
    return re.findall(r'<li title="([^"]*)"', page.html[start : page.html.index("</ol>", start)])


def test_the_strip_has_ninety_days_that_tell_their_worst_by_a_mark_and_are_a_table_as_well(
    anns: Browser, ann: Caller, world: World
) -> None:
    path = path_of(ann)
    put_runs(world, path.rpartition("/")[2], RunStatus.FAILED, RunStatus.SUCCEEDED)
    page = anns.get(path)
    days = strip(page)
    assert len(days) == 90
    assert days[-3:] == ["Thu 19 Nov: 1 succeeded", "Fri 20 Nov: 1 failed", "Sat 21 Nov: nothing was due"]
    assert days[0] == "Mon 24 Aug: nothing was due"  # the task is of today
    assert "2026-11-20 1 1 failed 2026-11-19 1 1 succeeded" in page.text
    drawn = page.html[page.html.index('<ol class="days"') :]
    failed, succeeded = (drawn[drawn.index(day) :][:400] for day in ("Fri 20 Nov", "Thu 19 Nov"))
    assert 'class="bad"' in failed.partition("</li>")[0]
    assert "<path" in failed.partition("</li>")[0]
    assert "<path" not in succeeded.partition("</li>")[0]


def test_days_are_those_of_the_zone_that_is_shown(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created(schedule=CRON)
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # half an hour into the 21st in Paris
    world.store.insert_run(ended_run(made["id"], ann.id, late))
    path = f"/task/{made['id']}"
    assert strip(anns.get(path))[-2].endswith("1 succeeded")
    anns.post("/zone", {"choice": "task", "next": path})
    page = anns.get(path)
    assert strip(page)[-1].endswith("1 succeeded")
    assert "Days of Europe/Paris." in page.text


def test_figures_are_counted_anew_when_there_is_a_newer_run_and_after_a_minute(
    anns: Browser, ann: Caller, world: World
) -> None:
    path = path_of(ann)
    task_id = path.rpartition("/")[2]
    put_runs(world, task_id, RunStatus.SUCCEEDED)
    assert "all 1 runs" in anns.get(path).text
    world.store.insert_run(ended_run(task_id, ann.id, NOW - 3 * timedelta(days=1)))  # an older one, by a backfill
    assert "all 1 runs" in anns.get(path).text
    world.clock.advance(MINUTE)
    assert "all 2 runs" in anns.get(path).text
    world.store.insert_run(ended_run(task_id, ann.id, NOW))
    assert "all 3 runs" in anns.get(path).text


def test_a_page_that_is_asked_for_again_says_that_nothing_has_changed(anns: Browser, ann: Caller, world: World) -> None:
    path = path_of(ann, schedule=CRON)
    task_id = path.rpartition("/")[2]
    put_runs(world, task_id, *[RunStatus.SUCCEEDED] * 30)
    etag = anns.get(path).headers["ETag"]
    world.clock.advance(timedelta(seconds=5))
    assert anns.get(path, **{"if-none-match": etag}).status == 304
    world.store.insert_run(ended_run(task_id, ann.id, NOW))
    assert anns.get(path, **{"if-none-match": etag}).status == 200


def test_what_a_task_costs_is_estimated(anns: Browser, ann: Caller) -> None:
    made = ann.created(schedule=HOURLY)
    cost = made["cost_estimate"]
    assert f"${cost['usd_per_month']:.4f} in 30 days for 720 runs of 0.1 s" in anns.get(f"/task/{made['id']}").text
