"""`python -m tests.browser.screenshots` (`make screenshots`): the pictures of the README, of Ann's installation."""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path

from chalicelib.logs import LOGGER
from tests.browser import chromium
from tests.browser.pages import PAGES
from tests.browser.person import Screen, arriving
from tests.browser.serving import served
from tests.web.building import NOW
from tests.web.furnished import furnished

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
SCREEN = Screen(width=1280, height=860, still=True)
CHOSEN = {"dashboard": "dashboard", "task-command": "task", "run-failed": "run"}
"""Which pages of the table, and what their pictures are called."""


def main() -> int:
    """Take them anew; the exit status."""
    LOGGER.setLevel(logging.ERROR)
    made = furnished()
    with tempfile.TemporaryDirectory() as home, chromium.running(Path(home)) as browser, served() as address:
        person = arriving(browser, address, SCREEN)
        person.context.clock.set_fixed_time(NOW)
        for shown in PAGES:
            if shown.name in CHOSEN:
                person.keep(made.session(shown.who))
                person.go(shown.address(made))
                picture = FOLDER / f"{CHOSEN[shown.name]}.png"
                person.page.screenshot(path=picture)
                print(f"{picture}: {picture.stat().st_size:,} bytes")
        person.context.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
