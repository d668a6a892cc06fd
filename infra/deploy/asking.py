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
    return _answered() or _says_yes(f"{question} [y/N] ")


def _says_yes(question: str) -> bool:
    try:
        answer = input(question)
    except (EOFError, KeyboardInterrupt):
        return False
    return answer.strip().lower() in ("y", "yes")


def _answered() -> bool:
    return os.environ.get("YES", "") not in ("", "0")
