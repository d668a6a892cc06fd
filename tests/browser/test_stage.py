"""Below a stage, as on API Gateway without a domain of one's own: every address stays in it, scripts included."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from playwright.sync_api import Request

from tests.browser.conftest import Anybody
from tests.browser.serving import served
from tests.web.building import NOW, World

PREFIX = "/prod"


def test_people_and_scripts_stay_in_the_stage(anybody: Anybody, world: World) -> None:
    with served("prod") as home:
        ann = anybody(home)
        asked: list[str] = []

        def note(request: Request) -> None:
            asked.append(urlsplit(request.url).path)

        ann.context.on("request", note)
        ann.context.clock.install(time=NOW)
        ann.go("/")
        ann.register("ann")
        assert ann.page.url.startswith(home)
        ann.go("/task/create")
        ann.fill(name="nightly report", command="echo hello")
        ann.choose("action_type", "command")
        ann.press("Create the task")
        with ann.page.expect_response(lambda response: "hx-request" in response.request.headers) as answered:
            ann.page.clock.fast_forward(timedelta(seconds=5).seconds * 1000)
        assert answered.value.status in (200, 304)
        ann.press("Run now")
        ann.press("the task's zone")
        ann.log_out()
        assert {path for path in asked if not path.startswith(f"{PREFIX}/")} == set()
        assert {str(cookie.get("path")) for cookie in ann.context.cookies()} == {PREFIX}
