"""The list of tasks: what filters leave out, and how many are on a page."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from chalicelib.web.pages.work.task_list import ROWS
from tests.web.building import Caller, World, in_, json_of
from tests.web.pages.browser import Browser
from tests.web.pages.task_list.reading import names

QUERIES = [
    *("", "state=active", "state=paused", "state=completed", "state=active&state=paused"),
    *("tag=a", "tag=b", "tag=a&tag=b", "tag=A", "q=REPORT", "q=about+the", "q=%25", "q=nothing"),
    *("q=report&state=active&tag=a", "state=completed&tag=a"),
]


@pytest.mark.parametrize("query", QUERIES)
def test_filters_mean_what_they_mean_in_the_api(anns: Browser, ann: Caller, world: World, query: str) -> None:
    ann.created(name="daily report", tags=["a"])
    ann.created(name="weekly Report", tags=["a", "b"], state="paused")
    ann.created(name="invoices", description="About the money", tags=["b"])
    ann.created(name="once", tags=["a"], schedule={"type": "once", "at": in_(1)})
    world.clock.advance(timedelta(seconds=2))
    asked = json_of(ann.get(f"/api/tasks?{query}"))["items"]
    assert names(anns.get(f"/tasks?{query}")) == [task["name"] for task in asked]


def test_a_form_that_is_sent_half_empty_asks_only_for_what_was_typed(anns: Browser, ann: Caller) -> None:
    ann.created(name="one", tags=["a"])
    ann.created(name="two", tags=["a", "b"])
    page = anns.get("/tasks?tag=a&state=active&q=&owner=")
    assert set(names(page)) == {"two", "one"}
    form = page.form("/tasks")
    assert form.method == "get"
    assert "state" in form.fields
    page = anns.get(f"/tasks?{urlencode(form.fields | {'q': 'two', 'tag': 'b'})}")
    assert names(page) == ["two"]
    assert page.form("/tasks").fields["q"] == "two"


def test_a_filter_that_fits_nothing_says_which_to_drop(anns: Browser, ann: Caller) -> None:
    ann.created(name="one", tags=["a"])
    page = anns.get("/tasks?q=two&tag=a&tag=b&state=paused")
    assert "No task fits" in page.text
    left = [anns.get(link) for link in page.reader.links if link.startswith("/tasks?")]
    assert all("No task fits" in other.text for other in left)
    assert "/tasks?q=two&state=paused&tag=a" in page.reader.links
    assert "/tasks?q=two&state=paused&tag=b" in page.reader.links
    assert "/tasks?state=paused&tag=a&tag=b" in page.reader.links
    assert "/tasks?q=two&tag=a&tag=b" in page.reader.links


def test_what_a_page_asks_again_for_is_what_it_was_asked_for(anns: Browser, ann: Caller) -> None:
    ann.created(tags=["a", "b"])
    page = anns.get("/tasks?tag=a&tag=b&state=active")
    asked = [tag["hx-get"] for _, tag in page.reader.tags if "hx-get" in tag]
    assert asked == ["/tasks?tag=a&tag=b&state=active"]


@pytest.mark.parametrize("query", ["state=asleep", "cursor=nonsense", "cursor=", "owner=nobody", "q=" + "x" * 3000])
def test_a_query_that_makes_no_sense_is_answered_by_a_page(anns: Browser, ann: Caller, query: str) -> None:
    ann.created()
    page = anns.get(f"/tasks?{query}")
    assert page.status in (200, 404, 422)
    assert page.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("query", ["", "tag=a&q=number"])
def test_many_tasks_come_in_pages_that_keep_the_filters(anns: Browser, ann: Caller, query: str) -> None:
    count = 2 * ROWS + 3
    for number in range(count):
        ann.created(name=f"number {number:02}", tags=["a"])
    seen, address = [], f"/tasks?{query}"
    for _ in range(3):
        page = anns.get(address)
        seen += names(page)
        older = [link for link in page.reader.links if "cursor=" in link and "refresh" not in link]
        address = older[0] if older else ""
    assert sorted(seen) == [f"number {number:02}" for number in range(count)]
    assert address == ""
    assert "Newest tasks" in page.text


def test_what_fits_little_is_not_looked_for_without_end(anns: Browser, ann: Caller, world: World) -> None:
    made = world.store.task(ann.created(name="the only one")["id"])
    assert made is not None
    for number in range(1050):
        newer = replace(made, id=f"z{number:025}", definition=replace(made.definition, name=f"number {number}"))
        world.store.create_task(newer, None)
    page = anns.get("/tasks?q=the+only+one")
    assert "None among the newest thousand" in page.text
    (onwards,) = {link for link in page.reader.links if "cursor=" in link and "refresh" not in link}
    assert names(anns.get(onwards)) == ["the only one"]
