"""Findings: every one is an error in the log, under one stable word that an alarm can look for."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from chalicelib.core.errors import NewerSchema
from chalicelib.logs import log

T = TypeVar("T")
FOUND = "audit_found"


def found(what: str, **fields: Any) -> int:
    """Report a finding: one, for whoever counts them."""
    log(FOUND, logging.ERROR, finding=what, **fields)
    return 1


def unless_newer(key: str, do: Callable[[], T], otherwise: T) -> T:
    """What `do` comes to. What only a newer version can read is logged and passed over."""
    try:
        return do()
    except NewerSchema as error:
        log("item_unreadable", logging.ERROR, key=key, reason=str(error))
        return otherwise
