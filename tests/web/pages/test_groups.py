"""The pages of groups: what they show, and what is done from there."""

from __future__ import annotations

from typing import Any

from tests.web.building import Caller, json_of
from tests.web.pages.browser import Browser

ONE = {"define": {"name": "one", "action": {"type": "function", "name": "print_hello"}}}


def made(caller: Caller, **more: Any) -> str:
    answer = caller.post("/api/groups", {"name": "Close the month", "members": [ONE] * 60} | more)
    return str(json_of(answer)["id"])


def test_a_group_shows_how_far_it_has_come_and_its_members_page_by_page(anns: Browser, ann: Caller) -> None:
    group_id = made(ann, then={"define": {**ONE["define"], "name": "afterwards"}})
    page = anns.get(f"/group/{group_id}")
    assert "Close the month running" in page.text
    assert "0 of 60 members have ended" in page.text
    assert "queued 60" in page.text
    assert "When all have succeeded afterwards" in page.text
    (more,) = {link for link in page.reader.links if "cursor=" in link}
    assert "59 one queued" in anns.get(more).text
    assert f"/group/{group_id}" in anns.get("/groups").reader.links


def test_a_group_is_cancelled_and_retried_from_its_page(anns: Browser, ann: Caller) -> None:
    group_id = made(ann)
    assert "Retry" not in anns.get(f"/group/{group_id}").text
    page = anns.submit(anns.get(f"/group/{group_id}"), f"/group/{group_id}/cancel")
    assert "nothing of it starts any more" in page.text
    assert "cancelled 60" in page.text
    page = anns.submit(page, f"/group/{group_id}/retry")
    assert "Those members run again that have not succeeded" in page.text
    assert "for the 2. time" in page.text
    refused = anns.post(f"/group/{group_id}/retry", anns.proof())
    assert (refused.status, f"/group/{group_id}" in refused.reader.links) == (409, True)


def test_a_run_leads_to_its_group(anns: Browser, ann: Caller) -> None:
    group_id = made(ann)
    run_id = json_of(ann.get(f"/api/groups/{group_id}/members"))["items"][0]["run_id"]
    page = anns.get(f"/run/{run_id}")
    assert f"/group/{group_id}" in page.reader.links
    assert "deleted" not in page.text


def test_groups_are_chosen_by_state(anns: Browser, ann: Caller) -> None:
    group_id = made(ann)
    assert f"/group/{group_id}" in anns.get("/groups?state=running").reader.links
    assert "No group is like that" in anns.get("/groups?state=failed").text
