"""The first steps as a newcomer takes them: register, click a sample, and see a green run within a minute.

Once on the whole system as processes of its own, where a command is run as well, and once by a clock that is moved.
"""

from __future__ import annotations

import urllib.request
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

from app import app
from bench.installation import Installation
from chalicelib.actions import function
from chalicelib.bootstrap import whole as bootstrap
from chalicelib.functions import registry
from tests.e2e.person import ANN, eventually
from tests.infra.stacks import running
from tests.web.pages.browser import Browser, Page
from tests.web.pages.reader import Form, Reader

START = datetime(2026, 3, 2, 9, 0, 7, tzinfo=UTC)
GREEN = 'class="state good"'


class Visitor:
    """A browser without scripts, in front of a stack of processes."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def look(self, path: str, form: dict[str, str] | None = None) -> tuple[str, str]:
        """Where an address, or a form that is sent to it, leads, and what stands there."""
        body = None if form is None else urlencode(form).encode()
        with self._opener.open(self._url + path, body, timeout=60) as answer:
            return answer.url.removeprefix(self._url), answer.read().decode()

    def press(self, html: str, action: str, **typed: str) -> tuple[str, str]:
        """Send a form of a page, the first of those that go to an address and hold what is typed."""
        form = next(form for form in Reader(html).forms if form.action == action and _holds(form, typed))
        return self.look(action, form.fields | typed)


def _holds(form: Form, typed: dict[str, str]) -> bool:
    return all(form.fields.get(name) in ("", value) for name, value in typed.items())


def test_register_click_every_sample_and_see_three_green_runs(tmp_path: Path) -> None:
    with running(STATE_DIR=str(tmp_path)) as stack:
        ann = Visitor(stack.url)
        where, html = ann.press(ann.look("/register")[1], "/register", **ANN)
        assert where == "/dashboard"
        for sample in ("greeting", "clock", "command"):
            where, html = ann.press(html, "/welcome", sample=sample)
            assert where == "/welcome?done=made"

        def all_green() -> str | None:
            _, html = ann.look("/welcome")
            return html if html.count(GREEN) == 3 else None

        html = eventually(all_green)
        said = [part.partition("</pre>")[0] for part in html.split('<pre class="said">')[1:]]
        assert (said[0], said[2]) == ("hello, ann", "hello")
        assert stack.stop() == 0


def test_it_takes_less_than_a_minute_by_a_clock_that_is_moved() -> None:
    registry.load()
    place = Installation(START, perform=function.perform)
    bootstrap.use(place.system)
    place.play(30)
    browser = Browser(app)
    browser.submit(browser.get("/register"), "/register", **ANN)
    for sample in ("greeting", "clock"):
        page = browser.post("/welcome", {"sample": sample})
        assert (page.status, page.html.count(GREEN)) == (200, 0)
    seconds = next(second for second in range(60) if _played(place, browser).html.count(GREEN) == 2)
    assert seconds <= 21
    page = browser.get("/tasks")
    assert page.html.count(GREEN) == 2  # both tasks are active
    assert "The last run: 1 succeeded" in page.html


def _played(place: Installation, browser: Browser) -> Page:
    """What the page shows a second later."""
    place.play(1)
    return browser.get("/welcome")
