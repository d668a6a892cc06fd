"""One person's window of a browser: cookies of its own, pages that are loaded, filled in and clicked as by hand."""

from __future__ import annotations

import json
from typing import Any

from tests.browser.chromium import Chromium, Message

COMPLAINTS = ("Content Security Policy", "Permissions-Policy", "Refused to", "violates")
"""Words of the console that say that a page asked for what its policy forbids, or that the policy is no good."""


class Window:
    """A page in a browser context of its own."""

    def __init__(self, browser: Chromium, home: str, context: str | None = None) -> None:
        self._browser = browser
        self._home = home
        self._context = context or browser.call("Target.createBrowserContext")["browserContextId"]
        made = browser.call("Target.createTarget", url="about:blank", browserContextId=self._context)
        attached = browser.call("Target.attachToTarget", targetId=made["targetId"], flatten=True)
        self._session = str(attached["sessionId"])
        for domain in ("Page", "Runtime", "Log", "Audits", "Network"):
            self._call(f"{domain}.enable")

    def another(self) -> Window:
        """A second window of the same person, with the same cookies."""
        return Window(self._browser, self._home, self._context)

    @property
    def url(self) -> str:
        """Where it is, without the part that all our pages share."""
        return str(self.evaluate("location.href")).removeprefix(self._home)

    @property
    def text(self) -> str:
        """What is to be read on the page."""
        return str(self.evaluate("document.body.innerText"))

    def go(self, url: str) -> None:
        """Open an address, of ours if it begins with a slash."""
        since = len(self._browser.seen)
        self._call("Page.navigate", url=self._home + url if url.startswith("/") else url)
        self._arrived(since)

    def fill(self, **fields: str) -> None:
        """Type into fields."""
        for name, text in fields.items():
            self.evaluate(f"document.querySelector('main [name={name}]').select()")
            self._call("Input.insertText", text=text)

    def choose(self, name: str, value: str) -> None:
        """Choose one of several."""
        self.evaluate(f"document.querySelector('main [name={name}][value={value}]').click()")

    def press(self, words: str) -> None:
        """Press a button, and wait for the page that it leads to."""
        since = len(self._browser.seen)
        self.evaluate(
            "['main button', 'button', 'a'].flatMap(kind => [...document.querySelectorAll(kind)])"
            f".find(one => one.innerText.trim() === {json.dumps(words)}).click()"
        )
        self._arrived(since)

    def reload(self) -> None:
        since = len(self._browser.seen)
        self._call("Page.reload")
        self._arrived(since)

    def back(self) -> None:
        """The page before, as the Back button shows it."""
        history = self._call("Page.getNavigationHistory")
        since = len(self._browser.seen)
        entry = history["entries"][history["currentIndex"] - 1]
        self._call("Page.navigateToHistoryEntry", entryId=entry["id"])
        self._arrived(since)

    def led_to(self, url: str) -> None:
        """Wait until a page that goes on by itself has arrived at an address."""
        while self.url != url:
            self._arrived(len(self._browser.seen))

    def cookies(self) -> list[dict[str, Any]]:
        """All that this person's browser keeps."""
        return list(self._browser.call("Storage.getCookies", browserContextId=self._context)["cookies"])

    def evaluate(self, expression: str) -> Any:
        """The value of an expression in the page; the page's policy has no say in it."""
        given = self._call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in given, given
        return given["result"].get("value")

    def complaints(self) -> list[str]:
        """What the browser had to say about this person's pages and their policies."""
        self._call("Runtime.evaluate", expression="1")  # whatever was said before this has come then
        own = [json.dumps(event) for event in self._browser.seen if event.get("sessionId") == self._session]
        told = [text for text in own if '"Log.entryAdded"' in text or '"Runtime.consoleAPICalled"' in text]
        broken = [text for text in own if '"Runtime.exceptionThrown"' in text or "ContentSecurityPolicyIssue" in text]
        return broken + [text for text in told if any(words in text for words in COMPLAINTS)]

    def _arrived(self, since: int) -> None:
        """Wait for the next page; one from the browser's memory is there at once, any other once it is loaded."""
        shown = self._browser.event(lambda event: self._is(event, "Page.frameNavigated"), since)
        if self._browser.seen[shown]["params"]["type"] == "Navigation":
            self._browser.event(lambda event: self._is(event, "Page.loadEventFired"), shown)

    def _is(self, event: Message, method: str) -> bool:
        return event["method"] == method and event.get("sessionId") == self._session

    def _call(self, method: str, **parameters: Any) -> Message:
        return self._browser.call(method, self._session, **parameters)
