"""Asking the person at the keyboard, once."""

from __future__ import annotations

import os
import sys

from infra.deploy.account import Refused


def check() -> None:
    """`Refused` where nobody is there to be asked, and `YES=1` does not answer instead."""
    if not _answered() and not sys.stdin.isatty():
        raise Refused("Nobody is here to be asked: say YES=1 to go on without.")


def agreed(question: str) -> bool:
    """Whether the answer is yes. `YES=1` gives it in advance."""
    return _answered() or input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def _answered() -> bool:
    return os.environ.get("YES", "") not in ("", "0")
