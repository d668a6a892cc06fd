"""Debian's Chromium under Playwright: one for a session of tests, headless, that reaches this machine and no other."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.infra.stacks import born, descendants
from tests.without_chromium import MISSING, PROGRAM

NOTICING_SECONDS = 2
"""Children notice a moment later that their parent has gone, or never."""
ENDING_SECONDS = 10
"""What is killed is gone by then."""
OPTIONS = (
    *("--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-proxy-server", "--font-render-hinting=none", "--force-color-profile=srgb"),
    # It shows our own pages only, and its sandbox needs rights that root and containers do not have.
    "--no-sandbox",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


class LeftBehind(Exception):
    """Processes that should have ended are still there."""


def program() -> str:
    """Where Chromium is; otherwise, what to install."""
    found = shutil.which(PROGRAM)
    if found is None:
        raise FileNotFoundError(MISSING)
    return found


@contextmanager
def running(folder: Path) -> Iterator[Browser]:
    """A browser whose home is a folder. Afterwards none of its processes is left, nor any of what drives it."""
    found, before = program(), set(descendants(os.getpid()))
    environment: dict[str, str | float | bool] = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=OPTIONS, env=environment)
        yield browser
        started = {pid: born(pid) for pid in set(descendants(os.getpid())) - before}
        browser.close()
    see_off({pid: at for pid, at in started.items() if at is not None})


def see_off(started: Mapping[int, int]) -> None:
    """Wait until they have ended, and end those that do not: Chromium's children sometimes miss that it has gone."""
    for pid in _left(started, NOTICING_SECONDS):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    if left := _left(started, ENDING_SECONDS):
        raise LeftBehind(f"still running: {left}")


def _left(started: Mapping[int, int], patience: float) -> list[int]:
    """Which of them are still there after so many seconds. A number is soon given to another process: when each began
    says which is meant."""
    until = time.monotonic() + patience
    while (left := [pid for pid, at in started.items() if born(pid) == at]) and time.monotonic() < until:
        time.sleep(0.05)
    return left
