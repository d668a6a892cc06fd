"""The page of a task: what comes, and can be left out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core.run import RunStatus
from tests.web.building import NOW, Caller, World, in_
from tests.web.pages.browser import Browser
from tests.web.pages.task_page.reading import CRON, path_of, section


def test_one_due_time_is_skipped_and_put_back(anns: Browser, ann: Caller, world: World) -> None:
    path = path_of(ann, schedule=CRON)
    page = anns.get(path)
    skips = [form for form in page.reader.forms if form.action == f"{path}/skip"]
    assert [form.fields["due_at"] for form in skips[:2]] == [in_(599.75), in_(1199.75)]
    page = anns.post(f"{path}/skip", skips[1].fields)
    assert page.url == f"{path}?done=skipped"
    assert "12:20:00 in 19 min Sat 13:20:00 in Europe/Paris skipped by its owner Put back" in section(page, "next")
    run_id = f"{path.rpartition('/')[2]}-{int(NOW.timestamp() + 1199.75) * 1000}"
    page = anns.submit(page, f"/run/{run_id}/retry")
    assert page.url == f"/run/{run_id}?done=put_back"
    assert "The due time counts again" in page.text
    assert "skipped" not in section(anns.get(path), "next")
    sent = world.store.run(path.rpartition("/")[2], NOW + timedelta(seconds=1199.75))
    assert sent is not None
    assert sent.status is RunStatus.QUEUED


@pytest.mark.parametrize(
    ("due_at", "said"),
    [
        (in_(-0.25), "lies in the past"),
        (in_(600), "is no due time of this task"),
        ("soon", "must be an RFC 3339 instant"),
        ("", "must be an RFC 3339 instant"),
    ],
)
def test_what_cannot_be_skipped_is_told_beside_the_list(anns: Browser, ann: Caller, due_at: str, said: str) -> None:
    path = path_of(ann, schedule=CRON)
    page = anns.post(f"{path}/skip", {"due_at": due_at})
    assert page.status == 422
    assert said.casefold() in page.said("due_at").casefold()


def test_what_is_excluded_stands_between_what_comes(anns: Browser, ann: Caller) -> None:
    hours = {"weekly": ["sat"], "from": "13:15", "to": "13:25"}
    said = section(anns.get(path_of(ann, schedule=CRON | {"exclude": [hours]})), "next")
    assert said.index("12:10:00") < said.index("12:20:00") < said.index("excluded by") < said.index("12:30:00")
