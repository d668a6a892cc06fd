"""Error pages: every status has a title, the request's id and a way back; nothing answers a browser with JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

import pytest

from app import app
from chalicelib.bootstrap import whole
from chalicelib.core import errors
from chalicelib.core.people.account import User
from chalicelib.engine.requests.looking.survey import Survey, Surveyed
from chalicelib.web.frame.json_text import Malformed
from chalicelib.web.frame.problems import STATUS, BodyTooLarge, WrongMediaType
from chalicelib.web.pages.blueprint import ROUTES, TITLES
from tests.web.building import Caller, World, json_of
from tests.web.pages.browser import OWN_FORM, Browser, Page

BROWSER = {"accept": "text/html,application/xhtml+xml"}
POST_ONLY = [route.path for route in ROUTES if route.get is None]


def check(page: Page, status: int, title: str) -> None:
    """That a page is an error page as it should be."""
    assert page.status == status
    assert page.headers["Content-Type"].startswith("text/html")
    assert f"<h1>{title}</h1>" in page.html
    assert "request-1" in page.text
    assert "/dashboard" in page.reader.links


def test_every_status_that_an_error_has_has_a_title() -> None:
    statuses = {int(status) for status in STATUS.values()} | {405, 500}
    assert statuses <= TITLES.keys()
    assert not {HTTPStatus(status).phrase for status in statuses} & set(TITLES.values()) - {"Not Found"}


MADE: dict[int, Exception] = {
    400: Malformed("it cannot be read"),
    401: errors.NotAuthenticated("log in first"),
    403: errors.NotAllowed("only an admin may do this"),
    404: errors.NotFound("there is no such thing"),
    409: errors.Conflict("it was changed by somebody else"),
    413: BodyTooLarge("it has too many bytes"),
    415: WrongMediaType("it is no form"),
    422: errors.Invalid(errors.FieldError(pointer="/cursor", code="invalid_cursor", detail="must be another")),
    429: errors.TooMany("it was asked too often", retry_after=timedelta(seconds=7)),
    500: ZeroDivisionError("secret detail"),
    503: errors.Unavailable("secret detail"),
}
"""An error of each status that a view can fail with."""


@pytest.mark.parametrize("status", MADE, ids=str)
def test_whatever_a_view_fails_with_is_a_page_with_its_title(anns: Browser, status: int) -> None:
    class Failing(Survey):
        def of(self, caller: User) -> Surveyed:
            raise MADE[status]

    system = whole.system()
    whole.use(replace(system, survey=Failing(store=system.survey.store, quota=system.survey.quota)))
    page = anns.get("/secrets")
    check(page, status, TITLES[status])
    assert "secret detail" not in page.html


def test_what_is_wrong_with_an_address_is_said_in_a_sentence(anns: Browser) -> None:
    page = anns.get("/dead-letters?cursor=x")
    check(page, 422, "That cannot be")
    assert "Cursor: must be the `next_cursor` of a page" in page.text


def test_each_status_is_tried() -> None:
    assert MADE.keys() | {405} == TITLES.keys()


@pytest.mark.parametrize("path", POST_ONLY)
def test_an_address_that_only_does_something_shows_a_page_and_does_nothing(
    anns: Browser, ann: Caller, path: str
) -> None:
    made = ann.created()
    asked = path.replace("{task_id}", made["id"]).replace("{run_id}", "x1").replace("{group_id}", "x2")
    page = anns.ask("GET", asked, headers=BROWSER)
    check(page, 405, "Only by a button")
    assert page.headers["Allow"] == "POST"
    assert "{task_id}" not in path or f"/task/{made['id']}" in page.reader.links
    assert "{run_id}" not in path or "/run/x1" in page.reader.links
    assert "{group_id}" not in path or "/group/x2" in page.reader.links
    assert json_of(ann.get("/api/tasks"))["items"] == [made]


def test_an_address_at_which_there_is_nothing_is_a_page_for_people(anns: Browser, stranger: Browser) -> None:
    for browser in (anns, stranger):
        check(browser.ask("GET", "/taks", headers=BROWSER), 404, "Not found")


def test_and_a_problem_for_scripts(stranger: Browser) -> None:
    page = stranger.ask("GET", "/taks")
    assert (page.status, page.headers["Content-Type"]) == (404, "application/problem+json")


def test_too_much_at_once_says_when_to_go_on(anns: Browser, ann: Caller, world: World) -> None:
    task_id = ann.created()["id"]
    for _ in range(120):
        ann.post(f"/api/tasks/{task_id}/run")
    page = anns.post(f"/task/{task_id}/run")
    check(page, 429, "Too much at once")
    assert int(page.headers["Retry-After"]) > 0


def test_behind_a_stage_the_way_back_stays_in_it(ann: Caller, world: World) -> None:
    page = Browser(app, session=world.session_of(ann), prefix="/prod").ask("GET", "/prod/taks", headers=BROWSER)
    assert "/prod/dashboard" in page.reader.links


def test_a_form_that_is_none_leads_back_to_its_page(anns: Browser) -> None:
    page = anns.ask("POST", "/dead-letters", "csrf_token=old", OWN_FORM)
    check(page, 403, "Not allowed")
    assert "/dead-letters" in page.reader.links


def test_a_button_that_does_not_do_it_leads_back_to_where_it_was(world: World, ann: Caller, anns: Browser) -> None:
    task = ann.created(action={"type": "command", "command": "echo"})
    run = json_of(ann.post(f"/api/tasks/{task['id']}/run"))
    conflict = anns.post(f"/run/{run['id']}/retry")
    check(conflict, 409, "It changed meanwhile")
    assert f"/run/{run['id']}" in conflict.reader.links
    user = world.store.user(ann.id)
    assert user is not None
    assert world.store.replace_user(replace(user, can_run_commands=False, version=user.version + 1))
    refused = anns.post(f"/task/{task['id']}/run")
    check(refused, 403, "Not allowed")
    assert f"/task/{task['id']}" in refused.reader.links
    missing = anns.post(f"/task/{'0' * 26}/run")
    check(missing, 404, "Not found")
    assert f"/task/{'0' * 26}" not in missing.reader.links
