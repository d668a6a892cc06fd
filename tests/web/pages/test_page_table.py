"""The table of pages that the browser tests look at is complete, and no page is too heavy to be a document."""

from __future__ import annotations

import gzip
from datetime import timedelta

import pytest

from app import app
from chalicelib.web.pages import static
from chalicelib.web.pages.blueprint import ROUTES
from tests.browser.pages import NO_PAGES, PAGES, Shown
from tests.web.building import NOW
from tests.web.furnished import Furnished, furnished
from tests.web.pages.browser import Browser

HEAVIEST_PAGE, HEAVIEST_ASSETS = 100 * 1024, 60 * 1024
"""Bytes, as they travel to a browser that takes gzip."""

STAGE = "/prod"
LEADING = ("href", "src", "action", "formaction", "hx-get", "hx-post", "data-from", "data-path", "data-url")
"""Attributes that hold an address."""


@pytest.fixture(scope="module")
def made() -> Furnished:
    return furnished()


def test_every_page_stands_in_the_table() -> None:
    shown = {route.path for route in ROUTES if route.get is not None} - NO_PAGES
    assert shown == {page.path for page in PAGES}
    assert len({page.name for page in PAGES}) == len(PAGES)


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: str(shown.name))
def test_a_page_is_there_and_weighs_little(shown: Shown, made: Furnished) -> None:
    browser = Browser(app, session=made.session(shown.who) if shown.who else "")
    page = browser.ask("GET", shown.address(made), headers={"accept": "text/html"})
    assert page.status == shown.status
    assert len(gzip.compress(page.html.encode(), 6)) <= HEAVIEST_PAGE


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: str(shown.name))
def test_below_a_stage_nothing_on_a_page_leads_out_of_it(shown: Shown, made: Furnished) -> None:
    browser = Browser(app, session=made.session(shown.who) if shown.who else "", prefix=STAGE)
    page = browser.ask("GET", STAGE + shown.address(made), headers={"accept": "text/html"})
    assert page.status == shown.status
    found = [(name, value) for _, given in page.reader.tags for name, value in given.items() if name in LEADING]
    assert found
    assert not [one for one in found if not (one[1].startswith((f"{STAGE}/", "#")) or one[1] == "")]
    renewed = [given["content"] for _, given in page.reader.tags if given.get("http-equiv") == "refresh"]
    assert all(f"url={STAGE}/" in content for content in renewed)


@pytest.mark.parametrize("shown", [page for page in PAGES if page.who and not page.moves], ids=lambda page: page.name)
def test_a_live_page_on_which_nothing_happens_is_not_sent_again(shown: Shown, made: Furnished) -> None:
    browser = Browser(app, session=made.session(shown.who))
    first = browser.ask("GET", shown.address(made))
    made.world.clock.advance(timedelta(seconds=4))
    again = browser.ask("GET", shown.address(made), headers={"if-none-match": first.headers.get("ETag", "none")})
    made.world.clock.set(NOW)
    assert again.status == 304 or "<body data-live>" not in first.html


def test_all_that_is_served_beside_the_pages_weighs_little() -> None:
    links = [static.asset_response(static.asset_name(name)) for name in ("punctual.css", "punctual.js", "htmx.min.js")]
    linked = {tag.get("href") or tag.get("src") for _, tag in Browser(app).get("/login").reader.tags}
    weights = [len(gzip.compress(str(answer.body).encode(), 6)) for answer in links]
    assert len({address for address in linked if address and "/static/" in address}) == len(links) + 1
    assert sum(weights) + (static.FOLDER / "punctual.svg").stat().st_size <= HEAVIEST_ASSETS
