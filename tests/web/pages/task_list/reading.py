"""What tests of the list of tasks read of it, and do there."""

from __future__ import annotations

from urllib.parse import urlencode

from tests.web.building import World
from tests.web.pages.browser import OWN_FORM, Browser, Page


def names(page: Page) -> list[str]:
    """The names of the tasks that a page lists, in its order."""
    boxes = [tag["aria-label"] for _, tag in page.reader.tags if tag.get("name") == "task" and "aria-label" in tag]
    return [label.removeprefix("Tick ") for label in boxes]


def act(browser: Browser, deed: str, *ids: str, address: str = "/tasks", **more: str) -> Page:
    """Tick some tasks, and press a button."""
    sent = [*browser.proof().items(), ("do", deed), *(("task", one) for one in ids), *more.items()]
    answer = browser.ask("POST", address, urlencode(sent), OWN_FORM)
    return browser.get(answer.headers["Location"]) if answer.status == 303 else answer


def states(world: World, *ids: str) -> list[str | None]:
    """How the tasks are kept; None for one that is gone."""
    found = [world.store.task(task_id) for task_id in ids]
    return [None if task is None else str(task.definition.state) for task in found]
