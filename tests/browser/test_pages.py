"""Every page as somebody sees it, in light, in dark and on a phone: axe finds nothing, and nothing sticks out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser import axe
from tests.browser.conftest import Look
from tests.browser.pages import PAGES, Shown
from tests.browser.person import AT_REST, PHONE, PLAIN, Person

FOLDER = Path(__file__).parents[2] / "dist" / "screenshots"
SKELETON = """() => ({
    headings: [...document.querySelectorAll("main :is(h1, h2, h3)")].map(one => one.textContent.trim()),
    forms: [...document.querySelectorAll("main form")].map(one => one.getAttribute("action")),
    rows: document.querySelectorAll("main tr").length,
    links: document.querySelectorAll("main a[href]").length,
})"""
"""What a page is made of, whatever moves on it."""


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: str(shown.name))
def test_axe_finds_nothing_and_nothing_sticks_out(shown: Shown, look: Look) -> None:
    person = look(shown, AT_REST)
    page, found = person.page, dict[str, Any]()
    assert page.title()
    assert shown.shows.lower() in page.locator("main").inner_text().lower()
    for variant in ("desk", "dark", "phone"):
        page.emulate_media(color_scheme="dark" if variant == "dark" else "light")
        if variant == "phone":
            page.set_viewport_size({"width": PHONE.width, "height": PHONE.height})
        # In the dark nothing but colours is different.
        found[f"{variant}: axe"] = axe.findings(page, axe.COLOURS if variant == "dark" else axe.EVERYTHING)
        found[f"{variant}: wider than the screen"] = wider(person)
        page.screenshot(path=FOLDER / f"{shown.name}-{variant}.png", full_page=True)
    assert {what: said for what, said in found.items() if said} == {}


def wider(person: Person) -> list[str]:
    """What makes a page scroll sideways."""
    return list(
        person.page.evaluate(
            """() => document.scrollingElement.scrollWidth <= innerWidth ? [] :
                [...document.querySelectorAll("body *")]
                    .filter(one => one.getBoundingClientRect().right > innerWidth + 0.5)
                    .map(one => `${one.tagName}.${one.getAttribute("class")} ${one.textContent.trim().slice(0, 30)}`)
                    .slice(-3)"""
        )
    )


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: str(shown.name))
def test_without_scripts_there_is_as_much_to_see_and_to_do(shown: Shown, look: Look) -> None:
    with_scripts = look(shown, AT_REST)
    without = look(shown, PLAIN)
    assert shown.shows.lower() in without.page.locator("main").inner_text().lower()
    assert without.page.evaluate(SKELETON) == with_scripts.page.evaluate(SKELETON)
