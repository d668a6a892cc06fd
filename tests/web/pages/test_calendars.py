"""The pages of calendars: keeping a file, what it leaves out next, which tasks name it, and deleting it."""

from __future__ import annotations

import pytest

from chalicelib.engine.requests.tasks.calendars import MOST_CALENDARS
from tests.web.building import Caller, World, json_of
from tests.web.pages.browser import OWN_FORM, Browser

DAY = "BEGIN:VEVENT\nUID:{0}\nDTSTART;VALUE=DATE:{1}\nEND:VEVENT\n"


def ics(*days: str) -> str:
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{''.join(DAY.format(day, day) for day in days)}END:VCALENDAR\n"


def kept(caller: Caller) -> dict[str, int]:
    """The caller's calendars by name, with how many times they leave out."""
    return {one["name"]: one["spans"] for one in json_of(caller.get("/api/calendars"))["items"]}


def leaving_out(caller: Caller, name: str) -> dict[str, object]:
    return caller.created(
        name="closed on holidays",
        schedule={"type": "cron", "expression": "0 9 * * *", "exclude": [{"calendar": name}]},
    )


def test_a_file_that_is_pasted_is_kept_and_its_next_times_are_shown(anns: Browser, ann: Caller) -> None:
    text = ics("20261225", "20261226", "20200101", "20270101")
    page = anns.submit(anns.get("/calendars"), "/calendars", name="eu.holidays", ics=text)
    assert page.url == "/calendars/eu.holidays?done=kept"
    assert "The calendar is kept" in page.text
    assert "25 Dec 00:00:00" in page.text
    assert "2020" not in page.text
    assert kept(ann) == {"eu.holidays": 2}  # two days that touch are one time, and 2020 is too long ago


def test_the_list_says_what_is_ahead_and_which_tasks_name_it(anns: Browser, ann: Caller) -> None:
    anns.post("/calendars", {"name": "holidays", "ics": ics("20261225")})
    anns.post("/calendars", {"name": "old", "ics": ics("20261101")})
    task = leaving_out(ann, "holidays")
    page = anns.get("/calendars")
    assert f"/task/{task['id']}" in page.reader.links
    assert "it leaves nothing out any more" in page.text
    assert page.text.index("holidays") < page.text.index("25 Dec") < page.text.index("old")


def test_another_file_replaces_it_for_every_task_that_names_it(anns: Browser, ann: Caller) -> None:
    anns.post("/calendars", {"name": "holidays", "ics": ics("20261225")})
    task = leaving_out(ann, "holidays")
    changed = anns.submit(anns.get("/calendars/holidays"), "/calendars", ics=ics("20261122"))
    assert "22 Nov 00:00:00" in changed.text
    assert "25 Dec" not in changed.text
    assert json_of(ann.get(f"/api/tasks/{task['id']}"))["next_run_at"] == "2026-11-23T09:00:00.000Z"


@pytest.mark.parametrize(
    ("name", "text", "field", "words"),
    [
        ("", ics("20261225"), "name", "1 to 64"),
        ("a/b", ics("20261225"), "name", "1 to 64"),
        ("..", ics("20261225"), "name", "1 to 64"),
        ("holidays", "", "ics", "choose one, or paste"),
        ("holidays", "nonsense", "ics", "iCalendar"),
        ("holidays", "BEGIN:VCALENDAR\n" * 3, "ics", ""),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_field_and_stays_typed(
    anns: Browser, ann: Caller, name: str, text: str, field: str, words: str
) -> None:
    page = anns.post("/calendars", {"name": name, "ics": text})
    assert page.status == 422
    assert words in page.said(field)
    assert page.form("/calendars").fields["name"] == name
    assert page.form("/calendars").fields["ics"] == text
    assert kept(ann) == {}


def test_more_calendars_than_an_account_may_have_are_refused(anns: Browser, ann: Caller) -> None:
    for number in range(MOST_CALENDARS):
        ann.put(f"/api/calendars/c{number}", ics("20261225").encode(), headers={"Content-Type": "text/calendar"})
    page = anns.post("/calendars", {"name": "more", "ics": ics("20261225")})
    assert (page.status, "one calendar more" in page.said("name")) == (422, True)


def test_deleting_asks_first(anns: Browser, ann: Caller) -> None:
    anns.post("/calendars", {"name": "holidays", "ics": ics("20261225")})
    asked = anns.get("/calendars/holidays/delete")
    assert kept(ann) == {"holidays": 1}
    assert anns.submit(asked, "/calendars/holidays/delete").url == "/calendars?done=deleted"
    assert kept(ann) == {}


def test_a_calendar_that_is_named_is_not_deleted_and_the_task_is_told(anns: Browser, ann: Caller) -> None:
    anns.post("/calendars", {"name": "holidays", "ics": ics("20261225")})
    task = leaving_out(ann, "holidays")
    asked = anns.get("/calendars/holidays/delete")
    assert f"/task/{task['id']}" in asked.reader.links
    assert "/calendars/holidays/delete" not in [form.action for form in asked.reader.forms]
    refused = anns.post("/calendars/holidays/delete")
    assert refused.status == 409
    assert "closed on holidays" in refused.text
    assert kept(ann) == {"holidays": 1}


def test_nobody_sees_or_deletes_somebody_elses(anns: Browser, bobs: Browser, ann: Caller, bob: Caller) -> None:
    anns.post("/calendars", {"name": "holidays", "ics": ics("20261225")})
    assert "holidays" not in bobs.get("/calendars").text.replace("public holidays", "")
    for path in ("/calendars/holidays", "/calendars/holidays/delete"):
        assert bobs.get(path).status == 404
    assert bobs.post("/calendars/holidays/delete").status == 404
    bobs.post("/calendars", {"name": "holidays", "ics": ics("20261225", "20270501")})
    assert (kept(ann), kept(bob)) == ({"holidays": 1}, {"holidays": 2})


def test_a_form_of_an_earlier_visit_comes_back_with_what_was_typed(anns: Browser, ann: Caller) -> None:
    sent = "csrf_token=old&name=holidays&ics=BEGIN%3AVCALENDAR"
    page = anns.ask("POST", "/calendars", sent, OWN_FORM)
    assert page.status == 403
    assert page.form("/calendars").fields["ics"] == "BEGIN:VCALENDAR"
    assert kept(ann) == {}


@pytest.mark.parametrize("name", ["missing", "..%2f", "a" * 65])
def test_what_is_no_calendar_is_not_found(anns: Browser, world: World, name: str) -> None:
    assert anns.get(f"/calendars/{name}").status == 404
