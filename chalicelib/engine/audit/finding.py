"""Findings: every one is an error in the log, under one stable word that an alarm can look for."""

from __future__ import annotations

import logging
from typing import Any

from chalicelib.logs import log

FOUND = "audit_found"


def found(what: str, **fields: Any) -> int:
    """Report a finding: one, for whoever counts them."""
    log(FOUND, logging.ERROR, finding=what, **fields)
    return 1
