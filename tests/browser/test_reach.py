"""Every page by keyboard: the Tab key reaches all that can be pressed or typed into, and one sees where it is."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Look
from tests.browser.pages import PAGES, Shown
from tests.browser.person import AT_REST

TABBING = """() => {
    window.reached = [];
    addEventListener("focusin", event => {
        const one = event.target;
        const shown = [one, ...(one.labels ?? []), one.nextElementSibling, one.parentElement].filter(Boolean);
        const outlined = shown.some(each => {
            const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(each);
            const { width, height } = each.getBoundingClientRect();
            return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 || boxShadow.includes("0px 0px 0px"))
                && width * height > 16;
        });
        window.reached.push(one);
        one.wellOutlined = outlined;
    });
}"""
AROUND = """document.activeElement === document.body
    || window.reached.indexOf(document.activeElement) < window.reached.length - 1"""
"""Whether the end of the page has been passed."""
LEFT_OUT = """() => {
    const name = one => [one.tagName, one.getAttribute("href") ?? one.name, one.textContent.trim()].join(" ");
    const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")];
    const wanted = all.filter(one => one.checkVisibility({ visibilityProperty: true }) && !one.disabled
        && one.type !== "hidden" && one.tabIndex >= 0);
    const group = one => one.type === "radio" ? window.reached.some(other => other.name === one.name) : false;
    return {
        "not reached": wanted.filter(one => !window.reached.includes(one) && !group(one)).map(name),
        "not outlined": window.reached.filter(one => !one.wellOutlined).map(name),
    };
}"""
MOST_STOPS = 600


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: str(shown.name))
def test_a_keyboard_reaches_everything_and_one_sees_where_it_is(shown: Shown, look: Look) -> None:
    page = look(shown, AT_REST).page
    page.evaluate(TABBING)
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate(AROUND):
            break
    assert page.evaluate("reached.length") > 2
    assert page.evaluate(LEFT_OUT) == {"not reached": [], "not outlined": []}
