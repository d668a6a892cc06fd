"""Fires a function again and again, as an EventBridge rule does: once at the start, then at its rate."""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime

from chalicelib.logs import log
from infra.local.standins import events
from infra.local.standins.lambdas import Rule


def fire(rule: Rule, region: str) -> None:
    """One tick. What the function raises is raised."""
    rule.function(events.tick(rule.name, datetime.now(UTC), region))


def repeat(rule: Rule, region: str, stop: threading.Event) -> None:
    """Ticks until told to stop. A tick that fails is logged; the next one comes all the same."""
    due = time.monotonic()
    while not stop.is_set():
        try:
            fire(rule, region)
        except Exception as error:
            log("function_failed", logging.ERROR, failure=error, function=rule.function.name)
        due = max(due + rule.every.total_seconds(), time.monotonic())
        stop.wait(due - time.monotonic())
