"""Logs: one JSON line per event, with a stable `action` word and ids as fields, written by Powertools' Logger.

What is written while an invocation is handled says whose it is: `function` and `function_request_id`, as in
Lambda's own lines, and for a request its `request_id`, as the caller was told it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

LOGGER = logging.getLogger("punctual")


class JsonLines(LambdaPowertoolsFormatter):
    """Formats a record as one JSON object: `at`, `level`, `action`, the fields of the event, whose it is."""

    def __init__(self) -> None:
        super().__init__(
            utc=True,
            use_rfc3339=True,
            serialize_stacktrace=False,  # `exception` has it as text
            json_deserializer=str,  # a message that looks like JSON stays text
            location=None,
        )

    def serialize(self, log: Any) -> str:
        """The line of a record."""
        names = {"at": log.pop("timestamp"), "level": log.pop("level"), "action": log.pop("message")}
        fields = log.pop("fields", {})
        return super().serialize({**names, **log, **fields})


def to_stderr(level: int | None = None) -> None:
    """Send every event to standard error as JSON lines; called once by whoever starts a process.

    Without a level it is that of `POWERTOOLS_LOG_LEVEL`, or INFO.
    """
    handler = logging.StreamHandler()
    Logger(LOGGER.name, logger_handler=handler, logger_formatter=JsonLines()).setLevel(level)
    handler.setFormatter(JsonLines())  # without what Powertools adds to its own: the same words in every line
    LOGGER.handlers = [handler]
    LOGGER.propagate = False


def ensure_lines() -> None:
    """Send events to standard error where nobody has said where they go: in a function, on Lambda."""
    if not LOGGER.handlers:
        to_stderr()


def log(action: str, level: int = logging.INFO, *, failure: BaseException | None = None, **fields: Any) -> None:
    """Write one event. `failure` adds its traceback; no field may carry a secret."""
    LOGGER.log(level, action, exc_info=failure, extra={"fields": fields})


def with_invocation(event: Any, get_response: Callable[[Any], Any]) -> Any:
    """Chalice's middleware for every kind of event: what is logged until it is handled says whose it is."""
    lines = JsonLines()
    lines.thread_safe_clear_keys()
    lines.thread_safe_append_keys(**_whose(event))
    try:
        return get_response(event)
    finally:
        lines.thread_safe_clear_keys()


def _whose(event: Any) -> dict[str, str]:
    """A request has Lambda's context beside that of API Gateway; every other event has Lambda's alone."""
    about: Any = getattr(event, "context", None)
    request = isinstance(about, Mapping)
    context = event.lambda_context if request else about
    found = {
        "function": getattr(context, "function_name", None),
        "function_request_id": getattr(context, "aws_request_id", None),
        "request_id": about.get("requestId") if request else None,
    }
    return {name: str(value) for name, value in found.items() if value}
