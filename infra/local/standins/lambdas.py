"""app.py's functions, called as Lambda calls them: with a context that knows how long is left."""

from __future__ import annotations

import importlib
import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from chalice.app import Chalice, ScheduledEventConfig, ScheduleExpression, SQSEventConfig

CONFIG = Path(__file__).parents[3] / ".chalice" / "config.json"
DEFAULT_TIMEOUT = 60
"""Seconds that Chalice gives to a function whose configuration names none."""

Handler = Callable[[dict[str, Any], Any], Any]


class Context:
    """What a handler is told about its invocation. Only what Lambda tells as well."""

    function_version = "$LATEST"
    invoked_function_arn = ""
    memory_limit_in_mb = 512
    log_group_name = log_stream_name = ""
    identity = client_context = None

    def __init__(self, function_name: str, timeout: timedelta) -> None:
        self.function_name = function_name
        self.aws_request_id = str(uuid.uuid4())
        self._ends_at = time.monotonic() + timeout.total_seconds()

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda would end the invocation."""
        return max(0, int((self._ends_at - time.monotonic()) * 1000))


@dataclass(frozen=True, kw_only=True)
class Function:
    """One deployed function: its name there, its handler here, and how long it may take."""

    name: str
    handler: Handler
    timeout: timedelta

    def __call__(self, event: dict[str, Any]) -> Any:
        return self.handler(event, Context(self.name, self.timeout))


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """A queue, and the function that its messages go to. `concurrency` None: no limit of the function's own."""

    queue: str
    function: Function
    batch_size: int
    concurrency: int | None


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A function that EventBridge fires again and again."""

    name: str
    function: Function
    every: timedelta


def load(module: str = "app") -> Chalice:
    """The application. Environment variables have to be set by now: queue names depend on the stage."""
    application = importlib.import_module(module).app
    assert isinstance(application, Chalice)
    return application


def subscriptions(application: Chalice, stage: str) -> list[Subscription]:
    """Every queue that a function of the application is subscribed to."""
    return [
        Subscription(
            queue=(config.queue_arn or "").rpartition(":")[2] or str(config.queue),
            function=_function(application, config.name, stage),
            batch_size=config.batch_size,
            concurrency=config.maximum_concurrency,
        )
        for config in application.event_sources
        if isinstance(config, SQSEventConfig)
    ]


def rules(application: Chalice, stage: str) -> list[Rule]:
    """Every function of the application that runs at a fixed rate."""
    return [
        Rule(
            name=config.name,
            function=_function(application, config.name, stage),
            every=rate(config.schedule_expression),
        )
        for config in application.event_sources
        if isinstance(config, ScheduledEventConfig)
    ]


def rate(expression: str | ScheduleExpression) -> timedelta:
    """The interval of a rate expression of EventBridge.

    >>> rate("rate(5 minutes)")
    datetime.timedelta(seconds=300)
    """
    text = expression if isinstance(expression, str) else str(expression.to_string())
    value, unit = text.removeprefix("rate(").removesuffix(")").split()
    return timedelta(**{unit.removesuffix("s") + "s": int(value)})


def timeouts(config: Path = CONFIG) -> dict[str, int]:
    """Seconds that each function of the Chalice configuration may take."""
    return dict(_timeouts(json.loads(config.read_text(encoding="utf-8"))))


def _timeouts(document: dict[str, Any]) -> Iterator[tuple[str, int]]:
    for name, function in document["lambda_functions"].items():
        yield name, function.get("lambda_timeout", DEFAULT_TIMEOUT)


def _function(application: Chalice, name: str, stage: str) -> Function:
    return Function(
        name=f"punctual-{stage}-{name}",
        handler=application.handler_map[name],
        timeout=timedelta(seconds=timeouts().get(name, DEFAULT_TIMEOUT)),
    )
