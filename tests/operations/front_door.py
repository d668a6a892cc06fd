"""The front door over a system in memory, with a context and events as Lambda has them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

import app
from chalicelib.adapters.memory import ManualClock, MemoryQueue, MemoryStore
from chalicelib.bootstrap import whole as bootstrap
from chalicelib.core.run import AttemptStatus, Outcome, RunError
from chalicelib.metrics import NAMESPACE, emit
from chalicelib.settings import Settings
from infra.local.standins import events
from infra.local.standins.lambdas import Context
from tests.core.building import START

STAGE = "trial"
DONE = Outcome(status=AttemptStatus.SUCCEEDED)
FAILED = Outcome(status=AttemptStatus.FAILED, error=RunError(code="exit_code", detail="exit code 1"))


@dataclass
class FrontDoor:
    """app.py's handlers, as Lambda calls them at a stage of their own."""

    clock: ManualClock = field(default_factory=lambda: ManualClock(START))
    outcome: Outcome = DONE

    def __post_init__(self) -> None:
        self.queue, self.store = MemoryQueue(self.clock), MemoryStore()
        settings = Settings(stage=STAGE, metrics=True)
        actions = {"function": lambda action, timeout, context: self.outcome}
        self.system = bootstrap.assemble(
            settings, store=self.store, queue=self.queue, clock=self.clock, actions=actions
        )
        bootstrap.use(self.system)

    def fire(self, name: str) -> None:
        """Let a rule fire its function."""
        event = events.tick(name, self.clock.now(), "eu-west-1")
        app.app.handler_map[name](event, context(name))

    def deliver(self, name: str, bodies: Iterable[str]) -> Any:
        """Hand a batch of messages to a function."""
        messages = [
            {
                "MessageId": str(number),
                "ReceiptHandle": "",
                "Body": body,
                "MD5OfBody": "",
                "Attributes": {"ApproximateReceiveCount": "1"},
            }
            for number, body in enumerate(bodies)
        ]
        arn = f"arn:aws:sqs:eu-west-1:123456789012:punctual-{STAGE}-{name}"
        return app.app.handler_map[name](events.batch(messages, arn), context(name))

    def waiting(self, queue: str) -> list[str]:
        """What waits in a queue."""
        return [message.body for message in self.queue.waiting(queue)]

    def later(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(seconds=seconds))


def context(name: str) -> Context:
    """What Lambda tells a function about its invocation."""
    return Context(f"punctual-{STAGE}-{name}", timedelta(seconds=60))


def at_trial_stage(patched: pytest.MonkeyPatch, *, metrics: bool = True) -> None:
    """Let app.py, which has read its environment already, measure for the stage."""
    patched.setattr(app, "measured", partial(emit, STAGE, wanted=metrics))


def measured(written: str) -> dict[str, list[float]]:
    """The metrics in what a function wrote to standard output; every line has to be CloudWatch's format."""
    found: dict[str, list[float]] = {}
    for line in written.splitlines():
        document = json.loads(line)
        [directive] = document["_aws"]["CloudWatchMetrics"]
        assert (directive["Namespace"], directive["Dimensions"]) == (NAMESPACE, [["stage"]])
        assert document["stage"] == STAGE
        for metric in directive["Metrics"]:
            found.setdefault(metric["Name"], []).extend(document[metric["Name"]])
    return found


def units(written: str) -> Mapping[str, str]:
    """The unit of each metric in what a function wrote."""
    lines = [json.loads(line) for line in written.splitlines()]
    return {
        metric["Name"]: metric["Unit"]
        for line in lines
        for directive in line["_aws"]["CloudWatchMetrics"]
        for metric in directive["Metrics"]
    }
