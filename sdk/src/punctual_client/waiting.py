"""Waiting: look again and again, less and less often, until something has ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from punctual_client.clock import Clock
from punctual_client.errors import StillRunning

Seen = TypeVar("Seen", bound=Mapping[str, Any])
FIRST_PAUSE, LONGEST_PAUSE, GROWTH = timedelta(milliseconds=500), timedelta(seconds=5), 1.5


def wait_for(
    look: Callable[[], Seen],
    ended: Callable[[Seen], bool],
    *,
    clock: Clock,
    timeout: timedelta | None = None,
    on_change: Callable[[Seen], object] | None = None,
) -> Seen:
    """What is seen once it has ended. `on_change` is told of the first sight and of each that differs from the last.

    `StillRunning` after the timeout; no look begins later than that.
    """
    began, pause = clock.now(), FIRST_PAUSE
    seen = _look(look, None, on_change)
    while not ended(seen):
        left = None if timeout is None else began + timeout - clock.now()
        if left is not None and left <= timedelta(0):
            raise StillRunning(f"not ended within {timeout}; it goes on", seen)
        clock.sleep(pause if left is None else min(pause, left))
        pause = min(pause * GROWTH, LONGEST_PAUSE)
        seen = _look(look, seen, on_change)
    return seen


def _look(look: Callable[[], Seen], before: Seen | None, on_change: Callable[[Seen], object] | None) -> Seen:
    seen = look()
    if on_change is not None and seen != before:
        on_change(seen)
    return seen
