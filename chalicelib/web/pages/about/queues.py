"""Queues: how full they are, where they can be asked."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from chalicelib.core.errors import PunctualError
from chalicelib.logs import log
from chalicelib.ports import Depth
from chalicelib.web.pages.visit import Visit

T = TypeVar("T")


def asked_queues(visit: Visit) -> list[Depth] | None:
    """About how many messages each queue holds; None where that could not be asked."""
    return asked(visit, "queues", visit.system.condition.queues)


def asked(visit: Visit, what: str, ask: Callable[[], T]) -> T | None:
    """What somebody looks up for a page that is worth something without it; None where it cannot be had now."""
    try:
        return ask()
    except PunctualError as error:
        log("not_asked", logging.WARNING, what=what, reason=str(error), request_id=visit.request_id)
        return None
