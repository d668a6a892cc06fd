"""How much the pages of the account and of the installation ask for: the same, whatever the account holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app import app
from bench.accounting.wire import Request
from chalicelib.core.people.account import Role
from tests.policies.installation import Installation, installed
from tests.web.pages.browser import Browser

CALL = {"type": "http", "method": "GET", "url": "https://example.com/", "headers": {"X-Key": {"secret": "key"}}}
ICS = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nDTSTART:20261201T080000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
KNOWN = 2
"""Calls of every page: who is asking, by token and account."""
MOST = {
    "/calendars": KNOWN + 2,
    "/calendars/holidays": KNOWN + 2,
    "/calendars/holidays/delete": KNOWN + 2,
    "/secrets": KNOWN + 1,
    "/secrets/key/delete": KNOWN + 1,
    "/tokens": KNOWN + 1,
    "/members": KNOWN + 4,
    "/members/root": KNOWN + 2,
    "/audit": KNOWN + 4,
    "/settings": KNOWN + 3,
    "/password": KNOWN,
    "/dead-letters": KNOWN + 1 + 16,
    "/functions": KNOWN + 3,
    "/reference": KNOWN,
    "/system": KNOWN + 4 + 16,
}
"""Calls of DynamoDB and SQS. Some are made once in a process: a queue's address, the key of alerts."""


@pytest.fixture
def installation() -> Iterator[Installation]:
    with installed() as made:
        yield made


def test_a_page_asks_for_as_much_whatever_the_account_holds(installation: Installation) -> None:
    root = installation.world.caller("root", role=Role.ADMIN)
    browser = Browser(app, session=installation.world.session_of(root))
    root.put("/api/secrets/key", {"value": "x"})
    root.put("/api/calendars/holidays", ICS, headers={"Content-Type": "text/calendar"})
    calls: Counter[str] = Counter()

    def counting(request: Request, perform: Callable[[Request], Any]) -> Any:
        calls[request.operation] += 1
        return perform(request)

    def asked_for(path: str) -> int:
        calls.clear()
        assert browser.get(path).status == 200
        return calls.total()

    few: dict[str, int] = {}
    for held in (2, 60):
        for number in range(held):
            root.created(name=f"task {number}", action=CALL)
            if number < 5:
                installation.world.caller(f"u{held}-{number}")
                root.put(f"/api/calendars/c{number}", ICS, headers={"Content-Type": "text/calendar"})
        installation.books.hook = counting
        counted = {path: asked_for(path) for path in MOST}
        few = few or counted
        assert {path: count for path, count in counted.items() if count > MOST[path]} == {}
        assert {path: count for path, count in counted.items() if count > few[path]} == {}
        installation.books.hook = None
