"""The list of tasks: whose it is."""

from __future__ import annotations

from typing import Any

from app import app
from chalicelib.core.people.account import Role
from tests.web.building import HELLO, Caller, World, json_of
from tests.web.pages.browser import Browser
from tests.web.pages.task_list.reading import act, names


def test_an_admin_sees_whose_list_it_is_and_acts_on_it_with_a_trace(world: World, ann: Caller) -> None:
    root = world.caller("root", role=Role.ADMIN)
    roots = Browser(app, session=world.session_of(root))
    ids = [ann.created(name=f"number {number}", tags=["a"])["id"] for number in range(2)]
    page = roots.get(f"/tasks?owner={ann.id}")
    assert "Tasks of ann" in page.text
    assert set(names(page)) == {"number 0", "number 1"}
    assert f"/tasks?tag=a&owner={ann.id}" in page.reader.links
    after = act(roots, "pause", *ids, address=f"/tasks?owner={ann.id}")
    assert "2 tasks paused" in after.text
    assert "Tasks of ann" in after.text
    told = {(one["actor"]["username"], one["target"]) for one in json_of(ann.get("/api/audit"))["items"]}
    assert {("root", f"/task/{one}") for one in ids} <= told


def test_nobody_else_sees_it(bobs: Browser, ann: Caller) -> None:
    ann.created(name="of ann")
    page = bobs.get(f"/tasks?owner={ann.id}")
    assert page.status == 404
    assert "of ann" not in page.html


def test_an_admin_is_told_that_somebody_has_nothing(world: World, ann: Caller) -> None:
    roots = Browser(app, session=world.session_of(world.caller("root", role=Role.ADMIN)))
    page = roots.get(f"/tasks?owner={ann.id}")
    assert "ann has made none yet" in page.text
    assert "sample" not in [name for form in page.reader.forms for name in form.fields]


def test_behind_a_stage_every_address_stays_in_it(world: World, ann: Caller) -> None:
    made: dict[str, Any] = ann.created(action=HELLO, tags=["a"])
    browser = Browser(app, session=world.session_of(ann), prefix="/prod")
    for page in (
        browser.get("/prod/tasks?tag=a&q=night"),
        browser.get("/prod/tasks?q=none"),
        browser.get("/prod/welcome"),
    ):
        addresses = [tag.get("href") or tag.get("action") or tag.get("hx-get") or "" for _, tag in page.reader.tags]
        assert all(address.startswith(("/prod/", "#")) for address in addresses if address)
    assert act(browser, "pause", made["id"], address="/prod/tasks?tag=a").url == "/prod/tasks?tag=a&done=pause&count=1"
