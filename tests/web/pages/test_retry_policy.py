"""Until how long after its due time a run is tried again: the field in the API, in the form and on the page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.building import Caller, json_of, task
from tests.web.pages.browser import Browser

POLICY = {"max_attempts": 5, "backoff": "fixed", "delay_seconds": 5, "max_delay_seconds": 9}
AGED = POLICY | {"max_age_seconds": 5400}


def retry_of(ann: Caller, task_id: str) -> dict[str, Any]:
    retry: dict[str, Any] = json_of(ann.get(f"/api/tasks/{task_id}"))["retry"]
    return retry


@pytest.mark.parametrize("age", [1, 1.5, 90, 604_800])
def test_an_age_comes_back_and_can_be_sent_back(ann: Caller, age: float) -> None:
    made = ann.created(retry={"max_age_seconds": age})
    assert made["retry"]["max_age_seconds"] == age
    again = json_of(ann.put(f"/api/tasks/{made['id']}", made))
    assert (again["retry"], again["version"]) == (made["retry"], 2)
    assert json_of(ann.post("/api/tasks", made))["retry"] == made["retry"]


def test_a_task_without_an_age_says_nothing_about_it(ann: Caller) -> None:
    made = ann.created()
    assert "max_age_seconds" not in made["retry"]
    assert ann.put(f"/api/tasks/{made['id']}", made).status_code == 200


def test_a_put_without_an_age_takes_it_away(ann: Caller) -> None:
    made = ann.created(retry=AGED)
    ann.put(f"/api/tasks/{made['id']}", task(retry=POLICY))
    assert retry_of(ann, made["id"]) == POLICY


def test_a_patch_sets_an_age_keeps_it_and_takes_it_away_by_null(ann: Caller) -> None:
    made = ann.created(retry=POLICY)
    path = f"/api/tasks/{made['id']}"
    assert json_of(ann.send("PATCH", path, {"retry": {"max_age_seconds": 5400}}))["retry"] == AGED
    assert json_of(ann.send("PATCH", path, {"name": "other"}))["retry"] == AGED
    assert json_of(ann.send("PATCH", path, {"retry": {"max_age_seconds": None}}))["retry"] == POLICY


def test_a_patch_with_an_age_that_cannot_be_is_refused(ann: Caller) -> None:
    made = ann.created(retry=AGED)
    refused = ann.send("PATCH", f"/api/tasks/{made['id']}", {"retry": {"max_age_seconds": 0}})
    [error] = json_of(refused)["errors"]
    assert (refused.status_code, error["pointer"]) == (422, "/retry/max_age_seconds")
    assert error["detail"] == "must be a number from 1 to 604,800"
    assert retry_of(ann, made["id"]) == AGED


def test_the_openapi_document_knows_the_age(nobody: Caller) -> None:
    schemas = json_of(nobody.get("/api/openapi.json"))["components"]["schemas"]
    age = schemas["Retry"]["properties"]["max_age_seconds"]
    assert (age["type"], age["minimum"], age["maximum"]) == ("number", 1, 604_800)
    assert "max_age_seconds" not in schemas["Retry"].get("required", [])
    assert "default" not in age


def test_the_form_shows_keeps_changes_and_empties_the_age(anns: Browser, ann: Caller) -> None:
    made = ann.created(retry=AGED)
    path = f"/task/{made['id']}/update"
    assert 'value="5400"' in anns.get(path).html
    anns.submit(anns.get(path), path)
    assert retry_of(ann, made["id"]) == AGED
    anns.submit(anns.get(path), path, max_age_seconds=" 60.5 ")
    assert retry_of(ann, made["id"]) == AGED | {"max_age_seconds": 60.5}
    anns.submit(anns.get(path), path, max_age_seconds="")
    assert retry_of(ann, made["id"]) == POLICY


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("soon", "Write a number of seconds"),
        ("0", "Must be a number from 1 to 604,800"),
        ("604801", "Must be a number"),
    ],
)
def test_an_age_that_cannot_be_is_said_beside_its_field(anns: Browser, ann: Caller, typed: str, said: str) -> None:
    made = ann.created(retry=AGED)
    path = f"/task/{made['id']}/update"
    page = anns.submit(anns.get(path), path, max_age_seconds=typed)
    assert said in page.said("max_age_seconds")
    assert f'value="{typed}"' in page.html
    assert retry_of(ann, made["id"]) == AGED


def test_the_page_says_until_when_a_run_is_tried_again(anns: Browser, ann: Caller) -> None:
    aged, ageless = ann.created(retry=AGED), ann.created(retry=POLICY)
    assert "none later than 1 h 30 min after the due time" in anns.get(f"/task/{aged['id']}").text
    assert "none later than" not in anns.get(f"/task/{ageless['id']}").text
