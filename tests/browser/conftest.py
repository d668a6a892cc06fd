"""A browser, Punctual behind the local gateway, and another site: each on a port of its own of this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser

from chalicelib.settings import Settings
from tests.browser import chromium
from tests.browser.person import DESK, Person, Screen, arriving
from tests.browser.serving import served
from tests.web.building import World, installed

Arriving = Callable[..., Person]
"""Makes somebody who has never been here, at a screen."""


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One for all tests; no two people share anything in it."""
    with chromium.running(tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest.fixture
def world() -> World:
    """An installation that nobody has used, whose clock stands still."""
    return installed(Settings())


@pytest.fixture
def home(world: World) -> Iterator[str]:
    """Where it is served."""
    with served() as address:
        yield address


@pytest.fixture
def anybody(browser: Browser) -> Iterator[Callable[[str, Screen], Person]]:
    """Makes people. None of their browsers may have had anything to complain about."""
    made: list[Person] = []

    def arrive(home: str, screen: Screen = DESK) -> Person:
        made.append(arriving(browser, home, screen))
        return made[-1]

    yield arrive
    for person in made:
        person.context.close()
    assert [said for person in made for said in person.complaints()] == []


@pytest.fixture
def somebody(anybody: Callable[[str, Screen], Person], home: str) -> Arriving:
    """The same, for this test's installation."""
    return lambda screen=DESK: anybody(home, screen)


class OtherSite(ThreadingHTTPServer):
    """A site of somebody who means harm: it shows whoever comes the page that it has just now."""

    daemon_threads = True
    html = ""
    policy = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Answering(BaseHTTPRequestHandler):
    """One connection to it."""

    server: OtherSite

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if self.server.policy:
            self.send_header("Content-Security-Policy", self.server.policy)
        self.end_headers()
        self.wfile.write(self.server.html.encode())

    def log_message(self, *said: object) -> None:
        """Says nothing."""


@pytest.fixture
def elsewhere() -> Iterator[OtherSite]:
    site = OtherSite(("127.0.0.1", 0), Answering)
    threading.Thread(target=site.serve_forever, args=(0.1,), daemon=True).start()
    yield site
    site.shutdown()
    site.server_close()
