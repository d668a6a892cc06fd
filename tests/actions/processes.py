"""Processes of this machine, found by a word among their arguments."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path


def processes_with(marker: str) -> list[int]:
    """The processes that have the marker among their arguments."""
    found = []
    for arguments in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if marker.encode() in arguments.read_bytes():
                found.append(int(arguments.parent.name))
        except OSError:  # gone meanwhile
            continue
    return found


def eventually(condition: Callable[[], bool]) -> bool:
    """Whether a condition comes true; looks often, and gives up only when something is wrong."""
    give_up_at = time.monotonic() + 10
    while time.monotonic() < give_up_at:
        if condition():
            return True
        time.sleep(0.01)
    return False
