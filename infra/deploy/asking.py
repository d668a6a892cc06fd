"""Asking the person at the keyboard, once."""

from __future__ import annotations

import os
import sys

from infra.deploy.account import Refused


def agreed(question: str) -> bool:
    """Whether the answer is yes. `YES=1` answers for where nobody is; `Refused` where nobody is and it does not."""
    if os.environ.get("YES", "") not in ("", "0"):
        return True
    if not sys.stdin.isatty():
        raise Refused("Nobody is here to be asked: say YES=1 to go on without.")
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
