"""A browser, Punctual behind the local gateway, and another site: each on a port of its own of this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol

import pytest
from playwright.sync_api import Browser

from chalicelib.settings import Settings
from tests.browser import chromium
from tests.browser.pages import Shown
from tests.browser.person import DESK, SCREENS, Person, Screen, arriving
from tests.browser.serving import served
from tests.web.building import NOW, World, installed
from tests.web.furnished import Furnished, furnished

EVERYWHERE = pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS.keys())
"""For what somebody does at any screen."""


class Anybody(Protocol):
    """Makes somebody who has never been at an address, at a screen."""

    def __call__(self, home: str, screen: Screen = DESK) -> Person: ...


class Arriving(Protocol):
    """Makes somebody who has never been at this test's installation, at a screen."""

    def __call__(self, screen: Screen = DESK) -> Person: ...


@pytest.fixture(scope="package")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One for all tests; no two people share anything in it. It is gone when tests of another kind have their turn, for
    as long as it is there, so are its driver's processes and event loop."""
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
def anybody(browser: Browser) -> Iterator[Anybody]:
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
def somebody(anybody: Anybody, home: str) -> Arriving:
    """The same, for this test's installation."""

    def arrive(screen: Screen = DESK) -> Person:
        return anybody(home, screen)

    return arrive


class Look(Protocol):
    """Puts the one who looks at a page in front of it."""

    def __call__(self, shown: Shown, screen: Screen) -> Person: ...


@dataclass(frozen=True, kw_only=True)
class LivedIn:
    """An installation with everything in it, where nobody changes anything, and the people who look at it: one for each
    name and screen, because a browser takes longer to make somebody than to show them a page."""

    made: Furnished
    home: str
    browser: Browser
    people: dict[tuple[str, Screen], Person] = field(default_factory=dict)

    def person(self, name: str, screen: Screen) -> Person:
        """Somebody of that name with a new window."""
        if (name, screen) not in self.people:
            arrived = arriving(self.browser, self.home, screen)
            if name:
                arrived.keep(self.made.session(name))
            if screen.scripts:
                arrived.context.clock.set_fixed_time(NOW)
            self.people[name, screen] = arrived
        return self.people[name, screen].another()


@pytest.fixture(scope="module")
def lived_in(browser: Browser) -> Iterator[LivedIn]:
    with served() as home:
        lived = LivedIn(made=furnished(), home=home, browser=browser)
        yield lived
        for person in lived.people.values():
            person.context.close()


@pytest.fixture
def look(lived_in: LivedIn) -> Iterator[Look]:
    """Puts the one who looks at a page in front of it. No browser may have had anything to complain about."""
    looking: list[Person] = []

    def at(shown: Shown, screen: Screen) -> Person:
        looking.append(lived_in.person(shown.who, screen))
        answer = looking[-1].go(shown.address(lived_in.made))
        assert answer.status == shown.status
        return looking[-1]

    yield at
    for person in looking:
        person.page.close()
    assert [said for person in looking for said in person.complaints()] == []


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
