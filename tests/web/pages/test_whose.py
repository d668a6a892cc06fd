"""What belongs to somebody else is on no page of the blueprint: its address answers like one that never was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

import pytest

from app import app
from chalicelib.web.pages.blueprint import ROUTES
from tests.web.furnished import Furnished, furnished
from tests.web.furniture import TASKS
from tests.web.pages.browser import OWN_FORM, Browser

NONE, NEVER = "0" * 26, "0" * 26 + "-1795258080000"
"""An id that nothing has, and that no run has."""
ABOUT = {
    "task_id": ("report", NONE),
    "run_id": ("report 1", NEVER),
    "token_id": ("token of ann", NONE),
    "user_id": ("ann", "nobody"),
    "invitation_id": ("invitation", NONE),
    "group_id": ("month", NONE),
}
"""Of each parameter of a path: what of Ann or of the installation it names, and what there is not."""
NAMES = {"/calendars": "holidays", "/secrets": "warehouse-key"}
SENT = {
    "reason": "mine now",
    "due_at": "2026-11-21T14:00:00Z",
    "from": "2026-11-21T08:00",
    "to": "2026-11-21T09:00",
    "overlap_seconds": "0",
    "role": "admin",
    "version": "1",
}
"""What the forms behind these addresses would send."""
ANNS = [*(str(task["name"]) for task in TASKS.values()), "warehouse-key", "hello, billing"]
"""Words that stand in what Ann has and nowhere else."""
PROOF = re.compile(r'name="csrf_token" value="[^"]*"')
LISTS = [route.path for route in ROUTES if route.get is not None and "{" not in route.path]
ASKED = [
    "",
    "?owner=ann",
    "?q=nightly&state=active",
    "?tag=billing",
    "?status=failed",
    "?like=report",
    "?from=2026-11-16",
]


def about(path: str) -> list[tuple[str, str]]:
    """The parameter of a route that names a thing, and what Ann calls hers and nobody calls anything."""
    names = re.findall(r"{(\w+)}", path)
    if names == ["name"]:
        return [(NAMES[path[: path.index("/{")]], "nothing-like-it")]
    return [ABOUT[name] for name in names if name in ABOUT]


def asked() -> Iterator[tuple[str, str, str, str]]:
    """Every method and path that is about some one thing, as it is for Ann's and for what there is not."""
    for route in ROUTES:
        for mine, none in about(route.path):
            methods = (("GET", route.get), ("POST", route.post))
            yield from ((method, route.path, mine, none) for method, view in methods if view is not None)


@pytest.fixture(scope="module")
def made() -> Furnished:
    return furnished()


@pytest.fixture
def bobs(made: Furnished) -> Browser:
    return Browser(app, session=made.session("bob"))


def answered(browser: Browser, method: str, path: str, thing: str) -> tuple[int, str]:
    """What an address answers, without what it calls the thing."""
    sent = SENT | browser.proof() if method == "POST" else {}
    body = "&".join(f"{name}={value}" for name, value in sent.items())
    address = re.sub(r"{\w+}", thing, path)
    page = browser.ask(method, address, body, OWN_FORM if method == "POST" else {})
    return page.status, PROOF.sub("", page.html.replace(thing, "it"))


def test_every_address_about_a_thing_is_asked() -> None:
    known = {path for _, path, _, _ in asked()}
    assert known == {route.path for route in ROUTES if "{" in route.path and route.path != "/{page}"}


@pytest.mark.parametrize(("method", "path", "anns", "none"), list(asked()))
def test_what_is_another_s_answers_like_what_is_missing(
    made: Furnished, bobs: Browser, method: str, path: str, anns: str, none: str
) -> None:
    before = {key: made.world.store.task(task_id) for key, task_id in made.tasks.items()}
    foreign = answered(bobs, method, path, made.things.get(anns, anns))
    assert foreign == answered(bobs, method, path, none)
    assert foreign[0] in (403, 404)
    assert not [word for word in ANNS if word in foreign[1]]
    assert {key: made.world.store.task(task_id) for key, task_id in made.tasks.items()} == before


@pytest.mark.parametrize(("path", "query"), list(product(LISTS, ASKED)))
def test_no_list_shows_anything_of_another(made: Furnished, bobs: Browser, path: str, query: str) -> None:
    page = bobs.get(path + query.replace("report", made.tasks["report"]))
    assert page.status < 500
    assert not [word for word in ANNS if word in page.html]
    assert not [thing for thing in made.tasks.values() if f"/{thing}" in page.html]


@pytest.mark.parametrize("path", ["/runs", "/tasks", "/audit", "/dead-letters", "/task/{report}"])
def test_a_cursor_of_another_leads_to_nothing_of_theirs(made: Furnished, bobs: Browser, path: str) -> None:
    address = path.format_map(made.tasks)
    links = Browser(app, session=made.session("ann")).get(address).reader.links
    older = [link for link in links if "cursor=" in link]
    for page in [bobs.get(link) for link in older]:
        assert page.status in (200, 400, 404, 422)
        assert not [word for word in ANNS if word in page.html]
    assert older or path != "/runs"
