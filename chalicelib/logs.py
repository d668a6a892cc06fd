"""Logs: one JSON line per event, with a stable `action` word and ids as fields."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

LOGGER = logging.getLogger("punctual")


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"at": at, "level": record.levelname, "action": record.getMessage()}
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def to_stderr(level: int = logging.INFO) -> None:
    """Send every event to standard error as JSON lines; called once by whoever starts a process."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    LOGGER.handlers = [handler]
    LOGGER.propagate = False
    LOGGER.setLevel(level)


def ensure_lines() -> None:
    """Send events to standard error where nobody has said where they go: in a function, on Lambda."""
    if not LOGGER.handlers:
        to_stderr()


def log(action: str, level: int = logging.INFO, *, failure: BaseException | None = None, **fields: Any) -> None:
    """Write one event. `failure` adds its traceback; no field may carry a secret."""
    LOGGER.log(level, action, exc_info=failure, extra={"fields": fields})
