"""The folder that the local stack keeps its state and its log in: one stack at a time."""

from __future__ import annotations

import fcntl
import logging
import logging.handlers
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chalicelib.logs import LOGGER, JsonLines
from infra.local.choices import Refused

LOG_BYTES = 10 * 1024 * 1024
"""The log is begun anew beyond this; one predecessor is kept."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Holds the folder for this process, and sends all logs to a file in it. `Refused` where that is impossible."""
    try:
        lock, handler = _opened(folder)
    except BlockingIOError as error:
        raise Refused(f"The folder {folder} is in use by another Punctual: choose another with STATE_DIR=.") from error
    except OSError as error:
        raise Refused(f"The folder {folder} cannot be written: {error.strerror}.") from error
    handler.setFormatter(JsonLines())
    _send_logs_to(handler)
    try:
        yield
    finally:
        os.close(lock)


def _opened(folder: Path) -> tuple[int, logging.Handler]:
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / "stack.lock", os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return lock, logging.handlers.RotatingFileHandler(folder / "punctual.log", maxBytes=LOG_BYTES, backupCount=1)


def _send_logs_to(handler: logging.Handler) -> None:
    LOGGER.handlers = [handler]
    LOGGER.propagate = False
    LOGGER.setLevel(logging.INFO)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
