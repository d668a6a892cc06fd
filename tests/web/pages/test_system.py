"""The page of the system: versions, shards, queues, costs and settings; all of it for admins, less for others."""

from __future__ import annotations

import platform
from dataclasses import replace
from datetime import timedelta

import botocore
import chalice
import pytest

from app import app
from chalicelib.adapters.dynamo.ground.schema import FORMS
from chalicelib.bootstrap import whole
from chalicelib.core.errors import NewerSchema
from chalicelib.core.people.account import Role
from chalicelib.core.window import WINDOW
from chalicelib.engine.requests.looking import survey
from chalicelib.ports import Control
from chalicelib.settings import Settings, from_environment
from chalicelib.web.api.public import VERSION
from chalicelib.web.pages.about.system import chosen
from tests.web.building import NOW, Caller, World
from tests.web.pages.browser import Browser


@pytest.fixture
def root(world: World) -> Caller:
    return world.caller("root", role=Role.ADMIN)


@pytest.fixture
def roots(world: World, root: Caller) -> Browser:
    return Browser(app, session=world.session_of(root))


def handled(world: World, shard: int, ago: timedelta) -> None:
    """Let the passes of a shard have come up to a while ago."""
    taken = world.store.take_lease(shard, "pass", now=NOW - timedelta(hours=1), until=NOW - timedelta(minutes=59))
    assert taken is not None
    world.store.move(shard, replace(taken, through=NOW - ago - WINDOW))


def test_it_says_which_versions_run(anns: Browser) -> None:
    text = anns.get("/system").text
    for words in (
        f"Punctual {VERSION}",
        f"Python {platform.python_version()}",
        f"Chalice {chalice.__version__}",
        f"botocore {botocore.__version__}",
    ):
        assert words in text
    for kind, number in FORMS.items():
        assert f"{kind[0].upper()}{kind[1:]} {number}" in text


class TestShards:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(shards=3)

    def test_each_says_how_far_it_is(self, anns: Browser, world: World) -> None:
        handled(world, 0, timedelta(seconds=70))
        handled(world, 1, timedelta(minutes=4))
        page = anns.get("/system")
        assert "0 well 11:58:50 1 min ago 1 min 10 s" in page.text
        assert "1 behind 11:56:00 4 min ago 4 min" in page.text
        assert "2 not begun no pass has come yet" in page.text

    def test_the_page_begins_with_it_when_one_is_behind(self, anns: Browser, world: World) -> None:
        assert "System behind" not in anns.get("/system").text
        handled(world, 2, timedelta(minutes=4))
        assert "System behind" in anns.get("/system").text

    def test_one_that_a_newer_version_wrote_takes_nothing_else_away(
        self, anns: Browser, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def newer(shards: range) -> dict[int, Control]:
            raise NewerSchema("a control row", number=3, known=2)

        monkeypatch.setattr(world.store, "controls", newer)
        page = anns.get("/system")
        assert (page.status, "could not be asked" in page.text, "Versions" in page.text) == (200, True, True)


class TestManyShards:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(shards=120)

    def test_they_are_shown_some_at_a_time(self, anns: Browser) -> None:
        first = anns.get("/system")
        assert ("120 in all" in first.text, "/system?from=50" in first.reader.links) == (True, True)
        last = anns.get("/system?from=100")
        assert ("119 not begun" in last.text, "/system?from=150" in last.reader.links) == (True, False)

    @pytest.mark.parametrize("start", ["x", "-1", "99999", "9999", "²"])
    def test_no_number_is_too_odd(self, anns: Browser, start: str) -> None:
        assert anns.get(f"/system?from={start}").status == 200


def test_only_an_admin_sees_queues_and_all_settings(roots: Browser, anns: Browser, world: World) -> None:
    world.queue.send("light", "x")
    full, reduced = roots.get("/system").text, anns.get("/system").text
    for words in ("light 1 0 0 0", "REGISTRATION", "AWS_ACTIONS_ALLOWED", "sns:*"):
        assert (words in full, words in reduced) == (True, False)
    assert "Queues and all settings are for admins." in reduced


def test_every_setting_is_told(world: World) -> None:
    asked: set[str] = set()

    class Environment(dict[str, str]):
        def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
            asked.add(name)
            return default

    from_environment(Environment())
    assert chosen(Settings()).keys() == asked


def test_it_estimates_what_the_callers_tasks_cost(anns: Browser, ann: Caller, bob: Caller) -> None:
    ann.created()
    bob.created(schedule={"type": "interval", "every": 1, "unit": "seconds"})
    text = anns.get("/system").text
    assert "Your tasks (1) 720 0.0" in text
    assert "The installation, when nothing is due 0 1.4" in text


def test_an_estimate_of_some_tasks_says_so(anns: Browser, ann: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "LOOKED_AT", 2)
    for _ in range(3):
        ann.created()
    assert "newest tasks (2) 1,440" in anns.get("/system").text


def test_nothing_secret_is_on_it(roots: Browser, world: World, ann: Caller) -> None:
    html = roots.get("/system").html
    assert whole.system().letter_keys.of(ann.id) not in html
    assert "/system" in roots.get("/dashboard").reader.links


def test_it_renews_itself_only_where_something_changed(anns: Browser, world: World) -> None:
    etag = anns.get("/system").headers["ETag"]
    world.clock.advance(timedelta(seconds=5))
    assert anns.ask("GET", "/system", headers={"if-none-match": etag}).status == 304
    handled(world, 0, timedelta(0))
    assert anns.ask("GET", "/system", headers={"if-none-match": etag}).status == 200
