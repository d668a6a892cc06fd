"""The form does not show what its owner is told of a task, and keeps it."""

from __future__ import annotations

from tests.web.building import Caller, json_of
from tests.web.pages.browser import Browser


def test_an_edit_in_the_form_keeps_what_its_owner_is_told(anns: Browser, ann: Caller) -> None:
    made = ann.created(notify={"webhook": "https://example.com/hook", "cooldown_seconds": 60})
    path = f"/task/{made['id']}/update"
    anns.submit(anns.get(path), path, name="another name")
    changed = json_of(ann.get(f"/api/tasks/{made['id']}"))
    assert (changed["name"], changed["notify"]) == ("another name", made["notify"])
