"""Log lines, as a deployed function would write them: made, counted and dropped."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.logs import LOGGER, JsonLines

WHOSE_BYTES = len(',"function":"punctual-prod-dispatcher","function_request_id":"00000000-0000-0000-0000-000000000000"')
"""What a line of a deployed function says besides."""


class Lines(logging.Handler):
    """Counts the bytes of what is logged, as a deployed function would write it."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0
        self._lines = JsonLines()

    def emit(self, record: logging.LogRecord) -> None:
        """Count one line."""
        self.bytes += len(self._lines.format(record).encode()) + WHOSE_BYTES + 1


@contextmanager
def counted_lines() -> Iterator[Lines]:
    """Count what is logged meanwhile."""
    lines, level = Lines(), LOGGER.level
    LOGGER.addHandler(lines)
    LOGGER.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        LOGGER.removeHandler(lines)
        LOGGER.setLevel(level)
