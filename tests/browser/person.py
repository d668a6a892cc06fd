"""One person at a browser: cookies of their own, a screen, and what the browser had to say about our pages."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Response, WebError

PASSWORD = "correct horse battery"
PATIENCE_MS = 15_000
"""How long something may take to show before it is taken for missing; this machine may be busy."""
ERROR_PAGE = "Failed to load resource: the server responded with a status of 4"
"""What Chromium says of every answer with such a status; that a page has one is for its test to judge."""

CUT_OFF = ("htmx:afterRequest, ", "htmx:sendError, ", "htmx:sendAbort, ")
"""What htmx says of a request whose page was left meanwhile. A refusal is seen by its status."""


@dataclass(frozen=True, kw_only=True)
class Screen:
    """How somebody looks at the pages. `still`: they asked their system for less motion; `dark`: for dark pages."""

    width: int = 1280
    height: int = 900
    scripts: bool = True
    still: bool = False
    dark: bool = False


DESK, PHONE = Screen(), Screen(width=400, height=800)
DESK_AT_NIGHT = Screen(dark=True)
AT_REST = Screen(still=True)
PLAIN, PLAIN_PHONE = Screen(scripts=False), Screen(width=400, height=800, scripts=False)
SCREENS = {"desk": DESK, "phone, no scripts": PLAIN_PHONE}
"""Where a path is gone along: each width and each way of working once. `SCREENS=all` (as in `make browser`) has the
other combinations as well."""
if os.environ.get("SCREENS") == "all":
    SCREENS |= {"desk at night": DESK_AT_NIGHT, "desk, no scripts": PLAIN, "phone": PHONE}


class Ears:
    """Hears what a browser says of the pages it shows: broken policies, exceptions, files that are not there."""

    def __init__(self, context: BrowserContext) -> None:
        self.heard: list[str] = []
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith((ERROR_PAGE, *CUT_OFF)):
            self.heard.append(f"{message.type}: {message.text}")

    def _error(self, error: WebError) -> None:
        self.heard.append(f"exception: {error.error}")

    def _response(self, response: Response) -> None:
        lowest = 500 if response.request.is_navigation_request() else 400
        if response.status >= lowest:
            self.heard.append(f"{response.status}: {response.request.method} {response.url}")


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody with a browser of their own. `page` is the window they look at."""

    home: str
    context: BrowserContext
    page: Page
    ears: Ears

    @property
    def url(self) -> str:
        """Where they are, without the part that all our pages share."""
        return self.page.url.removeprefix(self.home)

    @property
    def text(self) -> str:
        """What is to be read on the page."""
        return self.page.locator("body").inner_text()

    def go(self, address: str) -> Response:
        """Open an address, of ours if it begins with a slash."""
        answer = self.page.goto(self.home + address if address.startswith("/") else address)
        assert answer is not None
        return answer

    def fill(self, **fields: str) -> None:
        """Type into fields of the page's own forms, which may be folded away."""
        for name, text in fields.items():
            field = self.page.locator(f"main [name={name}]:not([type=hidden])")
            folds = field.locator("xpath=ancestor::details[not(@open)]/summary")
            for fold in folds.all():
                fold.click()
            field.fill(text)

    def choose(self, field: str, value: str) -> None:
        """Choose one of several, by what is to be seen of it."""
        self.page.locator(f"main label:has([name={field}][value={value}])").click()

    def button(self, words: str) -> Locator:
        """The button or link that says something: the page's own before that of the frame."""
        places = (self.page.locator("main"), self.page.locator("body"))
        found = [
            kind
            for place in places
            for kind in (
                place.get_by_role("button", name=words, exact=True),
                place.get_by_role("link", name=words, exact=True),
            )
            if kind.count()
        ]
        return found[0].first

    def press(self, words: str) -> None:
        """Press a button or follow a link, and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.button(words).click()

    def register(self, name: str) -> None:
        """Make an account, by the form."""
        self.go("/register")
        self.fill(username=name, email=f"{name}@example.com", password=PASSWORD)
        self.press("Register")

    def log_in(self, name: str) -> None:
        """Enter by the form that is shown."""
        self.fill(username=name, password=PASSWORD)
        self.press("Log in")

    def log_out(self) -> None:
        """By the page that asks whether to."""
        self.go("/logout")
        self.press("Log out")
        assert self.url == "/login"

    def another(self) -> Person:
        """A second window of the same person, with the same cookies."""
        return replace(self, page=self.context.new_page())

    def keep(self, session: str) -> None:
        """Be logged in with a session that was made elsewhere."""
        self.context.add_cookies([{"name": "session", "value": session, "url": self.home}])

    def kept(self) -> dict[str, Any]:
        """The cookies that this browser keeps, by name."""
        return {str(cookie.get("name")): cookie for cookie in self.context.cookies()}

    def complaints(self) -> list[str]:
        """What the browser had to say since it was last asked."""
        said = list(self.ears.heard)
        self.ears.heard.clear()
        return said


def arriving(browser: Browser, home: str, screen: Screen = DESK) -> Person:
    """Somebody who has never been here."""
    context = browser.new_context(
        viewport={"width": screen.width, "height": screen.height},
        color_scheme="dark" if screen.dark else "light",
        reduced_motion="reduce" if screen.still else "no-preference",
        java_script_enabled=screen.scripts,
        timezone_id="Europe/Paris",
        locale="en-GB",
    )
    context.set_default_timeout(PATIENCE_MS)
    return Person(home=home, context=context, page=context.new_page(), ears=Ears(context))
